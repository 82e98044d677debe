"""Verifying the whole: the ledger by itself (`audit.inspection`), and what stands above it against what it
says.

Rows that are only ever added carry no history; each of them repeats an entry, and is compared with it here:
decisions, answers, documents, what was counted at intake, policies in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from audit import clock, commitments, inspection, ledger, sealing, sinks
from audit.inspection import Verified
from audit.models import Checkpoint, Entry
from audit.verify import Checkpoint as Signed
from audit.verify import Finding

from . import row_checks

SUBJECT = "audit/verification"
TYPE = "ledger.verified"
SMALL = 100_000
"""Entries up to which everything is verified each hour: about a minute's work."""
NIGHT = 2
"""The hour (UTC) at which everything is verified however large the ledger is."""


def _control_totals() -> Iterator[Finding]:
    from ..services.intake import control_totals  # with all that intake reads; `verify` starts without it

    yield from control_totals.check()


ABOVE = (
    commitments.check,
    _control_totals,
    row_checks.decisions,
    row_checks.verdicts,
    row_checks.documents,
    row_checks.contents,
    row_checks.policies,
)


def run(*, retained: Sequence[Signed] = (), incremental: bool = False) -> Verified:
    """Verify everything, or with `incremental` what came since the last clean verification."""
    since = last_clean() if incremental else None
    return inspection.verify(retained=retained, since=since, beside=() if since else ABOVE)


def routine(now: datetime) -> Verified:
    """The hourly verification, recorded: everything at night and while the ledger is small, else what is new.

    Checkpoints on this machine's own disk are compared too: a database that was set back or rewritten shows.
    """
    small = (latest := sealing.latest()) is None or latest.size < SMALL
    found = run(retained=sinks.kept(), incremental=not (small or now.hour == NIGHT))
    record(found, "system:verify")
    return found


def last_clean() -> Checkpoint | None:
    """The checkpoint up to which the ledger was verified whole and nothing was found."""
    rows = Entry.objects.filter(subject=SUBJECT, type=TYPE).order_by("-seq")[:200]
    for body in rows.values_list("body", flat=True):
        try:
            data = ledger.data_of(body)
            findings, size, root = data["findings"], int(data["size"]), data["root"]
        except (ValueError, LookupError, TypeError):  # somebody edited it: then everything is verified
            return None
        if findings:
            return None
        if size:
            return Checkpoint.objects.filter(size=size, root=root).first()
    return None


@transaction.atomic
def record(found: Verified, actor: str) -> None:
    """Write down that the ledger was verified, how far, and what was found (the first hundred findings)."""
    ledger.lock(SUBJECT)
    codes: dict[str, int] = {}
    for finding in found.findings:
        codes[finding.code] = codes.get(finding.code, 0) + 1
    data = {
        "entries": str(found.entries),
        "history_rows": str(found.history_rows),
        "size": str(found.size),
        "root": found.root,
        "since": str(found.since),
        "retained": [str(size) for size in found.retained],
        "codes": {code: str(count) for code, count in sorted(codes.items())},
        "findings": [f.as_json() | {"seq": str(f.seq or "")} for f in found.findings[:100]],
    }
    ledger.append([ledger.Event(SUBJECT, TYPE, actor, clock.now(), data)])
