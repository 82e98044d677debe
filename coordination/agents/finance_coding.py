"""finance.coding: account and cost centre of each line, from how people coded this vendor's lines before.

A wider basis is asked only where a narrower one is silent, or to strengthen what it says: lines of the item,
lines with a like description, the kinds of goods of the vendor. How sure an answer is follows from counts
alone: the lower end of Wilson's 95 % interval for the share of lines that were coded so. One of one is a
fifth sure, 30 of 30 nine tenths.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import ClassVar

from rapidfuzz import fuzz, process

from ..domain.facts import Coded, Snapshot
from ..domain.key_figures import Share
from ..domain.proposal import Agent, Contract, LineCoding, Proposal, least
from ..translation.canonical import Invoice, InvoiceLine
from .order_index import codes, key, words

Target = tuple[str, str]
"""Account and cost centre."""

LIKE = 85
"""rapidfuzz `token_set_ratio` from which two descriptions are taken for the same kind of goods."""
TRUST_IN_LIKENESS = Decimal("0.9")
"""Likeness of descriptions picks wrong goods now and then, so what rests on it counts for less."""
TRUST_AFTER_CHANGE = Decimal("0.5")
"""The newest line was coded otherwise: a change has begun or an exception was made, and a person has to say
which."""
A_NEW_WAY = 3
"""So many newest lines of the same goods, all coded otherwise than before, are how it is done now."""
LEAST = Decimal("0.001")
LONGEST = 200
"""Characters of a description that are compared."""


@dataclass(frozen=True, slots=True)
class Votes:
    """How often each target was chosen, the rank of its newest choice (1 is the newest), and how often since
    then without an exception."""

    count: Counter[Target] = field(default_factory=Counter)
    newest: dict[Target, int] = field(default_factory=dict)
    since: dict[Target, int] = field(default_factory=dict)

    def add(self, target: Target, lines: int, rank: int, since: int) -> None:
        self.count[target] += lines
        if rank < self.newest.get(target, rank + 1):
            self.newest[target], self.since[target] = rank, since

    def best(self) -> Target:
        """The most frequent target; of equals the newer."""
        return max(self.count, key=lambda t: (self.count[t], -self.newest[t]))

    def last(self) -> Target:
        return min(self.newest, key=lambda t: self.newest[t])


class History:
    """A vendor's coded lines by every key a new line may have. Built once for an invoice."""

    def __init__(self, coded: Iterable[Coded]) -> None:
        self.coded = tuple(coded)
        self.by_item = _grouped((key(c.item), c) for c in self.coded if c.item)
        self.by_words = _grouped((words(c.description), c) for c in self.coded if c.description)
        self.texts = [c.description[:LONGEST].casefold() for c in self.coded]
        self.kinds = self._kinds()

    def of_item(self, line: InvoiceLine) -> list[Coded]:
        found = [self.by_item.get(code, ()) for code in codes(line.item, line.buyer_item, line.standard_item)]
        return [c for group in found for c in group]

    def of_words(self, line: InvoiceLine) -> list[Coded]:
        return self.by_words.get(words(line.description), []) if line.description else []

    def similar(self, line: InvoiceLine) -> list[Coded]:
        if not line.description:
            return []
        text = line.description[:LONGEST].casefold()
        found = process.extract_iter(text, self.texts, scorer=fuzz.token_set_ratio, score_cutoff=LIKE)
        return [self.coded[place] for _, _, place in found]

    def _kinds(self) -> Votes:
        """One vote for each kind of goods: for goods not seen before, a hundred lines of one item say no more
        than one."""
        goods = _grouped((key(c.item) or words(c.description), c) for c in self.coded)
        kinds = Votes()
        for group in goods.values():
            votes = _votes(group)
            kinds.add(votes.best(), 1, min(votes.newest.values()), 0)
        return kinds


def _grouped(pairs: Iterable[tuple[str, Coded]]) -> dict[str, list[Coded]]:
    out: dict[str, list[Coded]] = defaultdict(list)
    for name, coded in pairs:
        out[name].append(coded)
    return out


def _votes(coded: Iterable[Coded]) -> Votes:
    votes = Votes()
    for c in coded:
        votes.add((c.account, c.cost_centre), c.lines, c.rank, c.since)
    return votes


class FinanceCoding(Agent):
    """Proposes where each line is booked. It reads people's coding only, never its own, and moves no
    invoice."""

    name: ClassVar[str] = "finance.coding"
    version: ClassVar[str] = "1"
    department: ClassVar[str] = "finance"
    purpose: ClassVar[str] = (
        "Proposes account and cost centre of each line from how people coded such lines before."
    )
    contract: ClassVar[Contract] = Contract(
        version="1",
        reads=frozenset({"codings"}),
        consumes=frozenset(),
        owns=frozenset({"coding"}),
        asked_on=frozenset({"cleared"}),
    )
    sla: ClassVar[timedelta] = timedelta(seconds=60)
    advisory: ClassVar[bool] = True

    def propose(self, snapshot: Snapshot) -> Proposal:
        lines = snapshot.document.lines
        codings = code_lines(snapshot.document, snapshot.coded)
        return Proposal(
            self.name,
            self.version,
            "note",
            least([c.confidence for c in codings]),
            f"A coding for {len(codings)} of {len(lines)} line{'' if len(lines) == 1 else 's'}, from"
            f" {_read(snapshot.coded)}.",
            codings=codings,
        )


def _read(coded: tuple[Coded, ...]) -> str:
    total = sum(c.lines for c in coded)
    return (
        f"{total} line{'' if total == 1 else 's'} of this vendor that people coded" if total else "no history"
    )


def code_lines(document: Invoice, coded: tuple[Coded, ...]) -> tuple[LineCoding, ...]:
    """The coding of every line about which something is known."""
    history = History(coded)
    return tuple(found for line in document.lines if (found := code(line, history)) is not None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one basis says. `disputed`: its newest line says otherwise."""

    target: Target
    confidence: Decimal
    basis: str
    disputed: bool


def code(line: InvoiceLine, history: History) -> LineCoding | None:
    """The answer of the narrowest basis that has one; where that is undisputed, a wider one that agrees may
    make it surer. None where nothing is known."""
    answers = iter(_answers(line, history))
    found = next(answers, None)
    if found is None:
        return None
    if not found.disputed:
        found = max([found, *(a for a in answers if a.target == found.target)], key=lambda a: a.confidence)
    return LineCoding(line.position, *found.target, found.confidence, found.basis)


def _answers(line: InvoiceLine, history: History) -> Iterable[Answer]:
    """What each basis says, the narrowest first."""
    if same := history.of_item(line):
        yield _judged(_votes(same), ("line of this item", "lines of this item"))
    if same := history.of_words(line):
        yield _judged(_votes(same), ("line with this description", "lines with this description"))
    if similar := history.similar(line):
        nouns = ("line with a like description", "lines with a like description")
        yield _judged(_votes(similar), nouns, TRUST_IN_LIKENESS)
    if history.kinds.count:
        yield _usual(history.kinds)


def _usual(kinds: Votes) -> Answer:
    """How most kinds of goods are booked. That the newest kind is booked otherwise says nothing about
    another."""
    best, total = kinds.best(), kinds.count.total()
    basis = f"{kinds.count[best]} of {total} kind{'' if total == 1 else 's'} of goods of this vendor"
    return Answer(best, _sure(kinds.count[best], total, Decimal(1)), basis, disputed=False)


def _judged(votes: Votes, nouns: tuple[str, str], trust: Decimal = Decimal(1)) -> Answer:
    best, last, total = votes.best(), votes.last(), votes.count.total()
    since = votes.since[last]
    if last != best and since >= A_NEW_WAY:
        basis = f"the last {since} {nouns[1]}, which were coded otherwise before"
        return Answer(last, _sure(since, since, trust), basis, disputed=True)
    basis = f"{votes.count[best]} of {total} {nouns[total > 1]}"
    if last != best:
        basis += f", but the newest went to {' / '.join(filter(None, last))}"
        trust *= TRUST_AFTER_CHANGE
    return Answer(best, _sure(votes.count[best], total, trust), basis, disputed=last != best)


def _sure(part: int, base: int, trust: Decimal) -> Decimal:
    low, _ = Share(part, base).interval() or (0.0, 0.0)
    return max(LEAST, (Decimal(str(low)) * trust).quantize(LEAST, ROUND_DOWN))
