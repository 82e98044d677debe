"""How the made-up company has coded lines of its vendors: a chart of accounts, and some months of history by
it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from . import tables
from .catalogue import GOODS
from .traders import Trader, traders

CHART = {
    "conveyor": ("4800", "CC-310"),
    "packaging": ("4710", "CC-420"),
    "steel": ("4000", "CC-300"),
    "electrical": ("4805", "CC-310"),
    "machined": ("4010", "CC-300"),
    "service": ("4730", "CC-400"),
    "textile": ("4985", "CC-120"),
    "office": ("4930", "CC-100"),
}
"""Account and cost centre of each kind of goods."""
OWN = {
    "SV-02": ("4250", "CC-110"),
    "SV-03": ("4805", "CC-400"),
    "OF-203": ("0650", "CC-100"),
    "HP-12": ("0420", "CC-310"),
}
"""Goods that are booked otherwise than their kind."""
COLUMNS = "vendor_id,item,description,account,cost_centre,date"
SHARE_OF_VENDORS = 0.8
"""Of so many vendors there is a history; the others are new."""
EXCEPTION = 0.03
"""So many lines went to another cost centre, as happens."""
MANY, MOST = 18, 34
"""Lines of items that were bought often."""


def history(seed: int, today: date) -> bytes:
    """A `codings` table of the half year before `today`."""
    chance = random.Random(f"{seed}/bookings")  # noqa: S311 - a game, not a secret
    known = [trader for trader in traders().usual if chance.random() < SHARE_OF_VENDORS]
    return tables.table(COLUMNS, (row for trader in known for row in _of_vendor(trader, chance, today)))


def _of_vendor(trader: Trader, chance: random.Random, today: date) -> Iterator[tuple[str, ...]]:
    for item in GOODS[trader.company.goods]:
        for _ in range(chance.choice((0, chance.randint(1, 15), MANY, MOST))):
            account, centre = OWN.get(item.code) or CHART[trader.company.goods]
            if chance.random() < EXCEPTION:
                centre = "CC-900"
            on = today - timedelta(days=chance.randint(20, 180))
            yield trader.vendor_id, item.code, item.description, account, centre, on.isoformat()
