"""The lists behind the key figures of money: discounts, payments by their due date, pairs that look alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..models import LIVE
from .counted_lists import CountedList
from .kpis_money import DISCOUNT_SET, PAID_SET, Terms, paid_again, terms_of_vendors

DISCOUNTS_LIST = f"""
SELECT invoice_id, NULL::uuid AS case_id, received_at AS at, ARRAY[until, amount]::text[] AS cells
  FROM ({DISCOUNT_SET}) x WHERE
"""  # noqa: S608 - made of constants
PAID_LIST = f"""
SELECT invoice_id, NULL::uuid AS case_id, received_at AS at,
       ARRAY[paid_on::text, coalesce(due::text, '')] AS cells
  FROM (SELECT y.*, coalesce(printed, issue_date + net) AS due FROM ({PAID_SET}) y) x WHERE
"""  # noqa: S608 - made of constants
ALIKE_LIST = """
SELECT i.id AS invoice_id, NULL::uuid AS case_id, i.received_at AS at,
       ARRAY[o.number, o.issue_date::text, concat_ws(' ', o.currency, round(o.gross, 2))] AS cells
  FROM unnest(%(older)s::uuid[], %(newer)s::uuid[]) AS t(older, newer)
  JOIN coordination_invoice i ON i.id = t.newer JOIN coordination_invoice o ON o.id = t.older
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """Some of the discounts or payments of a period, by their condition on the set. `{}` in the sentence is
    the number of days."""

    title: str
    sentence: str
    condition: str


DISCOUNTS: Mapping[str, Figure] = {
    "discounts-captured": Figure(
        "Discounts captured",
        "Taken with the payment, of those that lapse in the last {} days or later.",
        "taken",
    ),
    "discounts-lost": Figure(
        "Discounts lost",
        "Lapsed in the last {} days, and taken with no payment.",
        "NOT taken AND until < %(today)s",
    ),
    "discounts-ended": Figure(
        "Discounts taken or lapsed",
        "Taken with the payment, or lapsed, of those that lapse in the last {} days or later.",
        "(taken OR until < %(today)s)",
    ),
    "discounts-open": Figure(
        "Discounts still open",
        "Not taken yet, and to be had today or later.",
        "NOT taken AND until >= %(today)s",
    ),
}
"""As `key_figures.discount_taken` has it."""
PAYMENTS_SAID = "Payments of runs of the last {} days, each a row; due by the day printed, else the agreed."
PAYMENTS: Mapping[str, Figure] = {
    "paid": Figure("Paid", PAYMENTS_SAID, "true"),
    "paid-with-due-date": Figure("Paid, with a due date", PAYMENTS_SAID, "due IS NOT NULL"),
    "paid-on-time": Figure("Paid by the due date", PAYMENTS_SAID, "paid_on <= due"),
    "paid-late": Figure("Paid late", PAYMENTS_SAID, "paid_on > due"),
    "paid-without-due-date": Figure("Paid, without a due date", PAYMENTS_SAID, "due IS NULL"),
}
"""As `key_figures.due_on` and `on_time` have it."""
PAIRS: Mapping[str, tuple[str, bool]] = {
    "paid-twice": ("Duplicates paid twice", False),
    "paid-told-apart": ("Paid, and told apart by a person", True),
}
NAMES = frozenset({*DISCOUNTS, *PAYMENTS, *PAIRS})


def behind(name: str, days: int, since: date, today: date) -> CountedList:
    """The list of a figure over the last `days` days, since a day. Raises `KeyError`."""
    file = f"{name}-{days}-days"
    figure = DISCOUNTS.get(name) or PAYMENTS.get(name)
    if figure is not None:
        discount = name in DISCOUNTS
        return CountedList(
            name=file,
            title=figure.title,
            sentence=figure.sentence.format(days),
            when="Received",
            columns=("To be had until", "Discount") if discount else ("Paid on", "Due on"),
            statement=f"{DISCOUNTS_LIST if discount else PAID_LIST} {figure.condition}",
            parameters=_of_terms(terms_of_vendors(), since) | {"today": today},
            days=("To be had until", "Paid on", "Due on"),
            money="Discount" if discount else "",
        )
    title, cleared_up = PAIRS[name]
    pairs = paid_again(since, cleared_up=cleared_up)
    who = "a person" if cleared_up else "nobody"
    return CountedList(
        name=file,
        title=title,
        sentence=f"Pairs of paid invoices that look alike, one of them paid in the last {days} days, of which"
        f" {who} has said that they are no duplicates; a pair is a row, of the later invoice.",
        when="Received",
        columns=("Looks like", "Issued", "Gross of that"),
        statement=ALIKE_LIST,
        parameters={"older": [a for a, _ in pairs], "newer": [b for _, b in pairs]},
        days=("Issued",),
    )


def _of_terms(terms: Terms, since: date) -> dict[str, Any]:
    return {
        "vendors": terms.vendors,
        "pct": terms.pct,
        "net": terms.net,
        "days": terms.days,
        "since": since,
        "live": list(LIVE),
    }
