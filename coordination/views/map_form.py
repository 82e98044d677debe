"""The form of a translation map: what a person filled in, and what it shows next."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from django import forms

from reviews.fields import whole

from ..translation import suggest
from ..translation.converting import WORDS
from ..translation.foreign import DELIMITERS, ENCODINGS, Source, key_of
from ..translation.mapping import ForeignFile
from ..translation.maps import KINDS, LAYOUT, REQUIRED, Field, Map, may_be_constant, problems
from .form_fields import OneOfField, PageForm, WholeField

MOST_DIGITS = 6
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Draft:
    """A map while it is made. `seen` is the revision it goes out from, 0 for a new map; `awaited` are the
    columns that have one value for all rows which is not written yet."""

    one: Map
    name: str = ""
    sample_name: str = ""
    series: UUID | None = None
    seen: int = 0
    awaited: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """One canonical column of the form; `chosen` is the value of its select."""

    name: str
    required: bool
    chosen: str
    constant: str
    may_count: bool
    may_be_constant: bool


@dataclass(frozen=True, slots=True)
class Label:
    """One column of the source as the selects offer it; without a name of its own it cannot be chosen."""

    value: str
    text: str
    usable: bool


def without_nul(view: View) -> View:
    """Mark a page that reads a `MapForm`: a column's name of a foreign file may hold what no database
    keeps."""
    view.leaves_out_nul = True  # type: ignore[attr-defined]
    return view


def first(file: ForeignFile, sample_name: str) -> Draft:
    """The suggestion that a new map begins with."""
    return Draft(suggest.suggest(file, suggest.source_of(file)), sample_name=sample_name.replace("\x00", ""))


class FieldWithoutNul(forms.CharField):
    """Text of a foreign file, without the one character that no database keeps; `otherwise` where none was
    sent."""

    def __init__(self, most: int | None = None, *, otherwise: str | None = "") -> None:
        super().__init__(required=False, strip=False)
        self.most, self.otherwise = most, otherwise

    def to_python(self, value: str | None) -> str | None:
        return self.otherwise if value is None else value.replace("\x00", "")[: self.most]


class KeyField(forms.UUIDField):
    """The key of a series of maps; None for anything else."""

    def clean(self, value: Any) -> Any:
        try:
            return UUID(value or "")
        except ValueError:
            return None


class MapForm(PageForm):
    """A map as it is filled in. Of each column of its kind: where it comes from, and the value that is the
    same for all rows."""

    kind = OneOfField({kind: kind for kind in KINDS}, KINDS[0])
    header_row = WholeField(1, digits=MOST_DIGITS)
    sheet = FieldWithoutNul(100)
    delimiter = OneOfField({word: delimiter for delimiter, word in DELIMITERS.items()}, ",")
    encoding = OneOfField({encoding: encoding for encoding in ENCODINGS}, "utf-8")
    decimals = FieldWithoutNul(otherwise=None)
    dates = FieldWithoutNul(otherwise=None)
    drawn = FieldWithoutNul()
    name = FieldWithoutNul()
    sample_name = FieldWithoutNul(255)
    series = KeyField(required=False)
    seen = WholeField(0, digits=MOST_DIGITS)

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__(data)
        kind = self.fields["kind"].clean(data.get("kind"))
        for column in LAYOUT[kind].columns:
            self.fields[f"from-{column}"] = FieldWithoutNul()
            self.fields[f"value-{column}"] = FieldWithoutNul()
        for column in WORDS:
            self.fields[f"words-{column}"] = FieldWithoutNul()

    def draft(self, file: ForeignFile) -> Draft:
        """What was filled in. Where the file's columns or the kind are others than the form was drawn for,
        the columns are suggested anew."""
        given = self.cleaned_data
        kind, source = given["kind"], self._source(file)
        labels = suggest.labels_of(file, source)
        awaited: frozenset[str] = frozenset()
        if given["drawn"] == drawn(kind, labels):
            awaited = frozenset(c for c in LAYOUT[kind].columns if given[f"from-{c}"] == "value")
            one = Map(kind, source, labels, self._columns(kind, labels))
        else:
            one = suggest.suggest(file, source, kind)
        formats = {name: given[name] for name in ("decimals", "dates") if given[name] is not None}
        return Draft(
            one=replace(one, words=self._words(), **formats),
            name=given["name"],
            sample_name=given["sample_name"],
            series=given["series"],
            seen=given["seen"],
            awaited=awaited - one.fields.keys(),
        )

    def _source(self, file: ForeignFile) -> Source:
        given = self.cleaned_data
        if file.is_workbook:
            return Source("xlsx", sheet=given["sheet"], header_row=given["header_row"])
        return Source("csv", given["delimiter"], given["encoding"], header_row=given["header_row"])

    def _columns(self, kind: str, labels: tuple[str, ...]) -> dict[str, Field]:
        found: dict[str, Field] = {}
        for column in LAYOUT[kind].columns:
            chosen, constant = (
                self.cleaned_data[f"from-{column}"],
                self.cleaned_data[f"value-{column}"].strip(),
            )
            place = whole(chosen[1:], -1, digits=MOST_DIGITS) if chosen.startswith("c") else -1
            if chosen == "count":
                found[column] = Field(count=True)
            elif chosen == "value" and constant:
                found[column] = Field(constant=constant[:255])
            elif 0 <= place < len(labels) and labels[place]:
                found[column] = Field(column=labels[place])
        return found

    def _words(self) -> dict[str, dict[str, str]]:
        """Lines of `theirs = ours` for each column that has words."""
        found: dict[str, dict[str, str]] = {}
        for column in WORDS:
            for line in self.cleaned_data[f"words-{column}"].splitlines()[:200]:
                theirs, mark, ours = line.partition("=")
                if mark and key_of(theirs) and ours.strip():
                    found.setdefault(column, {})[" ".join(theirs.split())] = ours.strip()[:100]
        return found


def drawn(kind: str, labels: tuple[str, ...]) -> str:
    """What a form is drawn for: its answers mean nothing for other columns."""
    return hashlib.sha256("\x1f".join([kind, *labels]).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def shown(draft: Draft) -> dict[str, object]:
    """What the template needs of a draft."""
    one = draft.one
    layout, times = LAYOUT[one.kind], Counter(map(key_of, one.header))
    labels = [
        Label(f"c{n}", _column_label(label, n), bool(label) and times[key_of(label)] == 1)
        for n, label in enumerate(one.header)
    ]
    choices = [
        _choice(name, draft, name in REQUIRED[one.kind], may_count=name == layout.line)
        for name in layout.columns
    ]
    texts = {c: "\n".join(f"{k} = {v}" for k, v in one.words.get(c, {}).items()) for c in WORDS}
    return {
        "draft": draft,
        "labels": labels,
        "choices": choices,
        "words": [(column, text) for column, text in texts.items() if column in layout.columns],
        "wrong": problems(one),
        "drawn": drawn(one.kind, one.header),
    }


def _column_label(label: str, place: int) -> str:
    return label[:80] or f"column {place + 1}, without a name"


def _choice(name: str, draft: Draft, required: bool, *, may_count: bool) -> Choice:
    one = draft.one
    field = one.fields.get(name, Field())
    chosen = "count" if field.count else "value" if field.constant or name in draft.awaited else ""
    if field.column:
        keys = [key_of(label) for label in one.header]
        chosen = f"c{keys.index(key_of(field.column))}" if key_of(field.column) in keys else ""
    return Choice(name, required, chosen, field.constant, may_count, may_be_constant(one.kind, name))
