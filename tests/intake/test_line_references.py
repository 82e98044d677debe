"""Lines that name their own order, despatch or receipt; order messages of EDIFACT; self-billed invoices:
taken in, decided."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from coordination.facts import makers
from coordination.models import Allocation, Delivery, Hold, Order, Receipt
from tests import cast
from tests.cast import intake, order, receipt, standing, table, vendor
from tests.decisions.test_trade_flows import delivered, on_consignment, sells, takes
from tests.translation import edifacts
from tests.translation.make import LINE, TAX, TOTALS, document, invoice_xml
from tests.translation.test_edifact_orders import ANSWER, CHANGE
from tests.translation.test_editions import collected_ubl
from tests.translation.test_ubl_roots import made

pytestmark = pytest.mark.django_db

BOLTS: dict[str, Any] = {"quantity": "10", "unit": "C62", "unit_price": "10.00", "order_date": "2026-02-01"}


def ordered(number: str, line: str = "10", item: str = "A-1") -> dict[str, Any]:
    return dict(order(order_number=number, line=line, item=item, description="Any", **BOLTS))


def arrived(number: str, of: str, line: str = "10", quantity: str = "10", **changes: Any) -> dict[str, Any]:
    row = {
        "receipt_number": number,
        "order_number": of,
        "order_line": line,
        "quantity": quantity,
        "unit": "C62",
    }
    return dict(receipt(**(row | {"received_date": "2026-02-20"} | changes)))


def despatch(number: str, of: str, line: str = "10") -> bytes:
    """The seller's announcement; its only line is 7."""
    reference = f"<cac:OrderReference><cbc:ID>{of}</cbc:ID></cac:OrderReference>"
    row = (
        '<cac:DespatchLine><cbc:ID>7</cbc:ID><cbc:DeliveredQuantity unitCode="C62">10</cbc:DeliveredQuantity>'
        f"<cac:OrderLineReference><cbc:LineID>{line}</cbc:LineID>{reference}</cac:OrderLineReference><cac:Item/></cac:DespatchLine>"
    )
    return document(
        "DespatchAdvice", f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-02-18</cbc:IssueDate>{row}"
    )


def received(number: str, despatch: str, of: str, line: str = "10") -> bytes:
    """Our own receipt of a despatch."""
    row = (
        '<cac:ReceiptLine><cbc:ID>1</cbc:ID><cbc:ReceivedQuantity unitCode="C62">10</cbc:ReceivedQuantity>'
        f"<cbc:ReceivedDate>2026-02-20</cbc:ReceivedDate><cac:OrderLineReference><cbc:LineID>{line}</cbc:LineID><cac:OrderReference>"
        f"<cbc:ID>{of}</cbc:ID></cac:OrderReference></cac:OrderLineReference><cac:Item/></cac:ReceiptLine>"
    )
    head = f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>2026-02-20</cbc:IssueDate>"
    return document(
        "ReceiptAdvice",
        f"{head}<cac:DespatchDocumentReference><cbc:ID>{despatch}</cbc:ID></cac:DespatchDocumentReference>{row}",
    )


def billed(*references: str, header: str = "", more: str = "") -> bytes:
    """An invoice of 10 at 10.00 on each line, whose lines say nothing of their goods but what they name."""
    bare = LINE.replace("<cbc:ID>N-1</cbc:ID>", "").replace("<cbc:Name>Nails</cbc:Name>", "")
    old = "<cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>"
    lines = "".join(
        bare.replace(old, one).replace("<cbc:ID>1</cbc:ID>", f"<cbc:ID>{n}</cbc:ID>")
        for n, one in enumerate(references, 1)
    )
    times = len(references)
    figures = {"100.00": f"{100 * times}.00", "119.00": f"{119 * times}.00", "19.00": f"{19 * times}.00"}

    def scaled(text: str) -> str:
        for amount, new in figures.items():
            text = text.replace(f">{amount}<", f">{new}<")
        return text

    order_reference = f"<cac:OrderReference><cbc:ID>{header}</cbc:ID></cac:OrderReference>" if header else ""
    return invoice_xml(references=order_reference + more, tax=scaled(TAX), totals=scaled(TOTALS), lines=lines)


def names(kind: str, number: str, line: str = "None") -> str:
    inside = f"<cac:DocumentReference><cbc:ID>{number}</cbc:ID></cac:DocumentReference>"
    return f"<cac:{kind}LineReference><cbc:LineID>{line}</cbc:LineID>{inside}</cac:{kind}LineReference>"


def paired() -> dict[int, tuple[str, str]]:
    return {
        a.position: (a.order_line.order.number, a.order_line.line)
        for a in Allocation.objects.select_related("order_line__order").order_by("matching")
    }


def covering() -> dict[int, set[str]]:
    newest = Delivery.objects.order_by("-facts_version").first()
    found: dict[int, set[str]] = {}
    for row in Delivery.objects.filter(facts_version=newest.facts_version if newest else 0).select_related(
        "receipt_line__receipt"
    ):
        found.setdefault(row.position, set()).add(row.receipt_line.receipt.number)
    return found


@pytest.mark.parametrize("line", ["None", "7"])
def test_each_line_of_a_collective_invoice_finds_the_order_of_its_despatch(line: str) -> None:
    takes(
        sells(),
        table("orders", ordered("PO-1"), ordered("PO-2")),
        despatch("DA-1", "PO-1"),
        despatch("DA-2", "PO-2"),
    )
    takes(table("receipts", arrived("GR-1", "PO-1"), arrived("GR-2", "PO-2")))
    takes(billed(names("Despatch", "DA-2", line), names("Despatch", "DA-1", line)))
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert paired() == {1: ("PO-2", "10"), 2: ("PO-1", "10")}
    assert covering() == {1: {"GR-2"}, 2: {"GR-1"}}
    cast.assert_sound()


@pytest.mark.parametrize(
    "sequence", [*permutations(["vendor", "orders", "despatch", "receipts", "invoice"])][::7], ids="-".join
)
def test_a_line_of_another_order_than_the_header_says_is_found_whatever_comes_last(
    sequence: tuple[str, ...],
) -> None:
    """The header says PO-1; line 2 names a despatch, which is of PO-2."""
    own = "<cac:OrderLineReference><cbc:LineID>10</cbc:LineID></cac:OrderLineReference>"
    files = {
        "vendor": sells(),
        "orders": table("orders", ordered("PO-1"), ordered("PO-2")),
        "despatch": despatch("DA-2", "PO-2"),
        "receipts": table("receipts", arrived("GR-1", "PO-1"), arrived("GR-2", "PO-2")),
        "invoice": billed(own, names("Despatch", "DA-2", "7"), header="PO-1"),
    }
    for name in sequence:
        takes(files[name])
        cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert paired() == {1: ("PO-1", "10"), 2: ("PO-2", "10")}


@pytest.mark.parametrize("late", [False, True])
def test_a_despatch_that_only_our_receipt_names_leads_to_the_order_as_well(late: bool) -> None:
    takes(sells(), table("orders", ordered("PO-1"), ordered("PO-1", "20", "A-2")))
    files = [received("GR-5", "DA-5", "PO-1", "20"), billed(names("Despatch", "DA-5", "3"))]
    for file in files[::-1] if late else files:
        takes(file)
        cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert paired() == {1: ("PO-1", "20")}
    assert Receipt.objects.get().despatch_key == "DA5"


def test_a_receipt_of_another_line_is_remarked_and_buys_nothing() -> None:
    """Line 10 was billed, what is named arrived for line 20: nothing of line 10 is here."""
    own = "<cac:OrderLineReference><cbc:LineID>10</cbc:LineID></cac:OrderLineReference>"
    takes(
        sells(),
        table("orders", ordered("PO-1"), ordered("PO-1", "20", "A-2")),
        table("receipts", arrived("GR-2", "PO-1", "20")),
    )
    takes(billed(own + names("Receipt", "GR-2"), header="PO-1"))
    cast.drain()
    assert standing()[2] == ["no_receipt"]


def test_the_order_of_another_vendor_is_not_led_to() -> None:
    theirs = ordered("PO-9") | {"vendor_id": "V-2"}
    takes(sells(), table("vendors", vendor(vendor_id="V-2", name="Nowak", vat_id="PL5260001246", iban="")))
    takes(table("orders", theirs), despatch("DA-9", "PO-9"), billed(names("Despatch", "DA-9", "7")))
    cast.drain()
    assert standing()[2] == ["no_po"]


def test_a_receipt_that_is_sent_again_for_another_line_leads_there() -> None:
    takes(sells(), table("orders", ordered("PO-1"), ordered("PO-1", "20", "A-2")))
    takes(received("GR-5", "DA-5", "PO-1", "10"), billed(names("Receipt", "GR-5", "1")))
    cast.drain()
    assert paired() == {1: ("PO-1", "10")}
    takes(received("GR-5", "DA-5", "PO-1", "20"))
    cast.drain()
    assert paired() == {1: ("PO-1", "20")}
    assert standing() == ("cleared", "auto", [])


def test_who_brought_the_despatch_that_leads_to_the_order_is_one_of_its_makers() -> None:
    alice = cast.people().alice
    takes(sells(), table("orders", ordered("PO-1")), billed(names("Despatch", "DA-1", "7")))
    intake([("da.xml", despatch("DA-1", "PO-1"))], actor=f"human:{alice.pk}", source="test")
    cast.drain()
    found = cast.invoice()
    assert [(b.kind, b.name) for b in makers.brought([found.id])[found.id]] == [("despatch", "DA-1")]


# --- order messages of EDIFACT ------------------------------------------------------------------------------


def message(segments: tuple[str, ...], kind: str) -> bytes:
    return edifacts.interchange(edifacts.message(segments, f"{kind}:D:01B:UN:EAN008"))


@pytest.mark.parametrize("sequence", [*permutations(["order", "change", "invoice"])], ids="-".join)
def test_a_change_in_edifact_takes_goods_out_of_the_order(sequence: tuple[str, ...]) -> None:
    """Ten were ordered and are billed, eight are left by the change."""
    takes(sells(), table("receipts", arrived("GR-1", "PO-1")))
    files = {
        "order": message(edifacts.ORDER, "ORDERS"),
        "change": message(CHANGE, "ORDCHG"),
        "invoice": edifacts.interchange(edifacts.message(edifacts.INVOICE)),
    }
    for name in sequence:
        takes(files[name])
        cast.drain()
    assert standing()[1:] == ("escalated", ["qty_over_ordered"])
    assert {x.line: (x.quantity, x.price) for x in Order.objects.get().lines.all()} == {
        "10": (8, 10),
        "20": (5, 2),
    }
    cast.assert_sound()


@pytest.mark.parametrize(
    ("function", "expected"),
    [("27", ("escalated", ["po_closed"])), ("29", ("auto", [])), ("4", ("auto", []))],
)
def test_an_answer_in_edifact_closes_the_order_or_leaves_it(
    function: str, expected: tuple[str, list[str]]
) -> None:
    takes(sells(), table("receipts", arrived("GR-1", "PO-1")), message(edifacts.ORDER, "ORDERS"))
    takes(message(edifacts.replaced(ANSWER, f"BGM+231+SA-77+{function}'"), "ORDRSP"))
    takes(edifacts.interchange(edifacts.message(edifacts.INVOICE)))
    cast.drain()
    assert standing()[1:] == expected
    assert Order.objects.get().sales_order == "SO-8"


# --- self-billed, and for others ----------------------------------------------------------------------------


def test_a_self_billed_invoice_is_judged_by_order_and_receipt_like_any_other() -> None:
    takes(sells(), table("orders", ordered("PO-1", "1", "N-1")), made("SelfBilledInvoice"))
    cast.drain()
    assert standing()[2] == ["no_receipt"]
    takes(delivered(quantity="9"))
    cast.drain()
    assert standing()[1:] == ("escalated", ["qty_over_received"])
    takes(delivered(quantity="10"))
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_goods_on_consignment_are_billed_by_ourselves() -> None:
    takes(sells(), on_consignment(), delivered(), made("SelfBilledInvoice"))
    cast.drain()
    assert standing() == ("cleared", "auto", [])


def test_what_is_collected_for_others_asks_before_it_is_paid() -> None:
    takes(sells(), table("orders", ordered("PO-1", "1", "N-1")), delivered(), collected_ubl())
    cast.drain()
    assert standing()[1:] == ("escalated", ["charge_unplanned"])
    assert "City tax for two nights" in Hold.objects.get().detail["sentence"]
    cast.assert_sound()
