"""Ordered, received and invoiced of each line, as the deciding agents read them: from the recorded input of
their newest decision, not from today's rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from audit.canonical import loads
from audit.models import Entry

from ..agents.operations_delivery import belongs
from ..decisions.replay import Library
from ..domain.amounts import counted, format_amount, ordered_price
from ..domain.facts import OrderFacts, OrderLineFacts, ReceiptLineFacts, Snapshot
from ..domain.hold_codes import CATALOGUE
from ..facts.documents import contents
from ..facts.serialization import decode
from ..models import Hold, Invoice
from ..reports.blocks import Grid
from ..translation.canonical import InvoiceLine

READERS = ("operations.delivery", "procurement.matching")
"""Agents whose recorded input has the orders; of equals the first has the receipts, too."""

MOST_LINES = 1000
HEADS = (
    "Line",
    "Description",
    "Order",
    "Ordered",
    "at",
    "Received",
    "Accepted",
    "Invoiced",
    "at",
    "Net",
    "Result",
)
WIDTHS = (5, 17, 11, 8, 9, 8, 8, 8, 9, 10, 14)
COLUMN = {"invoiced_price": 8, "invoiced_quantity": 7, "received": 5, "ordered": 3}


@dataclass(frozen=True, slots=True)
class Compared:
    """The table and where it is from: `seq` of the entry, 0 when no agent has compared anything yet."""

    grid: Grid
    seq: int
    agent: str
    left_out: int


def compared(invoice: Invoice, holds: Sequence[Hold]) -> Compared:
    """The invoice's lines beside their order and receipts."""
    document = contents([invoice.id])[invoice.id].invoice
    seq, agent, snapshot = _recorded(invoice)
    codes: dict[int, list[str]] = defaultdict(list)
    for hold in holds:
        if hold.line is not None:
            codes[hold.line].append(hold.code)
    shown = document.lines[:MOST_LINES]
    rows = [_row(snapshot, line, codes[line.position]) for line in shown]
    off = {
        (n, COLUMN[cell])
        for n, line in enumerate(shown)
        for code in codes[line.position]
        if (cell := CATALOGUE[code].cell)
    }
    grid = Grid(HEADS, WIDTHS, rows, right=frozenset(range(3, 10)), off=frozenset(off))
    return Compared(grid, seq, agent, len(document.lines) - len(shown))


def _recorded(invoice: Invoice) -> tuple[int, str, Snapshot | None]:
    """The input of the newest decision that had orders and receipts before it."""
    library = Library()
    for agent in READERS:
        rows = Entry.objects.filter(
            subject=invoice.subject, type="invoice.decided", actor__startswith=f"agent:{agent}/"
        )
        entry = rows.order_by("-seq").first()
        data: dict[str, Any] = loads(entry.body)["data"] if entry else {}
        policy = library.policies.get(data.get("policy", {}).get("sha256", ""))
        document = library.document(invoice.subject)
        if entry is not None and policy is not None and document is not None:
            given = library.input(invoice.subject, data)
            return entry.seq, agent, decode(Snapshot, given, policy=policy, document=document)
    return 0, "", None


def _row(snapshot: Snapshot | None, line: InvoiceLine, codes: list[str]) -> list[str]:
    asked = line.price / line.base_quantity if line.price is not None and line.base_quantity else None
    order, ordered = _ordered(snapshot, line.position) if snapshot else (None, None)
    agreed = ordered_price(ordered) if ordered else None
    arrived = [
        r
        for r in (snapshot.receipts if snapshot else ())
        if order and ordered and r.kind == "receipt" and belongs(r, order, ordered)
    ]
    return [
        line.line or str(line.position),
        line.description,
        f"{order.number} / {ordered.line}" if order and ordered else "–",
        _count(ordered.quantity) if ordered else "–",
        _price(agreed),
        counted(sum((r.quantity for r in arrived), Decimal(0))) if ordered else "–",
        counted(sum((r.accepted for r in arrived), Decimal(0))) if ordered else "–",
        f"{_count(line.quantity)} {line.unit}".strip(),
        _price(asked),
        "–" if line.net is None else f"{line.net:,.2f}",
        ", ".join(c.replace("_", " ") for c in sorted(set(codes))) or _unheld(ordered, arrived),
    ]


def _unheld(ordered: OrderLineFacts | None, arrived: Sequence[ReceiptLineFacts]) -> str:
    """The result of a line that nothing stands against: what never came matches nothing."""
    if ordered is None:
        return ""
    return "match" if any(r.quantity for r in arrived) else "nothing received"


def _ordered(snapshot: Snapshot, position: int) -> tuple[OrderFacts | None, OrderLineFacts | None]:
    """The order line that most of the invoice line belongs to."""
    pairs = [a for a in snapshot.allocations if a.position == position]
    if not pairs:
        return None, None
    chosen = max(pairs, key=lambda a: a.quantity)
    return next(((o, x) for o in snapshot.orders for x in o.lines if x.id == chosen.order_line), (None, None))


def _count(quantity: Decimal | None) -> str:
    return "–" if quantity is None else counted(quantity)


def _price(price: Decimal | None) -> str:
    return "–" if price is None else format_amount(price)
