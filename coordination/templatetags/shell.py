"""The frame of every page: navigation, the person, their preferences, what the head loads."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from reviews.access import may, title_of
from reviews.grants import READ_CASES
from reviews.queues import titles
from reviews.selectors import Person
from reviews.services import person

from ..domain.doses import share_of
from ..facts import doses
from ..selectors.shell import PAGES, Nav, nav

register = template.Library()

SHEETS = (
    "tokens",
    "base",
    "controls",
    "shell",
    "cards",
    "inbox",
    "case",
    "remedies",
    "history",
    "flow",
    "ways",
    "charts",
    "confidence",
    "intake",
    "maps",
    "money",
    "coding",
    "status",
    "papers",
    "phone",
    "print",
)
BELOW = {"orders": "vendors", "receipts": "vendors"}
"""Pages without a list of their own, by the entry from which they are reached."""
THEMES = ("system", "light", "dark")
HTMX = {
    "includeIndicatorStyles": False,
    "allowEval": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": True,
    "defaultSettleDelay": 0,  # until content settles, htmx does not own its forms yet
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "(400|403|404|409|422)", "swap": True, "error": True},
        {"code": "...", "swap": False, "error": True},
    ],
}


def theme_of(request: HttpRequest | None) -> str:
    value = request.COOKIES.get("theme", "") if request else ""
    return value if value in THEMES else "system"


def keys_on(request: HttpRequest | None) -> bool:
    return not request or request.COOKIES.get("keys") != "off"


def place_of(request: HttpRequest) -> str:
    """The navigation entry a page belongs to: the first part of its address, or where its list is."""
    first = request.path.strip("/").partition("/")[0] or "overview"
    first = BELOW.get(first, first)
    return first if first in {entry.key for entry in PAGES} else ""


def _nav_of(context: Context) -> tuple[User | None, Nav | None]:
    """Navigation, read once per page however many parts of it ask."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if not isinstance(user, User) or request is None:
        return None, None
    known: Nav | None = getattr(request, "countersign_nav", None)
    if known is None:
        known = nav(user, place_of(request), request.GET.get("queue", ""))
        request.countersign_nav = known
    return user, known


@register.simple_tag(takes_context=True)
def preferences(context: Context) -> SafeString:
    """Theme and single keys of this person, as attributes of the page."""
    request = context.get("request")
    theme = theme_of(request)
    chosen = format_html('data-theme="{}" ', theme) if theme != "system" else ""
    return format_html(
        '{}data-keys="{}" data-live-state="waiting" data-zone="{}"',
        chosen,
        "on" if keys_on(request) else "off",
        timezone.get_current_timezone_name(),
    )


@register.simple_tag
def htmx_config() -> str:
    return json.dumps(HTMX)


@register.simple_tag
def known_answer_share() -> int:
    """Of 100 questions about invoices, how many bring a known-answer case; 0 while none do."""
    return int(settings.COUNTERSIGN_OVERSIGHT)


@register.simple_tag
def known_answer_bursts() -> list[tuple[str, int]]:
    """Queues that have more of them for a while, with how many of 100 questions."""
    share, named = settings.COUNTERSIGN_OVERSIGHT / 100, dict(titles())
    found = [(named.get(q, q), share_of(rows, share)) for q, rows in sorted(doses.in_force().items())]
    return [(title, round(more * 100)) for title, more in found if more > share]


@register.simple_tag
def stylesheets() -> SafeString:
    return format_html_join(
        "\n    ", '<link rel="stylesheet" href="{}">', ((static(f"css/{name}.css"),) for name in SHEETS)
    )


@register.simple_tag(takes_context=True)
def sees(context: Context, page: str) -> bool:
    """May the person go to this entry of the navigation? A link to a page they may not see is a trap."""
    _, found = _nav_of(context)
    return found is not None and page in {item.key for item in found.items}


@register.inclusion_tag("shell/_rail.html", takes_context=True)
def rail(context: Context) -> dict[str, Any]:
    user, found = _nav_of(context)
    request = context.get("request")
    chosen = theme_of(request)
    if user is None:
        return {"nav": None}
    return {
        "nav": found,
        "me": Person(person(user), user.get_full_name() or user.get_username(), "human"),
        "title": title_of(user),
        "reads_cases": may(user, READ_CASES),
        "theme": {name: "true" if name == chosen else "false" for name in THEMES},
        "keys_on": keys_on(request),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("shell/_keys.html", takes_context=True)
def key_help(context: Context) -> dict[str, Any]:
    return {"nav": _nav_of(context)[1]}
