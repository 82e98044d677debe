"""Incidents of agents and the decisions behind the numbers: lists, one of them, what managers do about it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from reviews import fields
from reviews.access import may, requires, signed_in
from reviews.pages import answer, go, refusals_shown

from .. import rights
from ..models import Alarm
from ..reports.tables import table_csv
from ..selectors.behaviour import chart, days, listing, status
from ..selectors.behaviour import incidents as read
from ..selectors.behaviour import resting as rested
from ..selectors.behaviour.glance import budget, decisions_since
from ..selectors.behaviour.listing import Line
from ..selectors.behaviour.where import BANDS
from ..selectors.behaviour.words import WORDS
from ..services.behaviour import incidents as act
from .act_forms import CloseForm
from .agents import CAUSES, CSV, window_of
from .fetch import agent_for, incident_for
from .files import download
from .filter_forms import DecisionsForm, IncidentsForm, RestingForm

BEFORE_ONSET = 42
"""Days before the onset that an incident's chart shows."""
SHOWN = 200
"""Invoices that a page shows of those that rest on an incident."""


@require_safe
@requires(rights.SEE)
def incidents(request: HttpRequest) -> HttpResponse:
    """Incidents, open and closed."""
    asked = IncidentsForm.accept(request.GET).cleaned_data
    context = {
        "found": read.incidents(asked["status"], asked["cause"], asked["agent"]),
        "asked": asked,
        "causes": CAUSES,
        "filtered": any(asked.values()),
        "query": urlencode({name: value for name, value in asked.items() if value}),
    }
    return answer(request, "coordination/incidents.html", "coordination/_incidents.html", context)


@require_safe
@requires(rights.SEE)
def incidents_csv(request: HttpRequest) -> HttpResponse:
    """The alarms of incidents, a line each."""
    asked = IncidentsForm.accept(request.GET).cleaned_data
    columns = (
        *("incident", "agent", "status", "opened_at", "closed_at", "cause", "measure", "direction", "level"),
        *("category", "onset", "before", "after", "low", "high", "evidence", "decisions", "amount", "at"),
    )
    rows = (
        (
            *(found.row.number, found.row.agent_id, found.row.status, found.row.opened_at),
            *(found.row.closed_at, found.row.cause, a.measure, a.direction, a.level, a.category),
            *(a.onset.isoformat(), f"{a.before:.4f}", f"{a.after:.4f}", f"{a.low:.4f}", f"{a.high:.4f}"),
            *(f"{a.evidence:.0f}", a.decisions, a.amount, a.at),
        )
        for found in read.incidents(asked["status"], asked["cause"], asked["agent"])
        for a in found.row.alarms.all()
    )
    return download(table_csv(columns, rows), "incidents.csv", CSV)


@require_safe
@requires(rights.SEE)
def incident(request: HttpRequest, number: int) -> HttpResponse:
    """One incident."""
    row = incident_for(request.user, number)
    found = read.incident(row)
    measure = found.first.alarm.measure
    kept = status.baseline_row(row.agent_id)
    window = days.Window(found.window.first - timedelta(days=BEFORE_ONSET), found.window.last)
    baseline = status.read_baseline(kept) if kept else None
    agents = [s.agent.name for s in status.agent_statuses()]
    decisions = decisions_since(agents, days.today() - timedelta(days=6))
    context = {
        "incident": found,
        "agent": row.agent,
        "chart": chart.chart(row.agent, measure, window, baseline),
        "words": WORDS[measure],
        "causes": CAUSES,
        "budget": budget(len(agents), sum(decisions.values())),
        "may_control": may(request.user, rights.CONTROL_AGENTS),
    }
    return answer(request, "coordination/incident.html", "coordination/_incident.html", context)


@require_safe
@requires(rights.SEE)
def resting(request: HttpRequest, number: int) -> HttpResponse:
    """The invoices that rest on an incident."""
    row = incident_for(request.user, number)
    fate = RestingForm.accept(request.GET).cleaned_data["fate"]
    found, count = rested.largest(row.agent_id, read.window_of(row), fate, SHOWN)
    context = {
        "row": row,
        "onset": read.window_of(row).first,
        "fate": fate,
        "found": found,
        "count": count,
        "reads": may(request.user, rights.READ_AUDIT),
    }
    return answer(request, "coordination/resting.html", "coordination/resting.html", context)


@require_safe
@requires(rights.SEE)
def resting_csv(request: HttpRequest, number: int) -> HttpResponse:
    """The same as a table to take away, all of it."""
    row = incident_for(request.user, number)
    fate = RestingForm.accept(request.GET).cleaned_data["fate"]
    columns = ("invoice_number", "vendor_name", "state", "amount_company_currency", "decided_at", "invoice")
    found = rested.resting(row.agent_id, read.window_of(row), fate)
    rows = ((r.number, r.vendor or "", r.state, r.amount, r.at, str(r.id)) for r in found)
    return download(table_csv(columns, rows), f"incident-{number}-{fate}.csv", CSV)


def _alarm(number: int, alarm_id: UUID) -> Alarm:
    found = Alarm.objects.filter(pk=alarm_id, incident__number=number).select_related("incident").first()
    if found is None:
        raise Http404("There is no such alarm.")
    return found


@require_safe
@requires(rights.SEE)
def examples(request: HttpRequest, number: int, alarm_id: UUID) -> HttpResponse:
    """The decisions that an alarm gives as examples."""
    incident_for(request.user, number)
    alarm = _alarm(number, alarm_id)
    context = {
        "alarm": alarm,
        "incident": alarm.incident,
        "words": WORDS[alarm.measure],
        "lines": listing.examples(alarm),
        "reads": may(request.user, rights.READ_AUDIT),
    }
    return answer(request, "coordination/examples.html", "coordination/examples.html", context)


@require_safe
@requires(rights.SEE)
def examples_csv(request: HttpRequest, number: int, alarm_id: UUID) -> HttpResponse:
    """The examples to take away."""
    incident_for(request.user, number)
    content = lines_csv(listing.examples(_alarm(number, alarm_id)))
    return download(content, f"incident-{number}-examples.csv", CSV)


# --- the decisions behind a number --------------------------------------------------------------------------


@require_safe
@requires(rights.SEE)
def decisions(request: HttpRequest, name: str) -> HttpResponse:
    """The decisions of an agent that a number counts."""
    row = agent_for(request.user, name)
    asked = DecisionsForm.accept(request.GET).cleaned_data
    wanted = window_of(asked)
    context = {
        "agent": row,
        "listed": listing.listed(row.name, wanted, asked["page"]),
        "wanted": wanted,
        "words": WORDS.get(wanted.measure),
        "measures": WORDS.items(),
        "bands": BANDS,
        "reads": may(request.user, rights.READ_AUDIT),
    }
    return answer(request, "coordination/decisions.html", "coordination/_decisions.html", context)


@require_safe
@requires(rights.SEE)
def decisions_csv(request: HttpRequest, name: str) -> HttpResponse:
    """All decisions that a number counts."""
    row = agent_for(request.user, name)
    wanted = window_of(DecisionsForm.accept(request.GET).cleaned_data)
    content = lines_csv(listing.everything(row.name, wanted))
    return download(content, f"{row.name}-decisions.csv", CSV)


def lines_csv(lines: Iterable[Line]) -> bytes:
    """Decisions as a table to take away."""
    columns = (
        *("at", "invoice_number", "vendor_name", "proposed", "answer_of_a_person", "confidence"),
        *("amount_company_currency", "latency_ms", "version", "document_type", "format", "new_vendor"),
        *("without_order", "event", "entry", "invoice"),
    )
    rows = (
        (
            *(n.at, n.number, n.vendor, n.outcome, n.verdict, n.confidence, n.amount, n.latency_ms),
            *(n.version, n.type, n.format, n.new_vendor, n.no_order, n.event, n.entry, str(n.invoice)),
        )
        for n in lines
    )
    return table_csv(columns, rows)


# --- what managers do ---------------------------------------------------------------------------------------


@require_POST
@refusals_shown
@requires(rights.CONTROL_AGENTS)
def acknowledge(request: HttpRequest, number: int) -> HttpResponseBase:
    """Say that somebody looks at it."""
    incident_for(request.user, number, rights.CONTROL_AGENTS)
    act.acknowledge(number, by=signed_in(request))
    return go(request, "coordination:incident", number)


@require_POST
@refusals_shown
@requires(rights.CONTROL_AGENTS)
def assign(request: HttpRequest, number: int) -> HttpResponseBase:
    """Take it on oneself."""
    incident_for(request.user, number, rights.CONTROL_AGENTS)
    by = signed_in(request)
    act.assign(number, by, by=by)
    return go(request, "coordination:incident", number)


@require_POST
@refusals_shown
@requires(rights.CONTROL_AGENTS)
def close(request: HttpRequest, number: int) -> HttpResponseBase:
    """Ask a second person to close it with a cause."""
    incident_for(request.user, number, rights.CONTROL_AGENTS)
    sent = CloseForm.accept(request.POST).cleaned_data
    others = {fields.whole(one, 0) for one in sent["others"].split(",")}
    act.propose_closing(number, sent["cause"], sent["reason"], by=signed_in(request), others=others)
    return go(request, "coordination:incident", number)
