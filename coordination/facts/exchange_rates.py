"""Reference rates for thresholds: the newest on or before a day, else the oldest there is. Never used to
pay."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from ..models import Rate

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Rates:
    """Units per euro by currency, dated."""

    company: str
    table: dict[str, list[tuple[date, Decimal]]]

    @classmethod
    def load(cls, company: str) -> Rates:
        table: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for currency, on, per_eur in Rate.objects.order_by("currency", "on").values_list(
            "currency", "on", "per_eur"
        ):
            table[currency].append((on, per_eur))
        return cls(company, table)

    def per_eur(self, currency: str, on: date) -> Decimal | None:
        """Units of `currency` for one euro, or None when no rate is known."""
        if currency == "EUR":
            return Decimal(1)
        dated = self.table.get(currency)
        if not dated:
            return None
        return dated[max(bisect_right(dated, on, key=lambda row: row[0]) - 1, 0)][1]

    def spans(self) -> dict[str, tuple[Decimal, Decimal]]:
        """By currency the least and most that a unit of it ever was in company currency."""
        units = {currency: [rate for _, rate in dated] for currency, dated in self.table.items()}
        units["EUR"] = [Decimal(1)]
        own = units.get(self.company, [])
        found = {c: (min(own) / max(of), max(own) / min(of)) for c, of in units.items()} if own else {}
        return found | {self.company: (Decimal(1), Decimal(1))}

    def convert(self, amount: Decimal | None, currency: str, on: date) -> Decimal | None:
        """`amount` in company currency, to the cent; None when amount or rate is unknown."""
        if amount is None:
            return None
        if currency == self.company:
            return amount.quantize(CENT)
        own, other = self.per_eur(self.company, on), self.per_eur(currency, on)
        if own is None or other is None:
            return None
        return (amount / other * own).quantize(CENT)


SHIPPED = Path(__file__).with_name("reference_rates.json")


def ensure_defaults() -> None:
    """The shipped table, where no rate is known yet. A `rates` CSV replaces it, currency by currency."""
    if not Rate.objects.exists():
        Rate.objects.bulk_create(Rate(on=on, currency=c, per_eur=v) for c, (on, v) in _shipped().items())


def _shipped() -> dict[str, tuple[date, Decimal]]:
    table = json.loads(SHIPPED.read_text())
    return {c: (date.fromisoformat(table["on"]), Decimal(v)) for c, v in table["per_eur"].items()}


def replace_shipped(currencies: Iterable[str]) -> None:
    """Drop the shipped, approximate rates of currencies that a list of our own speaks of, whatever their
    dates."""
    shipped = _shipped()
    for currency in set(currencies) & shipped.keys():
        on, per_eur = shipped[currency]
        Rate.objects.filter(currency=currency, on=on, per_eur=per_eur).delete()
