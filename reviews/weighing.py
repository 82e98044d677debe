"""An answer before it counts: checked from every side against the question as it is now."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from audit import clock
from audit.words import how_many

from . import channel, coverage, exposure, fields, pending, policy, remedies, signing
from .errors import Claimed, LostRace, NotAllowed, Refused, Stale, TooSoon, Unseen
from .kinds import stored_kind, verb_of
from .models import Escalation, Status
from .names import display, person
from .principals import Principal, actors_covered


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back with an answer of what the person had before them; empty fields were not sent."""

    version: int | None = None
    payload_hash: str = ""
    shown: str = ""
    """The stamp that went out with the form (`exposure`)."""


TWO = 2
NOTHING = Seen()
"""No page was shown, or none says so."""


@dataclass(frozen=True, slots=True)
class Together:
    """The decision that an answer is a part of: its id, and to how many questions it was given."""

    id: str
    size: int

    def as_json(self) -> dict[str, str]:
        return {"id": self.id, "size": str(self.size)}


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer as given, with what they had seen and the door it came by."""

    verdict: str
    reason: str
    comment: str
    overrides: tuple[str, ...]
    seen: Seen
    click: str
    via: str
    together: Together | None = None
    remedy: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    """Of an edit: which remedy, and what was typed into its fields."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """An answer that was checked: what it covers, when the page was made that it came from (None: no page),
    and of an edit its remedy, its terms, and how many people have to give it."""

    answer: Answer
    covers: list[dict[str, str]]
    shown_at: datetime | None
    principal: Principal | None
    """For whom it is given, where it was not the person's own to give."""
    stands_as: list[str]
    """The groups and the department that it stands for, of a question that names who has to sign."""
    remedy: remedies.Remedy | None = None
    terms: dict[str, str] = field(default_factory=dict)
    people: int = 1


def weigh(row: Escalation, answer: Answer, by: User) -> Weighed:
    """Check an answer from every side, in the order in which a person would want to hear of it."""
    _check_open(row, answer)
    form = _form(row, answer)
    me = _check_rights(row, by, answer.verdict, form)
    shown_at = _check_seen(row, answer, by)
    covers = _covers(row, answer, me, form)
    terms = _check_complete(row, answer, covers, form)
    _check_dwell(row, answer, shown_at, form)
    _check_claim(row, answer, by)
    kept, principal = coverage.as_covers(row, covers), coverage.principal_of(row, me)
    stands_as = sorted(coverage.stands_as(row, me)) if row.signers else []
    if form is None:
        return Weighed(answer, kept, shown_at, principal, stands_as, people=row.quorum)
    why = form.remedy.second(row, terms, signing.signs_alone(row, me, by))
    people = 1 if form.stops else max(row.quorum, TWO if why else 1)
    return Weighed(answer, kept, shown_at, principal, stands_as, form.remedy, terms, people)


def _form(row: Escalation, answer: Answer) -> remedies.Form | None:
    """The remedy of an edit as the question carries it; None for every other verdict."""
    if answer.verdict != remedies.EDIT:
        return None
    return remedies.form_of(row, answer.remedy, stored_kind(row.kind).remedies)


def _covers(
    row: Escalation, answer: Answer, me: coverage.Who, form: remedies.Form | None
) -> list[dict[str, Any]]:
    """The reasons that the answer covers: all that are the person's, or those of them that an override names.

    A rejection ends the whole of what is asked about, so that it covers the whole question. A remedy covers
    the reasons that it is for.
    """
    if answer.verdict == "reject":
        return list(row.reasons)
    mine = coverage.covered(row, me)
    if form is not None:
        if found := [r for r in mine if r["code"] in form.remedy.causes]:
            return list(row.reasons) if form.stops else found
        raise NotAllowed("What this would settle is another department's to answer; hand it over.")
    if not answer.overrides:
        return mine
    codes = {r["code"] for r in mine}
    if unknown := [name for name in answer.overrides if name not in codes]:
        raise Refused(
            f"{unknown[0]} is not a reason of this case that you answer; name one of:"
            f" {', '.join(sorted(codes))}."
        )
    return [r for r in mine if r["code"] in answer.overrides]


def _check_open(row: Escalation, answer: Answer) -> None:
    if row.status != Status.OPEN:
        raise LostRace(
            row.verdict or row.status, display(row.decided_by), row.decided_at, kept=bool(answer.comment)
        )
    pending.check_none(row, kept=bool(answer.comment))
    seen = answer.seen
    if seen.version not in (None, row.version) or (
        seen.payload_hash and seen.payload_hash != row.payload_hash
    ):
        raise Stale


def _check_seen(row: Escalation, answer: Answer, by: User) -> datetime | None:
    """When the page was made that the answer came from. A page that does not say what it showed is
    refused."""
    seen = answer.seen
    shown_at = exposure.shown_at(seen.shown, row, by) if seen.shown else None
    if answer.via == channel.PAGE and (seen.version is None or not seen.payload_hash or shown_at is None):
        raise Unseen
    return shown_at


def _check_claim(row: Escalation, answer: Answer, by: User) -> None:
    """What somebody is on is not answered beside them: whoever goes on in their place says so first. A
    command shows nobody who is on it, and is not held up."""
    if answer.via == channel.PAGE and row.owner and row.owner not in actors_covered(person(by)):
        kept = " Your text is kept." if answer.comment else ""
        raise Claimed(f"{display(row.owner)} has claimed this. Take it over before you answer it.{kept}")


def _check_dwell(
    row: Escalation, answer: Answer, shown_at: datetime | None, form: remedies.Form | None
) -> None:
    """Where a question has a least time on its page, it is not let go before. Rejecting is never held up."""
    dwell = stored_kind(row.kind).dwell
    lets_go = answer.verdict != policy.REJECT
    if form is not None:
        lets_go = form.remedy.within_limit and not form.stops
    wait = dwell(row) if dwell is not None and lets_go else None
    if wait is None:
        return
    seconds = how_many(wait.seconds, "second")
    if shown_at is None:
        raise TooSoon(
            f"An approval or override is taken from its page alone, {seconds} after it was shown"
            f" ({wait.why}). Rejecting waits for nothing."
        )
    missing = math.ceil(wait.seconds - (clock.now() - shown_at).total_seconds())
    if missing > 0:
        kept = " Your text is kept." if answer.comment else ""
        raise TooSoon(
            f"An approval or override is taken {seconds} after its page was shown, at the earliest"
            f" ({wait.why}): {how_many(missing, 'second')} {'is' if missing == 1 else 'are'} missing.{kept}"
        )


def check_lengths(answer: Answer) -> None:
    """What people type is bounded, and so is what pages and other programs send along."""
    fields.within(answer.comment, fields.MOST_WORDS, "A comment")
    fields.within(answer.click, 64, "The key of a click")
    fields.within(",".join(answer.overrides), 2000, "The rules that are set aside")


def _check_complete(
    row: Escalation, answer: Answer, covers: list[dict[str, Any]], form: remedies.Form | None
) -> dict[str, str]:
    """The terms of an edit; of every other answer there are none."""
    if form is not None:
        return _terms(row, answer, form)
    if answer.verdict not in row.options or answer.verdict not in policy.STATUS:
        raise Refused(f"Choose one of: {', '.join(row.options)}.")
    kind = stored_kind(row.kind)
    offered = kind.offered(answer.verdict, covers)
    codes = [reason.code for reason in offered]
    unstated = answer.via == channel.COMMAND and answer.verdict in kind.without_reason
    if answer.reason not in codes and not (unstated and answer.reason == policy.NOT_STATED):
        names = [reason.words for reason in offered] if answer.via == channel.PAGE else codes
        raise Refused(f"Choose a reason code: {', '.join(names)}.")
    wanted = answer.verdict in policy.TEXT_REQUIRED or answer.reason in policy.TEXT_OF
    if wanted and not answer.comment:
        raise Refused(f"Say in your own words why you {verb_of(row.kind, answer.verdict)}.")
    return {}


def _terms(row: Escalation, answer: Answer, form: remedies.Form) -> dict[str, str]:
    """What was typed first: of all that can be wrong with an answer it takes longest to write."""
    terms = remedies.terms_of(row, form, answer.typed)
    reasons = form.remedy.reasons
    if answer.reason not in [code for code, _ in reasons]:
        names = [words if answer.via == channel.PAGE else code for code, words in reasons]
        raise Refused(f"Choose a reason code: {', '.join(names)}.")
    if form.remedy.text_required and not answer.comment:
        raise Refused("Say in your own words what your answer rests on.")
    return terms


def _check_rights(row: Escalation, by: User, verdict: str, form: remedies.Form | None) -> coverage.Who:
    """Group, department, maker, limit: for page and command alike, administrators included. Returns the
    person as they were asked of."""
    lets_nothing_go = form is not None and not form.remedy.within_limit
    meant = form.remedy.like or verdict if form is not None else verdict
    why, me = signing.judge(row, by, meant, whatever_amount=lets_nothing_go)
    if why:
        raise NotAllowed(why)
    return me
