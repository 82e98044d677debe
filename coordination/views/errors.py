"""What a person sees when something is refused, missing or broken."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reviews.pages import refusal


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refusal(request, str(exception) or "You may not do this.", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Our own words where a view raised them; never the resolver's list of addresses."""
    said = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    return refusal(request, said or "There is no such page.", 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Without the database or a person: it may be what is broken."""
    return render(request, "500.html", status=500)
