"""Incidents: alarms of one agent that are under way together. A manager acknowledges one, takes it on and
proposes to close it with a cause; a second person agrees.

Nothing is learned again by itself: what becomes of the days of an incident, and of the baseline, follows from
the cause that two people named.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from audit import clock, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.subjects import Subject
from reviews.access import may_now
from reviews.errors import NotAllowed, Refused
from reviews.models import Escalation, Verdict
from reviews.services import person

from ... import rights
from ...models import Agent, Incident, MonitorPosition, MonitorState
from ...models import Alarm as AlarmRow
from ...monitoring import alarms
from ...monitoring.measures import BY_NAME, Action, Category, Level
from ...tasks.announce import announce
from ..master_data import Change, Proposal, waiting
from . import breaker

ACTOR = "system:monitor"
KIND, CODE = "incident", "incident_closed"
HANDED = ("acknowledged_by", "acknowledged_at", "owner")
GROWN = ("level", "category", "action", "onset")
CLOSED = ("status", "cause", "closed_by", "closed_at")
SERIOUS = (Category.BEHAVIOUR, Category.PEOPLE, Category.SERVICE, Category.INPUTS)
"""Categories of alarms; an incident is of the first that one of its alarms is of."""


class NoSuchIncident(CountersignError):
    """There is no such incident; the page of the agents names those that are open."""

    status = 404
    exit_code = 2


class ClosedAlready(Refused):
    """This incident is closed; a new change opens a new one."""


class NoSuchCause(Refused):
    """An incident is closed as: fixed, new_normal, data, false."""


# --- alarms -------------------------------------------------------------------------------------------------


def take(alarm: alarms.Alarm, at: datetime, baseline: int) -> Incident:
    """Keep an alarm: with the incident that its agent has, else with a new one; and do what it may do."""
    agent = Agent.objects.select_for_update().get(pk=alarm.agent)
    row = Incident.objects.select_for_update().filter(agent=agent, status=Incident.Status.OPEN).first()
    now = clock.now()
    if row is None:
        row = _opened(alarm, at, baseline)
        changes = trail.insert([row], trail.Stamp(ACTOR, now, "incident.opened"))
    else:
        row.level = max(Level(row.level), alarm.level, key=list(Level).index).value
        row.category = min(Category(row.category), alarm.category, key=SERIOUS.index).value
        row.action = max(Action(row.action), alarm.action, key=list(Action).index).value
        row.onset = min(row.onset, alarm.extent.onset)
        changes = trail.update([row], GROWN, trail.Stamp(ACTOR, now, "alarm.raised"))
    kept = _row(alarm, row, at)
    trail.insert_facts([kept])
    subject = Subject.of("agent", alarm.agent)
    ledger.append([ledger.Event(subject, "alarm.raised", ACTOR, now, _entry_data(kept, row), changes)])
    announce([("agents", alarm.agent), ("agents", "")])
    why = sentence(kept)
    if alarm.action is Action.OPEN:
        breaker.trip(agent, why)
    if alarm.action is not Action.NONE:
        breaker.boost(agent, why)
    return row


def _opened(alarm: alarms.Alarm, at: datetime, baseline: int) -> Incident:
    number = (Incident.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    return Incident(
        id=new_id(),
        number=number,
        agent_id=alarm.agent,
        baseline=baseline,
        level=alarm.level.value,
        category=alarm.category.value,
        action=alarm.action.value,
        onset=alarm.extent.onset,
        opened_at=at,
    )


def _row(alarm: alarms.Alarm, incident: Incident, at: datetime) -> AlarmRow:
    extent = alarm.extent
    return AlarmRow(
        id=new_id(),
        incident_id=incident.id,
        measure=alarm.measure,
        direction=alarm.direction.value,
        level=alarm.level.value,
        category=alarm.category.value,
        action=alarm.action.value,
        agent_version=alarm.version,
        evidence=alarm.evidence,
        entry=alarm.index,
        onset=extent.onset,
        before=extent.before,
        after=extent.after,
        low=extent.low,
        high=extent.high,
        decisions=extent.decisions,
        amount=extent.amount,
        strata=[[s.name, s.cases, s.events, round(s.expected, 1)] for s in extent.strata],
        examples=list(extent.examples),
        at=at,
    )


def _entry_data(alarm: AlarmRow, incident: Incident) -> dict[str, str]:
    return {
        "alarm": str(alarm.id),
        "incident": str(incident.number),
        "measure": alarm.measure,
        "direction": alarm.direction,
        "level": alarm.level,
        "category": alarm.category,
        "action": alarm.action,
        "evidence": f"{alarm.evidence:.0f}",
        "decision_entry": str(alarm.entry),
        "onset": alarm.onset.isoformat(),
        "before": f"{alarm.before:.4f}",
        "after": f"{alarm.after:.4f}",
        "baseline": str(incident.baseline),
    }


def sentence(alarm: AlarmRow) -> str:
    """An alarm in one sentence."""
    what = BY_NAME[alarm.measure].words
    return (
        f"{alarm.level.capitalize()}: {alarm.after:.1%} {what} since {alarm.onset:%-d %B}, where"
        f" {alarm.before:.1%} were expected."
    )


# --- what managers do ---------------------------------------------------------------------------------------


@transaction.atomic
def acknowledge(number: int, *, by: User) -> Incident:
    """Say that somebody looks at it. Raises `NoSuchIncident`, `ClosedAlready`, `NotAllowed`."""
    row, actor = _for_act(number, by)
    if not row.acknowledged_by:
        row.acknowledged_by, row.acknowledged_at = actor, clock.now()
        row.owner = row.owner or actor
        _record(row, HANDED, "incident.acknowledged", actor, {})
    return row


@transaction.atomic
def assign(number: int, owner: User, *, by: User) -> Incident:
    """Say whose it is. Raises `NoSuchIncident`, `ClosedAlready`, `NotAllowed`."""
    row, actor = _for_act(number, by)
    if not may_now(owner, rights.CONTROL_AGENTS):
        raise NotAllowed("An incident is taken on by somebody who may stop agents.")
    row.owner = person(owner)
    row.acknowledged_by = row.acknowledged_by or actor
    row.acknowledged_at = row.acknowledged_at or clock.now()
    _record(row, HANDED, "incident.assigned", actor, {"owner": row.owner})
    return row


@transaction.atomic
def propose_closing(number: int, cause: str, reason: str, *, by: User) -> Escalation:
    """Ask a second person to close an incident with this cause. Raises `NoSuchCause`, `NoSuchIncident`,
    `ClosedAlready`, `NotAllowed`."""
    if cause not in Incident.Cause.values:
        raise NoSuchCause
    row, actor = _for_act(number, by)
    named = Incident.Cause(cause).label
    follows = _follows(Incident.Cause(cause), row)
    words = " ".join(reason.split())[:200]
    told = f"{named}. {follows}" + (f" {words}" if words else "")
    subject = Subject.of("incident", row.id)
    Proposal(
        subject=subject,
        text=f"Close incident {row.number} of {row.agent_id}: {named.lower()}?",
        changes=(Change(f"incident {row.number}", "open", named.lower(), told, CODE),),
        case={
            "vendor": f"Incident {row.number}, {row.agent_id}",
            "cause": cause,
            "incident": str(row.number),
        },
        if_approved=f"Approving closes the incident. {follows}",
        if_rejected="Rejecting leaves the incident open, and whatever it set going in force.",
        makers=(actor,),
        kind=KIND,
    ).ask(actor, clock.now())
    announce([("inbox", ""), ("agents", row.agent_id)])
    return Escalation.objects.get(subject=subject, status="open")


def is_asked(row: Incident) -> bool:
    """Is a question open whether it is to be closed?"""
    return bool(waiting([Subject.of("incident", row.id)]))


def _follows(cause: Incident.Cause, row: Incident) -> str:
    days = f"The days since {row.onset:%-d %B}"
    return {
        Incident.Cause.FIXED: f"{days} are left out when a baseline is learned; the monitor starts again.",
        Incident.Cause.NEW_NORMAL: f"{days} are learned as a new baseline; the old one is kept. Until there"
        " are enough of them, the measures concerned are not watched.",
        Incident.Cause.DATA: f"{days} are left out when a baseline is learned; the monitor starts again.",
        Incident.Cause.FALSE: "It counts as a false alarm, and its days stay in what is learned.",
    }[cause]


def lock(subject: str) -> None:
    """Lock an incident, and what its end changes, as the monitor does."""
    MonitorPosition.objects.select_for_update().filter(pk=1).first()
    row = Incident.objects.filter(pk=Subject(subject).uuid).first()
    if row is not None:
        Agent.objects.select_for_update().get(pk=row.agent_id)
    Incident.objects.select_for_update().filter(pk=Subject(subject).uuid).first()


def carry_out(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """The second person's answer: close it and do what follows from the cause, or leave it open."""
    if verdict.verdict != "approve":
        return
    row = Incident.objects.select_for_update().get(pk=Subject(escalation.subject).uuid)
    if row.status == Incident.Status.CLOSED:
        raise ClosedAlready
    row.status, row.cause = Incident.Status.CLOSED, str(escalation.case["cause"])
    row.closed_by, row.closed_at = verdict.by, at
    _record(row, CLOSED, "incident.closed", verdict.by, {"cause": row.cause})
    measures = list(row.alarms.values_list("measure", flat=True).distinct())
    state = MonitorState.objects.select_for_update().get(pk=row.agent_id)
    if row.cause == Incident.Cause.NEW_NORMAL:
        state.learning_since = row.onset
        state.silent = sorted({*state.silent, *measures})
        state.cause = f"incident {row.number}: new normal"
    state.detectors = {name: sides for name, sides in state.detectors.items() if name not in measures}
    state.save()
    MonitorPosition.objects.filter(pk=1).update(taken=new_id())
    agent = Agent.objects.select_for_update().get(pk=row.agent_id)
    breaker.calm(
        agent, f"incident {row.number} is closed: {Incident.Cause(row.cause).label.lower()}", verdict.by
    )


def excluded_days(agent: str) -> set[date]:
    """Days inside an agent's incidents, but for those that were closed as false or as the new normal."""
    kept = (Incident.Cause.FALSE, Incident.Cause.NEW_NORMAL)
    days: set[date] = set()
    for row in Incident.objects.filter(agent_id=agent).exclude(cause__in=kept):
        last = row.closed_at.date() if row.closed_at else clock.now().date()
        days |= {row.onset + timedelta(days=n) for n in range((last - row.onset).days + 1)}
    return days


def _for_act(number: int, by: User) -> tuple[Incident, str]:
    if not may_now(by, rights.CONTROL_AGENTS):
        raise NotAllowed("Incidents are answered by managers.")
    agent = Incident.objects.filter(number=number).values_list("agent", flat=True).first()
    if agent is None:
        raise NoSuchIncident
    Agent.objects.select_for_update().get(pk=agent)  # its chain takes the entry
    row = Incident.objects.select_for_update().get(number=number)
    if row.status == Incident.Status.CLOSED:
        raise ClosedAlready
    return row, person(by)


def _record(row: Incident, fields: tuple[str, ...], type_: str, actor: str, data: dict[str, str]) -> None:
    now = clock.now()
    changes = trail.update([row], fields, trail.Stamp(actor, now, type_))
    told = {"incident": str(row.number)} | data
    ledger.append([ledger.Event(Subject.of("agent", row.agent_id), type_, actor, now, told, changes)])
    announce([("agents", row.agent_id)])
