"""Making a world: every number follows from the seed; every invoice is labelled with what it should come
to."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from ..translation.canonical import Invoice
from . import clean, defects  # noqa: F401 - they enter their scenarios into the list
from .case import SCENARIOS, Case, Scenario
from .files import Formats, World, write
from .labels import Label, counted_as
from .making import Maker
from .statements import statements
from .totals import company
from .traders import Traders, traders

PLAIN = "clean"
EVERYDAY = (
    "price",
    "short receipt",
    "waiting",
    "large",
    "other account",
    "duplicate",
    "rejected goods",
    "no order",
    "tax",
    "over ordered",
    "never received",
    "instructions",
    "unbalanced",
    "unknown order",
    "strange item",
    "unit",
    "stranger",
    "credit",
    "partial deliveries",
    "several orders on one invoice",
    "foreign currency",
)
"""What every accounts payable desk sees each week."""
ATTEMPTS = 50
BANDS = ((Decimal(7900), Decimal(10100)), (Decimal(39000), Decimal(51000)))
"""Sums in EUR that a second look for split invoices is about, with room around them."""


@dataclass
class Taken:
    """What is in the world already, so that no invoice looks like another by accident."""

    alike: set[tuple[str, str, Decimal, date, str]] = field(default_factory=set)
    banded: dict[str, list[date]] = field(default_factory=dict)

    def admit(self, case: Case) -> bool:
        """Note a case, unless chance made it resemble one that is there."""
        mine = [c.invoice for c in case.claims if c.invoice.gross is not None and c.invoice.issue_date]
        keys = {key for invoice in mine for key in _likeness(invoice)}
        near = [(i.vendor_id, i.issue_date) for i in mine if i.issue_date and _in_band(i)]
        crowded = any(
            abs(on - other) < timedelta(days=15) for v, on in near for other in self.banded.get(v, ())
        )
        if crowded or keys & self.alike:
            return False
        self.alike |= keys
        for vendor, on in near:
            self.banded.setdefault(vendor, []).append(on)
        return True


def _likeness(invoice: Invoice) -> Iterator[tuple[str, str, Decimal, date, str]]:
    """What a look for duplicates by amount, day and digits would find the same."""
    digits = "".join(sorted(c for c in invoice.number if c.isdigit()))
    if invoice.gross is not None and invoice.issue_date is not None:
        yield invoice.vendor_id, invoice.currency, invoice.gross, invoice.issue_date, digits


def _in_band(invoice: Invoice) -> bool:
    worth = company(invoice.gross or Decimal(0), invoice.currency)
    return any(low <= worth <= high for low, high in BANDS)


def generate(
    seed: int,
    invoices: int,
    today: date,
    defect_share: float = 0.3,
    first: int = 0,
    *,
    hard_share: float = 0.4,
    formats: Formats = ("csv",),
    claimed: Sequence[Invoice] = (),
) -> World:
    """A world of exactly `invoices` invoices and credit notes in the weeks before `today`.

    `defect_share` of the trades have something wrong; of the others, `hard_share` are clean and look odd.
    Defects and odd ones are taken in turn, so that a world large enough has all of them. `formats`: what
    documents are written in; what a format cannot express is left out. Numbers count on from `first`.
    `claimed`: what vendors claim from before, which their statements of account name as well.
    """
    known = traders()
    cases = list(_cases(seed, invoices, today, defect_share, first, hard_share, formats, known))
    claims = [c.invoice for case, _ in cases for c in case.claims]
    moved = [trader.master(iban) for case, _ in cases for trader, iban in case.moved]
    return write(
        [(case, spec.syntax) for case, spec in cases],
        vendors=[t.master() for t in known.everybody()],
        moved=list({vendor.vendor_id: vendor for vendor in moved}.values()),
        statements=statements(known.everybody(), [*claimed, *claims], today),
        labels=labels_of(cases),
        formats=formats,
        chance=random.Random(f"{seed}/{first}/files"),  # noqa: S311 - a game, not a secret
    )


def case_of(name: str, seed: str, index: int, today: date) -> Case:
    """One case of a named kind, as the first attempt gives it."""
    return SCENARIOS[name].build(Maker(seed, index, today, traders()))


def _cases(
    seed: int,
    invoices: int,
    today: date,
    defect_share: float,
    first: int,
    hard_share: float,
    formats: Formats,
    known: Traders,
) -> Iterator[tuple[Case, Scenario]]:
    chance = random.Random(seed)  # noqa: S311 - a game, not a secret
    usable = [s for s in _ordered(chance) if s.syntax == "any" or "ubl" in formats]
    wrong = itertools.cycle([s for s in usable if s.kind != "clean"])
    odd = itertools.cycle([s for s in usable if s.kind == "clean" and s.name != PLAIN])
    taken = Taken()
    index = first
    while (left := first + invoices - index) > 0:
        turn = chance.random() < defect_share, chance.random() < hard_share
        spec = next(wrong) if turn[0] else next(odd) if turn[1] else SCENARIOS[PLAIN]
        if spec.claims > left:
            spec = SCENARIOS[PLAIN]
        case = _admitted(spec, seed, index, today, known, taken)
        if case is None:
            spec = SCENARIOS[PLAIN]
            case = _admitted(spec, seed, index, today, known, taken)
        if case is not None:
            yield case, spec
            index += len(case.claims)


def _ordered(chance: random.Random) -> list[Scenario]:
    """The everyday kinds first, so that a small world has those; the others in an order of this world's
    own."""
    others = [name for name in SCENARIOS if name not in EVERYDAY]
    chance.shuffle(others)
    return [SCENARIOS[name] for name in (*EVERYDAY, *others)]


def _admitted(
    spec: Scenario, seed: int, index: int, today: date, known: Traders, taken: Taken
) -> Case | None:
    """The first attempt that resembles nothing else; None where the world is too full for this kind."""
    for attempt in range(ATTEMPTS):
        case = spec.build(Maker(f"{seed}/{attempt}", index, today, known))
        if taken.admit(case):
            return case
    return None


def labels_of(cases: Iterable[tuple[Case, Scenario]]) -> tuple[Label, ...]:
    """What the invoices of these cases should come to."""
    return tuple(
        Label(c.invoice.number, c.vendor, spec.name, c.lane, c.holds, spec.kind, *counted_as(c.invoice))
        for case, spec in cases
        for c in case.claims
    )


__all__ = ["Label", "World", "case_of", "generate"]
