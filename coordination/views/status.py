"""Where is my invoice: the answer in words, to copy, and as a Peppol Invoice Response, to send."""

from __future__ import annotations

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from audit import clock
from reviews.access import may, requires, signed_in
from reviews.pages import answer, refusals_shown, wants_fragment

from .. import rights
from ..assurance import access_log
from ..models import Invoice
from ..selectors import status as read
from ..services.correspondence.responses import answer_for, message
from .fetch import invoice_for
from .filter_forms import StatusForm


def status(request: HttpRequest) -> HttpResponse:
    """Find an invoice by its number; one that is found alone is answered at once."""
    asked = StatusForm.accept(request.GET).cleaned_data
    number, vendor = asked["q"], asked["vendor"]
    found = read.find(number, vendor)
    shown = read.answer(found[0].invoice) if len(found) == 1 else None
    return _answer(request, {"q": number, "vendor": vendor, "found": found, "answer": shown})


@require_safe
@requires(rights.READ_AUDIT)
def answered(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """The answer about one invoice."""
    row = invoice_for(request.user, invoice_id)
    return _answer(request, {"q": row.number, "vendor": "", "found": [], "answer": read.answer(row)})


def _answer(request: HttpRequest, context: dict[str, object]) -> HttpResponse:
    shown = context["answer"]
    if isinstance(shown, read.Answer) and not wants_fragment(request):
        access_log.seen(signed_in(request), "status", shown.standing.invoice.subject)
    context |= {"may_decide": may(request.user, rights.DECIDE), "most": read.MOST}
    return answer(request, "coordination/status.html", "coordination/_status.html", context)


@require_safe
@refusals_shown
@requires(rights.READ_AUDIT)
def response(request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
    """The Peppol Invoice Response as a file."""
    row = invoice_for(request.user, invoice_id)
    content = message(answer_for(row), clock.today())
    access_log.seen(signed_in(request), "response", row.subject)
    name = f"invoice-response-{_file_name(row)}.xml"
    return HttpResponse(
        content,
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _file_name(row: Invoice) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", row.number).strip("-")[:60] or row.id.hex
