"""Files that we write: always a download, never kept by a browser or a proxy."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def download(content: bytes, name: str, media: str) -> HttpResponse:
    """The bytes as a file with this name."""
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
