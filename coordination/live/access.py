"""Who may follow what, and whether a socket's person is still signed in."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractBaseUser, User
from django.http import HttpRequest
from django.utils.module_loading import import_string

from reviews.rights import ended

EVERYONE = frozenset({"specialist", "manager", "auditor", "admin"})
READERS = frozenset({"specialist", "manager", "auditor"})
MONEY = frozenset({"manager", "auditor"})
LEADS = frozenset({"manager", "auditor", "admin"})

# The part of a topic before the slash, and the groups that may follow it, as they may open its page
# (`reviews.access`); any other topic is nobody's.
FOLLOWERS: dict[str, frozenset[str]] = {
    "inbox": READERS,
    "escalation": READERS,
    "flow": EVERYONE,
    "invoice": READERS,
    "invoices": EVERYONE,
    "vendor": READERS,
    "document": READERS,
    "quarantine": EVERYONE,
    "maps": EVERYONE,
    "payments": MONEY,
    "coding": READERS,
    "payment_batch": MONEY,
    "payment_file": MONEY,
    "paid_elsewhere": MONEY,
    "statement": READERS,
    "statements": READERS,
    "agent": EVERYONE,
    "agents": EVERYONE,
    "alerts": LEADS,
    "policy": LEADS,
    "audit": LEADS,
}


def allowed(topic: str, groups: Iterable[str]) -> bool:
    """Tell whether a member of the groups may follow the topic."""
    return not FOLLOWERS.get(topic.partition("/")[0], frozenset()).isdisjoint(groups)


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
