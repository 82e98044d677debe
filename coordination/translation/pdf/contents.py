"""What a PDF holds that matters here: attached XML, the text of its pages, and text that nobody sees.

The PDF is opened by `reader.py` in a process of its own (see there). This side gives it the bytes, a bare
environment and a time, and takes the answer.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..canonical import Origin, QuarantineCode, Unreadable

_READER: Final = Path(__file__).with_name("reader.py")
_SECONDS: Final = 60
"""By the clock, on a busy machine; the process itself has less time of the processor."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")

MAX_TEXT: Final = 20_000
"""Characters of a page that are kept for the check of suspicious text."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attached file that begins as XML does."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page in the order of its content, and in rows as a reader sees them."""

    text: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """A PDF. `texts` are the words that no page shows: title, keywords, file names, invisible text."""

    attachments: tuple[Attachment, ...]
    pages: tuple[Page, ...]
    texts: tuple[Origin, ...]


def open_pdf(content: bytes) -> Contents:
    """Read a PDF, or raise `Unreadable` (malformed, encrypted, too_large)."""
    if b"%%EOF" not in content:
        raise Unreadable(QuarantineCode.MALFORMED, "the PDF is cut off: ask for it again")
    answer = _read(content)
    size = int.from_bytes(answer[:8], "big")
    head, rest = _clean(json.loads(answer[8 : 8 + size])), answer[8 + size :]
    if "error" in head:
        code, error = head["error"]
        raise Unreadable(QuarantineCode(code), error)
    return Contents(_attachments(head, rest), _pages(head), _texts(head))


def _clean(value: Any) -> Any:
    """The answer without characters that are none: control codes of fonts, halves of surrogate pairs."""
    if isinstance(value, str):
        return _CONTROL.sub("\ufffd", value.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return {key: _clean(one) for key, one in value.items()} if isinstance(value, dict) else value


def _read(content: bytes) -> bytes:
    try:
        process = subprocess.run(  # noqa: S603 (our own program, by its path, with nothing of the file in it)
            [sys.executable, "-I", str(_READER)],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_much() from None
    if process.returncode != 0 or len(process.stdout) < 8:
        raise _too_much()
    return process.stdout


def _too_much() -> Unreadable:
    error = "the PDF cannot be read with the memory and time given to one file: ask for the invoice as XML"
    return Unreadable(QuarantineCode.TOO_LARGE, error)


def _attachments(head: dict[str, Any], rest: bytes) -> tuple[Attachment, ...]:
    found, at = [], 0
    for row in head["attachments"]:
        found.append(Attachment(row["name"], rest[at : at + row["size"]]))
        at += row["size"]
    return tuple(found)


def _pages(head: dict[str, Any]) -> tuple[Page, ...]:
    return tuple(Page(row["text"], tuple(row["rows"])) for row in head["pages"])


def _texts(head: dict[str, Any]) -> tuple[Origin, ...]:
    hidden = [(f"/page[{number}]/hidden", row["hidden"]) for number, row in enumerate(head["pages"], 1)]
    return tuple(Origin(path, text[:MAX_TEXT]) for path, text in (*head["texts"], *hidden) if text.strip())


def page_texts(pages: Sequence[Page]) -> tuple[Origin, ...]:
    """The text of each page, for the check of suspicious text."""
    return tuple(Origin(f"/page[{n}]", page.text[:MAX_TEXT]) for n, page in enumerate(pages, 1) if page.text)
