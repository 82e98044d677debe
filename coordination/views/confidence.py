"""The page of one agent's confidence: whether it is true, what another threshold would cost, and the draft of
one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from reviews.access import may, requires, signed_in
from reviews.pages import answer, refusals_shown

from .. import rights
from ..reports.confidence import measured_csv, replay_csv
from ..selectors import confidence as read
from ..services import policy_thresholds
from .fetch import agent_for
from .files import download
from .filter_forms import ConfidenceForm, TableForm

ANSWERS = {True: "let go", False: "refused", None: ""}


@require_safe
@requires(rights.SEE)
def confidence(request: HttpRequest, name: str) -> HttpResponse:
    """How sure one agent says it is, and what another threshold would have done."""
    agent = agent_for(request.user, name)
    asked = ConfidenceForm.accept(request.GET).cleaned_data
    context: dict[str, Any] = {
        "agent": agent,
        "measured": read.calibration_of(agent.name),
        "may_draft": may(request.user, rights.ACTIVATE_POLICY),
        "may_read": may(request.user, rights.READ_AUDIT),
    }
    if read.has_threshold(agent.name):
        context["target_raised"] = asked["target"] == 0
        context["found"] = read.load(agent.name, asked["threshold"], asked["target"] or 1)
    return answer(request, "coordination/confidence.html", "coordination/_confidence.html", context)


@require_safe
@requires(rights.SEE)
def replay(request: HttpRequest, name: str) -> HttpResponse:
    """Every invoice for which a threshold would have made a difference, as a table; of the one in force
    none."""
    agent = agent_for(request.user, name)
    chosen = ConfidenceForm.accept(request.GET).cleaned_data["threshold"]
    found, _ = read.weeks(agent.name)
    threshold = found.in_force if chosen is None else chosen / 100
    lines = (
        (c.number, c.at, c.confidence, c.amount, c.way, ANSWERS[c.right], c.invoice)
        for c in found.moved(threshold)
    )
    return download(replay_csv(lines), f"{agent.name}-at-{threshold:.2f}.csv", "text/csv; charset=utf-8")


@require_safe
@requires(rights.SEE)
def calibration_csv(request: HttpRequest, name: str) -> HttpResponse:
    """What a version of the table says of one agent; without a number the one in force."""
    agent = agent_for(request.user, name)
    number = TableForm.accept(request.GET).cleaned_data["table"]
    rows = read.calibration_of(agent.name).rows if number is None else read.table_rows(agent.name, number)
    if rows is None:
        raise Http404("There is no such table.")
    suffix = "in-force" if number is None else str(number)
    return download(measured_csv(rows), f"calibration-{suffix}.csv", "text/csv; charset=utf-8")


@require_POST
@refusals_shown
@requires(rights.ACTIVATE_POLICY)
def draft(request: HttpRequest, name: str) -> HttpResponseBase:
    """Keep the policy with another threshold of this agent as a draft. It is in force only when two managers
    have said so."""
    agent = agent_for(request.user, name)
    chosen = ConfidenceForm.accept(request.POST).cleaned_data["threshold"]
    threshold = (Decimal(chosen or 0) / 100).quantize(Decimal("0.01"))
    by = signed_in(request)
    row = policy_thresholds.draft(agent.name, threshold, by=by)
    command = f"manage.py policy activate {row.revision} --by {by.get_username()}"
    said = f"Policy {row} is kept as a draft: {agent.name} from {threshold} on. Nothing has changed yet."
    messages.success(request, f"{said} {command} asks another manager to put it in force.")
    return redirect("coordination:agent_confidence", agent.name)
