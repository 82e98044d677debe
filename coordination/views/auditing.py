"""The auditor's pages: search over everything, how something stood, who looked, and decisions run again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from reviews.access import may, requires, signed_in
from reviews.pages import answer, go, refusals_shown, wants_fragment

from .. import rights
from ..assurance import access_log
from ..decisions.replay import reperform
from ..models import Invoice
from ..reports.writers import FORMATS
from ..selectors import as_of as standing
from ..selectors import auditing as read
from .act_forms import KeepSearchForm, NoteForm
from .fetch import invoice_for
from .filter_forms import AsOfForm, NoSuchMoment, SearchForm


def audit(request: HttpRequest) -> HttpResponse:
    """Search, saved searches, control totals and the traces."""
    user, asked = signed_in(request), SearchForm.accept(request.GET).search
    context: dict[str, Any] = {
        "search": asked,
        "found": None if asked.empty else read.search(asked),
        "saved": read.saved(user),
        "most": read.MOST,
        "may_sample": may(user, rights.READ_SAMPLES),
        "may_draw": may(user, rights.DRAW),
        "formats": FORMATS.values(),
    }
    if not wants_fragment(request):  # each change of a filter asks for what is found, and for nothing else
        context |= {
            "figures": read.figures(),
            "controls": read.control_totals(),
            "notes": read.notes(most=8),
            "looks": read.access_entries(most=12) if may(user, rights.SEE_ACCESS) else [],
            "may_read_retention": may(user, rights.READ_RETENTION),
        }
    return answer(request, "coordination/audit.html", "coordination/_audit_found.html", context)


@require_POST
@refusals_shown
@requires(rights.READ_AUDIT)
def keep(request: HttpRequest) -> HttpResponseBase:
    """Keep the search under a name."""
    kept = KeepSearchForm.accept(request.POST).cleaned_data
    access_log.keep_search(signed_in(request), kept["name"], kept["query"])
    return go(request, "coordination:audit")


@require_POST
@refusals_shown
@requires(rights.READ_AUDIT)
def drop(request: HttpRequest, search_id: UUID) -> HttpResponseBase:
    """Forget one of one's searches."""
    access_log.drop_search(signed_in(request), search_id)
    return go(request, "coordination:audit")


@require_safe
@refusals_shown
@requires(rights.READ_AUDIT)
def as_of(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """The invoice as it stood at a moment, with the policy in force and who could have decided."""
    found = invoice_for(request.user, invoice_id)
    asked = AsOfForm.accept(request.GET).cleaned_data
    under = None if asked["checkpoint"] is None else checkpoint_of(found, asked["checkpoint"])
    at = under.at if under else asked["at"]
    access_log.seen(signed_in(request), "as of", found.subject)
    context = {
        "invoice": found,
        "as_of": standing.invoice_as_of(found, at),
        "at": at,
        "under": under,
        "checkpoints": standing.checkpoints_over(found),
    }
    return answer(request, "coordination/as_of.html", "coordination/_as_of.html", context)


def checkpoint_of(invoice: Invoice, size: int) -> standing.Under:
    """What a checkpoint covers of an invoice."""
    found = standing.under(invoice, size) if size >= 0 else None
    if found is None:
        raise NoSuchMoment("There is no checkpoint of this size, or it covers nothing of this invoice.")
    return found


@require_safe
@requires(rights.READ_AUDIT)
def again(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Every decision of agents on this invoice run again, beside what was recorded."""
    found = invoice_for(request.user, invoice_id)
    access_log.seen(signed_in(request), "run again", found.subject)
    context = {"invoice": found, "done": reperform(subject=found.subject)}
    return answer(request, "coordination/again.html", "coordination/_again.html", context)


@require_safe
@requires(rights.SEE_ACCESS)
def looks(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Who looked at this invoice."""
    found = invoice_for(request.user, invoice_id)
    context = {"invoice": found, "looks": read.access_entries(found.subject)}
    return answer(request, "coordination/looks.html", "coordination/_looks.html", context)


@require_POST
@refusals_shown
@requires(rights.NOTE)
def note(request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
    """An auditor's note on an invoice or one of its entries."""
    found: Invoice = invoice_for(request.user, invoice_id)
    given = NoteForm.accept(request.POST).cleaned_data
    access_log.note(found.subject, given["text"], by=signed_in(request), seq=given["seq"] or None)
    messages.success(request, "Noted.")
    return go(request, "coordination:invoice", found.id)
