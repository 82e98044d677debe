"""The documents that the last examination found wrong, by the figure that counts them.

An examination keeps what came out wrong, not what came out right: the list behind "8 of 10" is of the other
two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page

from ..domain.key_figures import total
from ..models import Evaluation as Kept
from ..world.evaluation import AUTO, Wrong
from ..world.report import from_figures
from .paging import Lines, ListPaginator

ONLY_REPEATED = re.compile(r"\d+ times in the export")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One way to be wrong; `counts` says which documents are."""

    title: str
    sentence: str
    counts: Callable[[Wrong], bool]


MISTAKES: Mapping[str, Mistake] = {
    "all": Mistake("Wrong invoices", "Everything that came out otherwise than it should.", lambda _: True),
    "lane": Mistake(
        "Not in the right lane",
        "In another lane than they should be, or not in the export.",
        lambda w: w.found_lane != w.expected_lane,
    ),
    "result": Mistake(
        "Not right in every code and line",
        "With another lane, another reason or another line than they should have, or not in the export.",
        lambda w: not ONLY_REPEATED.fullmatch(w.why),
    ),
    "asked-in-vain": Mistake(
        "Asked in vain",
        "Should have cleared by themselves, and did not.",
        lambda w: w.expected_lane == AUTO and w.found_lane not in {"", AUTO},
    ),
    "false-clears": Mistake(
        "False clears", "Should have been held, and cleared by themselves.", lambda w: w.false_clear
    ),
}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list is narrowed to further: a kind of case, and the lanes due and found. Empty narrows
    nothing."""

    kind: str = ""
    due: str = ""
    found: str = ""

    def __call__(self, one: Wrong) -> bool:
        pairs = ((self.kind, one.scenario), (self.due, one.expected_lane), (self.found, one.found_lane))
        return all(not wanted or wanted == there for wanted, there in pairs)

    @property
    def words(self) -> str:
        """What it is narrowed to, for a heading."""
        lanes = (f"due {self.due}" if self.due else "", f"found {self.found}" if self.found else "")
        return ", ".join(filter(None, (self.kind, *lanes)))


@dataclass(frozen=True, slots=True)
class Documents:
    """What a figure of the last examination counts, false clears first."""

    row: Kept
    mistake: Mistake
    narrowed: Narrowed
    documents: Sequence[Wrong]

    def __iter__(self) -> Iterator[Wrong]:
        return iter(self.documents)

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def sums(self) -> Mapping[str, Decimal]:
        """What they come to, by currency."""
        return total([(w.currency, Decimal(w.amount)) for w in self.documents if w.amount])

    def page(self, number: int) -> Page[Wrong]:
        lines = Lines(lambda start, most: self.documents[start : start + most], lambda: len(self.documents))
        return ListPaginator(lines).page(number)


def in_order(found: Sequence[Wrong]) -> list[Wrong]:
    """False clears first, then by kind of case."""
    return sorted(found, key=lambda w: (not w.false_clear, w.scenario, w.invoice))


def behind(name: str, narrowed: Narrowed = Narrowed()) -> Documents | None:
    """The documents of a figure; None before the first examination. Raises `KeyError`."""
    mistake, row = MISTAKES[name], Kept.objects.order_by("-at").first()
    if row is None:
        return None
    found = [w for w in from_figures(row.figures).wrong if mistake.counts(w) and narrowed(w)]
    return Documents(row, mistake, narrowed, in_order(found))
