"""Public EDIFACT files: GOLDEN 18, and everything that only looks like a document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from coordination.translation import QuarantineCode, Unreadable, stream, translate
from coordination.translation.canonical import Invoice, Order, Receipt, Rejected
from coordination.translation.identity import canonical_digest

from .conftest import Read, only

pytestmark = pytest.mark.golden

EXAMPLES = "en16931-cef/edifact/examples/EDIFACT_EXAMPLE"
TWINS = "en16931-cef/cii/examples/CII_example"
SMOOKS = "smooks-edifact"
TOTALS = {
    "1": ("12115118", "229.6", "20.73", "250.33"),
    "2": ("TOSL108", "1436.5", "365.28", "1801.78"),
    "3": ("TOSL108", "900", "225", "1125"),
    "4": ("TOSL110", "4000", "675", "4675"),
    "5": ("TOSL110", "4000", "675.00", "4675"),
    "6": ("TOSL110", "4000", "675", "4675"),
    "7": ("INVOICE_test_7", "3200", "0", "3200"),
    "8": ("1100512149", "908.91", "190.87", "1099.78"),
    "9": ("20150483", "147", "30.87", "177.87"),
}


def parts(path: Path) -> Any:
    try:
        return list(stream(path.read_bytes(), path.name)[1])
    except Unreadable as refused:
        return refused


@pytest.mark.parametrize("n", TOTALS)
def test_the_examples_of_en_16931_have_their_totals(read: Read, n: str) -> None:
    found = only(read(f"{EXAMPLES}{n}.txt"), Invoice)
    number, net, tax, gross = TOTALS[n]
    assert (found.number, found.net, found.gross) == (number, Decimal(net), Decimal(gross))
    assert (found.tax or Decimal(0)) == Decimal(tax)
    assert found.unreadable == ()


@pytest.mark.parametrize("n", ["1", "3", "4", "7"])
def test_an_example_is_the_invoice_of_its_cii_twin(read: Read, n: str) -> None:
    edifact, cii = (only(read(path), Invoice) for path in (f"{EXAMPLES}{n}.txt", f"{TWINS}{n}.xml"))
    assert canonical_digest(edifact) == canonical_digest(cii)


@pytest.mark.parametrize("n", ["8", "9"])
def test_the_other_twins_differ_in_the_base_quantity_alone(read: Read, n: str) -> None:
    """The CII of 8 and 9 repeats the price as its base quantity (`BasisQuantity` 49 for a price of 49)."""
    edifact, cii = (only(read(path), Invoice) for path in (f"{EXAMPLES}{n}.txt", f"{TWINS}{n}.xml"))
    assert (edifact.number, edifact.gross, edifact.due_date) == (cii.number, cii.gross, cii.due_date)
    for ours, theirs in zip(edifact.lines, cii.lines, strict=True):
        assert (ours.quantity, ours.price, ours.net, ours.unit) == (
            theirs.quantity,
            theirs.price,
            theirs.net,
            theirs.unit,
        )
        assert theirs.base_quantity == theirs.price


def test_the_order_and_the_packages_of_examples_two_and_four(read: Read) -> None:
    assert only(read(f"{EXAMPLES}4.txt"), Invoice).order_numbers == ("123",)
    found = only(read(f"{EXAMPLES}2.txt"), Invoice)
    assert (found.prepaid, found.payable) == (Decimal(1000), Decimal("801.78"))
    assert [line.order_line for line in found.lines] == ["1", "5", "3", "2", "4"]
    assert "P1 1 Doc1 13 application/pdf 104" in [origin.raw for origin in found.texts]


def test_what_is_not_utf_8_although_it_says_so_is_latin_1(read: Read, data: Path) -> None:
    content = (data / f"{EXAMPLES}8.txt").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode()
    found = only(read(f"{EXAMPLES}8.txt"), Invoice)
    assert found.seller.address.town == "'S-HERTOGENBOSCH"
    assert "\n" in found.note
    [month] = [line for line in found.lines if line.net == Decimal("36.75")]
    assert (month.price, month.base_quantity, month.quantity) == (441, 12, 1)


@pytest.mark.parametrize("n", ["0", "0a"])
def test_the_examples_that_belie_their_count_are_malformed(data: Path, n: str) -> None:
    [part] = parts(data / f"{EXAMPLES}{n}.txt")
    assert (part.code, "UNT counts 171" in part.error) == (QuarantineCode.MALFORMED, True)


def test_the_order_padded_with_dates_is_malformed_and_the_good_one_is_read(data: Path) -> None:
    [bad] = parts(data / SMOOKS / "BAD_ORDERS_D.03B_Interchange.edi")
    assert (bad.code, bad.line) == (QuarantineCode.MALFORMED, 58)
    assert "UNT counts 22 segments, the message has 57" in bad.error
    [good] = parts(data / SMOOKS / "ORDERS_D.03B_Interchange.edi")
    assert isinstance(good, Order)
    assert (good.number, good.order_date) == ("BKOD99", date(2005, 11, 7))
    assert [(line.description, line.quantity) for line in good.lines] == [
        ("Lord of the Rings", 25),
        ("The Hobbit", 25),
        ("The Silmarillion", 16),
        ("The Children of Hurin", 10),
    ]


@pytest.mark.parametrize("name", ["d96a-invoic-1.edi", "d93a-invoic-1.edi"])
def test_a_bare_invoice_that_counts_its_lines_is_read_with_its_decimal_commas(data: Path, name: str) -> None:
    [found] = parts(data / SMOOKS / name)
    assert isinstance(found, Invoice)
    assert (found.number, found.currency, found.gross) == ("500000000020", "SEK", Decimal("342.7"))
    assert (found.lines[0].quantity, found.lines[0].price, found.lines[0].net) == (
        Decimal("16.94"),
        Decimal("0.1901"),
        Decimal("3.22"),
    )
    assert len(found.lines) == 14
    assert found.unreadable == ()


def test_the_receiving_advice_has_its_quantity_and_its_words(data: Path) -> None:
    translation = translate((data / SMOOKS / "recadv.edi").read_bytes(), "")
    found = only(translation, Receipt)
    assert translation.source_format == "edifact-d01b"
    assert (found.number, found.received_date) == ("20220808112809950", date(2022, 8, 23))
    assert [(line.quantity, line.unit, line.buyer_item) for line in found.lines] == [(200, "PCE", "1000629")]
    assert found.seller.name.startswith("CSP test d'This")


@pytest.mark.parametrize("name", ["invoic.edi", "INVOIC_D.03B_Interchange_with_UNA.edi"])
def test_an_interchange_marked_as_a_test_is_not_read(data: Path, name: str) -> None:
    refused = parts(data / SMOOKS / name)
    assert (refused.code, "marked as a test" in refused.error) == (QuarantineCode.TEST_DOCUMENT, True)


REFUSALS = {QuarantineCode.MALFORMED, QuarantineCode.UNSUPPORTED, QuarantineCode.TEST_DOCUMENT}


def test_nothing_else_among_the_public_files_is_taken_for_a_document(data: Path) -> None:
    for path in (data / "edi-net-samples").glob("edifact*"):
        found = parts(path)
        rejected = [found] if isinstance(found, Unreadable) else found
        assert rejected, path.name
        for part in rejected:
            assert isinstance(part, Rejected | Unreadable), path.name
            assert part.code in REFUSALS
