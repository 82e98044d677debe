"""Page and fragment from one view and one context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers

from audit.errors import CountersignError

P = ParamSpec("P")


def wants_fragment(request: HttpRequest) -> bool:
    """Did htmx ask for a part? A restored page from the browser's history needs the whole of it."""
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers


def answer(
    request: HttpRequest, page: str, fragment: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render `fragment` for htmx and `page` for everybody else, from the same context."""
    response = render(request, fragment if wants_fragment(request) else page, dict(context), status=status)
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "no-store"
    return response


def go(request: HttpRequest, target: str, *args: Any) -> HttpResponse:
    """Go to a page after a write: a redirect, or the header by which htmx does one."""
    url = resolve_url(target, *args)
    if not wants_fragment(request):
        return HttpResponseRedirect(url)
    return HttpResponse(status=204, headers={"HX-Redirect": url})


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def refusals_shown(view: View[P]) -> View[P]:
    """A write whose refusal is told where it arose (htmx) or on a page of its own, with the error's
    status."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except CountersignError as error:
            return refusal(request, error.message, error.status)

    return guarded


def refusal(
    request: HttpRequest, message: str, status: int, back: tuple[str, str] | None = None
) -> HttpResponse:
    """The words of a refusal, as a fragment or a page. `back`: address and name of where to go on from."""
    template = "shell/_notice.html" if wants_fragment(request) else "shell/refused.html"
    return render(request, template, {"message": message, "status": status, "back": back}, status=status)
