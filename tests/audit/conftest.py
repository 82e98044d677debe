"""A house with one row at least in every guarded table, built once per module and rolled back after it."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from audit import ledger, trail
from audit.ids import new_id
from coordination.models import AllowanceCharge, BankAccount, SuppliedFact
from coordination.services import payments
from tests import cast
from tests.audit.furniture import furnish_rest
from tests.cast import Cast, bill, order, receipt, table


def furnish() -> Cast:
    """One invoice in an approved payment run, one held and asked about, one not looked at yet; a change of
    account proposed; a file in quarantine."""
    people = cast.people()
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", order_number="PO-2", unit_price="12.00"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    [batch] = payments.propose("human:900").batches
    payments.approve(batch.number, by=people.carol)
    charge = AllowanceCharge(id=new_id(), invoice=cast.invoice(), charge=True, amount=1)
    trail.insert_facts([charge])
    supplied = SuppliedFact(
        id=new_id(),
        invoice=cast.invoice(),
        field="due_date",
        number=1,
        value="2026-10-05",
        question=new_id(),
        by="human:900",
        at=cast.moment(),
    )
    facts = [{"field": "due_date", "number": "1", "value": "2026-10-05", "was": ""}]
    data = {"facts": facts, "question": str(supplied.question)}
    subject = cast.invoice().subject
    with transaction.atomic():
        trail.insert_facts([supplied])
        ledger.append([ledger.Event(subject, "fact.supplied", supplied.by, supplied.at, data, [])])
    cast.take_in(
        table("vendors", cast.vendor(iban=cast.OTHER_IBAN)),
        table("invoices", bill(invoice_number="INV-3", order_number="PO-3")),
        b"<not-xml",
    )
    furnish_rest()
    assert cast.question("INV-2").kind == "invoice"
    assert BankAccount.objects.filter(status="proposed").exists()
    return people


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    with django_db_blocker.unblock(), transaction.atomic():
        people = furnish()
        connection.check_constraints()
        yield people
        transaction.set_rollback(True)
