"""CII beside its twins: the XRechnung pairs, the CEN examples, an invoice in every Factur-X profile (golden
11 to 16)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from coordination.translation import translate
from coordination.translation.canonical import Invoice, Order, QuarantineCode, Translation, Unreadable
from coordination.translation.identity import canonical_digest

from .conftest import PUBLIC, Read, only

pytestmark = pytest.mark.golden

REALLY_DIFFERENT = "01.21a-INVOICE"
"""Its two renderings name sellers with different VAT ids."""


def twin(path: Path) -> Path:
    return path.with_name(path.name.replace("_ubl.xml", "_uncefact.xml"))


def pairs() -> list[str]:
    found = sorted(PUBLIC.glob("xrechnung-testsuite/**/*_ubl.xml"))
    return [str(path.relative_to(PUBLIC)) for path in found if twin(path).exists()]


def both(read: Read, path: str) -> tuple[Invoice, Invoice]:
    return only(read(path), Invoice), only(read(path.replace("_ubl.xml", "_uncefact.xml")), Invoice)


def test_there_are_thirty_five_pairs(data: Path) -> None:
    assert len(pairs()) == 35


@pytest.mark.parametrize("path", [path for path in pairs() if REALLY_DIFFERENT not in path])
def test_a_pair_is_one_invoice(read: Read, path: str) -> None:
    ubl, cii = both(read, path)
    assert canonical_digest(ubl) == canonical_digest(cii)
    assert cii.unreadable == ()


def test_the_pair_with_two_sellers_is_two_invoices(read: Read) -> None:
    ubl, cii = both(read, f"xrechnung-testsuite/business-cases/standard/{REALLY_DIFFERENT}_ubl.xml")
    assert (ubl.seller.vat_id, cii.seller.vat_id) == ("DE 123456789", "DE152338654")
    assert ubl.seller.tax_number == cii.seller.tax_number
    assert canonical_digest(ubl) != canonical_digest(cii)


@pytest.mark.parametrize("path", pairs())
def test_a_pair_agrees_in_everything_that_is_compared(read: Read, path: str) -> None:
    ubl, cii = both(read, path)
    fields = (
        "number type type_code issue_date due_date currency net gross prepaid rounding payable order_numbers"
        " account"
    )
    for field in fields.split():
        assert getattr(ubl, field) == getattr(cii, field), field
    assert (ubl.tax or 0) == (cii.tax or 0)
    assert [(x.quantity, x.price, x.base_quantity, x.net, x.tax_rate) for x in ubl.lines] == [
        (x.quantity, x.price, x.base_quantity, x.net, x.tax_rate) for x in cii.lines
    ]


def test_one_invoice_as_cii_and_as_ubl(read: Read) -> None:
    cii = only(read("mustangproject/xml/factur-x.xml"), Invoice)
    ubl = only(read("mustangproject/xml/ubl-conv-ubl-output-factur-x.xml"), Invoice)
    assert (cii.number, cii.gross) == ("RE-20201121/508", Decimal("571.04"))
    assert canonical_digest(cii) == canonical_digest(ubl)


@pytest.mark.parametrize("profile", ["minimum", "basicwl", "basic", "en16931", "extended"])
def test_every_profile_says_the_same_about_the_whole(read: Read, profile: str) -> None:
    invoice = only(read(f"akretion-facturx/xml/factur-x-{profile}.xml"), Invoice)
    assert (invoice.number, invoice.net, invoice.tax, invoice.gross) == (
        "F20260023",
        Decimal("100.00"),
        Decimal("4.90"),
        Decimal("104.90"),
    )
    assert invoice.order_numbers == ("PO201925478",)
    assert len(invoice.lines) == (0 if profile in {"minimum", "basicwl"} else 3)


def test_the_extended_profile_is_the_invoice_of_the_plain_one(read: Read) -> None:
    found = [
        only(read(f"akretion-facturx/xml/factur-x-{name}.xml"), Invoice) for name in ("en16931", "extended")
    ]
    assert len({canonical_digest(one) for one in found}) == 1
    assert found[0].preceding == ("F20260003",)


@pytest.mark.parametrize(
    ("name", "number", "gross", "lines"),
    [
        ("basic", "471102", "235.62", 1),
        ("comfort", "471102", "529.87", 2),
        ("extended", "KR87654321012", "1256.70", 5),
    ],
)
def test_zugferd_1(data: Path, name: str, number: str, gross: str, lines: int) -> None:
    translation = in_earnest(data / f"akretion-facturx/xml/zugferd-{name}.xml")
    invoice = only(translation, Invoice)
    assert translation.source_format == "zugferd-1.0"
    assert (invoice.number, invoice.gross, len(invoice.lines)) == (number, Decimal(gross), lines)
    assert invoice.unreadable == ()


@pytest.mark.parametrize("name", ["basic", "comfort", "extended"])
def test_the_samples_of_zugferd_1_call_themselves_tests(read: Read, name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(f"akretion-facturx/xml/zugferd-{name}.xml")
    assert refused.value.code == QuarantineCode.TEST_DOCUMENT


def in_earnest(path: Path) -> Translation:
    """A sample as it would be sent: its own comment says that the mark of a test must not stand there
    then."""
    marked = b"<ram:TestIndicator><udt:Indicator>true</udt:Indicator></ram:TestIndicator>"
    return translate(path.read_bytes().replace(marked, b""), path.name)


def test_an_allowance_of_zugferd_1_balances(data: Path) -> None:
    invoice = only(in_earnest(data / "akretion-facturx/xml/zugferd-extended.xml"), Invoice)
    assert [(one.charge, one.amount) for one in invoice.allowances] == [
        (False, Decimal("21.55")),
        (True, Decimal("15.00")),
    ]
    assert invoice.lines_net == sum(line.net or 0 for line in invoice.lines)


@pytest.mark.parametrize(
    ("number", "gross"), [(1, "250.33"), (3, "1125"), (4, "4675"), (8, "1099.78"), (9, "177.87")]
)
def test_cen_examples(read: Read, number: int, gross: str) -> None:
    invoice = only(read(f"en16931-cef/cii/examples/CII_example{number}.xml"), Invoice)
    assert invoice.gross == Decimal(gross)
    assert invoice.unreadable == ()


def test_twins_that_are_not_the_same_invoice(read: Read) -> None:
    for number in (3, 7, 9):
        ubl = only(read(f"en16931-cef/ubl/examples/ubl-tc434-example{number}.xml"), Invoice)
        cii = only(read(f"en16931-cef/cii/examples/CII_example{number}.xml"), Invoice)
        assert canonical_digest(ubl) != canonical_digest(cii)


@pytest.mark.parametrize(
    "name", ["akretion-facturx/xml/order-x-comfort.xml", "akretion-facturx/xml/order-x-basic.xml"]
)
def test_order_x_is_an_order(read: Read, name: str) -> None:
    translation = read(name)
    order = only(translation, Order)
    assert translation.source_format == "order-x-1.0"
    assert (order.number, order.message, order.net, order.gross) == (
        "PO123456789",
        "order",
        Decimal("300.00"),
        Decimal("360.00"),
    )
    assert [(line.quantity, line.price, line.base_quantity) for line in order.lines] == [
        (Decimal(6), Decimal("10.00"), Decimal("1.00")),
        (Decimal(10), Decimal("20.00"), Decimal(2)),
        (Decimal(6), Decimal(25), Decimal(1)),
    ]


def test_every_public_cii_document_is_read_without_a_problem(data: Path, read: Read) -> None:
    found = [
        p
        for p in data.rglob("*.xml")
        if b":CrossIndustryInvoice:100" in p.read_bytes()[:6000] and "/test/" not in str(p)
    ]
    assert len(found) == 63
    for path in found:
        invoice = only(read(str(path.relative_to(data))), Invoice)
        assert invoice.unreadable == (), path
        assert canonical_digest(invoice)
