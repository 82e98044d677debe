"""Frozen dataclasses to plain JSON and back: what a decision's input is kept as, and run again from.

Encoders are written out as code, once per class from its type hints, and decoders follow the same hints.
Numbers become strings; `None`, empty tuples and empty strings are left out, so that an entry says what was
there and no more.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from audit.canonical import instant

from ..domain.facts import Snapshot

T = TypeVar("T")
Encoder = Callable[[Any], Any]


def encode(value: Any) -> Any:
    """JSON of a dataclass instance (or of the scalars and tuples in one)."""
    if isinstance(value, tuple | list):
        return [encode(v) for v in value]
    kind: Any = type(value)
    return encoder(kind)(value)


def _decimal(value: Decimal) -> str:
    """Without the zeros that a database column's scale adds."""
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _same(value: Any) -> Any:
    return value


SCALARS: dict[Any, Encoder] = {
    str: _same,
    bool: _same,
    int: str,
    Decimal: _decimal,
    date: date.isoformat,
    datetime: instant,
    UUID: str,
}


@cache
def encoder(hint: Any) -> Encoder:
    """The function that makes JSON of a value declared as `hint`. None and empty values never reach it."""
    if hint in SCALARS:
        return SCALARS[hint]
    if dataclasses.is_dataclass(hint):
        return _dataclass_encoder(hint)  # type: ignore[arg-type]
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        each = encoder(inner[0])
        return lambda items: [each(item) for item in items]
    if origin in (typing.Union, types.UnionType):
        return encoder(next(h for h in inner if h is not type(None)))
    return _same  # Literal


SKIP = frozenset({"provenance", "policy"})
"""Kept elsewhere: provenance with the document, the policy by its revision and digest."""


EMPTY_IS_FALSE = (str, tuple, typing.Literal)
"""Declared as one of these, a value is empty where it is false; of numbers and days only None is left out."""


def _dataclass_encoder(cls: type, skipped: frozenset[str] = SKIP) -> Encoder:
    """A function that reads each field once, in straight code: this runs for every fact of every decision."""
    hints = _hints(cls)
    lines = ["def run(value):", " out = {}"]
    within: dict[str, Any] = {}
    for f in dataclasses.fields(cls):
        if f.name in skipped:
            continue
        hint = hints[f.name]
        each = encoder(hint)
        optional = typing.get_origin(hint) in (typing.Union, types.UnionType)
        plain = next(h for h in typing.get_args(hint) if h is not type(None)) if optional else hint
        kind = typing.get_origin(plain) or plain
        within[f"_{f.name}"] = each
        lines.append(f" x = value.{f.name}")
        lines.append(" if x:" if kind in EMPTY_IS_FALSE else " if x is not None:")
        lines.append(f"  out[{f.name!r}] = {'x' if each is _same else f'_{f.name}(x)'}")
    lines.append(" return out")
    exec("\n".join(lines), within)  # noqa: S102 - made of the field names of our own dataclasses
    found: Encoder = within["run"]
    return found


def decode(cls: type[T], data: dict[str, Any], **kept: Any) -> T:
    """The dataclass instance that `encode` made `data` from. `kept`: fields that are kept elsewhere."""
    kind: Any = cls
    hints = _hints(kind)
    taken = {k: read(hints[k], v) for k, v in data.items() if k in hints and k not in kept}
    return cls(**taken | _defaults(cls, data) | kept)


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _defaults(cls: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Values for required fields that were left out because they were empty."""
    out = {}
    for f in dataclasses.fields(cls):
        required = f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
        if required and f.name not in data and f.name not in SKIP:
            out[f.name] = _empty(_hints(cls)[f.name])
    return out


def _empty(hint: Any) -> Any:
    if hint is str:
        return ""
    return () if typing.get_origin(hint) is tuple else None


def read(hint: Any, value: Any) -> Any:
    """The value declared as `hint` that `encode` made JSON of."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [h for h in typing.get_args(hint) if h is not type(None)]
        return None if value is None else read(inner[0], value)
    if origin is tuple:
        return tuple(read(typing.get_args(hint)[0], v) for v in value)
    if dataclasses.is_dataclass(hint):
        return decode(typing.cast(type, hint), value)
    return READ.get(hint, lambda v: v)(value)


READ: dict[Any, Callable[[Any], Any]] = {
    Decimal: Decimal,
    int: int,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


@cache
def _without_document() -> Encoder:
    return _dataclass_encoder(Snapshot, SKIP | {"document"})


def record_snapshot(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as an entry keeps it, without the document: that stands in the subject's first entry."""
    recorded: dict[str, Any] = _without_document()(snapshot)
    return recorded
