"""How payments stand by everything that the bank has said of them. Pure: a function of a set of messages.

Nothing here depends on the order in which messages came, and the same word twice is the same word: what
follows is worked out anew from all lines whenever one more is known. So a sum that agrees with nothing waits,
and is right once the refusal came that explains it.

A payment goes from `exported` to `paid` to `refused` and never back: what was refused is paid again by
another payment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from ...domain.amounts import ZERO, format_amount
from ...translation.canonical import BankLine, BankReport
from .answers import PROMISED, Given, Reading, classify, of_copy
from .matching import Books, Match, copy_named, covered, shared, single

RANK = {"exported": 0, "paid": 1, "refused": 2}


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the bank as it was taken in. `format` is its name and version, such as
    `camt.054.001.08`."""

    key: UUID
    report: BankReport
    format: str
    at: datetime

    @property
    def kind(self) -> str:
        """Which message: two of one kind tell of two things, two of different kinds may tell of one."""
        return self.format[:8]

    def day(self, line: BankLine) -> date | None:
        """The day that a line speaks of; where it says none, the day of the message."""
        return line.day or (self.report.created_at.date() if self.report.created_at else None)


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One line about one payment (None: about none of ours), and what is made of it."""

    message: Message
    position: int
    line: BankLine
    payment: Given | None
    reading: Reading

    @property
    def day(self) -> date | None:
        return self.message.day(self.line)

    @property
    def place(self) -> tuple[UUID, int]:
        """Its message, and where it stands in it."""
        return self.message.key, self.position


@dataclass(slots=True)
class Outcome:
    """How one payment stands. `returned`: so much of what was paid came back, and the rest stays paid.

    `contradicted`: it was refused, and it left. `told_by` is the line that a person is told of, `left_by` the
    one that says that the money left. `left_again`: the lines by which it left once more than it should,
    `one_or_two` those of a return that may be another one or the same.
    """

    status: str = "exported"
    returned: Decimal | None = None
    came_back: bool = False
    contradicted: bool = False
    excess: Decimal | None = None
    told_by: BankStatement | None = None
    left_by: BankStatement | None = None
    last_back: BankStatement | None = None
    left_again: frozenset[tuple[UUID, int]] = frozenset()
    one_or_two: frozenset[tuple[UUID, int]] = frozenset()

    @property
    def words(self) -> tuple[object, ...]:
        """What a person is told of it hangs on this."""
        line = self.told_by.line if self.told_by else None
        told = (line.status, line.code, line.reason, line.text) if line else ()
        return self.status, self.returned, self.came_back, self.contradicted, *told


@dataclass(slots=True)
class Settlement:
    """All payments and all lines."""

    outcomes: dict[UUID, Outcome]
    said: list[BankStatement]


def settle(messages: Iterable[Message], payments: Sequence[Given]) -> Settlement:
    """How these payments stand by these messages."""
    books = Books(payments)
    ordered = sorted(messages, key=lambda m: (m.report.created_at or m.at, m.at, m.key))
    exact = {m.key: _singles(m, books) for m in ordered}
    found = [s for m in ordered for s in exact[m.key]]
    loose = frozenset(
        s.payment.id for s in found if s.payment and s.reading.kind in {"left", "rejected", "back"}
    )
    statuses = [s for m in ordered for s in _statuses(m, books, exact[m.key])]
    found += _nearest(statuses, found)
    loose |= frozenset(s.payment.id for s in statuses if s.payment and s.reading.kind == "rejected")
    found += [s for m in ordered for s in _sums(m, books, exact[m.key], loose)]
    about: dict[UUID, list[BankStatement]] = defaultdict(list)
    for s in found:
        if s.payment is not None:
            about[s.payment.id].append(s)
    outcomes = {p.id: _outcome(p, about[p.id]) for p in payments}
    return Settlement(outcomes, [_together(s, outcomes) for s in found])


def _by_day(s: BankStatement) -> tuple[str, bool, datetime, int]:
    """By day, and money that leaves before money that comes back: a file may tell both of one payment."""
    created = s.message.report.created_at or s.message.at
    return str(s.day or ""), s.reading.kind in {"back", "rejected"}, created, s.position


# --- lines --------------------------------------------------------------------------------------------------


def _singles(message: Message, books: Books) -> list[BankStatement]:
    lines = enumerate(message.report.lines, 1)
    matches = shared([single(n, line, books) for n, line in lines if line.scope == "payment"])
    return [_statement(message, m) for m in matches]


def _statement(message: Message, found: Match) -> BankStatement:
    """What one line says, read by itself."""
    if found.payment is None:
        # statements of an account tell of much that is not ours, answers to our files of nothing else
        asks = message.report.kind == "payment_status" or found.ours
        reading = Reading("unknown", found.why, asks=asks)
    elif found.conflict:
        reading = Reading("conflict", found.why, asks=found.line.status not in PROMISED)
    else:
        word = classify(found.line, found.payment, message.day(found.line), message.at)
        reading = of_copy(word, found.payment, copy_named(found.line))
    return BankStatement(message, found.position, found.line, found.payment, reading)


def _statuses(message: Message, books: Books, exact: Sequence[BankStatement]) -> list[BankStatement]:
    """Status reports of a group or a file, for those of its payments of which the message says nothing
    nearer."""
    if message.report.kind != "payment_status":
        return []
    spoken = {s.payment.id for s in exact if s.payment}
    out: list[BankStatement] = []
    for scope in ("group", "file"):
        now: set[UUID] = set()
        for n, line in enumerate(message.report.lines, 1):
            if line.scope != scope:
                continue
            members = books.members(line)
            if not members:
                out.append(_statement(message, Match(n, line, why=NO_FILE)))
            meant = [p for p in members if p.id not in spoken]
            out += [_statement(message, Match(n, line, p)) for p in meant]
            now |= {p.id for p in meant}
        spoken |= now
    return out


NO_FILE = "It names no payment file of ours."
NEARNESS = {"payment": 0, "group": 1, "file": 2}


def _nearest(statuses: Sequence[BankStatement], exact: Sequence[BankStatement]) -> list[BankStatement]:
    """Without words that a file or a group was carried out, for payments of which a nearer word says that
    they were not."""
    nearest: dict[UUID, int] = {}
    for s in (*exact, *statuses):
        if s.payment is not None and s.reading.kind == "rejected":
            level = NEARNESS[s.line.scope]
            nearest[s.payment.id] = min(level, nearest.get(s.payment.id, level))
    return [
        s
        for s in statuses
        if s.payment is None
        or s.line.status != "booked"
        or nearest.get(s.payment.id, len(NEARNESS)) >= NEARNESS[s.line.scope]
    ]


def _sums(
    message: Message, books: Books, exact: Sequence[BankStatement], loose: frozenset[UUID]
) -> list[BankStatement]:
    """Bookings of a group or a file as one sum."""
    if message.report.kind == "payment_status":
        return []
    spoken = {s.payment.id for s in exact if s.payment}
    out: list[BankStatement] = []
    for n, line in enumerate(message.report.lines, 1):
        if line.scope == "payment":
            continue
        members = books.members(line)
        if not members:
            out.append(_statement(message, Match(n, line, why=NO_FILE)))
            continue
        whole = frozenset(p.id for p in members)
        ids, off = (whole, "") if line.status == "charged" else covered(line, members, loose)
        if off and members[0].since is not None:
            out.append(_statement(message, Match(n, line, members[0], off, conflict=True)))
            continue
        # a booked sum that agrees with all of them is of those too that the message tells of one by one: then
        # it left twice
        meant = [p for p in members if p.id in ids or off]
        if off or line.status != "booked":
            meant = [p for p in meant if p.id not in spoken]
        out += [_statement(message, Match(n, line, p)) for p in meant]
    return out


# --- one payment --------------------------------------------------------------------------------------------


def _outcome(payment: Given, said_: Sequence[BankStatement]) -> Outcome:
    """How a payment stands by all that was said of it."""
    words = sorted((s for s in said_), key=_by_day)
    left = [s for s in words if s.reading.kind == "left"]
    early = [s for s in words if s.reading.kind == "early"]
    rejected = [s for s in words if s.reading.kind == "rejected"]
    back = [s for s in words if s.reading.kind == "back"]
    total = came_back(back)
    made = Outcome(
        left_by=next(iter(left + early), None),
        last_back=next(reversed(back), None),
        left_again=_left_again([s for s in words if s.reading.kind in {"left", "early"}]),
    )
    if total < payment.amount:
        made.one_or_two = _one_or_two(back, payment)
    if total >= payment.amount:
        whole = [s for s in back if s.reading.came_back == payment.amount] or back
        made.status, made.came_back, made.told_by = "refused", True, whole[0]
        over = total - payment.amount
        # the whole of it told once more, by another day or another message, is told once
        made.excess = over if over and over % payment.amount else None
    elif rejected:
        made.status, made.told_by = "refused", rejected[0]
        made.contradicted = bool(left or early or back or payment.paid)
    elif back:
        made.status, made.returned, made.told_by = "paid", total, back[-1]
    elif left:
        made.status = "paid"
    return made


def _left_again(words: Sequence[BankStatement]) -> frozenset[tuple[UUID, int]]:
    """Of lines that all say that the money of one payment left, those by which it left once more than was
    known.

    As with returns, two entries of one message are two, and so are two references of the bank in messages of
    one kind; the same entry in messages of different kinds, or in a message that comes again, is one. Two
    files of one run that both were carried out are two as well.
    """
    entries: dict[UUID, int] = defaultdict(int)
    references: dict[str, set[str]] = defaultdict(set)
    copies: set[int] = set()
    again, known = set(), 1
    for s in words:
        if (copy := copy_named(s.line)) is not None:
            copies.add(copy)
        if s.message.report.kind != "payment_status":
            entries[s.message.key] += 1
            references[s.message.kind] |= {s.line.bank_reference} - {""}
        times = max(entries[s.message.key], len(references[s.message.kind]), len(copies))
        if times > known:
            again.add(s.place)
            known = times
    return frozenset(again)


def came_back(words: Sequence[BankStatement]) -> Decimal:
    """How much of a payment came back, each return once.

    Two lines of one message are two returns, and so are two days in messages of one kind. Messages of
    different kinds tell of the same returns: what one of them tells most of counts. A line without a day may
    be of any day.
    """
    return sum((amount * _returns(group) for amount, group in _by_amount(words).items()), ZERO)


def _by_amount(words: Sequence[BankStatement]) -> dict[Decimal, list[BankStatement]]:
    found: dict[Decimal, list[BankStatement]] = defaultdict(list)
    for s in words:
        found[_amount(s)].append(s)
    return found


def _returns(group: Sequence[BankStatement]) -> int:
    """How often money came back of which one amount is told."""
    kinds: dict[str, list[BankStatement]] = defaultdict(list)
    for s in group:
        kinds[s.message.kind].append(s)
    return max(max(_of_days(lines), _times(lines)) for lines in kinds.values())


def _of_days(group: Sequence[BankStatement]) -> int:
    """The same by the days alone, whatever messages tell of them: lines of one reference are of its first
    day."""
    first: dict[str, str] = {}
    for s in group:
        if s.line.bank_reference and s.line.day:
            day = str(s.line.day)
            first[s.line.bank_reference] = min(day, first.get(s.line.bank_reference, day))
    days: dict[str, list[BankStatement]] = defaultdict(list)
    for s in group:
        if day := first.get(s.line.bank_reference, str(s.line.day or "")):
            days[day].append(s)
    return sum(_times(lines) for lines in days.values())


def _one_or_two(words: Sequence[BankStatement], payment: Given) -> frozenset[tuple[UUID, int]]:
    """The lines that tell of a part under another day than a message of another kind did: one return, or two?
    One counts."""
    doubtful = set()
    for amount, group in _by_amount(words).items():
        if amount < payment.amount and _of_days(group) > _returns(group):
            prefixes = (group[: n + 1] for n in range(len(group)))
            doubtful.add(next(g[-1].place for g in prefixes if _of_days(g) > _returns(g)))
    return frozenset(doubtful)


def _times(group: Sequence[BankStatement]) -> int:
    """How often, by the lines of one message and by the bank's references in messages of one kind."""
    by_message: dict[UUID, int] = defaultdict(int)
    references: dict[str, set[str]] = defaultdict(set)
    for s in group:
        by_message[s.message.key] += 1
        references[s.message.kind].add(s.line.bank_reference)
    return max(*by_message.values(), *(len(found - {""}) for found in references.values()))


def _amount(s: BankStatement) -> Decimal:
    return s.reading.came_back or ZERO


ONE_OR_TWO = "One return or two? It counts as one until the account shows two: look at it."
LEFT_TWICE = (
    "The money of this payment left twice. Look at the account, and ask the bank or the vendor to give one of"
    " them back."
)

# --- lines in the light of all ------------------------------------------------------------------------------


def _together(s: BankStatement, outcomes: dict[UUID, Outcome]) -> BankStatement:
    """A line as it reads once everything else is known: what explains itself asks nobody any more."""
    if s.payment is None or s.reading.kind in {"conflict", "unknown", "promised", "charged", "overtaken"}:
        return s
    outcome, kind = outcomes[s.payment.id], s.reading.kind
    if kind in {"left", "early"} and s.place in outcome.left_again:
        return replace(s, reading=replace(s.reading, kind="conflict", note=LEFT_TWICE, asks=True))
    if kind in {"left", "early"} and outcome.contradicted:
        note = "It was refused, and the bank says too that the money has left. Look at the account first."
        return replace(s, reading=replace(s.reading, kind="conflict", note=note, asks=s.payment.ended))
    if kind == "early" and (outcome.status != "exported" or s.payment.paid):
        return replace(s, reading=replace(s.reading, kind="left", asks=False))
    if kind == "back" and s.place in outcome.one_or_two:
        note = (
            f"{s.payment.currency} {format_amount(_amount(s))} came back on two days, as messages of two"
            f" kinds say. {ONE_OR_TWO}"
        )
        return replace(s, reading=replace(s.reading, kind="conflict", note=note, asks=True))
    if kind == "back" and outcome.excess is not None:
        total, ours = s.payment.amount + outcome.excess, s.payment.amount
        note = (
            f"{s.payment.currency} {format_amount(total)} came back in all; the payment was"
            f" {s.payment.currency} {format_amount(ours)}."
        )
        last = outcome.last_back
        asks = last is not None and last.place == s.place
        return replace(s, reading=replace(s.reading, kind="conflict", note=note, asks=asks))
    return s
