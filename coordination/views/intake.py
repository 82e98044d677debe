"""Intake: files dropped on the page, one line of answer each, and what could not be read."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reviews.access import Right, demand, may, requires, signed_in
from reviews.pages import answer, refusals_shown, wants_fragment
from reviews.services import person

from ..selectors import intake as read
from ..services import intake as engine
from .fetch import quarantine_for
from .files import content_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.SEE)
def intake(request: HttpRequest) -> HttpResponse:
    """The upload page; a POST takes files in and answers with one line per document."""
    context = _context(request)
    if request.method == "POST":
        demand(request.user, Right.UPLOAD)
        files = request.FILES.getlist("files")
        brought = ((f.name or "unnamed", content_of(f)) for f in files)  # one after the other into memory
        brings = engine.allowances.allowed_kinds(request.user)
        report = engine.take_in(brought, actor=person(signed_in(request)), source="upload", allowed=brings)
        context |= {"lines": report.lines, "report": report.as_json(), "files": len(files)}
        return answer(request, "coordination/intake.html", "coordination/_intake_lines.html", context)
    return answer(request, "coordination/intake.html", "coordination/_quarantine.html", context)


def _context(request: HttpRequest) -> dict[str, object]:
    return {
        "quarantine": read.quarantine(),
        "kinds": read.kinds(),
        "may_upload": may(request.user, Right.UPLOAD),
        "brings": engine.allowances.words(engine.allowances.allowed_kinds(request.user)),
        "reads": may(request.user, Right.READ_AUDIT),
        "may_make": may(request.user, Right.MAKE_MAPS),
    }


@require_safe
@requires(Right.SEE)
def quarantine(request: HttpRequest) -> HttpResponse:
    """The table of what could not be read."""
    return answer(request, "coordination/intake.html", "coordination/_quarantine.html", _context(request))


@require_POST
@refusals_shown
def retry(request: HttpRequest, quarantine_id: UUID) -> HttpResponseBase:
    """Read a file again, as after a fix."""
    found = quarantine_for(request.user, quarantine_id, Right.UPLOAD)
    brings = engine.allowances.allowed_kinds(request.user)
    lines = engine.retry(found.pk, actor=person(signed_in(request)), allowed=brings)
    still = [line for line in lines if line.result == "quarantined"]
    text = f"{found.name}: still not readable. {still[0].error}" if still else f"{found.name}: read."
    return _done(request, text, bad=bool(still))


@require_POST
@refusals_shown
def dismiss(request: HttpRequest, quarantine_id: UUID) -> HttpResponseBase:
    """Leave it unread: the bytes stay, the row leaves the list."""
    found = quarantine_for(request.user, quarantine_id, Right.UPLOAD)
    engine.dismiss(found.pk, actor=person(signed_in(request)))
    return _done(request, f"{found.name}: dismissed.")


def _done(request: HttpRequest, text: str, *, bad: bool = False) -> HttpResponseBase:
    if wants_fragment(request):
        context = _context(request) | {"said": text, "bad": bad}
        return render(request, "coordination/_quarantine.html", context)
    messages.add_message(request, messages.ERROR if bad else messages.SUCCESS, text)
    return redirect("coordination:intake")
