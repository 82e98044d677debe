"""The page of measured oversight, its table, its statement, and the opening of one commitment."""

from __future__ import annotations

import io
from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from audit import clock
from audit.canonical import dumps
from reviews.access import may, requires, signed_in
from reviews.pages import answer
from reviews.services import person

from .. import rights
from ..assurance import access_log, oversight_statement
from ..assurance import oversight as read
from ..models import KnownAnswer
from ..reports.oversight import oversight_csv
from ..selectors import oversight as selected
from ..services.oversight import contents
from .files import download
from .filter_forms import OversightForm


def oversight(request: HttpRequest) -> HttpResponse:
    """Do people catch what they are there to catch?"""
    days = OversightForm.accept(request.GET).cleaned_data["days"]
    found = selected.oversight(days, person(signed_in(request)))
    context = {
        "found": found,
        "days": days,
        "periods": selected.PERIODS,
        "may_state": may(request.user, rights.STATE_OVERSIGHT),
    }
    return answer(request, "coordination/oversight.html", "coordination/_oversight.html", context)


@require_safe
@requires(rights.READ_OVERSIGHT)
def table(request: HttpRequest) -> HttpResponse:
    """Catch rates by defect and by queue, with their exact bounds."""
    days = OversightForm.accept(request.GET).cleaned_data["days"]
    now = clock.now()
    found = read.figures(now - timedelta(days=days), now)
    rates = [
        ("all", "wrong payments", found.wrong_payments),
        ("all", "wrong holds", found.wrong_holds),
        *(("defect", row.words, row.rate) for row in found.by_defect),
        *(("queue", row.title, row.rate) for row in found.by_queue),
    ]
    content = oversight_csv(
        (by, what, r.caught, r.shown, r.value, r.at_least, r.interval) for by, what, r in rates
    )
    return download(content, "oversight.csv", "text/csv; charset=utf-8")


@require_POST
@requires(rights.STATE_OVERSIGHT)
def statement(request: HttpRequest) -> HttpResponse:
    """The signed statement of a period."""
    days = OversightForm.accept(request.POST).cleaned_data["days"]
    until = clock.today()
    out = io.BytesIO()
    by = person(signed_in(request))
    oversight_statement.write(out, until - timedelta(days=days), until, by=by)
    return download(out.getvalue(), f"oversight-{until}.zip", "application/zip")


@require_safe
@requires(rights.READ_CASES)
def opening(request: HttpRequest, key: UUID) -> HttpResponse:
    """What a commitment was over, once the case is over: canonical JSON whose SHA-256 is the commitment."""
    known = KnownAnswer.objects.select_related("question").defer("data", "story")
    found = known.filter(pk=key, result__isnull=False).first()
    if found is None:
        raise Http404("There is no such case, or it is not over yet.")
    access_log.seen(signed_in(request), "opening", found.subject)
    q = found.question
    body = dumps(contents(q.question, q.reasons, q.case, found.defect, found.nonce))
    return download(body, f"{found.commitment[:12]}.json", "application/json")
