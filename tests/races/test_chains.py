"""Two workers whose chains are open at one time, and facts that come in the middle of a chain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection

from coordination.agents import REGISTRY
from coordination.agents.finance_payment import FinancePayment
from coordination.agents.procurement_matching import ProcurementMatching
from coordination.decisions import changes, runner
from coordination.domain.facts import Snapshot
from coordination.domain.proposal import Proposal
from coordination.models import Invalidation, OrderName, Task
from coordination.services.intake import Report
from tests import cast
from tests.cast import intake, order, receipt, standing, table, take_in, vendor
from tests.races.together import together
from tests.translation.make import LINE, TAX, TOTALS, invoice_xml

pytestmark = pytest.mark.django_db(transaction=True)


def billed(number: str, day: str, quantity: int, names: str) -> bytes:
    """So many nails at 10.00, on an invoice that names no order but `names`."""
    net, tax = quantity * 10, quantity * 19 / 10
    figures = {">100.00<": f">{net}.00<", ">119.00<": f">{net + tax:.2f}<", ">19.00<": f">{tax:.2f}<"}

    def scaled(text: str) -> str:
        for amount, new in figures.items():
            text = text.replace(amount, new)
        return text

    line = LINE.replace("<cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>", "")
    line = line.replace('unitCode="C62">10<', f'unitCode="C62">{quantity}<')
    return invoice_xml(
        number=f"<cbc:ID>{number}</cbc:ID>",
        head=f"<cbc:IssueDate>{day}</cbc:IssueDate><cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>",
        references=names,
        tax=scaled(TAX),
        totals=scaled(TOTALS),
        lines=scaled(line),
    )


GOODS = "<cac:ReceiptDocumentReference><cbc:ID>GR-1</cbc:ID></cac:ReceiptDocumentReference>"
SALE = "<cac:OrderReference><cbc:ID>NA</cbc:ID><cbc:SalesOrderID>SO-8</cbc:SalesOrderID></cac:OrderReference>"
ORDER = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"


def arrive(first: str, second: str) -> None:
    """10 nails ordered and received; INV-1 bills 10 of them, INV-2 another 8."""
    tables = [
        table("vendors", vendor(name="Nails and More")),
        table("orders", order(line="1", item="N-1", description="Nails", quantity="10", unit="C62")),
        table("receipts", receipt(order_line="1", quantity="10", unit="C62")),
    ]
    papers = [billed("INV-1", "2026-03-01", 10, first), billed("INV-2", "2026-04-01", 8, second)]
    intake(
        [*((f"{n}.csv", t) for n, t in enumerate(tables)), *((f"{n}.xml", p) for n, p in enumerate(papers))],
        actor="system:intake",
        source="test",
    )
    OrderName.objects.update(sales_key="SO8")
    while changes.process_changes():
        pass


@pytest.mark.parametrize(
    ("first", "second"), [(GOODS, GOODS), (ORDER, GOODS), (GOODS, ORDER), (ORDER, ORDER)]
)
def test_two_that_are_matched_at_one_time_come_to_what_they_come_to_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, first: str, second: str
) -> None:
    """Who was led to the order by a receipt is found by its allocations alone, which nobody else sees yet."""
    arrive(first, second)
    both, propose = Barrier(2), ProcurementMatching.propose

    def answered(self: Any, snapshot: Snapshot) -> Proposal:
        with suppress(BrokenBarrierError):
            both.wait(timeout=5)
        return propose(self, snapshot)

    with monkeypatch.context() as patch:
        patch.setattr(ProcurementMatching, "propose", answered)
        outcomes = together(*[partial(runner.run, REGISTRY["finance.validation"], 1)] * 2)
    assert outcomes == [1, 1]
    cast.drain()
    assert standing("INV-1") == ("cleared", "auto", [])
    assert standing("INV-2") == ("validated", "escalated", ["qty_over_ordered", "qty_over_received"])
    assert (Task.objects.count(), Invalidation.objects.count()) == (0, 0)
    assert cast.drain().decisions == 0
    cast.assert_sound()


def test_a_receipt_that_is_replaced_meanwhile_is_heard_of_by_who_was_led_to_its_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It comes while the release is ruled on, after the delivery was confirmed."""
    arrive(SALE, "")
    propose = FinancePayment.propose
    came: list[Report] = []

    def answered(self: Any, snapshot: Snapshot) -> Proposal:
        if not came:
            with ThreadPoolExecutor(1) as elsewhere:
                came.append(elsewhere.submit(fewer).result())
        return propose(self, snapshot)

    monkeypatch.setattr(FinancePayment, "propose", answered)
    cast.drain()
    assert [x.result for report in came for x in report.lines] == ["accepted"]
    assert standing("INV-1") == ("matched", "escalated", ["qty_not_accepted"])


def fewer() -> Report:
    """Only 2 nails were accepted after all."""
    try:
        return take_in(table("receipts", receipt(order_line="1", quantity="10", accepted="2", unit="C62")))
    finally:
        connection.close()
