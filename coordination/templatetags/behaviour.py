"""Agents' behaviour on pages: rates, evidence, status words, the breaker's switch, the way to a list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..display.format import NONE, count
from ..display.words import icon
from ..domain.key_figures import Share
from ..models import Alarm
from ..selectors.behaviour.days import FEW, bar_of
from ..selectors.behaviour.filters import Filter
from ..selectors.behaviour.incidents import ClosingCase
from ..selectors.behaviour.incidents import closing_case as read_closing_case
from ..selectors.behaviour.status import AgentStatus, word_of
from ..selectors.behaviour.where import Square, Where
from ..selectors.behaviour.words import WORDS

register = template.Library()

STATUS = {
    "steady": ("check-ring", "Steady", ""),
    "learning": ("dashed", "Learning", "faint"),
    "inputs": ("turn", "Inputs moved", "info"),
    "warning": ("triangle", "Warning", "warn"),
    "critical": ("octagon", "Critical", "bad"),
    "stopped": ("stop", "Stopped", "bad"),
}
LEVERS = {"": "M5,6 L15,6", "half": "M5,6 L14,2.5", "open": "M5,6 L11,0.5"}
BREAKERS = {"": ("Closed", ""), "half": ("Half-open", "warn"), "open": ("Open", "bad")}


@register.filter
def hundred(value: float | None) -> str:
    """A share per 100: 0.824 -> 82.4."""
    return NONE if value is None else f"{100 * value:.1f}"


@register.filter
def per_hundred(share: Share) -> str:
    """A rate per 100 of its cases; of a few cases just how many of how many."""
    if not share.base:
        return NONE
    return f"{share.part} of {share.base}" if share.base < FEW else f"{100 * share.part / share.base:.1f}"


@register.filter
def evidence(value: float | None) -> str:
    """61234.5 -> 61,235; what is beyond all doubt is not told to the last digit."""
    if value is None:
        return NONE
    return "over 1,000 m" if value > 1e9 else f"{value / 1e6:,.0f} m" if value > 1e7 else count(round(value))


@register.filter
def bar(value: float | None, width: float = 52) -> str:
    """How long a bar of evidence is that is full at critical."""
    return f"{bar_of(value) * float(width):.1f}"


@register.filter
def times(value: float | None) -> str:
    """Observed to expected: 1.24."""
    return NONE if value is None else f"{value:.2f}"


@register.filter
def whole(value: float | None) -> str:
    return NONE if value is None else count(round(value))


@register.filter
def business_days(value: float) -> str:
    """82 business days; under a business day."""
    days = round(value)
    return "under a business day" if not days else f"{days:,} business day{'' if days == 1 else 's'}"


@register.filter
def measure_words(name: str) -> str:
    return WORDS[name].tab


@register.simple_tag
def status_word(status: str, kind: str = "word") -> SafeString:
    """An agent's word with its icon; `kind` chip: as a chip."""
    name, text, tone = STATUS[status]
    return format_html('<span class="{} {}">{}<span>{}</span></span>', kind, tone, icon(name), text)


@register.simple_tag
def closing_case(case: Mapping[str, Any]) -> ClosingCase:
    """What a second person goes by who is asked whether incidents are closed."""
    return read_closing_case(case)


@register.filter
def status_name(status: str) -> str:
    """The word of a status alone: Warning, Inputs moved."""
    return STATUS[status][1]


@register.simple_tag
def status_icon(status: str) -> SafeString:
    """The icon alone, and its word for those who do not see it."""
    name, text, _ = STATUS[status]
    return format_html('{}<span class="unseen"> {}</span>', icon(name, "icon-s"), text)


@register.simple_tag
def status_of(standing: AgentStatus) -> SafeString:
    """The same with how far learning is."""
    found = status_word(standing.status)
    if standing.status == "learning" and standing.learning:
        return format_html('{}<span class="tiny faint below">{}</span>', found, standing.learning.words)
    return found


@register.simple_tag
def breaker_word(state: str, share: int | None = None, kind: str = "word", before: str = "") -> SafeString:
    """A switch drawn closed, half or open, and the word."""
    text, tone = BREAKERS[state]
    if share is not None:
        text += f" {share} %"
    if before:
        text = f"{before} {text[0].lower()}{text[1:]}"
    return format_html(
        '<span class="{} {}"><svg class="switch" width="20" height="10" viewBox="0 0 20 10"'
        ' aria-hidden="true"><path d="M0,6 L5,6 M15,6 L20,6"/><path d="{}"/><circle cx="5" cy="6" r="2"/>'
        '<circle cx="15" cy="6" r="2"/></svg><span>{}</span></span>',
        kind,
        tone,
        LEVERS[state],
        text,
    )


@register.simple_tag
def drill_word(kind: str = "word") -> SafeString:
    """The word of a drill that runs."""
    return format_html('<span class="{} warn">{}<span>Drill</span></span>', kind, icon("gauge"))


@register.filter
def tone(status: str) -> str:
    """The class of the stylesheet that a status word has."""
    return STATUS[status][2]


@register.simple_tag
def alarm_icon(alarm: Alarm) -> SafeString:
    """The icon of an open alarm on the tab of its measure."""
    name, _, tone = STATUS[word_of(alarm.level, alarm.category)]
    return format_html('{}<span class="unseen">alarm: </span>', icon(name, f"icon-s {tone}"))


@register.simple_tag
def listed_square(agent: str, where: Where, square: Square) -> str:
    """The address of the decisions that a square of the heat map counts."""
    window = where.window
    wanted = Filter(window.first, window.last, measure=where.measure, event="yes", **square.key)
    return f"{reverse('coordination:agent_decisions', args=[agent])}?{wanted.query}"


@register.simple_tag
def listed(agent: str, first: date, last: date, **narrowed: Any) -> str:
    """The address of the decisions of an agent in these days, narrowed further."""
    wanted = Filter(first, last, **{name: str(value) for name, value in narrowed.items()})
    return f"{reverse('coordination:agent_decisions', args=[agent])}?{wanted.query}"
