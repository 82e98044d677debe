"""What was paid in advance and what is called rounding, in every syntax: neither is a door for more than was
billed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from coordination.translation import translate
from coordination.translation.canonical import Invoice
from tests.translation import ciis, edifacts, make

Make = Callable[[str, str, str], bytes]


def ubl(prepaid: str, rounding: str, payable: str) -> bytes:
    more = f"<cbc:PrepaidAmount>{prepaid}</cbc:PrepaidAmount>" if prepaid else ""
    more += f"<cbc:PayableRoundingAmount>{rounding}</cbc:PayableRoundingAmount>" if rounding else ""
    asked = '<cbc:PayableAmount currencyID="EUR">'
    return make.invoice_xml(totals=make.TOTALS.replace(f"{asked}119.00", f"{more}{asked}{payable}"))


def ubl_credit(prepaid: str, rounding: str, payable: str) -> bytes:
    content = ubl(prepaid, rounding, payable).decode()
    for name in ("InvoiceLine", "InvoicedQuantity", "InvoiceTypeCode"):
        content = content.replace(name, name.replace("Invoiced", "Credited").replace("Invoice", "CreditNote"))
    return (
        content.replace("<Invoice ", "<CreditNote ")
        .replace("</Invoice>", "</CreditNote>")
        .replace(":Invoice-2", ":CreditNote-2")
        .replace(">380<", ">381<")
        .encode()
    )


def cii(prepaid: str, rounding: str, payable: str) -> bytes:
    more = f"<ram:TotalPrepaidAmount>{prepaid}</ram:TotalPrepaidAmount>" if prepaid else ""
    more += f"<ram:RoundingAmount>{rounding}</ram:RoundingAmount>" if rounding else ""
    asked = "<ram:DuePayableAmount>"
    return ciis.cii_xml(totals=ciis.TOTALS.replace(f"{asked}119.00", f"{more}{asked}{payable}"))


def edifact(prepaid: str, rounding: str, payable: str) -> bytes:
    segments = [s for s in edifacts.INVOICE if not s.startswith("MOA+9:")]
    more = [f"MOA+113:{prepaid}'"] if prepaid else []
    more += [f"MOA+165:{rounding}'"] if rounding else []
    place = next(n for n, s in enumerate(segments) if s.startswith("MOA+77"))
    return edifacts.interchange(
        edifacts.message([*segments[:place], *more, f"MOA+9:{payable}'", *segments[place:]])
    )


def read(content: bytes) -> Invoice:
    (found,) = translate(content, "made").documents
    assert isinstance(found, Invoice)
    return found


SYNTAXES = {"ubl": ubl, "ubl credit": ubl_credit, "cii": cii, "edifact": edifact}


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize(
    ("prepaid", "rounding", "payable", "unreadable"),
    [
        ("19.00", "", "100.00", []),
        ("", "1.00", "120.00", []),
        ("", "-1.00", "118.00", []),
        ("-91000.00", "", "91119.00", ["prepaid"]),
        ("-0.01", "", "119.01", ["prepaid"]),
        ("", "1.01", "120.01", ["rounding"]),
        ("", "90000.00", "90119.00", ["rounding"]),
        ("", "-90.00", "29.00", ["rounding"]),
        ("-5.00", "5.00", "129.00", ["prepaid", "rounding"]),
    ],
)
def test_a_settlement_that_asks_for_more_than_was_billed_cannot_be_read(
    syntax: str, prepaid: str, rounding: str, payable: str, unreadable: list[str]
) -> None:
    found = read(SYNTAXES[syntax](prepaid, rounding, payable))
    assert [p.field for p in found.unreadable] == unreadable
    assert found.payable == Decimal(payable)
    for field, raw in (("prepaid", prepaid), ("rounding", rounding)):
        assert getattr(found, field) == (0 if field in unreadable else Decimal(raw or 0))
    assert {p.raw for p in found.unreadable} == {
        x for x, n in ((prepaid, "prepaid"), (rounding, "rounding")) if n in unreadable
    }


def test_a_gross_that_is_worked_out_with_it_is_not_known_either() -> None:
    totals = (
        "<cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount>100.00</cbc:TaxExclusiveAmount>"
        "<cbc:PrepaidAmount>-91000.00</cbc:PrepaidAmount><cbc:PayableAmount>91119.00</cbc:PayableAmount></cac:LegalMonetaryTotal>"
    )
    assert read(make.invoice_xml(totals=totals)).gross is None


def test_a_credit_written_with_minus_signs_has_an_advance_below_zero_and_can_be_read() -> None:
    content = ubl("-19.00", "-0.50", "-100.50").decode()
    for amount in ("100.00", "119.00", "19.00"):
        content = content.replace(f">{amount}<", f">-{amount}<")
    found = read(content.replace(">10<", ">-10<").encode())
    assert (found.type, found.prepaid, found.rounding, found.unreadable) == (
        "credit_note",
        19,
        Decimal("0.50"),
        (),
    )
