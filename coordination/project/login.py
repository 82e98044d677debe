"""Signing in and out; in demo mode, a button for each person instead of a password."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth import logout as end_session
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView as DjangoLoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from .loopback import from_here
from .people import DEMO_PEOPLE, Person, demo_accounts


class LoginView(DjangoLoginView):
    """User name and password, as in any Django site."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"demo_people": offered(self.request)}


def offered(request: HttpRequest) -> list[Person]:
    """Who can be signed in as by a click: the demonstration's own accounts, by somebody at this machine."""
    if not settings.DEMO or not from_here(request):
        return []
    there = set(demo_accounts().filter(is_active=True).values_list("username", flat=True))
    return [person for person in DEMO_PEOPLE if person.username in there]


@login_not_required
@never_cache
@require_POST
def continue_as(request: HttpRequest, username: str) -> HttpResponse:
    """Sign in as one of the demonstration's people; outside demo mode there is no such page."""
    if username not in {person.username for person in offered(request)}:
        raise Http404
    user = get_object_or_404(demo_accounts(), username=username, is_active=True)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(_next(request))


def _next(request: HttpRequest) -> str:
    """Return the page to go on to, if it is one of this site."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else settings.LOGIN_REDIRECT_URL


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session; its sockets close, and the browser forgets what it kept."""
    end_session(request)
    response = redirect("login")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
