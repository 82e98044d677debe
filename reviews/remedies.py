"""Remedies: answers of a question that do what a person really does about its cause, beside letting it go and
stopping it.

A kind of question registers its remedies (`kinds.Kind.remedies`); which of them a question carries, with what
each asks for, is frozen with its case when it is asked (`case["remedies"]`, names also in its options).
What a person types is checked here and by the remedy, on the server, before it counts; its kind carries it
out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from . import fields
from .errors import Refused
from .models import Escalation, Status, Verdict
from .policy import REJECT

EDIT = "edit"
"""The verdict of every remedy; the remedy says which answer it is."""
KEY = "remedies"
"""Where a case has the remedies that its question carries."""
TYPED = ":typed"
"""Behind the name of a field: what was typed where one may also be chosen."""
MOST_FIELDS, LONGEST_NAME, LONGEST = 60, 80, 200
"""So many terms an answer has at most, with names and values of so many characters."""

Sort = Literal["text", "date", "amount", "number", "choice"]
Terms = dict[str, str]


class TermsRefused(Refused):
    """What was typed cannot be taken. `fields`: field -> what is wrong with it; empty key: with all of it."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(" ".join(wrong.values()))
        self.fields = dict(wrong)


@dataclass(frozen=True, slots=True)
class Choice:
    """One candidate of a field: its value, its words, and its fit as (what, how it is) pairs."""

    value: str
    words: str
    fit: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a remedy asks for. `was` is what stands there, `place` where; `choices` are candidates,
    beside which another value may be typed. A date is ISO text, an amount or number a decimal."""

    name: str
    words: str
    sort: Sort = "text"
    was: str = ""
    place: str = ""
    hint: str = ""
    choices: Sequence[Choice] = ()
    fit: Sequence[str] = ()
    """Heads of the columns in which candidates are compared."""
    closed: bool = False
    """Has it to be one of the candidates?"""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Field:
        """The field as a case has it."""
        plain = {
            name: stored[name] for name in ("name", "words", "sort", "was", "place", "hint") if name in stored
        }
        choices = [
            Choice(c["value"], c["words"], [(k, v) for k, v in c.get("fit", ())])
            for c in stored.get("choices", ())
        ]
        heads = list(dict.fromkeys(what for c in choices for what, _ in c.fit))
        return cls(**plain, choices=choices, fit=heads, closed=bool(stored.get("closed")))

    def as_json(self) -> dict[str, Any]:
        """As a case keeps it: what is empty is left out."""
        kept: dict[str, Any] = {"name": self.name, "words": self.words, "sort": self.sort}
        kept |= {name: said for name in ("was", "place", "hint") if (said := getattr(self, name))}
        if self.closed:
            kept["closed"] = "yes"
        if self.choices:
            kept["choices"] = [
                {"value": c.value, "words": c.words, "fit": [list(pair) for pair in c.fit]}
                for c in self.choices
            ]
        return kept


@dataclass(frozen=True, slots=True)
class Remedy:
    """One typed answer of a kind of question.

    `causes`: codes of reasons that it is offered for and covers. `check`: question, fields and what was typed
    (stripped, without what is empty) -> the terms as they are kept; raises `TermsRefused`. `consequence`:
    question -> what it does, said before it is given. `second`: question and terms, and whether the person's
    own limit reaches what is at stake -> why a second person has to give the same answer, empty if none has
    to. `within_limit`: whether the person's limit has to reach it, as for letting it go.
    `like`: the verdict that it amounts to, `approve` or `reject`, where it lets go or stops as that does.
    """

    name: str
    """As stored and as commands name it, at most 20 characters; no verdict has it."""
    words: str
    """On its button."""
    causes: frozenset[str]
    reasons: tuple[tuple[str, str], ...]
    """Reason codes with their words, in the order in which they are offered."""
    check: Callable[[Escalation, Sequence[Field], Terms], Terms]
    consequence: Callable[[Escalation], str]
    second: Callable[[Escalation, Terms, bool], str] = field(default=lambda *_: "")
    status: Status = Status.EDITED
    within_limit: bool = False
    like: str = ""
    text_required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """A remedy as one question carries it."""

    remedy: Remedy
    fields: Sequence[Field] = ()

    @property
    def name(self) -> str:
        return self.remedy.name

    @property
    def stops(self) -> bool:
        """Does it stop what is asked about, as a rejection does?"""
        return self.remedy.like == REJECT

    @property
    def places(self) -> bool:
        """Does any field say where it stands?"""
        return any(one.place for one in self.fields)


def offered(row: Escalation, registered: Sequence[Remedy]) -> list[Form]:
    """The remedies that a question carries, of those that are registered."""
    stored = {one["name"]: one for one in row.case.get(KEY, ()) if one["name"] in row.options}
    return [
        Form(one, [Field.read(f) for f in stored[one.name].get("fields", ())])
        for one in registered
        if one.name in stored
    ]


def form_of(row: Escalation, name: str, registered: Sequence[Remedy]) -> Form:
    """The remedy of this name as the question carries it. Raises `Refused`, naming those there are."""
    forms = offered(row, registered)
    found = next((form for form in forms if form.name == name), None)
    if found is None:
        named = ", ".join(form.name for form in forms)
        raise Refused(f"Choose one of: {named}." if named else "This question has no such answer.")
    return found


def within_bounds(typed: Mapping[str, str]) -> Terms:
    """What was typed, stripped, without what is empty. Raises `fields.TooLong`, `Refused`."""
    if len(typed) > MOST_FIELDS:
        raise Refused(f"An answer has at most {MOST_FIELDS} fields.")
    for name, value in typed.items():
        fields.within(name, LONGEST_NAME, "The name of a field")
        fields.within(value, LONGEST, "A value")
    return {name: said for name, value in typed.items() if (said := value.strip())}


def terms_of(row: Escalation, form: Form, typed: Terms) -> Terms:
    """What was typed as the terms of the answer. Raises `TermsRefused`, naming each field that is wrong."""
    given, wrong = dict(typed), {}
    for one in form.fields:
        also = given.pop(one.name + TYPED, "") if one.choices and not one.closed else ""
        if also and given.setdefault(one.name, also) != also:
            wrong[one.name] = f"{one.words.capitalize()}: choose one or type one, not both."
        if one.closed and given.get(one.name, "") not in [c.value for c in one.choices]:
            wrong[one.name] = f"{one.words.capitalize()}: choose the one that you mean."
    names = [one.name for one in form.fields]
    if unknown := [name for name in given if name not in names]:
        wrong[""] = f"{unknown[0]} is no field of this answer; it has {', '.join(names) or 'none'}."
    if wrong:
        raise TermsRefused(wrong)
    return form.remedy.check(row, form.fields, given)


def same_answer(one: Verdict, other: Verdict) -> bool:
    """Do two signatures say the same, so that they count together? What stops counts alone."""
    return (one.verdict == EDIT, one.remedy, one.terms) == (other.verdict == EDIT, other.remedy, other.terms)
