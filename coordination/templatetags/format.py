"""`{% load format %}`: numbers, dates and durations of `display.format`, and the currency that sums are
in."""

from __future__ import annotations

from ..display.format import register
from ..selectors import figures

__all__ = ["register"]


@register.simple_tag
def company_currency() -> str:
    """The currency that sums of all currencies are in, by the policy in force."""
    return figures.company_currency()
