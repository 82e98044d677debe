"""Made-up trades as separate documents, to be taken in in any order: orders and their changes, receipts,
invoices that share order lines, credits on one invoice, duplicates, splits, advances, debit notes, corrected
invoices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from coordination.facts import documents
from coordination.models import Decision, Hold, Invoice
from coordination.services.intake import take_in
from coordination.translation.canonical import Order, OrderLine
from coordination.world import ubl, ubl_orders
from tests import cast
from tests.cast import bill, days_ago, order, receipt, table, vendor
from tests.decisions import papers

PRICE = Decimal("10.00")
Document = tuple[str, bytes]


@dataclass(frozen=True)
class Trade:
    """Documents, in an order in which a company might get them."""

    documents: tuple[Document, ...]


def of(kind: str, name: str, *rows: cast.Row) -> Document:
    return f"{kind}-{name}.csv", table(kind, *rows)


def changed(number: str, line: str, quantity: int, sequence: int) -> Document:
    """A UBL OrderChange of one line's quantity."""
    new = OrderLine(
        line=line,
        item="A-1",
        description="Bolt M8",
        quantity=Decimal(quantity),
        unit="EA",
        price=PRICE,
        net=PRICE * quantity,
        tax_rate=Decimal(19),
        status="changed",
    )
    message = Order(
        number=number,
        message="change",
        currency="EUR",
        lines=(new,),
        message_id=f"{number}-C{sequence}",
        sequence=str(sequence),
    )
    return f"change-{number}-{sequence}.xml", ubl.as_bytes(ubl_orders.order(message))


@st.composite
def trades(draw: st.DrawFn, most_invoices: int = 6) -> Trade:
    """One vendor or two, one or two orders of one to three lines, and what comes of them."""
    found: list[Document] = [of("vendors", "1", vendor())]
    if draw(st.booleans()):
        found.append(
            of("vendors", "2", vendor(vendor_id="V-2", name="Nowak", vat_id="PL5260001246", iban=""))
        )
    lines = {f"PO-{n}": draw(st.integers(1, 3)) for n in range(1, draw(st.integers(1, 2)) + 1)}
    for number, count in lines.items():
        rows = [
            order(
                order_number=number, line=str(10 * n), quantity=str(draw(QUANTITY)), order_date=days_ago(25)
            )
            for n in range(1, count + 1)
        ]
        found.append(of("orders", number, *rows))
        for sequence in range(1, draw(st.integers(0, 2)) + 1):
            found.append(changed(number, "10", draw(QUANTITY), sequence))
    places = [(number, str(10 * n)) for number, count in lines.items() for n in range(1, count + 1)]
    for n in range(draw(st.integers(0, 4))):
        number, line = draw(st.sampled_from(places))
        row = receipt(
            receipt_number=f"GR-{n}",
            order_number=number,
            order_line=line,
            quantity=str(draw(QUANTITY)),
            received_date=days_ago(18),
        )
        found.append(of("receipts", str(n), row))
    found += draw(invoices(places, most_invoices))
    return Trade(tuple(found))


QUANTITY = st.sampled_from([5, 10, 50, 100])
PRICES = st.sampled_from(["10.00", "10.00", "10.00", "9.00", "13.00"])
NUMBERS = ("RE-1001", "RE-1010", "RE-2207", "RE-2207A", "LS/88", "4711-X", "F-930", "GT 55")
"""Some of them resemble each other."""


@st.composite
def invoices(draw: st.DrawFn, places: Sequence[tuple[str, str]], most: int) -> list[Document]:
    found, numbers = [], draw(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=most, unique=True))
    flavour = draw(st.sampled_from(["mixed", "mixed", "one sum", "just under a threshold"]))
    for number in numbers:
        place, line = draw(st.sampled_from([*places, ("PO-404", "10"), ("PO-1", "")]))
        big = flavour == "just under a threshold"
        found.append(
            of(
                "invoices",
                number,
                bill(
                    invoice_number=number,
                    order_number=place,
                    order_line=line,
                    quantity="750" if big else "10" if flavour == "one sum" else str(draw(QUANTITY)),
                    unit_price="10.00" if flavour == "one sum" else draw(PRICES),
                    issue_date=days_ago(draw(st.integers(11, 16))),
                    due_date=days_ago(-20),
                ),
            )
        )
    for n in range(draw(st.integers(0, 4))):  # several credits on one invoice among them
        credited = draw(st.sampled_from(numbers[:2]))
        place, line = draw(st.sampled_from(places))
        found.append(
            of(
                "invoices",
                f"CN-{n}",
                bill(
                    invoice_number=f"CN-{n}{n * 37}",
                    type="credit_note",
                    order_number=place,
                    order_line=line,
                    quantity=str(draw(QUANTITY)),
                    unit_price=draw(st.sampled_from(["10.00", "10.00", "9.00", "0.40"])),
                    issue_date=days_ago(draw(st.integers(8, 12))),
                    due_date=days_ago(-20),
                    preceding_invoice=credited,
                ),
            )
        )
    return found + draw(st.lists(papers_about(numbers), max_size=3, unique_by=lambda document: document[0]))


@st.composite
def papers_about(draw: st.DrawFn, numbers: Sequence[str]) -> Document:
    """An advance on PO-1 and what deducts it, a debit note, a corrected invoice of one of these numbers."""
    code = draw(st.sampled_from(["380", "383", "384", "386"]))
    quantity = draw(st.sampled_from(["10", "50", "-5"])) if code == "384" else "10"
    lines = [papers.Line(quantity, draw(st.sampled_from(["10.00", "8.00", "0.40"])))]
    if code == "384":
        lines.append(papers.Line("10", "10.00"))
    paper = papers.Paper(
        f"P{code}",
        code,
        tuple(lines),
        ("P386",) if code == "380" else (draw(st.sampled_from(numbers)),),
        prepaid="23.80" if code == "380" else "0",
        day=days_ago(draw(st.integers(8, 16))),
    )
    return f"{paper.number}.xml", papers.ubl(paper)


Standing = dict[str, tuple[str, str, tuple[tuple[object, ...], ...]]]


def run(portions: Sequence[Sequence[Document]], *, once: bool = False) -> Standing:
    """Take the portions in, drain after each or `once` at the end; how every invoice stands then."""
    documents.clear_cache()
    for portion in portions:
        if portion:
            take_in(portion, actor="system:intake", source="test")
        if not once:
            cast.drain()
    cast.drain()
    return stands()


def stands() -> Standing:
    """State, lane and live holds of every invoice, by its number."""
    holds: dict[object, list[tuple[object, ...]]] = {}
    for h in Hold.objects.live():
        finding = (h.code, h.line or 0, h.status, h.detail.get("expected", ""), h.detail.get("found", ""))
        holds.setdefault(h.invoice_id, []).append(finding)
    return {
        row.number: (row.state, row.lane, tuple(sorted(holds.get(row.id, ()))))
        for row in Invoice.objects.all()
    }


def most_on_one_fact() -> int:
    """The most decisions that were made on one invoice and one fact from outside."""
    found = Counter(Decision.objects.values_list("invoice", "fact"))
    return max(found.values(), default=0)
