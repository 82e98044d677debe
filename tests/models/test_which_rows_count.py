"""Which rows count: live holds and payments, open files, legal holds in force; and how writers lock them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coordination.models import (
    FINAL,
    LIVE,
    STATED,
    Hold,
    Invoice,
    LegalHold,
    PaidElsewhere,
    Payment,
    Quarantine,
    State,
    Vendor,
)

from . import rows

pytestmark = pytest.mark.django_db


def test_a_hold_is_live_until_it_is_released() -> None:
    row = rows.invoice()
    found = {status: rows.hold(row, status=status) for status in Hold.Status.values}
    live = {h.status for h in Hold.objects.live()}
    assert live == {"open", "waiting"}
    assert set(row.holds.live()) == {found["open"], found["waiting"]}  # of one invoice as well


def test_what_is_refused_or_cancelled_pays_nothing() -> None:
    for status in Payment.Status.values:
        rows.payment(rows.invoice(), status=status)
    assert {p.status for p in Payment.objects.live()} == {"proposed", "approved", "exported", "paid"}
    assert {p.status for p in Payment.objects.not_cancelled()} == set(Payment.Status.values) - {"cancelled"}


def test_every_status_of_a_payment_is_said_to_pay_or_not() -> None:
    """Whoever adds one has to say which."""
    assert set(Payment.Status.values) - set(LIVE) == {"refused", "cancelled"}
    assert set(LIVE) <= set(Payment.Status.values)
    assert set(PaidElsewhere.Status.values) - set(STATED) == {"refused"}


def test_agents_work_on_what_is_not_on_its_way_and_has_not_ended() -> None:
    assert set(State) - set(FINAL) == {
        State.RECEIVED,
        State.VALIDATED,
        State.MATCHED,
        State.DELIVERED,
        State.CLEARED,
    }


def test_a_file_is_in_quarantine_until_it_is_read_or_dismissed() -> None:
    for status in Quarantine.Status.values:
        rows.made(
            Quarantine,
            content=rows.content(),
            name=f"{status}.csv",
            code="malformed",
            error="the file ends",
            status=status,
            received_by=rows.SYSTEM,
            received_at=rows.AT,
        )
    assert [q.name for q in Quarantine.objects.open()] == ["open.csv"]


def test_a_legal_hold_is_in_force_until_it_is_lifted() -> None:
    for subject, lifted in (("invoice/1", None), ("invoice/2", rows.AT)):
        rows.made(
            LegalHold,
            subject=subject,
            reason="lawsuit",
            placed_by=rows.ALICE,
            placed_at=rows.AT,
            lifted_at=lifted,
        )
    assert [h.subject for h in LegalHold.objects.in_force()] == ["invoice/1"]


# --- locks --------------------------------------------------------------------------------------------------


def statement_of(make: Any) -> str:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        list(make())
    [only] = queries.captured_queries
    return str(only["sql"])


@pytest.mark.parametrize("model", [Invoice, Vendor], ids=["invoices", "vendors"])
def test_writers_take_rows_in_the_order_of_their_keys_whatever_order_was_asked_for(model: Any) -> None:
    made: list[Any] = [rows.invoice() if model is Invoice else rows.vendor() for _ in range(4)]
    found = [row.pk for row in model.objects.order_by("-pk").locked()]
    assert found == sorted(row.pk for row in made)


def test_a_lock_lets_others_refer_to_the_row_and_waits_unless_it_passes_on() -> None:
    waits = statement_of(Invoice.objects.locked)
    assert "FOR NO KEY UPDATE" in waits
    assert "SKIP LOCKED" not in waits
    passes = statement_of(lambda: Invoice.objects.locked(passing=True))
    assert "SKIP LOCKED" in passes


def test_a_lock_is_on_the_row_alone_and_not_on_what_is_read_with_it() -> None:
    rows.invoice(vendor=rows.vendor())
    sql = statement_of(lambda: Invoice.objects.select_related("vendor").locked())
    assert 'OF "coordination_invoice"' in sql
    assert 'OF "coordination_vendor"' not in sql


# --- what a row is about ------------------------------------------------------------------------------------


def test_a_row_with_a_history_of_its_own_is_a_subject() -> None:
    row, said, drawn, map_ = rows.invoice(), rows.statement(), rows.sample(), rows.table_map()
    assert row.subject == f"invoice/{row.pk}"
    assert said.subject == f"statement/{said.pk}"
    assert drawn.subject == f"sample/{drawn.pk}"
    assert map_.subject == f"map/{map_.series}"  # all versions are one
    assert rows.table_map(series=map_.series, revision=2).subject == map_.subject


def test_a_new_invoice_waits_for_its_first_agent() -> None:
    row = rows.invoice()
    assert (row.state, row.lane, row.version, row.facts_version) == ("received", "open", 1, 1)
    assert (row.answered, row.matching, row.order_numbers, row.preceding) == ([], 0, [], [])


def test_rows_made_one_after_the_other_have_keys_in_that_order() -> None:
    """Keys grow with time: lists end with them, and pages find what is new by them."""
    keys = [rows.invoice().pk for _ in range(5)]
    assert keys == sorted(keys)
    assert len(set(keys)) == 5
