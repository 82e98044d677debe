"""Translation maps as pages show them: versions in words, what a map makes of a sample, what waits for
one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from reviews.selectors import Person, people

from ..models import Quarantine, TranslationMap
from ..services.intake.table_maps import ADVICE, parsed
from ..services.master_data import waiting
from ..translation import mapping
from ..translation.canonical import Rejected, Unreadable
from ..translation.columns import NUMBERS
from ..translation.foreign import DELIMITERS, ENCODINGS
from ..translation.formats import DATES, DECIMALS
from ..translation.mapping import ForeignFile, Preview
from ..translation.maps import LAYOUT, Field, Map

LOOKED_AT = 200
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a map with the people of it."""

    row: TranslationMap
    author: Person | None
    retired_by: Person | None
    one: Map

    @property
    def columns(self) -> int:
        return len(self.one.fields)

    @property
    def source(self) -> str:
        """What files it is for, in words."""
        source = self.one.source
        if source.kind == "xlsx":
            sheet = f"sheet “{source.sheet}”" if source.sheet else "the sheet with its columns"
            return f"Excel workbook, {sheet}"
        encoding = ENCODINGS.get(source.encoding, source.encoding)
        return f"CSV, {DELIMITERS.get(source.delimiter, '')}, {encoding}"

    @property
    def decimals(self) -> str:
        return DECIMALS[self.one.decimals].shown

    @property
    def dates(self) -> str:
        return DATES[self.one.dates].shown

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        """Each canonical column: its name, how it is filled (column, value, count, nothing), and from
        what."""
        fields = self.one.fields
        return [(name, *_filled(fields.get(name, Field()))) for name in LAYOUT[self.one.kind].columns]

    @property
    def words(self) -> list[tuple[str, str, str]]:
        return [(c, theirs, ours) for c, words in self.one.words.items() for theirs, ours in words.items()]


def _filled(one: Field) -> tuple[str, str]:
    if one.column:
        return "column", one.column
    if one.count:
        return "count", "the row's place in its document"
    return ("value", one.constant) if one.constant else ("nothing", "")


def _versions(rows: Sequence[TranslationMap]) -> list[Version]:
    known = people([*(r.author for r in rows), *(r.retired_by for r in rows)])
    return [Version(r, known.get(r.author), known.get(r.retired_by), parsed(r)) for r in rows]


def maps() -> list[Version]:
    """The newest version of every map, those in force first."""
    rows = TranslationMap.objects.order_by("series", "-revision").distinct("series")
    return sorted(_versions(list(rows)), key=lambda v: (v.row.status != "active", v.row.name.casefold()))


def version(row: TranslationMap) -> Version:
    """One version."""
    return _versions([row])[0]


def versions(row: TranslationMap) -> list[Version]:
    """All versions of a map, newest first."""
    return _versions(list(TranslationMap.objects.filter(series=row.series).order_by("-revision")))


def question(row: TranslationMap) -> UUID | None:
    """The open question about a proposed version."""
    found = waiting([row.subject]).get(row.subject)
    return found.pk if found else None


def tables() -> Sequence[Quarantine]:
    """Tables in quarantine that no map is for, newest first."""
    held = Quarantine.objects.open().filter(error__endswith=ADVICE).select_related("content")
    return list(held.defer("content__data").order_by("-received_at")[:100])


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row of a sample: the values that would be taken, each with whether it is a number, and what becomes
    of it."""

    number: int
    cells: tuple[tuple[str, bool], ...]
    result: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SamplePreview:
    """The first rows of a sample as a map reads them. Documents are those of the first `LOOKED_AT` rows."""

    columns: tuple[tuple[str, bool], ...] = ()
    rows: Sequence[PreviewRow] = ()
    read: int = 0
    held: int = 0
    refused: int = 0
    error: str = ""


@dataclass(slots=True)
class _Results:
    """What becomes of each row."""

    of: dict[int, tuple[str, str]] = field(default_factory=dict)
    read: int = 0
    held: int = 0
    refused: int = 0


def preview(file: ForeignFile, one: Map) -> SamplePreview:
    """Try a map on a sample; nothing is kept."""
    try:
        found = mapping.preview(file, one, LOOKED_AT)
    except Unreadable as unreadable:
        return SamplePreview(error=unreadable.error)
    results = _results(found)
    names = LAYOUT[one.kind].columns
    given = [(place, name in NUMBERS) for place, name in enumerate(names) if name in one.fields]
    cells = dict(found.rows)
    rows = [_row(number, cells.get(number, []), given, results) for number in sorted(results.of)]
    bad = [row for row in rows if row.result != "read"]
    shown = sorted(
        {row.number: row for row in (*rows[:SHOWN], *bad[:SHOWN])}.values(), key=lambda r: r.number
    )
    columns = tuple((names[place], numeric) for place, numeric in given)
    return SamplePreview(columns, shown, results.read, results.held, results.refused)


def _row(
    number: int, cells: Sequence[str], given: Sequence[tuple[int, bool]], results: _Results
) -> PreviewRow:
    values = tuple((cells[place] if place < len(cells) else "", numeric) for place, numeric in given)
    return PreviewRow(number, values, *results.of[number])


def _results(found: Preview) -> _Results:
    results = _Results()
    for outcome in found.outcomes:
        result = outcome.result
        if isinstance(result, Rejected):
            results.refused += 1
            _set_aside(results, outcome.rows, result)
            continue
        problems = {p.line: f"{p.raw[:40]}: {p.reason}" for p in getattr(result, "unreadable", ())}
        results.read += 1
        results.held += bool(problems)
        for number in outcome.rows:
            why = problems.get(number, "")
            results.of[number] = ("held", why) if why else ("read", "")
    return results


def _set_aside(results: _Results, rows: Sequence[int], result: Rejected) -> None:
    for number in rows:
        own = result.line is None or number == result.line
        reason = result.error if own else f"set aside with row {result.line}"
        results.of[number] = ("quarantined", reason)
