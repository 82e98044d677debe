"""Frozen dataclasses to plain JSON and back: what a decision's input is kept as, and run again from.

Encoders and decoders are built once per class from its type hints. Numbers become strings; `None`, empty tuples and
empty strings are left out, so that an entry says what was there and no more.
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

from audit.canonical import instant

T = TypeVar("T")
Encoder = Callable[[Any], Any]


def encode(value: Any) -> Any:
    """JSON of a dataclass instance (or of the scalars and tuples in one)."""
    return _encoder(type(value))(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _sequence(value: Any) -> list[Any]:
    return [encode(v) for v in value]


@cache
def _encoder(cls: type) -> Encoder:
    if cls in (str, bool, type(None)):
        return lambda v: v
    if cls in (tuple, list, frozenset):
        return _sequence
    if cls is dict:
        return lambda d: {k: encode(v) for k, v in d.items()}
    if dataclasses.is_dataclass(cls):
        return _dataclass_encoder([f.name for f in dataclasses.fields(cls) if f.name not in SKIP])
    return _scalar


SKIP = frozenset({"provenance", "policy"})
"""Kept elsewhere: provenance with the document, the policy by its revision and digest."""


def _dataclass_encoder(names: list[str]) -> Encoder:
    def run(value: Any) -> dict[str, Any]:
        out = {}
        for name in names:
            item = getattr(value, name)
            if item is None or item == () or item == "":
                continue
            out[name] = item if type(item) in (str, bool) else encode(item)
        return out

    return run


def decode(cls: type[T], data: dict[str, Any]) -> T:
    """The dataclass instance that `encode` made `data` from."""
    hints = _hints(cls)
    return cls(**{k: _value(hints[k], v) for k, v in data.items() if k in hints} | _defaults(cls, data))


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _defaults(cls: type, data: dict[str, Any]) -> dict[str, Any]:
    """Values for required fields that were left out because they were empty."""
    out = {}
    for f in dataclasses.fields(cls):  # type: ignore[arg-type]
        required = f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
        if required and f.name not in data and f.name not in SKIP:
            out[f.name] = _empty(_hints(cls)[f.name])
    return out


def _empty(hint: Any) -> Any:
    if hint is str:
        return ""
    return () if typing.get_origin(hint) is tuple else None


def _value(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [h for h in typing.get_args(hint) if h is not type(None)]
        return None if value is None else _value(inner[0], value)
    if origin is tuple:
        return tuple(_value(typing.get_args(hint)[0], v) for v in value)
    if dataclasses.is_dataclass(hint):
        return decode(hint, value)  # type: ignore[arg-type]
    return READ.get(hint, lambda v: v)(value)


READ: dict[Any, Callable[[Any], Any]] = {
    Decimal: Decimal,
    int: int,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}
