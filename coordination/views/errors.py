"""What a person sees when something is refused, missing or broken."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reviews.pages import refusal

UNREADABLE: tuple[tuple[type[Exception], str], ...] = (
    (TooManyFilesSent, "At most 100 files are taken at once. Nothing of this was kept. Send them in parts."),
    (TooManyFieldsSent, "The form has more fields than any page here. Nothing was changed."),
    (RequestDataTooBig, "The form is larger than 1 MB. Nothing was changed. Shorten what you wrote."),
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What came could not be taken apart: too many parts, too much text, a broken upload."""
    said = next((text for kind, text in UNREADABLE if isinstance(exception, kind)), "")
    return refusal(request, said or "The request could not be read. Go back and try again.", 400)


def no_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: an old page, cookies that are off, or another site."""
    del reason
    words = (
        "This form did not come from a page of yours, or it is too old. Nothing was changed. Reload the page"
        " and send it again."
    )
    return refusal(request, words, 403)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refusal(request, str(exception) or "You may not do this.", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Our own words where a view raised them; never the resolver's list of addresses."""
    said = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    return refusal(request, said or "There is no such page.", 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Without the database or a person: it may be what is broken."""
    return render(request, "500.html", status=500)
