"""Numbers, dates and durations as the pages show them: tabular, currency first, a real minus, dates in
words."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from audit import clock

register = template.Library()

MINUS, NONE = "−", "–"
AMOUNT = re.compile(r"\b[A-Z]{3} \d[\d,]*(?:\.\d+)?")


def decimal(value: Any) -> Decimal | None:
    """The number in a value that may be text, None or empty."""
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


WIDE = Context(prec=200)
"""What a document states may have more digits than the usual 28; it is shown all the same."""


def rounded(number: Decimal, places: int) -> Decimal:
    """To so many places, half away from zero; nought has no sign."""
    found = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, WIDE)
    return found or found.copy_abs()


def grouped(number: Decimal, places: int) -> str:
    return f"{rounded(number, places):,.{places}f}".replace("-", MINUS)


@register.filter
def amount(value: Any) -> str:
    """1234.5 -> 1,234.50."""
    number = decimal(value)
    return NONE if number is None else grouped(number, 2)


@register.simple_tag
def money(value: Any, currency: str = "") -> SafeString:
    """EUR 1,234.50, the code fainter than the figure."""
    number = decimal(value)
    if number is None:
        return SafeString(NONE)
    return format_html(
        '<span class="cur">{}</span> <span class="num">{}</span>', currency, grouped(number, 2)
    )


@register.filter
def signed(value: Any, places: int = 2) -> str:
    """A variance: +113.60, −12.00, 0.00."""
    number = decimal(value)
    if number is None:
        return NONE
    return ("+" if rounded(number, places) > 0 else "") + grouped(number, places)


@register.filter
def compact(value: Any) -> str:
    """4380000 -> 4.38 m, 38114.20 -> 38,114; for the flow and charts only."""
    number = decimal(value) or Decimal(0)
    if abs(number) >= 1_000_000:
        return f"{grouped(number / 1_000_000, 2)} m"
    return grouped(number, 0)


@register.filter
def quantity(value: Any) -> str:
    """A quantity or unit price as precise as it is given: 24, 2.5; text that is no number stays."""
    number = decimal(value)
    if number is None:
        return str(value or "") or NONE
    exponent = number.normalize(WIDE).as_tuple().exponent
    return grouped(number, -exponent if isinstance(exponent, int) and exponent < 0 else 0)


@register.filter
def price(value: Any) -> str:
    """A unit price: two decimals, more only where it has more."""
    number = decimal(value)
    if number is None:
        return str(value or "") or NONE
    exponent = number.normalize(WIDE).as_tuple().exponent
    return grouped(number, max(2, -exponent if isinstance(exponent, int) else 2))


@register.filter
def count(value: Any) -> str:
    """1303 -> 1,303."""
    number = decimal(value)
    return NONE if number is None else grouped(number, 0)


@register.filter
def percent(part: Any, base: Any) -> str:
    """Share of a base, one decimal: 84.6."""
    top, bottom = decimal(part), decimal(base)
    return NONE if top is None or not bottom else grouped(top / bottom * 100, 1)


@register.filter
def per_thousand(value: Any) -> str:
    """A share as so many in 1,000, one decimal: 0.0041 -> 4.1."""
    number = decimal(value)
    return NONE if number is None else grouped(number * 1000, 1)


@register.filter
def sure(value: Any) -> str:
    """A confidence: always two decimals, so that 0.9 and 0.90 look alike."""
    number = decimal(value)
    return NONE if number is None else grouped(number, 2)


VALUE = re.compile(r"(-?\d+\.\d\d)(?: ([A-Z]{3}))?")


@register.filter
def evidence_value(value: Any) -> str:
    """An expected or found value: an amount of money reads as one, any other stays as it was found."""
    match = VALUE.fullmatch(str(value))
    if not match:
        return str(value)
    return f"{match[2]} {amount(match[1])}".strip() if match[2] else amount(match[1])


@register.filter
def limits(value: Any) -> str:
    """A tolerance of two bounds: it ends at whichever comes first. 2 % or 100.00 -> 2 %, at most 100.00."""
    share, mark, most = evidence_value(value).partition(" % or ")
    return f"{share} %, at most {most}" if mark else share


@register.filter
def per_cent_of_one(value: Any) -> str:
    """A confidence as an SVG length: 0.91 -> 91%."""
    number = decimal(value)
    return "0%" if number is None else f"{max(Decimal(0), min(Decimal(1), number)) * 100:.1f}%"


@register.filter
def day(value: Any) -> str:
    """20 Nov 2026; takes dates, instants (shown in the person's zone) and ISO text."""
    found = _date(value)
    return f"{found.day} {found:%b %Y}" if found else NONE


@register.filter
def weekday(value: Any) -> str:
    """Fri 20 Nov 2026."""
    found = _date(value)
    return f"{found:%a} {day(found)}" if found else NONE


@register.filter
def clock_time(value: Any, form: str = "%H:%M") -> str:
    """14:03 in the person's zone; `form` "%H:%M:%S" with seconds."""
    instant = _instant(value)
    return timezone.localtime(instant).strftime(form) if instant else NONE


@register.filter
def exact_time(value: Any) -> str:
    """14:03:07.204, for the audit pages."""
    instant = _instant(value)
    return f"{timezone.localtime(instant):%H:%M:%S.%f}"[:-3] if instant else NONE


@register.filter
def when(value: Any) -> str:
    """The time today, with the day otherwise: 14:03 or 18 Nov 14:03."""
    instant = _instant(value)
    if instant is None:
        return NONE
    local = timezone.localtime(instant)
    if local.date() == clock.today():
        return f"{local:%H:%M}"
    year = "" if local.year == clock.today().year else f" {local.year}"
    return f"{local.day} {local:%b}{year} {local:%H:%M}"


@register.filter
def when_zoned(value: Any) -> str:
    """The same with its time zone, where somebody has to hold to it: 14:03 CET."""
    instant = _instant(value)
    return f"{when(instant)} {zone_of(instant)}" if instant else NONE


def zone_of(instant: datetime) -> str:
    """The time zone that pages are shown in, as of a moment: CET, or UTC+03:00 where it has no letters of its
    own."""
    local = timezone.localtime(instant)
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{local.isoformat()[-6:]}"


@register.simple_tag
def zone_name(form: str = "") -> str:
    """The time zone of the page: Europe/Berlin, CET; `form` "short": CET."""
    name, short = timezone.get_current_timezone_name(), zone_of(clock.now())
    return short if form == "short" or name == short else f"{name}, {short}"


@register.filter
def duration(value: timedelta | None) -> str:
    """4 h 56 m, 6 d 4 h, 9 m; under a minute in seconds."""
    if value is None:
        return NONE
    seconds = max(0, int(value.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} m" if hours else f"{minutes} m"


@register.filter
def lasting(seconds: Any) -> str:
    """Seconds as an entry tells them, in words: 3 m 27 s."""
    if not str(seconds).isdecimal():
        return NONE
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} m {rest} s" if minutes < 60 else duration(timedelta(seconds=int(seconds)))


@register.filter
def age(value: Any) -> str:
    """How long ago."""
    instant = _instant(value)
    return duration(clock.now() - instant) if instant else NONE


@register.filter
def milliseconds(value: Any) -> str:
    """240 ms, 1.2 s, 4 m."""
    number = decimal(value)
    if number is None:
        return NONE
    if number < 1000:
        return f"{grouped(number, 0)} ms"
    return (
        f"{grouped(number / 1000, 1)} s"
        if number < 60_000
        else duration(timedelta(milliseconds=float(number)))
    )


@register.filter
def short_hash(value: str) -> str:
    """9f2c…e41a: four and four."""
    return f"{value[:4]}…{value[-4:]}" if value and len(value) > 12 else value


@register.filter
def bold_amounts(text: Any) -> SafeString:
    """Escaped text with its amounts of money in bold."""
    escaped = str(conditional_escape(text or ""))
    return mark_safe(AMOUNT.sub(lambda m: f"<b>{m.group(0)}</b>", escaped))  # noqa: S308 - escaped just above


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str) and value:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and timezone.is_aware(value) else None


def _date(value: Any) -> date | None:
    instant = _instant(value)
    if instant:
        return timezone.localtime(instant).date()
    if isinstance(value, str) and value:
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return value if isinstance(value, date) else None


@register.filter
def pretty(value: Any) -> str:
    """JSON to read, in its own order."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def masked_account(number: str) -> str:
    """DE89 … 3000: enough to compare, not to copy."""
    return f"{number[:4]} … {number[-4:]}" if len(number) > 10 else number
