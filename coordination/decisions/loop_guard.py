"""The bound: agents that do not come to rest over an invoice are stopped, and a person is asked.

Coordination ends by itself (docs/architecture.md says why). For what no argument foresees, decisions on an
invoice are counted since the newest fact from outside that reached it, whoever asked and whatever the cause
is called. One before the last of three times the number of agents is the release's: it holds the invoice as
`agent_error`, with the circle named; what is still open for the chain is dropped, and every other invoice
goes on.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from audit.ledger import data_of
from audit.models import Entry
from audit.subjects import Subject

from ..agents import ADVISORY, OWNERS, REGISTRY, RELEASE
from ..agents.read_set import MOMENTARY
from ..domain.proposal import Agent
from ..facts.answers import DecisionCount
from ..facts.taken import on_record, whole
from ..models import Decision, Hold, Invoice
from ..tasks import work_queue

log = logging.getLogger("countersign.decisions")

RULE = "G-LOOP"
TIMES = 3
LEFT_OVER = 2
"""Decisions kept back for the end: the release's, and the status that follows from it."""


class NeverAtRest(Exception):
    """Agents go on deciding an invoice without anything new from outside."""


def most() -> int:
    """Decisions on one invoice that one fact from outside may lead to."""
    return TIMES * len(REGISTRY)


def reached(agent: Agent, counted: DecisionCount) -> bool:
    """Has the invoice been decided so often on the newest fact that this agent is not asked any more?"""
    kept = 1 if agent.name in ADVISORY else LEFT_OVER
    return counted.decisions >= most() - kept


def held(holds: list[Hold]) -> bool:
    """Does a hold of this guard stand?"""
    return any(h.detail.get("rule") == RULE and h.status != Hold.Status.RELEASED for h in holds)


def stops_here(agent: Agent) -> bool:
    """Is it this agent's to hold an invoice that does not come to rest?"""
    return RELEASE in agent.contract.owns


def hold_instead(facts: Mapping[UUID, int]) -> None:
    """Invoices that do not come to rest, with the newest fact that reached them: what is open for the chain
    goes, and the release is asked to hold them. What a newer fact opened stays: it is decided afterwards."""
    if not facts:
        return
    [release] = [a.name for a in REGISTRY.values() if stops_here(a)]
    work_queue.drop_chain(facts)
    work_queue.open_tasks([(release, i, "no end") for i in facts], facts, instead=True)


def never_at_rest(row: Invoice, counted: DecisionCount) -> NeverAtRest:
    """What is said of it: how often, which agents, because of which invoices, which value alternated."""
    entries = _entries(row, counted)
    agents = Counter(d["agent"] for d in entries)
    again = [f"{name} ({n} times)" for name, n in agents.most_common() if n > 1 and name not in ADVISORY]
    others = _numbers(entries, row)
    words = f"{counted.decisions} decisions on one fact from outside, and no end: {', '.join(again)}."
    if others:
        words += f" Asked again because of {', '.join(others)}."
    if alternated := _alternated(entries):
        words += f" What alternated: {alternated}."
    log.error("%s is held: %s", row.subject, words)
    return NeverAtRest(words)


def _entries(row: Invoice, counted: DecisionCount) -> list[dict[str, Any]]:
    decided = Decision.objects.filter(invoice=row, fact=counted.fact).order_by("at", "state_version")
    bodies = dict(Entry.objects.filter(id__in=[d.entry_id for d in decided]).values_list("id", "body"))
    found, sets = [data_of(bodies[d.entry_id]) for d in decided], on_record(row.subject)
    return [data | {"input": whole(data, sets)} for data in found]


def _numbers(entries: list[dict[str, Any]], row: Invoice) -> list[str]:
    """Numbers of the other invoices in the circle."""
    causes = {d.get("asked_because", "") for d in entries}
    ids = {c.key for c in map(Subject, causes) if c.kind == "invoice"} - {str(row.id)}
    return sorted(Invoice.objects.filter(id__in=ids).values_list("number", flat=True)[:5])


def _alternated(entries: list[dict[str, Any]]) -> str:
    """The first value in which the last two decisions of the most restless agent were given other facts."""
    agents = Counter(d["agent"] for d in entries if d["agent"] not in ADVISORY and d["agent"] != "person")
    if not agents:
        return ""
    name = agents.most_common(1)[0][0]
    *_, before, after = [None, *(d["input"] for d in entries if d["agent"] == name)]
    own = MOMENTARY | ({"allocations"} if name == OWNERS["order"] else set())
    found = differences(before, after) if before is not None else iter(())
    told = (f"{path} ({old} and {new})" for path, old, new in found if path.partition("/")[0] not in own)
    return next(told, "")


MOST_SHOWN = 60


def differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Paths at which two JSON values differ, each with both values, shortened."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from differences(old.get(key), new.get(key), f"{path}/{key}" if path else key)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for n, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differences(one, other, f"{path}/{n}")
    elif old != new:
        yield path, _short(old), _short(new)


def _short(value: Any) -> str:
    text = "none" if value in (None, [], "") else str(value)
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"
