"""What a bank's word does to a payment. Pure: one table of cases, every one of them said in words.

Money that has left is `paid`; a promise to send it changes nothing. A refusal or a return makes the payment `refused`.
What contradicts the payment (another amount, never given to the bank, booked after it was refused) changes nothing and
is reported. The same word twice is known, so that repeated, partial and late messages do no harm in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from ...agents.amounts import said
from ...translation.canonical import BankLine

Result = Literal["applied", "noted", "known", "unknown", "conflict"]
BACK = frozenset({"rejected", "returned", "credited"})
PROMISED = frozenset({"accepted", "pending"})


@dataclass(frozen=True, slots=True)
class Known:
    """A payment as it stands. `came_back`: it left and was returned, where a refusal says that it never left.

    `told_on`: the day of the bank's word that its status stands on.
    """

    status: str
    amount: Decimal
    currency: str
    came_back: bool = False
    told_on: date | None = None
    execute_on: date | None = None
    """The day on which it is to leave."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is made of one line. `status` is the payment's new one; `alarm`: a person has to look before money moves;
    `asks`: a person is asked what to make of it; `early`: asked whether it left before its day."""

    result: Result
    note: str = ""
    status: str = ""
    alarm: bool = False
    asks: bool = False
    early: bool = False


def read(line: BankLine, known: Known) -> Reading:
    """What one line about one payment does."""
    if line.status == "unclear":
        return Reading(
            "conflict", "The entry says both that money left and that it came in. Ask the bank.", asks=True
        )
    if known.status in {"proposed", "approved", "cancelled"}:
        return Reading(
            "conflict", f"This payment was never given to the bank: it is {known.status}.", asks=True
        )
    if line.status in PROMISED:
        return _promised(known)
    off = _amount_off(line, known)
    if line.status == "booked":
        return _booked(line, known, off)
    return _came_back(line, known, off)


def _amount_off(line: BankLine, known: Known) -> str:
    """The bank's amount where it is another one, in words."""
    if line.scope != "payment" or line.amount is None:
        return ""
    if line.amount == known.amount and line.currency in {"", known.currency}:
        return ""
    theirs, ours = f"{line.currency} {said(line.amount)}", f"{known.currency} {said(known.amount)}"
    return f"The bank says {theirs}; the payment is {ours}."


def _promised(known: Known) -> Reading:
    if known.status == "exported":
        return Reading("noted", "The bank has it; the money has not left yet.")
    return Reading("known", f"It is {known.status} already.")


def _booked(line: BankLine, known: Known, off: str) -> Reading:
    if off:
        return Reading("conflict", off, asks=True)
    if known.status == "exported" and _before(line.day, known.execute_on):
        note = f"The bank says that the money left on {line.day}; it was given {known.execute_on} as the day."
        return Reading("conflict", note, asks=True, early=True)
    if known.status == "exported":
        return Reading("applied", "The money has left.", "paid")
    if known.status == "paid":
        return Reading("known", "It is paid already.")
    if known.came_back or _before(line.day, known.told_on):
        return Reading("known", "It left before it came back.")
    return Reading(
        "conflict", "It was refused, and now the bank says that the money has left. Look at the account first.",
        alarm=True,
    )  # fmt: skip


def _before(day: date | None, other: date | None) -> bool:
    return day is not None and other is not None and day < other


def _came_back(line: BankLine, known: Known, off: str) -> Reading:
    if known.status == "refused":
        return Reading("known", "It is refused already.")
    less = line.amount is not None and line.amount < known.amount and line.currency in {"", known.currency}
    if off and not (less and line.status in {"returned", "credited"}):
        return Reading("conflict", off, asks=True)
    how = "The bank did not carry it out." if line.status == "rejected" else "The money came back."
    return Reading("applied", f"{how} {off}".strip(), "refused")
