"""The paper that goes with a population: how it was made, what is in it, and a signature over that.

`{"manifest": {...}, "signature": {...}}`. Signed is `CONTEXT` followed by the canonical JSON (RFC 8785) of
the manifest, with Ed25519 (RFC 8032). Every number is text. Verification reads the file alone: no database,
no key but the public one.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.canonical import dumps
from audit.errors import CountersignError

from .table import RunningTotal
from .words import unguarded

FORMAT = "countersign-population/1"
CONTEXT = b"countersign-population/1\n"
MANIFEST = "manifest.json"
BESIDE = ".manifest.json"
LARGEST = 4 * 2**20
BLOCK = 2**20
TORN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What a file or a zip raises that is gone, torn, encrypted or packed in another way."""


class Unreadable(CountersignError):
    """This is no population with its manifest."""

    exit_code = 2


def message(manifest: dict[str, Any]) -> bytes:
    """The bytes that are signed."""
    return CONTEXT + dumps(manifest)


def signed(manifest: dict[str, Any], sign: Callable[[bytes], bytes], public: bytes, name: str) -> bytes:
    """The manifest as a file. `public`: the 32 bytes of the public key, `name`: whose it is."""
    value = sign(message(manifest))
    signature = {
        "algorithm": "Ed25519",
        "name": name,
        "public_key": base64.b64encode(public).decode(),
        "value": base64.b64encode(value).decode(),
    }
    return (
        json.dumps({"manifest": manifest, "signature": signature}, indent=1, ensure_ascii=False).encode()
        + b"\n"
    )


@dataclass
class Checked:
    """What a verification found. `recounted`: number, sums and digest were taken from the file again."""

    manifest: dict[str, Any]
    public: bytes
    sha256: str
    recounted: bool = False
    problems: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.manifest.get("id"),
            "query": self.manifest.get("query"),
            "count": self.manifest.get("count"),
            "totals": self.manifest.get("totals"),
            "made": self.manifest.get("made"),
            "public_key": base64.b64encode(self.public).decode(),
            "recounted": self.recounted,
            "problems": self.problems,
        }


def verify(path: Path, public: bytes | None = None) -> Checked:
    """Check a zip, a manifest, or a file with its manifest beside it.

    `public`: the key it has to be signed with; without it only the signature's own key is used, and the
    caller has to ask whose that is. Raises `Unreadable`.
    """
    with ExitStack() as stack:
        paper, open_data = _parts(path, stack)
        manifest, signature, key = _read(paper)
        found = Checked(manifest, key, sha256(message(manifest)).hexdigest())
        _check_signature(found, signature, public)
        _check_file(found, open_data)
        if not found.problems:
            _check_count(found, open_data)
        return found


def _parts(path: Path, stack: ExitStack) -> tuple[bytes, Callable[[str], IO[bytes]]]:
    """The manifest's bytes, and how to open the file it names."""
    try:
        if zipfile.is_zipfile(path) and not Path(f"{path}{BESIDE}").exists():
            archive = stack.enter_context(zipfile.ZipFile(path))
            with archive.open(MANIFEST) as paper:
                return paper.read(LARGEST), lambda name: stack.enter_context(archive.open(name))
        beside = path if path.name.endswith(BESIDE) else Path(f"{path}{BESIDE}")
        data = Path(str(beside).removesuffix(BESIDE))
        with beside.open("rb") as paper:
            return paper.read(LARGEST), lambda _: stack.enter_context(data.open("rb"))
    except (KeyError, *TORN) as error:
        raise Unreadable(f"{path.name} is no population with its manifest: {error}") from error


def _read(paper: bytes) -> tuple[dict[str, Any], bytes, bytes]:
    try:
        found = json.loads(paper, object_pairs_hook=_once)
        manifest, signature = found["manifest"], found["signature"]
        if manifest["format"] != FORMAT or signature["algorithm"] != "Ed25519":
            raise Unreadable(f"The manifest is no {FORMAT}.")
        value, key = (base64.b64decode(signature[n], validate=True) for n in ("value", "public_key"))
        manifest["file"]["name"], manifest["file"]["sha256"], manifest["count"], manifest["totals"]
        message(manifest)
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise Unreadable(f"The manifest cannot be read: {type(error).__name__}.") from error
    return manifest, value, key


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are there once: two readers of it read the same."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _check_signature(found: Checked, signature: bytes, public: bytes | None) -> None:
    if public is not None and found.public != public:
        found.problems.append("It is signed with another key than the one expected.")
    try:
        Ed25519PublicKey.from_public_bytes(found.public).verify(signature, message(found.manifest))
    except (InvalidSignature, ValueError):
        found.problems.append("The signature is not one over this manifest.")


def _opened(found: Checked, open_data: Callable[[str], IO[bytes]]) -> IO[bytes]:
    try:
        return open_data(str(found.manifest["file"]["name"]))
    except (KeyError, *TORN) as error:
        raise Unreadable(f"The file {found.manifest['file']['name']} is not there.") from error


def _check_file(found: Checked, open_data: Callable[[str], IO[bytes]]) -> None:
    told = found.manifest["file"]
    digest, size = sha256(), 0
    try:
        for block in _blocks(_opened(found, open_data)):
            digest.update(block)
            size += len(block)
            if size > int(told["bytes"]):
                break
    except (ValueError, KeyError, *TORN) as error:
        raise Unreadable(f"The file cannot be read: {error}") from error
    if str(size) != told["bytes"] or digest.hexdigest() != told["sha256"]:
        found.problems.append("The file is not the one the manifest was made for.")


def _blocks(data: IO[bytes]) -> Iterator[bytes]:
    while block := data.read(BLOCK):
        yield block


def _check_count(found: Checked, open_data: Callable[[str], IO[bytes]]) -> None:
    """Number, sums and digest from the rows themselves, for the formats that are made of rows."""
    reader = READERS.get(str(found.manifest["file"].get("format")))
    if reader is None:
        return
    counted = RunningTotal()
    try:
        for row in reader(_opened(found, open_data)):
            counted.add(row["invoice_id"], row["type"], row["currency"] or "", Decimal(row["gross"] or "0"))
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, csv.Error, *TORN) as error:
        found.problems.append(f"The rows cannot be counted: {error}")
        return
    found.recounted = True
    told = (found.manifest["count"], found.manifest["totals"], found.manifest.get("digest"))
    if told != (str(counted.count), counted.as_json(), counted.digest):
        found.problems.append("Number, sums or digest of the rows are not those of the manifest.")


def _csv_rows(data: IO[bytes]) -> Iterator[dict[str, Any]]:
    for row in csv.DictReader(io.TextIOWrapper(data, encoding="utf-8", newline="")):
        yield {**row, "currency": unguarded(row["currency"])}


def _jsonl_rows(data: IO[bytes]) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, data)


READERS: dict[str, Callable[[IO[bytes]], Iterator[dict[str, Any]]]] = {"csv": _csv_rows, "jsonl": _jsonl_rows}


def pack(out: BinaryIO, name: str, data: BinaryIO, paper: bytes) -> None:
    """The file and its manifest as one zip, block by block."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(_member(name), "w", force_zip64=True) as entry:
            for block in _blocks(data):
                entry.write(block)
        archive.writestr(_member(MANIFEST), paper)


def _member(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name)
    found.compress_type = zipfile.ZIP_DEFLATED
    return found
