"""Original bytes, exactly as they came: always a download, never a page of ours."""

from __future__ import annotations

from base64 import b64encode
from pathlib import PurePosixPath
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from audit.subjects import Subject
from reviews.access import requires, signed_in

from .. import rights
from ..assurance import access_log
from ..translation.registry import TOO_LARGE
from .fetch import document_for, known_document_for, quarantine_for


@require_safe
@requires(rights.READ_AUDIT)
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The file a document was read from."""
    known = known_document_for(request.user, document_id)
    if known is not None:
        access_log.seen(signed_in(request), "original", known.subject)
        return original(bytes(known.data), known.name, known.sha256)
    found = document_for(request.user, document_id)
    access_log.seen(signed_in(request), "original", found.subject)
    return original(bytes(found.content.data), found.name, found.content_id)


@require_safe
@requires(rights.READ_AUDIT)
def quarantined(request: HttpRequest, quarantine_id: UUID) -> HttpResponse:
    """A file that could not be read."""
    found = quarantine_for(request.user, quarantine_id, rights.READ_AUDIT)
    access_log.seen(signed_in(request), "quarantined original", Subject.of("quarantine", found.pk))
    if found.content.size and not found.content.data:
        raise Http404("The bytes of this file are not kept, only its digest: " + why_no_bytes(found.error))
    return original(bytes(found.content.data), found.name, found.content_id)


def why_no_bytes(error: str) -> str:
    return "it was too large." if error == TOO_LARGE else "their time of retention is over."


def original(data: bytes, name: str, sha256: str) -> HttpResponse:
    """Hostile bytes: no type to render, no scripts, no frame, a name without folders."""
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, PurePosixPath(name).name or "document")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    response["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(sha256)).decode()}:"
    return response
