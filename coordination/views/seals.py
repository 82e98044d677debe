"""The seals: how far the ledger is sealed and verified, checkpoints to keep, and evidence to take away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from audit import evidence as bundles
from audit import sealing
from audit.inspection import Verified
from audit.models import Checkpoint
from audit.words import how_many
from reviews.access import may, requires, signed_in
from reviews.pages import answer, go, refusals_shown
from reviews.services import person

from .. import rights
from ..assurance import access_log, verification
from ..assurance import evidence as around
from ..selectors import seals as read
from .fetch import invoice_for
from .files import download


@require_safe
@requires(rights.READ_AUDIT)
def seals(request: HttpRequest) -> HttpResponse:
    """Checkpoint, key, lag, and what verifications found."""
    context = {"seals": read.seals(), "may_verify": may(request.user, rights.VERIFY)}
    return answer(request, "coordination/seals.html", "coordination/_seals.html", context)


@require_safe
@requires(rights.READ_AUDIT)
def checkpoint(_: HttpRequest, size: int) -> HttpResponse:
    """A checkpoint as a file, to be kept where nobody here reaches it."""
    found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise Http404("There is no checkpoint of this size.")
    return download(found.note.encode(), f"checkpoint-{size}.txt", "text/plain; charset=utf-8")


@require_POST
@refusals_shown
@requires(rights.VERIFY)
def verify(request: HttpRequest) -> HttpResponseBase:
    """Verify now: everything while the ledger is small, else what is new since the last clean
    verification."""
    sealed = sealing.seal(thorough=False)
    found = verification.run(incremental=sealed.size >= verification.SMALL)
    verification.record(found, person(signed_in(request)))
    (messages.error if found.findings else messages.success)(request, verified_words(found))
    return go(request, "coordination:seals")


def verified_words(found: Verified) -> str:
    """What a verification came to."""
    if found.findings:
        return f"{how_many(len(found.findings), 'finding')}: the ledger is not as it was written."
    return f"{how_many(found.entries, 'entry', 'entries')} verified; nothing found."


@require_POST
@refusals_shown
@requires(rights.READ_SAMPLES)
def evidence(request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
    """The evidence bundle of an invoice. It seals first and is recorded, hence a POST."""
    found = invoice_for(request.user, invoice_id)
    content, _ = bundles.to_bytes(found.subject, around.attached(found))
    access_log.seen(signed_in(request), "evidence", found.subject)
    return download(content, f"evidence-{slugify(found.number)[:60] or found.id}.zip", "application/zip")
