"""Remedies of questions about invoices: the words of each, what is checked before it counts, what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from audit import clock
from reviews.models import Escalation
from reviews.remedies import Field, Remedy, Terms, TermsRefused

from ..agents.completeness import format_day
from ..domain.remedies import CAUSES, COMPLETE
from ..domain.supplied import NotThat, sum_sort, value_of
from ..facts import policies

AGAIN = "Nothing is paid by it: the agents are asked again with it."
OVER = "Amounts and days of more than you sign alone count once a second person supplies the same."


def _named(field: Field) -> str:
    return field.words[:1].upper() + field.words[1:]


def _read(fields: Sequence[Field], typed: Terms) -> Terms:
    """Each typed value in the form in which it is kept. Raises `TermsRefused`."""
    if not typed:
        raise TermsRefused({"": f"Fill in at least one: {', '.join(f.words for f in fields)}."})
    words = {one.name: _named(one) for one in fields}
    found, wrong = {}, {}
    for name, text in typed.items():
        try:
            found[name] = value_of(name, text)
        except NotThat as error:
            wrong[name] = f"{words[name]}: {error}."
    if wrong:
        raise TermsRefused(wrong)
    return found


# --- complete the field -------------------------------------------------------------------------------------


def _complete(row: Escalation, fields: Sequence[Field], typed: Terms) -> Terms:
    terms = _read(fields, typed)
    wrong = {
        one.name: f"{_named(one)}: that is what the document says."
        for one in fields
        if one.was and terms.get(one.name) == one.was
    }
    wrong |= _implausible(row.case, terms)
    if wrong:
        raise TermsRefused(wrong)
    return terms


def _implausible(case: Mapping[str, object], terms: Terms) -> dict[str, str]:
    """Days that cannot be meant, by the bounds that agents have for them (`agents.completeness.days`)."""
    issued, due = (_day(case, terms, name) for name in ("issue_date", "due_date"))
    if issued is not None and "issue_date" in terms:
        policy, age = policies.active(), (clock.today() - issued).days
        if policy.ahead_days is not None and -age > policy.ahead_days:
            return {"issue_date": f"Issue date: {format_day(issued)} has not come yet."}
        if policy.oldest_days is not None and age > policy.oldest_days:
            return {"issue_date": f"Issue date: {format_day(issued)} is {age // 365} years ago."}
    if issued is not None and due is not None and due < issued and case.get("type") != "credit_note":
        sentence = f"it would be due on {format_day(due)}, before it was issued on {format_day(issued)}."
        for name, words in (("due_date", "Due date"), ("issue_date", "Issue date")):
            if name in terms:
                return {name: f"{words}: {sentence}"}
    return {}


def _day(case: Mapping[str, object], terms: Terms, name: str) -> date | None:
    said = terms.get(name) or str(case.get(name) or "")
    return date.fromisoformat(said) if said else None


def _second(_: Escalation, terms: Terms, reaches: bool) -> str:
    if reaches or not any(map(sum_sort, terms)):
        return ""
    return "amounts and days of more than you sign alone are supplied by two people"


def _completes(row: Escalation) -> str:
    sums = any(
        sum_sort(f["name"]) for one in row.case["remedies"] if one["name"] == COMPLETE for f in one["fields"]
    )
    return (
        f"What you write stands above the document, which stays as it is. {AGAIN}{f' {OVER}' if sums else ''}"
    )


REMEDIES: tuple[Remedy, ...] = (
    Remedy(
        name=COMPLETE,
        words="Complete the data",
        causes=CAUSES[COMPLETE],
        reasons=(
            ("read_on_document", "Read on the original"),
            ("told_by_vendor", "Told by the vendor"),
            ("told_by_department", "Told by who ordered or received it"),
        ),
        check=_complete,
        consequence=_completes,
        second=_second,
    ),
)
"""In the order in which they are offered."""
