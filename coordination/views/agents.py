"""Agents: at a glance, one by one with what moved, and the switches that throttle and stop one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from reviews.access import may, requires, signed_in
from reviews.channel import PAGE
from reviews.pages import answer, refusals_shown, wants_fragment

from .. import rights
from ..models import Agent, Incident
from ..reports.tables import table_csv
from ..selectors import agents as read
from ..selectors.behaviour import chart, days, delays, incidents, status
from ..selectors.behaviour.filters import Filter
from ..selectors.behaviour.glance import WEEK, glance
from ..selectors.behaviour.where import Where, where
from ..selectors.behaviour.words import NAMES, WORDS
from ..services import agent_control, drills
from .act_forms import BreakerForm, DrillForm, OnCriticalForm, ReasonForm
from .fetch import agent_for
from .files import download
from .filter_forms import AgentForm, GlanceForm

CSV = "text/csv; charset=utf-8"
PARTS = {"chart-table": "coordination/_chart_table.html", "agent-head": "coordination/_agent_head.html"}
"""What of an agent's page is fetched by itself when something has happened, by its id."""


def agents(request: HttpRequest) -> HttpResponse:
    """All agents against all measures."""
    asked = GlanceForm.accept(request.GET).cleaned_data
    circles, in_circles = read.restless()
    context = {
        "glance": glance(asked["department"]),
        "department": asked["department"],
        "as_table": asked["view"] == "table",
        "measures": [(name, WORDS[name]) for name in NAMES],
        "today": days.today(),
        "week": days.today() - timedelta(days=WEEK - 1),
        "circles": circles,
        "in_circles": in_circles,
    }
    return answer(request, "coordination/agents.html", "coordination/_agents.html", context)


@require_safe
@requires(rights.SEE)
def agents_csv(request: HttpRequest) -> HttpResponse:
    """The numbers of agents at a glance."""
    found = glance(GlanceForm.accept(request.GET).cleaned_data["department"])
    columns = (
        *("agent", "version", "department", "status", "breaker", "autonomy", "decisions_7_days"),
        *("measure", "first_day", "last_day", "events", "cases", "expected", "judged", "evidence"),
        "direction",
    )
    rows = (
        (
            *(row.standing.agent.name, row.standing.agent.agent_version, row.standing.agent.department),
            *(row.standing.status, row.standing.agent.breaker or "closed", row.standing.agent.autonomy),
            *(row.decisions, cell.measure, found.window.first.isoformat(), found.window.last.isoformat()),
            *(cell.tally.share.part, cell.tally.share.base, f"{cell.tally.expected:.1f}"),
            *(cell.tally.judged.base, _whole(cell.tally.evidence), cell.tally.direction),
        )
        for row in found.rows
        for cell in row.cells
    )
    return download(table_csv(columns, rows), "agents.csv", CSV)


def _whole(value: float | None) -> str | None:
    return None if value is None else f"{value:.0f}"


# --- one agent ----------------------------------------------------------------------------------------------


def _asked(request: HttpRequest) -> dict[str, Any]:
    return AgentForm.accept(request.GET).cleaned_data


def _drawn(row: Agent, found: status.AgentStatus, asked: dict[str, Any]) -> chart.Chart:
    """The chart that an address asks for."""
    measure = asked["measure"] or default_measure(found)
    kept = found.state.baseline if found.state else None
    return chart.chart(
        row,
        measure,
        days.days_window(days.today(), asked["days"]),
        status.read_baseline(kept) if kept else None,
        learns=measure in found.silent,
    )


def default_measure(found: status.AgentStatus) -> str:
    """The measure that an agent's page opens with: the one that alarms most."""
    return found.alarms[0].measure if found.alarms else NAMES[0]


def _head(request: HttpRequest, row: Agent) -> dict[str, Any]:
    """What every part of an agent's page knows."""
    found, asked = status.agent_statuses(row.name)[0], _asked(request)
    drawn = _drawn(row, found, asked)
    return {
        "standing": found,
        "agent": row,
        "asked": asked,
        "chart": drawn,
        "words": WORDS[drawn.measure],
        "periods": chart.PERIODS,
        "may_control": may(request.user, rights.CONTROL_AGENTS),
    }


def _side(row: Agent, found: status.AgentStatus) -> dict[str, Any]:
    """The cards beside the chart."""
    return {
        "incident": incidents.of_agent(row),
        "today": days.today(),
        "open_breaker": status.open_breaker(found),
        "about": read.summarize_agent(row),
        "causes": CAUSES,
    }


CAUSES = tuple(Incident.Cause.choices)


def _whereabouts(found: chart.Chart) -> Where:
    """Where the measure is off: since the onset of an open alarm, or over the last fortnight."""
    last = found.window.last
    window = days.Window(found.onset, last) if found.onset else days.business_window(last)
    return where(found.agent, found.measure, window)


@require_safe
@requires(rights.SEE)
def agent(request: HttpRequest, name: str) -> HttpResponse:
    """One agent."""
    row = agent_for(request.user, name)
    context = _head(request, row)
    if wants_fragment(request) and (part := PARTS.get(request.headers.get("HX-Target", ""))):
        return _fragment(request, part, context)
    context |= _side(row, context["standing"])
    if wants_fragment(request):
        return _fragment(request, "coordination/_agent.html", context)
    kept = status.baseline_row(row.name)
    baseline = status.read_baseline(kept) if kept else None
    asked = context["asked"]
    noticed = delays.noticed(row, baseline, asked["size"], up=asked["way"]) if baseline else None
    context |= {
        "tabs": [(m, WORDS[m], context["standing"].alarmed.get(m)) for m in NAMES],
        "where": _whereabouts(context["chart"]),
        "baseline_row": kept,
        "baseline": baseline,
        "noticed": noticed,
        "answered": noticed and noticed.of(context["chart"].measure),
        "sizes": delays.SIZE_WORDS.items(),
    }
    return answer(request, "coordination/agent.html", "coordination/_agent.html", context)


def _fragment(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@requires(rights.SEE)
def series(request: HttpRequest, name: str) -> JsonResponse:
    """The chart's data; with a day in `since` only what is new from there on."""
    row = agent_for(request.user, name)
    asked = _asked(request)
    drawn = _drawn(row, status.agent_statuses(row.name)[0], asked)
    return JsonResponse(chart.as_json(drawn, asked["since"]))


@require_safe
@requires(rights.SEE)
def series_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The numbers of the chart."""
    row = agent_for(request.user, name)
    drawn = _drawn(row, status.agent_statuses(row.name)[0], _asked(request))
    columns = (
        *("day", "measure", "events", "cases", "rate", "expected", "limit_low", "limit_high"),
        *("ewma", "outside", "evidence_up", "evidence_down"),
    )
    rows = (
        (
            *(p.day.isoformat(), drawn.measure, p.events, p.cases, _share(p.rate), _share(p.usual)),
            *(_share(p.low), _share(p.high), _share(p.mean), p.outside, _whole(p.up), _whole(p.down)),
        )
        for p in drawn.points
    )
    return download(table_csv(columns, rows), f"{row.name}-{drawn.measure}.csv", CSV)


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f}"


@require_safe
@requires(rights.SEE)
def where_csv(request: HttpRequest, name: str) -> HttpResponse:
    """The numbers of the heat map."""
    row = agent_for(request.user, name)
    found = _whereabouts(_drawn(row, status.agent_statuses(row.name)[0], _asked(request)))
    columns = (
        *("document_type", "vendor", "column", "value", "first_day", "last_day", "decisions", "amount"),
        *("events", "cases", "judged", "expected", "observed_to_expected"),
    )
    return download(table_csv(columns, _squares(found)), f"{row.name}-{found.measure}-where.csv", CSV)


def _squares(found: Where) -> Iterator[tuple[object, ...]]:
    for line in found.lines:
        named = [(("", ""), line.whole), *zip(found.columns, line.squares, strict=True)]
        for (column, value), square in named:
            yield (
                *(line.doc_type, line.vendor, column, value),
                *(found.window.first.isoformat(), found.window.last.isoformat()),
                *(square.decisions, square.amount, square.events, square.cases, square.judged),
                f"{square.expected:.1f}",
                None if square.ratio is None else f"{square.ratio:.2f}",
            )


# --- what managers do ---------------------------------------------------------------------------------------


@require_POST
@refusals_shown
@requires(rights.CONTROL_AGENTS)
def pause(request: HttpRequest, name: str) -> HttpResponseBase:
    """Stop an agent: its work stays, nothing of it takes effect."""
    found = agent_for(request.user, name, rights.CONTROL_AGENTS)
    agent_control.pause(found.name, by=signed_in(request), reason=reason_of(request), via=PAGE)
    return changed(request, name)


@require_POST
@refusals_shown
@requires(rights.CONTROL_AGENTS)
def resume(request: HttpRequest, name: str) -> HttpResponseBase:
    """Let it work again."""
    found = agent_for(request.user, name, rights.CONTROL_AGENTS)
    agent_control.resume(found.name, by=signed_in(request), reason=reason_of(request), via=PAGE)
    return changed(request, name)


@require_POST
@refusals_shown
@requires(rights.CONTROL_AGENTS)
def drill(request: HttpRequest, name: str) -> HttpResponseBase:
    """Start a drill of an agent, where drills are possible."""
    found = agent_for(request.user, name, rights.CONTROL_AGENTS)
    sent = DrillForm.accept(request.POST).cleaned_data
    drills.start(
        found.name,
        sent["kind"],
        drills.share_of(sent["share"]),
        by=signed_in(request),
        reason=sent["reason"],
        via=PAGE,
    )
    return changed(request, name)


@require_POST
@refusals_shown
@requires(rights.CONTROL_AGENTS)
def end_drill(request: HttpRequest, name: str) -> HttpResponseBase:
    """End an agent's drill."""
    found = agent_for(request.user, name, rights.CONTROL_AGENTS)
    drills.end(found.name, by=signed_in(request), reason=reason_of(request), via=PAGE)
    return changed(request, name)


@require_POST
@refusals_shown
@requires(rights.CONTROL_AGENTS)
def ask_people(request: HttpRequest, name: str) -> HttpResponseBase:
    """Put what waits for a stopped agent to people."""
    found = agent_for(request.user, name, rights.CONTROL_AGENTS)
    agent_control.ask_people(found.name, by=signed_in(request), reason=reason_of(request), via=PAGE)
    return changed(request, name)


@require_POST
@refusals_shown
@requires(rights.CONTROL_AGENTS)
def breaker(request: HttpRequest, name: str) -> HttpResponseBase:
    """Move an agent's breaker by hand."""
    found = agent_for(request.user, name, rights.CONTROL_AGENTS)
    sent = BreakerForm.accept(request.POST).cleaned_data
    agent_control.set_breaker(found.name, sent["state"], sent["reason"], by=signed_in(request), via=PAGE)
    return changed(request, name)


@require_POST
@refusals_shown
@requires(rights.CONTROL_AGENTS)
def on_critical(request: HttpRequest, name: str) -> HttpResponseBase:
    """Say what a critical alarm does to its breaker."""
    found = agent_for(request.user, name, rights.CONTROL_AGENTS)
    sent = OnCriticalForm.accept(request.POST).cleaned_data
    by = signed_in(request)
    agent_control.set_on_critical(found.name, sent["choice"], by=by, reason=sent["reason"], via=PAGE)
    return changed(request, name)


def reason_of(request: HttpRequest) -> str:
    """Why, in the manager's own words; longer ones are cut by the service."""
    return str(ReasonForm.accept(request.POST).cleaned_data["reason"])


def changed(request: HttpRequest, name: str) -> HttpResponseBase:
    """Back to where the switch was."""
    if not wants_fragment(request):
        return redirect("coordination:agent", name)
    row = agent_for(request.user, name)
    context = _head(request, row)
    return _fragment(request, "coordination/_agent.html", context | _side(row, context["standing"]))


EARLIEST = date(2000, 1, 1)
"""No agent decided before."""


def window_of(asked: dict[str, Any]) -> Filter:
    """The filter of a list of decisions: without days the last fortnight, never more than a year."""
    last = max(min(asked["until"] or days.today(), days.today()), EARLIEST)
    first = asked["since"] or days.business_window(last).first
    kept = {k: v for k, v in asked.items() if k not in {"since", "until", "page"}}
    return Filter(max(first, last - timedelta(days=366)), last, **kept)
