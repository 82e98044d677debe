"""One answer to many questions is that many answers: each for itself, each with its entry, each refused for
itself."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit import clock, commitments
from audit.ledger import data_of
from audit.models import Entry
from coordination.models import Decision, Hold, Invoice
from reviews import assignment, bulk, channel, exposure, groups, handling, kinds, services
from reviews.bulk import Sent
from reviews.errors import NoSuchQuestion, Refused
from reviews.fields import TooLong
from reviews.kinds import Wait
from reviews.models import Escalation, Verdict
from tests import cast
from tests.cast import Cast
from tests.reviews.test_groups import open_questions, several

pytestmark = pytest.mark.django_db


def sent(by: User, *rows: Escalation) -> list[Sent]:
    """These questions as a page made for this person sends them."""
    return [
        Sent(row.pk, row.version, row.payload_hash, f"click-{row.pk}", exposure.stamp(row, by))
        for row in rows or open_questions()
    ]


def approve(by: User, of: list[Sent] | None = None, **changes: Any) -> list[bulk.Result]:
    usual = {"reason": "difference_accepted", "via": channel.PAGE, "decision": "d-1"}
    return bulk.answer_together(of or sent(by), "approve", by=by, **usual | changes)


def given_entries() -> list[dict[str, Any]]:
    return [data_of(e.body) for e in Entry.objects.filter(type="verdict.given").order_by("id")]


def messages(results: list[bulk.Result]) -> list[str]:
    return [r.refusal.message if r.refusal else "" for r in results]


# --- every one is answered ----------------------------------------------------------------------------------


def test_each_is_answered_and_its_entry_names_the_decision(people: Cast) -> None:
    several(3)
    rows = open_questions()
    results = approve(people.alice, comment="Agreed with the buyer for all of them.")
    assert [r.answered for r in results] == [True, True, True]
    assert [r.escalation.pk for r in results] == [row.pk for row in rows]
    assert {r.escalation.status for r in results} == {"approved"}
    assert [e["together"] for e in given_entries()] == [{"id": "d-1", "size": "3"}] * 3
    assert {e["escalation"] for e in given_entries()} == {str(row.pk) for row in rows}
    assert {i.state for i in Invoice.objects.all()} == {"cleared"}
    cast.assert_sound()


def test_an_answer_by_itself_names_no_decision(people: Cast) -> None:
    several(1)
    cast.answer(open_questions()[0], "approve", by=people.alice)
    assert "together" not in given_entries()[0]


def test_what_was_shown_stands_in_each_entry(people: Cast) -> None:
    several(2)
    rows = open_questions()
    approve(people.alice)
    for row, entry in zip(rows, given_entries(), strict=True):
        assert entry["seen"]["payload_sha256"] == row.payload_hash
        assert entry["seen"]["version"] == str(row.version)
        assert entry["seen"]["shown_at"].endswith("Z")
        assert entry["via"] == "page"


def test_a_decision_has_an_id_of_its_own_where_none_is_given(people: Cast) -> None:
    several(2)
    bulk.answer_together(
        [Sent(row.pk) for row in open_questions()], "approve", by=people.alice, reason="difference_accepted"
    )
    [one, other] = [e["together"]["id"] for e in given_entries()]
    assert one == other
    assert len(one) == 32


def test_of_two_signatures_each_person_gives_one(people: Cast) -> None:
    several(2, price="600.00")
    first = approve(people.carol, reason="evidence_complete")
    assert [r.escalation.status for r in first] == ["open", "open"], messages(first)
    second = approve(people.dave, reason="evidence_complete")
    assert [r.escalation.status for r in second] == ["approved", "approved"], messages(second)


# --- one fails alone ----------------------------------------------------------------------------------------


def test_what_somebody_answered_meanwhile_fails_alone(people: Cast) -> None:
    several(3)
    before = sent(people.alice)
    cast.answer(open_questions()[1], "reject", by=people.carol)
    results = approve(people.alice, before, comment="As agreed.")
    assert [r.answered for r in results] == [True, False, True]
    assert messages(results)[1].startswith("Carol rejected this at ")
    assert messages(results)[1].endswith("Your text is kept.")
    assert results[1].escalation.status == "rejected"
    assert Verdict.objects.count() == 3


def test_a_case_that_changed_since_it_was_shown_fails_alone(people: Cast) -> None:
    several(2)
    first, second = sent(people.alice)
    stale = Sent(first.id, first.version, "0" * 64, first.click, first.shown)
    results = approve(people.alice, [stale, second])
    assert [r.answered for r in results] == [False, True]
    assert "changed after this page was shown" in messages(results)[0]


def test_what_is_over_the_limit_fails_alone(people: Cast) -> None:
    several(2)
    simon = cast.person("simon", "specialist", "procurement", limit="1330.00")
    results = approve(simon, sent(simon))
    assert sorted(r.answered for r in results) == [False, True]
    assert "over your limit" in "".join(messages(results))


def test_a_page_made_for_somebody_else_answers_nothing(people: Cast) -> None:
    several(2)
    results = approve(people.alice, sent(people.carol))
    assert not any(r.answered for r in results)
    assert not Verdict.objects.exists()


def test_put_aside_and_claimed_ones_are_not_answered_beside_others(people: Cast) -> None:
    several(3)
    before = sent(people.alice)
    first, second, _ = open_questions()
    handling.put_aside(first.pk, clock.now() + timedelta(days=2), by=people.alice)
    assignment.claim(second.pk, by=people.carol)
    results = approve(people.alice, before)
    assert [r.answered for r in results] == [False, False, True]
    assert messages(results)[0].startswith("Put aside until")
    assert messages(results)[1].startswith("Carol has claimed this.")


def test_a_blind_review_and_one_with_a_least_time_are_answered_by_themselves(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(2)
    first, second = open_questions()
    wait = Wait(12, "O-3, while it is so")
    known = kinds.kind_of("invoice")
    waits = replace(known, dwell=lambda e: wait if e.pk == first.pk else None)
    monkeypatch.setitem(kinds.KINDS.data, "invoice", waits)
    for verdict, reason in (("approve", "difference_accepted"), ("reject", "wrong_document")):
        results = bulk.answer_together(
            sent(people.alice, first), verdict, by=people.alice, reason=reason, comment="So.", via="page"
        )
        assert isinstance(results[0].refusal, bulk.Alone)
        assert "12 seconds" in messages(results)[0]
    monkeypatch.setattr(Escalation, "blind", property(lambda e: e.pk == second.pk))
    results = approve(people.alice, sent(people.alice, second))
    assert messages(results)[0].startswith("A blind review")
    assert not Verdict.objects.exists()


def test_what_the_database_could_not_take_fails_alone_and_can_be_answered_again(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(3)
    before, first = sent(people.alice), open_questions()[0]
    real = services.resolve

    def once(key: UUID, *args: Any, **given: Any) -> Escalation:
        with transaction.atomic():
            if key == first.pk:
                raise OperationalError("deadlock detected")
            return real(key, *args, **given)

    monkeypatch.setattr(services, "resolve", once)
    results = approve(people.alice, before)
    assert [r.answered for r in results] == [False, True, True]
    assert "could not take this answer just now" in messages(results)[0]
    monkeypatch.setattr(services, "resolve", real)
    assert [r.answered for r in approve(people.alice, before)] == [True, True, True]
    assert Verdict.objects.count() == 3


# --- the same again -----------------------------------------------------------------------------------------


def test_the_same_clicks_again_give_the_same_results_and_no_second_answer(people: Cast) -> None:
    several(3)
    before = sent(people.alice)
    cast.answer(open_questions()[1], "reject", by=people.carol)
    first, again = approve(people.alice, before), approve(people.alice, before)
    assert [(r.answered, r.escalation.status) for r in first] == [
        (r.answered, r.escalation.status) for r in again
    ]
    assert messages(first) == messages(again)
    assert Verdict.objects.count() == 3
    assert len(given_entries()) == 3


def test_a_click_that_counted_is_answered_again_whatever_was_done_with_the_case_since(people: Cast) -> None:
    several(1, price="600.00")
    before = sent(people.carol)
    assert approve(people.carol, before, reason="evidence_complete")[0].answered
    handling.put_aside(open_questions()[0].pk, clock.now() + timedelta(days=2), by=people.carol)
    assert approve(people.carol, before, reason="evidence_complete")[0].answered
    assert Verdict.objects.count() == 1


# --- nothing is answered at all -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"reason": " "}, "Choose a reason code."),
        ({"reason": "other"}, "Say in your own words why you approve."),
        ({"comment": "x" * 4001}, "A comment may have 4,000 characters"),
    ],
)
def test_what_no_question_would_take_is_said_before_any_is_answered(
    people: Cast, changes: dict[str, Any], why: str
) -> None:
    several(2)
    with pytest.raises((Refused, TooLong), match=why):
        approve(people.alice, **changes)
    assert not Verdict.objects.exists()


def test_a_rejection_of_many_needs_words_and_a_verdict_has_to_be_one(people: Cast) -> None:
    several(1)
    with pytest.raises(Refused, match="in your own words"):
        bulk.answer_together(sent(people.alice), "reject", by=people.alice, reason="wrong_document")
    with pytest.raises(Refused, match="Choose one of: approve"):
        bulk.answer_together(sent(people.alice), "partial", by=people.alice, reason="wrong_document")


def test_none_twice_the_same_too_many_and_unknown_ones_are_refused(people: Cast) -> None:
    several(1)
    [one] = sent(people.alice)
    with pytest.raises(Refused, match="Choose the cases"):
        bulk.answer_together([], "approve", by=people.alice, reason="difference_accepted")
    with pytest.raises(Refused, match="Name each case once"):
        approve(people.alice, [one, one])
    with pytest.raises(Refused, match="At most 100 cases are answered together; these are 101"):
        approve(people.alice, [Sent(uuid4()) for _ in range(groups.MOST + 1)])
    with pytest.raises(NoSuchQuestion):
        approve(people.alice, [one, Sent(uuid4())])
    assert not Verdict.objects.exists()


# --- as a form sends it -------------------------------------------------------------------------------------


def test_a_question_travels_in_one_field(people: Cast) -> None:
    several(1)
    [one] = sent(people.alice)
    assert bulk.unpack(one.packed) == one


@given(
    st.text(max_size=500)
    | st.lists(st.text(st.characters(blacklist_characters=" ")), max_size=7).map(" ".join)
)
def test_a_field_that_says_nothing_is_nothing(text: str) -> None:
    found = bulk.unpack(text)
    assert found is None or isinstance(found.id, UUID)


# --- together as one by one ---------------------------------------------------------------------------------

TIMES = {"at", "time", "shown_at", "seconds", "recorded_at", "changed_at"}


def plain(value: Any, names: dict[str, str]) -> Any:
    """Without times, digests and the name of the decision; ids by the invoice that they are of."""
    if isinstance(value, dict):
        return {
            names.get(k, k): [names.get(str(key), key) for _, key, *_ in v]
            if k == "changes"
            else plain(v, names)
            for k, v in value.items()
            if k not in TIMES | {"together", "id", "comment"}
        }
    if isinstance(value, list):
        return [plain(v, names) for v in value]
    if str(value).startswith(commitments.PREFIX):
        return "what was written"
    return names.get(str(value), "digest" if len(str(value)) == 64 else value)


def what_is_left() -> Any:
    """All that answers change, told by the numbers of invoices."""
    names = {str(i.pk): i.number for i in Invoice.objects.all()}
    for e in Escalation.objects.all():
        names[str(e.pk)] = f"question of {e.case['number']}"
        names[e.subject] = f"subject of {e.case['number']}"
    for hold in Hold.objects.select_related("invoice"):
        names[str(hold.pk)] = f"hold of {hold.invoice.number} {hold.code} {hold.line}"
    for n, decision in enumerate(Decision.objects.order_by("at", "id")):
        names[str(decision.pk)] = f"decision {n}"
    kinds_ = ("verdict.given", "invoice.decided")
    entries = [
        (
            names.get(e.subject, e.subject),
            e.seq,
            e.type,
            names.get(e.actor, e.actor),
            plain(data_of(e.body), names),
        )
        for e in Entry.objects.filter(type__in=kinds_, actor__startswith="human:").order_by("subject", "seq")
    ]
    rows = [
        (e.case["number"], e.status, e.version, e.verdict, bool(e.decided_by))
        for e in Escalation.objects.all()
    ]
    verdicts = [
        (
            v.escalation.case["number"],
            v.verdict,
            v.reason,
            bool(v.comment),
            v.overrides,
            plain(v.covers, names),
            v.seen_version,
            v.seconds is None,
        )
        for v in Verdict.objects.select_related("escalation")
    ]
    states = [(i.number, i.state, i.version, i.lane) for i in Invoice.objects.all()]
    holds = [(h.invoice.number, h.code, h.line, h.status) for h in Hold.objects.select_related("invoice")]
    return json.dumps(
        [
            sorted(entries, key=str),
            sorted(rows),
            sorted(verdicts, key=str),
            sorted(states),
            sorted(holds, key=str),
        ],
        default=str,
        indent=1,
    )


ANSWERS = (
    ("approve", "difference_accepted"),
    ("reject", "price_not_agreed"),
    ("override", "rule_does_not_fit"),
)


class TogetherAsOneByOne(TestCase):
    """Whatever is answered, by whom, in whatever order, and whatever became of some before."""

    @settings(max_examples=8)
    @given(
        order=st.permutations(range(3)),
        answer=st.sampled_from(ANSWERS),
        comment=st.sampled_from(["", "Agreed by phone."]),
        before=st.sampled_from(["", "answered", "claimed"]),
        who=st.sampled_from(["alice", "carol", "bob"]),
    )
    def test_the_same_rows_and_entries(
        self, order: list[int], answer: tuple[str, str], comment: str, before: str, who: str
    ) -> None:
        people = cast.people()
        several(3)
        if before == "answered":
            cast.answer(open_questions()[0], "approve", by=people.dave)
        elif before == "claimed":
            assignment.claim(open_questions()[0].pk, by=people.dave)
        rows = list(Escalation.objects.order_by("due_at", "id"))
        by, (verdict, reason) = getattr(people, who), answer
        words = comment or "So it is." if verdict != "approve" else comment
        of = sent(by, *(rows[n] for n in order))

        def one_by_one() -> list[str]:
            found = []
            for one in of:
                try:
                    with transaction.atomic():
                        services.resolve(
                            one.id,
                            verdict,
                            by=by,
                            reason=reason,
                            comment=words,
                            seen_version=one.version,
                            payload_hash=one.payload_hash,
                            click=one.click,
                            shown=one.shown,
                            via=channel.PAGE,
                        )
                    found.append("")
                except Exception as error:
                    found.append(str(error))
            return found

        def all_at_once() -> list[str]:
            return messages(
                bulk.answer_together(of, verdict, by=by, reason=reason, comment=words, via=channel.PAGE)
            )

        left = []
        for way in (one_by_one, all_at_once):
            with transaction.atomic():
                said = way()
                left.append((said, what_is_left()))
                transaction.set_rollback(True)
        (said_one_by_one, one), (said_together, other) = left
        assert said_one_by_one == said_together
        assert list(difflib.unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=4)) == []
        if who == "alice" and not before:
            assert said_one_by_one == ["", "", ""]
