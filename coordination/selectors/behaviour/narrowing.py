"""Which decisions may be on a page of a list, told from their rows before any of them is read whole.

A page holds fifty of the thousands of decisions that an agent makes in a day. What can be told from columns
leaves few; whether one of these is on the page is judged like in the counts (`listing.Judge`). So a condition
here may let through too much, and must never leave anything out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from ...decisions.record import PERSON
from ...facts.measured_confidence import OF_NEW_VENDOR
from ...models import MonitorPosition
from ...monitoring.measures import BY_NAME, Limits
from ...services.behaviour import answers, observed
from ...services.behaviour.tallies import bounds_of
from .filters import Filter

LATE = timedelta(days=1)
"""So late a decision may be read and still be found on the day that it counts to, and only there."""

Condition = tuple[str, Sequence[Any]]
"""SQL that holds of a row, and its parameters."""
Asked = Callable[[Sequence[Limits], bool], Condition]
"""The condition of an event, or of its absence, by all limits that it was ever judged by."""

DAY = "(d.at AT TIME ZONE 'UTC')::date"
KEYS = """
WITH numbered AS (
  SELECT e.tx, d.entry_id, d.invoice_id, d.agent = %s AS own, {day} AS day, {own} AS fits, {answer} AS answers
    FROM coordination_decision d JOIN audit_entry e ON e.id = d.entry_id
   WHERE d.agent = ANY(%s) AND d.at >= %s AND d.at < %s AND (e.tx, e.id) <= (%s, %s)
), counted AS (
  SELECT *, max(day) FILTER (WHERE own) OVER (ORDER BY tx, entry_id) AS at_hand FROM numbered
)
SELECT entry_id, at_hand FROM counted
 WHERE CASE WHEN own THEN fits AND at_hand BETWEEN %s AND %s AND {invoice}
            ELSE (answers AND {invoice}) OR day > coalesce(at_hand, '-infinity') END
"""
"""An answer that begins a day is read whatever it says: it may be about the agent, and the day is then that
of what is read after it."""


def moments(wanted: Filter) -> tuple[datetime, datetime]:
    """From when until before when is read for the days of a filter: what is read late is of the day before,
    and what comes first on the day after shows what is late."""
    begin = datetime.combine(wanted.first, time(), UTC)
    return begin - LATE, datetime.combine(wanted.last, time(), UTC) + timedelta(days=1) + LATE


OF_INVOICE = """
SELECT FROM coordination_invoice i JOIN coordination_document doc ON doc.id = i.document_id
 WHERE i.id = counted.invoice_id
"""


def keys(
    agent: str, wanted: Filter, limits: Sequence[Limits], position: MonitorPosition
) -> dict[int, date | None]:
    """The entries of what may be listed in the days of a filter, people's answers too where its measure asks
    of them; with each the latest day of the agent's decisions that were read by then. `limits`: all that
    decisions were ever judged by."""
    about_answers = bool(wanted.measure) and BY_NAME[wanted.measure].of_answers
    own = ("false", []) if about_answers else _all_of(_of_columns(wanted, limits))
    answer = _of_answers(agent, wanted) if about_answers else ("false", [])
    invoice = _of_invoice(wanted)
    statement = KEYS.format(day=DAY, own=own[0], answer=answer[0], invoice=invoice[0])
    given = [agent, *own[1], *answer[1], [agent, PERSON] if about_answers else [agent]]
    given += [
        *moments(wanted),
        position.tx,
        position.entry,
        wanted.first,
        wanted.last,
        *invoice[1],
        *invoice[1],
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return dict(cursor.fetchall())


def _of_answers(agent: str, wanted: Filter) -> Condition:
    """What a person's answer, and the agent's own decisions on the invoice, say of it."""
    may, given = answers.may_concern(agent, wanted.event)
    own, values = _all_of(_of_work(wanted, "own"))
    return f"({may} AND EXISTS ({OWN} AND own.agent = %s AND {own}))", [*given, agent, *values]


OWN = "SELECT FROM coordination_decision own WHERE own.invoice_id = d.invoice_id"


def _all_of(conditions: Iterator[Condition]) -> Condition:
    found = list(conditions)
    words = " AND ".join(f"({sql})" for sql, _ in found)
    return words or "true", [value for _, values in found for value in values]


def _of_work(wanted: Filter, name: str) -> Iterator[Condition]:
    """What the columns of an agent's decision say of the kind of work; `name` is the decision's in SQL."""
    if wanted.version:
        yield f"split_part({name}.actor, '/', 2) = %s", [wanted.version]
    if wanted.band:
        least, most = bounds_of(wanted.band)
        yield f"abs(coalesce({name}.amount, 0)) >= %s", [least]
        if most is not None:
            yield f"abs(coalesce({name}.amount, 0)) < %s", [most]


def _of_columns(wanted: Filter, limits: Sequence[Limits]) -> Iterator[Condition]:
    """What a decision's own columns say of it."""
    yield from _of_work(wanted, "d")
    if wanted.event and (asked := _EVENTS.get(wanted.measure)):
        yield asked(limits, wanted.event == "yes")


def _proposed(outcome: str) -> Asked:
    def condition(_limits: Sequence[Limits], yes: bool) -> Condition:
        return f"{observed.PROPOSED} {'=' if yes else '<>'} %s", [outcome]

    return condition


def _over(column: str, limit: str) -> Asked:
    """More than a limit; where there were several, more than the least of them may be an event."""

    def condition(limits: Sequence[Limits], yes: bool) -> Condition:
        known = [getattr(each, limit) for each in limits]
        return (f"{column} > %s", [min(known)]) if yes else (f"{column} <= %s", [max(known)])

    return condition


def _under(column: str, limit: str) -> Asked:
    def condition(limits: Sequence[Limits], yes: bool) -> Condition:
        known = [getattr(each, limit) for each in limits]
        return (f"{column} < %s", [max(known)]) if yes else (f"{column} >= %s", [min(known)])

    return condition


_EVENTS = {
    "approve_rate": _proposed("approve"),
    "reject_rate": _proposed("reject"),
    "escalate_rate": _proposed("escalate"),
    "amount_high_share": _over("coalesce(d.amount, 0)", "amount_high"),
    "latency_sla_miss_share": _over("d.latency_ms", "sla_ms"),
    "confidence_high_share": _over("coalesce(d.confidence, 1)::float", "confidence_high"),
    "confidence_low_share": _under("coalesce(d.confidence, 1)::float", "confidence_low"),
}
"""Measures whose event is in the columns of a decision."""


def _of_invoice(wanted: Filter) -> Condition:
    """What the invoice says of it. It is looked at last, and only of what is left by then."""
    found = _all_of(_of_invoice_columns(wanted))
    if found[0] == "true":
        return found
    return f"EXISTS ({OF_INVOICE} AND {found[0]})", found[1]


def _of_invoice_columns(wanted: Filter) -> Iterator[Condition]:
    if wanted.type:
        yield "i.type = %s", [wanted.type]
    if wanted.format:
        yield "doc.source_format = %s", [wanted.format]
    asked = {(wanted.measure, wanted.event), ("order", wanted.order), ("vendor", wanted.vendor)}
    if asked & {("order", "no"), ("missing_po_rate", "yes")}:
        yield "cardinality(i.order_numbers) = 0", []
    if asked & {("order", "yes"), ("missing_po_rate", "no")}:
        yield "cardinality(i.order_numbers) > 0", []
    if asked & {("vendor", "new"), ("new_vendor_rate", "yes")}:
        yield OF_NEW_VENDOR, []
    if asked & {("vendor", "known"), ("new_vendor_rate", "no")}:
        yield f"NOT ({OF_NEW_VENDOR})", []
