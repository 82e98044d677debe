"""An answer covers what the question names and the person may answer, and nothing else; the rest goes on to
whose it is."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from audit.canonical import loads
from audit.models import Entry
from coordination.models import Hold
from coordination.services import payments
from reviews import cases, signing
from reviews.errors import NotAllowed, Refused
from reviews.kinds import KINDS, reasons_of
from reviews.models import Escalation, Verdict
from tests import cast
from tests.cast import Cast, answer, bill, days_ago, order, person, receipt, standing, table, take_in

pytestmark = pytest.mark.django_db


def ingrid() -> Any:
    """A specialist of operations."""
    return person("ingrid", "specialist", "operations")


def held() -> dict[str, str]:
    """Status of each hold by code."""
    return dict(Hold.objects.values_list("code", "status"))


def given() -> dict[str, Any]:
    body = Entry.objects.filter(type="verdict.given").latest("id").body
    data: dict[str, Any] = loads(body)["data"]
    return data


NOT_YET = (receipt(order_number="PO-9"),)
"""Nothing of PO-1 has come."""


@pytest.fixture
def waiting(people: Cast) -> Escalation:
    """Tax is off by 7.00, and nothing has come yet: a receipt is waited for."""
    cast.trade(bill(issue_date=days_ago(1), due_date="", tax="197.00"), receipts=NOT_YET)
    return cast.question()


@pytest.fixture
def both(people: Cast) -> Escalation:
    """Tax is off by 7.00, and ten of the hundred did not come."""
    cast.trade(bill(tax="197.00"), receipts=(receipt(quantity="90"),))
    return cast.question()


# --- what is named ----------------------------------------------------------------------------------


def test_the_question_names_every_live_hold_with_its_owner(waiting: Escalation) -> None:
    named = [(r["code"], r["department"], bool(r["until"])) for r in waiting.reasons]
    assert named == [("tax_mismatch", "finance", False), ("no_receipt", "operations", True)]
    assert {r["hold"] for r in waiting.reasons} == {str(h.id) for h in Hold.objects.all()}
    assert "nothing of line 1 was received" in waiting.question
    told = next(c["text"] for c in waiting.case["consequences"] if c["verdict"] == "approve")
    assert "settles tax differs and leaves no receipt with operations: nothing is paid before" in told


def test_a_hold_that_stops_waiting_makes_it_another_question(people: Cast) -> None:
    cast.trade(bill(issue_date=days_ago(1), due_date="", tax="197.00"), receipts=NOT_YET)
    before = cast.question()
    take_in(table("receipts", receipt(quantity="40")))
    cast.drain()
    assert {r["code"] for r in cast.question().reasons} == {"tax_mismatch", "qty_over_received"}
    assert cast.question().id != before.id


# --- what is released -------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["approve", "override"])
def test_finance_settles_its_own_and_the_missing_goods_stay_missing(
    waiting: Escalation, people: Cast, verdict: str
) -> None:
    answer(waiting, verdict, by=people.bob)
    assert held() == {"tax_mismatch": "released", "no_receipt": "waiting"}
    cast.drain()
    assert standing() == ("matched", "waiting", ["no_receipt"])
    assert not Escalation.objects.filter(status="open").exists()
    assert not payments.propose("system:test").batches
    cast.assert_sound()
    take_in(table("receipts", receipt()))
    cast.drain()
    assert standing() == ("cleared", "human", [])
    cast.assert_sound()


def test_the_question_goes_on_to_the_other_department_by_itself(both: Escalation, people: Cast) -> None:
    operations = ingrid()
    assert both.queue == "finance"
    with pytest.raises(NotAllowed, match=r"for finance; you answer those of operations\. Hand over to Bob"):
        answer(both, "approve", by=operations)
    answer(both, "approve", by=people.bob)
    cast.drain()
    assert standing()[1:] == ("escalated", ["qty_over_received"])
    second = cast.question()
    assert (second.queue, [r["code"] for r in second.reasons]) == ("operations", ["qty_over_received"])
    with pytest.raises(NotAllowed, match=r"for operations; you answer those of finance"):
        answer(second, "approve", by=people.bob)
    answer(second, "approve", by=operations, reason="goods_confirmed")
    cast.drain()
    assert standing() == ("cleared", "human", [])
    cast.assert_sound()


def test_a_manager_settles_all_of_it_and_the_entry_names_each(waiting: Escalation, people: Cast) -> None:
    answer(waiting, "override", by=people.carol)
    assert standing() == ("cleared", "human", [])
    assert [(c["code"], c["line"], c["department"]) for c in given()["covers"]] == [
        ("tax_mismatch", "", "finance"),
        ("no_receipt", "1", "operations"),
    ]
    assert given()["overrides"] == "no_receipt,tax_mismatch"
    decided = loads(Entry.objects.filter(type="invoice.decided").latest("id").body)["data"]
    assert {h["code"] for h in decided["holds"]} == {"tax_mismatch", "no_receipt"}
    cast.assert_sound()


def test_a_hold_that_came_after_the_question_is_not_answered_with_it(both: Escalation, people: Cast) -> None:
    Escalation.objects.filter(pk=both.pk).update(
        reasons=both.reasons[:1]
    )  # as if the second was not there yet
    both.refresh_from_db()
    answer(both, "approve", by=people.carol)
    assert held() == {"tax_mismatch": "released", "qty_over_received": "open"}
    cast.drain()
    assert standing()[1] == "escalated"


def test_a_rejection_ends_it_for_every_department(both: Escalation, people: Cast) -> None:
    answer(both, "reject", by=people.bob)
    assert standing()[:2] == ("rejected", "human")
    assert set(held().values()) == {"released"}
    assert {c["code"] for c in given()["covers"]} == {"tax_mismatch", "qty_over_received"}


def test_two_signatures_release_what_both_of_them_cover(people: Cast) -> None:
    bill_ = bill(unit_price="600.00", tax="11407.00")
    cast.trade(bill_, orders=(order(unit_price="600.00"),), receipts=(receipt(quantity="90"),))
    people.bob.signing_profile.limit = 1_000_000
    people.bob.signing_profile.save()
    assert cast.question().quorum == 2
    answer(cast.question(), "approve", by=people.bob)
    answer(cast.question(), "approve", by=people.carol)
    cast.drain()
    assert standing()[1:] == ("escalated", ["qty_over_received"])
    cast.assert_sound()


def test_what_governance_asks_is_answered_by_whose_question_it_is(people: Cast) -> None:
    cast.trade(
        bill(unit_price="150.00"), orders=(order(unit_price="150.00"),), receipts=(receipt(quantity="90"),)
    )
    assert {r["code"]: r["department"] for r in cast.question().reasons} == {
        "qty_over_received": "operations",
        "over_threshold": "operations",
    }
    answer(cast.question(), "approve", by=ingrid())
    cast.drain()
    assert standing() == ("cleared", "human", [])


def test_a_hold_of_a_person_is_lifted_in_any_queue_by_who_set_it(people: Cast) -> None:
    from coordination.services import manual_hold

    cast.trade(bill(tax="197.00"))
    manual_hold.hold(cast.invoice().id, "Wait for me.", by=people.alice)
    cast.drain()
    answer(cast.question(), "approve", by=people.bob)  # his part; her hold stands
    cast.drain()
    assert standing()[1:] == ("escalated", ["manual_hold"])
    with pytest.raises(NotAllowed, match="Somebody else holds this invoice"):
        answer(cast.question(), "approve", by=people.bob)
    answer(cast.question(), "approve", by=people.alice)
    assert standing() == ("cleared", "human", [])


# --- overrides --------------------------------------------------------------------------------------


def test_only_an_override_names_what_it_sets_aside(both: Escalation, people: Cast) -> None:
    answer(both, "approve", by=people.bob, overrides="tax_mismatch")
    assert Verdict.objects.get().overrides == ""
    assert given()["overrides"] == ""


def test_an_override_that_names_one_rule_sets_aside_that_one(both: Escalation, people: Cast) -> None:
    with pytest.raises(Refused, match="no_po is not a reason"):
        answer(both, "override", by=people.carol, overrides="no_po")
    answer(both, "override", by=people.carol, overrides="qty_over_received")
    assert Verdict.objects.get().overrides == "qty_over_received"
    assert held() == {"tax_mismatch": "open", "qty_over_received": "released"}
    cast.drain()
    assert [r["code"] for r in cast.question().reasons] == ["tax_mismatch"]


# --- who answers what -------------------------------------------------------------------------------


def test_a_specialist_without_a_department_works_for_the_whole_desk_one_queue_at_a_time(
    both: Escalation, people: Cast
) -> None:
    noa = person("noa", "specialist")
    assert both.queue == "finance"
    answer(both, "override", by=noa)
    assert held() == {"tax_mismatch": "released", "qty_over_received": "open"}
    cast.drain()
    question = cast.question()
    assert (question.queue, [r["code"] for r in question.reasons]) == ("operations", ["qty_over_received"])


def test_what_the_bank_refused_is_for_those_who_see_payments(people: Cast) -> None:
    one = Decimal(1)
    row = Escalation(
        subject="invoice/00000000-0000-0000-0000-000000000000",
        kind="invoice",
        queue="payments",
        reasons=[{"code": "payment_refused"}],
        makers=[],
        amount=one,
        amount_company=one,
    )
    assert "decided by managers" in signing.objection(row, people.bob)
    assert signing.objection(row, people.carol) == ""


@pytest.mark.parametrize(
    ("codes", "offered", "not_offered"),
    [
        (
            ["price_over"],
            {"difference_accepted", "agreed_with_vendor"},
            {"not_a_duplicate", "goods_confirmed"},
        ),
        (
            ["bank_mismatch"],
            {"account_confirmed"},
            {"goods_confirmed", "agreed_with_vendor", "not_a_duplicate"},
        ),
        (["bank_mismatch", "no_receipt"], set(), {"goods_confirmed", "account_confirmed_"}),
        (["duplicate_suspect", "tax_mismatch"], {"not_a_duplicate"}, {"difference_accepted"}),
        (["no_receipt"], {"goods_confirmed"}, {"account_confirmed", "difference_accepted"}),
        (["over_threshold"], {"evidence_complete"}, {"goods_confirmed", "not_a_duplicate"}),
    ],
)
def test_a_reason_belongs_to_the_causes_it_can_be_true_of(
    codes: list[str], offered: set[str], not_offered: set[str]
) -> None:
    from coordination.domain.hold_codes import CATALOGUE

    causes = [{"code": c, "hard": CATALOGUE[c].hard} for c in codes]
    found = {code for code, _ in reasons_of("invoice", "approve", causes)}
    assert found >= {"evidence_complete", *offered}
    assert not found & not_offered


def test_every_cause_leaves_a_reason_for_every_verdict() -> None:
    from coordination.domain.hold_codes import CATALOGUE

    for kind in CATALOGUE.values():
        for verdict in KINDS["invoice"].reasons:
            assert reasons_of("invoice", verdict, [{"code": kind.code, "hard": kind.hard}]), kind


def test_an_account_is_not_confirmed_by_goods(people: Cast) -> None:
    cast.trade(bill(iban=cast.OTHER_IBAN))
    with pytest.raises(Refused, match="account_confirmed") as refused:
        answer(cast.question(), "approve", by=people.bob, reason="goods_confirmed")
    assert "goods_confirmed" not in str(refused.value)
    take_in(table("vendors", cast.vendor(iban=cast.OTHER_IBAN)))
    change = Escalation.objects.get(kind="vendor_bank")
    for verdict, reason in (("approve", "goods_confirmed"), ("reject", "duplicate")):
        with pytest.raises(Refused, match="Choose a reason code"):
            answer(change, verdict, by=people.carol, reason=reason)


# --- the page ---------------------------------------------------------------------------------------


def seen_by(user: Any, row: Escalation) -> str:
    client = Client()
    client.force_login(user)
    return " ".join(client.get(reverse("reviews:case", args=[row.pk])).content.decode().split())


def test_the_page_says_what_ones_answer_covers_and_what_stays_with_whom(
    waiting: Escalation, people: Cast
) -> None:
    mine = seen_by(people.bob, waiting)
    assert "<b>Your answer covers</b> tax differs (finance)." in mine
    assert "<b>Stays with operations</b> no receipt, line 1, waiting until" in mine
    assert 'value="approve:goods_confirmed"' not in mine
    assert 'name="overrides"' not in mine
    all_of_it = seen_by(people.carol, waiting)
    assert "no receipt, line 1 (operations, waiting until" in all_of_it
    assert "Stays with" not in all_of_it
    assert 'value="approve:goods_confirmed"' in all_of_it


def test_after_the_answer_the_page_says_what_is_left(waiting: Escalation, people: Cast) -> None:
    answer(waiting, "approve", by=people.bob)
    waiting.refresh_from_db()
    [left] = cases.case_view(waiting, "").left
    assert (left.department, list(left.words)) == ("operations", ["no receipt, line 1"])


def test_the_reasons_offered_are_the_reasons_accepted(both: Escalation, people: Cast) -> None:
    """Every code on the page is accepted by the service, and no other."""
    page = seen_by(people.bob, both)
    offered = set(re.findall(r'<option value="approve:(\w+)"', page))
    for code, _ in reasons_of("invoice", "approve"):
        try:
            with transaction.atomic():
                answer(both, "approve", by=people.bob, reason=code)
                transaction.set_rollback(True)
        except Refused:
            assert code not in offered
        else:
            assert code in offered
