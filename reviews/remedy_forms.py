"""Remedies as the page of a case shows them: one form each, with what was typed kept when it was refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from . import coverage, signing
from .kinds import stored_kind
from .models import Escalation, Verdict
from .names import display
from .remedies import EDIT, TYPED, Choice, Field, Form, offered

NUMBER = re.compile(r"([+−]?[0-9][0-9,]*(\.[0-9]+)?)?")
PREFIX = "set:"
"""Before the names of a remedy's fields in a form."""


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field with what was typed into it and what is wrong with that."""

    field: Field
    value: str = ""
    also: str = ""
    wrong: str = ""

    @property
    def name(self) -> str:
        return PREFIX + self.field.name

    @property
    def also_name(self) -> str:
        return self.name + TYPED

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """The columns in which candidates are compared, and whether there are only numbers in each."""
        fits = [dict(c.fit) for c in self.field.choices]
        return [(head, all(NUMBER.fullmatch(fit.get(head, "")) for fit in fits)) for head in self.field.fit]

    @property
    def rows(self) -> list[tuple[Choice, bool, list[tuple[str, bool]]]]:
        """Candidates, each with whether it was chosen and its fit under the heads of the columns."""
        heads = self.heads
        return [
            (c, c.value == self.value, [(dict(c.fit).get(head, ""), number) for head, number in heads])
            for c in self.field.choices
        ]


@dataclass(frozen=True, slots=True)
class FormShown:
    """A remedy as a form: `open` where it was refused a moment ago. `signed`: who has given this answer
    already, with its terms, where a second person has to."""

    form: Form
    consequence: str
    fields: Sequence[FieldShown]
    open: bool
    signed: Sequence[tuple[str, str]]

    @property
    def name(self) -> str:
        return self.form.name


def forms_of(
    row: Escalation, me: coverage.Who, user: User, typed: Mapping[str, str], wrong: Mapping[str, str]
) -> list[FormShown]:
    """The remedies that this person may give; none of a question that has ended or is not theirs."""
    forms = offered(row, stored_kind(row.kind).remedies)
    mine = {r["code"] for r in coverage.covered(row, me)}
    found = [f for f in forms if f.remedy.causes & mine]
    if not found or row.status != "open":
        return []
    barred = {
        (limited, meant): bool(signing.objection(row, user, meant, whatever_amount=not limited))
        for limited, meant in {(f.remedy.within_limit, f.remedy.like or EDIT) for f in found}
    }
    pending = _pending(row)
    return [
        _shown(form, row, typed, wrong, pending)
        for form in found
        if not barred[form.remedy.within_limit, form.remedy.like or EDIT]
    ]


def _shown(
    form: Form, row: Escalation, typed: Mapping[str, str], wrong: Mapping[str, str], pending: list[Verdict]
) -> FormShown:
    again = typed.get("remedy") == form.name
    said = typed if again else {}
    fields = [
        FieldShown(
            one,
            said.get(PREFIX + one.name, ""),
            said.get(PREFIX + one.name + TYPED, ""),
            wrong.get(one.name, "") if again else "",
        )
        for one in form.fields
    ]
    words = {one.name: one.words for one in form.fields}
    signed = [
        (display(v.by), "; ".join(f"{words.get(name, name)} {value}" for name, value in v.terms.items()))
        for v in pending
        if v.remedy == form.name
    ]
    return FormShown(form, form.remedy.consequence(row), fields, again, signed)


def _pending(row: Escalation) -> list[Verdict]:
    return list(row.verdicts.filter(verdict=EDIT).order_by("at"))


def words_of(verdict: Verdict) -> str:
    """An edit under a question, in words: its remedy and terms; empty for other verdicts."""
    if not verdict.remedy:
        return ""
    row = verdict.escalation
    form = next((f for f in offered(row, stored_kind(row.kind).remedies) if f.name == verdict.remedy), None)
    words = {one.name: one.words for one in form.fields} if form else {}
    said = ", ".join(f"{words.get(name, name)} {value}" for name, value in verdict.terms.items())
    title = form.remedy.words if form else verdict.remedy.replace("_", " ")
    return f"{title}: {said}" if said else title


def typed_terms(post: Mapping[str, Any]) -> dict[str, str]:
    """The terms of a form that came back."""
    return {str(name)[len(PREFIX) :]: str(post[name]) for name in post if str(name).startswith(PREFIX)}


def typed_again(said: Mapping[str, Any]) -> dict[str, str]:
    """An answer that was taken back (`answering.take_back`) as its form would send it."""
    if not said["remedy"]:
        return {"reason": f"{said['verdict']}:{said['reason']}", "comment": said["comment"]}
    terms = {PREFIX + name: str(value) for name, value in said["typed"].items()}
    return {"remedy": said["remedy"], "reason": said["reason"], "comment": said["comment"]} | terms
