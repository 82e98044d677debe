"""One decision as monitoring sees it, and how a recorded one is read from a line of JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from math import inf
from sys import intern
from typing import NamedTuple

import orjson

from audit.errors import CountersignError

FIELDS: dict[str, tuple[type, ...]] = {
    "at": (str,),
    "agent": (str,),
    "version": (str,),
    "outcome": (str,),
    "confidence": (int, float),
    "amount": (str, int, float),
    "latency_ms": (int, float),
    "po_missing": (bool,),
    "vendor_new": (bool,),
    "doc_type": (str,),
    "reviewed": (str,),
    "verdict": (str, type(None)),
}
WORDS: dict[str, frozenset[str | None]] = {
    "outcome": frozenset({"approve", "reject", "escalate"}),
    "reviewed": frozenset({"no", "escalated", "sample"}),
    "verdict": frozenset({None, "confirmed", "overridden"}),
}
SHOWN = 20
"""How many refused lines a message names."""


class Observation(NamedTuple):
    """What an agent proposed of one document, and what people made of it.

    `position` counts from 0 in its file, `stamp` is its time as it was written, `amount` is in company
    currency, `verdict` is None until a person has answered. `outcome` is approve, reject or escalate, or
    another word for what is none of them: `wait` for a fact that may still come, `note` for what only
    advises. `answer`: this is a person's answer to a decision that was observed before, and nothing else.
    """

    position: int
    at: datetime
    stamp: str
    agent: str
    version: str
    outcome: str
    confidence: float
    amount: Decimal
    latency_ms: float
    po_missing: bool
    vendor_new: bool
    doc_type: str
    reviewed: str
    verdict: str | None
    answer: bool = False


class Unreadable(CountersignError):
    """A recorded stream has lines that cannot be read; nothing was learned from it."""

    exit_code = 2


def read_stream(lines: Iterable[bytes]) -> list[Observation]:
    """All decisions of a recorded stream, in their order.

    Raises Unreadable, which names each line (from 1) that is no decision or is earlier than the one before.
    """
    found: list[Observation] = []
    faults: list[str] = []
    latest: datetime | None = None
    for index, line in enumerate(lines):
        if line.isspace():
            continue
        try:
            seen = _observation(index, line)
            if latest is not None and seen.at < latest:
                raise ValueError(f"{seen.stamp} is earlier than the line before")
        except ValueError as error:
            faults.append(f"line {index + 1}: {error}")
            continue
        latest = seen.at
        found.append(seen)
    if faults:
        more = [f"and {len(faults) - SHOWN} more lines"] if len(faults) > SHOWN else []
        raise Unreadable("\n".join([*faults[:SHOWN], *more, "Nothing was learned."]))
    return found


def _observation(index: int, line: bytes) -> Observation:
    """One line as a decision. Raises ValueError with what is wrong with it."""
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise ValueError("no JSON") from None
    if not isinstance(row, dict):
        raise ValueError("no JSON object")
    missing = [name for name in FIELDS if name not in row]
    if missing:
        raise ValueError(f"{', '.join(missing)} missing")
    for name, kinds in FIELDS.items():
        if type(row[name]) not in kinds:
            raise ValueError(f"{name} cannot be {row[name]!r}")
    for name, values in WORDS.items():
        if row[name] not in values:
            raise ValueError(f"unknown {name} {row[name]!r}")
    found = Observation(
        index,
        _moment(row["at"]),
        row["at"],
        intern(row["agent"]),  # few words, in every line: kept once
        intern(row["version"]),
        intern(row["outcome"]),
        row["confidence"],
        _amount(row["amount"]),
        row["latency_ms"],
        row["po_missing"],
        row["vendor_new"],
        intern(row["doc_type"]),
        intern(row["reviewed"]),
        row["verdict"] and intern(row["verdict"]),
    )
    if not 0 <= found.confidence <= 1:
        raise ValueError(f"confidence {found.confidence} is not between 0 and 1")
    if not 0 <= found.latency_ms < inf:
        raise ValueError(f"latency_ms cannot be {found.latency_ms}")
    return found


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"at is no time: {text!r}") from None
    if found.tzinfo is None:
        raise ValueError(f"at has no time zone: {text!r}")
    return found


def _amount(value: str | float) -> Decimal:
    try:
        found = Decimal(value if isinstance(value, str) else repr(value))
    except InvalidOperation:
        raise ValueError(f"amount is no number: {value!r}") from None
    if not found.is_finite():
        raise ValueError(f"amount is no number: {value!r}")
    return found
