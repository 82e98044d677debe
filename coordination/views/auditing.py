"""The auditor's pages: search over everything, how something stood, who looked, and decisions run again."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from audit.errors import CountersignError
from reviews import fields
from reviews.access import Right, demand, may, requires, signed_in
from reviews.pages import answer, go, refusals_shown, wants_fragment

from ..assurance import access_log
from ..assurance.search import Search
from ..decisions.replay import reperform
from ..models import Invoice
from ..reports.writers import FORMATS
from ..selectors import as_of as standing
from ..selectors import auditing as read
from .fetch import invoice_for


class NoSuchMoment(CountersignError):
    """This is no moment. Write it as 2026-03-31 or 2026-03-31 17:30."""

    status = 400


def wanted(request: HttpRequest) -> Search:
    """The search of a request, each field cut to a sane length."""
    return Search(**{name: request.GET.get(name, "").strip()[:100] for name in Search.__slots__})


@require_safe
@requires(Right.READ_AUDIT)
def audit(request: HttpRequest) -> HttpResponse:
    """Search, saved searches, control totals and the traces."""
    user, asked = signed_in(request), wanted(request)
    context: dict[str, Any] = {
        "search": asked,
        "found": None if asked.empty else read.search(asked),
        "saved": read.saved(user),
        "most": read.MOST,
        "may_sample": may(user, Right.READ_SAMPLES),
        "may_draw": may(user, Right.DRAW),
        "formats": FORMATS.values(),
    }
    if not wants_fragment(request):  # each change of a filter asks for what is found, and for nothing else
        context |= {
            "figures": read.figures(),
            "controls": read.control_totals(),
            "notes": read.notes(most=8),
            "looks": read.access_entries(most=12) if may(user, Right.SEE_ACCESS) else [],
            "may_read_retention": may(user, Right.READ_RETENTION),
        }
    return answer(request, "coordination/audit.html", "coordination/_audit_found.html", context)


@require_POST
@refusals_shown
def keep(request: HttpRequest) -> HttpResponseBase:
    """Keep the search under a name."""
    demand(request.user, Right.READ_AUDIT)
    name = fields.text(request.POST, "name", access_log.LONGEST_NAME)
    access_log.keep_search(
        signed_in(request), name, fields.text(request.POST, "query", 2_000, what="The search")
    )
    return go(request, "coordination:audit")


@require_POST
@refusals_shown
def drop(request: HttpRequest, search_id: UUID) -> HttpResponseBase:
    """Forget one of one's searches."""
    demand(request.user, Right.READ_AUDIT)
    access_log.drop_search(signed_in(request), search_id)
    return go(request, "coordination:audit")


@require_safe
@refusals_shown
def as_of(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """The invoice as it stood at a moment, with the policy in force and who could have decided."""
    found = invoice_for(request.user, invoice_id)
    size = request.GET.get("checkpoint", "")
    under = checkpoint_of(found, size) if size else None
    at = under.at if under else moment(request.GET.get("at", ""))
    access_log.seen(signed_in(request), "as of", found.subject)
    context = {
        "invoice": found,
        "as_of": standing.invoice_as_of(found, at),
        "at": at,
        "under": under,
        "checkpoints": standing.checkpoints_over(found),
    }
    return answer(request, "coordination/as_of.html", "coordination/_as_of.html", context)


def checkpoint_of(invoice: Invoice, size: str) -> standing.Under:
    """What a checkpoint covers of an invoice."""
    wanted_size = fields.whole(size, -1, digits=15)
    found = standing.under(invoice, wanted_size) if wanted_size >= 0 else None
    if found is None:
        raise NoSuchMoment("There is no checkpoint of this size, or it covers nothing of this invoice.")
    return found


def moment(text: str) -> datetime:
    """A moment as a person writes it, in their zone; a day means its end. Empty means now."""
    plain = text.strip().replace("T", " ")[:60]
    if not plain:
        return timezone.now()
    try:
        found = parse_datetime(plain) or datetime.combine(datetime.strptime(plain, "%Y-%m-%d"), time.max)  # noqa: DTZ007
        known = fields.moment(found if timezone.is_aware(found) else timezone.make_aware(found))
    except (ValueError, OverflowError) as error:
        raise NoSuchMoment from error
    if known is None:
        raise NoSuchMoment
    return known


@require_safe
def again(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Every decision of agents on this invoice run again, beside what was recorded."""
    found = invoice_for(request.user, invoice_id)
    access_log.seen(signed_in(request), "run again", found.subject)
    context = {"invoice": found, "done": reperform(subject=found.subject)}
    return answer(request, "coordination/again.html", "coordination/_again.html", context)


@require_safe
def looks(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Who looked at this invoice."""
    found = invoice_for(request.user, invoice_id)
    demand(request.user, Right.SEE_ACCESS)
    context = {"invoice": found, "looks": read.access_entries(found.subject)}
    return answer(request, "coordination/looks.html", "coordination/_looks.html", context)


@require_POST
@refusals_shown
def note(request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
    """An auditor's note on an invoice or one of its entries."""
    found: Invoice = invoice_for(request.user, invoice_id)
    demand(request.user, Right.NOTE)
    seq = fields.number(request.POST, "seq", 0)
    words = fields.text(request.POST, "text", access_log.MOST_WORDS, what="A note")
    access_log.note(found.subject, words, by=signed_in(request), seq=seq or None)
    messages.success(request, "Noted.")
    return go(request, "coordination:invoice", found.id)
