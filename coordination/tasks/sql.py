"""One query, all its rows: how facts are read in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection


def rows(statement: str, *parameters: Any, **named: Any) -> list[tuple[Any, ...]]:
    """All rows of one query. Its parameters are either in their order or named."""
    given = {name: _keys(p) for name, p in named.items()} if named else [_keys(p) for p in parameters]
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def _keys(parameter: Any) -> Any:
    """A list of keys as the text of an array: the driver quotes item by item, and batches have many keys."""
    if isinstance(parameter, list) and parameter and isinstance(parameter[0], UUID):
        return f"{{{','.join(map(str, parameter))}}}"
    return parameter


def grouped(found: Iterable[tuple[Any, ...]]) -> dict[Any, list[tuple[Any, ...]]]:
    """Rows by their first column, which is taken off."""
    out: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    for name, *rest in found:
        out[name].append(tuple(rest))
    return out
