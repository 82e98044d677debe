"""One answer to many questions. Each of them is answered for itself, by the one service and in a transaction
of its own: what one refuses leaves the others, and the ledger has an entry of each, which names the decision
that it is a part of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import OperationalError

from audit import clock
from audit.errors import CountersignError
from audit.words import how_many

from . import answering, channel, fields, groups, policy, services
from .errors import Conflict, NoSuchQuestion, Refused
from .models import Escalation, Status
from .names import person
from .weighing import Together

PARTS = 5


class Alone(Refused):
    """This is answered on its own page, not together with others."""


class Interrupted(Conflict):
    """The database could not take this answer just now. Answer it again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One question of many as it came back: what had been shown of it, and the key of the click."""

    id: UUID
    version: int | None = None
    payload_hash: str = ""
    click: str = ""
    shown: str = ""

    @property
    def packed(self) -> str:
        """The same as one field of a form (`unpack`)."""
        version = "" if self.version is None else str(self.version)
        return " ".join(
            (str(self.id), version or "-", self.payload_hash or "-", self.click or "-", self.shown)
        )


def unpack(field: str) -> Sent | None:
    """What a field of the form says; None where it says nothing."""
    parts = field[:400].split(" ", PARTS - 1)
    if len(parts) != PARTS:
        return None
    key, version, payload_hash, click, shown = ("" if part == "-" else part for part in parts)
    try:
        return Sent(UUID(key), int(version), payload_hash[:100], click[:64], shown[:200])
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of them: how it stands now, and why it was not answered (None: it was)."""

    escalation: Escalation
    refusal: CountersignError | None = None

    @property
    def answered(self) -> bool:
        return self.refusal is None


def answer_together(
    sent: Sequence[Sent],
    verdict: str,
    *,
    by: User,
    reason: str,
    comment: str = "",
    decision: str = "",
    via: str = channel.COMMAND,
) -> list[Result]:
    """Give one answer to these questions, each for itself, in this order. `decision` is the id of what is
    decided together; one is made unless given.

    Raises `Refused` where nothing at all can be answered so, `NoSuchQuestion` where one does not exist; what
    a single question refuses is its result. The same clicks again give the same results.
    """
    _check_complete(sent, verdict, reason, comment)
    known = Escalation.objects.in_bulk([one.id for one in sent])
    if lacking := [str(one.id) for one in sent if one.id not in known]:
        raise NoSuchQuestion(f"There is no escalation {lacking[0]}.")
    together = Together(decision or uuid4().hex, len(sent))
    return [_answered(one, verdict, reason, comment, by, via, together) for one in sent]


def _check_complete(sent: Sequence[Sent], verdict: str, reason: str, comment: str) -> None:
    """What no question would take is said once, before any is answered."""
    if not sent:
        raise Refused("Choose the cases that are answered together.")
    if len({one.id for one in sent}) != len(sent):
        raise Refused("Name each case once.")
    if len(sent) > groups.MOST:
        raise Refused(
            f"At most {how_many(groups.MOST, 'case')} are answered together; these are {len(sent):,}."
        )
    if verdict not in policy.STATUS:
        raise Refused(f"Choose one of: {', '.join(policy.STATUS)}.")
    if not reason.strip():
        raise Refused("Choose a reason code.")
    wanted = verdict in policy.TEXT_REQUIRED or reason in policy.TEXT_OF
    if wanted and not comment.strip():
        raise Refused(f"Say in your own words why you {verdict}.")
    fields.within(comment.strip(), fields.MOST_WORDS, "A comment")


def _answered(
    one: Sent, verdict: str, reason: str, comment: str, by: User, via: str, together: Together
) -> Result:
    try:
        _check_alone(one, by)
        give = answering.give if via == channel.PAGE else services.resolve
        row = give(
            one.id,
            verdict,
            by=by,
            reason=reason,
            comment=comment,
            seen_version=one.version,
            payload_hash=one.payload_hash,
            click=one.click,
            shown=one.shown,
            via=via,
            together=together,
        )
    except OperationalError:
        return Result(Escalation.objects.get(pk=one.id), Interrupted())
    except CountersignError as error:
        return Result(Escalation.objects.get(pk=one.id), error)
    return Result(row)


def _check_alone(one: Sent, by: User) -> None:
    """What is answered by itself is refused here; all else is the service's to judge. A click that has
    counted is no second answer."""
    row = Escalation.objects.get(pk=one.id)
    given = bool(one.click) and row.verdicts.filter(by=person(by), click=one.click).exists()
    if row.status != Status.OPEN or given:
        return
    if why := groups.alone(row, clock.now(), blind=row.blind):
        raise Alone(why)


def exit_code(results: Sequence[Result]) -> int:
    """The exit code of a command that answered so: 0 if all were, 5 where every refusal is a race that was
    lost or a case that has changed, else 4."""
    refused = [r.refusal for r in results if r.refusal is not None]
    if not refused:
        return 0
    lost = all(isinstance(refusal, Conflict) for refusal in refused)
    return Conflict.exit_code if lost else Refused.exit_code
