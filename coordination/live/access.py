"""Who may follow what, and whether a socket's person is still signed in."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser, User
from django.http import HttpRequest
from django.utils.module_loading import import_string

from reviews.grants import holds
from reviews.rights import ended

from .. import rights


def allowed(topic: str, groups: Iterable[str]) -> bool:
    """Tell whether a member of the groups may follow the topic: as they may open its page."""
    right = rights.TOPICS.get(topic.partition("/")[0])
    return right is not None and holds(right, groups)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a socket is, and the groups that they are in now."""

    person: str
    groups: frozenset[str]


def person_of_session(session_key: str | None) -> SignedIn | None:
    """Return who is signed in with the session; None once nobody is.

    Read afresh each time: signed out, deactivated, password changed, session expired and access ended all end
    here.
    """
    if not session_key:
        return None
    request = HttpRequest()
    request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(session_key)
    user: AbstractBaseUser = get_user(request)  # type: ignore[assignment] # an anonymous user is caught next
    if not isinstance(user, User) or ended(user):
        return None
    return SignedIn(str(user.pk), frozenset(user.groups.values_list("name", flat=True)))
