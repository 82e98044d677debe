"""How a known-answer case ends: opened and counted in the transaction of the answer, or taken back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from audit import canonical, clock, ledger, trail
from audit.models import Entry
from reviews import services as reviews
from reviews.models import Escalation, Status, Verdict
from reviews.services import Question

from ..domain.oversight import DEFECT_WORDS, SPENT, Defect, expected, outcome_of
from ..domain.remedies import LIKE, meant
from ..models import AccessRecord, KnownAnswer, KnownAnswerResult
from ..tasks.announce import announce

ACTOR = "system:oversight"
COMMITTED, OPENED = "oversight.committed", "oversight.opened"
HISTORY = "history"
"""What the access log says of a look at the whole history, where a known-answer case is told from a real
one."""
LOOKED_UP, UNANSWERED, UNDECIDED = "looked up", "not answered", "undecided"
"""Why a case counts nowhere: it was looked up, nobody answered it, or the answer neither let it go nor
stopped it."""
OPEN_FOR = timedelta(days=14)
"""A known-answer case that nobody answers is taken back after this."""


def sealed(question: str, reasons: Any, case: Any, defect: str, nonce: str) -> str:
    """SHA-256 (hex) over the canonical JSON of a case, its right answer and the nonce: what is committed
    to."""
    return canonical.sha256(canonical.dumps(contents(question, reasons, case, defect, nonce)))


def contents(question: str, reasons: Any, case: Any, defect: str, nonce: str) -> dict[str, Any]:
    """What a commitment is over. The case is as the entry `escalation.opened` has it."""
    return {
        "case": {"question": question, "reasons": reasons, "case": case},
        "answer": {"defect": defect, "right": expected(Defect(defect))},
        "nonce": nonce,
    }


def put(known: KnownAnswer, asked_at: Callable[[datetime], Question]) -> KnownAnswer:
    """Seal the right answer, then ask, in the caller's transaction: the commitment stands before anybody can
    see the case. What is missing of `known` is filled in."""
    now, known.nonce = clock.now(), secrets.token_hex(32)
    asked = asked_at(now)
    known.commitment = sealed(asked.text, asked.reasons, asked.case, known.defect, known.nonce)
    reviews.lock(asked.subject)
    ledger.append([ledger.Event(asked.subject, COMMITTED, known.by, now, {"commitment": known.commitment})])
    [known.question] = reviews.ask([asked], at=now)
    known.at = now
    trail.insert_facts([known])
    announce([("inbox", str(known.question_id)), ("flow", "")])
    return known


def lock(subject: str) -> None:
    """Lock a known-answer case: it has no row that changes."""
    ledger.lock(subject)


def answered(escalation: Escalation, verdict: Verdict, _: Sequence[Verdict], at: datetime) -> None:
    """Open the commitment and count the answer. Who had looked the case up knew it, and who completed its
    facts has not judged it: then it counts nowhere."""
    known = KnownAnswer.objects.defer("data", "story").get(question=escalation)
    looked = AccessRecord.objects.filter(by=verdict.by, subject=known.subject, what=HISTORY, at__lte=at)
    said = meant(verdict.verdict, verdict.remedy)
    undecided = bool(verdict.remedy) and verdict.remedy not in LIKE
    why = LOOKED_UP if looked.exists() else UNDECIDED if undecided else ""
    outcome = SPENT if why else outcome_of(Defect(known.defect), said)
    goes = said != "reject" and not undecided
    let_go = escalation.amount_company or Decimal(0) if goes else Decimal(0)
    seen = _seen(escalation, verdict)
    result = KnownAnswerResult(
        known=known,
        outcome=outcome,
        verdict=said,
        by=verdict.by,
        why=why,
        seconds=verdict.seconds,
        let_go=let_go,
        drawn_order=seen["order"] if "order_drawn" in seen else "",
        at=at,
    )
    _open(escalation, known, result)


def _seen(escalation: Escalation, verdict: Verdict) -> dict[str, str]:
    """What had been before the person, as the entry of the answer says: for how long, in which order."""
    given = Entry.objects.filter(subject=escalation.subject, type="verdict.given", actor=verdict.by)
    body = given.order_by("-seq").values_list("body", flat=True).first()
    found: dict[str, str] = ledger.data_of(body).get("seen", {}) if body else {}
    return found


def _open(escalation: Escalation, known: KnownAnswer, result: KnownAnswerResult) -> None:
    trail.insert_facts([result])
    data = {
        "escalation": str(escalation.id),
        "queue": escalation.queue,
        "commitment": known.commitment,
        "nonce": known.nonce,
        "defect": known.defect,
        "right": expected(Defect(known.defect)),
        "verdict": result.verdict,
        "outcome": result.outcome,
        "why": result.why,
        "let_go": f"{result.let_go:.2f}",
        **({"seconds": str(result.seconds)} if result.seconds is not None else {}),
    }
    ledger.append([ledger.Event(known.subject, OPENED, ACTOR, result.at, data)])


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What whoever opens a case that is over is told: that it was one, and of their own answer how it was."""

    key: UUID
    defect: str
    right: str
    outcome: str
    why: str
    commitment: str
    nonce: str


def disclosure(escalation: Escalation, actor: str) -> Disclosure | None:
    """What a case was, once it is over. `outcome` is empty for everybody but the person who answered."""
    found = KnownAnswerResult.objects.select_related("known").defer("known__data", "known__story")
    result = found.filter(known__question=escalation).first()
    if result is None:
        return None
    known, own = result.known, result.by == actor
    return Disclosure(
        known.id,
        DEFECT_WORDS[Defect(known.defect)],
        expected(Defect(known.defect)),
        result.outcome if own else "",
        result.why if own else "",
        known.commitment,
        known.nonce,
    )


def take_back(now: datetime) -> int:
    """Take back what nobody has answered for too long, opened and counted nowhere. Returns how many."""
    old = KnownAnswer.objects.filter(question__status=Status.OPEN, at__lt=now - OPEN_FOR)
    return sum(_taken_back(known, now) for known in old.defer("data", "story"))


@transaction.atomic
def _taken_back(known: KnownAnswer, now: datetime) -> bool:
    reviews.lock(known.subject)
    rows = reviews.withdraw([known.subject], by=ACTOR, why="nobody answered it", at=now)
    for row in rows:
        result = KnownAnswerResult(known=known, outcome=SPENT, why=UNANSWERED, let_go=Decimal(0), at=now)
        _open(row, known, result)
        announce([("inbox", str(row.id)), ("flow", "")])
    return bool(rows)
