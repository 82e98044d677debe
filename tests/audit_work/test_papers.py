"""A paper is the same facts as Markdown and as PDF, a list the same sums in every format, and text of
strangers stays text."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook  # type: ignore[import-untyped]

from coordination.reports import blocks, words, writers
from coordination.reports.blocks import Block, Facts, Grid, Report, Section, Text
from coordination.reports.markdown import markdown, plain
from coordination.reports.pdf import MOST_LINES, pdf
from coordination.reports.sample_sheet import AMOUNTS, csv_sheet
from coordination.reports.sample_sheet import COLUMNS as SHEET
from coordination.reports.table import AT, COLUMNS, Head, RunningTotal, format_decimal, weight
from coordination.reports.table import plain as plain_cell
from coordination.reports.unpayable import COLUMNS as UNPAYABLE
from coordination.reports.unpayable import unpayable_csv

from .reading import text_of
from .rows import row, rows

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HEAD = Head("Population 1", [("Made", "2026-11-20T12:00:00Z")])
MONEY = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def paper(*shown: Block, title: str = "Paper", lead: str = "Lead") -> Report:
    return Report(title, lead, "Foot", [Section("Part", list(shown))])


# --- markdown -----------------------------------------------------------------------------------------------


def test_a_paper_as_markdown_by_hand() -> None:
    grid = Grid(("Name", "Sum"), (1, 1), [("A", "1.00"), ("B|C", "−2.00")], right=frozenset({1}))
    text = markdown(paper(Text("First."), Text("Small", "h3"), Facts([("Made", "today")]), grid))
    assert text == (
        "# Paper\n\nLead\n\n## Part\n\nFirst.\n\n### Small\n\n"
        "|  |  |\n|---|---|\n| Made | today |\n\n"
        "| Name | Sum |\n|---|---:|\n| A | 1.00 |\n| B\\|C | −2.00 |\n"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# no head", "\\# no head"),
        ("a # b", "a # b"),
        ("- no list", "\\- no list"),
        ("+ no list", "\\+ no list"),
        ("1. no list", "\\1. no list"),
        ("1.00", "1.00"),
        ("-5.00", "-5.00"),
        ("*bold* `code`", "\\*bold\\* \\`code\\`"),
        ("[x](http://e.vil)", "\\[x\\](http://e.vil)"),
        ("<script>", "\\<script\\>"),
        ("&lt;", "\\&lt;"),
        ("a_b_c", "a_b_c"),
        ("_under_", "\\_under\\_"),
        ("two\nlines\tand  spaces", "two lines and spaces"),
        ("a\\b", "a\\\\b"),
        ("", ""),
    ],
)
def test_a_mark_of_markdown_is_written_out(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(max_size=60))
def test_no_text_makes_a_line_a_column_or_a_tag_of_its_own(text: str) -> None:
    lines = markdown(paper(Facts([(text, "end")]))).splitlines()
    assert lines[-1].endswith("| end |")
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", lines[-1])) == 3
    assert not re.search(r"(?<!\\)(?:\\\\)*<", lines[-1])


# --- pdf ----------------------------------------------------------------------------------------------------


def read(report: Report) -> str:
    return " ".join(text_of(pdf(report, NOW)).split())


def test_a_printed_paper_has_its_title_facts_tables_and_foot() -> None:
    grid = Grid(
        ("Code", "Sum"), (1, 2), [("no_po", "1.00")], frozenset({1}), frozenset({0}), frozenset({(0, 1)})
    )
    found = read(paper(Text("Words."), Text("Small", "h3"), Facts([("Made", "today")]), grid))
    for piece in (
        "Paper",
        "Lead",
        "Part",
        "Words.",
        "Small",
        "Made",
        "today",
        "Code",
        "no_po",
        "1.00",
        "Foot",
    ):
        assert piece in found
    assert "Printed 2026-11-20 12:00:00 UTC · page 1" in found


def test_the_same_facts_give_the_same_bytes_but_for_the_time() -> None:
    one = paper(Facts([("Made", "today")]))
    assert pdf(one, NOW) == pdf(one, NOW)
    assert pdf(one, NOW) == pdf(one, NOW.astimezone(timezone(timedelta(hours=5))))
    assert pdf(one, NOW) != pdf(one, NOW + timedelta(seconds=1))


def test_a_long_table_goes_on_and_repeats_its_head_on_every_page() -> None:
    found = read(paper(Grid(("Heading", "No."), (1, 1), [(f"row-{n}", str(n)) for n in range(200)])))
    pages = [page for page in re.split(r"page \d+", found) if "row-" in page]
    assert len(pages) > 1
    assert [page.count("Heading") for page in pages] == [1] * len(pages)
    assert all(f"row-{n} {n}" in found for n in range(200))


def test_an_empty_table_and_an_empty_paper_are_printed() -> None:
    assert "Heading" in read(paper(Grid(("Heading",), (1,), [])))
    assert "Part" in read(paper())
    assert "Paper" in read(Report("Paper", "", "", []))
    assert "Part" in read(paper(Facts([])))


def test_a_cell_of_any_length_fits_on_a_page_and_says_what_was_left_out() -> None:
    found = read(paper(Grid(("A", "B"), (1, 9), [("x" * 100_000, "end")])))
    assert "characters more" in found
    assert "end" in found
    assert found.count("x") < 100_000 / MOST_LINES


@given(st.text(max_size=40))
@settings(max_examples=25)
def test_any_text_can_be_printed_anywhere(text: str) -> None:
    shown = paper(Text(text), Facts([(text, text)]), Grid((text,), (1,), [(text,)]), title=text, lead=text)
    assert pdf(shown, NOW).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"),
        ("a\nb", "a<br/>b"),
        ("R&D", "R&amp;D"),
        ("Łódź", "Lódz"),
        ("中", "‹U+4E2D›"),
        ("a\u202eb", "a‹U+202E›b"),
        ("tab\there", "tab here"),
    ],
)
def test_a_text_in_a_paragraph_is_only_text(text: str, shown: str) -> None:
    assert words.marked(text) == shown


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc … (1 character more)"),
        ("a" * 5000, 2, "aa … (4,998 characters more)"),
        ("", 0, ""),
    ],
)
def test_a_text_that_is_cut_says_by_how_much(text: str, most: int, shown: str) -> None:
    assert words.clipped(text, most) == shown


def test_a_block_says_what_it_is() -> None:
    assert {b.kind for b in (blocks.Facts, blocks.Grid, blocks.Text)} == {"facts", "grid", "text"}


# --- money and weight ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1190.000000", "1190.00"),
        ("1190", "1190.00"),
        ("0.125", "0.125"),
        ("0.1250", "0.125"),
        ("-5", "-5.00"),
        ("0", "0.00"),
        ("1E+3", "1000.00"),
        ("100000000000000.01", "100000000000000.01"),
    ],
)
def test_an_amount_in_a_file(amount: str, text: str) -> None:
    assert format_decimal(Decimal(amount)) == text


@given(MONEY)
def test_a_credit_weighs_less_than_nothing_and_an_invoice_what_it_asks(amount: Decimal) -> None:
    assert weight("invoice", amount) == amount == -weight("credit_note", amount)
    assert weight("invoice", None) == weight("credit_note", None) == 0


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "text", ""),
        (Decimal("1190.000000"), "money", "1190.00"),
        (Decimal("7.50"), "count", "7.50"),
        (date(2026, 9, 5), "day", "2026-09-05"),
        (("PO-1", "PO-2"), "list", "PO-1, PO-2"),
        ((), "list", ""),
        (7, "count", "7"),
        ("x", "text", "x"),
    ],
)
def test_a_cell_as_text(value: Any, kind: Any, text: str) -> None:
    assert plain_cell(value, kind) == text


INVOICES = st.lists(
    st.tuples(st.sampled_from(["invoice", "credit_note"]), st.sampled_from(["EUR", "USD", ""]), MONEY),
    max_size=12,
)


@given(INVOICES)
def test_sums_are_by_currency_with_credits_once_more_beside(invoices: list[tuple[str, str, Decimal]]) -> None:
    counted = RunningTotal()
    for n, (type_, currency, gross) in enumerate(invoices):
        counted.add(f"{n:04}", type_, currency, gross)
    assert counted.count == len(invoices)
    for currency, found in counted.totals.items():
        own = [(t, g) for t, c, g in invoices if c == currency]
        assert (found.count, found.gross) == (len(own), sum((g for _, g in own), Decimal(0)))
        given_back = [g for t, g in own if t == "credit_note"]
        assert (found.credit_notes, found.credit_gross) == (
            len(given_back),
            sum(given_back, Decimal(0)),
        )
    assert [t["currency"] for t in counted.as_json()] == sorted(counted.totals)


def test_an_amount_that_is_not_known_counts_as_an_invoice_of_nothing() -> None:
    counted = RunningTotal()
    list(counted.through([row(1, gross=None), row(2, gross=Decimal(5), currency=None)]))
    assert [(t["currency"], t["count"], t["gross"]) for t in counted.as_json()] == [
        ("", "1", "5.00"),
        ("EUR", "1", "0.00"),
    ]


def test_another_amount_or_another_sign_is_another_digest() -> None:
    def digest(type_: str, gross: str) -> str:
        counted = RunningTotal()
        counted.add("a", type_, "EUR", Decimal(gross))
        return counted.digest

    assert digest("invoice", "5") == digest("invoice", "5.000000")
    assert len({digest("invoice", "5"), digest("invoice", "5.01"), digest("credit_note", "5")}) == 3


def test_totals_in_words_name_the_credits_where_there_are_any() -> None:
    counted = RunningTotal()
    list(counted.through([row(1), row(2, type="credit_note", gross=Decimal(90)), row(3, currency="USD")]))
    assert writers.totals_in_words(counted) == [
        ("Invoices", "3"),
        ("Gross EUR", "1280.00 in 2; of them 1 credit note, 90.00"),
        ("Gross USD", "1190.00 in 1"),
    ]


# --- sheets -------------------------------------------------------------------------------------------------


def written(name: str, given_rows: Any) -> bytes:
    out = io.BytesIO()
    writers.FORMATS[name].write(out, given_rows, HEAD, RunningTotal())
    return out.getvalue()


@pytest.mark.parametrize(
    ("count", "sheets"), [(0, [0]), (1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])]
)
def test_a_workbook_is_cut_into_sheets_and_each_has_the_heads(
    monkeypatch: pytest.MonkeyPatch, count: int, sheets: list[int]
) -> None:
    monkeypatch.setattr(writers, "SHEET_ROWS", 3)
    book = load_workbook(io.BytesIO(written("xlsx", rows(count))))
    names = ["Population", *(f"Population {n}" for n in range(2, len(sheets) + 1)), "About"]
    assert book.sheetnames == names
    for name, held in zip(names, sheets, strict=False):
        found = list(book[name].values)
        assert found[0] == tuple(c.name for c in COLUMNS)
        assert len(found) == held + 1


def test_csv_and_json_lines_say_the_same() -> None:
    given_rows = [row(1), row(2, gross=Decimal("0.125"), vendor_name="Müller & Co")]
    table = list(csv.DictReader(io.StringIO(written("csv", given_rows).decode())))
    found = [json.loads(x) for x in written("jsonl", given_rows).splitlines()]
    for a, b in zip(table, found, strict=True):
        assert {k: v for k, v in a.items() if k != "order_numbers" and b[k] is not None and b[k] != []} == {
            k: v for k, v in b.items() if k != "order_numbers" and v is not None and v != []
        }
    assert AT["gross"] == next(n for n, c in enumerate(COLUMNS) if c.name == "gross")


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", " =1", '"=1']


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_sheet_for_the_bank_or_of_a_sample_is_a_formula(text: str) -> None:
    [line] = csv.DictReader(io.StringIO(unpayable_csv([dict.fromkeys(UNPAYABLE, text)]).decode()))
    assert {words.unguarded(v) for v in line.values()} == {text}
    assert all(v == f"'{text}" for v in line.values())
    _, cells = csv.reader(io.StringIO(csv_sheet([[text] * len(SHEET)]).decode()))
    assert {name for name, v in zip(SHEET, cells, strict=True) if v == text} == AMOUNTS


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=30))
def test_a_plain_text_comes_back_from_a_guarded_one(text: str) -> None:
    if ";" not in text and not text.startswith("'"):
        assert words.unguarded(words.guarded(text)) == text


def test_a_sheet_without_rows_has_its_heads() -> None:
    assert unpayable_csv([]).decode() == ",".join(UNPAYABLE) + "\r\n"
    assert csv_sheet([]).decode() == ",".join(SHEET) + "\r\n"


def test_a_row_of_too_few_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        csv_sheet([["1"]])
