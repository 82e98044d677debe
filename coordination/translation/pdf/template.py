"""Templates: where the values of a printed invoice stand, as data (`templates/*.json`).

After the idea of invoice2data: a template names words that its pages have, and for each field patterns that
are tried in order, row by row. One that knows an issuer also states what never changes (`static`). What every
template shares stands in `templates/_defaults.json`.

    {"name": "...", "keywords": [...], "exclude": [...], "required": ["number", "issue_date", "gross"],
     "decimal_mark": ",", "date_order": "dmy", "static": {"seller_name": "...", "vat_id": "..."},
     "fields": {"number": ["rechnungsnr\\.?\\s*{key}"], "gross": ["gesamtbetrag\\s*:?\\s*{amount}"]},
     "lines": {"start": "...", "end": "...", "row": "(?P<quantity>...)  (?P<description>.+)  ..."}}

All patterns ignore case. `{key}`, `{amount}`, `{day}`, `{iban}`, `{vat}` and `{currency}` stand for the
value.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).with_name("templates")
DEFAULTS: Final = "_defaults.json"

FIELDS: Final = frozenset(
    {"number", "issue_date", "due_date", "gross", "net", "tax", "currency", "order_numbers", "iban", "vat_id"}
)
LINE_FIELDS: Final = frozenset({"item", "description", "quantity", "unit", "price", "net", "tax_rate"})
STATIC: Final = frozenset({"seller_name", "vat_id", "currency"})

_AMOUNT: Final = r"[-−]?(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d[\d.,'’]*)(?<=\d)-?(?![\d%])"
_DAY: Final = (
    r"\d{1,4}[-/.]\s?\d{1,2}[-/.]\s?\d{1,4}(?!\d)"
    r"|\d{1,2}\.?(?:st|nd|rd|th|er)?[\s-](?:de\s|of\s)?[^\W\d_]{3,12}\.?,?[\s-](?:de\s)?\d{4}(?!\d)"
    r"|[^\W\d_]{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?\s?,?\s?\d{4}(?!\d)"
)
_MONEY: Final = r"(?:EUR|USD|GBP|CHF|€|\$|£|Rs\.?)"
VALUES: Final = {
    "{key}": r"(?P<value>(?=[^\s\d]*\d)[^\W_](?:[\w./#-]{0,38}\w)?)",
    "{amount}": rf"{_MONEY}?\s*(?P<value>{_AMOUNT})",
    "{day}": rf"(?P<value>{_DAY})",
    "{iban}": r"(?-i:(?P<value>[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}?)(?=\s*(?:$|[^A-Z0-9\s]|\s\s|BIC|SWIFT)))",
    "{vat}": r"(?-i:(?P<value>[A-Z]{2} ?[A-Z0-9](?:[ .]?[A-Z0-9]){6,11})(?![A-Z0-9]))",
    "{currency}": r"(?P<value>€|£|US\$|US dollars?|\b(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF)\b)",
}
"""What a pattern may name instead of spelling it out. A key holds a digit."""


class TemplateError(ValueError):
    """A template file is wrong; the message names the file and what to change."""


@dataclass(frozen=True, slots=True)
class LinePattern:
    """Rows between `start` and `end` that fit `row` are lines; rows that do not are notes of the line
    above."""

    start: re.Pattern[str]
    end: re.Pattern[str]
    row: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Template:
    """One layout. `static` values are those of its issuer; a template without is one of labels only."""

    name: str
    keywords: tuple[re.Pattern[str], ...]
    exclude: tuple[re.Pattern[str], ...]
    required: tuple[str, ...]
    fields: dict[str, tuple[re.Pattern[str], ...]]
    decimal_mark: str = ""
    date_order: str = ""
    static: dict[str, str] = field(default_factory=dict)
    lines: LinePattern | None = None

    def knows(self, text: str) -> bool:
        """Whether the words of the layout are all there, and none that it excludes."""
        return all(word.search(text) for word in self.keywords) and not any(
            word.search(text) for word in self.exclude
        )


@cache
def templates(folder: Path = FOLDER) -> tuple[Template, ...]:
    """All templates of a folder, those of one issuer before those of labels; or `TemplateError`."""
    defaults = _content(folder / DEFAULTS) if (folder / DEFAULTS).exists() else {}
    files = sorted(path for path in folder.glob("*.json") if path.name != DEFAULTS)
    found = [parse(_content(path), path.name, defaults) for path in files]
    return tuple(sorted(found, key=lambda template: not template.static))


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TemplateError(f"{path.name} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise TemplateError(f"{path.name}: write one object")
    return content


_KEYS: Final = frozenset(
    {"name", "keywords", "exclude", "required", "fields", "decimal_mark", "date_order", "static", "lines"}
)


def parse(content: dict[str, Any], file: str, defaults: dict[str, Any]) -> Template:
    """One template from its JSON, over the defaults; or `TemplateError`."""
    fields = defaults.get("fields", {}) | content.get("fields", {})
    required = content.get("required", defaults.get("required", []))
    static = content.get("static", {})
    _refuse_unknown(file, set(content), _KEYS)
    _refuse_unknown(file, set(fields) | set(required), FIELDS)
    _refuse_unknown(file, set(static), STATIC)
    if not content.get("name") or not content.get("keywords"):
        raise TemplateError(f"{file}: a template needs a name and keywords")
    if content.get("decimal_mark", "") not in {"", ",", "."}:
        raise TemplateError(f"{file}: decimal_mark is a comma, a point or left out")
    if content.get("date_order", "") not in {"", "dmy", "mdy"}:
        raise TemplateError(f"{file}: date_order is dmy, mdy or left out")
    exclude = [*defaults.get("exclude", []), *content.get("exclude", [])]
    return Template(
        name=content["name"],
        keywords=tuple(_compiled(file, word) for word in content["keywords"]),
        exclude=tuple(_compiled(file, word) for word in exclude),
        required=tuple(required),
        fields={name: tuple(_field(file, one) for one in patterns) for name, patterns in fields.items()},
        decimal_mark=content.get("decimal_mark", ""),
        date_order=content.get("date_order", ""),
        static=static,
        lines=_lines(file, content["lines"]) if "lines" in content else None,
    )


def _refuse_unknown(file: str, names: set[str], known: frozenset[str]) -> None:
    unknown = ", ".join(sorted(names - known))
    if unknown:
        raise TemplateError(f"{file}: {unknown} is not known here; known are {', '.join(sorted(known))}")


def _lines(file: str, content: dict[str, Any]) -> LinePattern:
    if set(content) != {"start", "end", "row"}:
        raise TemplateError(f"{file}: lines have a start, an end and a row")
    row = _compiled(file, content["row"])
    _refuse_unknown(file, set(row.groupindex), LINE_FIELDS)
    return LinePattern(_compiled(file, content["start"]), _compiled(file, content["end"]), row)


def _field(file: str, pattern: str) -> re.Pattern[str]:
    compiled = _compiled(file, pattern)
    if "value" not in compiled.groupindex:
        raise TemplateError(f"{file}: {pattern!r} names no value ({{key}}, {{amount}}, (?P<value>...))")
    return compiled


def _compiled(file: str, pattern: str) -> re.Pattern[str]:
    for name, meaning in VALUES.items():
        pattern = pattern.replace(name, meaning)
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise TemplateError(f"{file}: {pattern!r} is no pattern: {error}") from None
