"""Agents: their status, live charts, and the switch that stops one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from reviews.access import may, requires, signed_in
from reviews.channel import PAGE
from reviews.pages import answer, refusals_shown, wants_fragment

from .. import rights
from ..selectors import agents as read
from ..selectors.agents import RANGES, Range
from ..services import agent_control, drills
from .fetch import agent_for
from .forms import AgentsForm, DrillForm, ReasonForm


def range_of(request: HttpRequest) -> Range:
    found: Range = AgentsForm.accept(request.GET).cleaned_data["range"]
    return found


def _context(request: HttpRequest) -> dict[str, object]:
    window = range_of(request)
    return {
        "window": window,
        "ranges": RANGES.values(),
        "measures": read.MEASURES.items(),
        "may_control": may(request.user, rights.CONTROL_AGENTS),
    }


def agents(request: HttpRequest) -> HttpResponse:
    """All agents: status, figures and charts."""
    circles, in_circles = read.restless()
    context = _context(request) | {
        "standings": read.summarize_agents(range_of(request)),
        "circles": circles,
        "in_circles": in_circles,
    }
    return answer(request, "coordination/agents.html", "coordination/_agents_table.html", context)


@require_safe
@requires(rights.SEE)
def agent(request: HttpRequest, name: str) -> HttpResponse:
    """One agent."""
    found = agent_for(request.user, name)
    context = _context(request) | {"standing": read.summarize_agent(found, range_of(request))}
    return answer(request, "coordination/agent.html", "coordination/_agent.html", context)


@require_safe
@requires(rights.SEE)
def series(request: HttpRequest) -> JsonResponse:
    """The charts' data."""
    asked = AgentsForm.accept(request.GET).cleaned_data
    return JsonResponse(read.series(asked["range"], asked["agent"]))


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


def reason_of(request: HttpRequest) -> str:
    """Why, in the manager's own words; longer ones are cut by the service."""
    return str(ReasonForm.accept(request.POST).cleaned_data["reason"])


def changed(request: HttpRequest, name: str) -> HttpResponseBase:
    """Back to where the switch was."""
    if not wants_fragment(request):
        return redirect("coordination:agent", name)
    context = _context(request) | {
        "standing": read.summarize_agent(agent_for(request.user, name), range_of(request))
    }
    return answer(request, "coordination/agent.html", "coordination/_agent.html", context)
