"""PDFs that were made to exhaust, to break or to deceive: a quarantine code, in bounded memory and time."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zlib
from pathlib import Path

import pikepdf
import pytest

from coordination.translation import QuarantineCode, Unreadable, translate
from coordination.translation.canonical import Invoice
from coordination.translation.pdf import contents

from .ciis import cii_xml
from .make import invoice_xml
from .pdfs import hybrid, inflating, printed, raw, saved, with_packed_table, with_stream

ROOT = Path(__file__).resolve().parents[2]
GIGABYTE = 1_000_000_000
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
WITH_FILES = b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles 3 0 R >> >>"
PAGES = b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>"


def code(content: bytes) -> QuarantineCode:
    with pytest.raises(Unreadable) as caught:
        translate(content, "x.pdf")
    assert len(caught.value.error.splitlines()) == 1
    return caught.value.code


def bombs() -> dict[str, bytes]:
    """Small files that unpack to a gigabyte, and one as large as is let in."""
    return {
        "attachment": with_stream(inflating(GIGABYTE, b"<"), 1, attached=True),
        "attachment deflated twice": with_stream(inflating(GIGABYTE, b"<", 2), 2, attached=True),
        "page": with_stream(inflating(GIGABYTE, b"q "), 1, attached=False),
        "page deflated twice": with_stream(inflating(GIGABYTE, b"q ", 2), 2, attached=False),
        "table of objects": with_packed_table(GIGABYTE),
        "large": hybrid(files={"noise.bin": os.urandom(24_000_000), "factur-x.xml": cii_xml()}),
    }


MEASURE = """
import json, resource, sys, time
from coordination.translation import Unreadable, translate
found = {}
for path in sys.argv[1:]:
    started = time.monotonic()
    try:
        translate(open(path, "rb").read(), "x")
        code = "read"
    except Unreadable as unreadable:
        code = str(unreadable.code)
    own = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
    peak = max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    found[path.rpartition("/")[2]] = [code, peak // 1024, time.monotonic() - started]
print(json.dumps(found))
"""

Measured = dict[str, tuple[str, int, float]]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """For each file what became of it, the most memory in MB that any process took so far, and seconds."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, content in bombs().items():
        (folder / name).write_bytes(content)
        assert name == "large" or len(content) < 3_000_000
    command = [sys.executable, "-c", MEASURE, *map(str, sorted(folder.iterdir()))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: Measured = {name: tuple(row) for name, row in json.loads(done.stdout).items()}
    return found


@pytest.mark.parametrize(
    "name", ["attachment", "attachment deflated twice", "page", "page deflated twice", "table of objects"]
)
def test_a_stream_that_unpacks_to_a_gigabyte_is_refused(name: str, measured: Measured) -> None:
    found, peak, seconds = measured[name]
    assert found == "too_large" or (name == "table of objects" and found == "malformed")
    assert peak < 300
    assert seconds < 30


def test_the_largest_pdf_that_is_let_in_is_read_in_bounded_memory(measured: Measured) -> None:
    found, peak, _ = measured["large"]
    assert found == "read"
    assert peak < 300


def test_a_large_xml_inside_is_too_large() -> None:
    assert (
        code(hybrid(files={"factur-x.xml": b"<a>" + b"x" * 10_500_000 + b"</a>"})) == QuarantineCode.TOO_LARGE
    )
    assert (
        code(hybrid(files={"factur-x.xml": b"<a>" + b"x" * 9_000_000 + b"</a>"})) == QuarantineCode.TOO_LARGE
    )


def test_a_page_of_one_line_of_ten_megabytes_is_read_in_part() -> None:
    line = zlib.compress(b"BT /F1 12 Tf 50 700 Td (" + b"A1,00 " * 1_700_000 + b") Tj ET")
    assert code(with_stream(line, 1, attached=False)) == QuarantineCode.MISMATCH


def test_a_thousand_attachments_are_too_many() -> None:
    assert code(hybrid(files={f"{n}.xml": b"<a/>" for n in range(60)})) == QuarantineCode.TOO_LARGE


# --- attacks through the XML inside ----------------------------------------------------------------

ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.parametrize("prolog", [ENTITY, LAUGHS])
@pytest.mark.parametrize("name", ["factur-x.xml", "other.xml"])
def test_a_doctype_inside_is_refused(prolog: bytes, name: str) -> None:
    xml = prolog + cii_xml().replace(b"INV-1", b"&x;")
    assert code(hybrid(files={name: xml})) == QuarantineCode.FORBIDDEN_DOCTYPE


def test_a_file_name_is_a_name_and_nothing_else() -> None:
    translation = translate(hybrid(files={"../../etc/passwd": invoice_xml()}), "x.pdf")
    assert translation.documents
    assert not Path("/etc/passwd/Invoice").exists()


# --- broken, encrypted, circular -------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_pdf_that_was_cut_off_is_malformed(share: float) -> None:
    content = hybrid()
    assert code(content[: int(len(content) * share)]) == QuarantineCode.MALFORMED


def test_a_pdf_that_was_cut_off_behind_an_earlier_end_is_malformed() -> None:
    """A linearized file has a mark of the end near its beginning."""
    content = printed("a") + printed("b")[:-200] + b" " * 3000
    assert code(content) == QuarantineCode.MALFORMED


def test_a_wrong_table_of_objects_is_rebuilt_where_the_end_is_there() -> None:
    content = hybrid()
    at = content.rindex(b"startxref\n") + 10
    end = content.index(b"\n", at)
    broken = content[:at] + b"17" + content[end:]
    assert [getattr(one, "number", "") for one in translate(broken, "x").documents] == ["INV-1"]


def test_bytes_before_the_beginning_and_behind_the_end_do_not_matter() -> None:
    assert translate(hybrid() + b"\r\n--boundary--\r\n", "x").documents
    assert translate(b"Content-Type: application/pdf\r\n\r\n" + hybrid(), "x").documents


def test_characters_that_are_none_are_replaced() -> None:
    """PostgreSQL keeps no NUL and no half of a surrogate pair."""
    with pikepdf.open(io.BytesIO(hybrid(files={"a\0b\x07.xml": invoice_xml()}))) as pdf:
        pdf.docinfo["/Title"] = pikepdf.String(b"\xfe\xff\xd8\x00\x00a\x00\x00")
        [found] = translate(saved(pdf), "x").documents
    assert isinstance(found, Invoice)
    said = [*(text.raw for text in found.texts), *(origin.path for origin in found.provenance.values())]
    assert all("\0" not in text and text.encode() for text in said)


@pytest.mark.parametrize(
    "content", [b"%PDF", b"%PDF-1.7\n%%EOF", b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n%%EOF"]
)
def test_what_only_begins_as_a_pdf_is_malformed(content: bytes) -> None:
    assert code(content) == QuarantineCode.MALFORMED


def test_a_pdf_that_needs_a_password_is_encrypted() -> None:
    with pikepdf.open(io.BytesIO(hybrid())) as pdf:
        closed = saved(pdf, encryption=pikepdf.Encryption(user="u", owner="o"))
        open_to_all = saved(pdf, encryption=pikepdf.Encryption(user="", owner="o"))
    assert code(closed) == QuarantineCode.ENCRYPTED
    assert translate(open_to_all, "x").documents


CIRCLES = {
    "names": raw(WITH_FILES, PAGES, b"<< /Kids [3 0 R 3 0 R] >>", PAGE),
    "pages": raw(CATALOG, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
    "pages, longer": raw(
        CATALOG, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"
    ),
    "deep": raw(
        b"<< /Type /Catalog /Pages 2 0 R /X " + b"[" * 90_000 + b"]" * 90_000 + b" >>", PAGES, b"[]", PAGE
    ),
}


@pytest.mark.parametrize("name", CIRCLES)
def test_circles_and_depths_end(name: str) -> None:
    assert code(CIRCLES[name]) in {QuarantineCode.MALFORMED, QuarantineCode.UNSUPPORTED}


@pytest.mark.parametrize(
    "tree",
    [
        b"7",
        b"[1 2]",
        b"<< /Names 7 >>",
        b"<< /Names [(a) 7 (b) << /EF 7 >>] >>",
        b"<< /Kids [7 << /Names [(a)] >>] >>",
        b"<< /Names [(a) << /EF << /F 4 0 R >> >>] >>",
    ],
)
def test_a_tree_of_attachments_that_makes_no_sense_holds_none(tree: bytes) -> None:
    assert code(raw(WITH_FILES, PAGES, tree, PAGE)) == QuarantineCode.UNSUPPORTED


def test_a_script_in_the_file_is_not_run_and_does_not_matter() -> None:
    with pikepdf.open(io.BytesIO(hybrid())) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="while (true) {}")
        assert translate(saved(pdf), "x").documents


def test_a_reader_that_dies_or_hangs_is_a_file_that_is_too_large(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    content = hybrid()
    for program, seconds in (
        ("import os; os.abort()", 60),
        ("import time; time.sleep(60)", 0.2),
        ("pass", 60),
    ):
        path = tmp_path / "reader.py"
        path.write_text(program)
        monkeypatch.setattr(contents, "_READER", path)
        monkeypatch.setattr(contents, "_SECONDS", seconds)
        assert code(content) == QuarantineCode.TOO_LARGE


def test_the_reader_sees_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials of the service reach the libraries that take the file apart."""
    monkeypatch.setenv("SECRET_KEY", "a secret")
    path = tmp_path / "reader.py"
    path.write_text(
        "import json, os, sys\n"
        "head = json.dumps({'error': ['unsupported', str(sorted(os.environ))]}).encode()\n"
        "sys.stdout.buffer.write(len(head).to_bytes(8, 'big') + head)"
    )
    monkeypatch.setattr(contents, "_READER", path)
    with pytest.raises(Unreadable) as caught:
        translate(hybrid(), "x")
    assert "SECRET_KEY" not in caught.value.error
    assert "DATABASE_URL" not in caught.value.error
