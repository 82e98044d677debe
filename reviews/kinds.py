"""Kinds of question. Whoever asks registers a kind with all that the review queue has to know of it.

The queue itself knows none: a new kind needs a `Kind`, a call of `register` at start, and no migration.
"""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from audit.models import Entry
from audit.subjects import Subject

from . import policy
from .grants import READ_CASES, RegisteredTwice, Right, holders
from .models import Escalation, Verdict
from .remedies import EDIT, Remedy

Case = Mapping[str, Any]
Cause = Mapping[str, Any]
CarryOut = Callable[[Escalation, Verdict, Sequence[Verdict], datetime], None]
"""Carries an answer out, in its transaction: question, last verdict, all verdicts, when. Raises to refuse
it."""


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A reason for an answer. `causes`: reasons of the question that it can be true of; None is any of them.

    Of two codes for one cause a rule may choose: `rule` has to be that of the cause, `unless_rule` must not.
    """

    code: str
    words: str
    causes: frozenset[str] | None = None
    rule: str = ""
    unless_rule: str = ""

    def is_true_of(self, cause: Cause) -> bool:
        """Tell whether the code can be true of one reason of a question."""
        if self.causes is not None and cause["code"] not in self.causes:
            return False
        rule = cause.get("rule")
        return (not self.rule or rule == self.rule) and (not self.unless_rule or rule != self.unless_rule)

    def fits(self, verdict: str, causes: Sequence[Cause]) -> bool:
        """Tell whether the code can be offered for a verdict that covers these reasons.

        One reason is enough not to go on; to go on, none of the hard stops may be left unsaid.
        """
        if self.causes is None or not causes:
            return True
        if not any(map(self.is_true_of, causes)):
            return False
        return verdict == policy.REJECT or all(self.is_true_of(c) for c in causes if c.get("hard"))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day in a case, as ISO text, on which something is lost while the question stands.

    It counts from `ahead` before that day. `stays`: it is overdue once the day has passed; else it is over.
    `unless` names a key and value of the case with which the day is nobody's loss.
    """

    path: tuple[str, ...]
    words: str
    ahead: timedelta
    stays: bool = False
    unless: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list shows of a case: its title, its number, and whose answer put it here, how sure."""

    title: str
    number: str = ""
    speaker: str = ""
    confidence: str = ""


def by_question(question: str, _: Case) -> Summary:
    """The summary of a case that has no better title than the question."""
    return Summary(question)


@dataclass(frozen=True, slots=True)
class Wait:
    """How many seconds a page has to have been shown before its question is let go, and by what, in words."""

    seconds: int
    why: str


@dataclass(frozen=True, slots=True)
class Order:
    """What stands `first` on the page of a case, and whether that was drawn for the question. `recommends`:
    what others recommend stands before the evidence."""

    first: str
    recommends: bool = False
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """What the page of a case is given by the kind: templates, names of addresses, and `details` made of the
    case."""

    amount: str = ""
    """Template of what stands behind the amount."""
    facts: str = ""
    """Template of the facts below the title."""
    evidence: str = ""
    """Template of what is decided on, below the question."""
    tabled: bool = False
    """Are the reasons a table in that template? Else they are listed as evidence, one by one."""
    document: str = ""
    """Name of the address of a document of the case, by its id."""
    history: str = ""
    """Name of the address of the subject's whole history, by the key of the subject."""
    follows: str = ""
    """Prefix of the subject by which the page follows changes, where that is not the subject's own."""
    after: str = ""
    """Template of what a person is told once they have answered."""
    discloses: Callable[[Escalation, str], Any] | None = None
    """What `after` shows, of the question and whoever is shown it (an actor)."""
    moments: Callable[[Escalation], Sequence[Entry]] | None = None
    """The entries of the timeline, oldest first; None: those of the subject."""
    places_of: frozenset[str] = frozenset()
    """Reason codes whose evidence is a list of places, shown one by one."""
    details: Callable[[Case], Any] | None = None
    order: Callable[[Escalation], Order | None] | None = None
    """What stands first on the page of a question; None: the evidence does, and nothing is recorded of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of question: who answers it and why, who carries the answer out, and how it is shown."""

    name: str
    """As stored, at most 20 characters."""
    words: str
    """What such a question is about, as refusals and lists call it."""
    answers: Right
    """The right to answer it; `groups` are those who have it."""
    sees: Right = READ_CASES
    """The right needed to see it."""
    carry_out: CarryOut
    reasons: Mapping[str, tuple[ReasonCode, ...]]
    """Verdict -> reason codes, in the order in which they are offered."""
    remedies: tuple[Remedy, ...] = ()
    """Typed answers that do something about a cause, in the order in which they are offered."""
    locks: Mapping[str, Callable[[str], None]] = field(default_factory=dict)
    """Prefix of a subject -> how it is locked. The queue locks the subject before the question, as every
    writer does, so that a person and an agent never wait for each other crosswise."""
    makers: Callable[[Escalation], Mapping[str, str]] | None = None
    """Who made what such a question is about, as of now, each with what they brought, in words: a fact may
    have come, and with it a maker, since the question was asked."""
    makers_may_reject: bool = False
    """May who made it reject it? It only stops what they set going."""
    verbs: Mapping[str, str] = field(default_factory=dict)
    """Verdict -> what its button says, where that is not the verdict."""
    without_reason: frozenset[str] = frozenset()
    """Verdicts that a command may give without naming a reason."""
    has_stake: bool = False
    """Does an approval let something of value go? Where it is not known how much, it is over every limit."""
    private: bool = False
    """Is it told to nobody else, once it is over, who gave the answer and what it was?"""
    dwell: Callable[[Escalation], Wait | None] | None = None
    """How long the page of a question has to have been shown before it is let go. Rejecting waits for
    nothing."""
    counts: bool = True
    """Is its amount its own, and counted in sums? Else other questions count it."""
    instead: str = ""
    """What else is done where nothing can be read of the amount, as the end of a sentence."""
    excerpt: tuple[str, ...] = ()
    """Keys of the case that `summary` and `deadlines` read; lists load no others."""
    summary: Callable[[str, Case], Summary] = by_question
    """Question and case (of it at least `excerpt`) -> what a list shows."""
    deadlines: tuple[Deadline, ...] = ()
    party: str = ""
    """Key of the case that says who is asked about: questions that ask the same of the same party can be
    answered together. Empty: each stands alone."""
    looks_as: str = ""
    """Name of the kind that such a question looks like to people, where it is not its own: what is grouped
    and counted for them goes by this."""
    page: CasePage = CasePage()

    @property
    def groups(self) -> frozenset[str]:
        """Groups whose members answer it, by the table of rights as it is now."""
        return holders(self.answers).roles

    @property
    def answered_by(self) -> str:
        """Who answers it, in words."""
        return holders(self.answers).words

    def offered(self, verdict: str, causes: Sequence[Cause] = ()) -> tuple[ReasonCode, ...]:
        """Return the reason codes for a verdict that covers these reasons of the question.

        Without causes, as of a question that has none, all codes of the verdict are offered.
        """
        return tuple(code for code in self.reasons.get(verdict, ()) if code.fits(verdict, causes))


class UnknownKind(LookupError):
    """No such kind of question is registered."""


class Kinds(UserDict[str, Kind]):
    """Kinds by name, in the order in which they were registered.

    Who registers many is asked with the first look (`first_look`), not at start: most commands ask nobody,
    and most of the house hangs on what carries answers out. All of theirs are known or none, whichever of
    several threads looks first and whatever fails: what a person may not see hangs on it.
    """

    def __init__(self) -> None:
        self.sources: list[Callable[[], Iterable[Kind]]] = []
        self._known: dict[str, Kind] = {}
        self._looking = RLock()
        super().__init__()

    @property
    def data(self) -> dict[str, Kind]:
        """The kinds; sources are asked first, once."""
        if self.sources:
            with self._looking:
                self._ask_sources()
        return self._known

    @data.setter
    def data(self, known: dict[str, Kind]) -> None:
        self._known = known

    def _ask_sources(self) -> None:
        known = dict(self._known)
        for source in self.sources:
            for kind in source():
                _enter(known, kind)
        self._known = known  # before the sources go: who finds none of them left finds their kinds
        self.sources = []


KINDS = Kinds()


def first_look(source: Callable[[], Iterable[Kind]]) -> None:
    """Ask this source for its kinds when somebody looks for one. It does not look for any itself."""
    KINDS.sources.append(source)


def register(kind: Kind) -> None:
    """Enter a kind, once, at start.

    Raises `RegisteredTwice` where its name, or the lock of one of its subjects, is another's; `ValueError`
    for a name that cannot be stored or a verdict that does not exist.
    """
    _enter(KINDS.data, kind)


def _enter(known: dict[str, Kind], kind: Kind) -> None:
    if not 0 < len(kind.name) <= policy.LONGEST_KIND:
        raise ValueError(f"The kind {kind.name!r} needs a name of at most {policy.LONGEST_KIND} characters.")
    if kind.name in known:
        raise RegisteredTwice(f"The kind {kind.name!r} is registered already; choose another name for yours.")
    if unknown := sorted(kind.reasons.keys() - policy.STATUS.keys()):
        raise ValueError(f"The kind {kind.name!r} has reasons for {unknown[0]!r}, which is no verdict.")
    if wrong := [
        r.name for r in kind.remedies if r.name in {*policy.STATUS, EDIT} or len(r.name) > policy.LONGEST_KIND
    ]:
        raise ValueError(f"The remedy {wrong[0]!r} of {kind.name!r} needs a short name that is no verdict's.")
    for other in known.values():
        for prefix in kind.locks.keys() & other.locks.keys():
            if kind.locks[prefix] is not other.locks[prefix]:
                raise RegisteredTwice(f"{other.name} locks subjects {prefix}/… already, in another way.")
    known[kind.name] = kind


def kind_of(name: str) -> Kind:
    """Return the kind of this name. Raises `UnknownKind`, naming those there are."""
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKind(
            f"No kind of question is registered as {name!r}. There are: {', '.join(KINDS) or 'none'}."
            " Its owner registers it at start (`reviews.kinds.register`)."
        ) from None


def stored_kind(name: str) -> Kind:
    """Return the kind of a stored question. One that nobody registers any more is shown, and nobody answers
    it."""
    return KINDS.get(name) or Kind(
        name=name,
        words=name.replace("_", " "),
        answers=Right("nobody", "answer this"),
        carry_out=_refuse,
        reasons={},
    )


def _refuse(escalation: Escalation, *_: object) -> None:
    raise UnknownKind(f"Nobody carries out an answer to a question of kind {escalation.kind!r}.")


def lock_of(subject: str) -> Callable[[str], None] | None:
    """Return how a subject is locked; None where no kind says so."""
    prefix = Subject(subject).kind
    return next((kind.locks[prefix] for kind in KINDS.values() if prefix in kind.locks), None)


def reasons_of(name: str, verdict: str, causes: Sequence[Cause] = ()) -> tuple[tuple[str, str], ...]:
    """Return the reason codes with their words for a verdict on a question of this kind (see
    `Kind.offered`)."""
    return tuple((code.code, code.words) for code in stored_kind(name).offered(verdict, causes))


def verb_of(name: str, verdict: str) -> str:
    """Return a verdict as a verb in a sentence."""
    return stored_kind(name).verbs.get(verdict, verdict).lower()


def words_of(code: str) -> str:
    """Return a reason code as lists show it: in the words of the kind that was registered first with it."""
    if code == policy.NOT_STATED:
        return "No reason stated"
    codes = (c for kind in KINDS.values() for rows in kind.reasons.values() for c in rows)
    found = next((c.words for c in codes if c.code == code), "")
    return found or next((words for name, words in _of_remedies() if name == code), code.replace("_", " "))


def _of_remedies() -> Iterable[tuple[str, str]]:
    return (pair for kind in KINDS.values() for remedy in kind.remedies for pair in remedy.reasons)


def excerpts() -> tuple[str, ...]:
    """Return the keys of a case that some kind's list needs."""
    return tuple(dict.fromkeys(key for kind in KINDS.values() for key in kind.excerpt))


def uncounted() -> list[str]:
    """Return the names of kinds whose amounts other questions count."""
    return [kind.name for kind in KINDS.values() if not kind.counts]
