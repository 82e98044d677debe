"""A population whose bytes were torn, turned or made up is unreadable or not genuine; nothing breaks off."""

from __future__ import annotations

import io
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.reports import manifest as paper
from coordination.reports.manifest import Unreadable, verify
from tests.audit_work.rows import row
from tests.audit_work.test_manifest import PUBLIC, kept, made


def zipped() -> bytes:
    data, signed = made("csv", *(row(n) for n in range(1, 40)))
    out = io.BytesIO()
    paper.pack(out, "p.csv", io.BytesIO(data), signed)
    return out.getvalue()


@pytest.mark.parametrize("name", ["p.csv", paper.MANIFEST])
def test_torn_bytes_of_a_member_are_unreadable(tmp_path: Path, name: str) -> None:
    whole = zipped()
    start = zipfile.ZipFile(io.BytesIO(whole)).getinfo(name).header_offset + 30 + len(name) + 30
    path = tmp_path / "p.zip"
    path.write_bytes(whole[:start] + b"\xff" * 40 + whole[start + 40 :])
    with pytest.raises(Unreadable):
        verify(path, PUBLIC)


WHOLE = zipped()


@given(st.data())
@settings(max_examples=150)
def test_a_byte_that_was_turned_is_told_or_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    turned = bytearray(WHOLE)
    turned[data.draw(st.integers(0, len(turned) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "turned.zip"
    path.write_bytes(turned)
    try:
        found = verify(path, PUBLIC)
    except Unreadable:
        return
    if not found.problems:
        assert found.recounted
        assert sha256(zipfile.ZipFile(path).read("p.csv")).hexdigest() == found.manifest["file"]["sha256"]


@pytest.mark.parametrize(
    ("form", "data", "recounted"),
    [
        ("jsonl", b"[" * 100_000 + b"\n", False),
        ("jsonl", b"[]\n", False),
        ("jsonl", b"1\n", False),
        ("jsonl", b"\xff\n", False),
        ("jsonl", b'{"invoice_id":"1","type":"invoice","currency":"EUR","gross":"sNaN"}\n', False),
        ("jsonl", b'{"invoice_id":"2","type":"invoice","currency":"EUR","gross":"1"}\n' * 2, False),  # twice
        ("jsonl", b'{"invoice_id":"2","type":"invoice","currency":null,"gross":null}\n', True),
        ("csv", b"invoice_id,type\r\n1,invoice\r\n", False),
        ("csv", b"invoice_id,type,currency,gross\r\n1\r\n", False),
        ("csv", b"invoice_id,type,currency,gross\r\n1,invoice,EUR,\r\n", True),
        ("csv", b"\x00", True),  # no row at all
    ],
)
def test_rows_of_any_kind_are_counted_or_said_not_to_be(
    tmp_path: Path, form: str, data: bytes, recounted: bool
) -> None:
    file: dict[str, Any] = {"name": f"p.{form}", "format": form, "bytes": str(len(data))}
    _, signed = made(file=file | {"sha256": sha256(data).hexdigest()})
    found = verify(kept(tmp_path, data, signed, form), PUBLIC)
    assert found.recounted is recounted
    assert len(found.problems) == 1  # none of them comes to what the manifest says


def test_an_encrypted_zip_is_unreadable(tmp_path: Path) -> None:
    whole = bytearray(zipped())
    for entry in (zipfile.ZipFile(io.BytesIO(zipped()))).infolist():
        whole[entry.header_offset + 6] |= 1  # the flag of encryption, in the file and in the directory
    at = whole.index(b"PK\x01\x02")
    while at >= 0:
        whole[at + 8] |= 1
        at = whole.find(b"PK\x01\x02", at + 1)
    (tmp_path / "p.zip").write_bytes(whole)
    with pytest.raises(Unreadable):
        verify(tmp_path / "p.zip", PUBLIC)
