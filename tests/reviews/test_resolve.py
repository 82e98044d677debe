"""Answering a question: complete, by somebody who may, on what they saw, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from audit import commitments
from audit.canonical import loads
from audit.models import Entry
from coordination.models import Decision, Hold
from reviews import assignment, services, signing
from reviews.errors import Claimed, LostRace, NoSuchQuestion, NotAllowed, Refused, Stale
from reviews.kinds import KINDS
from reviews.models import Escalation, Verdict
from reviews.policy import STATUS
from tests import cast
from tests.cast import Cast, answer, bill, order, receipt, standing, table, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(people: Cast) -> Escalation:
    """INV-1 is 10 % too dear: 1,309.00 in all."""
    cast.trade(bill(unit_price="11.00"))
    return cast.question()


def large(price: str) -> Escalation:
    """A question about an invoice of this price, at a hundred times of it and tax."""
    cast.trade(bill(unit_price=price), orders=(order(unit_price=price),))
    return cast.question()


# --- what an answer does ---------------------------------------------------------------------------


def test_an_approval_clears_the_invoice_and_says_who_and_why(question: Escalation, people: Cast) -> None:
    row = answer(question, "approve", by=people.alice, reason="agreed_with_vendor", comment="Called them.")
    assert (row.status, row.verdict, row.decided_by, row.version) == (
        "approved",
        "approve",
        f"human:{people.alice.pk}",
        2,
    )
    assert standing() == ("cleared", "human", [])
    hold = Hold.objects.get()
    assert (hold.status, hold.release, hold.released_by, hold.release_reason) == (
        "released",
        "override",
        f"human:{people.alice.pk}",
        "agreed_with_vendor",
    )
    decision = Decision.objects.get(agent="person")
    assert (decision.actor, decision.outcome, decision.codes) == (
        f"human:{people.alice.pk}",
        "approve",
        ["price_over"],
    )
    cast.assert_sound()


def test_a_rejection_ends_the_invoice(question: Escalation, people: Cast) -> None:
    answer(question, "reject", by=people.alice, reason="price_not_agreed", comment="Not what we said.")
    cast.drain()
    assert standing()[:2] == ("rejected", "human")
    assert cast.invoice().status.response == "RE"
    cast.assert_sound()


def test_a_rejection_as_a_duplicate_sets_the_invoice_aside(question: Escalation, people: Cast) -> None:
    answer(question, "reject", by=people.alice, reason="duplicate")
    assert standing()[:2] == ("void", "void")


def test_an_override_names_the_rule_it_sets_aside(question: Escalation, people: Cast) -> None:
    answer(question, "override", by=people.alice, reason="rule_does_not_fit", overrides="price_over")
    assert standing()[:2] == ("cleared", "human")
    assert Verdict.objects.get().overrides == "price_over"


def test_the_answer_is_in_the_ledger_with_what_was_seen(question: Escalation, people: Cast) -> None:
    answer(question, "approve", by=people.alice, comment="Seen.")
    given, decided = (
        loads(e.body)
        for e in Entry.objects.filter(subject=question.subject, actor=f"human:{people.alice.pk}").order_by(
            "seq"
        )
    )
    assert (given["type"], decided["type"]) == ("verdict.given", "invoice.decided")
    assert given["data"]["on"] == {"version": "1", "payload_sha256": question.payload_hash}
    assert given["data"]["seen"] == {}  # nothing was shown, nothing was sent
    assert (given["data"]["username"], given["data"]["groups"]) == ("alice", ["specialist"])
    assert commitments.reveal(given["data"]["comment"]) == "Seen." != given["data"]["comment"]
    assert given["authtype"] == "human"


def test_a_ruling_stands_when_the_agents_look_again(question: Escalation, people: Cast) -> None:
    answer(question, "approve", by=people.alice)
    take_in(table("receipts", receipt(receipt_number="GR-2", quantity="5")))
    cast.drain()
    assert standing() == ("cleared", "human", [])
    cast.assert_sound()


def test_a_new_problem_is_asked_about_in_spite_of_an_earlier_ruling(
    question: Escalation, people: Cast
) -> None:
    answer(question, "approve", by=people.alice)
    take_in(table("orders", order(quantity="80")))
    cast.drain()
    assert standing()[1:] == ("escalated", ["qty_over_ordered"])
    assert cast.question().id != question.id


def test_a_duplicate_that_is_none_is_then_asked_about_everything_else(people: Cast) -> None:
    copy = {"invoice_number": "INV-1A", "issue_date": "2026-09-06"}
    cast.trade(bill(), bill(**copy))
    assert standing("INV-1A")[2] == ["duplicate_suspect"]
    answer(cast.question("INV-1A"), "approve", by=people.bob, reason="not_a_duplicate")
    cast.drain()
    assert standing("INV-1A")[1:] == ("escalated", ["qty_over_ordered", "qty_over_received"])
    cast.assert_sound()


def test_a_void_copy_frees_the_quantity(people: Cast) -> None:
    cast.trade(bill(), bill(invoice_number="INV-1A", issue_date="2026-09-06"))
    answer(cast.question("INV-1A"), "reject", by=people.bob, reason="duplicate")
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


# --- complete --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "given", "message"),
    [
        ("approve", {"reason": ""}, "Choose a reason code"),
        ("approve", {"reason": "price_not_agreed"}, "Choose a reason code"),
        ("maybe", {"reason": "evidence_complete"}, "Choose one of: approve, reject, override"),
        ("reject", {"reason": "not_ordered"}, "Say in your own words why you reject"),
        ("reject", {"reason": "not_ordered", "comment": "   "}, "Say in your own words"),
        ("override", {"reason": "other"}, "Say in your own words"),
        ("override", {"reason": "other", "comment": "x", "overrides": "tax_mismatch"}, "price_over"),
    ],
)
def test_an_incomplete_answer_is_refused_in_words(
    question: Escalation, people: Cast, verdict: str, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(Refused, match=message):
        services.resolve(question.id, verdict, by=people.alice, **given)
    question.refresh_from_db()
    assert (question.status, question.version) == ("open", 1)
    assert not Verdict.objects.exists()


def test_every_verdict_has_reasons_and_an_end() -> None:
    assert set(KINDS["invoice"].reasons) == set(STATUS)
    assert all(all(kind.reasons.values()) and kind.reasons for kind in KINDS.values())


def test_a_question_that_does_not_exist_is_named_as_such(people: Cast) -> None:
    with pytest.raises(NoSuchQuestion):
        services.resolve(uuid4(), "approve", by=people.alice, reason="evidence_complete")


# --- by somebody who may ---------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["erin", "frank"])
def test_auditors_and_administrators_decide_nothing(question: Escalation, people: Cast, who: str) -> None:
    with pytest.raises(NotAllowed, match="specialists and managers"):
        answer(question, "approve", by=getattr(people, who))
    with pytest.raises(NotAllowed):
        assignment.claim(question.id, by=getattr(people, who))


def test_a_superuser_has_no_more_rights_than_their_groups(question: Escalation, people: Cast) -> None:
    people.frank.is_superuser = True
    people.frank.save()
    with pytest.raises(NotAllowed):
        answer(question, "approve", by=people.frank)


def test_somebody_who_left_decides_nothing(question: Escalation, people: Cast) -> None:
    people.alice.is_active = False
    people.alice.save()
    with pytest.raises(NotAllowed):
        answer(question, "approve", by=people.alice)


def test_who_brought_the_invoice_does_not_countersign_it(people: Cast) -> None:
    take_in(table("vendors", cast.vendor()), table("orders", order()), table("receipts", receipt()))
    take_in(table("invoices", bill(unit_price="11.00")), actor=f"human:{people.alice.pk}")
    cast.drain()
    with pytest.raises(NotAllowed, match="You made"):
        answer(cast.question(), "approve", by=people.alice)
    assert answer(cast.question(), "approve", by=people.carol).status == "approved"


@pytest.mark.parametrize(
    ("price", "who", "may"),
    [
        ("210.08", "bob", True),  # 24,999.52
        ("210.09", "bob", False),  # 25,000.71
        ("210.09", "carol", True),
    ],
)
def test_nobody_signs_over_their_limit(people: Cast, price: str, who: str, may: bool) -> None:
    question = large(price)
    if may:
        assert answer(question, "approve", by=getattr(people, who)).status == "approved"
        return
    with pytest.raises(
        NotAllowed,
        match=r"EUR 25,000\.71 is over your limit of EUR 25,000\.00\. Hand over to Carol or Dave\.",
    ):
        answer(question, "approve", by=getattr(people, who))


def test_who_is_named_to_hand_over_to_could_sign(people: Cast) -> None:
    question = large("300.00")
    assert signing.signers(question) == ["Carol", "Dave"]
    question.makers = [f"human:{people.carol.pk}"]
    people.dave.signing_profile.limit = Decimal("100.00")
    people.dave.signing_profile.save()
    assert signing.signers(question) == []
    assert signing.objection(question, people.bob).endswith("Hand over to somebody who may sign it.")


def test_a_limit_holds_for_a_rejection_too(people: Cast) -> None:
    with pytest.raises(NotAllowed, match="over your limit"):
        answer(large("300.00"), "reject", by=people.bob)


def test_a_person_may_have_a_limit_of_their_own(people: Cast) -> None:
    question = large("101.00")  # 12,019.00
    people.bob.signing_profile.limit = Decimal("12000.00")
    people.bob.signing_profile.save()
    with pytest.raises(NotAllowed, match=r"12,000\.00"):
        answer(question, "approve", by=people.bob)


def test_every_kind_of_question_has_people_who_decide_it() -> None:
    assert all(kind.groups for kind in KINDS.values())
    assert not {group for kind in KINDS.values() for group in kind.groups} & {"auditor", "admin"}


# --- on what they saw ------------------------------------------------------------------------------


def test_an_answer_to_an_older_version_is_stale(question: Escalation, people: Cast) -> None:
    assignment.claim(question.id, by=people.carol)
    with pytest.raises(Stale):
        answer(question, "approve", by=people.alice, seen_version=7)
    with pytest.raises(Stale):
        answer(question, "approve", by=people.alice, payload_hash="0" * 64)
    assert (
        answer(
            question, "approve", by=people.alice, seen_version=1, payload_hash=question.payload_hash
        ).status
        == "approved"
    )


def test_a_case_that_changed_is_another_question(question: Escalation, people: Cast) -> None:
    take_in(table("orders", order(unit_price="9.00")))
    cast.drain()
    question.refresh_from_db()
    fresh = cast.question()
    assert question.status == "superseded"
    assert fresh.supersedes_id == question.id
    assert fresh.payload_hash != question.payload_hash
    with pytest.raises(LostRace):
        answer(question, "approve", by=people.alice)
    assert cast.entries(question.subject).count("escalation.superseded") == 1


def test_the_same_case_is_asked_once(question: Escalation) -> None:
    take_in(table("receipts", receipt(receipt_number="GR-2", quantity="5")))
    cast.drain()
    assert cast.question().id == question.id


def test_a_question_whose_condition_is_gone_is_withdrawn(question: Escalation, people: Cast) -> None:
    take_in(table("orders", order(unit_price="11.00")))
    cast.drain()
    question.refresh_from_db()
    assert (question.status, standing()) == ("withdrawn", ("cleared", "auto", []))
    with pytest.raises(LostRace, match="withdrawn"):
        answer(question, "approve", by=people.alice)
    cast.assert_sound()


def test_the_database_keeps_one_open_question_per_subject(question: Escalation) -> None:
    question.pk = uuid4()
    with pytest.raises(IntegrityError, match="reviews_one_open_per_subject"), transaction.atomic():
        cast.unseen(question).save_without_historical_record(force_insert=True)


# --- once ------------------------------------------------------------------------------------------


def test_the_second_answer_hears_who_was_first_and_when(question: Escalation, people: Cast) -> None:
    answer(question, "approve", by=people.alice)
    with pytest.raises(
        LostRace, match=r"Alice approved this at \d\d:\d\d:\d\d UTC\. Your text is kept\."
    ) as lost:
        answer(question, "reject", by=people.carol)
    assert (lost.value.by, lost.value.verdict) == ("Alice", "approve")
    assert lost.value.at is not None
    assert Verdict.objects.count() == 1


def test_a_second_click_is_the_same_answer(question: Escalation, people: Cast) -> None:
    one = answer(question, "approve", by=people.alice, click="c-1")
    two = answer(question, "approve", by=people.alice, click="c-1")
    assert (one.pk, one.version, two.version) == (two.pk, 2, 2)
    assert Verdict.objects.count() == 1
    with pytest.raises(LostRace):
        answer(question, "approve", by=people.alice, click="c-2")


def test_a_click_of_one_person_is_no_answer_of_another(question: Escalation, people: Cast) -> None:
    answer(question, "approve", by=people.alice, click="c-1")
    with pytest.raises(LostRace):
        answer(question, "approve", by=people.bob, click="c-1")


def test_an_invoice_on_its_way_is_not_decided_again(question: Escalation, people: Cast) -> None:
    from coordination.decisions.human import MovedOn

    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE coordination_invoice DISABLE TRIGGER USER")
        cursor.execute("UPDATE coordination_invoice SET state = 'scheduled'")
    with pytest.raises(MovedOn):
        answer(question, "approve", by=people.alice)
    assert not Verdict.objects.exists()


# --- a quorum of two -------------------------------------------------------------------------------


@pytest.fixture
def two_needed(people: Cast) -> Escalation:
    """71,400.00: two people."""
    return large("600.00")


def test_over_50_000_two_people_sign(two_needed: Escalation, people: Cast) -> None:
    assert two_needed.quorum == 2
    assert answer(two_needed, "approve", by=people.carol).status == "open"
    assert standing()[:2] == ("delivered", "escalated")
    assert answer(two_needed, "approve", by=people.dave).status == "approved"
    assert standing() == ("cleared", "human", [])
    given = [
        loads(b)["data"]["signed"]
        for b in Entry.objects.filter(type="verdict.given").order_by("seq").values_list("body", flat=True)
    ]
    assert given == ["1 of 2", "2 of 2"]
    cast.assert_sound()


def test_the_same_person_does_not_sign_twice(two_needed: Escalation, people: Cast) -> None:
    answer(two_needed, "approve", by=people.carol)
    with pytest.raises(Refused, match="a second person is needed"):
        answer(two_needed, "approve", by=people.carol)
    assert Verdict.objects.count() == 1
    two_needed.refresh_from_db()
    assert (two_needed.status, two_needed.version) == ("open", 2)


def test_one_rejection_is_enough(two_needed: Escalation, people: Cast) -> None:
    assert answer(two_needed, "reject", by=people.carol).status == "rejected"
    assert standing()[0] == "rejected"


def test_a_rejection_after_an_approval_stands(two_needed: Escalation, people: Cast) -> None:
    answer(two_needed, "approve", by=people.carol)
    assert answer(two_needed, "reject", by=people.dave).status == "rejected"
    assert standing()[0] == "rejected"


def test_a_signed_amount_is_not_asked_about_again(two_needed: Escalation, people: Cast) -> None:
    answer(two_needed, "approve", by=people.carol)
    answer(two_needed, "approve", by=people.dave)
    take_in(table("receipts", receipt(receipt_number="GR-2", quantity="5")))
    cast.drain()
    assert standing() == ("cleared", "human", [])


# --- claims ----------------------------------------------------------------------------------------


def test_a_claim_is_shown_and_locks_nobody_out(question: Escalation, people: Cast) -> None:
    assert assignment.claim(question.id, by=people.alice).owner == f"human:{people.alice.pk}"
    assert assignment.release(question.id, by=people.alice).owner == ""
    assignment.claim(question.id, by=people.alice)
    assert answer(question, "approve", by=people.carol).status == "approved"
    given = loads(Entry.objects.get(type="verdict.given").body)["data"]
    assert given["claimed_by"] == f"human:{people.alice.pk}"
    with pytest.raises(LostRace):
        assignment.claim(question.id, by=people.alice)
    assert cast.entries(question.subject).count("escalation.claimed") == 2
    cast.assert_sound()


def test_what_somebody_claimed_is_only_taken_over_and_the_ledger_says_from_whom(
    question: Escalation, people: Cast
) -> None:
    assignment.claim(question.id, by=people.alice)
    for act in (assignment.claim, assignment.release):
        with pytest.raises(Claimed, match="Alice has claimed this"):
            act(question.id, by=people.carol)
    row = assignment.claim(question.id, by=people.carol, take_over=True)
    assert row.owner == f"human:{people.carol.pk}"
    entry = Entry.objects.get(type="escalation.taken_over")
    assert entry.actor == f"human:{people.carol.pk}"
    assert loads(entry.body)["data"]["from"] == f"human:{people.alice.pk}"
    with pytest.raises(Claimed, match="Carol"):
        assignment.release(question.id, by=people.alice)
    cast.assert_sound()


def test_only_who_answers_the_queue_claims_in_it(question: Escalation, people: Cast) -> None:
    with pytest.raises(NotAllowed, match="for procurement; you answer those of finance"):
        assignment.claim(question.id, by=people.bob)
    assert not Escalation.objects.exclude(owner="").exists()
