"""Golden cases 11 and 12: XRechnung in two syntaxes, from intake to the lane an invoice belongs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordination.models import Document, Hold, Invoice, Payment
from coordination.services.intake import Report
from tests import cast
from tests.cast import table
from tests.flows.sellers import seller_of

pytestmark = [pytest.mark.django_db, pytest.mark.golden]

SUITE = Path(__file__).resolve().parents[3] / "shared" / "data" / "xrechnung-testsuite"
SYNTAXES = ("ubl", "uncefact")


def pairs() -> list[str]:
    """Names of the invoices that are there in both syntaxes, below the suite."""
    names = [
        str(path.relative_to(SUITE)).removesuffix("_ubl.xml") for path in sorted(SUITE.rglob("*_ubl.xml"))
    ]
    return [name for name in names if (SUITE / f"{name}_uncefact.xml").exists()]


PAIRS = [name for name in pairs() if "01.21a" not in name]


@pytest.fixture
def suite(shared_data: Path) -> Path:
    return shared_data / "xrechnung-testsuite"


def take(*contents: bytes) -> Report:
    report = cast.intake([(f"{n}.xml", content) for n, content in enumerate(contents)], actor="system:intake")
    cast.drain()
    return report


def know(content: bytes, **changes: object) -> None:
    cast.take_in(table("vendors", seller_of(content, **changes)))


def case(suite: Path, name: str, syntax: str) -> bytes:
    folder = "business-cases/extension" if name.startswith(("04", "05")) else "business-cases/standard"
    return (suite / folder / f"{name}-INVOICE_{syntax}.xml").read_bytes()


# --- 11. pairs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_is_one_invoice_and_one_duplicate(suite: Path, name: str) -> None:
    files = [(f"{syntax}.xml", (suite / f"{name}_{syntax}.xml").read_bytes()) for syntax in SYNTAXES]
    if PAIRS.index(name) % 2:
        files.reverse()
    report = cast.intake(files, actor="system:intake").as_json()
    assert (report["documents"], report["accepted"], report["duplicates"]) == (2, 1, 1)
    row = Invoice.objects.get()
    assert sorted(Document.objects.filter(subject=row.subject).values_list("source_format", flat=True)) == [
        "cii-d16b",
        "ubl-2.1",
    ]
    again = cast.intake(files, actor="system:intake").as_json()
    assert again["unchanged"] == 2


def test_the_pair_with_two_sellers_is_two_invoices_and_a_person_is_asked(suite: Path) -> None:
    ubl, cii = (case(suite, "01.21a", syntax) for syntax in SYNTAXES)
    know(cii)
    report = take(ubl, cii).as_json()
    assert (report["accepted"], report["duplicates"]) == (2, 0)
    lanes = {line["lane"] for line in cast.EXPORTS["invoices"]()}
    codes = {hold["code"] for line in cast.EXPORTS["invoices"]() for hold in line["holds"]}
    assert lanes == {"escalated"}
    assert "supplier_unknown" in codes or "duplicate_suspect" in codes


# --- 12. near duplicates, prepaid, rounding, third-party payment -----------------------------------


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_large_invoice_is_over_the_threshold(suite: Path, syntax: str) -> None:
    content = case(suite, "01.06a", syntax)
    know(content)
    take(content)
    [line] = cast.EXPORTS["invoices"]()
    assert (line["net"], line["tax"], line["gross"]) == ("18236.72", "3464.98", "21701.70")
    assert "over_threshold" in {hold["code"] for hold in line["holds"]}


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_filler_order_number_is_no_order(suite: Path, syntax: str) -> None:
    content = case(suite, "01.08a", syntax)
    know(content)
    take(content)
    [line] = cast.EXPORTS["invoices"]()
    assert line["order_numbers"] == []
    codes = {hold["code"] for hold in line["holds"]}
    assert "no_po" in codes
    assert "po_unknown" not in codes


@pytest.mark.parametrize(("first", "second"), [("01.05a", "01.19a"), ("01.01a", "01.17a")])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_same_number_with_another_account_or_a_cent_more_is_suspected(
    suite: Path, syntax: str, first: str, second: str
) -> None:
    contents = [case(suite, name, syntax) for name in (first, second)]
    know(contents[0])
    report = take(*contents).as_json()
    assert (report["accepted"], report["duplicates"]) == (2, 0)
    assert Hold.objects.filter(code="duplicate_suspect").count() == 1


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_rounding_amount_of_a_cent_balances(suite: Path, syntax: str) -> None:
    content = case(suite, "01.17a", syntax)
    know(content)
    take(content)
    assert not Hold.objects.filter(code__in=["totals_unbalanced", "tax_mismatch"]).exists()


@pytest.mark.parametrize("name", ["02.03a", "03.04a", "03.01a"])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_was_prepaid_has_to_be_found_before_anything_is_paid(
    suite: Path, syntax: str, name: str
) -> None:
    content = case(suite, name, syntax)
    know(content)
    take(content)
    assert Hold.objects.filter(code="prepayment_open").count() == 1
    assert not Payment.objects.exists()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_payments_to_third_parties_do_not_balance_without_their_extension(suite: Path, syntax: str) -> None:
    path = suite / f"business-cases/extension/05.01a-INVOICE_{syntax}.xml"
    if not path.exists():
        pytest.skip(f"the suite has no {path.name}")
    know(path.read_bytes())
    take(path.read_bytes())
    [hold] = Hold.objects.filter(code="totals_unbalanced")
    assert hold.detail["money"] == "29.96"


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_line_of_another_category_is_taxed_as_its_own(suite: Path, syntax: str) -> None:
    content = case(suite, "03.06a", syntax)
    know(content)
    take(content)
    assert not Hold.objects.filter(code__in=["totals_unbalanced", "tax_mismatch"]).exists()


def test_a_corrected_invoice_is_suspected_and_waits_for_what_it_corrects(suite: Path) -> None:
    first, corrected = case(suite, "01.05a", "uncefact"), case(suite, "01.18a", "uncefact")
    know(first)
    take(first, corrected)
    found = set(Hold.objects.filter(invoice__type_code="384").values_list("code", flat=True))
    assert {"duplicate_suspect", "credit_unlinked"} & found
