"""What lists read of open questions, kept beside their cases: which keys of a case, and which days.

The order of a list hangs on days in the cases of all open questions. Read out of the cases at each look it
would cost as much as there are questions; kept in rows of their own it costs as much as the list shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from audit import canonical

from . import kinds, urgency
from .models import Escalation, LossDay, OpenQuestion, OpenTally, Status

BATCH = 1_000


def folding(table: str, one: str, other: str) -> str:
    """SQL that makes one row of all that count the same in a table of kept counts, whose key are two columns;
    a row that is alone stays."""
    return f"""
WITH many AS MATERIALIZED (SELECT {one}, {other} FROM {table} GROUP BY {one}, {other} HAVING count(*) > 1),
gone AS (DELETE FROM {table} t USING many m WHERE (t.{one}, t.{other}) = (m.{one}, m.{other})
         RETURNING t.{one}, t.{other}, t.n, t.worth)
INSERT INTO {table} ({one}, {other}, n, worth)
SELECT {one}, {other}, sum(n), sum(worth) FROM gone GROUP BY {one}, {other}
HAVING sum(n) <> 0 OR sum(worth) <> 0
"""  # noqa: S608 - names of our own


FOLD = folding("reviews_opentally", "queue", "kind")


def extract(e: Escalation) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The columns of the row of a question, and those of each of its days, as its kind has them now."""
    kind = kinds.stored_kind(e.kind)
    moments = {"opened_at": e.opened_at, "due_at": e.due_at}
    row = moments | {
        "kind": e.kind,
        "queue": e.queue,
        "owner": e.owner,
        "codes": sorted({r["code"] for r in e.reasons if r.get("code")}),
        "currency": e.currency,
        "amount_company": e.amount_company,
        "excerpt": {key: e.case[key] for key in kind.excerpt if key in e.case},
    }
    days = [
        moments | {"on": on, "counts_from": urgency.counts_from(on, deadline), "stays": deadline.stays}
        for deadline in kind.deadlines
        if (on := urgency.day_of(deadline, e.case)) is not None
    ]
    return row, days


def cause_of(e: Escalation) -> str:
    """The digest of what a question asks of whom: what it looks like, the party that its kind names, and its
    reasons with their rules. Empty where there is no party or no reason."""
    kind = kinds.stored_kind(e.kind)
    party = str(e.case.get(kind.party) or "") if kind.party else ""
    asked = sorted({(str(r["code"]), str(r.get("rule") or "")) for r in e.reasons if r.get("code")})
    if not party or not asked:
        return ""
    basis = {"kind": kind.looks_as or kind.name, "party": party, "asked": [list(one) for one in asked]}
    return canonical.sha256(canonical.dumps(basis))


def write(asked: Sequence[Escalation]) -> None:
    """Add the rows of questions that are being asked, in the transaction that asks them."""
    found = [(e, *extract(e)) for e in asked]
    OpenQuestion.objects.bulk_create(
        OpenQuestion(question_id=e.pk, aside_until=e.aside_until, cause=cause_of(e), **row)
        for e, row, _ in found
    )
    LossDay.objects.bulk_create(LossDay(question_id=e.pk, **day) for e, _, days in found for day in days)


@transaction.atomic
def rebuild() -> int:
    """Write all rows anew, of what is open now. Returns how many there are. Whoever asks or answers meanwhile
    waits.

    Needed after a kind was changed to read other keys or days of its cases than when they were asked.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE reviews_escalation, reviews_opentally IN EXCLUSIVE MODE")
    leases = dict(OpenQuestion.objects.filter(leased_until__isnull=False).values_list("pk", "leased_until"))
    LossDay.objects.all().delete()
    OpenQuestion.objects.all().delete()
    OpenTally.objects.all().delete()
    keys = list(Escalation.objects.filter(status=Status.OPEN).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        write(list(Escalation.objects.filter(pk__in=keys[start : start + BATCH])))
    for key, until in leases.items():
        OpenQuestion.objects.filter(pk=key).update(leased_until=until)
    return len(keys)


def fold() -> None:
    """Make one row of each kept count that has several. Who does it beside another finds the other's rows
    gone."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)
