"""Page and fragment from one view and one context."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
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


def told(back: str) -> Callable[[Callable[Concatenate[HttpRequest, P], HttpResponseBase]], Any]:
    """A write from a plain form: on refusal the message is shown on page `back`, with the error's own status for htmx."""

    def decorate(view: Callable[Concatenate[HttpRequest, P], HttpResponseBase]) -> Any:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except CountersignError as error:
                return refusal(request, error, back)

        return guarded

    return decorate


def refusal(request: HttpRequest, error: CountersignError, back: str) -> HttpResponse:
    """Say what was refused, where it arose for htmx and on the page it came from otherwise."""
    if wants_fragment(request):
        return render(request, "shell/_notice.html", {"message": error.message}, status=error.status)
    messages.error(request, error.message)
    return redirect(back)
