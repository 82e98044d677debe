"""One UN/CEFACT cross industry document while it is read: its tree, its record, the names of its dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from lxml import etree

from .. import values
from ..canonical import QuarantineCode, Unreadable
from ..record import Record
from ..xml import ElementLeaf, Node, line_of, local_name


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one message calls the parts that all of them have. Names are those of its schema."""

    source_format: str
    document: str
    transaction: str
    scope: str
    line_scope: str
    totals: str
    line_totals: str
    percent: str
    reference: str
    currency: str
    quantities: tuple[str, ...]
    signed_allowances: bool = False

    def part(self, name: str) -> str:
        """The agreement, delivery or settlement of the document."""
        return f"ram:{self.scope}Trade{name}"

    def line_part(self, name: str) -> str:
        """The agreement, delivery or settlement of a line."""
        return f"ram:{self.line_scope}Trade{name}"


_INVOICE: Final = Dialect(
    source_format="cii-d16b",
    document="rsm:ExchangedDocument",
    transaction="rsm:SupplyChainTradeTransaction",
    scope="ApplicableHeader",
    line_scope="SpecifiedLine",
    totals="ram:SpecifiedTradeSettlementHeaderMonetarySummation",
    line_totals="ram:SpecifiedTradeSettlementLineMonetarySummation",
    percent="ram:RateApplicablePercent",
    reference="ram:IssuerAssignedID",
    currency="ram:InvoiceCurrencyCode",
    quantities=("ram:BilledQuantity",),
)
_ZUGFERD_1: Final = Dialect(
    source_format="zugferd-1.0",
    document="rsm:HeaderExchangedDocument",
    transaction="rsm:SpecifiedSupplyChainTradeTransaction",
    scope="ApplicableSupplyChain",
    line_scope="SpecifiedSupplyChain",
    totals="ram:SpecifiedTradeSettlementMonetarySummation",
    line_totals="ram:SpecifiedTradeSettlementMonetarySummation",
    percent="ram:ApplicablePercent",
    reference="ram:ID",
    currency="ram:InvoiceCurrencyCode",
    quantities=("ram:BilledQuantity",),
    signed_allowances=True,
)
_ORDER: Final = Dialect(
    source_format="order-x-1.0",
    document="rsm:ExchangedDocument",
    transaction="rsm:SupplyChainTradeTransaction",
    scope="ApplicableHeader",
    line_scope="SpecifiedLine",
    totals="ram:SpecifiedTradeSettlementHeaderMonetarySummation",
    line_totals="ram:SpecifiedTradeSettlementLineMonetarySummation",
    percent="ram:RateApplicablePercent",
    reference="ram:IssuerAssignedID",
    currency="ram:OrderCurrencyCode",
    quantities=("ram:AgreedQuantity", "ram:RequestedQuantity"),
)

INVOICE_ROOT: Final = "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice"
ZUGFERD_1_ROOT: Final = "{urn:ferd:CrossIndustryDocument:invoice:1p0}CrossIndustryDocument"
ORDER_ROOT: Final = (
    "{urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100}SCRDMCCBDACIOMessageStructure"
)
DIALECTS: Final = {INVOICE_ROOT: _INVOICE, ZUGFERD_1_ROOT: _ZUGFERD_1, ORDER_ROOT: _ORDER}
"""Root element in Clark notation -> its names."""

_STAMP: Final = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{4}|[0-9]{6}(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_STAMP_LENGTHS: Final = {"": (8,), "102": (8,), "203": (12,), "204": (14,), "208": (15, 19, 20)}
"""UNTDID 2379: 102 is CCYYMMDD, 203 adds hours and minutes, 204 seconds, 208 the time zone as well (BT-166).
616 and 610 name no day."""


@dataclass(frozen=True, slots=True)
class Source:
    """The parts of one document, what was noted so far, and its own number.

    A part that the document leaves out is an empty one, so that every value in it is simply absent.
    """

    root: Node
    dialect: Dialect
    record: Record
    number: str
    document: Node
    agreement: Node
    delivery: Node
    settlement: Node
    lines: tuple[Node, ...]

    def date(self, name: str, leaf: ElementLeaf | None) -> date | None:
        """A day written as its `format` attribute says."""
        stated = leaf.attribute("format") if leaf is not None else ""
        return self.record.read(name, leaf, lambda text: day(text, stated))

    @property
    def guideline(self) -> str:
        """The specification that the document says it follows (BT-24)."""
        leaf = self.root.leaf(
            "rsm:ExchangedDocumentContext", "ram:GuidelineSpecifiedDocumentContextParameter", "ram:ID"
        )
        return leaf.raw if leaf is not None else ""

    def reference(self, holder: Node, name: str) -> list[ElementLeaf | None]:
        """The numbers of all referenced documents of that name."""
        return [node.leaf(self.dialect.reference) for node in holder.all(name)]


def open_source(element: etree._Element, path: str) -> Source:
    """Start reading a document, or raise `Unreadable` where it has no number of its own."""
    root, record = Node(element, path), Record()
    _refuse_test(root)
    dialect = DIALECTS[str(element.tag)]
    document = part(root, dialect.document)
    transaction = part(root, dialect.transaction)
    settlement = part(transaction, dialect.part("Settlement"))
    number = _document_number(document, record)
    record.currency = _currency(settlement, dialect, record)
    return Source(
        root=root,
        dialect=dialect,
        record=record,
        number=number,
        document=document,
        agreement=part(transaction, dialect.part("Agreement")),
        delivery=part(transaction, dialect.part("Delivery")),
        settlement=settlement,
        lines=tuple(transaction.all("ram:IncludedSupplyChainTradeLineItem")),
    )


_CONTEXTS: Final = ("rsm:ExchangedDocumentContext", "rsm:SpecifiedExchangedDocumentContext")
"""Of D16B and Order-X, and of ZUGFeRD 1."""


def _refuse_test(root: Node) -> None:
    """What its sender marks as a test asks nobody for anything."""
    indicators = [n.leaf("ram:TestIndicator", "udt:Indicator") for name in _CONTEXTS for n in root.all(name)]
    for leaf in indicators:
        if leaf is not None and leaf.raw.lower() in {"true", "1"}:
            error = "the document is marked as a test (TestIndicator true): ask for the real one"
            raise Unreadable(QuarantineCode.TEST_DOCUMENT, error, leaf.line)


def part(holder: Node, name: str) -> Node:
    """The only aggregate of that name, or an empty one."""
    return holder.one(name) or Node(etree.Element("absent"), f"{holder.path}/{name}")


def day(text: str, stated: str) -> date:
    """Read a day by its UNTDID 2379 format; without one also as an ISO date, as data types before D16B do."""
    if not stated and "-" in text:
        return values.day(text.partition("T")[0])
    lengths = _STAMP_LENGTHS.get(stated)
    if lengths is None:
        raise values.BadValueError(f"of format {stated[:8]}, which names no day")
    match = _STAMP.fullmatch(text)
    if match is None or len(text) not in lengths:
        raise values.BadValueError(f"not a date of format {stated or '102'}")
    return values.day(f"{match[1]}-{match[2]}-{match[3]}")


def _document_number(document: Node, record: Record) -> str:
    name = local_name(document.element)
    leaf = document.leaf("ram:ID")
    if leaf is not None and leaf.ambiguous:
        error = f"the {name} states two numbers (ram:ID): ask for a valid document"
        raise Unreadable(QuarantineCode.MALFORMED, error, leaf.line)
    if leaf is not None and len(leaf.raw) > values.MAX_KEY:
        error = f"the number of the {name} has {len(leaf.raw)} characters, at most {values.MAX_KEY} are read"
        raise Unreadable(QuarantineCode.TOO_LARGE, error, leaf.line)
    number = record.key("number", leaf)
    if not number:
        error = "the document has no number (ExchangedDocument/ID): ask the sender for it with its number"
        raise Unreadable(QuarantineCode.MISSING_ID, error, line_of(document.element))
    return number


def _currency(settlement: Node, dialect: Dialect, record: Record) -> str:
    """BT-5, or where it is left out the currency the tax total is stated in."""
    stated = settlement.leaf(dialect.currency)
    if stated is not None and stated.raw:
        return record.read("currency", stated, values.currency) or ""
    taxes = settlement.leaves(dialect.totals, "ram:TaxTotalAmount")
    if len(taxes) == 1 and values.is_currency(taxes[0].attribute("currencyID")):
        record.note("currency", taxes[0])
        return taxes[0].attribute("currencyID").upper()
    return ""
