"""How sure agents may say that they are: measured anew each night from what people answered, and put in force
by a manager like a policy."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

import orjson
from django.db import transaction

from audit import canonical, clock, ledger, trail
from audit.errors import CountersignError
from audit.ids import new_id
from audit.subjects import Subject
from reviews import services as reviews
from reviews.models import Escalation, Status, Verdict

from ...domain.calibration import MEASURED, Pattern, Row
from ...facts import measured_confidence
from ...models import CalibrationTable
from ...monitoring import calibration
from ...tasks.announce import announce
from ..master_data import Change, Proposal
from . import observed

ACTOR = "system:monitor"
KIND, CODE, PREFIX = "calibration", "calibration_changed", "calibration"
BASIS = timedelta(days=180)
"""How far back people's answers count."""
LEAST = 20
"""A pattern of which people have answered less often keeps the confidence that its agent states."""
WORDS = {"approve": "approve", "escalate": "hold"}
"""Kinds of answer as proposals call them, by the word of the monitors."""
SHOWN = 40


class NothingNew(CountersignError):
    """Nothing was answered that would change what agents may say; the table in force stays."""

    status = 409


def measure(now: datetime) -> tuple[list[Row], int]:
    """The table as people's answers of the last half year make it, and how many these are."""
    stated = {row.pattern: row.stated for row in measured_confidence.active()}
    verdicts: dict[Pattern, list[bool]] = defaultdict(list)
    said: dict[Pattern, list[float]] = defaultdict(list)
    for seen in observed.answers_between(now - BASIS, now):
        o = seen.observation
        kind = WORDS.get(o.outcome, o.outcome)
        if kind not in MEASURED or not seen.method:
            continue
        vendor = "new" if o.vendor_new else "known"
        pattern = Pattern(o.agent, kind, seen.method, seen.source_format, vendor)
        verdicts[pattern].append(o.verdict == "confirmed")
        said[pattern].append(o.confidence)
    rows = [
        calibration.row(p, stated.get(p) or _stated(said[p]), answers)
        for p, answers in sorted(verdicts.items())
        if len(answers) >= LEAST
    ]
    return rows, sum(map(len, verdicts.values()))


def _stated(confidences: list[float]) -> Decimal:
    return Decimal(str(median(confidences))).quantize(calibration.PLACES)


@transaction.atomic
def propose(now: datetime | None = None) -> CalibrationTable:
    """Measure, keep what came of it as a draft, and ask a manager to put it in force. An older question
    about a draft makes way. Raises `NothingNew`."""
    now = now or clock.now()
    _lock()
    rows, answers = measure(now)
    text = orjson.dumps([row.as_json() for row in rows], option=orjson.OPT_SORT_KEYS).decode()
    digest = canonical.sha256(text.encode())
    before = CalibrationTable.objects.filter(status=CalibrationTable.Status.ACTIVE).first()
    latest = CalibrationTable.objects.order_by("-number").first()
    if not rows or (latest is not None and latest.sha256 == digest):
        raise NothingNew
    row = CalibrationTable(
        id=new_id(),
        number=(latest.number if latest else 0) + 1,
        text=text,
        sha256=digest,
        answers=answers,
        basis_from=now - BASIS,
        basis_until=now,
        made_by=ACTOR,
        made_at=now,
    )
    changes = trail.insert([row], trail.Stamp(ACTOR, now, "measured"))
    subject = Subject.of(PREFIX, row.number)
    data = {"number": str(row.number), "sha256": digest, "answers": str(answers), "text": text}
    ledger.append([ledger.Event(subject, "calibration.measured", ACTOR, now, data, changes)])
    older = [str(Subject.of(PREFIX, n)) for n in range(1, row.number)]
    open_ = Escalation.objects.filter(kind=KIND, status=Status.OPEN, subject__in=older)
    reviews.withdraw(
        list(open_.values_list("subject", flat=True)),
        by=ACTOR,
        why=f"calibration {row.number} was measured",
        at=now,
    )
    _ask(row, before, rows, now)
    announce([("inbox", "")])
    return row


def _ask(row: CalibrationTable, before: CalibrationTable | None, rows: list[Row], now: datetime) -> None:
    known = {r.pattern: r for r in measured_confidence.rows_of(before.text)} if before else {}
    changes = [
        Change(
            f"{r.pattern.agent}, {r.pattern.words}",
            str(known[r.pattern].confidence) if r.pattern in known else f"{r.stated} stated",
            str(r.confidence),
            f"{r.confirmed} of {r.answers} answers of people confirmed it.",
            CODE,
        )
        for r in rows
        if r.pattern not in known or known[r.pattern].confidence != r.confidence
    ]
    stands = f"calibration {before.number}" if before else "what agents state themselves"
    Proposal(
        subject=Subject.of(PREFIX, row.number),
        text=f"Put calibration {row.number} in force?",
        changes=tuple(changes[:SHOWN]),
        case={"vendor": f"Calibration {row.number}", "number": str(row.number), "sha256": row.sha256},
        if_approved=f"Approving lets agents say the confidence of calibration {row.number} from now on."
        " What is decided stays as it is.",
        if_rejected=f"Rejecting keeps {stands}.",
        makers=(),
        kind=KIND,
    ).ask(ACTOR, now)


def carry_out(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """A manager's answer: the table is in force from now on, or is refused."""
    _lock()
    row = CalibrationTable.objects.get(number=int(escalation.case["number"]))
    stamp = trail.Stamp(verdict.by, at, verdict.verdict)
    changes: list[trail.Change] = []
    if verdict.verdict == "approve":
        before = CalibrationTable.objects.filter(status=CalibrationTable.Status.ACTIVE).first()
        if before is not None:
            before.status = CalibrationTable.Status.RETIRED
            changes += trail.update([before], ("status",), stamp)
        row.status, row.activated_by, row.activated_at = CalibrationTable.Status.ACTIVE, verdict.by, at
    else:
        row.status = CalibrationTable.Status.REFUSED
    changes += trail.update([row], ("status", "activated_by", "activated_at"), stamp)
    type_ = "calibration.activated" if verdict.verdict == "approve" else "calibration.refused"
    data = {"number": str(row.number), "sha256": row.sha256}
    ledger.append([ledger.Event(Subject.of(PREFIX, row.number), type_, verdict.by, at, data, changes)])
    announce([("agents", "")])


def lock(subject: str) -> None:
    """Lock all tables, as everybody does who writes one."""
    del subject
    _lock()


def _lock() -> None:
    ledger.lock(PREFIX)
    list(CalibrationTable.objects.select_for_update().values("id"))
