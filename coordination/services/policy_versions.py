"""Versions of the policy: the first one of an installation, and drafts. `facts.policies` reads what is in
force."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import connection, transaction

from audit import canonical, clock, ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from ..agents import ADVISORY, REGISTRY, needs
from ..governance import policy as rules
from ..models import Agent, PolicyVersion
from ..tasks import work_queue

INSTALLER = "system:install"


@transaction.atomic
def ensure_defaults() -> None:
    """Policy version 1 and one row per registered agent, with their ledger entries. Idempotent."""
    now = clock.now()
    stamp = trail.Stamp(INSTALLER, now, "installation")
    if not PolicyVersion.objects.exists():
        text = rules.default_text()
        parsed = rules.parse(text, 1)
        row = PolicyVersion(
            id=new_id(),
            revision=1,
            text=text,
            sha256=parsed.sha256,
            status="active",
            author=INSTALLER,
            created_at=now,
            activated_by=INSTALLER,
            activated_at=now,
        )
        changes = trail.insert([row], stamp)
        data = {"revision": "1", "sha256": parsed.sha256, "text": text}
        ledger.append([ledger.Event("policy/1", "policy.activated", INSTALLER, now, data, changes)])
    known = set(Agent.objects.values_list("name", flat=True))
    if REGISTRY.keys() <= known:
        return
    with connection.cursor() as cursor:  # two processes that start at once register an agent once
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('coordination.agents'))")
    known = set(Agent.objects.values_list("name", flat=True))
    rows = [
        Agent(
            name=a.name,
            department=a.department,
            agent_version=a.version,
            autonomy="supervised",
            changed_at=now,
        )
        for a in REGISTRY.values()
        if a.name not in known
    ]
    events = [
        ledger.Event(
            Subject.of("agent", row.name),
            "agent.registered",
            INSTALLER,
            now,
            {"autonomy": row.autonomy, "version": row.agent_version},
            [change],
        )
        for row, change in zip(rows, trail.insert(rows, stamp), strict=True)
    ]
    ledger.append(events)
    _introduce([row.name for row in rows])


WAITING_FOR = """
SELECT id, answered FROM coordination_invoice WHERE state = ANY(%s) ORDER BY id
"""


def _introduce(names: Sequence[str]) -> None:
    """Ask agents that are new about the invoices that are here and not cleared: their release waits for them,
    too."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING_FOR, [["received", "validated", "matched", "delivered"]])
        found = cursor.fetchall()
    tasks = [
        (name, key, "new agent")
        for key, answered in found
        for name in names
        if name not in ADVISORY and name not in answered and needs(name) <= set(answered)
    ]
    work_queue.open_tasks(tasks)


@transaction.atomic
def draft(text: str, *, author: str) -> PolicyVersion:
    """Keep a policy as a draft, in its canonical form. The same text again is the version that is there."""
    kept = canonical.dumps(json.loads(text)).decode()
    parsed = rules.parse(kept, 0)
    # a new revision is one more than the highest: two at once would both take it, and the unique index one of
    # them
    rows = PolicyVersion.objects.select_for_update().order_by("-revision")
    versions = list(rows)
    for row in versions:
        if row.sha256 == parsed.sha256:
            return row
    now, revision = clock.now(), versions[0].revision + 1 if versions else 1
    row = PolicyVersion(
        id=new_id(),
        revision=revision,
        text=kept,
        sha256=parsed.sha256,
        status="draft",
        author=author,
        created_at=now,
    )
    changes = trail.insert([row], trail.Stamp(author, now, "policy loaded"))
    data = {"revision": str(revision), "sha256": parsed.sha256, "text": kept}
    ledger.append(
        [ledger.Event(Subject.of("policy", revision), "policy.drafted", author, now, data, changes)]
    )
    return row
