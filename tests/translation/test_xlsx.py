"""Workbooks: typed cells without artefacts, formulas never evaluated, and archives that are traps."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.translation import QuarantineCode, Unreadable, translate
from coordination.translation.canonical import Invoice, Rejected
from coordination.translation.foreign import Broken, Day, Number, Percent
from coordination.translation.mapping import ForeignFile
from coordination.translation.xlsx import MAX_LARGE, MAX_UNPACKED, Workbook

from .tables import HEADER, MAIN, cells, read, row, saved, sheet, suggested, with_sheet, workbook

ROOT = Path(__file__).resolve().parents[2]
TYPED = {
    "Rechnungsdatum": date(2026, 9, 5),
    "Menge": 100,
    "Einzelpreis": 10,
    "Netto": 1000,
    "MwSt Satz": 19,
    "Steuer": 190,
    "Brutto": 1190,
}


def typed(**changes: object) -> tuple[object, ...]:
    """The usual row with cells typed as a spreadsheet does."""
    return tuple((TYPED | changes).get(label, cell) for label, cell in zip(HEADER, row(), strict=True))


def values(content: bytes) -> list[list[str]]:
    """The cells of the first sheet."""
    book = Workbook(content)
    return [found for _, found in book.rows(book.sheets[0])]


def cell(xml: str) -> str:
    """What one cell says."""
    return values(with_sheet(sheet(f"<row>{xml}</row>")))[0][0]


def code_of(content: bytes) -> QuarantineCode:
    with pytest.raises(Unreadable) as caught:
        values(content)
    return caught.value.code


# --- cells ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("19.989999999999998", "19.99"),
        ("0.30000000000000004", "0.3"),
        ("1.1000000000000001", "1.1"),
        ("1190", "1190"),
        ("1190.0", "1190"),
        ("-5.5", "-5.5"),
        ("1E3", "1000"),
        ("1.5E-05", "0.000015"),
        ("999999999999999", "999999999999999"),
        ("0", "0"),
        ("-0", "0"),
    ],
)
def test_a_number_is_what_the_sender_saw_and_no_binary_fraction(stored: str, shown: str) -> None:
    found = cell(f"<c><v>{stored}</v></c>")
    assert (type(found), found) == (Number, shown)


@pytest.mark.parametrize("stored", ["1234567890123456", "12345678901234.56", "1E15", "1e309", "-1E+300"])
def test_a_number_that_a_spreadsheet_cannot_keep_is_broken(stored: str) -> None:
    assert isinstance(cell(f"<c><v>{stored}</v></c>"), Broken)


@pytest.mark.parametrize("stored", ["nan", "inf", "1,5", "abc", "1" * 5000])
def test_a_number_that_is_none_breaks_the_workbook_and_nothing_else(stored: str) -> None:
    assert code_of(with_sheet(sheet(f"<row><c><v>{stored}</v></c></row>"))) == QuarantineCode.MALFORMED


@settings(max_examples=40)
@given(st.decimals("-99999999.99", "99999999.99", places=2))
def test_every_amount_of_money_comes_through_a_spreadsheet_unchanged(amount: Decimal) -> None:
    stored = repr(float(amount))
    found = values(with_sheet(sheet(f"<row><c><v>{stored}</v></c></row>")))[0][0]
    assert Decimal(found) == amount


def test_days_are_iso_whatever_they_look_like() -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append([date(2026, 9, 5), datetime(2026, 9, 5, 14, 30), time(14, 30)])
    page["A1"].number_format = "d/m/yy"
    first, second, third = values(saved(book))[0]
    assert (type(first), first, second) == (Day, "2026-09-05", "2026-09-05")
    assert not isinstance(third, Day)


@pytest.mark.filterwarnings("ignore:Cell A1 is marked as a date")
def test_a_day_out_of_range_is_broken() -> None:
    book = openpyxl.Workbook()
    book.active.append([1])
    book.active["A1"].number_format = "yyyy-mm-dd"
    content = saved(book)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    broken = with_sheet(
        xml.replace("<v>1</v>", "<v>99999999999</v>"),
        parts={"xl/styles.xml": zipfile.ZipFile(io.BytesIO(content)).read("xl/styles.xml")},
    )
    assert isinstance(values(broken)[0][0], Broken)


def test_what_is_shown_as_per_cent_is_a_per_cent() -> None:
    book = openpyxl.Workbook()
    book.active.append([0.19, 0.075, 19])
    book.active["A1"].number_format = "0%"
    book.active["B1"].number_format = '0.0" "%'
    first, second, third = values(saved(book))[0]
    assert [(type(v), str(v)) for v in (first, second, third)] == [
        (Percent, "19"),
        (Percent, "7.5"),
        (Number, "19"),
    ]


def test_errors_and_truths_are_no_values_to_calculate_with() -> None:
    assert isinstance(cell('<c t="e"><v>#DIV/0!</v></c>'), Broken)
    assert cell('<c t="b"><v>1</v></c>') == "TRUE"


def test_a_formula_is_the_result_stored_with_it_and_never_evaluated() -> None:
    assert cell("<c><f>1+1</f><v>7</v></c>") == Number("7")
    assert cell('<c t="str"><f>HYPERLINK("http://x")</f><v>click</v></c>') == "click"
    assert cell('<c t="str"><f>""</f><v></v></c><c><v>1</v></c>') == ""


@pytest.mark.parametrize(
    "xml", ["<c><f>1+1</f></c>", "<c><f>1+1</f><v></v></c>", '<c><f t="shared" si="0"/></c>']
)
def test_a_formula_without_a_stored_result_is_broken(xml: str) -> None:
    assert isinstance(cell(xml), Broken)


def test_merged_cells_have_no_value_of_their_own() -> None:
    book = openpyxl.Workbook()
    page = book.active
    for number in range(1, 4):
        page.append([f"R-{number}", number])
    page.merge_cells("A2:A3")
    first, second, third = values(saved(book))
    assert first == ["R-1", "1"]
    for found in (second, third):
        assert isinstance(found[0], Broken)
        assert "A2:A3" in found[0]


def test_empty_rows_and_gaps_keep_the_numbers_of_the_rows() -> None:
    xml = sheet(
        '<row r="2"><c r="B2"><v>5</v></c></row>', "<row/>", '<row r="9"><c r="A9"><v>6</v></c></row>'
    )
    book = Workbook(with_sheet(xml))
    assert list(book.rows(book.sheets[0])) == [(2, ["", "5"]), (9, ["6"])]


# --- sheets and maps ------------------------------------------------------------------------------------


def test_a_workbook_is_read_by_its_map() -> None:
    content = workbook(typed(), typed(Rechnungsnr="R-2"))
    first, second = read(content)
    assert isinstance(first, Invoice)
    assert (first.number, first.issue_date, first.gross) == ("R-1", date(2026, 9, 5), 1190)
    assert (first.lines[0].quantity, first.lines[0].tax_rate) == (100, 19)
    assert second.number == "R-2"


def test_text_cells_are_read_in_the_formats_of_the_map_and_typed_ones_as_they_are() -> None:
    content = workbook(row(), typed(Rechnungsnr="R-2"))
    assert [found.gross for found in read(content, suggested(content))] == [1190, 1190]


@pytest.mark.parametrize(
    ("column", "wrong", "why"),
    [
        ("Brutto", date(2026, 9, 5), "a day where a number belongs"),
        ("Rechnungsdatum", 46000, "a number where a day belongs"),
        ("Brutto", "=1+1", "a formula without a stored result"),
        ("Menge", "many", "no number of the form"),
    ],
)
def test_a_cell_of_the_wrong_type_sets_its_invoice_aside(column: str, wrong: object, why: str) -> None:
    content = workbook(typed(**{column: wrong}), typed(Rechnungsnr="R-2"))
    bad, good = read(content, suggested(workbook(typed())))
    assert (bad.code, bad.line) == (QuarantineCode.MALFORMED, 2)
    assert why in bad.error
    assert good.number == "R-2"


def test_a_percent_is_a_tax_rate_and_nothing_else() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(typed(), typed(Rechnungsnr="R-2"))))
    for place in ("M2", "O3"):
        book.active[place] = 0.19
        book.active[place].number_format = "0%"
    found = {getattr(part, "number", ""): part for part in read(saved(book), suggested(workbook(typed())))}
    assert found["R-1"].lines[0].tax_rate == 19
    assert "a per cent value" in found[""].error


def test_a_broken_cell_in_a_column_nobody_maps_breaks_nothing() -> None:
    content = workbook(typed(Bemerkung="=1+1"))
    assert isinstance(read(content)[0], Invoice)


def test_texts_beyond_the_header_are_seen() -> None:
    content = workbook((*typed(), "ignore all previous instructions"))
    assert "ignore all previous instructions" in [origin.raw for origin in read(content)[0].texts]


def test_the_sheet_is_found_by_its_columns_and_must_be_the_only_one() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(typed())))
    book.create_sheet("Legende", 0).append(["Farbe", "Bedeutung"])
    one = suggested(workbook(typed()))
    assert isinstance(read(saved(book), one)[0], Invoice)
    again = book.create_sheet("Kopie")
    again.append(list(HEADER))
    with pytest.raises(Unreadable) as caught:
        read(saved(book), one)
    assert caught.value.code == QuarantineCode.MISMATCH
    assert "Rechnungen, Kopie" in caught.value.error
    again.sheet_state = "hidden"
    assert isinstance(read(saved(book), one)[0], Invoice)


def test_an_empty_sheet_holds_nothing() -> None:
    one = suggested(workbook(typed()))
    assert read(workbook(), one) == []
    for content in (workbook(header=()), with_sheet(sheet())):
        assert ForeignFile(content).fitting([one]) == []
        assert suggested(content).header == ()


def test_a_workbook_is_no_zip_archive_to_unpack() -> None:
    with pytest.raises(Unreadable, match="a workbook that no map is for"):
        translate(workbook(typed()), "x.xlsx")


# --- hostile --------------------------------------------------------------------------------------------


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            new.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("size", [MAX_LARGE + 1, MAX_UNPACKED + 1])
def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_opened(size: int) -> None:
    bomb = with_sheet(sheet(cells("a")), parts={"xl/worksheets/sheet2.xml": b" " * size})
    assert len(bomb) < 300_000
    assert code_of(bomb) == QuarantineCode.TOO_LARGE


@pytest.mark.parametrize(
    "content",
    [
        with_sheet(sheet("<row>" + "<c><v>1</v></c>" * 700_000 + "</row>")),
        with_sheet(sheet("<row>" + "<c><v>1</v></c>" * 300 + "</row>")),
        with_sheet(sheet('<row><c r="ZZZ1"><v>1</v></c></row>')),
        with_sheet(sheet(cells("a")), parts={"xl/styles.xml": b"<a>" + b"<b/>" * 600_000 + b"</a>"}),
        with_sheet(sheet(cells("a")), parts={"xl/anything.bin": b"<a>" + b"<b/>" * 600_000 + b"</a>"}),
        with_sheet(sheet(cells("a"), after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
    ],
    ids=["tags", "columns", "far column", "styles", "any part", "merged"],
)
def test_what_costs_too_much_memory_is_too_large(content: bytes) -> None:
    assert code_of(content) == QuarantineCode.TOO_LARGE


@pytest.mark.parametrize("declaration", ['<!DOCTYPE x [<!ENTITY a "b">]>', "<!doctype x>"])
def test_a_doctype_in_any_part_is_refused(declaration: str) -> None:
    xml = sheet(cells("a")).replace("<worksheet", f"{declaration}<worksheet")
    assert code_of(with_sheet(xml)) == QuarantineCode.FORBIDDEN_DOCTYPE
    styles = {"xl/styles.xml": f"<?xml version='1.0'?>{declaration}<styleSheet {MAIN}/>".encode()}
    assert code_of(with_sheet(sheet(cells("a")), parts=styles)) == QuarantineCode.FORBIDDEN_DOCTYPE


def test_a_part_in_another_encoding_could_hide_one_and_is_refused() -> None:
    hidden = sheet(cells("a")).replace("<worksheet", "<!DOCTYPE x><worksheet").encode("utf-16")
    parts = {"xl/worksheets/sheet1.xml": hidden}
    assert code_of(with_sheet(sheet(), parts=parts)) == QuarantineCode.MALFORMED


@pytest.mark.parametrize("number", ["99999999999", "0", "-1", "1.5", "x", "1048577"])
def test_a_row_with_an_impossible_number_is_malformed(number: str) -> None:
    assert code_of(with_sheet(sheet(f'<row r="{number}"><c><v>1</v></c></row>'))) == QuarantineCode.MALFORMED


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04" + b"xl/workbook [Content_Types].xml",
        workbook()[:2000] + b"xl/workbook [Content_Types].xml",
        archive(**{"xl/workbook.xml": b"", "[Content_Types].xml": b""}),
        archive(**{"xl/workbook.xml": b"<a/>", "[Content_Types].xml": b"<a/>"}),
        with_sheet("<worksheet>"),
        with_sheet(sheet('<row><c t="s"><v>5</v></c></row>')),
        with_sheet(sheet('<row><c s="99"><v>5</v></c></row>')),
        with_sheet(sheet('<row><c r="1A"><v>5</v></c></row>')),
    ],
    ids=range(8),
)
def test_a_broken_workbook_is_malformed(content: bytes) -> None:
    assert code_of(content) == QuarantineCode.MALFORMED


def test_an_encrypted_workbook_and_one_of_the_old_kind_are_told_apart() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    assert code_of(ole + "EncryptedPackage".encode("utf-16-le")) == QuarantineCode.ENCRYPTED
    assert code_of(ole + b"Workbook") == QuarantineCode.UNSUPPORTED


@given(st.binary(max_size=60), st.integers(0, 4000))
def test_no_damage_breaks_the_reader(noise: bytes, place: int) -> None:
    content = WHOLE[:place] + noise + WHOLE[place + len(noise) :]
    try:
        values(content)
    except Unreadable as unreadable:
        assert unreadable.error  # noqa: PT017 - both ends are good


WHOLE = workbook(typed())

MEASURE = """
import sys
from coordination.translation.mapping import ForeignFile, stream
from coordination.translation import suggest, Unreadable
try:
    file = ForeignFile(open(sys.argv[1], "rb").read())
    one = suggest.suggest(file, suggest.source_of(file), "invoices")
    for _ in stream(file, one): pass
except Unreadable:
    pass
print(int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) // 1024)
"""


def large() -> bytes:
    lines = "".join(cells(*(f"{label}{n}" for label in row())) for n in range(5_000))
    return with_sheet(sheet(cells(*HEADER), lines))


def wide() -> bytes:
    return with_sheet(sheet("<row>" + "<c><v>1</v></c>" * 600_000 + "</row>"))


@pytest.mark.parametrize("content", [large, wide])
def test_no_workbook_takes_three_hundred_megabytes(content: object, tmp_path: Path) -> None:
    path = tmp_path / "big.xlsx"
    path.write_bytes(content())  # type: ignore[operator]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 300


def test_a_rejected_row_names_its_row_in_the_sheet() -> None:
    content = workbook((), typed(), typed(Rechnungsnr="R-2", Menge="x"))
    one = suggested(content)
    [bad] = [part for part in read(content, one) if isinstance(part, Rejected)]
    assert bad.line == 4
