"""Translation maps as data: how tables of one header become documents of one kind, and what a map must
say."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from . import values
from .columns import NUMBERS
from .converting import WORDS, is_day
from .csv import LAYOUTS, Layout
from .foreign import DELIMITERS, ENCODINGS, MAX_HEADER_ROW, Source, key_of
from .formats import DATES, DECIMALS

KINDS: Final = ("invoices", "orders", "receipts", "vendors", "statements")
"""The canonical layouts that a map can lead to."""

LAYOUT: Final[dict[str, Layout]] = {layout.name: layout for layout in LAYOUTS if layout.name in KINDS}

REQUIRED: Final = {
    "invoices": ("invoice_number", "type", "vendor_id", "issue_date", "currency", "gross"),
    "orders": ("order_number", "line", "vendor_id", "quantity", "unit_price"),
    "receipts": ("receipt_number", "order_number", "received_date", "quantity"),
    "vendors": ("vendor_id", "name"),
    "statements": ("statement_number", "vendor_id", "reference", "amount"),
}
"""Columns without which a document of the kind would say nothing."""

CHOICES: Final = {"type": ("invoice", "credit_note"), "status": ("active", "blocked")}
"""Columns that know only these words."""


NEVER_CONSTANT: Final = NUMBERS - {"tax_rate"} | {"iban", "bic"}
"""What is paid, to whom and for how much stands in the table or nowhere: one value for all rows would make it
up."""

OWN_EXPORT: Final = frozenset({"invoices", "statements"})
"""Kinds of which a table may be one vendor's own, which does not name the vendor in its rows."""


def may_be_constant(kind: str, column: str) -> bool:
    """May this column have one value for all rows of a table of this kind?"""
    return column not in NEVER_CONSTANT and (column != "vendor_id" or kind in OWN_EXPORT)


LONGEST_LABEL: Final = 200


@dataclass(frozen=True, slots=True)
class Field:
    """Where a canonical column comes from: a source column, one value for all rows, or a count of the
    rows."""

    column: str = ""
    constant: str = ""
    count: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """How tables of one header become documents of one kind. `header` are the source's labels as they stand.

    `words` translates, per canonical column, a text of the source (compared as labels are) into ours.
    """

    kind: str
    source: Source
    header: tuple[str, ...]
    fields: dict[str, Field]
    decimals: str = "point"
    dates: str = "iso"
    words: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The header for comparing."""
        return header_keys(self.header)

    @property
    def signature(self) -> str:
        """SHA-256 over what decides whether a table is for this map."""
        source = (self.source.kind, self.source.delimiter, key_of(self.source.sheet))
        content = "\x1f".join([*source, str(self.source.header_row), *self.keys])
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def header_keys(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Labels for comparing, in no order of their own: columns are found by name."""
    return tuple(sorted(key for label in labels if (key := key_of(label))))


def problems(one: Map) -> list[str]:
    """What keeps a map from being used, in sentences; empty when nothing does."""
    if one.kind not in LAYOUT:
        return [f"Choose what the table holds: {', '.join(KINDS)}."]
    found = [*_source_problems(one), *_header_problems(one)]
    for column in one.fields:
        if column not in LAYOUT[one.kind].columns:
            found.append(f"{column} is no column of {one.kind}.")
    for column in REQUIRED[one.kind]:
        if not _is_given(one.fields.get(column, Field())):
            found.append(f"Say where {column} comes from: {one.kind} need it.")
    if one.fields.get(LAYOUT[one.kind].key, Field()).constant:
        found.append(f"{LAYOUT[one.kind].key} tells documents apart: choose a column for it.")
    return [*found, *_constant_problems(one)]


def _is_given(one: Field) -> bool:
    return bool(one.column or one.constant or one.count)


def _source_problems(one: Map) -> Iterator[str]:
    source = one.source
    if source.kind == "csv" and (source.delimiter not in DELIMITERS or source.encoding not in ENCODINGS):
        yield "Choose the delimiter and the encoding of the file."
    if not 1 <= source.header_row <= MAX_HEADER_ROW:
        yield f"The header stands in one of the rows 1 to {MAX_HEADER_ROW}."
    if one.decimals not in DECIMALS or one.dates not in DATES:
        yield "Choose how numbers and days are written."


def _header_problems(one: Map) -> Iterator[str]:
    labels = Counter(map(key_of, one.header))
    if not any(labels):
        yield "The header row is empty: choose the row that names the columns."
    if any(len(label) > LONGEST_LABEL for label in one.header):
        yield f"A column name is longer than {LONGEST_LABEL} characters: this is no header row."
    for column, source in one.fields.items():
        times = labels[key_of(source.column)] if source.column else 1
        if times == 0:
            yield f"{column}: the table has no column “{source.column[:60]}”."
        elif times > 1:
            yield (
                f"{column}: the table has {times} columns “{source.column[:60]}”, and nobody can tell which."
            )


def _constant_problems(one: Map) -> Iterator[str]:
    line = LAYOUT[one.kind].line
    for column, source in one.fields.items():
        if source.count and column != line:
            yield f"{column} cannot be a count of rows."
        if source.constant and column in NEVER_CONSTANT:
            yield f"{column} cannot be the same for all rows: choose the column that states it, or none."
        if source.constant and column == "vendor_id" and one.kind not in OWN_EXPORT:
            kinds = " and ".join(sorted(OWN_EXPORT))
            yield f"vendor_id can be the same for all rows of {kinds} only: choose a column for it."
        if source.constant and (why := _why_no_value(column, source.constant)):
            yield f"{column}: “{source.constant[:40]}” is {why}."
    for column, words in one.words.items():
        if column not in WORDS:
            yield f"{column} has no words to translate."
        for word in words.values():
            if column in CHOICES and word not in CHOICES[column]:
                yield f"{column}: “{word[:40]}” is none of {', '.join(CHOICES[column])}."


def _why_no_value(column: str, text: str) -> str:
    """Why a constant cannot stand in a canonical column, or nothing; constants are written the canonical
    way."""
    if column in CHOICES and text not in CHOICES[column]:
        return f"none of {', '.join(CHOICES[column])}"
    try:
        if column in NUMBERS:
            values.decimal(text)
        elif is_day(column):
            values.day(text)
        elif column == "currency":
            values.currency(text)
    except values.BadValueError as bad:
        return str(bad)
    return ""


def as_data(one: Map) -> dict[str, Any]:
    """The map as plain JSON."""
    source = one.source
    return {
        "kind": one.kind,
        "source": {
            "kind": source.kind,
            "delimiter": source.delimiter,
            "encoding": source.encoding,
            "sheet": source.sheet,
            "header_row": str(source.header_row),
        },
        "header": list(one.header),
        "fields": {column: _field_data(one.fields[column]) for column in sorted(one.fields)},
        "decimals": one.decimals,
        "dates": one.dates,
        "words": {column: dict(sorted(one.words[column].items())) for column in sorted(one.words)},
    }


def _field_data(one: Field) -> dict[str, str]:
    if one.count:
        return {"count": "rows"}
    return {"column": one.column} if one.column else {"constant": one.constant}


def from_data(data: dict[str, Any]) -> Map:
    """A map from what `as_data` made."""
    source = data["source"]
    kind: Literal["csv", "xlsx"] = "xlsx" if source["kind"] == "xlsx" else "csv"
    return Map(
        kind=data["kind"],
        source=Source(
            kind, source["delimiter"], source["encoding"], source["sheet"], int(source["header_row"])
        ),
        header=tuple(data["header"]),
        fields={
            column: Field(one.get("column", ""), one.get("constant", ""), "count" in one)
            for column, one in data["fields"].items()
        },
        decimals=data["decimals"],
        dates=data["dates"],
        words={column: dict(words) for column, words in data["words"].items()},
    )
