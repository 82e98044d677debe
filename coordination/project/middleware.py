"""Middleware of the whole site."""

import datetime as dt
import zoneinfo
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from whitenoise.middleware import WhiteNoiseMiddleware

from reviews.pages import refusal

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc] # whitenoise carries no types
    """WhiteNoise with whole answers: under ASGI Django reads its file iterators whole anyway, and warns."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        answer = static_file.get_response(request.method, request.META)
        body = b""
        if answer.file is not None:
            with answer.file as file:
                body = file.read()
        response = HttpResponse(body, status=int(answer.status))
        del response["content-type"]
        for name, value in answer.headers:
            response[name] = value
        return response


class PrivateMiddleware:
    """Pages, parts of them, errors and downloads are one person's: nobody on the way keeps them.

    Stands below the static files, which say themselves how long they may be kept.
    """

    POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        response["Permissions-Policy"] = self.POLICY
        return response


class PlainTextMiddleware:
    """Refuse the one character that PostgreSQL keeps in no text; wherever it were looked up, the page would
    break."""

    WORDS = "A NUL character stands in the address or in a field. Take it out."

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if any("\0" in text for text in [request.path, *_texts(request.GET)]):
            return refusal(request, self.WORDS, 400)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> HttpResponseBase | None:
        """Look at the form as well, unless its page leaves such characters out itself (`leaves_out_nul`)."""
        if getattr(view, "leaves_out_nul", False) or not any("\0" in text for text in _texts(request.POST)):
            return None
        return refusal(request, self.WORDS, 400)


def _texts(fields: QueryDict) -> list[str]:
    return [value for values in fields.lists() for value in values[1]]


class TimeZoneMiddleware:
    """Show times in the company's zone, or where none is set in that of the person's browser, which a script
    keeps in the cookie `tz`. Every page says which."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(settings.COUNTERSIGN_TIME_ZONE or zone(request.COOKIES.get("tz", ""))):
            return self.get_response(request)


@lru_cache(maxsize=128)
def zone(name: str) -> dt.tzinfo:
    """Return the named zone, UTC for anything that is none: a cookie is a stranger's text."""
    try:
        return zoneinfo.ZoneInfo(name) if 0 < len(name) < 64 else dt.UTC
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC
