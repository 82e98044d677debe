"""An answer by a page can be taken back for some seconds. Until then nothing of it has left; after them it is
weighed anew, and counts only for what the person has seen."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.ledger import data_of
from audit.models import Entry
from coordination import jobs
from coordination.models import Hold, PaymentBatch, Vendor
from coordination.services import payments
from reviews import answering, bulk, channel, exposure, groups, handling, listed, services, signals
from reviews.errors import Answering, Claimed, Counted, LostRace, NotAllowed, Refused, Stale
from reviews.models import Escalation, Mention, OpenQuestion, PendingAnswer, Status, Verdict
from reviews.names import person
from reviews.open_lists import of_list, queues, totals
from reviews.selectors import listing
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in
from tests.reviews.test_groups import several

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def ten_seconds(settings: Any) -> None:
    settings.COUNTERSIGN_UNDO = 10


@pytest.fixture
def asked(people: Cast) -> Escalation:
    """A price that is too high: a question for procurement."""
    cast.trade(bill(unit_price="11.00"))
    return cast.question()


def give(row: Escalation, by: User, verdict: str = "approve", **said: Any) -> Escalation:
    """Answer as the page of the case does."""
    reasons = {
        "approve": "difference_accepted",
        "reject": "price_not_agreed",
        "override": "rule_does_not_fit",
    }
    return answering.give(
        row.pk,
        verdict,
        by=by,
        **{
            "reason": reasons[verdict],
            "comment": "" if verdict == "approve" else "Because I looked.",
            "seen_version": row.version,
            "payload_hash": row.payload_hash,
            "shown": exposure.stamp(row, by),
            "via": channel.PAGE,
        }
        | said,
    )


def later(seconds: float = 11) -> datetime:
    return clock.now() + timedelta(seconds=seconds)


def fresh(row: Escalation) -> Escalation:
    return Escalation.objects.get(pk=row.pk)


def types(row: Escalation) -> list[str]:
    """The types of the entries about answers, in order."""
    return [t for t in cast.entries(row.subject) if t.startswith("verdict.")]


def said_last(row: Escalation) -> dict[str, Any]:
    return data_of(Entry.objects.filter(subject=row.subject, type__startswith="verdict.").latest("id").body)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(client: Client, row: Escalation, **typed: str) -> dict[str, str]:
    """What the form of the case's page sends."""
    page = client.get(reverse("reviews:case", args=[row.pk])).content.decode()
    sent = page[page.index("data-verdicts") :]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', sent)
    return {name: html.unescape(value) for name, value in hidden} | typed


def post(user: User, row: Escalation, **typed: str) -> Any:
    client = browser(user)
    sent = form(client, row, **({"verdict": "approve", "reason": "approve:difference_accepted"} | typed))
    return client.post(reverse("reviews:decide", args=[row.pk]), sent, headers=HTMX)


# --- until it counts ----------------------------------------------------------------------------------------


def test_until_an_answer_counts_nothing_of_it_has_left(asked: Escalation, people: Cast) -> None:
    before = standing()
    give(asked, people.alice)
    assert (fresh(asked).status, fresh(asked).version) == (Status.OPEN, asked.version)
    assert standing() == before
    assert not Verdict.objects.exists()
    assert not Hold.objects.filter(invoice=cast.invoice(), status="released").exists()
    assert types(asked) == ["verdict.pending"]
    assert answering.settle(later(5)) == 0, "not before its time"
    cast.assert_sound()


@pytest.mark.parametrize(
    ("verdict", "state"), [("approve", "cleared"), ("override", "cleared"), ("reject", "rejected")]
)
def test_after_its_seconds_an_answer_counts_as_if_given_at_once(
    asked: Escalation, people: Cast, verdict: str, state: str
) -> None:
    give(asked, people.alice, verdict)
    assert answering.settle(later()) == 1
    assert standing()[0] == state
    assert types(asked) == ["verdict.pending", "verdict.given"]
    [given] = Verdict.objects.all()
    assert (given.verdict, given.by, given.seen_version) == (verdict, person(people.alice), asked.version)
    said = said_last(asked)
    assert said["given_at"] < Entry.objects.latest("id").recorded_at.isoformat()
    assert int(said["pending"]) == Entry.objects.get(type="verdict.pending").id
    assert answering.settle(later()) == 0, "once"
    cast.assert_sound()


def test_what_was_typed_is_committed_to_once(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice, "reject", comment="They agreed to 10.00 on the phone.")
    token = said_last(asked)["comment"]
    answering.settle(later())
    assert said_last(asked)["comment"] == token == Verdict.objects.get().comment
    assert "phone" not in "".join(Entry.objects.values_list("body", flat=True))


def test_the_job_carries_answers_out(asked: Escalation, people: Cast, settings: Any) -> None:
    give(asked, people.alice)
    PendingAnswer.objects.update(at=later(-20))
    jobs.settle_answers(0)
    assert types(asked) == ["verdict.pending"], "it can still be taken back"
    settings.COUNTERSIGN_UNDO = 0
    give_late(asked)
    assert standing()[0] == "cleared"


def give_late(row: Escalation) -> None:
    """Let the seconds of the waiting answer pass, as the clock does."""
    with clock.simulated(later(30)):
        jobs.settle_answers(0)


def test_with_no_seconds_to_wait_an_answer_counts_at_once(
    asked: Escalation, people: Cast, settings: Any
) -> None:
    settings.COUNTERSIGN_UNDO = 0
    give(asked, people.alice)
    assert types(asked) == ["verdict.given"]
    assert standing()[0] == "cleared"


def test_a_command_asks_nobody_to_wait(asked: Escalation, people: Cast) -> None:
    cast.answer(asked, "approve", by=people.alice, reason="difference_accepted")
    assert types(asked) == ["verdict.given"]


def test_what_would_be_refused_is_refused_at_once(asked: Escalation, people: Cast) -> None:
    with pytest.raises(Refused, match="reason code"):
        give(asked, people.alice, reason="")
    with pytest.raises(NotAllowed):
        give(asked, people.erin)
    with pytest.raises(Stale):
        give(asked, people.alice, seen_version=7)
    assert types(asked) == []
    assert not PendingAnswer.objects.exists()


def test_who_carries_an_answer_out_refuses_it_at_once(asked: Escalation, people: Cast) -> None:
    """The answer is tried beforehand, and all that it wrote is gone again."""
    entries, history = Entry.objects.count(), cast.unseen(Escalation).history.count()

    def refuse(*_: Any, **__: Any) -> None:
        raise Refused("Not like this.")

    signals.resolved.connect(refuse)
    try:
        with pytest.raises(Refused, match="Not like this"):
            give(asked, people.alice)
    finally:
        signals.resolved.disconnect(refuse)
    assert (Entry.objects.count(), cast.unseen(Escalation).history.count()) == (entries, history)


def test_a_double_click_is_one_answer(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice, click="c-1")
    give(asked, people.alice, click="c-1")
    assert types(asked) == ["verdict.pending"]
    answering.settle(later())
    give(asked, people.alice, click="c-1")
    assert types(asked) == ["verdict.pending", "verdict.given"]


# --- taken back ---------------------------------------------------------------------------------------------


def test_an_answer_that_is_taken_back_never_was(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice, "reject")
    row, said = answering.take_back(asked.pk, by=people.alice)
    assert (said["verdict"], said["reason"], said["comment"]) == (
        "reject",
        "price_not_agreed",
        "Because I looked.",
    )
    assert (row.status, answering.settle(later())) == (Status.OPEN, 0)
    assert types(asked) == ["verdict.pending", "verdict.taken_back"]
    assert not Verdict.objects.exists()
    cast.assert_sound()


def test_after_it_was_taken_back_it_can_be_answered_again(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice, "reject", click="c-1")
    answering.take_back(asked.pk, by=people.alice)
    give(asked, people.alice, "approve", click="c-2")
    answering.settle(later())
    assert standing()[0] == "cleared"


def test_nobody_takes_back_what_somebody_else_answered(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice)
    with pytest.raises(NotAllowed, match="whoever gave"):
        answering.take_back(asked.pk, by=people.carol)
    assert types(asked) == ["verdict.pending"]


def test_what_counts_is_not_taken_back_any_more(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice)
    answering.settle(later())
    with pytest.raises(Counted):
        answering.take_back(asked.pk, by=people.alice)
    assert standing()[0] == "cleared"


def test_an_answer_can_be_taken_back_until_it_counts(asked: Escalation, people: Cast) -> None:
    """The seconds are a promise to the person, not a limit for them."""
    give(asked, people.alice)
    with clock.simulated(later(60)):
        answering.take_back(asked.pk, by=people.alice)
    assert answering.settle(later(120)) == 0


# --- who comes second ---------------------------------------------------------------------------------------


def test_who_answers_meanwhile_hears_who_has_answered_and_until_when(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice)
    with pytest.raises(
        Answering, match=r"^Alice approved this at .* take it back until .* Your text is kept"
    ):
        give(asked, people.carol, "reject")
    with pytest.raises(Answering):
        cast.answer(asked, "reject", by=people.carol)
    assert types(asked) == ["verdict.pending"]


def test_one_person_does_not_answer_twice_without_taking_back(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice, click="c-1")
    with pytest.raises(Answering):
        give(asked, people.alice, "reject", click="c-2")


def test_what_is_answered_is_neither_claimed_nor_put_aside_nor_handed_over(
    asked: Escalation, people: Cast
) -> None:
    from reviews import assignment

    give(asked, people.alice)
    for act in (
        partial(assignment.claim, asked.pk, by=people.carol),
        partial(handling.put_aside, asked.pk, later(3600), by=people.carol),
        partial(handling.hand_over, asked.pk, people.carol, by=people.alice),
    ):
        with pytest.raises(Answering):
            act()
    handling.remark(asked.pk, "Are you sure?", by=people.carol)


# --- what does not hold any more ----------------------------------------------------------------------------


def void(row: Escalation) -> str:
    """Why the last answer did not count."""
    assert types(row)[-1] == "verdict.voided"
    return str(said_last(row)["why"])


def test_evidence_that_changes_meanwhile_makes_the_answer_void(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice)
    take_in(table("orders", order(unit_price="10.50")))
    cast.drain()
    assert fresh(asked).status == Status.SUPERSEDED
    assert "changed" in void(asked)
    assert answering.settle(later()) == 0
    assert not Verdict.objects.exists()
    assert cast.question().pk != asked.pk
    cast.assert_sound()


def test_a_reason_that_goes_away_meanwhile_makes_the_answer_void(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice, "reject")
    take_in(table("orders", order(unit_price="11.00")))
    cast.drain()
    assert fresh(asked).status == Status.WITHDRAWN
    assert "changed" in void(asked)
    assert standing()[:2] == ("cleared", "auto"), "a late no stops nothing that needs nobody's yes"


def test_a_right_that_is_lost_meanwhile_makes_the_answer_void(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice)
    people.alice.groups.clear()
    assert answering.settle(later()) == 0
    assert void(asked)
    assert standing()[1] == "escalated"
    assert fresh(asked).status == Status.OPEN, "and somebody else answers it"
    cast.answer(asked, "approve", by=people.carol, reason="difference_accepted")


def test_an_account_that_is_closed_meanwhile_makes_the_answer_void(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice)
    User.objects.filter(pk=people.alice.pk).update(is_active=False)
    assert answering.settle(later()) == 0
    assert void(asked)


def test_a_limit_that_is_lowered_meanwhile_makes_the_answer_void(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice)
    people.alice.signing_profile.limit = 1
    people.alice.signing_profile.save()
    assert answering.settle(later()) == 0
    assert "over your limit" in void(asked)


def test_a_row_that_says_more_than_the_ledger_counts_for_nothing(asked: Escalation, people: Cast) -> None:
    """Forged approval: whoever writes into the table beside the ledger approves nothing."""
    give(asked, people.alice, "reject")
    PendingAnswer.objects.update(by=person(people.carol), verdict="approve")
    assert answering.settle(later()) == 0
    assert "no such answer" in void(asked)
    assert standing()[1] == "escalated"


def test_a_row_that_names_the_answer_to_another_question_counts_for_nothing(people: Cast) -> None:
    two(people)
    first, second = cast.question(), cast.question("INV-2")
    give(first, people.alice)
    give(second, people.alice, "reject")
    entry = PendingAnswer.objects.get(pk=first.pk).entry
    PendingAnswer.objects.filter(pk=first.pk).delete()
    PendingAnswer.objects.filter(pk=second.pk).update(entry=entry)
    assert answering.settle(later()) == 0
    assert "no such answer" in void(second)


def test_the_seconds_of_an_answer_cannot_be_cut_short(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice)
    PendingAnswer.objects.update(until=clock.now())
    assert answering.settle(later(1)) == 0
    assert "no such answer" in void(asked)


def test_the_database_refuses_to_close_a_question_over_an_answer_that_waits(
    asked: Escalation, people: Cast
) -> None:
    give(asked, people.alice)
    with pytest.raises(IntegrityError, match="waits to count"), transaction.atomic():
        Escalation.objects.filter(pk=asked.pk).update(status="withdrawn")


def test_an_answer_that_cannot_be_carried_out_holds_no_other_up(people: Cast) -> None:
    """It is tried again the next time, and counts then."""
    two(people)
    first, second = cast.question(), cast.question("INV-2")
    give(first, people.alice)
    give(second, people.alice)

    def fail(*, escalation: Escalation, **_: Any) -> None:
        if escalation.pk == first.pk:
            raise RuntimeError("The disk is full.")

    signals.resolved.connect(fail)
    try:
        assert answering.settle(later()) == 1
    finally:
        signals.resolved.disconnect(fail)
    assert (fresh(first).status, fresh(second).status) == (Status.OPEN, Status.APPROVED)
    assert types(first) == ["verdict.pending"]
    assert answering.settle(later()) == 1
    assert fresh(first).status == Status.APPROVED


def test_when_an_answer_was_given_is_what_the_ledger_says(asked: Escalation, people: Cast) -> None:
    give(asked, people.alice)
    PendingAnswer.objects.update(at=later(-3600))
    assert answering.settle(later()) == 1
    given = Entry.objects.get(type="verdict.pending").recorded_at
    assert datetime.fromisoformat(said_last(asked)["given_at"]) == given


def test_what_is_put_aside_until_something_arrives_is_not_brought_back_by_an_answer_taken_back(
    asked: Escalation, people: Cast
) -> None:
    handling.put_aside(asked.pk, later(3600), by=people.alice, awaited=handling.Awaited.EVENT)
    give(asked, people.alice)
    answering.take_back(asked.pk, by=people.alice)
    assert handling.return_due(clock.now()) == 0


def test_what_is_answered_a_moment_ago_is_in_no_group(people: Cast) -> None:
    several(3)
    rows = [cast.question(f"INV-V-1-{n}") for n in (1, 2, 3)]
    assert len(groups.keys_of_cause(rows[0], [])) == 3
    give(rows[2], people.alice)
    assert set(groups.keys_of_cause(rows[0], [])) == {rows[0].pk, rows[1].pk}
    found = groups.group([row.pk for row in rows], people.carol, [])
    assert [item.objection for item in found.items][2] == "Alice has answered this a moment ago."


# --- lists --------------------------------------------------------------------------------------------------


def two(people: Cast) -> None:
    cast.trade(
        bill(unit_price="11.00"),
        bill(invoice_number="INV-2", order_number="PO-2", unit_price="12.00"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )


def numbers(user: User, **narrowed: Any) -> list[str]:
    shown = listing(of_list(""), person(user), **narrowed)
    return [f"{row.number} {row.gone}".strip() for group in shown.groups for row in group.rows]


def test_what_is_answered_leaves_lists_and_counts_until_it_is_taken_back(
    people: Cast,
) -> None:
    two(people)
    actor = person(people.carol)
    everything = totals(of_list(""), actor)
    give(cast.question(), people.alice)
    assert numbers(people.alice) == numbers(people.carol) == ["INV-2"]
    for filters in (of_list(""), of_list("procurement"), of_list("", cause="price_over")):
        count, worth = totals(filters, actor)
        assert (count, worth) == (1, cast.question("INV-2").amount_company)
    assert queues(actor)[0] == 1
    answering.take_back(cast.question().pk, by=people.alice)
    assert totals(of_list(""), actor) == everything
    assert sorted(numbers(people.carol)) == ["INV-1", "INV-2"]


def test_in_the_list_of_somebody_else_the_row_keeps_its_place_and_says_who(people: Cast) -> None:
    two(people)
    loaded = clock.now()
    give(cast.question(), people.alice)
    shown = listing(of_list(""), person(people.carol), as_of=loaded)
    rows = [row for group in shown.groups for row in group.rows]
    assert sorted((r.number, r.gone, r.gone_by) for r in rows) == [
        ("INV-1", "pending", "Alice"),
        ("INV-2", "", ""),
    ]
    assert numbers(people.alice, as_of=loaded) == ["INV-2"], "one's own answer leaves at once"
    answering.settle(later())
    assert "INV-1 approved" in numbers(people.carol, as_of=loaded)


def test_lists_written_anew_keep_waiting_answers_and_mentions(asked: Escalation, people: Cast) -> None:
    handling.remark(asked.pk, "@carol, look.", by=people.alice)
    give(asked, people.alice)
    listed.rebuild()
    connection.check_constraints()
    assert Mention.objects.filter(question=asked.pk).count() == 1
    assert answering.settle(later()) == 1
    assert not OpenQuestion.objects.filter(pk=asked.pk).exists()


# --- pages --------------------------------------------------------------------------------------------------


def test_the_page_says_when_an_answer_counts_and_offers_to_take_it_back(people: Cast) -> None:
    two(people)
    row = cast.question()
    page = post(people.alice, row).content.decode()
    assert "INV-2" in page, "the next case"
    strip = page[page.index('class="strip"') :]
    assert "INV-1" in strip
    assert "It counts at" in strip
    assert reverse("reviews:undo", args=[row.pk]) in strip


def test_taking_back_brings_the_case_again_with_what_was_typed(asked: Escalation, people: Cast) -> None:
    post(people.alice, asked, verdict="reject", reason="reject:price_not_agreed", comment="Agreed was 10.")
    url = reverse("reviews:undo", args=[asked.pk])
    response = browser(people.alice).post(url, headers=HTMX)
    page = response.content.decode()
    assert "Agreed was 10." in page
    assert '<option value="reject:price_not_agreed" selected>' in page
    assert response["HX-Push-Url"] == reverse("reviews:case", args=[asked.pk])
    assert browser(people.alice).post(url, headers=HTMX).status_code == 200, "a second click changes nothing"
    assert types(asked) == ["verdict.pending", "verdict.taken_back"]


def test_what_counts_is_said_to_whoever_takes_it_back_too_late(asked: Escalation, people: Cast) -> None:
    post(people.alice, asked)
    answering.settle(later())
    again = browser(people.alice).post(reverse("reviews:undo", args=[asked.pk]), headers=HTMX)
    assert again.status_code == 409
    assert "cannot be taken back" in html.unescape(again.content.decode())


def test_without_scripts_the_case_says_that_its_answer_waits_and_takes_it_back(
    asked: Escalation, people: Cast
) -> None:
    client = browser(people.alice)
    sent = form(client, asked, verdict="approve", reason="approve:difference_accepted")
    moved = client.post(reverse("reviews:decide", args=[asked.pk]), sent, follow=True)
    assert "until then you can take it back" in moved.content.decode()
    page = client.get(reverse("reviews:case", args=[asked.pk])).content.decode()
    assert "You approved this" in " ".join(page.split()).replace("You\n", "You ")
    back = client.post(reverse("reviews:undo", args=[asked.pk]))
    assert back.status_code == 200
    assert types(asked) == ["verdict.pending", "verdict.taken_back"]


def test_somebody_else_sees_who_answered_and_no_way_to_take_it_back(asked: Escalation, people: Cast) -> None:
    post(people.alice, asked)
    page = " ".join(
        browser(people.carol).get(reverse("reviews:case", args=[asked.pk])).content.decode().split()
    )
    assert "Alice approved this" in page
    assert "unless taken back" in page
    assert reverse("reviews:undo", args=[asked.pk]) not in page


def test_what_became_of_an_answer_is_said_where_it_was_given(asked: Escalation, people: Cast) -> None:
    alice, url = browser(people.alice), reverse("reviews:answered", args=[asked.pk])
    assert alice.get(url).content == b"", "none was given"
    post(people.alice, asked)
    assert "It counts at" in alice.get(url).content.decode()
    answering.settle(later())
    told = alice.get(url).content.decode()
    assert "Approved" in told
    assert "data-passing" in told


def test_that_an_answer_does_not_count_is_said_with_the_way_to_the_new_question(
    asked: Escalation, people: Cast
) -> None:
    post(people.alice, asked)
    take_in(table("orders", order(unit_price="10.50")))
    cast.drain()
    told = browser(people.alice).get(reverse("reviews:answered", args=[asked.pk])).content.decode()
    assert "your answer does not count" in told
    assert reverse("reviews:case", args=[cast.question().pk]) in told
    assert "data-passing" not in told, "it stays until it is read"


def test_a_payment_run_waits_as_well(people: Cast) -> None:
    """Money is the last thing to leave before the answer counts."""
    cast.trade()
    [batch] = payments.propose(f"human:{people.dave.pk}").batches
    row = Escalation.objects.get(subject__startswith="payment_batch/", status="open")
    assert Vendor.objects.exists()
    codes = [code for code, _ in services.kinds.reasons_of(row.kind, "approve", row.reasons)]
    give(row, people.carol, reason=codes[0])
    assert PaymentBatch.objects.get(pk=batch.pk).status == batch.status
    assert answering.settle(later()) == 1
    assert PaymentBatch.objects.get(pk=batch.pk).status != batch.status


# --- no means no --------------------------------------------------------------------------------------------


def test_a_no_that_comes_while_a_yes_waits_is_refused_and_not_dropped_in_silence(
    asked: Escalation, people: Cast
) -> None:
    give(asked, people.alice)
    with pytest.raises(Answering):
        give(asked, people.carol, "reject")
    answering.settle(later())
    with pytest.raises(LostRace):
        give(asked, people.carol, "reject")


def test_silence_takes_nothing_back_and_approves_nothing(asked: Escalation, people: Cast) -> None:
    for seconds in (0, 11, 3600, 86_400 * 30):
        assert answering.settle(later(seconds)) == 0
    assert types(asked) == []
    assert fresh(asked).status == Status.OPEN


def test_a_claim_of_somebody_else_holds_against_an_answer_that_waits(asked: Escalation, people: Cast) -> None:
    from reviews import assignment

    assignment.claim(asked.pk, by=people.carol)
    with pytest.raises(Claimed):
        give(asked, people.alice)


# --- many at once -------------------------------------------------------------------------------------------


def together(user: User, rows: list[Escalation], verdict: str = "approve") -> list[bulk.Result]:
    sent = [
        bulk.Sent(row.pk, row.version, row.payload_hash, f"c-{row.pk}", exposure.stamp(row, user))
        for row in rows
    ]
    reason = {"approve": "difference_accepted", "reject": "price_not_agreed"}[verdict]
    comment = "" if verdict == "approve" else "Too dear."
    return bulk.answer_together(
        sent, verdict, by=user, reason=reason, comment=comment, decision="d-1", via=channel.PAGE
    )


def test_what_is_answered_together_waits_and_is_taken_back_together(people: Cast) -> None:
    two(people)
    rows = [cast.question(), cast.question("INV-2")]
    assert all(result.answered for result in together(people.alice, rows))
    assert PendingAnswer.objects.filter(together="d-1").count() == 2
    assert answering.take_back_together("d-1", by=people.carol) == (0, 0), "they are somebody else's"
    assert answering.take_back_together("d-1", by=people.alice) == (2, 0)
    assert answering.settle(later()) == 0
    assert all(fresh(row).status == Status.OPEN for row in rows)


def test_what_is_answered_together_counts_with_the_name_of_the_decision(people: Cast) -> None:
    two(people)
    rows = [cast.question(), cast.question("INV-2")]
    together(people.alice, rows)
    again = together(people.alice, rows)
    assert [result.refusal for result in again] == [None, None], "the same clicks again"
    assert answering.settle(later()) == 2
    assert {said_last(row)["together"]["id"] for row in rows} == {"d-1"}
    assert {said_last(row)["together"]["size"] for row in rows} == {"2"}
    assert [types(row) for row in rows] == [["verdict.pending", "verdict.given"]] * 2
    cast.assert_sound()


def test_one_strip_stands_for_what_was_answered_together(people: Cast) -> None:
    two(people)
    together(people.alice, [cast.question(), cast.question("INV-2")])
    page = " ".join(browser(people.alice).get(reverse("reviews:inbox")).content.decode().split())
    assert page.count('class="strip"') == 1
    assert "and 1 more: you approved them together. They count at" in page
    assert "Undo all 2" in page
    PendingAnswer.objects.update(together="5" * 32)
    back = browser(people.alice).post(reverse("reviews:undo_together"), {"decision": "5" * 32}, follow=True)
    assert "2 answers taken back" in back.content.decode()
