"""EDIFACT made by the tests: a plain INVOIC of which segments can be replaced, and envelopes that count
right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from coordination.translation import stream
from coordination.translation.canonical import Invoice, Rejected

UNA = "UNA:+.? '"
UNB = "UNB+UNOC:3+4000001000005:14+4000001000012:14+261101:1200+77'"

HEAD = (
    "BGM+380+INV-1+9'",
    "DTM+137:20261101:102'",
    "NAD+SU+4000001000005::9++Nails and More+Long Street 1+Bonn++53111+DE'",
    "RFF+VA:DE136695976'",
    "FII+RB+DE89370400440532013000+COBADEFFXXX'",
    "NAD+BY+4000001000012::9++Buyer Ltd'",
    "CUX+2:EUR:4'",
    "PAT+1'",
    "DTM+13:20261201:102'",
)
LINE = (
    "LIN+1++4000862141404:SRV'",
    "PIA+5+N-1:SA'",
    "IMD+F++:::Nails'",
    "QTY+47:10:C62'",
    "MOA+203:100.00'",
    "PRI+AAA:10.00:::1:C62'",
    "RFF+ON:PO-1:10'",
    "TAX+7+VAT+++:::19+S'",
)
TOTALS = (
    "UNS+S'",
    "CNT+2:1'",
    "MOA+79:100.00'",
    "MOA+125:100.00'",
    "MOA+176:19.00'",
    "MOA+77:119.00'",
    "MOA+9:119.00'",
    "TAX+7+VAT+++:::19+S'",
    "MOA+125:100.00'",
    "MOA+124:19.00'",
)
INVOICE = (*HEAD, *LINE, *TOTALS)

ORDER = (
    "BGM+220+PO-1+9'",
    "DTM+137:20261001:102'",
    "NAD+BY+4000001000012::9'",
    "NAD+SU+4000001000005::9'",
    "RFF+VA:DE136695976'",
    "CUX+2:EUR:9'",
    "LIN+10++4000862141404:SRV'",
    "PIA+5+N-1:SA'",
    "IMD+F++:::Nails'",
    "QTY+21:10:C62'",
    "PRI+AAA:10.00'",
    "UNS+S'",
    "CNT+2:1'",
)
RECEIPT = (
    "BGM+632+GR-1+9'",
    "DTM+50:20261015:102'",
    "RFF+ON:PO-1'",
    "NAD+SU+4000001000005::9'",
    "CPS+1'",
    "LIN+1++4000862141404:SRV'",
    "QTY+48:10:C62'",
    "RFF+ON:PO-1:10'",
    "CNT+2:1'",
)


def replaced(segments: Iterable[str], *changes: str) -> tuple[str, ...]:
    """Segments in which each change takes the place of the first that begins as it does (tag and
    qualifier)."""
    found = list(segments)
    for change in changes:
        start = change.replace(":", "+").split("+")[:2]
        place = next(n for n, s in enumerate(found) if s.replace(":", "+").split("+")[:2] == start)
        found[place] = change
    return tuple(found)


def without(segments: Iterable[str], *starts: str) -> tuple[str, ...]:
    """Segments without those that begin so."""
    return tuple(segment for segment in segments if not segment.startswith(starts))


def message(
    segments: Iterable[str] = INVOICE,
    kind: str = "INVOIC:D:96A:UN:EAN008",
    reference: str = "1",
    count: int = 0,
) -> str:
    """A message with its envelope; `count` is what UNT says instead of the truth."""
    body = list(segments)
    return "".join([f"UNH+{reference}+{kind}'", *body, f"UNT+{count or len(body) + 2}+{reference}'"])


def interchange(
    *messages: str, una: str = UNA, unb: str = UNB, count: int | None = None, end: str = "77"
) -> bytes:
    """An interchange of messages, a plain invoice where none is given."""
    found = messages or (message(),)
    return (una + unb + "".join(found) + f"UNZ+{len(found) if count is None else count}+{end}'").encode()


def read(content: bytes) -> list[Any]:
    """All that a file holds."""
    return list(stream(content, "made.edi")[1])


def invoice(*changes: str, kind: str = "INVOIC:D:96A:UN:EAN008") -> Invoice:
    """The plain invoice with segments replaced."""
    found: Invoice = one(interchange(message(replaced(INVOICE, *changes), kind)), Invoice)
    return found


def one(content: bytes, kind: type) -> Any:
    """The one document of a file, of the kind it has to be."""
    [found] = read(content)
    assert isinstance(found, kind), found
    return found


def rejected(content: bytes) -> Rejected:
    """The one part of a file, set aside."""
    [found] = read(content)
    assert isinstance(found, Rejected), found
    return found
