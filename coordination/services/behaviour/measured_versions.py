"""Versions that are measured and put in force by a manager like a policy: kept as a draft, asked about once,
active or refused. `Versions` is one kind of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Max

from audit import canonical, ledger, trail
from audit.errors import CountersignError
from audit.subjects import Subject
from reviews import services as reviews
from reviews.models import Escalation, Status, Verdict

from ...models.measured_versions import MeasuredVersion
from ...tasks.announce import announce
from ..master_data import Change, Proposal

ACTOR = "system:monitor"
Kept = TypeVar("Kept", bound=MeasuredVersion)


class NothingNew(CountersignError):
    """What was measured is what the last version says already, or the one in force; nothing changes."""

    status = 409


@dataclass(frozen=True, slots=True)
class Versions(Generic[Kept]):
    """One kind. `kind` names the question, the subject and the entries; `made` is how a version comes about:
    measured, computed."""

    model: type[Kept]
    kind: str
    made: str

    def lock(self, _subject: str = "") -> None:
        """Lock all versions, as everybody does who writes one."""
        ledger.lock(self.kind)
        list(self.model._default_manager.select_for_update().values("id"))

    def active(self) -> Kept | None:
        return self.model._default_manager.filter(status=MeasuredVersion.Status.ACTIVE).first()

    def latest(self) -> Kept | None:
        return self.model._default_manager.order_by("-number").first()

    def waiting(self) -> Kept | None:
        """The draft that a manager is asked about."""
        asked = Escalation.objects.filter(kind=self.kind, status=Status.OPEN)
        numbers = [int(Subject(subject).key) for subject in asked.values_list("subject", flat=True)]
        return self.model._default_manager.filter(number__in=numbers).order_by("-number").first()

    def keep(self, text: str, since: datetime, now: datetime, by: str = ACTOR, **own: int) -> Kept:
        """Keep a draft with its entry; the caller holds the lock. Raises `NothingNew` where the last version
        or the one in force says the same."""
        digest = canonical.sha256(text.encode())
        if any(row is not None and row.sha256 == digest for row in (self.latest(), self.active())):
            raise NothingNew
        row = self.model(
            number=(self.model._default_manager.aggregate(n=Max("number"))["n"] or 0) + 1,
            text=text,
            sha256=digest,
            basis_from=since,
            basis_until=now,
            made_by=by,
            made_at=now,
            **own,
        )
        changes = trail.insert([row], trail.Stamp(by, now, self.made))
        data = {"number": str(row.number), "sha256": digest, "text": text}
        self._record(row, self.made, by, now, changes, data | {k: str(v) for k, v in own.items()})
        return row

    def ask(
        self, row: Kept, changes: Sequence[Change], now: datetime, *, if_approved: str, if_rejected: str
    ) -> None:
        """Ask a manager to put a draft in force, another than the one who had it made; a question about an
        older draft makes way."""
        why = f"{row} was {self.made}"
        older = Escalation.objects.filter(kind=self.kind, status=Status.OPEN)
        reviews.withdraw(list(older.values_list("subject", flat=True)), by=row.made_by, why=why, at=now)
        Proposal(
            subject=self.subject(row),
            text=f"Put {row} in force?",
            changes=tuple(changes),
            case={"vendor": str(row).capitalize(), "number": str(row.number), "sha256": row.sha256},
            if_approved=if_approved,
            if_rejected=if_rejected,
            makers=(row.made_by,),
            kind=self.kind,
        ).ask(row.made_by, now)
        announce([("inbox", "")])

    def carry_out(self, escalation: Escalation, verdict: Verdict, at: datetime) -> None:
        """A manager's answer: the draft is in force from now on in the place of another, or is refused."""
        self.lock()
        row = self.model._default_manager.get(number=int(escalation.case["number"]))
        stamp, changes = trail.Stamp(verdict.by, at, verdict.verdict), list[trail.Change]()
        approved = verdict.verdict == "approve"
        if approved:
            if before := self.active():
                before.status = MeasuredVersion.Status.RETIRED
                changes += trail.update([before], ("status",), stamp)
            row.status, row.activated_by, row.activated_at = MeasuredVersion.Status.ACTIVE, verdict.by, at
        else:
            row.status = MeasuredVersion.Status.REFUSED
        changes += trail.update([row], ("status", "activated_by", "activated_at"), stamp)
        data = {"number": str(row.number), "sha256": row.sha256}
        self._record(row, "activated" if approved else "refused", verdict.by, at, changes, data)
        announce([("agents", "")])

    def subject(self, row: Kept) -> Subject:
        return Subject.of(self.kind, row.number)

    def _record(
        self,
        row: Kept,
        what: str,
        actor: str,
        at: datetime,
        changes: Sequence[trail.Change],
        data: dict[str, Any],
    ) -> None:
        ledger.append([ledger.Event(self.subject(row), f"{self.kind}.{what}", actor, at, data, changes)])
