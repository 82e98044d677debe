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

TEXT, NUMBER, YES_OR_NO = (str,), (int, float), (bool,)
FIELDS: dict[str, tuple[type, ...]] = {
    "at": TEXT,
    "agent": TEXT,
    "version": TEXT,
    "outcome": TEXT,
    "confidence": NUMBER,
    "amount": (str, *NUMBER),
    "latency_ms": NUMBER,
    "po_missing": YES_OR_NO,
    "vendor_new": YES_OR_NO,
    "doc_type": TEXT,
    "reviewed": TEXT,
    "verdict": (str, type(None)),
}
SAID: dict[tuple[type, ...], str] = {
    TEXT: "text",
    NUMBER: "a number",
    (str, *NUMBER): "a number, or text that is one",
    YES_OR_NO: "true or false",
}
WORDS: dict[str, tuple[str | None, ...]] = {
    "outcome": ("approve", "reject", "escalate"),
    "reviewed": ("no", "escalated", "sample"),
    "verdict": (None, "confirmed", "overridden"),
}
YEARS = range(1900, 3000)
"""Years that can be meant; the days around every decision are looked at, and the calendar has an end."""
DIGITS = 22
"""So many digits before the point an amount may have, as amounts in the database have."""
SHOWN = 20
"""How many refused lines a message names."""
ECHOED = 60
"""How many characters of a refused value a message repeats."""


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
        known = WORDS.get(name)
        if type(row[name]) not in kinds or (known is not None and row[name] not in known):
            raise ValueError(f"{name} is {_allowed(name)}, not {echo(row[name])}")
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


def _allowed(name: str) -> str:
    """What a field may be, in words: approve, reject or escalate."""
    if name not in WORDS:
        return SAID[FIELDS[name]]
    *most, last = (word or "null" for word in WORDS[name])
    return f"{', '.join(most)} or {last}"


def echo(value: object) -> str:
    """A refused value as it stands in JSON or nearly so, cut to what fits on a line."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    shown = repr(value[: ECHOED + 1] if isinstance(value, str) else value)
    return shown if len(shown) <= ECHOED else f"{shown[:ECHOED]}…"


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"at is no time: {echo(text)}") from None
    if found.tzinfo is None:
        raise ValueError(f"at has no time zone: {echo(text)}")
    if found.year not in YEARS:
        raise ValueError(f"at is not between the years {YEARS[0]} and {YEARS[-1]}: {echo(text)}")
    return found


def _amount(value: str | float) -> Decimal:
    try:
        found = Decimal(value if isinstance(value, str) else repr(value))
    except InvalidOperation:
        raise ValueError(f"amount is no number: {echo(value)}") from None
    if not found.is_finite():
        raise ValueError(f"amount is no number: {echo(value)}")
    if found.adjusted() >= DIGITS:
        raise ValueError(f"amount has more than {DIGITS} digits before the point: {echo(value)}")
    return found
