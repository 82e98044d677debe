"""Files that come and go: an upload is measured before it is read, what we write is always a download."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from ..services.intake import files
from ..translation.xml import MAX_FILE


def content_of(file: UploadedFile[Any]) -> files.Bytes:
    """The bytes of an upload; of one that is too large only the digest."""
    return files.too_large(file.chunks()) if (file.size or 0) > MAX_FILE else bytes(file.read())


def download(content: bytes, name: str, media: str) -> HttpResponse:
    """The bytes as a file with this name."""
    response = HttpResponse(content, content_type=media)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
