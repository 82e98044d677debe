"""What the database keeps whoever writes: one of a kind, known states, two pairs of eyes, sums above nothing.

Each rule is asked from both sides: the row that it refuses, and the nearest one that it lets through.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, models, transaction

from coordination.models import (
    CreditUse,
    Drill,
    InvoiceLine,
    LegalHold,
    Rate,
    SampleResult,
    SavedSearch,
    StatementLine,
    UnitConversion,
)

from . import rows

pytestmark = pytest.mark.django_db

Make = Callable[[], models.Model]
ALICE, BOB = rows.ALICE, rows.BOB
SERIES = UUID(int=77)
CENT = Decimal("0.01")


def accepted(make: Make) -> bool:
    with transaction.atomic():
        make()
    return True


def refused(make: Make, rule: str) -> bool:
    with pytest.raises(IntegrityError, match=f'"{rule}"'), transaction.atomic():
        make()
    return True


# --- one of a kind ------------------------------------------------------------------------------------------


def test_one_open_question_stands_about_one_subject() -> None:
    one = rows.question()
    assert refused(lambda: rows.question(subject=one.subject), "reviews_one_open_per_subject")
    assert accepted(lambda: rows.question(subject=one.subject, status="withdrawn"))
    assert accepted(rows.question)


def test_a_person_answers_a_question_once_and_with_one_click() -> None:
    one, other = rows.question(), rows.question()
    rows.verdict(one, click="c-1")
    assert refused(lambda: rows.verdict(one, click="c-2"), "reviews_one_verdict_per_person")
    assert refused(lambda: rows.verdict(other, click="c-1"), "reviews_one_verdict_per_click")
    assert accepted(lambda: rows.verdict(one, by=BOB, click="c-1"))  # keys of clicks are a person's own


def test_commands_have_no_clicks_and_may_be_as_many() -> None:
    for _ in range(2):
        assert accepted(lambda: rows.verdict(rows.question()))


def test_a_claim_is_taken_in_once() -> None:
    one = rows.invoice()
    assert refused(lambda: rows.invoice(digest=one.digest), "coordination_invoice_once")
    assert accepted(lambda: rows.invoice(number=one.number))  # two claims may bear one number


def test_a_line_has_a_place_of_its_own_on_its_invoice() -> None:
    one, other = rows.invoice(), rows.invoice()
    rows.line(one)
    assert refused(lambda: rows.line(one), "coordination_invoiceline_once")
    assert accepted(lambda: rows.line(one, position=2))
    assert accepted(lambda: rows.line(other))
    assert InvoiceLine.objects.count() == 3


def test_one_part_of_a_file_is_one_document_of_a_kind() -> None:
    bytes_ = rows.content()
    rows.document(content=bytes_, part="7")
    assert refused(lambda: rows.document(content=bytes_, part="7"), "coordination_document_once")
    assert accepted(lambda: rows.document(content=bytes_, part="8"))
    assert accepted(lambda: rows.document(content=bytes_, part="7", kind="order"))


def test_the_same_finding_holds_an_invoice_once_at_a_time() -> None:
    row = rows.invoice()
    first = rows.hold(row, fingerprint="f" * 64, status="waiting")
    assert refused(lambda: rows.hold(row, fingerprint="f" * 64), "coordination_hold_once")
    assert accepted(lambda: rows.hold(row, fingerprint="e" * 64))
    assert accepted(lambda: rows.hold(rows.invoice(), fingerprint="f" * 64))
    type(first).objects.filter(pk=first.pk).update(status="released")
    assert accepted(lambda: rows.hold(row, fingerprint="f" * 64))  # it may come back


def test_an_agent_has_one_task_on_an_invoice() -> None:
    row = rows.invoice()
    rows.task(row)
    assert refused(lambda: rows.task(row), "coordination_task_once")
    assert accepted(lambda: rows.task(row, agent="finance.payment"))


def test_an_agent_decides_once_on_one_version_of_an_invoice() -> None:
    row = rows.invoice()
    rows.decision(row)
    assert refused(lambda: rows.decision(row), "coordination_decision_version")
    assert accepted(lambda: rows.decision(row, state_version=2))
    assert accepted(lambda: rows.decision(row, agent="finance.payment"))


def test_an_order_names_a_line_once() -> None:
    one = rows.order()
    rows.order_line(one)
    assert refused(lambda: rows.order_line(one, position=2), "coordination_orderline_once")
    assert accepted(lambda: rows.order_line(one, line="20"))


def test_a_line_is_booked_once() -> None:
    row = rows.invoice()
    rows.coding(row)
    assert refused(lambda: rows.coding(row, account="4900"), "coordination_coding_once")
    assert accepted(lambda: rows.coding(row, position=2))


def test_one_policy_is_in_force() -> None:
    """The first one is, from the beginning."""
    assert refused(lambda: rows.policy(status="active"), "coordination_one_active_policy")
    for status in ("draft", "tested", "retired"):
        assert accepted(lambda status=status: rows.policy(status=status))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("status", "rule"),
    [("verified", "coordination_one_verified_account"), ("proposed", "coordination_one_proposed_account")],
)
def test_a_vendor_has_one_account_that_is_paid_and_one_that_is_proposed(status: str, rule: str) -> None:
    whose = rows.vendor()
    rows.account(vendor=whose, status=status)
    assert refused(lambda: rows.account(vendor=whose, status=status), rule)
    assert accepted(lambda: rows.account(status=status))
    for over in ("retired", "refused", "superseded", "retired"):
        assert accepted(lambda over=over: rows.account(vendor=whose, status=over))  # type: ignore[misc]


def test_a_currency_has_one_rate_a_day() -> None:
    def rate(**changes: Any) -> Rate:
        plain = {"on": rows.DAY, "currency": "KWD", "per_eur": Decimal("0.33")}
        return rows.made(Rate, **plain | changes)

    rate()
    assert refused(lambda: rate(per_eur=Decimal("0.34")), "coordination_rate_once")
    assert accepted(lambda: rate(currency="JPY", per_eur=Decimal("160")))


@pytest.mark.parametrize(
    ("same", "rule"),
    [
        ("series", "coordination_one_active_map"),
        ("signature", "coordination_one_map_per_table"),
        ("name", "coordination_one_map_per_name"),
    ],
)
def test_of_maps_in_force_none_is_a_second_for_the_same(same: str, rule: str) -> None:
    first = rows.table_map(status="active")
    again = {same: getattr(first, same), "revision": 2}
    assert refused(lambda: rows.table_map(status="active", **again), rule)
    assert accepted(lambda: rows.table_map(status="proposed", **again))


def test_a_version_of_a_map_has_a_number_of_its_own() -> None:
    rows.table_map(series=SERIES)
    assert refused(lambda: rows.table_map(series=SERIES), "coordination_map_revision")
    assert accepted(lambda: rows.table_map(series=SERIES, revision=2))


def test_one_legal_hold_stands_on_one_thing_and_may_be_set_anew() -> None:
    def keep(**changes: Any) -> LegalHold:
        plain = {"subject": "invoice/1", "reason": "lawsuit", "placed_by": ALICE, "placed_at": rows.AT}
        return rows.made(LegalHold, **plain | changes)

    first = keep()
    assert refused(keep, "coordination_one_legal_hold")
    assert accepted(lambda: keep(subject="invoice/2"))
    LegalHold.objects.filter(pk=first.pk).update(lifted_at=rows.AT)
    assert accepted(keep)


def test_an_agent_has_one_drill_at_a_time_and_its_share_is_one() -> None:
    def drill(**changes: Any) -> Drill:
        plain = {"agent": "a.b", "kind": "unsure", "share": "0.3", "seed": "s", "reason": "why"}
        return rows.made(Drill, **plain | {"started_by": ALICE, "started_at": rows.AT} | changes)

    first = drill()
    assert refused(drill, "coordination_one_drill")
    assert accepted(lambda: drill(agent="c.d"))
    Drill.objects.filter(pk=first.pk).update(ended_at=rows.AT)
    assert accepted(drill)
    assert refused(lambda: drill(agent="e.f", share="0"), "coordination_drill_share")
    assert refused(lambda: drill(agent="e.f", share="1.001"), "coordination_drill_share")


def test_a_statement_is_taken_in_once_and_its_lines_have_places() -> None:
    one = rows.statement()
    assert refused(lambda: rows.statement(digest=one.digest), "coordination_statement_once")
    rows.made(StatementLine, statement=one, position=1)
    assert refused(
        lambda: rows.made(StatementLine, statement=one, position=1), "coordination_statementline_once"
    )
    assert accepted(lambda: rows.made(StatementLine, statement=one, position=2))


def test_a_person_keeps_one_search_under_one_name() -> None:
    alice, bob = User.objects.create_user("alice"), User.objects.create_user("bob")
    rows.made(SavedSearch, user=alice, name="Late", query="a")
    assert refused(
        lambda: rows.made(SavedSearch, user=alice, name="Late", query="b"), "coordination_search_name"
    )
    assert accepted(lambda: rows.made(SavedSearch, user=bob, name="Late", query="a"))


# --- money --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["proposed", "approved", "exported", "paid"])
def test_an_invoice_is_paid_by_one_live_payment(status: str) -> None:
    row = rows.invoice()
    rows.payment(row, status=status)
    assert refused(lambda: rows.payment(row), "coordination_one_live_payment")
    assert accepted(lambda: rows.payment(rows.invoice()))


@pytest.mark.parametrize("status", ["refused", "cancelled"])
def test_what_pays_nothing_stands_in_no_payments_way(status: str) -> None:
    row = rows.invoice()
    rows.payment(row, status=status)
    assert accepted(lambda: rows.payment(row, status=status))
    assert accepted(lambda: rows.payment(row))


def test_each_part_of_an_invoice_is_paid_once() -> None:
    row = rows.invoice()
    rows.payment(row, part=1)
    assert refused(lambda: rows.payment(row, part=1), "coordination_one_live_payment")
    assert accepted(lambda: rows.payment(row, part=2))


@pytest.mark.parametrize("amount", [Decimal(0), -CENT])
def test_a_payment_pays_something(amount: Decimal) -> None:
    assert refused(lambda: rows.payment(rows.invoice(), amount=amount), "coordination_payment_positive")
    assert accepted(lambda: rows.payment(rows.invoice(), amount=CENT))


@pytest.mark.parametrize(
    ("returned", "may"),
    [(None, True), ("0.00", False), ("-0.01", False), ("0.01", True), ("1190.00", True), ("1190.01", False)],
)
def test_between_a_cent_and_all_of_a_payment_may_come_back(returned: str | None, may: bool) -> None:
    back = None if returned is None else Decimal(returned)
    if may:
        assert accepted(lambda: rows.payment(rows.invoice(), returned=back))
    else:
        assert refused(lambda: rows.payment(rows.invoice(), returned=back), "coordination_payment_returned")


def test_nobody_approves_the_run_that_they_proposed() -> None:
    assert refused(lambda: rows.run(proposed_by=ALICE, approved_by=ALICE), "coordination_batch_four_eyes")
    assert accepted(lambda: rows.run(proposed_by=ALICE, approved_by=BOB))
    assert accepted(lambda: rows.run(proposed_by="", approved_by=""))


@pytest.mark.parametrize(
    ("status", "decided_by", "may"),
    [
        ("proposed", "", True),
        ("confirmed", BOB, True),
        ("confirmed", ALICE, False),  # who stated it
        ("confirmed", "", False),
        ("refused", ALICE, True),  # to take one's own word back needs nobody else
    ],
)
def test_what_was_paid_elsewhere_is_confirmed_by_another(status: str, decided_by: str, may: bool) -> None:
    def state() -> models.Model:
        return rows.elsewhere(rows.invoice(), status=status, decided_by=decided_by)

    assert accepted(state) if may else refused(state, "coordination_elsewhere_four_eyes")


def test_an_invoice_is_said_to_be_paid_elsewhere_once() -> None:
    row = rows.invoice()
    rows.elsewhere(row, status="confirmed", decided_by=BOB)
    assert refused(lambda: rows.elsewhere(row), "coordination_paid_elsewhere_once")
    assert accepted(lambda: rows.elsewhere(row, status="refused"))


@pytest.mark.parametrize("amount", [Decimal(0), -CENT])
def test_what_was_paid_elsewhere_is_something(amount: Decimal) -> None:
    assert refused(lambda: rows.elsewhere(rows.invoice(), amount=amount), "coordination_elsewhere_positive")
    assert accepted(lambda: rows.elsewhere(rows.invoice(), amount=CENT))


def test_a_credit_is_taken_off_a_payment_once_and_by_something() -> None:
    paid, credit = rows.payment(rows.invoice()), rows.invoice(type="credit_note")

    def use(**changes: Any) -> CreditUse:
        return rows.made(CreditUse, **{"payment": paid, "credit": credit, "amount": CENT} | changes)

    assert refused(lambda: use(amount=Decimal(0)), "coordination_credituse_positive")
    use()
    assert refused(use, "coordination_credituse_once")
    assert accepted(lambda: use(credit=rows.invoice(type="credit_note")))


# --- people -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "by", "may"),
    [
        ("confirmed", ALICE, True),
        ("confirmed", "agent:finance.coding/1", False),
        ("confirmed", "system:intake", False),
        ("set", "agent:finance.coding/1", True),
        ("proposed", "agent:finance.coding/1", True),
    ],
)
def test_only_a_person_confirms_where_a_line_is_booked(status: str, by: str, may: bool) -> None:
    def book() -> models.Model:
        return rows.coding(rows.invoice(), status=status, by=by)

    assert accepted(book) if may else refused(book, "coordination_coding_people")


def test_a_line_is_booked_on_some_account() -> None:
    assert refused(lambda: rows.coding(rows.invoice(), account=""), "coordination_coding_account")
    assert refused(
        lambda: rows.example(account="", document=rows.document()), "coordination_codingexample_account"
    )


def test_an_example_of_booking_is_of_a_file_or_of_a_line_and_never_of_both() -> None:
    paper, row = rows.document(), rows.invoice()
    rule = "coordination_codingexample_origin"
    assert accepted(lambda: rows.example(document=paper))
    assert accepted(lambda: rows.example(invoice=row, position=1))
    assert refused(rows.example, rule)
    assert refused(lambda: rows.example(document=paper, invoice=row, position=1), rule)
    assert refused(lambda: rows.example(invoice=row), rule)  # which of its lines?
    assert refused(lambda: rows.example(document=paper, position=1), rule)


def test_what_an_agent_proposed_is_no_example() -> None:
    agent = "agent:finance.coding/1"
    assert refused(
        lambda: rows.example(invoice=rows.invoice(), position=1, by=agent),
        "coordination_codingexample_people",
    )
    assert accepted(lambda: rows.example(document=rows.document(), by="system:intake"))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"actor": ""}, "coordination_decision_actor"), ({"policy": ""}, "coordination_decision_policy")],
)
def test_a_decision_names_who_made_it_and_under_which_policy(changes: dict[str, Any], rule: str) -> None:
    assert refused(lambda: rows.decision(rows.invoice(), **changes), rule)


# --- states and measures ------------------------------------------------------------------------------------

UNHEARD: dict[str, Make] = {
    "coordination_invoice_state": lambda: rows.invoice(state="lost"),
    "coordination_invoice_lane": lambda: rows.invoice(lane="fast"),
    "coordination_hold_status": lambda: rows.hold(rows.invoice(), status="closed"),
    "coordination_order_status": lambda: rows.order(status="late"),
    "coordination_vendor_status": lambda: rows.vendor(status="new"),
    "coordination_coding_status": lambda: rows.coding(rows.invoice(), status="guessed"),
    "coordination_statement_status": lambda: rows.statement(status="lost"),
    "coordination_sample_method": lambda: rows.sample(method="hunch"),
    "coordination_sample_size": lambda: rows.sample(size=0),
    "reviews_escalation_status": lambda: rows.question(status="lost"),
    "reviews_escalation_quorum": lambda: rows.question(quorum=0),
}


@pytest.mark.parametrize("rule", UNHEARD)
def test_a_state_that_nobody_knows_is_no_state(rule: str) -> None:
    assert refused(UNHEARD[rule], rule)


def test_a_result_of_a_sample_is_right_wrong_or_not_found() -> None:
    of, row = rows.sample(), rows.invoice()

    def found(outcome: str) -> SampleResult:
        return rows.made(SampleResult, sample=of, invoice=row, outcome=outcome, by="human:5", at=rows.AT)

    assert refused(lambda: found("maybe"), "coordination_result_outcome")
    for outcome in ("right", "wrong", "not_found", "right"):  # the latest counts, earlier ones stay
        assert accepted(lambda outcome=outcome: found(outcome))  # type: ignore[misc]


@pytest.mark.parametrize("factor", ["0", "-1"])
def test_a_unit_is_some_of_another(factor: str) -> None:
    paper = rows.document(kind="conversions")

    def declare(value: str) -> UnitConversion:
        return rows.made(
            UnitConversion, unit="BX", per="EA", factor=Decimal(value), document=paper, declared_at=rows.AT
        )

    assert refused(lambda: declare(factor), "coordination_conversion_positive")
    assert accepted(lambda: declare("0.0000000001"))


# --- nothing is taken from under another --------------------------------------------------------------------


@pytest.mark.parametrize(
    "owner",
    [
        lambda row: row.document,
        lambda row: row.document.content,
        lambda row: rows.hold(row).invoice,
        lambda row: rows.payment(row).batch,
        lambda row: rows.payment(row).vendor,
        lambda row: rows.decision(row).invoice,
        lambda row: rows.coding(row).invoice,
    ],
    ids=["document", "bytes", "held invoice", "run", "paid vendor", "decided invoice", "booked invoice"],
)
def test_what_others_refer_to_is_not_deleted(owner: Callable[[Any], models.Model]) -> None:
    with pytest.raises(models.ProtectedError):
        owner(rows.invoice()).delete()
