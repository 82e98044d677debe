"""The oversight statement: what people reviewed in a period and how well they caught what they are there to
catch, signed, bound to a checkpoint, and verified without the product (`python -m audit.verify FILE`).

It holds the histories of all known-answer cases there ever were, so that the reader can count again: each was
sealed before it was asked, opened to what was sealed, and none is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, BinaryIO

from django.contrib.auth.models import User
from django.db import transaction

from audit import clock, evidence, ledger, proofs, sealing
from audit.canonical import instant
from audit.errors import CountersignError
from audit.evidence import Collection, Written
from audit.ids import new_id
from audit.models import Head
from audit.subjects import Subject
from audit.verify import CASES, OVERSIGHT
from reviews.names import account_of

from ..domain.oversight import BLOCK, FEW, GOAL, CatchRate, flagged_share
from ..tasks.sql import rows as fetch
from . import oversight
from .access_log import seen_by
from .one_state import one_state
from .oversight import Figures

POWER, ALARMS = f"{flagged_share(0.7) * 100:.0f}", f"{flagged_share(float(GOAL)) * 100:.1f}"
METHOD = (
    (
        "Of 100 questions about invoices, 2 to 5 bring a case with a known answer, drawn by a keyed hash: the"
        " twin of a"
        " real invoice with other numbers, clean or with one thing wrong, taken in and judged by the same"
        " agents in a"
        " transaction that is rolled back. While a catch rate has fallen the policy may ask for more of them."
    ),
    (
        "Case, right answer and a nonce are sealed (SHA-256, entry oversight.committed) before the case is"
        " asked, and"
        " opened (entry oversight.opened) in the transaction of the answer."
    ),
    "A case has no invoice. The database refuses an invoice or a payment with its key.",
    (
        "Wrong payments are caught by rejecting, clean invoices that are held by letting them go. Bounds are"
        " exact"
        " (Clopper-Pearson), at 95 % confidence, one-sided."
    ),
)
LIMITS = (
    "A rate of few cases proves little: the bound is the figure, not the rate.",
    (
        f"A fall is looked for in blocks of {BLOCK} cases; one to 70 % is seen in {POWER} % of blocks, and"
        f" a team that catches {GOAL * 100:.0f} % is flagged in at most {ALARMS} %."
    ),
    (
        "Only what is held for price, quantity, bank account, resemblance, size or by chance is imitated."
        " Frauds that"
        " nobody has made before are not among the cases."
    ),
    (
        "Somebody who looks up an order or a number elsewhere in the product can find out that a case is not"
        " real. Looking"
        " up its whole history says so, and the answer then counts nowhere."
    ),
    "Whoever administers the database can read answers before they are opened.",
    "Cases are made of real invoices; what all of them lack is missing from the cases too.",
)
REFERENCES = (
    (
        "EU AI Act (Regulation (EU) 2024/1689), Article 14(1), (4)(a), (b)",
        "that people can oversee the system and stay aware of automation bias: catch rates, both directions",
    ),
    ("EU AI Act, Article 14(4)(d), (e)", "that people can disregard, override or stop it: overrides"),
    ("EU AI Act, Article 26(2), (5)", "that the deployer assigns oversight and monitors it: this statement"),
    (
        "ISO/IEC 42001:2023, 9.1 and Annex A.9",
        "monitoring and measurement; use of AI systems with human oversight: figures of the period",
    ),
    (
        "PCAOB AS 2201",
        "operating effectiveness of a review control: how often it found what was there to find",
    ),
)


class NotOverYet(CountersignError):
    """A statement says what was: its last day (UTC) cannot be after today."""

    status = 400
    exit_code = 2


class NoSuchPeriod(CountersignError):
    """A statement needs a first day, and a last day that is not before it."""

    status = 400
    exit_code = 2


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement that was written."""

    since: date
    until: date
    cases: int
    entries: int
    size: int
    root: str
    data: dict[str, Any]


def write(out: BinaryIO, since: date, until: date, *, by: str) -> Stated:
    """Write the statement of the days from `since` to `until`, both included, in UTC. Raises
    `NoSuchPeriod`, `NotOverYet`."""
    if until < since:
        raise NoSuchPeriod
    if until > clock.now().astimezone(UTC).date():
        raise NotOverYet
    first, end = _midnight(since), _midnight(until + timedelta(days=1))
    sealing.seal()  # so that what happened until now is in it
    with one_state():
        found = oversight.figures(first, end)
        data = _statement(found, by)
        written = evidence.write_collection(_collection(data, since, until), out)
    _record(data, written, by)
    return Stated(since, until, len(data["cases"]), written.entries, written.size, written.root, data)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _collection(data: dict[str, Any], since: date, until: date) -> Collection:
    cases = list(
        Head.objects.filter(subject__startswith=CASES).order_by("subject").values_list("subject", flat=True)
    )
    return Collection(
        format=OVERSIGHT,
        title=f"oversight/{since}/{until}",
        subjects=cases,
        files={
            "statement.json": json.dumps(data, ensure_ascii=False, indent=1).encode(),
            "statement.txt": text_of(data).encode(),
        },
        readme=README,
        heads=proofs.neighbours(CASES),
    )


def _record(data: dict[str, Any], written: Written, by: str) -> None:
    subject = Subject.of("oversight_statement", new_id())
    told = {
        "from": data["from"],
        "until": data["until"],
        "rates": data["rates"],
        "checkpoint": {"size": str(written.size), "root": written.root},
    }
    with transaction.atomic():
        seen_by(by, "oversight statement", subject)
        ledger.append([ledger.Event(subject, "oversight.stated", by, clock.now(), told)])


# --- what it says -------------------------------------------------------------------------------------------


def _statement(found: Figures, by: str) -> dict[str, Any]:
    """The statement: every number a string, as in the ledger."""
    cases = oversight.ended(found.since, found.until)
    return {
        "title": "Statement about human oversight",
        "from": instant(found.since),
        "until": instant(found.until),
        "made": instant(clock.now()),
        "by": by,
        "goal": str(GOAL),
        "cases": [
            {
                "subject": f"{CASES}{e.key}",
                "defect": str(e.defect),
                "queue": e.queue,
                "outcome": e.outcome,
                "at": instant(e.at),
            }
            for e in cases
        ],
        "rates": list(_rates(found)),
        "queues": [
            {
                "queue": q.queue,
                "answers": str(q.answers),
                "known_answer": str(q.known.part),
                "overrides": str(q.overrides.part),
                "with_agents": str(q.with_agents.part),
                "real_answers": str(q.overrides.base),
                "course": q.course.word,
            }
            for q in found.by_queue
        ],
        "people": _people(found.since, found.until),
        "spent": str(found.spent),
        "second_readings": {
            "real": str(found.second_readings),
            "blind_pairs": str(found.noise.pairs),
            "blind_pairs_agreeing": str(found.noise.agreed),
            "noise_per_case": "" if found.noise.per_case is None else str(found.noise.per_case),
        },
        "time_on_case": [
            {
                "amounts": d.band,
                "answers": str(d.answers),
                "median_seconds": "" if d.median is None else f"{d.median:g}",
                "under_10_seconds": str(d.quick),
            }
            for d in found.dwell
        ],
        "commitments": {
            "made": str(found.commitments.made),
            "opened": str(found.commitments.opened),
            "true": str(found.commitments.true),
        },
        "method": list(METHOD),
        "limits": list(LIMITS),
        "references": [{"text": text, "shows": shows} for text, shows in REFERENCES],
    }


def _rates(found: Figures) -> Iterable[dict[str, str]]:
    rows: list[tuple[str, str, CatchRate]] = [
        ("side", "defective", found.wrong_payments),
        ("side", "clean", found.wrong_holds),
        *(("defect", str(row.defect), row.rate) for row in found.by_defect),
        *(("queue", row.queue, row.rate) for row in found.by_queue),
    ]
    for by, what, rate in rows:
        if rate.shown:
            yield {
                "by": by,
                "what": what,
                "caught": str(rate.caught),
                "shown": str(rate.shown),
                "at_least": f"{rate.at_least:.4f}",
            }


PEOPLE = """
SELECT v.by, e.queue, e.kind, count(*), count(*) FILTER (WHERE v.verdict = 'override')
  FROM reviews_verdict v JOIN reviews_escalation e ON e.id = v.escalation_id
 WHERE v.at >= %(since)s AND v.at < %(until)s AND e.kind <> 'known_answer'
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


def _people(since: datetime, until: datetime) -> list[dict[str, str]]:
    """Who reviewed what: how many questions of each kind and queue. Nobody's own catch rate is in it."""
    found = fetch(PEOPLE, since=since, until=until)
    users = User.objects.filter(pk__in={key for by, *_ in found if (key := account_of(by))})
    names = {str(u.pk): u.get_full_name() or u.get_username() for u in users}
    return [
        {
            "person": by,
            "name": names.get(account_of(by), ""),
            "queue": queue,
            "kind": kind,
            "answers": str(answers),
            "overrides": str(overrides),
        }
        for by, queue, kind, answers, overrides in found
    ]


def text_of(data: dict[str, Any]) -> str:
    """The statement in words."""
    lines = [
        data["title"],
        f"{data['from'][:10]} to {_last_day(data['until'])}, made {data['made']}",
        "",
        "Caught",
        *(_rate_line(row) for row in data["rates"]),
        *(
            []
            if data["rates"]
            else ["  No known-answer case was answered in this period: nothing can be said."]
        ),
        f"  {data['spent']} more are counted nowhere: looked up, or not answered.",
        "",
        "Answers by queue",
        *(
            f"  {q['queue']}: {q['answers']}, of them {q['known_answer']} to known-answer cases;"
            f" {q['overrides']} overrides and {q['with_agents']} with the agents of {q['real_answers']};"
            f" {q['course']}"
            for q in data["queues"]
        ),
        "",
        "Who reviewed what",
        *(
            f"  {p['name'] or p['person']}: {p['answers']} {p['kind']} in {p['queue']}, {p['overrides']}"
            f" overrides"
            for p in data["people"]
        ),
        "",
        "Second readings",
        *_second(data["second_readings"]),
        "",
        "Time on case",
        *(
            f"  {d['amounts']}: {d['answers']} answers, median {d['median_seconds'] or '–'} s,"
            f" {d['under_10_seconds']} under 10 s"
            for d in data["time_on_case"]
        ),
        "",
        "Commitments",
        (
            f"  {data['commitments']['made']} sealed, {data['commitments']['opened']} opened,"
            f" {data['commitments']['true']} of them to what was sealed."
        ),
        "",
        "Method",
        *(f"  - {x}" for x in data["method"]),
        "",
        "Limits",
        *(f"  - {x}" for x in data["limits"]),
        "",
        "Evidence for",
        *(f"  - {r['text']}: {r['shows']}" for r in data["references"]),
    ]
    return "\n".join(lines) + "\n"


def _last_day(until: str) -> str:
    return str(date.fromisoformat(until[:10]) - timedelta(days=1))


SIDES = {"defective": "wrong payments", "clean": "wrong holds"}


def _rate_line(row: dict[str, str]) -> str:
    few = "" if int(row["shown"]) >= FEW else " (too few to speak of a rate)"
    least = float(row["at_least"])
    what = SIDES.get(row["what"], row["what"]) if row["by"] == "side" else row["what"]
    return f"  {what}: {row['caught']} of {row['shown']}, at least {least * 100:.1f} %{few}"


def _second(told: dict[str, str]) -> Sequence[str]:
    if told["blind_pairs"] == "0":
        pairs = "  No case was read by two people who knew nothing of each other."
    else:
        pairs = (
            f"  {told['blind_pairs_agreeing']} of {told['blind_pairs']} blind pairs agree;"
            f" noise {told['noise_per_case']} a case in company currency"
        )
    return [f"  {told['real']} real questions were answered by two people.", pairs]


README = """\
A statement about human oversight, with the ledger entries it is counted from.

To verify it, on a machine that has nothing of the product:

    pip install cryptography
    python verify.py STATEMENT.zip --vkey KEY

Take KEY and verify.py from somewhere else than this file if you can. Exit code 0: genuine, complete, and the
figures are those of the entries. 1: not, one line for each finding. 2: it cannot be read.

statement.txt     the statement in words
statement.json    the same for programs
entries.jsonl     every entry about known-answer cases, with its place in the sealed tree (RFC 6962)
heads.jsonl       proof that no case and no entry is left out
checkpoint.txt    the signed root over all entries (C2SP tlog-checkpoint)
manifest.txt      every file with its SHA-256, signed by the sealer (C2SP signed note, Ed25519)

By hand: a commitment is SHA-256 over the canonical JSON (RFC 8785) of {"answer", "case", "nonce"}; answer and
nonce stand in oversight.opened, the case in escalation.opened.
"""
