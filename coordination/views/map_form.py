"""The form of a translation map: what a person filled in, and what it shows next."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from ..translation import suggest
from ..translation.converting import WORDS
from ..translation.foreign import DELIMITERS, ENCODINGS, Source, key_of
from ..translation.mapping import ForeignFile
from ..translation.maps import KINDS, LAYOUT, REQUIRED, Field, Map, may_be_constant, problems

Post = Mapping[str, str]
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
    """Mark a page that reads its form by `read`: a column's name of a foreign file may hold what no database
    keeps."""
    view.leaves_out_nul = True  # type: ignore[attr-defined]
    return view


def first(file: ForeignFile, sample_name: str) -> Draft:
    """The suggestion that a new map begins with."""
    return Draft(suggest.suggest(file, suggest.source_of(file)), sample_name=sample_name.replace("\x00", ""))


def parse_form(file: ForeignFile, post: Post) -> Draft:
    """What was filled in. Where the file's columns or the kind are others than the form was drawn for, the
    columns are suggested anew."""
    post = {name: text.replace("\x00", "") for name, text in post.items()}
    source, kind = _source(file, post), post.get("kind", "")
    kind = kind if kind in KINDS else KINDS[0]
    labels = suggest.labels_of(file, source)
    awaited: frozenset[str] = frozenset()
    if post.get("drawn") == drawn(kind, labels):
        awaited = frozenset(c for c in LAYOUT[kind].columns if post.get(f"from-{c}") == "value")
        one = Map(kind, source, labels, _fields(post, kind, labels))
    else:
        one = suggest.suggest(file, source, kind)
    one = replace(one, decimals=post.get("decimals", one.decimals), dates=post.get("dates", one.dates))
    return Draft(
        one=replace(one, words=_words(post)),
        name=post.get("name", ""),
        sample_name=post.get("sample_name", "")[:255],
        series=_uuid(post.get("series", "")),
        seen=_number(post.get("seen", ""), 0),
        awaited=awaited - one.fields.keys(),
    )


def _source(file: ForeignFile, post: Post) -> Source:
    row = _number(post.get("header_row", ""), 1)
    if file.is_workbook:
        return Source("xlsx", sheet=post.get("sheet", "")[:100], header_row=row)
    delimiter = next((d for d, word in DELIMITERS.items() if word == post.get("delimiter")), ",")
    encoding = post.get("encoding", "")
    return Source("csv", delimiter, encoding if encoding in ENCODINGS else "utf-8", header_row=row)


def _fields(post: Post, kind: str, labels: tuple[str, ...]) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for column in LAYOUT[kind].columns:
        chosen = post.get(f"from-{column}", "")
        place = _number(chosen.removeprefix("c"), -1) if chosen.startswith("c") else -1
        if chosen == "count":
            found[column] = Field(count=True)
        elif chosen == "value" and post.get(f"value-{column}", "").strip():
            found[column] = Field(constant=post[f"value-{column}"].strip()[:255])
        elif 0 <= place < len(labels) and labels[place]:
            found[column] = Field(column=labels[place])
    return found


def _words(post: Post) -> dict[str, dict[str, str]]:
    """Lines of `theirs = ours` for each column that has words."""
    found: dict[str, dict[str, str]] = {}
    for column in WORDS:
        for line in post.get(f"words-{column}", "").splitlines()[:200]:
            theirs, mark, ours = line.partition("=")
            if mark and key_of(theirs) and ours.strip():
                found.setdefault(column, {})[" ".join(theirs.split())] = ours.strip()[:100]
    return found


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


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
