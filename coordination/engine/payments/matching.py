"""Which payments a bank's message is about, by the ids that we gave: end-to-end id, group, message. Never by guess."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from ...agents.amounts import said
from ...models import Payment
from ...translation.canonical import BankLine, BankReport
from ...translation.pain001 import group_id, message_id

HEX = 32
EXECUTED = ("exported", "paid", "refused")


@dataclass(frozen=True, slots=True)
class Match:
    """One line and the payment it is about; without a payment, `why` it is about none. `position` counts from 1."""

    position: int
    line: BankLine
    payment: Payment | None = None
    why: str = ""
    conflict: bool = False


def concerned(report: BankReport) -> set[UUID]:
    """Keys of the runs that a message can be about; to be locked before it is read closely."""
    keys = {key for line in report.lines if (key := _uuid(line.end_to_end_id))}
    runs = set(Payment.objects.filter(id__in=keys).values_list("batch_id", flat=True))
    named = {key for line in report.lines for text in (line.message_id, line.group_id) if (key := _run(text))}
    return runs | set(Payment.objects.filter(batch__in=named).values_list("batch_id", flat=True))


def match(report: BankReport, runs: Iterable[UUID]) -> list[Match]:
    """Every line with the payments it is about. Of several lines of one message the nearest to a payment counts."""
    payments = list(
        Payment.objects.filter(batch__in=list(runs))
        .select_related("batch", "invoice", "vendor", "terms")
        .order_by("id")
    )
    books = _Books(payments)
    exact = [_single(n, line, books) for n, line in enumerate(report.lines, 1) if line.scope == "payment"]
    spoken = {m.payment.id for m in exact if m.payment}
    out = list(exact)
    for scope in ("group", "file"):
        for n, line in enumerate(report.lines, 1):
            if line.scope == scope:
                found = _sum(n, line, books, spoken)
                out += found
                spoken |= {m.payment.id for m in found if m.payment}
    return sorted(out, key=_in_order)


def _in_order(found: Match) -> tuple[str, bool, int]:
    """By day, and money that leaves before money that comes back: a file may tell both of one payment."""
    return str(found.line.day or ""), found.line.status in {"returned", "credited"}, found.position


class _Books:
    """The payments of the runs concerned, by every id that a bank may give back."""

    def __init__(self, payments: Sequence[Payment]) -> None:
        self.by_id = {p.id: p for p in payments}
        self.by_message: dict[str, list[Payment]] = defaultdict(list)
        self.by_group: dict[str, list[Payment]] = defaultdict(list)
        for p in payments:
            if p.status == "cancelled" and p.batch.status != "cancelled":
                continue  # taken out before it was signed: no file has it
            for copy in range(1, (p.batch.copy or 1) + 1):
                self.by_message[message_id(p.batch_id.hex, copy)].append(p)
        for message, group in self.by_message.items():
            days = sorted({p.terms.execute_on for p in group})
            copy = int(message[1]) if message[1].isdigit() else 1
            for p in group:
                name = group_id(p.batch_id.hex, days.index(p.terms.execute_on) + 1, len(days), copy)
                self.by_group[name].append(p)
            self.by_group.setdefault(message, list(group))


def _single(position: int, line: BankLine, books: _Books) -> Match:
    key = _uuid(line.end_to_end_id)
    payment = books.by_id.get(key) if key else None
    if payment is None:
        return Match(position, line, why="It names no payment of ours.")
    for said_run, text in ((_run(line.message_id), "file"), (_run(line.group_id), "group")):
        if said_run is not None and said_run != payment.batch_id:
            why = f"It names a payment of run {payment.batch.number} in a {text} of another run."
            return Match(position, line, payment, why, conflict=True)
    return Match(position, line, payment)


def _sum(position: int, line: BankLine, books: _Books, spoken: set[UUID]) -> list[Match]:
    """A line for many: right for each of them if its own count and sum are theirs."""
    found = books.by_group.get(line.group_id, []) if line.group_id else []
    found = found or books.by_message.get(line.message_id, [])
    if not found:
        return [Match(position, line, why="It names no payment file of ours.")]
    executed = [p for p in found if p.status in EXECUTED] or found
    off = _off(line, executed) and _off(line, [p for p in executed if p.status != "refused"])
    if off:
        return [Match(position, line, executed[0], off, conflict=True)]
    meant = [p for p in executed if p.id not in spoken and not _left_out(line, executed, p)]
    return [Match(position, line, p) for p in meant]


def _off(line: BankLine, payments: Sequence[Payment]) -> str:
    """How a sum differs from the payments it should be of, in words; empty if it does not, or says no sum."""
    total = sum((p.amount for p in payments), Decimal(0))
    if line.count is not None and line.count != len(payments):
        return f"The bank says {line.count} payments; the run has {len(payments)}."
    if line.amount is not None and line.amount != total:
        return f"The bank says {line.currency} {said(line.amount)}; the run has {said(total)}."
    return ""


def _left_out(line: BankLine, payments: Sequence[Payment], one: Payment) -> bool:
    """A booked sum that agrees only without the refused ones says nothing of those."""
    return line.status == "booked" and one.status == "refused" and bool(_off(line, payments))


def _uuid(text: str) -> UUID | None:
    """The key in an id of ours: 32 hexadecimal digits, in whatever case the bank writes them."""
    bare = text.strip().lower()
    if len(bare) != HEX or not set(bare) <= set("0123456789abcdef"):
        return None
    return UUID(bare)


def _run(text: str) -> UUID | None:
    """The run in a message id (`CS-`, of a later file `C2-` to `C9-`, and its key) or in a group id (its key and three signs)."""
    bare = text.strip()
    if re.match(r"C[S2-9]-", bare.upper()):
        return _uuid(bare[3:])
    return _uuid(bare[:HEX]) if len(bare) == HEX + 3 else None
