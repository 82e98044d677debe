"""Incidents: alarms of one agent that are under way together. A manager acknowledges one, takes it on and
proposes to close it with a cause; a second person agrees.

Nothing is learned again by itself: what becomes of the days of an incident, and of the baseline, follows from
the cause that two people named.

What moves the inputs of one agent moves those of others, which read the same documents. Such incidents stay
apart, each with its agent's baseline and entries, and are acknowledged, handed over and closed as one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Q

from audit import clock, commitments, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.subjects import Subject
from reviews import services as reviews
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
TOGETHER = timedelta(days=14)
"""So far apart the onsets of one cause may be estimated in several agents."""
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
        _ask_no_more(row, now)
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


def _ask_no_more(row: Incident, now: datetime) -> None:
    """Take back the question whether an incident is closed, alone or with others: it is no longer the one
    that was looked at."""
    asked = asked_of(row)
    if asked is not None:
        Incident.objects.select_for_update().filter(pk=Subject(asked.subject).uuid).first()
        reviews.withdraw([asked.subject], by=ACTOR, why=f"another alarm joined incident {row.number}", at=now)
        announce([("inbox", str(asked.id))])


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


# --- one cause, several agents ------------------------------------------------------------------------------


def alongside(row: Incident) -> list[Incident]:
    """The open incidents of other agents that are of inputs alone, and in which what moved here moved the
    same way within two weeks. None of an incident that is of more than inputs, or closed."""
    if row.category != Category.INPUTS.value or row.status == Incident.Status.CLOSED:
        return []
    moved = {(a.measure, a.direction): a.onset for a in row.alarms.all()}
    others = Incident.objects.filter(status=Incident.Status.OPEN, category=Category.INPUTS.value)
    return [
        other
        for other in others.exclude(agent=row.agent_id).order_by("number").prefetch_related("alarms")
        if any(
            (onset := moved.get((a.measure, a.direction))) and abs(a.onset - onset) <= TOGETHER
            for a in other.alarms.all()
        )
    ]


# --- what managers do ---------------------------------------------------------------------------------------


@transaction.atomic
def acknowledge(number: int, *, by: User) -> Incident:
    """Say that somebody looks at it and at those alongside. Raises `NoSuchIncident`, `ClosedAlready`,
    `NotAllowed`."""
    row, others, actor = _for_act(number, by)
    for one in (row, *others):
        if not one.acknowledged_by:
            one.acknowledged_by, one.acknowledged_at = actor, clock.now()
            one.owner = one.owner or actor
            _record(one, HANDED, "incident.acknowledged", actor, {})
    return row


@transaction.atomic
def assign(number: int, owner: User, *, by: User) -> Incident:
    """Say whose it is, with those alongside. Raises `NoSuchIncident`, `ClosedAlready`, `NotAllowed`."""
    row, others, actor = _for_act(number, by)
    if not may_now(owner, rights.CONTROL_AGENTS):
        raise NotAllowed("An incident is taken on by somebody who may stop agents.")
    for one in (row, *others):
        one.owner = person(owner)
        one.acknowledged_by = one.acknowledged_by or actor
        one.acknowledged_at = one.acknowledged_at or clock.now()
        _record(one, HANDED, "incident.assigned", actor, {"owner": one.owner})
    return row


@transaction.atomic
def propose_closing(
    number: int, cause: str, reason: str, *, by: User, others: Collection[int] = ()
) -> Escalation:
    """Ask a second person to close an incident with this cause, and with it those alongside of these numbers:
    the ones that somebody saw. Raises `NoSuchCause`, `NoSuchIncident`, `ClosedAlready`, `NotAllowed`."""
    if cause not in Incident.Cause.values:
        raise NoSuchCause
    row, found, actor = _for_act(number, by)
    also, now = [one for one in found if one.number in others], clock.now()
    named = Incident.Cause(cause).label
    follows = _follows(Incident.Cause(cause), row, others=bool(also))
    words = " ".join(reason.split())[:200]
    subject = Subject.of("incident", row.id)
    numbers = ", ".join(str(one.number) for one in (row, *also))
    title = f"incidents {numbers}" if also else f"incident {numbers}"
    agents = row.agent_id if not also else ", ".join(one.agent_id for one in (row, *also))
    Proposal(
        subject=subject,
        text=f"Close {title} ({agents}): {named.lower()}?",
        changes=(Change(title, "open", named.lower(), f"{named}. {follows}", CODE),),
        case={
            "vendor": title.capitalize() if also else f"{title.capitalize()}, {agents}",
            "cause": cause,
            "incident": str(row.number),
            "asked_by": actor,
            "said": commitments.commit(words, kind="incident cause", of=actor, about=subject, at=now),
            **({"others": [str(one.number) for one in also]} if also else {}),
        },
        if_approved=f"Approving closes the incident{'s' if also else ''}. {follows}",
        if_rejected=f"Rejecting leaves {title} open, and whatever was set going in force.",
        makers=(actor,),
        kind=KIND,
    ).ask(actor, now)
    announce([("inbox", ""), ("agents", row.agent_id)])
    return Escalation.objects.get(subject=subject, status="open")


def asked_of(row: Incident) -> Escalation | None:
    """The open question whether it is to be closed, by itself or with others."""
    return asked().get(row.number)


def asked() -> dict[int, Escalation]:
    """The open questions whether incidents are to be closed, by the numbers of these: of two about one, the
    one about it alone."""
    found: dict[int, Escalation] = {}
    about = Escalation.objects.filter(kind=KIND, status="open").order_by("opened_at")
    for one in sorted(about, key=lambda q: len(_others(q))):
        for number in (int(one.case["incident"]), *_others(one)):
            found.setdefault(number, one)
    return found


def closing_of(row: Incident) -> Escalation | None:
    """The question by whose answer an incident was closed."""
    about = Q(subject=Subject.of("incident", row.id)) | Q(case__others__contains=[str(row.number)])
    answered = Escalation.objects.filter(about, kind=KIND, status="approved")
    return answered.order_by("-decided_at").first()


def _follows(cause: Incident.Cause, row: Incident, *, others: bool) -> str:
    days = f"The days since {row.onset:%-d %B}" if not others else "The days since the onset of each"
    return {
        Incident.Cause.FIXED: f"{days} are left out when a baseline is learned; the monitor starts again.",
        Incident.Cause.NEW_NORMAL: f"{days} are learned as a new baseline; the old one is kept. Until there"
        " are enough of them, the measures concerned are not watched.",
        Incident.Cause.DATA: f"{days} are left out when a baseline is learned; the monitor starts again.",
        Incident.Cause.FALSE: "It counts as a false alarm, and its days stay in what is learned.",
    }[cause]


def lock(subject: str) -> None:
    """Lock an incident and those that the open question is about with it, and what their end changes, as the
    monitor does."""
    _lock_position()
    row = Incident.objects.filter(pk=Subject(subject).uuid).first()
    if row is not None:
        asked = waiting([subject]).get(subject)
        _lock([row.number, *(_others(asked) if asked else ())])


def _others(asked: Escalation) -> list[int]:
    """The numbers of the incidents that a question is about besides its own."""
    return [int(number) for number in asked.case.get("others", [])]


def _lock_position() -> None:
    """Wait for the monitor: it locks agents in the order of what it reads."""
    MonitorPosition.objects.select_for_update().filter(pk=1).first()


def _lock(numbers: list[int]) -> dict[int, Incident]:
    """Lock incidents with their agents, whose chains take the entries."""
    agents = Incident.objects.filter(number__in=numbers).values_list("agent", flat=True)
    list(Agent.objects.select_for_update().filter(pk__in=list(agents)).order_by("name"))
    rows = Incident.objects.select_for_update().filter(number__in=numbers).order_by("number")
    return {row.number: row for row in rows}


def carry_out(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """The second person's answer: close it and do what follows from the cause, or leave it open. Of those
    alongside, the ones that have been closed meanwhile stay as they are."""
    if verdict.verdict != "approve":
        return
    row = Incident.objects.select_for_update().get(pk=Subject(escalation.subject).uuid)
    if row.status == Incident.Status.CLOSED:
        raise ClosedAlready
    cause = str(escalation.case["cause"])
    _close(row, cause, verdict.by, at)
    others = [o for o in _lock(_others(escalation)).values() if o.status == Incident.Status.OPEN]
    for other in others:
        _close(other, cause, verdict.by, at)
    gone = [Subject.of("incident", other.id) for other in others]
    reviews.withdraw(gone, by=verdict.by, why=f"closed with incident {row.number}", at=at)


def _close(row: Incident, cause: str, by: str, at: datetime) -> None:
    row.status, row.cause = Incident.Status.CLOSED, cause
    row.closed_by, row.closed_at = by, at
    _record(row, CLOSED, "incident.closed", by, {"cause": row.cause})
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
    breaker.withdraw(row.agent_id, by, f"incident {row.number} is closed", at)
    breaker.calm(agent, f"incident {row.number} is closed: {Incident.Cause(row.cause).label.lower()}", by)


def excluded_days(agent: str) -> set[date]:
    """Days inside an agent's incidents, but for those that were closed as false or as the new normal."""
    kept = (Incident.Cause.FALSE, Incident.Cause.NEW_NORMAL)
    days: set[date] = set()
    for row in Incident.objects.filter(agent_id=agent).exclude(cause__in=kept):
        last = row.closed_at.date() if row.closed_at else clock.now().date()
        days |= {row.onset + timedelta(days=n) for n in range((last - row.onset).days + 1)}
    return days


def _for_act(number: int, by: User) -> tuple[Incident, list[Incident], str]:
    """A locked incident, those alongside and who acts."""
    if not may_now(by, rights.CONTROL_AGENTS):
        raise NotAllowed("Incidents are answered by managers.")
    _lock_position()
    found = Incident.objects.filter(number=number).first()
    if found is None:
        raise NoSuchIncident
    rows = _lock([number, *(other.number for other in alongside(found))])
    row = rows.pop(number)
    if row.status == Incident.Status.CLOSED:
        raise ClosedAlready
    return row, [other for other in rows.values() if other.status == Incident.Status.OPEN], person(by)


def _record(row: Incident, fields: tuple[str, ...], type_: str, actor: str, data: dict[str, str]) -> None:
    now = clock.now()
    changes = trail.update([row], fields, trail.Stamp(actor, now, type_))
    told = {"incident": str(row.number)} | data
    ledger.append([ledger.Event(Subject.of("agent", row.agent_id), type_, actor, now, told, changes)])
    announce([("agents", row.agent_id)])
