"""Canonical JSON (RFC 8785) for ledger bodies.

RFC 8785 leaves numbers to IEEE 754; ours are exact, so every number is written as a string before it gets
here. orjson with sorted keys gives the bytes of RFC 8785 for such values (strings, booleans, null, arrays,
objects with ASCII keys); `tests/audit/test_canonical.py` holds it against the reference implementation.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from .verify import leaf_hash

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


@lru_cache(maxsize=256)  # the entries and rows of one transaction share their moment
def instant(moment: datetime) -> str:
    """UTC, microseconds, `Z`: what PostgreSQL stores, so that nothing is hashed that is not kept."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def dumps(value: Any) -> bytes:
    """Canonical bytes of `value`. Decimals, dates and UUIDs become strings; floats are the caller's error."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


def loads(text: str | bytes) -> Any:
    """Read canonical JSON."""
    return orjson.loads(text)


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def commitment(salt: bytes, text: str) -> str:
    """`SHA-256(0x02 || salt || text)` with 32 random bytes of salt: binds to a text and, without the salt,
    tells nothing.

    0x02 keeps it apart from the leaf (0x00) and node (0x01) hashes of RFC 6962.
    """
    return hashlib.sha256(b"\x02" + salt + text.encode()).hexdigest()


__all__ = ["commitment", "dumps", "instant", "leaf_hash", "loads", "sha256"]
