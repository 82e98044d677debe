"""The program that opens a PDF, in a process of its own, with limits on memory and time.

PDF is read by two native libraries (qpdf, PDFium), and a PDF can be written to exhaust or break them. So they
never run in the process that holds the database, its credentials or other people's documents: `contents.py`
starts this file by its path, hands the bytes in on standard input and reads the answer from standard output.
It imports nothing of the project.

Answer: eight bytes (big-endian) of the length of a JSON object, the object, then the bytes of the attachments
in the order of `attachments`. The object is `{"error": [code, message]}`, or

    {"attachments": [{"name", "size"}], "pages": [{"text", "rows"}], "texts": [[path, text]]}

The pages are those of `pages.py`.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import runpy
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

MEMORY: Final = 320_000_000
"""Bytes of address space, so resident memory stays under it; 75 MB of it are the program itself."""

SECONDS: Final = 20
MAX_ATTACHMENT: Final = 10_000_000
MAX_ATTACHMENTS: Final = 50

_LIMITS: Final = {resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CPU: SECONDS, resource.RLIMIT_CORE: 0}
_BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_TAIL: Final = 2048
"""How far from the end the mark of the end may stand; mail gateways append a few bytes."""

_TOO_MUCH: Final = "the PDF needs more memory than is given to one file: ask for the invoice as XML"
_ENCRYPTED: Final = "the PDF is encrypted: ask for it without a password"
_INFO: Final = ("/Title", "/Subject", "/Keywords", "/Author")


class RefusedError(Exception):
    """The PDF is not read; a quarantine code and a sentence."""


def main() -> None:
    """Read a PDF from standard input and write the answer to standard output."""
    for limit, value in _LIMITS.items():
        with contextlib.suppress(ValueError, OSError):  # a system that does not know the limit
            resource.setrlimit(limit, (value, value))
    content = sys.stdin.buffer.read()
    try:
        answer, files = read_parts(content)
    except RefusedError as refused:
        answer, files = {"error": refused.args}, []
    except MemoryError:
        answer, files = {"error": ("too_large", _TOO_MUCH)}, []
    head = json.dumps(answer).encode()
    sys.stdout.buffer.write(len(head).to_bytes(8, "big") + head + b"".join(files))


def read_parts(content: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The attachments that are XML, the pages and the free texts of a PDF, or `RefusedError`."""
    files, texts = _attachments(content)
    pages = _pages(content)
    answer = {
        "attachments": [{"name": name, "size": len(data)} for name, data in files],
        "pages": pages,
        "texts": texts,
    }
    return answer, [data for _, data in files]


def _pages(content: bytes) -> list[dict[str, Any]]:
    pages = runpy.run_path(str(Path(__file__).with_name("pages.py")))["pages"]
    try:
        found: list[dict[str, Any]] = pages(content)
    except ValueError as error:
        raise RefusedError("malformed", f"a page of the PDF cannot be read ({error}): ask again") from None
    return found


def _attachments(content: bytes) -> tuple[list[tuple[str, bytes]], list[tuple[str, str]]]:
    import pikepdf

    try:
        with _opened(content) as pdf:
            files = list(_xml_files(pdf))
            return files, [("/attachment", name) for name, _ in files] + _info(pdf)
    except pikepdf.PasswordError:
        raise RefusedError("encrypted", _ENCRYPTED) from None
    except (pikepdf.PikepdfError, RecursionError, ValueError, TypeError) as error:
        if b"/Encrypt" in content:
            raise RefusedError("encrypted", _ENCRYPTED) from None
        if "bad_alloc" in str(error):  # memory, as qpdf says it
            raise RefusedError("too_large", _TOO_MUCH) from None
        why = str(error).partition("): ")[2] or str(error).rpartition(": ")[2]
        sentence = f"the PDF is damaged or cut off ({' '.join(why.split())[:80]}): ask for it again"
        raise RefusedError("malformed", sentence) from None


def _opened(content: bytes) -> Any:
    """The PDF, with its table of objects rebuilt where that is wrong but the end of the file is there.

    What is left of a file that was cut off is not rebuilt: it would be read as if it were all of it.
    """
    import pikepdf

    try:
        return pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PdfError:
        if b"%%EOF" not in content[-_TAIL:]:
            raise
        return pikepdf.open(io.BytesIO(content), suppress_warnings=True)


def _info(pdf: Any) -> list[tuple[str, str]]:
    """What the document says about itself where nobody looks."""
    info = pdf.trailer.get("/Info")
    found = [(key, info.get(key)) for key in _INFO] if _is_dictionary(info) else []
    return [(f"/Info{key}", str(value)[:2000]) for key, value in found if value is not None]


def _xml_files(pdf: Any) -> Iterator[tuple[str, bytes]]:
    """Attached files whose content begins as XML does. Others are left alone, and unread."""
    total = 0
    for name, stream in _embedded(pdf):
        if not _looks_like_xml(_inflated(stream, 1024)):
            continue
        data = _inflated(stream, MAX_ATTACHMENT + 1)
        total += len(data)
        if total > MAX_ATTACHMENT:
            raise RefusedError("too_large", "the XML inside the PDF is over 10 MB: ask for a smaller one")
        yield name, data


def _embedded(pdf: Any) -> Iterator[tuple[str, Any]]:
    """Name and stream of every file in the tree of embedded files, where Factur-X has to list its XML.

    A file may have two streams, one for new readers and one for old: both are read, and have to agree.
    """
    seen: set[tuple[int, int]] = set()
    names = pdf.Root.get("/Names")
    for specification in _leaves(names.get("/EmbeddedFiles") if _is_dictionary(names) else None):
        streams: Any = specification.get("/EF") if _is_dictionary(specification) else None
        for key in ("/UF", "/F") if _is_dictionary(streams) else ():
            stream: Any = streams.get(key)
            if not _is_stream(stream) or stream.objgen in seen:
                continue
            seen.add(stream.objgen)
            if len(seen) > MAX_ATTACHMENTS:
                raise RefusedError("too_large", f"the PDF has over {MAX_ATTACHMENTS} attachments")
            yield str(specification.get("/UF", specification.get("/F", "")))[:200], stream


def _leaves(tree: Any) -> Iterator[Any]:
    """The values of a name tree, whatever cycles it has."""
    todo, seen = [tree], 0
    visited: set[tuple[int, int]] = set()
    while todo and seen < 1000:
        node = todo.pop()
        if not _is_dictionary(node) or (node.is_indirect and node.objgen in visited):
            continue
        visited.add(node.objgen)
        seen += 1
        pairs, kids = node.get("/Names"), node.get("/Kids")
        if _is_array(pairs):
            yield from list(pairs)[1:2000:2]
        if _is_array(kids):
            todo += list(kids)[:1000]


def _is_dictionary(value: Any) -> bool:
    return getattr(value, "_type_name", "") == "dictionary"


def _is_array(value: Any) -> bool:
    return getattr(value, "_type_name", "") == "array"


def _is_stream(value: Any) -> bool:
    return getattr(value, "_type_name", "") == "stream"


def _inflated(stream: Any, limit: int) -> bytes:
    """The first `limit` bytes of a stream, and never more in memory where the filter is the usual one."""
    filters = stream.get("/Filter")
    names = [str(name) for name in filters] if _is_array(filters) else [str(filters)] if filters else []
    if not names:
        return bytes(stream.read_raw_bytes())[:limit]
    if names == ["/FlateDecode"] and stream.get("/DecodeParms") is None:
        try:
            return zlib.decompressobj().decompress(stream.read_raw_bytes(), limit)
        except zlib.error:
            raise RefusedError("malformed", "an attachment of the PDF is damaged: ask for it again") from None
    return bytes(stream.read_bytes())[:limit]


def _looks_like_xml(head: bytes) -> bool:
    for bom in _BOMS:
        head = head.removeprefix(bom)
    return head.lstrip().startswith((b"<", b"\x00<"))


if __name__ == "__main__":
    main()
