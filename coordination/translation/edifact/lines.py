"""What lines of orders, deliveries and invoices have in common: item, quantity, price, order reference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ..ubl.lines import DeliveryReference
from .interchange import Message
from .record import MessageRecord
from .segments import PlaceLeaf, Section, Segment, section

ORDER: Final = ("ON", "CO")
"""Reference qualifiers (UNTDID 1153) of the buyer's order."""

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)

_IN_LINE: Final = frozenset({"NAD", "TAX", "ALC", "PAC", "LOC", "TDT", "TOD"})
_IN_HEADER: Final = frozenset({"NAD", "TAX", "CUX", "PYT", "PAT", "TDT", "TOD", "PAC", "ALC", "EFI", "CPS"})
_IN_SUMMARY: Final = frozenset({"TAX", "ALC"})

_KINDS: Final = {
    "SA": "item",
    "VP": "item",
    "IN": "buyer_item",
    "BP": "buyer_item",
    "SRV": "standard_item",
    "EN": "standard_item",
    "EAN": "standard_item",
    "UP": "standard_item",
    "GTN": "standard_item",
    "IB": "standard_item",
}
"""Item number types (UNTDID 7143): seller's, buyer's, GTIN and ISBN."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A message taken apart: what comes before the lines, each line from its LIN on, the summary."""

    header: Section
    lines: tuple[Section, ...]
    summary: Section


def parts(message: Message) -> Parts:
    """Take a message apart at LIN and UNS; a packing level (CPS) or UNT ends a line as well."""
    header: list[Segment] = []
    lines: list[list[Segment]] = []
    summary: list[Segment] = []
    place = header
    for segment in message.segments:
        if segment.tag == "LIN" and place is not summary:
            place = []
            lines.append(place)
        elif segment.tag == "CPS" and place is not summary:
            place = header
        elif segment.tag in {"UNS", "CNT"} and (lines or segment.component(0) == "S"):
            place = summary
        place.append(segment)
    return Parts(
        section(header, _IN_HEADER),
        tuple(section(line, _IN_LINE) for line in lines),
        section(summary, _IN_SUMMARY),
    )


@dataclass(frozen=True, slots=True)
class Item:
    """Keys and words of an item; `detail` is what is said beyond its name."""

    item: str = ""
    buyer_item: str = ""
    standard_item: str = ""
    name: str = ""
    detail: str = ""


def item(record: MessageRecord, name: str, line: Section) -> Item:
    """The first number of each type from LIN and PIA, the first description as the name."""
    keys: dict[str, str] = {}
    for leaf in _numbers(line):
        field = _KINDS.get(leaf.attribute("type"), "")
        if field and not keys.get(field):
            keys[field] = record.key(f"{name}/{field}", leaf)
    words = [leaf for leaf in _descriptions(line) if leaf.raw]
    label = record.text(f"{name}/description", words[0] if words else None)
    detail = "\n".join(leaf.raw for leaf in words[1:])
    return Item(**keys, name=label, detail=detail)


def _numbers(line: Section) -> Iterator[PlaceLeaf]:
    head = line.own[0]
    yield head.leaf(2, 0, type=head.component(2, 1))
    for segment in line.all("PIA"):
        for element in range(1, len(segment.elements)):
            yield segment.leaf(element, 0, type=segment.component(element, 1))


def _descriptions(line: Section) -> Iterator[PlaceLeaf]:
    """IMD in words (name before further ones), and the title that book orders put into a text."""
    segments = line.all("IMD")
    for segment in sorted(segments, key=lambda s: s.qualifier != "F"):
        leaf = segment.leaf(2, 3)
        leaf.raw = " ".join(filter(None, (segment.component(2, 3), segment.component(2, 4))))
        yield leaf
    for segment in line.all("FTX", "AFM"):
        yield segment.joined(3)


def quantity(record: MessageRecord, name: str, line: Section, *qualifiers: str) -> tuple[Decimal | None, str]:
    """Quantity and unit of the first qualifier (UNTDID 6063) that the line has."""
    segment = next((s for one in qualifiers for s in line.all("QTY", one)), None)
    if segment is None:
        return None, ""
    return record.number(name, segment.leaf(0, 1)), segment.component(0, 2)


_PRICES: Final[dict[str, bool | None]] = {"AAA": True, "INV": None, "CAL": None, "AAB": False}
"""Price qualifiers in the order in which they are wanted -> whether allowances and charges are in the
price."""
ROUNDED: Final = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class Price:
    """Unit price = `amount` / `base`. `net`: it includes the line's allowances and charges; None: it does not
    say."""

    amount: Decimal | None = None
    base: Decimal = ONE
    base_unit: str = ""
    net: bool | None = False

    def worth(self, quantity: Decimal | None) -> Decimal | None:
        """What so many come to at this price."""
        return None if self.amount is None or quantity is None else quantity * self.amount / self.base


def price(record: MessageRecord, name: str, line: Section) -> Price:
    """The price to calculate with (UNTDID 5125): net (AAA), else as invoiced (INV) or calculated with (CAL),
    which may be either, else gross (AAB), from which allowances and charges make the net one.

    Without a usable base quantity the price means nothing, so it is dropped with a problem, not divided by
    one.
    """
    segment = next((s for one in _PRICES for s in line.anywhere("PRI", one)), None)
    if segment is None:
        return Price()
    amount = record.number(f"{name}/price", segment.leaf(0, 1))
    stated = segment.leaf(0, 4)
    base = record.number(f"{name}/base_quantity", stated) if stated.raw else ONE
    if base is not None and base > 0:
        return Price(amount, base, segment.component(0, 5), _PRICES[segment.qualifier])
    if base is not None:
        record.problem(f"{name}/base_quantity", stated, "not above zero")
    return Price()


def order_reference(record: MessageRecord, name: str, line: Section) -> tuple[str, str]:
    """The order and the line of it that a line refers to; either may be missing."""
    segment = next(line.anywhere("RFF", *ORDER, outside=("NAD",)), None)
    if segment is None:
        return "", ""
    order = record.key(f"{name}/order_number", segment.leaf(0, 1))
    return order, record.key(f"{name}/order_line", segment.leaf(0, 2))


DESPATCH: Final = ("AAK", "DQ")
RECEIPT: Final = ("ALO",)
"""Reference qualifiers (UNTDID 1153): despatch advice, delivery note; receiving advice."""


def delivery_reference(record: MessageRecord, name: str, line: Section) -> DeliveryReference:
    """The despatch or delivery note and the receipt that a line names, each with its line."""
    despatch = next((s for one in DESPATCH for s in _references(line, one)), None)
    receipt = next(_references(line, *RECEIPT), None)
    return DeliveryReference(
        despatch_number=record.key(f"{name}/despatch_number", despatch.leaf(0, 1) if despatch else None),
        despatch_line=record.key(f"{name}/despatch_line", despatch.leaf(0, 2) if despatch else None),
        receipt_number=record.key(f"{name}/receipt_number", receipt.leaf(0, 1) if receipt else None),
        receipt_line=record.key(f"{name}/receipt_line", receipt.leaf(0, 2) if receipt else None),
    )


def _references(line: Section, *qualifiers: str) -> Iterator[Segment]:
    return (s for s in line.anywhere("RFF", *qualifiers, outside=("NAD",)) if s.component(0, 1))


def keys(record: MessageRecord, name: str, segments: Iterable[Segment]) -> tuple[str, ...]:
    """The numbers of references, each once, in order, noted as `name/1`, `name/2` ..."""
    found: dict[str, None] = {}
    for segment in segments:
        leaf = segment.leaf(0, 1)
        if leaf.raw in found:
            continue
        value = record.key(f"{name}/{len(found) + 1}", leaf)
        if value:
            found[value] = None
    return tuple(found)


def notes(record: MessageRecord, name: str, segments: Iterable[Segment]) -> str:
    """Free texts, one below the other."""
    leaves = [leaf for segment in segments if (leaf := segment.joined(3)).raw]
    if leaves:
        record.note(name, leaves[0])
    return "\n".join(leaf.raw for leaf in leaves)
