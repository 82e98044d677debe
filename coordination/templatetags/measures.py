"""Shares and sums of money as the pages show them: never without what they are a share of."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..display.format import NONE, count, money, signed
from ..domain.key_figures import Share
from ..monitoring.kappa import Kappa

register = template.Library()


@register.filter
def rate(share: Share) -> str:
    """84.6, or a dash where there is nothing to be a share of."""
    return NONE if share.value is None else f"{share.value * 100:.1f}"


@register.filter(name="of")
def format_share(share: Share) -> str:
    """1,303 of 1,540."""
    return f"{count(share.part)} of {count(share.base)}"


@register.filter
def between(share: Share) -> str:
    """The 95 % interval: 82.7–86.3."""
    found = share.interval()
    return NONE if found is None else f"{found[0] * 100:.1f}–{found[1] * 100:.1f}"


@register.filter
def share(value: float | None, places: int = 1) -> str:
    """A number from 0 to 1 in per cent: 83.3; a dash for none."""
    return NONE if value is None else f"{value * 100:.{places}f}"


@register.filter
def points(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign."""
    return f"{difference * 100:+.1f}".replace("-", "−")


@register.filter
def kappa_value(value: float) -> str:
    """0.61, −0.05: two decimals."""
    return signed(value).lstrip("+")


@register.filter
def kappa_between(found: Kappa) -> str:
    """The 95 % interval: 0.52 to 0.70."""
    bounds = found.interval()
    return NONE if bounds is None else f"{kappa_value(bounds[0])} to {kappa_value(bounds[1])}"


@register.simple_tag
def sums(amounts: Mapping[str, Decimal]) -> SafeString:
    """Amounts of several currencies side by side; nought where there is none."""
    if not amounts:
        return format_html('<span class="num">{}</span>', "0.00")
    return format_html_join(
        ", ",
        '<span class="nowrap">{}</span>',
        ((money(amount, currency),) for currency, amount in amounts.items()),
    )


@register.simple_tag
def to_figure(figure: str, days: int, value: int | Mapping[str, Decimal]) -> SafeString:
    """A key figure of a period, so many or so much, as the way to the list of what it counts."""
    address = f"{reverse('coordination:figure', args=[figure])}?days={days}"
    return format_html(
        '<a href="{}">{}</a>', address, count(value) if isinstance(value, int) else sums(value)
    )
