"""An invoice from the print of its pages: what a template reads, what it leaves out, and when none fits."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from coordination.translation import QuarantineCode, Unreadable, translate
from coordination.translation.canonical import Invoice
from coordination.translation.pdf import TEXT_FORMAT, template, text
from coordination.translation.pdf.contents import Contents, Page

from .conftest import only
from .pdfs import printed

ENGLISH = ("Invoice No: INV-7", "Invoice date: 2026-03-15", "Total due: EUR 119.00")


def read(*rows: str) -> Invoice:
    """What the pages of a PDF of these rows say."""
    contents = Contents((), (Page("\n".join(rows), rows),), ())
    return only(text.read_pages(contents), Invoice)


def refused(*rows: str) -> QuarantineCode:
    with pytest.raises(Unreadable) as caught:
        read(*rows)
    return caught.value.code


def problems(invoice: Invoice) -> dict[str, str]:
    return {problem.field: problem.reason for problem in invoice.unreadable}


@pytest.mark.parametrize(
    ("rows", "number", "day", "gross"),
    [
        (ENGLISH, "INV-7", date(2026, 3, 15), "119.00"),
        (
            ("Invoice # A/17", "Date: March 15, 2026", "Grand Total  $1,190.50"),
            "A/17",
            date(2026, 3, 15),
            "1190.50",
        ),
        (
            ("Rechnungs-Nr.: R-7", "Rechnungsdatum  15. März 2026", "Rechnungsbetrag  1.190,50 €"),
            "R-7",
            date(2026, 3, 15),
            "1190.50",
        ),
        (
            ("Rechnungsnummer  2026-7", "Datum: 03.04.2026", "Zu zahlen: 1 190,50 EUR"),
            "2026-7",
            date(2026, 4, 3),
            "1190.50",
        ),
        (
            ("Facture n° F-7", "Date : 03/04/2026", "Total TTC : 1 190,50 €"),
            "F-7",
            date(2026, 4, 3),
            "1190.50",
        ),
        (
            (
                "Numéro de facture : F7 ",
                "Date d’émission 15 mars 2026".replace("’", "'"),
                "Net à payer  19,00",
            ),
            "F7",
            date(2026, 3, 15),
            "19.00",
        ),
        (
            ("Factuurnummer: 993", "Factuurdatum: 15 maart 2026", "Te betalen  € 1.190,50"),
            "993",
            date(2026, 3, 15),
            "1190.50",
        ),
    ],
)
def test_labels_of_four_languages_are_known(
    rows: tuple[str, ...], number: str, day: date, gross: str
) -> None:
    invoice = read(*rows)
    assert (invoice.number, invoice.issue_date, invoice.gross) == (number, day, Decimal(gross))
    assert (invoice.type, invoice.lines, invoice.unreadable) == ("invoice", (), ())


def test_a_whole_pdf_is_read_and_marked_as_print() -> None:
    translation = translate(printed("INVOICE", *ENGLISH), "x.pdf")
    assert translation.source_format == TEXT_FORMAT == "pdf-text"
    invoice = only(translation, Invoice)
    assert (invoice.number, invoice.currency) == ("INV-7", "EUR")
    assert invoice.provenance["gross"].path.startswith("/page[1]/row[")
    assert invoice.provenance["gross"].raw == "119.00"
    assert any("INV-7" in found.raw for found in invoice.texts)


def test_further_values_are_read_where_they_have_a_label() -> None:
    invoice = read(
        *ENGLISH,
        "Due date: 14 April 2026  Your order no. PO-1",
        "Subtotal 100.00",
        "VAT total 19.00",
        "VAT-ID: DE136695976  IBAN DE89 3704 0044 0532 0130 00  BIC COBADEFFXXX",
    )
    assert (invoice.due_date, invoice.order_numbers) == (date(2026, 4, 14), ("PO-1",))
    assert (invoice.net, invoice.tax, invoice.currency) == (Decimal("100.00"), Decimal("19.00"), "EUR")
    assert (invoice.seller.vat_id, invoice.account.number) == ("DE136695976", "DE89370400440532013000")


def test_every_account_on_the_page_is_asked_for() -> None:
    invoice = read(
        *ENGLISH, "IBAN: DE89370400440532013000", "IBAN: NL50INGB0683251309", "IBAN DE89370400440532013000"
    )
    assert invoice.account.number == "DE89370400440532013000"
    assert [account.number for account in invoice.other_accounts] == ["NL50INGB0683251309"]


# --- what is never guessed -------------------------------------------------------------------------


def test_a_value_that_is_stated_twice_and_differs_is_left_out() -> None:
    invoice = read(*ENGLISH, "Total due: EUR 129.00")
    assert invoice.gross is None
    assert "more than once" in problems(invoice)["gross"]


def test_a_value_that_is_stated_twice_in_two_ways_is_one_value() -> None:
    assert read(*ENGLISH, "Total due: 119,00", "Invoice date: 15 March 2026").gross == Decimal("119.00")


def test_a_day_that_could_be_two_is_left_out() -> None:
    invoice = read("Invoice no. 7", "Invoice date: 03/04/2026", "Total: 119.00")
    assert invoice.issue_date is None
    assert problems(invoice) == {"issue_date": "could be two days"}


def test_an_amount_that_could_be_two_is_left_out() -> None:
    invoice = read("Invoice no. 7", "Invoice date: 2026-03-15", "Total: 1.234")
    assert (invoice.gross, problems(invoice)) == (None, {"gross": "not one amount"})


def test_an_account_that_fails_its_check_digits_is_left_out() -> None:
    invoice = read(*ENGLISH, "IBAN DE00 3704 0044 0532 0130 00")
    assert (invoice.account.number, problems(invoice)) == ("", {"account/number": "not an IBAN"})


def test_two_currencies_are_none() -> None:
    assert read(*ENGLISH, "that is USD 130.00").currency == ""


def test_a_dollar_sign_is_no_currency() -> None:
    assert read("Invoice no. 7", "Invoice date: 2026-03-15", "Total: $119.00").currency == ""


def test_your_vat_id_is_not_the_sellers() -> None:
    assert read(*ENGLISH, "Your VAT ID: NL003335996B98").seller.vat_id == ""


def test_two_vat_ids_are_none() -> None:
    invoice = read(*ENGLISH, "VAT-ID DE136695976", "VAT No. FR11123456782")
    assert invoice.seller.vat_id == ""
    assert "seller/vat_id" in problems(invoice)


@pytest.mark.parametrize("left_out", range(3))
def test_a_page_without_number_day_or_total_fits_no_template(left_out: int) -> None:
    rows = tuple(row for n, row in enumerate(ENGLISH) if n != left_out)
    assert refused("INVOICE", *rows) == QuarantineCode.UNSUPPORTED


def test_several_numbers_are_none() -> None:
    assert refused(*ENGLISH, "Invoice No: INV-8") == QuarantineCode.MISSING_ID


@pytest.mark.parametrize(
    "row",
    [
        "PRO FORMA",
        "2nd reminder",
        "Mahnung",
        "CREDIT NOTE",
        "Gutschrift",
        "Statement of account",
        "This invoice is overdue",
    ],
)
def test_a_page_that_may_be_something_else_is_no_invoice(row: str) -> None:
    assert refused(*ENGLISH, row) == QuarantineCode.UNSUPPORTED


def test_two_languages_that_read_the_same_are_one_reading() -> None:
    rows = (
        "Invoice no. 7 / Rechnungs-Nr. 7",
        "Invoice date: 15.03.2026  Datum: 15.03.2026",
        "Total: 119,00  Gesamtbetrag: 119,00 €",
    )
    assert read(*rows).gross == Decimal("119.00")


def test_two_languages_that_read_differently_are_no_reading() -> None:
    rows = (
        "Invoice no. 7 / Rechnungs-Nr. 8",
        "Invoice date: 15.03.2026  Datum: 15.03.2026",
        "Total: 119,00  Gesamtbetrag: 119,00 €",
    )
    assert refused(*rows) == QuarantineCode.UNSUPPORTED


def test_rows_as_long_as_books_are_prose() -> None:
    assert read(*ENGLISH, "Total due: " + "1" * 10_000, *["Invoice No: x"] * 6_000).gross == Decimal("119.00")


# --- templates -------------------------------------------------------------------------------------

ISSUER: dict[str, Any] = {
    "name": "Nails and More",
    "keywords": ["nails and more"],
    "decimal_mark": ",",
    "date_order": "dmy",
    "static": {"seller_name": "Nails and More", "vat_id": "DE136695976", "currency": "EUR"},
    "fields": {"number": ["beleg {key}"], "issue_date": ["vom {day}"], "gross": ["summe {amount}"]},
    "lines": {
        "start": "^menge",
        "end": "^summe",
        "row": (
            "^(?P<quantity>[0-9,]+) (?P<unit>st|kg)  (?P<item>N-\\d+) (?P<description>.+?) "
            " (?P<price>[0-9.,]+)  (?P<net>[0-9.,]+)$"
        ),
    },
}
ROWS = (
    "Nails and More, Invoice",
    "Beleg 17-4 vom 03.04.2026",
    "Menge  Artikel  Preis  Summe",
    "10 St  N-1 Nails, long  10,00  100,00",
    "made of steel",
    "2,5 kg  N-2 Nails, short  4,00  10,00",
    "Summe 110,00",
    "1 St  N-9 not a line  1,00  1,00",
)


def use(monkeypatch: pytest.MonkeyPatch, folder: Path, **files: dict[str, Any]) -> None:
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    monkeypatch.setattr(text, "templates", lambda: template.templates(folder))


def test_a_template_of_an_issuer_reads_its_lines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, tmp_path, nails=ISSUER)
    invoice = read(*ROWS)
    assert (invoice.number, invoice.issue_date, invoice.gross) == (
        "17-4",
        date(2026, 4, 3),
        Decimal("110.00"),
    )
    assert (invoice.seller.vat_id, invoice.seller.name, invoice.currency) == (
        "DE136695976",
        "Nails and More",
        "EUR",
    )
    assert [
        (x.position, x.quantity, x.unit, x.item, x.description, x.price, x.net) for x in invoice.lines
    ] == [
        (1, Decimal(10), "St", "N-1", "Nails, long", Decimal("10.00"), Decimal("100.00")),
        (2, Decimal("2.5"), "kg", "N-2", "Nails, short", Decimal("4.00"), Decimal("10.00")),
    ]
    assert invoice.provenance["lines/2/quantity"].path == "/page[1]/row[6]"


def test_the_template_of_an_issuer_goes_before_labels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    labels = {"name": "labels", "keywords": ["invoice"], "fields": {"number": ["beleg {key}"]}}
    use(monkeypatch, tmp_path, a_labels=labels, nails=ISSUER)
    assert [one.name for one in template.templates(tmp_path)] == ["Nails and More", "labels"]
    assert read(*ROWS).gross == Decimal("110.00")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fields": {"nummer": ["{key}"]}}, "nummer is not known"),
        ({"fields": {"number": ["no value"]}}, "names no value"),
        ({"fields": {"number": ["({key}"]}}, "is no pattern"),
        ({"keywords": []}, "a name and keywords"),
        ({"decimal_mark": ";"}, "decimal_mark"),
        ({"date_order": "ymd"}, "date_order"),
        ({"static": {"iban": "DE"}}, "iban is not known"),
        ({"lines": {"start": "a"}}, "lines have"),
        ({"lines": {"start": "a", "end": "b", "row": "(?P<colour>x)"}}, "colour is not known"),
        ({"surprise": 1}, "surprise is not known"),
        ({"required": ["colour"]}, "colour is not known"),
    ],
)
def test_a_wrong_template_says_what_to_change(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text(json.dumps(ISSUER | change))
    with pytest.raises(template.TemplateError, match=rf"wrong\.json.*{said}"):
        template.templates(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_template_that_is_no_object_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text(content)
    with pytest.raises(template.TemplateError, match=r"wrong\.json"):
        template.templates(tmp_path)


def test_all_templates_of_the_product_are_right_and_name_no_issuer() -> None:
    found = template.templates()
    assert {one.name for one in found} == {
        f"{name} labels" for name in ("English", "German", "French", "Dutch")
    }
    assert not any(one.static for one in found)
    assert all(set(one.required) == {"number", "issue_date", "gross"} for one in found)
