"""A population as a file says what it is in every format, and no text of a stranger does anything there."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook  # type: ignore[import-untyped]

from audit import sampling
from audit.sampling import Item
from coordination.reports import printed_list, words, writers
from coordination.reports.printed_list import TooLongToPrint
from coordination.reports.table import COLUMNS, Head, Row, RunningTotal
from coordination.reports.writers import FORMATS

from .reading import text_of
from .rows import row, rows

HEAD = Head("Population 1", [("Search", "everything"), ("Made", "2026-11-20T12:00:00Z")])
every_format = pytest.mark.parametrize("name", FORMATS)


def written(name: str, *given: Row) -> tuple[bytes, RunningTotal]:
    out, counted = io.BytesIO(), RunningTotal()
    FORMATS[name].write(out, iter(given), HEAD, counted)
    return out.getvalue(), counted


def csv_of(*given: Row) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written("csv", *given)[0].decode())))


def sheet_of(*given: Row) -> list[list[object]]:
    book = load_workbook(io.BytesIO(written("xlsx", *given)[0]))
    return [[cell.value for cell in line] for line in book["Population"].iter_rows()]


# --- what is there ---------------------------------------------------------------------------------


@every_format
def test_number_and_sums_are_counted_on_the_way(name: str) -> None:
    _, counted = written(
        name,
        row(1),
        row(2, type="credit_note", gross=Decimal("19.5")),
        row(3, currency="USD"),
        row(4, gross=None),
    )
    assert counted.count == 4
    assert counted.as_json() == [
        {"currency": "EUR", "count": "3", "gross": "1209.50", "credit_notes": "1", "credit_gross": "19.50"},
        {"currency": "USD", "count": "1", "gross": "1190.00", "credit_notes": "0", "credit_gross": "0.00"},
    ]


@every_format
def test_nothing_found_is_a_file_all_the_same(name: str) -> None:
    content, counted = written(name)
    assert content if name != "jsonl" else content == b""
    assert (counted.count, counted.as_json()) == (0, [])


def test_the_digest_is_that_of_a_sample_of_the_same_population() -> None:
    _, counted = written("csv", row(1), row(2, type="credit_note", gross=Decimal("19.5")), row(3, gross=None))
    keys = [str(r[0]) for r in (row(1), row(2), row(3))]
    items = [Item(k, Decimal(a)) for k, a in zip(keys, ("1190.00", "-19.50", "0.00"), strict=True)]
    assert counted.digest == sampling.digest(reversed(items))


def test_rows_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="does not follow"):
        written("csv", row(2), row(1))
    with pytest.raises(ValueError, match="does not follow"):
        written("csv", row(1), row(1))


def test_csv_has_every_column_in_plain_values() -> None:
    [line] = csv_of(
        row(1, order_numbers=("PO-1", "PO-2"), holds=("no_receipt", "price_over"), gross=Decimal("0.125"))
    )
    assert list(line) == [c.name for c in COLUMNS]
    assert (line["gross"], line["net"], line["due_date"]) == ("0.125", "1000.00", "")
    assert (line["issue_date"], line["received_at"]) == ("2026-09-05", "2026-09-06T07:08:09.000000Z")
    assert (line["order_numbers"], line["holds"]) == ("PO-1, PO-2", "no_receipt, price_over")


def test_json_lines_keep_text_exact_and_say_what_is_not_known() -> None:
    content, _ = written("jsonl", row(1, vendor_name="=1+1\u202e", net=None))
    line = json.loads(content)
    assert line["vendor_name"] == "=1+1\u202e"
    assert (line["net"], line["gross"], line["due_date"]) == (None, "1190.00", None)
    assert line["order_numbers"] == ["PO-1"]


def test_a_workbook_has_numbers_days_and_a_sheet_that_says_what_it_is() -> None:
    content, _ = written("xlsx", row(1))
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Population", "About"]
    line = {
        c.name: cell.value for c, cell in zip(COLUMNS, list(book["Population"].iter_rows())[1], strict=True)
    }
    assert (line["gross"], line["entries"], str(line["issue_date"])) == (1190, 7, "2026-09-05 00:00:00")
    about = {a.value: b.value for a, b in book["About"].iter_rows()}
    assert about == {
        "Search": "everything",
        "Made": "2026-11-20T12:00:00Z",
        "Invoices": "1",
        "Gross EUR": "1190.00 in 1",
    }


def test_an_amount_that_a_spreadsheet_cannot_hold_is_text() -> None:
    huge = Decimal("12345678901234567.89")
    [_, line] = sheet_of(row(1, gross=huge, net=Decimal("-0.01")))
    assert line[COLUMN["gross"]] == "12345678901234567.89"
    assert line[COLUMN["net"]] == -0.01


COLUMN = {column.name: place for place, column in enumerate(COLUMNS)}


def test_a_full_sheet_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "SHEET_ROWS", 10)
    book = load_workbook(io.BytesIO(written("xlsx", *rows(25))[0]))
    assert book.sheetnames == ["Population", "Population 2", "Population 3", "About"]
    assert [book[name].max_row - 1 for name in book.sheetnames[:3]] == [10, 10, 5]


def test_a_printed_list_has_its_head_its_rows_and_its_end() -> None:
    content, _ = written("pdf", *rows(120))
    text = text_of(content)
    assert "Search: everything" in text
    assert "INV-120" in text
    assert "End of the list Invoices: 120 Gross EUR: 142800.00 in 120" in text
    assert "page 3" in text


def test_a_printed_list_ends_somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed_list, "MOST_ROWS", 5)
    with pytest.raises(TooLongToPrint):
        written("pdf", *rows(6))


@pytest.mark.parametrize("name", ["csv", "jsonl", "xlsx"])
def test_memory_does_not_grow_with_the_number_of_rows(name: str) -> None:
    class Nowhere(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            return len(data)  # type: ignore[arg-type]

    def peak(count: int) -> int:
        tracemalloc.start()
        FORMATS[name].write(io.BytesIO() if name == "xlsx" else Nowhere(), rows(count), HEAD, RunningTotal())
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)
    few, many = peak(100), peak(2000)
    assert many < few + 400_000  # 2,000 rows held would take over 4 MB


# --- hostile text ----------------------------------------------------------------------------------

FORMULAS = (
    '=HYPERLINK("http://evil.example","click")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
    '"=1',
    "\n=1",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_csv_begins_like_a_formula(text: str) -> None:
    [line] = csv_of(row(1, vendor_name=text, invoice_number=text, order_numbers=(text,)))
    for name in ("vendor_name", "invoice_number", "order_numbers"):
        assert line[name].startswith("'")
        if "\t" not in text and "\n" not in text:  # there it is guarded once more, after the separator
            assert words.unguarded(line[name]) == text.replace("\r", "")


def test_a_csv_read_by_another_separator_has_no_formula_either() -> None:
    content = written("csv", row(1, vendor_name="Bolt;=1+1\t@x; -5"))[0].decode()
    for separator in (";", "\t"):
        for line in csv.reader(io.StringIO(content), delimiter=separator):
            assert not [cell for cell in line if cell.lstrip().startswith(("=", "+", "@", "-"))]


def test_negative_amounts_stay_numbers() -> None:
    [line] = csv_of(row(1, net=Decimal("-12.50")))
    assert line["net"] == "-12.50"


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_workbook_is_a_formula(text: str) -> None:
    content, _ = written("xlsx", row(1, vendor_name=text))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        styles = archive.read("xl/styles.xml")
    assert b"<f>" not in sheet
    assert b'quotePrefix="1"' in styles
    [_, line] = sheet_of(row(1, vendor_name=text))
    assert str(line[COLUMN["vendor_name"]]).strip() == words.without_control(text).strip()


@given(st.text(max_size=40))
def test_any_text_goes_into_every_format(text: str) -> None:
    for name in FORMATS:
        content, counted = written(name, row(1, vendor_name=text, invoice_number=text, currency=text[:3]))
        assert content
        assert counted.count == 1
    [line] = csv_of(row(1, vendor_name=text))
    assert not line["vendor_name"].lstrip(' "').startswith(("=", "+", "-", "@"))


@given(st.text(max_size=60))
def test_printed_text_has_only_what_the_font_has_and_loses_nothing_in_silence(text: str) -> None:
    shown = words.printable(text)
    shown.encode("cp1252")
    assert not [c for c in shown if c != "\n" and not c.isprintable() and c != "\u00a0"]
    assert bool(shown) == bool(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Müller & Søn, € 5", "Müller & Søn, € 5"),
        ("Łódź Kovářová Đorđe", "Lódz Kovárová Dorde"),
        ("中", "‹U+4E2D›"),
        ("a\u202eb\u200bc\u00add", "a‹U+202E›b‹U+200B›c‹U+00AD›d"),
        ("ﬁn", "fin"),
        ("a\x00b", "a‹U+0000›b"),
    ],
)
def test_letters_that_the_print_font_lacks_are_named(text: str, shown: str) -> None:
    assert words.printable(text) == shown
