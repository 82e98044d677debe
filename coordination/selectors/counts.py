"""Counts of a period by cause, rule, vendor, queue and person, each with the list of what it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from audit import clock
from reviews.grants import Right
from reviews.queues import titles
from reviews.selectors import people

from .. import rights
from ..domain.hold_codes import CATALOGUE
from ..domain.key_figures import Share
from ..tasks.sql import rows
from .asked import ABOUT, COUNTED, SETTLED, kinds_in_words
from .counted_lists import CountedList, plain
from .kpis import first_key

PERIODS = (7, 30, 90)
MOST_SHOWN = 25

HELD = "coordination_hold h WHERE h.id >= %(first)s AND h.opened_at >= %(since)s"
RECEIVED = """coordination_invoice i LEFT JOIN coordination_vendor v ON v.id = i.vendor_id
 WHERE i.id >= %(first)s AND i.received_at >= %(since)s"""
ASKED = f"""reviews_escalation e
 WHERE {COUNTED} AND e.id >= %(first)s AND e.opened_at >= %(since)s AND NOT e.kind = ANY(%(hidden)s)"""
ANSWERED = f"""reviews_verdict a JOIN reviews_escalation e ON e.id = a.escalation_id
 WHERE {SETTLED} AND a.id >= %(first)s AND a.at >= %(since)s AND NOT e.kind = ANY(%(hidden)s)"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to count. `source` is what is counted, `key` its column, `each` what is counted once under a
    key ("*": every row); `base` says in words what a count is a share of. `right`: who sees it. `named`: keys
    to what people call them. `grouped`: the statement of keys and counts, where it is not made of these;
    `spoken` puts the cells of a list into words."""

    title: str
    one: str
    base: str
    right: Right
    source: str
    key: str
    each: str
    listed: str
    when: str
    columns: Sequence[str]
    named: Callable[[Sequence[str]], Mapping[str, str]]
    grouped: str = ""
    spoken: Callable[[Sequence[Sequence[str]]], Sequence[Sequence[str]]] = plain

    @property
    def counting(self) -> str:
        """The statement of key and count."""
        if self.grouped:
            counted = self.grouped
        elif self.each == "*":
            counted = f"SELECT {self.key} AS key, count(*) AS n FROM {self.source} GROUP BY 1"  # noqa: S608 - constants
        else:
            pairs = f"SELECT DISTINCT {self.key} AS key, {self.each} FROM {self.source}"  # noqa: S608 - constants
            counted = f"SELECT key, count(*) AS n FROM ({pairs}) x GROUP BY 1"  # noqa: S608 - constants
        return f"SELECT key, n::bigint FROM ({counted}) x ORDER BY 2 DESC, 1"  # noqa: S608 - constants

    @property
    def counting_all(self) -> str:
        """The statement of what may be counted under several keys, once; empty where nothing is."""
        if self.each == "*":
            return ""
        return f"SELECT count(*) FROM (SELECT DISTINCT {self.each} FROM {self.source}) x"  # noqa: S608 - constants


def _codes(keys: Sequence[str]) -> dict[str, str]:
    return {key: CATALOGUE[key].words for key in keys if key in CATALOGUE}


def _rules(keys: Sequence[str]) -> dict[str, str]:
    return {key: key or "without a rule of the policy" for key in keys}


def _vendors(keys: Sequence[str]) -> dict[str, str]:
    found = rows("SELECT vendor_id, name FROM coordination_vendor WHERE vendor_id = ANY(%s)", list(keys))
    return dict(found) | ({"": "Unknown vendor"} if "" in keys else {})


def _queues(_: Sequence[str]) -> dict[str, str]:
    return dict(titles())


def _people(keys: Sequence[str]) -> dict[str, str]:
    return {key: person.name for key, person in people(set(keys)).items()}


HELD_LIST = f"""
SELECT h.invoice_id, NULL::uuid AS case_id, min(h.opened_at) AS at,
       ARRAY[string_agg(DISTINCT h.status, ', ' ORDER BY h.status)]::text[] AS cells
  FROM {HELD} AND {{}} = %(key)s GROUP BY h.invoice_id
"""  # noqa: S608 - made of constants
RULE = "coalesce(h.detail->>'rule', '')"

KINDS: dict[str, Kind] = {
    "cause": Kind(
        title="Held, by cause",
        one="cause",
        base="invoices that were held",
        right=rights.SEE,
        source=HELD,
        key="h.code",
        each="h.invoice_id",
        listed=HELD_LIST.format("h.code"),
        when="Held",
        columns=("Hold",),
        named=_codes,
    ),
    "rule": Kind(
        title="Held, by rule of the policy",
        one="rule",
        base="invoices that were held",
        right=rights.SEE,
        source=HELD,
        key=RULE,
        each="h.invoice_id",
        listed=HELD_LIST.format(RULE),
        when="Held",
        columns=("Hold",),
        named=_rules,
    ),
    "vendor": Kind(
        title="Received, by vendor",
        one="vendor",
        base="invoices and credit notes received",
        right=rights.SEE,
        source=RECEIVED,
        key="coalesce(v.vendor_id, '')",
        each="*",
        listed=f"""SELECT i.id AS invoice_id, NULL::uuid AS case_id, i.received_at AS at,
               ARRAY[i.state, i.lane]::text[] AS cells
          FROM {RECEIVED} AND coalesce(v.vendor_id, '') = %(key)s""",  # noqa: S608 - made of constants
        when="Received",
        columns=("State", "Lane"),
        named=_vendors,
        grouped="""
SELECT coalesce(v.vendor_id, '') AS key, sum(n) AS n FROM (
       SELECT vendor_id, count(*) AS n FROM coordination_invoice
        WHERE id >= %(first)s AND received_at >= %(since)s GROUP BY 1) i
  LEFT JOIN coordination_vendor v ON v.id = i.vendor_id GROUP BY 1""",
    ),
    "queue": Kind(
        title="Asked, by queue",
        one="queue",
        base="questions put to people",
        right=rights.READ_CASES,
        source=ASKED,
        key="e.queue",
        each="*",
        listed=f"""SELECT {ABOUT} AS invoice_id, e.id AS case_id, e.opened_at AS at,
               ARRAY[e.kind, e.status]::text[] AS cells FROM {ASKED} AND e.queue = %(key)s""",  # noqa: S608 - made of constants
        when="Asked",
        columns=("Kind", "Status"),
        named=_queues,
        spoken=kinds_in_words,
    ),
    "person": Kind(
        title="Answered, by person",
        one="person",
        base="answers that people gave to questions that are over",
        right=rights.READ_CONFORMANCE,
        source=ANSWERED,
        key="a.by",
        each="*",
        listed=f"""SELECT {ABOUT} AS invoice_id, e.id AS case_id, a.at AS at,
               ARRAY[e.kind, a.verdict, a.reason]::text[] AS cells FROM {ANSWERED} AND a.by = %(key)s""",  # noqa: S608 - made of constants
        when="Answered",
        columns=("Kind", "Answer", "Reason"),
        named=_people,
        spoken=kinds_in_words,
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One count: its key, what people call it, and its share."""

    key: str
    label: str
    share: Share


@dataclass(frozen=True, slots=True)
class Counts:
    """All counts of one kind, the largest first; `shown` of `lines` are on the page."""

    key: str
    kind: Kind
    base: int
    lines: Sequence[Line]

    @property
    def shown(self) -> Sequence[Line]:
        return self.lines[:MOST_SHOWN]


def _parameters(days: int, hidden: Sequence[str]) -> dict[str, Any]:
    since = clock.now() - timedelta(days=days)
    return {"since": since, "first": first_key(since), "hidden": list(hidden)}


def counts(keys: Iterable[str], days: int, hidden: Sequence[str]) -> list[Counts]:
    """What was counted of these kinds in the last `days` days; questions of `hidden` kinds are left out.
    Raises `KeyError`."""
    parameters, bases, found = _parameters(days, hidden), dict[str, int](), []
    for key in keys:
        kind = KINDS[key]
        counted = rows(kind.counting, **parameters)
        base = sum(n for _, n in counted)
        if statement := kind.counting_all:
            if statement not in bases:
                bases[statement] = rows(statement, **parameters)[0][0]
            base = bases[statement]
        names = kind.named([name for name, _ in counted])
        lines = [Line(name, names.get(name, name), Share(n, base)) for name, n in counted]
        found.append(Counts(key, kind, base, lines))
    return found


def behind(key: str, name: str, days: int, hidden: Sequence[str]) -> CountedList:
    """What one count counts. Raises `KeyError` for a kind that is none."""
    kind = KINDS[key]
    label = kind.named([name]).get(name, name)
    return CountedList(
        name=f"{key}-{days}-days",
        title=f"{kind.title}: {label}",
        sentence=f"Of the {kind.base} in the last {days} days.",
        when=kind.when,
        columns=kind.columns,
        statement=kind.listed,
        spoken=kind.spoken,
        parameters=_parameters(days, hidden) | {"key": name},
    )


HEAD = ("kind", "key", "name", "count", "of", "of_what")


def as_rows(found: Sequence[Counts]) -> list[Sequence[str | int]]:
    """Every count, in the order of `HEAD`."""
    return [
        (c.key, line.key, line.label, line.share.part, line.share.base, c.kind.base)
        for c in found
        for line in c.lines
    ]
