"""Days on which money moves, and until when our bank takes orders for a day.

Every order leaves our account in euro, so that TARGET, the euro's settlement system, has to be open: it is
closed on Saturdays, Sundays, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December (European
Central Bank, long-term calendar of closing days). An order in another currency needs the banks of that
currency as well: the Federal Reserve's days for USD, elsewhere the public holidays of the country. A currency
that is not named here has TARGET's days alone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache

from django.conf import settings

ONE = timedelta(days=1)
EURO = "EUR"

MARKETS = {"EUR": "ECB", "USD": "FED", "CHF": "SIX"}
"""Currencies whose settlement has a calendar of its own."""

COUNTRIES = {
    "AED": "AE",
    "AUD": "AU",
    "BRL": "BR",
    "CAD": "CA",
    "CNY": "CN",
    "CZK": "CZ",
    "DKK": "DK",
    "GBP": "GB",
    "HKD": "HK",
    "HUF": "HU",
    "ILS": "IL",
    "INR": "IN",
    "ISK": "IS",
    "JPY": "JP",
    "KRW": "KR",
    "MXN": "MX",
    "NOK": "NO",
    "NZD": "NZ",
    "PLN": "PL",
    "RON": "RO",
    "SAR": "SA",
    "SEK": "SE",
    "SGD": "SG",
    "THB": "TH",
    "TRY": "TR",
    "ZAR": "ZA",
}
"""Currencies whose banks keep the public holidays of one country."""

BANKS = ("public", "bank")
PLACES = {"GB": "ENG", "AU": "NSW"}
"""Parts of a country whose holidays its banks keep, where they differ."""


@cache
def _closed(currency: str, year: int) -> frozenset[date]:
    from holidays import country_holidays, financial_holidays  # read when a first day is looked up

    if currency in MARKETS:
        return frozenset(financial_holidays(MARKETS[currency], years=year))
    if currency not in COUNTRIES:
        return frozenset()
    country = COUNTRIES[currency]
    kinds = tuple(k for k in BANKS if k in country_holidays(country).supported_categories)
    return frozenset(country_holidays(country, PLACES.get(country), years=year, categories=kinds))


@cache
def _weekend(currency: str) -> frozenset[int]:
    """Days of the week on which nothing moves: Saturday and Sunday by TARGET, and those of the currency."""
    from holidays import country_holidays

    own = country_holidays(COUNTRIES[currency]).weekend if currency in COUNTRIES else set()
    return frozenset({5, 6, *own})


def is_bank_day(day: date, currency: str = EURO) -> bool:
    """Do TARGET and the banks of the currency settle on this day?"""
    return day.weekday() not in _weekend(currency) and not any(
        day in _closed(one, day.year) for one in {EURO, currency}
    )


def first_from(day: date, currency: str = EURO) -> date:
    """This day, or the next on which the bank works."""
    while not is_bank_day(day, currency):
        day += ONE
    return day


def last_until(day: date, currency: str = EURO) -> date:
    """This day, or the last before it on which the bank works."""
    while not is_bank_day(day, currency):
        day -= ONE
    return day


def earliest(now: datetime, currency: str = EURO) -> date:
    """The first day on which the bank can carry out what it is given now: today only before the currency's
    cut-off."""
    cutoff, zone = settings.COUNTERSIGN_CUTOFFS.get(currency, settings.COUNTERSIGN_CUTOFF)
    local = now.astimezone(zone)
    today = local.date()
    return first_from(today if local.time() < cutoff else today + ONE, currency)
