"""What a statement of account is reconciled from and to: frozen facts in, typed results out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from ..domain.amounts import ENDED, ZERO

Kind = Literal[
    "matched",
    "missing_invoice",
    "unapplied_credit",
    "duplicate_payment",
    "wrong_amount",
    "timing",
    "disputed",
    "unmatched",
]
EXPLAINED = frozenset({"matched", "timing", "disputed"})
"""Kinds that ask nobody anything. `disputed`: the line claims or grants what a person of ours rejected or an
agent set aside as no claim; that was decided and is not to be decided again because the vendor still lists
it."""


@dataclass(frozen=True, slots=True)
class OurPayment:
    """A living payment of ours for one invoice. `on`: the day the bank booked it, else the day it is carried
    out.

    `credits` are (credit note, amount) taken off it.
    """

    id: str
    run: int
    amount: Decimal
    discount: Decimal
    status: str
    on: date | None
    credits: tuple[tuple[str, Decimal], ...] = ()

    @property
    def left(self) -> bool:
        """Has the money left?"""
        return self.status == "paid"


@dataclass(frozen=True, slots=True)
class OurDocument:
    """An invoice or credit note as we have it. Amounts are signed as we owe them: a credit is negative.

    `asked` differs from `amount` by what was prepaid. `back` came back of what was paid, and is not on its
    way again. `used` is how much of a credit was taken off payments that have left, `used_on` the last of
    their days; `names` are the numbers of the invoices that a credit names.
    """

    id: str
    number: str
    key: str
    issued: date | None
    currency: str
    amount: Decimal
    asked: Decimal
    state: str
    held: tuple[str, ...] = ()
    payment: OurPayment | None = None
    used: Decimal = ZERO
    used_on: date | None = None
    names: tuple[str, ...] = ()
    back: Decimal | None = None

    @property
    def is_credit(self) -> bool:
        return self.amount < 0

    @property
    def is_paid(self) -> bool:
        return self.state == "paid" or (self.payment is not None and self.payment.left)

    @property
    def open(self) -> Decimal:
        """What is still to be paid on it, or of it to be taken off."""
        if self.state in ENDED or (self.is_paid and not self.is_credit):
            return ZERO if self.state in ENDED else self.back or ZERO
        return self.asked + self.used


@dataclass(frozen=True, slots=True)
class StatedLine:
    """One line of the statement, as the vendor wrote it; the amount as the vendor says that we owe it."""

    position: int
    reference: str
    on: date | None
    type: str
    amount: Decimal | None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stated:
    """The statement. Totals and balance are those it states, whether or not its lines agree."""

    number: str
    vendor: str
    on: date | None
    currency: str
    balance: Decimal | None
    total_debit: Decimal | None
    total_credit: Decimal | None
    lines: tuple[StatedLine, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a line may have meant. Offered to a person, never joined; without a `document` it is not ours."""

    number: str
    why: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of one line. `ours` is what our books say of it, `difference` theirs less ours."""

    position: int
    kind: Kind
    sentence: str
    theirs: Decimal
    ours: Decimal
    document: str = ""
    payment: str = ""
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def difference(self) -> Decimal:
        return self.theirs - self.ours


@dataclass(frozen=True, slots=True)
class OwnItem:
    """Something open in our books that the statement lacks, or knows less of. `amount` is what it adds to our
    balance."""

    document: str
    number: str
    on: date | None
    amount: Decimal
    sentence: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The statement does not agree with itself."""

    what: str
    stated: Decimal
    computed: Decimal


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A whole statement, line by line. Always: sum of differences - sum of own items = their sum - our
    balance."""

    lines: tuple[LineResult, ...]
    own: tuple[OwnItem, ...]
    contradictions: tuple[Contradiction, ...]
    their_sum: Decimal
    our_balance: Decimal

    def of(self, *kinds: Kind) -> tuple[LineResult, ...]:
        """The lines of these kinds."""
        return tuple(line for line in self.lines if line.kind in kinds)

    @property
    def differences(self) -> tuple[LineResult, ...]:
        """Lines that somebody has to look at: neither agreed nor a matter of days."""
        return tuple(line for line in self.lines if line.kind not in EXPLAINED)

    @property
    def agrees(self) -> bool:
        return not (self.differences or self.own or self.contradictions)
