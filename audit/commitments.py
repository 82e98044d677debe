"""Personal text beside the ledger: entries and rows carry a commitment, the text lies in a table it can
leave.

What a person writes in their own words may name people, and an entry can never be changed. So the ledger
binds `SHA-256(0x02 || salt || text)`; text and salt are a row of `audit_personal`. With the row anybody can
check that the text is the one that was committed to; without it nothing is left to guess from, and every hash
and proof stands.

`commit` gives the token that takes the place of the text, `reveal` puts texts back for a reader, `erase`
removes them inside the transaction of the entry that lists them (the database refuses any other removal),
`check` proves the rest.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from . import trail
from .canonical import commitment
from .models import Erased, Personal
from .verify import Finding

PREFIX = "commit:sha256:"
TOKEN = re.compile(PREFIX + r"([0-9a-f]{64})")
SALT_BYTES = 32

PLACES: dict[str, str] = {}
"""Entry type -> field that holds nothing but a commitment, as the writers of these entries registered it
(`keeps`). Anywhere else a text that looks like one may be a stranger's."""

T = TypeVar("T")


def keeps(places: Mapping[str, str]) -> None:
    """Register fields of entries that hold nothing but a commitment, by entry type, once, at start.

    Raises `ValueError` where another field of the type is registered.
    """
    for type_, field in places.items():
        if PLACES.setdefault(type_, field) != field:
            raise ValueError(f"Of {type_} the field {PLACES[type_]!r} is registered, not {field!r}.")


def commit(text: str, *, kind: str, of: str, about: str, at: datetime) -> str:
    """Keep a person's text and return the token for rows and entries; an empty text stays empty.

    `of` wrote it (an actor), `about` is the subject it was written about. Runs in the caller's transaction.
    """
    if not text:
        return ""
    salt = secrets.token_bytes(SALT_BYTES)
    found = commitment(salt, text)
    trail.insert_facts(
        [Personal(commitment=found, salt=salt.hex(), value=text, kind=kind, of=of, about=about, at=at)]
    )
    return PREFIX + found


def opens(token: str, salt: str, text: str) -> bool:
    """Is `text` what the token commits to? `salt` in hexadecimal, as it is stored; by any other nothing
    opens."""
    try:
        return token == PREFIX + commitment(bytes.fromhex(salt), text)
    except ValueError:
        return False


def reveal(value: T) -> T:
    """The same structure with every token replaced by its text, or by when and by whom it was erased. To be
    read only.

    A token that was never issued stays as it is: it is somebody else's text.
    """
    tokens = set(_tokens(value))
    if not tokens:
        return value
    words = {p.commitment: p.value for p in Personal.objects.filter(commitment__in=tokens)}
    gone = Erased.objects.filter(commitment__in=tokens - words.keys())
    words |= {e.commitment: f"[erased on {_day(e.at)}{_by(e.by)}]" for e in gone}
    found: T = _replaced(value, words)
    return found


def _tokens(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if PREFIX in value:
            yield from TOKEN.findall(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tokens(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tokens(item)


def _replaced(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, str):
        return TOKEN.sub(lambda m: words.get(m[1], m[0]), value) if PREFIX in value else value
    if isinstance(value, dict):
        return {k: _replaced(v, words) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_replaced(v, words) for v in value)
    return value


def _day(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %b %Y}"


def _by(actor: str) -> str:
    kind, _, key = actor.partition(":")
    if kind != "human" or not key.isdecimal():
        return ""
    user = get_user_model()._default_manager.filter(pk=key).first()
    return f" by {(user.get_full_name() or user.get_username()) if user else actor}"


def erase(rows: Iterable[Personal], *, by: str, why: str, at: datetime) -> int:
    """Remove texts and keep what shows that they were removed. The entry that lists them must be written
    before.

    Raises the database's `IntegrityError` when this transaction has no such entry.
    """
    listed = list(rows)
    trail.insert_facts(
        [
            Erased(commitment=r.commitment, kind=r.kind, of=r.of, about=r.about, by=by, why=why, at=at)
            for r in listed
        ]
    )
    removed, _ = Personal.objects.filter(commitment__in=[r.commitment for r in listed]).delete()
    return removed


# --- checking -----------------------------------------------------------------------------------------------

_UNACCOUNTED = """
SELECT e.subject, e.seq, t.c FROM audit_entry e
CROSS JOIN LATERAL (SELECT substring(e.body from '"' || p.field || '":"commit:sha256:([0-9a-f]{64})"') AS c
                    FROM unnest(%s::text[], %s::text[]) AS p(type, field) WHERE p.type = e.type) t
WHERE e.type = ANY(%s) AND t.c IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM audit_personal WHERE commitment = t.c)
  AND NOT EXISTS (SELECT 1 FROM audit_erased WHERE commitment = t.c)
ORDER BY e.subject, e.seq
"""
_UNRECORDED = """
SELECT r.about, r.commitment FROM audit_erased r WHERE NOT EXISTS (
  SELECT 1 FROM audit_entry e WHERE e.recorded_at = r.at
      AND e.type IN ('personal.erased', 'retention.applied')
  AND position('"' || r.commitment || '"' in e.body) > 0)
ORDER BY r.about, r.commitment
"""


def check() -> Iterator[Finding]:
    """Every text is the one committed to; every commitment has its text or an entry that says it was
    erased."""
    for row in Personal.objects.order_by("commitment").iterator(2000):
        if not opens(PREFIX + row.commitment, row.salt, row.value):
            yield Finding(
                "personal_altered",
                row.about,
                None,
                f"A text of {row.of} is not the one that was committed to.",
            )
    types, fields = list(PLACES), list(PLACES.values())
    with connection.cursor() as cursor:
        cursor.execute(_UNACCOUNTED, [types, fields, types])
        for subject, seq, found in cursor.fetchall():
            detail = f"The text behind commitment {found[:12]} is gone and no entry says that it was erased."
            yield Finding("personal_missing", subject, seq, detail)
        cursor.execute(_UNRECORDED)
        for about, found in cursor.fetchall():
            detail = f"Commitment {found[:12]} is marked as erased, but no entry lists it."
            yield Finding("erasure_unrecorded", about, None, detail)
