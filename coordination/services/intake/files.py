"""Files before they are read: what is too large is not kept, what is no regular file is not opened."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from django.db import connection

from ...translation import QuarantineCode
from ...translation.registry import TOO_LARGE
from ...translation.xml import MAX_FILE

CHUNK: Final = 2**20
LARGEST_NOTED: Final = 2**31 - 1
"""Sizes are noted up to here."""
KEEP = "INSERT INTO coordination_content (sha256, data, size) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


class NotRegular(OSError):
    """It is a link, a pipe or a device, not a file."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that goes to quarantine unread. `data` is what is kept of it: all of it or nothing."""

    code: QuarantineCode
    error: str
    sha256: str
    size: int
    data: bytes = b""

    def __len__(self) -> int:
        """The bytes of it that are in memory."""
        return len(self.data)


Bytes = bytes | Refused
"""What intake takes: the bytes of a file, or why it is not read."""


def too_large(chunks: Iterable[bytes]) -> Refused:
    """A file over the limit: only its digest and size are noted. The chunks are all of its bytes."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return Refused(QuarantineCode.TOO_LARGE, TOO_LARGE, digest.hexdigest(), size)


def refused(content: bytes, error: str) -> Refused:
    """A file that is not read for another reason; its bytes are kept."""
    digest = hashlib.sha256(content).hexdigest()
    return Refused(QuarantineCode.UNSUPPORTED, error, digest, len(content), content)


def checked(content: Bytes) -> Bytes:
    """The bytes, unless they are too many."""
    return too_large([content]) if isinstance(content, bytes) and len(content) > MAX_FILE else content


def keep(file: Refused) -> None:
    """Note the digest and size of a refused file, and what is kept of it."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [file.sha256, file.data, min(file.size, LARGEST_NOTED)])


def read_bytes(path: Path, *, follow: bool = True) -> Bytes:
    """Read a file from disk, one that is too large in pieces.

    Raises `NotRegular` for a link (unless `follow`), a pipe or a device, and `OSError` for what cannot be
    opened.
    """
    # Asked of the open file: between a look at a path and its opening, the path may become a link.
    flags = os.O_RDONLY | os.O_NONBLOCK | (0 if follow else os.O_NOFOLLOW)
    if not follow and path.is_symlink():
        raise NotRegular(f"{path.name} is a link")
    with os.fdopen(os.open(path, flags), "rb") as handle:
        found = os.fstat(handle.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise NotRegular(f"{path.name} is no regular file")
        if found.st_size > MAX_FILE:
            return too_large(_pieces(handle))
        content = handle.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:  # it has grown since
            return too_large([content, *_pieces(handle)])
        return content


def _pieces(handle: BinaryIO) -> Iterator[bytes]:
    while piece := handle.read(CHUNK):
        yield piece
