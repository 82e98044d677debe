"""A version of the policy comes into force: one person asks for it, another one answers, and the agents look
again.

A version that was in force before may come back. Who wrote it and who asks for it do not answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from audit import clock, ledger, trail
from audit.errors import CountersignError
from audit.subjects import Subject
from reviews import services as reviews
from reviews.access import may_now
from reviews.errors import Conflict, NotAllowed, Refused
from reviews.models import Escalation, Status, Verdict
from reviews.services import person

from .. import rights
from ..decisions.changes import POLICY
from ..governance.lint import lint
from ..models import FINAL, Invoice, PolicyVersion
from ..tasks import work_queue
from ..tasks.announce import announce
from .master_data import Change, Proposal

KIND, CODE = "policy", "policy_changed"
MOST_CHANGES = 40
"""Settings that a question names one by one; of the others it says how many they are."""
LONGEST = 200
NONE = "not there"


class NoSuchVersion(CountersignError):
    """There is no such version of the policy; `manage.py policy load FILE` keeps one."""

    status = 404
    exit_code = 2


class Unsound(Refused):
    """This version has faults and cannot come into force; `manage.py policy lint FILE` names them."""


class InForce(Conflict):
    """This version is in force already."""

    exit_code = 5


@transaction.atomic
def propose(revision: int, *, by: User) -> Escalation:
    """Ask a second person to put this version in force; until then the one before it stays.

    Raises `NotAllowed`, `NoSuchVersion`, `InForce`, `Unsound`.
    """
    if not may_now(by, rights.ACTIVATE_POLICY):
        raise NotAllowed("A policy is put in force by managers: one asks for it, another one answers.")
    versions = _lock()
    row = versions.get(revision)
    if row is None:
        raise NoSuchVersion
    before = _active(versions)
    if row is before:
        raise InForce
    if faults := lint(row.text):
        raise Unsound(f"{row} cannot come into force: {faults[0].message}")
    now = clock.now()
    subject = _subject(row)
    kept = str(before) if before is not None else "no policy: nothing is decided"
    Proposal(
        subject=subject,
        text=f"Put policy {row} in force?",
        changes=tuple(_changes(before, row)),
        case={
            "vendor": f"Policy {row}",
            "revision": str(row.revision),
            "sha256": row.sha256,
            "before": str(before.revision) if before is not None else "",
        },
        if_approved=f"Approving puts {row} in force now. Whatever is not paid is looked at again by it.",
        if_rejected=f"Rejecting keeps {kept}.",
        makers=(row.author, person(by)),
        kind=KIND,
    ).ask(person(by), now)
    announce([("inbox", ""), ("policy", str(row.revision))], work=True)
    return Escalation.objects.get(subject=subject, status=Status.OPEN)


def answered(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """The version is in force from now on, and every answer that stands on the one before is given again; or
    all stays as it is."""
    if verdict.verdict != "approve":
        return
    versions = _lock()
    row, before = versions[int(escalation.case["revision"])], _active(versions)
    stamp = trail.Stamp(verdict.by, at, "activated")
    changes = []
    if before is not None:
        before.status = PolicyVersion.Status.RETIRED
        changes += trail.update([before], ("status",), stamp)
    row.status, row.activated_by, row.activated_at = PolicyVersion.Status.ACTIVE, verdict.by, at
    changes += trail.update([row], ("status", "activated_by", "activated_at"), stamp)
    data = {"revision": str(row.revision), "sha256": row.sha256, "text": row.text}
    ledger.append([ledger.Event(_subject(row), "policy.activated", verdict.by, at, data, changes)])
    others = Escalation.objects.filter(kind=KIND, status=Status.OPEN).exclude(pk=escalation.pk)
    older = list(others.values_list("subject", flat=True))  # they compare with what is in force no more
    reviews.withdraw(older, by=verdict.by, why=f"policy {row} came into force", at=at)
    _ask_again(f"policy {row}")


def _ask_again(cause: str) -> None:
    """A worker takes every invoice up whose money is not on its way: the policy is one of the facts that
    answers stand on."""
    keys = Invoice.objects.exclude(state__in=FINAL).order_by("id").values_list("id", flat=True)
    work_queue.invalidate(list(keys), POLICY, cause)


def lock(subject: str) -> None:
    """Lock all versions, as everybody does who writes one."""
    del subject
    _lock()


def _lock() -> dict[int, PolicyVersion]:
    rows = PolicyVersion.objects.select_for_update().order_by("-revision")
    return {row.revision: row for row in rows}


def _active(versions: dict[int, PolicyVersion]) -> PolicyVersion | None:
    return next((v for v in versions.values() if v.status == PolicyVersion.Status.ACTIVE), None)


def _subject(row: PolicyVersion) -> str:
    return Subject.of("policy", row.revision)


# --- what would be another ----------------------------------------------------------------------------------


def _changes(before: PolicyVersion | None, row: PolicyVersion) -> Iterator[Change]:
    """The version itself, then every setting that differs."""
    now = str(before) if before is not None else "none"
    said = f"{row}, written by {row.author}, takes the place of {now}."
    yield Change("policy", now, str(row), said, CODE)
    old = dict(_settings(json.loads(before.text))) if before is not None else {}
    new = dict(_settings(json.loads(row.text)))
    differ = [name for name in old | new if old.get(name) != new.get(name)]
    for name in differ[:MOST_CHANGES]:
        was, then = _side_by_side(old.get(name, NONE), new.get(name, NONE))
        yield Change(name, was, then, f"{name}: {then} instead of {was}.", CODE)
    if len(differ) > MOST_CHANGES:
        more = f"{len(differ) - MOST_CHANGES} more settings"
        yield Change(more, "", "", f"{more} differ; `manage.py policy show` prints what is.", CODE)


def _settings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every setting with its path, whole; a rule of the table is one, by its id and place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _settings(inner, f"{path}.{name}" if path else name)
    elif path == "rules":
        for place, rule in enumerate(value, 1):
            yield f"rule {rule['id']}", _text({"place": place} | rule)
    else:
        yield path, _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _side_by_side(old: str, new: str) -> tuple[str, str]:
    """Both texts, each cut to a window that shows where they begin to differ: who puts a policy in force sees
    what changes, however long the rule."""
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    start = max(0, alike - LONGEST // 2)
    return _window(old, start), _window(new, start)


def _window(text: str, start: int) -> str:
    if len(text) <= LONGEST:
        return text
    shown = text[start : start + LONGEST]
    return f"{'…' * (start > 0)}{shown}{'…' * (start + LONGEST < len(text))}"
