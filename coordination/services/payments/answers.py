"""What one line of the bank says of one payment. Pure, and without regard to any other line.

Money that has left, a promise to send it, a refusal, money that came back (all of it, or a part), or a
contradiction: another amount, a payment that was never given to the bank, an entry that says two things. What
follows from all lines together is `settling`.

Amounts: what was instructed decides, for it is ours, if what moved differs from it by no more than a bank
charges; without it what moved, and where that is another amount, whether charges that the bank states explain
the difference to the cent. What nothing explains is a contradiction and never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ...domain.amounts import format_amount
from ...translation.canonical import BankLine

Kind = Literal["left", "early", "rejected", "overtaken", "back", "promised", "charged", "conflict", "unknown"]
PROMISED = frozenset({"accepted", "pending"})

UNSTATED_SHARE = Decimal("0.05")
UNSTATED_MOST = Decimal("50.00")
"""By how much what moved may differ from what the bank says was instructed, without a word of why: this share
of the payment, and no more than this sum in its currency. So much a bank may charge; more is another payment,
and a person is asked."""


@dataclass(frozen=True, slots=True)
class Given:
    """A payment as the bank was given it. `since`: the moment from which its file existed; None: it was never
    given.

    `paid`: it stands as paid, be it by a person's word. `ended`: its invoice was rejected and cannot be held
    any more. `copies`: how many files of its run were written.
    """

    id: UUID
    batch: UUID
    run: int
    status: str
    amount: Decimal
    currency: str
    execute_on: date | None = None
    since: datetime | None = None
    ended: bool = False
    copies: int = 1

    @property
    def paid(self) -> bool:
        return self.status == "paid"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is made of one line about one payment. `came_back` is how much of it returned, `charges` what the
    bank kept or took; `asks`: a person is asked what to make of it."""

    kind: Kind
    note: str = ""
    came_back: Decimal | None = None
    charges: Decimal | None = None
    asks: bool = False


def classify(line: BankLine, given: Given, day: date | None, at: datetime) -> Reading:
    """What one line says of one payment. `day` is the day it speaks of, `at` when its message came."""
    if line.status == "unclear":
        return _conflict("The entry says both that money left and that it came in. Ask the bank.")
    if given.since is None:
        return _conflict(f"This payment was never given to the bank: it is {given.status}.")
    if at < given.since:
        return _conflict("This payment had not been given to the bank when it said so.")
    if line.status in PROMISED:
        return Reading("promised", "The bank has it; the money has not left yet.")
    if line.status == "charged":
        amount = (
            f" of {line.currency or given.currency} {format_amount(line.amount)}"
            if line.amount is not None
            else ""
        )
        return Reading("charged", f"The bank booked charges{amount} for it.")
    if line.status == "booked":
        return _left(line, given, day)
    if line.status == "rejected":
        off = _off(line.amount, line.currency, given) if line.scope == "payment" else ""
        return _conflict(off) if off else Reading("rejected", "The bank did not carry it out.")
    return _back(line, given)


def of_copy(found: Reading, given: Given, copy: int | None) -> Reading:
    """A refusal, where several files of the run were written: it stops the payment only if it is of the
    newest of them.

    The earlier ones are those that the bank was said to have lost: the payment is in the newest. `copy`: the
    file that the refusal names.
    """
    if found.kind != "rejected" or given.copies in {1, copy}:
        return found
    if copy is None:
        return _conflict(
            f"The bank refused it and does not say in which file; {given.copies} files of run {given.run}"
            " were written. Ask the bank which one it means."
        )
    if copy > given.copies:
        return _conflict(f"The bank refused it in a file of run {given.run} that was never written.")
    note = (
        f"The bank refused file {copy} of run {given.run}. The payment is in file {given.copies}, and waits"
        " for an answer to that."
    )
    return Reading("overtaken", note)


def _conflict(note: str) -> Reading:
    return Reading("conflict", note, asks=True)


def _off(amount: Decimal | None, currency: str, given: Given) -> str:
    """An amount of the bank that is another one, in words."""
    if amount is None or (amount == given.amount and currency in {"", given.currency}):
        return ""
    return (
        f"The bank says {currency or given.currency} {format_amount(amount)}; the payment is {given.currency}"
        f" {format_amount(given.amount)}."
    )


def _inside(line: BankLine) -> Decimal | None:
    """Charges that may be in the line's amount."""
    return None if line.charges_beside or not line.charges else line.charges


def _left(line: BankLine, given: Given, day: date | None) -> Reading:
    charges = line.charges or None
    if line.scope == "payment":
        if line.instructed is not None and line.instructed_currency == given.currency:
            off = _off(line.instructed, line.instructed_currency, given) or _unexplained(line, given)
        else:
            off, inside = _off(line.amount, line.currency, given), _inside(line)
            if line.amount is not None and inside is not None and line.amount - inside == given.amount:
                off = _off(line.amount - inside, line.currency, given)
        if off:
            return _conflict(off)
        charges = charges or _more(line, given)
    if day is not None and given.execute_on is not None and day < given.execute_on:
        note = f"The bank says that the money left on {day}; it was given {given.execute_on} as the day."
        return Reading("early", note, charges=charges, asks=True)
    took = (
        f" The bank took charges of {line.currency or given.currency} {format_amount(charges)}."
        if charges
        else ""
    )
    return Reading("left", f"The money has left.{took}", charges=charges)


def _unexplained(line: BankLine, given: Given) -> str:
    """How what moved differs from what was instructed by more than charges may, in words; empty if it does
    not.

    Charges that the bank states may be of any size where they explain the difference to the cent.
    """
    if line.amount is None or line.currency not in {"", given.currency}:
        return ""
    difference = abs(line.amount - given.amount)
    if line.amount - (_inside(line) or 0) == given.amount or difference <= _unstated(given):
        return ""
    return f"{_off(line.amount, line.currency, given)} It states no charges that explain the difference."


def _unstated(given: Given) -> Decimal:
    return min(UNSTATED_SHARE * given.amount, UNSTATED_MOST)


def _more(line: BankLine, given: Given) -> Decimal | None:
    """What more moved than was instructed, where the bank does not say why: charges in all but name."""
    if line.amount is None or line.currency != given.currency or line.amount <= given.amount:
        return None
    return line.amount - given.amount


def _back(line: BankLine, given: Given) -> Reading:
    """Money that came in with an id of ours: the whole payment, or a part of it."""
    if line.scope != "payment" or line.amount is None:
        return Reading("back", "The money came back.", came_back=given.amount)
    amount, currency, inside = line.amount, line.currency, _inside(line)
    if currency not in {"", given.currency} and line.instructed is not None:
        amount, currency = line.instructed, line.instructed_currency
    if inside is not None and amount + inside in {given.amount, line.instructed}:
        kept = f" {given.currency} {format_amount(inside)} of it was kept as charges."
        amount, note = amount + inside, f"The money came back.{kept}"
    else:
        inside, note = None, "The money came back."
    if currency not in {"", given.currency} or amount > given.amount or amount <= 0:
        return _conflict(_off(amount, currency, given))
    if amount < given.amount:
        note = (
            f"{given.currency} {format_amount(amount)} of {given.currency} {format_amount(given.amount)} came"
            " back."
        )
    return Reading("back", note, came_back=amount, charges=inside)
