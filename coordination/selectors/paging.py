"""Lists a page at a time, by Django's paginator: what a page beyond the last is, and lists too dear to
count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core import paginator as django
from django.core.paginator import Page

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
