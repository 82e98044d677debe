"""A manifest is checked from the files alone: by whom it is signed, which file it is about, what is in that
file."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.canonical import dumps
from coordination.reports import manifest as paper
from coordination.reports.manifest import Unreadable, verify
from coordination.reports.table import Head, Row, RunningTotal
from coordination.reports.writers import FORMATS

from .rows import row

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
ROWS = (row(1), row(2, type="credit_note"), row(3, currency="=U"))


def made(form: str = "csv", *given: Row, key: Ed25519PrivateKey = KEY, **changes: Any) -> tuple[bytes, bytes]:
    """A file and its manifest."""
    out, counted = io.BytesIO(), RunningTotal()
    FORMATS[form].write(out, iter(given or ROWS), Head("P", []), counted)
    data = out.getvalue()
    told = {
        "format": paper.FORMAT,
        "id": "1",
        "made": "2026-11-20T12:00:00Z",
        "query": {},
        "count": str(counted.count),
        "totals": counted.as_json(),
        "digest": counted.digest,
        "file": {
            "name": f"p.{form}",
            "format": form,
            "bytes": str(len(data)),
            "sha256": sha256(data).hexdigest(),
        },
    } | changes
    return data, paper.signed(told, key.sign, key.public_key().public_bytes_raw(), "test")


def kept(folder: Path, data: bytes, signed: bytes, form: str = "csv") -> Path:
    path = folder / f"p.{form}"
    path.write_bytes(data)
    Path(f"{path}{paper.BESIDE}").write_bytes(signed)
    return path


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_handed_over_is_genuine(tmp_path: Path, form: str) -> None:
    path = kept(tmp_path, *made(form), form)
    for asked in (path, Path(f"{path}{paper.BESIDE}")):
        found = verify(asked, PUBLIC)
        assert found.problems == []
        assert found.recounted == (form in {"csv", "jsonl"})


def test_a_zip_is_genuine_without_unpacking(tmp_path: Path) -> None:
    data, signed = made()
    with (tmp_path / "p.zip").open("wb") as out:
        paper.pack(out, "p.csv", io.BytesIO(data), signed)
    found = verify(tmp_path / "p.zip", PUBLIC)
    assert (found.problems, found.recounted) == ([], True)


def test_a_workbook_with_its_manifest_beside_is_not_taken_for_a_bundle(tmp_path: Path) -> None:
    path = kept(tmp_path, *made("xlsx"), "xlsx")
    assert zipfile.is_zipfile(path)
    assert verify(path, PUBLIC).problems == []


def test_the_signature_is_over_the_canonical_manifest_and_nothing_else_of_ours() -> None:
    _, signed = made()
    found = json.loads(signed)
    assert paper.message(found["manifest"]) == b"countersign-population/1\n" + dumps(found["manifest"])
    assert all(isinstance(value, str) for value in found["manifest"]["totals"][0].values())


ALTERATIONS: dict[str, tuple[Callable[[bytes, bytes], tuple[bytes, bytes]], str]] = {
    "a row altered": (lambda d, s: (d.replace(b"1190.00", b"1190.01", 1), s), "not the one"),
    "a row removed": (lambda d, s: (b"\r\n".join(d.split(b"\r\n")[:-2]) + b"\r\n", s), "not the one"),
    "a byte added": (lambda d, s: (d + b"\n", s), "not the one"),
    "a count altered": (lambda d, s: (d, s.replace(b'"count": "3"', b'"count": "4"')), "signature"),
    "the query altered": (lambda d, s: (d, s.replace(b'"query": {}', b'"query": {"a": "b"}')), "signature"),
    "the other key": (
        lambda d, s: (d, made(key=Ed25519PrivateKey.from_private_bytes(b"x" * 32))[1]),
        "another key",
    ),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_what_was_altered_is_said(tmp_path: Path, name: str) -> None:
    alter, problem = ALTERATIONS[name]
    data, signed = made()
    altered = alter(data, signed)
    assert altered != (data, signed)
    found = verify(kept(tmp_path, *altered), PUBLIC)
    assert problem in " ".join(found.problems)


def test_a_signed_count_that_is_wrong_is_found_by_counting_again(tmp_path: Path) -> None:
    wrong: list[dict[str, Any]] = [{"count": "2"}, {"digest": "0" * 64}, {"totals": []}]
    for changes in wrong:
        found = verify(kept(tmp_path, *made(**changes)), PUBLIC)
        assert found.problems == ["Number, sums or digest of the rows are not those of the manifest."]


def test_rows_that_cannot_be_counted_are_said(tmp_path: Path) -> None:
    data = b"invoice_id,type,currency,gross\r\nx,invoice,EUR,much\r\n"
    told = {
        "file": {
            "name": "p.csv",
            "format": "csv",
            "bytes": str(len(data)),
            "sha256": sha256(data).hexdigest(),
        }
    }
    [problem] = verify(kept(tmp_path, data, made(**told)[1]), PUBLIC).problems
    assert "cannot be counted" in problem


def test_without_a_key_the_signature_s_own_is_used_and_told(tmp_path: Path) -> None:
    other = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
    found = verify(kept(tmp_path, *made(key=other)))
    assert found.problems == []
    assert found.public == other.public_key().public_bytes_raw()


@pytest.mark.parametrize(
    "signed",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b"{" * 100_000,
        b'{"manifest": {}, "signature": {}}',
        made()[1].replace(b"population/1", b"population/9"),
        made()[1].replace(b'"algorithm"', b'"x"'),
        made()[1].replace(b'"count"', b'"query"'),
        made()[1].replace(b'"Ed25519"', b'"none"'),
    ],
    ids=range(11),
)
def test_what_is_no_manifest_is_unreadable(tmp_path: Path, signed: bytes) -> None:
    with pytest.raises(Unreadable):
        verify(kept(tmp_path, b"x", signed), PUBLIC)


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    path = kept(tmp_path, *made())
    path.unlink()
    for asked in (path, tmp_path / "other.csv"):
        with pytest.raises(Unreadable):
            verify(asked, PUBLIC)
    (tmp_path / "p.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    with pytest.raises(Unreadable):
        verify(tmp_path / "p.zip", PUBLIC)


def test_a_zip_that_unpacks_to_more_than_it_says_is_not_read_to_its_end(tmp_path: Path) -> None:
    _, signed = made()
    with zipfile.ZipFile(tmp_path / "p.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("p.csv", bytes(50 * 2**20))
        archive.writestr(paper.MANIFEST, signed)
    found = verify(tmp_path / "p.zip", PUBLIC)
    assert found.problems == ["The file is not the one the manifest was made for."]
