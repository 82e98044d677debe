"""Lists a page at a time, by Django's paginator: what a page beyond the last is, lists too dear to count, and
pages that begin at a row, so that no row is missed or shown twice while others arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from django.core import paginator as django
from django.core.paginator import Page
from django.db.models import BooleanField, DateTimeField, Func, Model, QuerySet, UUIDField, Value
from django.db.models.lookups import GreaterThan, LessThan

from reviews import fields

if TYPE_CHECKING:
    from django.core.paginator import Paginator
else:

    class Paginator(django.Paginator):
        """Django's, which takes no parameter of type while it runs."""

        def __class_getitem__(cls, _: Any) -> type:
            return cls


PER_PAGE = 50

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Days:
    """The days that hold a part of a list, and how many lines of these days come before it."""

    first: date
    last: date
    skipped: int


def days_of(counts: Iterable[tuple[date, int]], start: int, most: int) -> Days | None:
    """The days that hold so many lines from a place on; None where there are none. `counts` are the lines of
    each day, the newest first."""
    found: Days | None = None
    before = 0
    for day, count in counts:
        if count and before < start + most and before + count > start:
            found = Days(day, found.last, found.skipped) if found else Days(day, day, start - before)
        before += count
    return found


@dataclass(frozen=True, slots=True)
class Lines(Generic[Line]):
    """The lines of a list, read in parts: so many from a place on, in an order that ends with a key.

    `count_all` is None where the database would have to look at every row to say how many there are.
    """

    read: Callable[[int, int], Sequence[Line]]
    count_all: Callable[[], int] | None = None

    def __len__(self) -> int:
        if self.count_all is None:
            raise TypeError("These lines are not counted; read them with an UncountedPaginator.")
        return self.count_all()

    def __getitem__(self, part: Any) -> Any:
        """Return the lines of a slice with both its ends."""
        return self.read(part.start, part.stop - part.start) if part.stop > part.start else []

    def __iter__(self) -> Iterator[Line]:
        return iter(self.read(0, len(self)))


class ListPaginator(Paginator[Line]):
    """Pages of a list. One beyond the last is empty, not another one: a list may shrink while it is read."""

    def __init__(self, lines: Lines[Line]) -> None:
        super().__init__(lines, PER_PAGE)

    def validate_number(self, number: float | str) -> int:
        """Return the number of a page, from 1 on. Whether there are so many is not asked."""
        return max(1, int(number))


class UncountedPage(Page[Line]):
    """A page that knows whether another follows, and not how many there are."""

    def __init__(self, lines: Sequence[Line], number: int, paginator: Paginator[Line], *, more: bool) -> None:
        super().__init__(lines, number, paginator)
        self.more = more

    def has_next(self) -> bool:
        return self.more

    def start_index(self) -> int:
        return self.paginator.per_page * (self.number - 1) + 1 if len(self) else 0

    def end_index(self) -> int:
        return self.start_index() + len(self) - 1 if len(self) else 0


class UncountedPaginator(ListPaginator[Line]):
    """Pages of a list that is too dear to count: each reads one line more than it shows."""

    def page(self, number: int | str) -> UncountedPage[Line]:
        """Return a page of the list."""
        found = self.validate_number(number)
        start = (found - 1) * self.per_page
        read: Sequence[Line] = list(self.object_list[start : start + self.per_page + 1])
        more = len(read) > self.per_page
        return UncountedPage(read[: self.per_page], found, self, more=more)


# --- pages that begin at a row ------------------------------------------------------------------------------

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Place:
    """A row in the order of a list, newest first: the moment it came, and its key."""

    at: datetime
    key: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.key}"


def place_of(text: str) -> Place | None:
    """The place that an address names; None where it names none."""
    moment, _, key = text.partition("~")
    try:
        at = fields.moment(datetime.fromisoformat(moment))
        return Place(at, UUID(key)) if at is not None else None
    except ValueError:
        return None


class _Pair(Func):
    function = "ROW"
    output_field = BooleanField()  # compared with another pair only


def around(rows: QuerySet[Row], moment: str, at: Place, count: int, *, newer: bool) -> list[Row]:
    """So many rows that are older than a place, or newer, next to it; newest first. `moment`: the column that
    the list goes by, before the key."""
    here = _Pair(Value(at.at, DateTimeField()), Value(at.key, UUIDField()))
    if newer:
        found = rows.filter(GreaterThan(_Pair(moment, "id"), here)).order_by(moment, "id")
        return list(found[:count])[::-1]
    return list(rows.filter(LessThan(_Pair(moment, "id"), here)).order_by(f"-{moment}", "-id")[:count])


class PlacedPage(UncountedPage[Line]):
    """A page that begins or ends at a row. It has no number: what came meanwhile would make it untrue."""

    number = 0

    def __init__(self, lines: Sequence[Line], paginator: Paginator[Line], *, more: bool) -> None:
        super().__init__(lines, 0, paginator, more=more)

    def has_previous(self) -> bool:
        return True
