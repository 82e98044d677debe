"""The frame's own addresses: the navigation as a fragment, and a person's preferences."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from reviews.access import signed_in
from reviews.pages import wants_fragment

from ..selectors import shell
from .act_forms import PreferencesForm
from .filter_forms import NavForm

YEAR = 365 * 86400


@require_safe
def nav(request: HttpRequest) -> HttpResponse:
    """The navigation with its counts; pages fetch it when a count changed."""
    asked = NavForm.accept(request.GET).cleaned_data
    found = shell.nav(signed_in(request), asked["at"], asked["queue"])
    return render(request, "shell/_nav.html", {"nav": found})


@require_POST
def preferences(request: HttpRequest) -> HttpResponseBase:
    """Keep how this person wants pages to look and keys to work."""
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponse(status=204) if wants_fragment(request) else redirect(back if safe else "/")
    for name, value in PreferencesForm.accept(request.POST).cleaned_data.items():
        if value:
            response.set_cookie(
                name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
            )
    return response
