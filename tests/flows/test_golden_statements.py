"""Golden cases 1 and 10: statements that nobody here wrote, against the books that belong to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from coordination.agents.statement_facts import OurPayment
from coordination.agents.statement_reconciliation import reconcile
from coordination.models import Statement
from coordination.services.statements import books
from coordination.services.statements.reconciling import as_stated
from reviews.models import Escalation
from tests import cast
from tests.cast import table, vendor

from .test_golden import BASIC, CONSORTIAL, TRADE

pytestmark = [pytest.mark.django_db, pytest.mark.golden]


def take(folder: Path, *names: str, seller: cast.Row) -> Statement:
    """The vendor, then documents of a folder; the one statement among them."""
    files = [("vendors.csv", table("vendors", seller))]
    files += [(name, (folder / name).read_bytes()) for name in names]
    cast.intake(files, actor="system:intake")
    cast.drain()
    cast.assert_sound()
    return Statement.objects.get()


# --- 1. the OASIS trade ----------------------------------------------------------------------------


def test_the_oasis_statement_differs_by_the_payment_we_did_not_make(shared_data: Path) -> None:
    found = take(shared_data / "oasis-ubl-2.3", *TRADE, seller=CONSORTIAL)
    line = found.lines.get()
    assert (found.number, found.balance) == ("JUL2005-07758990", Decimal("-107.50"))
    assert (line.reference, line.kind, line.amount, line.ours) == (
        "CN758494",
        "unapplied_credit",
        Decimal("-107.50"),
        Decimal("-107.50"),
    )
    assert "held: totals do not add up" in line.sentence
    assert (found.their_sum, found.our_balance, found.contradictions) == (Decimal("-107.50"), 0, [])
    [own] = found.own
    assert (own["number"], own["amount"]) == ("A00095678", "107.5")
    question = Escalation.objects.get(subject=found.subject, status="open")
    assert {r["code"] for r in question.reasons} == {"unapplied_credit", "not_on_statement"}


def test_had_we_paid_the_oasis_invoice_the_statement_would_agree_with_our_books(shared_data: Path) -> None:
    found = take(shared_data / "oasis-ubl-2.3", *TRADE, seller=CONSORTIAL)
    assert found.vendor_id is not None
    stated = as_stated(found, list(found.lines.order_by("position")))
    known = books.load_books(found.vendor_id, stated)
    payment = OurPayment("pay", 1, Decimal("107.50"), Decimal(0), "paid", date(2005, 6, 22))
    paid = [d if d.is_credit else replace(d, state="paid", payment=payment) for d in known]
    result = reconcile(stated, paid)
    assert result.their_sum == result.our_balance == Decimal("-107.50")
    assert (result.own, result.lines[0].difference) == ((), 0)


def test_the_oasis_statement_alone_is_one_of_nobody(shared_data: Path) -> None:
    found = take(shared_data / "oasis-ubl-2.3", "UBL-Statement-2.0-Example.xml", seller=BASIC)
    assert (found.vendor, found.status) == (None, "open")
    assert [r["code"] for r in Escalation.objects.get(kind="statement").reasons] == ["supplier_unknown"]


# --- 10. the letter O ------------------------------------------------------------------------------

SELLER = vendor(name="Statement party", vat_id="DK73624570", iban="", country="DK", currency="DKK")


def test_a_letter_o_is_offered_as_a_zero_and_the_total_is_contradicted(shared_data: Path) -> None:
    folder = shared_data / "oioubl-dk" / "Statement"
    found = take(folder, "StatementStor_v2p2.xml", seller=SELLER)
    lines = list(found.lines.order_by("position"))
    assert [(x.reference, x.amount) for x in lines] == [
        ("A000956O7", Decimal(500)),
        ("A00095678", Decimal(4000)),
        ("A00095678", Decimal(7200)),
    ]
    assert [x.kind for x in lines] == ["unmatched", "missing_invoice", "missing_invoice"]
    assert lines[0].suggestions[0]["number"] == "A00095607"
    assert lines[0].invoice is None
    told = {c["what"]: (c["stated"], c["computed"]) for c in found.contradictions}
    assert told["debits"] == ("500", "11700")
    question = Escalation.objects.get(subject=found.subject)
    assert {"unmatched", "missing_invoice", "totals_unbalanced"} == {r["code"] for r in question.reasons}


def test_an_invoice_read_with_a_zero_is_offered_and_never_joined(shared_data: Path) -> None:
    folder = shared_data / "oioubl-dk" / "Statement"
    found = take(folder, "StatementStor_v2p2.xml", seller=SELLER)
    claim = {"currency": "DKK", "iban": "", "quantity": "1", "unit_price": "500.00", "tax_rate": "0"}
    cast.take_in(
        table(
            "invoices",
            cast.bill(invoice_number="A00095607", **claim),
            cast.bill(invoice_number="A00095678", **(claim | {"unit_price": "11200.00"})),
        )
    )
    cast.drain()
    lines = list(found.lines.order_by("position"))
    assert [x.kind for x in lines] == [
        "unmatched",
        "matched",
        "matched",
    ]  # two lines that make up one invoice
    assert lines[0].invoice is None
    [offered] = lines[0].suggestions
    assert (offered["number"], offered["why"]) == ("A00095607", "similar number, same amount")
    assert offered["document"] == str(cast.invoice("A00095607").id)
    cast.assert_sound()
