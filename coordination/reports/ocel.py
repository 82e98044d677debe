"""Object-centric event logs (OCEL 2.0, ocel-standard.org) as JSON and as SQLite: events, the objects that
they concern, and how these belong together.

Both are written while they are read, so that a log of any length takes little memory.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from errno import EIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

Value = str | float
Attributes = Mapping[str, str]
"""Attribute -> its type: "string", "float" or "time" (ISO 8601, UTC)."""

BEGINNING: Final = "1970-01-01T00:00:00Z"
"""Time of an attribute that an object has had all the time."""

CHUNK = 1000


@dataclass(frozen=True, slots=True)
class LogObject:
    """One thing that takes part. `attributes`: (name, time since when, value); `relations`: (object, how)."""

    id: str
    type: str
    attributes: Sequence[tuple[str, str, Value]] = ()
    relations: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One thing that happened. `relations`: (object, in which part)."""

    id: str
    type: str
    time: str
    attributes: Mapping[str, Value]
    relations: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Log:
    """A log to be written: what types there are, with the types of their attributes, and its content, read
    once."""

    object_types: Mapping[str, Attributes]
    event_types: Mapping[str, Attributes]
    objects: Iterable[LogObject]
    events: Iterable[LogEvent]


@dataclass(frozen=True, slots=True)
class Count:
    """How much was written."""

    objects: int
    events: int


def write_json(log: Log, out: BinaryIO) -> Count:
    """The log as one JSON object (OCEL 2.0, section 6.3)."""
    out.write(b'{"objectTypes":')
    out.write(orjson.dumps(_types(log.object_types)))
    out.write(b',"eventTypes":')
    out.write(orjson.dumps(_types(log.event_types)))
    out.write(b',"objects":[')
    objects = _listed(out, map(_object, log.objects))
    out.write(b'],"events":[')
    events = _listed(out, map(_event, log.events))
    out.write(b"]}\n")
    return Count(objects, events)


def _types(types: Mapping[str, Attributes]) -> list[dict[str, Any]]:
    return [
        {"name": name, "attributes": [{"name": a, "type": t} for a, t in attributes.items()]}
        for name, attributes in types.items()
    ]


def _listed(out: BinaryIO, items: Iterable[dict[str, Any]]) -> int:
    count = 0
    for count, item in enumerate(items, 1):
        out.write(b"\n" if count == 1 else b",\n")
        out.write(orjson.dumps(item))
    return count


def _object(one: LogObject) -> dict[str, Any]:
    return {
        "id": one.id,
        "type": one.type,
        "attributes": [{"name": n, "time": t, "value": v} for n, t, v in one.attributes],
        "relationships": _related(one.relations),
    }


def _event(one: LogEvent) -> dict[str, Any]:
    return {
        "id": one.id,
        "type": one.type,
        "time": one.time,
        "attributes": [{"name": n, "value": v} for n, v in one.attributes.items()],
        "relationships": _related(one.relations),
    }


def _related(relations: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"objectId": other, "qualifier": how} for other, how in relations]


# --- SQLite -------------------------------------------------------------------------------------------------

TABLES = """
CREATE TABLE event_map_type(ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE object_map_type(ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT NOT NULL);
CREATE TABLE event(ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES event_map_type(ocel_type));
CREATE TABLE object(ocel_id TEXT PRIMARY KEY, ocel_type TEXT NOT NULL REFERENCES object_map_type(ocel_type));
CREATE TABLE event_object(ocel_event_id TEXT NOT NULL REFERENCES event(ocel_id),
    ocel_object_id TEXT NOT NULL REFERENCES object(ocel_id), ocel_qualifier TEXT NOT NULL,
    PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier));
CREATE TABLE object_object(ocel_source_id TEXT NOT NULL REFERENCES object(ocel_id),
    ocel_target_id TEXT NOT NULL REFERENCES object(ocel_id), ocel_qualifier TEXT NOT NULL,
    PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier));
"""
COLUMN = {"string": "TEXT", "float": "REAL", "time": "TIMESTAMP"}


def write_sqlite(log: Log, path: Path) -> Count:
    """The log as an SQLite database (OCEL 2.0, section 6.1) in a file that is made anew. Raises `OSError`."""
    path.open("wb").close()  # says what is wrong with the place, as for any other file
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.executescript(TABLES)
            _make(connection, "object", log.object_types, "ocel_time TIMESTAMP, ocel_changed_field TEXT")
            _make(connection, "event", log.event_types, "ocel_time TIMESTAMP")
            objects = _insert(connection, log.objects, lambda o: _object_rows(o, log.object_types[o.type]))
            events = _insert(connection, log.events, lambda e: _event_rows(e, log.event_types[e.type]))
    except sqlite3.OperationalError as error:  # no space, or no longer to be written
        raise OSError(EIO, str(error)) from error
    finally:
        connection.close()
    return Count(objects, events)


Row = tuple[str, tuple[Any, ...]]
"""A statement and its values."""


def _make(connection: sqlite3.Connection, kind: str, types: Mapping[str, Attributes], columns: str) -> None:
    for name, attributes in types.items():
        own = "".join(f", {_quoted(a)} {COLUMN[t]}" for a, t in attributes.items())
        table = _quoted(f"{kind}_{short_name(name)}")
        key = "PRIMARY KEY " if kind == "event" else ""  # an object has a row for each change
        connection.execute(
            f"CREATE TABLE {table}(ocel_id TEXT {key}REFERENCES {kind}(ocel_id), {columns}{own})"
        )
        connection.execute(f"INSERT INTO {kind}_map_type VALUES (?, ?)", (name, short_name(name)))  # noqa: S608 - one of two


def short_name(name: str) -> str:
    """A type as a part of a table's name: "decided by finance.coding" is `DecidedByFinanceCoding`."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", name))


def _insert(
    connection: sqlite3.Connection, items: Iterable[Any], rows: Callable[[Any], Iterator[Row]]
) -> int:
    """Insert what each item needs, relations last: SQLite looks whether they lead somewhere when asked to."""
    count, source = 0, iter(items)
    while group := list(islice(source, CHUNK)):
        by_statement: dict[str, list[tuple[Any, ...]]] = {}
        for item in group:
            for statement, values in rows(item):
                by_statement.setdefault(statement, []).append(values)
        for statement, many in by_statement.items():
            connection.executemany(statement, many)
        count += len(group)
    return count


def _object_rows(one: LogObject, declared: Attributes) -> Iterator[Row]:
    yield "INSERT INTO object VALUES (?, ?)", (one.id, one.type)
    table = _quoted(f"object_{short_name(one.type)}")
    statement = f"INSERT INTO {table} VALUES ({', '.join('?' * (3 + len(declared)))})"  # noqa: S608 - a type of ours
    first: dict[str, Value] = {}
    later: list[tuple[str, str, Value]] = []
    for name, time, value in one.attributes:
        if time == BEGINNING:
            first[name] = value
        else:
            later.append((name, time, value))
    yield statement, (one.id, BEGINNING, None, *(first.get(a) for a in declared))
    for name, time, value in later:
        yield statement, (one.id, time, name, *(value if a == name else None for a in declared))
    for other, how in one.relations:
        yield "INSERT OR IGNORE INTO object_object VALUES (?, ?, ?)", (one.id, other, how)


def _event_rows(one: LogEvent, declared: Attributes) -> Iterator[Row]:
    yield "INSERT INTO event VALUES (?, ?)", (one.id, one.type)
    table = _quoted(f"event_{short_name(one.type)}")
    statement = f"INSERT INTO {table} VALUES ({', '.join('?' * (2 + len(declared)))})"  # noqa: S608 - a type of ours
    yield statement, (one.id, one.time, *(one.attributes.get(a) for a in declared))
    for other, how in one.relations:
        yield "INSERT OR IGNORE INTO event_object VALUES (?, ?, ?)", (one.id, other, how)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
