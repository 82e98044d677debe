"""The demonstration goes on: one little trade after another, through the same intake as every document."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ..models import Invoice, Vendor
from ..services.intake import take_in
from ..translation.canonical import Vendor as Master
from . import tables
from .case import SCENARIOS, Case, Scenario
from .files import one
from .making import Maker
from .traders import Traders, traders

ACTOR = "system:demo"
LATE_AFTER = 4
"""So many trades later comes what was late."""

Files = Mapping[str, bytes]


@dataclass
class Feed:
    """What comes in next. Numbers count on from the invoices that are there, so that none comes twice."""

    seed: int
    defect_share: float = 0.3
    known: Traders = field(default_factory=traders)
    index: int = 0
    due: deque[tuple[int, Files]] = field(default_factory=deque)
    turn: int = 0

    def next(self, today: date) -> list[Files]:
        """The documents of one more trade, and those that are due from earlier ones; in the order they come
        in."""
        self.turn += 1
        chance = random.Random(f"{self.seed}/{self.index}/live")  # noqa: S311 - a game, not a secret
        spec = self._choose(chance)
        case = spec.build(Maker(f"{self.seed}/live", self.index, today, self.known))
        self.index += len(case.claims)
        out = [files for turn, files in self.due if turn <= self.turn]
        self.due = deque((turn, files) for turn, files in self.due if turn > self.turn)
        now, late = _parted(case)
        if late:
            self.due.append((self.turn + LATE_AFTER, late))
        return [*out, now]

    def _choose(self, chance: random.Random) -> Scenario:
        wrong = chance.random() < self.defect_share
        odd = chance.random() < 0.3
        fitting = [s for s in SCENARIOS.values() if (s.kind != "clean") == wrong]
        return chance.choice(fitting) if wrong or odd else SCENARIOS["clean"]


def _parted(case: Case) -> tuple[Files, Files]:
    """What comes at once, and what comes later: receipts on their way, vendors with another account."""
    files = one(case)
    now = {name: data for name, data in files.items() if not name.startswith("late/")}
    late = {name: data for name, data in files.items() if name.startswith("late/")}
    if case.moved:
        late["vendors.csv"] = tables.vendors(trader.master(iban) for trader, iban in case.moved)
    return now, late


def missing(known: Traders) -> list[Master]:
    """Vendors of the world that are not here. One that is keeps what people have decided about it."""
    here = set(Vendor.objects.values_list("vendor_id", flat=True))
    return [t.master() for t in known.everybody() if t.vendor_id not in here]


def feed(
    rate: float,
    seed: int,
    *,
    stopped: Callable[[], bool],
    today: Callable[[], date],
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """Take in `rate` trades a minute until `stopped`; yields the number of documents accepted of each."""
    flow = Feed(seed, index=Invoice.objects.count())
    if new := missing(flow.known):
        take_in([("vendors.csv", tables.vendors(new))], actor=ACTOR, source="demo")
    while not stopped():
        accepted = 0
        for files in flow.next(today()):
            accepted += take_in(files.items(), actor=ACTOR, source="demo").count("accepted")
        yield accepted
        _rest(60 / rate, stopped, sleep)


def _rest(seconds: float, stopped: Callable[[], bool], sleep: Callable[[float], None]) -> None:
    """Wait in short steps, so that a request to stop is heard."""
    while seconds > 0 and not stopped():
        step = min(seconds, 0.25)
        sleep(step)
        seconds -= step
