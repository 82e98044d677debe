"""The CSV layout `codings`: how people coded lines before, the rows of a vendor being one document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .canonical import CodedLine, Codings, QuarantineCode, Unreadable
from .csv_documents import Group
from .table import CellLeaf, Row, shown
from .values import BadValueError, book_code, day

T = TypeVar("T")


def codings(group: Group) -> Codings:
    """The coded lines of one vendor. A row that cannot be read refuses them all: half a history teaches
    another one."""
    return Codings(vendor_id=group.key, lines=tuple(map(_line, group.rows)))


def _line(row: Row) -> CodedLine:
    item, description, cost_centre = row.text("item"), row.text("description"), row.leaf("cost_centre")
    if not item and not description:
        raise _refused(row, "needs an item or a description")
    return CodedLine(
        account=_value(row, row.leaf("account"), book_code),
        coded_on=_value(row, row.leaf("date"), day),
        cost_centre=_value(row, cost_centre, book_code) if cost_centre.raw else "",
        item=item,
        description=description,
    )


def _value(row: Row, leaf: CellLeaf, read: Callable[[str], T]) -> T:
    try:
        return read(leaf.raw)
    except BadValueError as bad:
        column = leaf.path.partition("@")[0]
        raise _refused(row, f"{column} {shown(leaf.raw) or '(empty)'} is {bad}") from None


def _refused(row: Row, error: str) -> Unreadable:
    return Unreadable(QuarantineCode.MALFORMED, f"row {row.number} {error}: correct it", row.number)
