"""What real documents carry beside number, lines and totals: each feature in every syntax that has it, and
what it says.

The words and numbers are our own. A feature that says nothing to us stands here as well: it must not be taken
for something else, such as a tax representative for the seller or a contract for the order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from coordination.translation.canonical import AllowanceCharge, Invoice, InvoiceLine, Party

from . import ciis, edifacts, make

Says = Mapping[str, Any]
Change = Callable[[InvoiceLine], InvoiceLine]


def same(line: InvoiceLine) -> InvoiceLine:
    return line


def on_line(**changes: Any) -> Change:
    return lambda line: replace(line, **changes)


@dataclass(frozen=True)
class Feature:
    """`says`: fields of the plain invoice that differ; `line`: what it makes of the first line. None: no such
    syntax."""

    name: str
    ubl: bytes | None = None
    cii: bytes | None = None
    edifact: tuple[str, ...] | None = None
    says: Says = field(default_factory=dict)
    line: Change = same


def ubl(middle: str = "", *, references: str = "", **changes: str) -> bytes:
    order = "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"
    return make.invoice_xml(middle=middle, references=order + references, **changes)


def ubl_line(inside: str, *, before: str = "<cac:Price>", old: str = "") -> str:
    """The line with more in it, before an element, or in the place of `old`."""
    assert (old or before) in make.LINE
    return make.LINE.replace(old, inside) if old else make.LINE.replace(before, inside + before)


def cii(agreement: str = "", **changes: str) -> bytes:
    return ciis.cii_xml(agreement=ciis.SELLER + agreement + ciis.ORDER, **changes)


def product(inside: str) -> str:
    return ciis.line().replace("</ram:SpecifiedTradeProduct>", f"{inside}</ram:SpecifiedTradeProduct>")


def edi(
    *segments: str, after: str = "FII+RB+DE89370400440532013000+COBADEFFXXX'", line: bool = False
) -> tuple[str, ...]:
    """The plain INVOIC with more segments: behind one, or behind the item of the line."""
    place = edifacts.INVOICE.index("IMD+F++:::Nails'" if line else after) + 1
    return (*edifacts.INVOICE[:place], *segments, *edifacts.INVOICE[place:])


def totals(**amounts: str) -> str:
    """UBL totals; later ones take the place of those of 100.00, 19.00 and 119.00."""
    stated = {
        "LineExtensionAmount": "100.00",
        "TaxExclusiveAmount": "100.00",
        "TaxInclusiveAmount": "119.00",
        **amounts,
        "PayableAmount": amounts.get("PayableAmount", "119.00"),
    }
    inside = "".join(f'<cbc:{name} currencyID="EUR">{amount}</cbc:{name}>' for name, amount in stated.items())
    return f"<cac:LegalMonetaryTotal>{inside}</cac:LegalMonetaryTotal>"


def reference(element: str, number: str, more: str = "") -> str:
    return f"<cac:{element}><cbc:ID>{number}</cbc:ID>{more}</cac:{element}>"


def referenced(element: str, number: str, more: str = "") -> str:
    return f"<ram:{element}><ram:IssuerAssignedID>{number}</ram:IssuerAssignedID>{more}</ram:{element}>"


def period(element: str) -> str:
    days = "<cbc:StartDate>2026-02-01</cbc:StartDate><cbc:EndDate>2026-02-28</cbc:EndDate>"
    return f"<cac:{element}>{days}</cac:{element}>"


BILLING_PERIOD: Final = (
    f"<ram:BillingSpecifiedPeriod><ram:StartDateTime>{ciis.day('20260201')}</ram:StartDateTime>"
    f"<ram:EndDateTime>{ciis.day('20260228')}</ram:EndDateTime></ram:BillingSpecifiedPeriod>"
)
SITE: Final = (
    "<ram:PostalTradeAddress><ram:LineOne>Gate"
    " 4</ram:LineOne><ram:CountryID>AT</ram:CountryID></ram:PostalTradeAddress>"
)


def ubl_charge(
    amount: str, *, charge: str = "true", code: str = "FC", reason: str = "Freight", tax: str = ""
) -> str:
    return (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>{charge}</cbc:ChargeIndicator><cbc:AllowanceChargeReasonCode>{code}"
        f"</cbc:AllowanceChargeReasonCode><cbc:AllowanceChargeReason>{reason}</cbc:AllowanceChargeReason>"
        f'<cbc:Amount currencyID="EUR">{amount}</cbc:Amount>{tax}</cac:AllowanceCharge>'
    )


def cii_charge(
    amount: str, *, charge: str = "true", code: str = "FC", reason: str = "Freight", tax: str = ""
) -> str:
    return (
        f"<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>{charge}</udt:Indicator></ram:ChargeIndicator>"
        f"<ram:ActualAmount>{amount}</ram:ActualAmount><ram:ReasonCode>{code}</ram:ReasonCode><ram:Reason>{reason}</ram:Reason>"
        f"{tax}</ram:SpecifiedTradeAllowanceCharge>"
    )


UBL_TAXED: Final = "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:TaxCategory>"
CII_TAXED: Final = (
    "<ram:CategoryTradeTax><ram:CategoryCode>S</ram:CategoryCode>"
    "<ram:RateApplicablePercent>19</ram:RateApplicablePercent></ram:CategoryTradeTax>"
)
FREIGHT: Final = AllowanceCharge(True, Decimal("8.00"), "Freight", "FC")
REBATE: Final = AllowanceCharge(False, Decimal("5.00"), "Spring rebate", "95")
FACTOR: Final = Party(name="Quick Cash Factoring")

PLAIN: Final[Mapping[str, bytes]] = {
    "ubl": make.invoice_xml(),
    "cii": ciis.cii_xml(),
    "edifact": edifacts.interchange(edifacts.message(edifacts.INVOICE)),
}


def contents(feature: Feature) -> dict[str, bytes]:
    """The feature in each syntax that has it."""
    stated = {"ubl": feature.ubl, "cii": feature.cii}
    if feature.edifact is not None:
        stated["edifact"] = edifacts.interchange(edifacts.message(feature.edifact))
    return {syntax: content for syntax, content in stated.items() if content is not None}


def expected(feature: Feature, plain: Invoice) -> Invoice:
    """The plain invoice with what the feature says."""
    first, *rest = plain.lines
    return replace(plain, lines=(feature.line(first), *rest), **feature.says)
