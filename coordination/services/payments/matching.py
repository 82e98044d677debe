"""Which payments a bank's line is about, by the ids that we gave: end-to-end id, group, message. Never by
guess.

A sum is for the payments of its file or group if it agrees with them in number and total: all of them, or all
but some that were refused or were booked one by one. Pure; what the tables know is handed in.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from uuid import UUID

from audit.words import how_many

from ...domain.amounts import ZERO, format_amount
from ...translation.canonical import BankLine, BankReport
from ...translation.pain001 import group_id, message_id
from .answers import Given

HEX = 32
VERSION = 12
"""Where a UUID keeps its version: our keys are of version 7."""
MOST_LOOSE = 14
"""Payments of one group of which a sum may leave out any number; of more, all or none."""


@dataclass(frozen=True, slots=True)
class Match:
    """One line and the payment it is about; without a payment, `why` it is about none. `position` counts from
    1.

    `conflict`: the ids contradict each other, as `why` says. `ours`: it names what can only be an id of ours.
    """

    position: int
    line: BankLine
    payment: Given | None = None
    why: str = ""
    conflict: bool = False
    ours: bool = False


def keys_named(report: BankReport) -> tuple[set[UUID], set[UUID]]:
    """(payments, runs) whose keys stand in a message."""
    payments = {key for line in report.lines if (key := _uuid(line.end_to_end_id))}
    runs = {key for line in report.lines for text in (line.message_id, line.group_id) if (key := _run(text))}
    return payments, runs


class Books:
    """The payments that messages can be about, by every id that a bank may give back."""

    def __init__(self, payments: Sequence[Given]) -> None:
        self.by_id = {p.id: p for p in payments}
        self.by_message: dict[str, list[Given]] = defaultdict(list)
        self.by_group: dict[str, list[Given]] = defaultdict(list)
        by_batch: dict[UUID, list[Given]] = defaultdict(list)
        for p in sorted(payments, key=lambda p: p.id):
            by_batch[p.batch].append(p)
        for batch, members in by_batch.items():
            standing = [p for p in members if p.status != "cancelled"]  # no file has what was taken out
            for copy in range(1, max(p.copies for p in members) + 1):
                self._add(batch, standing or members, copy)

    def _add(self, batch: UUID, members: Sequence[Given], copy: int) -> None:
        message = message_id(batch.hex, copy)
        self.by_message[message] = list(members)
        days = sorted({p.execute_on for p in members if p.execute_on is not None})
        for p in members:
            place = days.index(p.execute_on) + 1 if p.execute_on in days else 1
            self.by_group[group_id(batch.hex, place, len(days), copy)].append(p)
        self.by_group.setdefault(message, list(members))

    def members(self, line: BankLine) -> list[Given]:
        """The payments of the group that a sum names, else of its file."""
        found = self.by_group.get(line.group_id, []) if line.group_id else []
        found = found or self.by_message.get(line.message_id, [])
        return [p for p in found if p.since is not None] or found


def single(position: int, line: BankLine, books: Books) -> Match:
    """A line about one payment."""
    key = _uuid(line.end_to_end_id)
    payment = books.by_id.get(key) if key else None
    files = ((_run(line.message_id), "file"), (_run(line.group_id), "group"))
    if payment is None:
        ours = any(run for run, _ in files) or (key is not None and key.hex[VERSION] == "7")
        return Match(position, line, why="It names no payment of ours.", ours=ours)
    for said_run, text in files:
        if said_run is not None and said_run != payment.batch:
            why = f"It names a payment of run {payment.run} in a {text} of another run."
            return Match(position, line, payment, why, conflict=True)
    return Match(position, line, payment)


def shared(lines: Sequence[Match]) -> list[Match]:
    """Lines about single payments, those of an entry that states no amounts checked against its sum."""
    entries: dict[int, list[Match]] = defaultdict(list)
    for m in lines:
        if m.line.entry and m.line.entry_amount is not None:
            entries[m.line.entry].append(m)
    off = {n: why for n, group in entries.items() if (why := _entry_off(group))}
    return [
        (
            replace(m, why=off[m.line.entry], conflict=True)
            if m.payment is not None and m.line.amount is None and m.line.entry in off
            else m
        )
        for m in lines
    ]


def _entry_off(group: Sequence[Match]) -> str:
    """How an entry of several payments differs from them, in words, where they bring no amounts of their
    own."""
    if all(m.line.amount is not None for m in group):
        return ""
    stated, first = group[0].line.entry_amount or ZERO, group[0].line
    total = sum((_amount(m) for m in group), ZERO)
    inside = ZERO if first.charges_beside else first.charges or ZERO
    if all(m.payment or m.line.amount is not None for m in group) and total in {
        stated,
        stated - inside,
        stated + inside,
    }:
        return ""
    return (
        f"The entry is over {format_amount(stated)}; what it names of ours comes to {format_amount(total)}."
    )


def _amount(m: Match) -> Decimal:
    return m.line.amount if m.line.amount is not None else m.payment.amount if m.payment else ZERO


def covered(line: BankLine, members: Sequence[Given], loose: frozenset[UUID]) -> tuple[frozenset[UUID], str]:
    """The payments that a sum is certainly of, or in words how it differs from them.

    It may leave out any of the `loose` ones: those that were refused, and those that have a booking of their
    own. Where more than one choice of them agrees, it is certain only of those that stand in each.
    """
    free = [p for p in members if p.id in loose]
    fixed = [p for p in members if p.id not in loose]
    off = _off(line, len(members), sum((p.amount for p in members), ZERO))
    if not off or not free:
        return (frozenset() if off else frozenset(p.id for p in members)), off
    sizes = range(len(free)) if len(free) <= MOST_LOOSE else (0,)
    base = sum((p.amount for p in fixed), ZERO)
    fitting = [
        {p.id for p in kept}
        for size in sizes
        for kept in combinations(free, size)
        if not _off(line, len(fixed) + size, base + sum((p.amount for p in kept), ZERO))
    ]
    if not fitting:
        return frozenset(), off
    return frozenset({p.id for p in fixed} | set.intersection(*fitting)), ""


def _off(line: BankLine, count: int, total: Decimal) -> str:
    """How a sum differs from the payments it should be of, in words; empty if it does not, or says no sum."""
    if line.count is not None and line.count != count:
        return f"The bank says {how_many(line.count, 'payment')}; the run has {count}."
    inside = ZERO if line.charges_beside else line.charges or ZERO
    if line.amount is not None and total not in {line.amount, line.amount - inside}:
        return (
            f"The bank says {line.currency} {format_amount(line.amount)}; the run has {format_amount(total)}."
        )
    return ""


def _uuid(text: str) -> UUID | None:
    """The key in an id of ours: 32 hexadecimal digits, in whatever case the bank writes them."""
    bare = text.strip().lower()
    if len(bare) != HEX or not set(bare) <= set("0123456789abcdef"):
        return None
    return UUID(bare)


def copy_named(line: BankLine) -> int | None:
    """Which file of its run a line names, counted from 1, by the id of the message or of the group.

    None where it names none, or one file by the message and another by the group.
    """
    found = {copy for text in (line.message_id, line.group_id) if (copy := _copy(text))}
    return found.pop() if len(found) == 1 else None


def _copy(text: str) -> int | None:
    """Which file an id of ours is of: `CS-` or three digits are the first, `C2-` or `B` and two signs the
    second."""
    bare = text.strip().upper()
    if _run(bare) is None:
        return None
    if not _is_group(bare):
        return 1 if bare[1] == "S" else int(bare[1])
    sign = bare[HEX]
    return 1 if sign.isdigit() else ord(sign) - ord("A") + 1


def _is_group(bare: str) -> bool:
    return re.match(r"C[S2-9]-", bare) is None


def _run(text: str) -> UUID | None:
    """The run in a message id (`CS-`, of a later file `C2-` to `C9-`, and its key) or in a group id (its key
    and three signs)."""
    bare = text.strip()
    if not _is_group(bare.upper()):
        return _uuid(bare[3:])
    return _uuid(bare[:HEX]) if len(bare) == HEX + 3 else None
