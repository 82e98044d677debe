"""One invoice as an auditor walks through it, gathered from the ledger for the paper of `reports.pdf`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from audit import canonical
from audit.commitments import reveal
from audit.models import GENESIS, Entry
from audit.words import how_many
from reviews.models import Escalation
from reviews.selectors import Person, people

from ..assurance import seal_status
from ..assurance.evidence import order_messages
from ..assurance.population_query import seller_of
from ..decisions.replay import Reperformed, reperform
from ..display.ledger_entries import moment
from ..display.reasoning import reasoning_in_words
from ..models import Document, Hold, Invoice, Receipt
from ..reports.blocks import Block, Facts, Grid, Report, Section, Text
from ..translation.identity import normalised_numbers
from . import walkthrough_people as persons
from .compared import compared
from .printed import format_money, person_name, stamp
from .walkthrough_steps import Step

MOST_DOCUMENTS = 60
MOST_ENTRIES = 500
MOST_BROKEN = 50


def walkthrough(invoice: Invoice) -> Report:
    """The whole paper."""
    entries = list(Entry.objects.filter(subject=invoice.subject).order_by("seq"))
    steps = [Step(e, reveal(canonical.loads(e.body).get("data", {}))) for e in entries]
    holds = list(invoice.holds.order_by("opened_at", "id"))
    questions = list(Escalation.objects.filter(subject=invoice.subject).order_by("opened_at", "id"))
    known = people([e.actor for e in entries] + [q.decided_by for q in questions])
    number = invoice.number or "without a number"
    lead = (
        f"{seller_of(invoice) or 'Unknown vendor'} · {invoice.type.replace('_', ' ')} ·"
        f" {format_money(invoice.gross, invoice.currency)}"
    )
    return Report(
        f"Walkthrough of {number}",
        lead,
        f"Walkthrough of {number} · {invoice.id}",
        [
            Section("The invoice", [_invoice(invoice)]),
            Section("Documents", [_documents(invoice)]),
            Section("Ordered, received, invoiced", list(_compared(invoice, holds))),
            Section("What happened, and why", list(_story(steps, known))),
            Section(
                "What people were asked, saw and answered", list(persons.asked(invoice, questions, steps))
            ),
            Section("Payment", list(persons.paid(invoice, known))),
            Section("Rules", list(_rules(steps))),
            Section("Run again", list(_again(invoice))),
            Section("Proof", list(_proof(entries))),
        ],
    )


def _invoice(invoice: Invoice) -> Facts:
    facts = invoice.facts
    return Facts(
        [
            ("Number", invoice.number),
            (
                "Vendor",
                (
                    f"{seller_of(invoice)}"
                    f" ({invoice.vendor.vendor_id if invoice.vendor else 'not in the master'})"
                ),
            ),
            ("Issued, due", f"{invoice.issue_date or '–'}, {invoice.due_date or '–'}"),
            (
                "Net, tax, gross",
                ", ".join(
                    format_money(a, invoice.currency) for a in (invoice.net, invoice.tax, invoice.gross)
                ),
            ),
            ("Orders named", ", ".join(invoice.order_numbers) or "none"),
            ("Account named", str(facts.account.get("number") or "none")),
            ("State and lane now", f"{invoice.state}, {invoice.lane}; version {invoice.version}"),
            ("Received", stamp(invoice.received_at)),
            ("Key", str(invoice.id)),
            ("Digest of its content", invoice.digest),
        ]
    )


def _documents(invoice: Invoice) -> Grid:
    orders = order_messages(invoice).values("document_id")
    receipts = Receipt.objects.filter(lines__order_key__in=normalised_numbers(invoice.order_numbers)).values(
        "document_id"
    )
    light = Document.objects.defer("canonical", "provenance")
    around = light.filter(pk__in=orders) | light.filter(pk__in=receipts)
    found = [
        invoice.document,
        *light.filter(subject=invoice.subject)
        .exclude(pk=invoice.document_id)
        .order_by("received_at", "id")[:MOST_DOCUMENTS],
        *around.distinct().order_by("received_at", "id")[:MOST_DOCUMENTS],
    ]
    return Grid(
        ("Kind", "Number", "File", "Format", "Received", "SHA-256 of the original"),
        (12, 12, 18, 12, 15, 31),
        [
            (
                d.kind.replace("_", " "),
                d.number,
                d.name,
                d.source_format,
                f"{stamp(d.received_at)} by {d.received_by}",
                d.content_id,
            )
            for d in found
        ],
        mono=frozenset({5}),
    )


def _compared(invoice: Invoice, holds: Sequence[Hold]) -> Iterator[Block]:
    found = compared(invoice, holds)
    if found.seq:
        yield Text(f"As {found.agent} read them for entry {found.seq}.", "quiet")
    else:
        yield Text(
            "No agent has compared it with an order yet; these are the lines of the document.", "quiet"
        )
    yield found.grid
    if found.left_out:
        left_out = how_many(found.left_out, "more line is", "more lines are")
        yield Text(f"{left_out} in the original.", "quiet")
    if holds:
        rows = [
            (
                h.code,
                str(h.line or "–"),
                h.owner,
                f"{h.status} {h.release}".strip(),
                reveal(str(h.detail.get("sentence", ""))),
            )
            for h in holds
        ]
        yield Grid(("Reason", "Line", "Owner", "Now", "In words"), (16, 6, 12, 14, 52), rows)


# --- the story ----------------------------------------------------------------------------------------------


def _story(steps: Sequence[Step], known: dict[str, Person]) -> Iterator[Block]:
    for step in steps[:MOST_ENTRIES]:
        line = moment(step.entry)
        who = person_name(step.entry.actor, known)
        yield Text(f"{step.entry.seq} · {stamp(step.entry.recorded_at)} · {who} · {line.title}", "h3")
        if step.data.get("agent") and step.data["agent"] != "person":
            yield from _decision(step.data)
        elif line.detail:
            yield Text(line.detail)
    if len(steps) > MOST_ENTRIES:
        more = how_many(len(steps) - MOST_ENTRIES, "more entry is", "more entries are")
        yield Text(
            f"{more} in the history and in the proof below.",
            "quiet",
        )


def _decision(data: dict[str, Any]) -> Iterator[Block]:
    state = data.get("state", {})
    ruled = (
        f"Proposed {data.get('outcome')} at confidence {data.get('confidence')}; ruled: {data.get('result')}."
    )
    yield Text(
        f"{ruled} State {state.get('from')} to {state.get('to')}. Policy"
        f" v{data.get('policy', {}).get('revision')}."
    )
    if data.get("reasoning"):
        yield Text(reasoning_in_words(str(data["reasoning"])))
    for finding in data.get("findings", []):
        code = f"{finding['code']}: " if finding.get("code") else ""
        parts = [
            f"{name} {finding[name]}" for name in ("expected", "found", "tolerance") if finding.get(name)
        ]
        evidence = [
            f"{e.get('document')}, {e.get('field')} = {e.get('value')}" for e in finding.get("evidence", [])
        ]
        yield Text(" · ".join([f"{code}{finding.get('sentence', '')}", *parts, *evidence[:6]]), "inset")
    for rule in data.get("matched_rules", []):
        yield Text(
            f"Rule {rule.get('rule')} fired: {rule.get('text')} ({rule.get('result') or 'recorded'})", "inset"
        )
    for other in data.get("dissent", []):
        yield Text(
            f"Dissent of {other.get('agent')}: {other.get('sentence')} (below {other.get('ranked_below')})",
            "inset",
        )


# --- rules, run again, proof --------------------------------------------------------------------------------


def _rules(steps: Sequence[Step]) -> Iterator[Block]:
    cited: dict[str, str] = {}
    for step in steps:
        policy = step.data.get("policy")
        if isinstance(policy, dict):
            cited[policy["sha256"]] = policy["revision"]
    activated = {
        canonical.loads(e.body)["data"]["sha256"]: e
        for e in Entry.objects.filter(type="policy.activated").order_by("id")
    }
    rows = []
    for sha256, revision in cited.items():
        entry = activated.get(sha256)
        since = f"{stamp(entry.recorded_at)} by {entry.actor}" if entry else "no entry says so"
        rows.append((f"v{revision}", since, sha256))
    if not rows:
        yield Text("No decision has been made under a policy yet.")
        return
    yield Grid(("Policy", "In force since", "SHA-256 of its text"), (8, 40, 52), rows, mono=frozenset({2}))
    yield Text(
        "The text of each version is in its entry policy.activated; the procedure document says it in words.",
        "quiet",
    )


def _again(invoice: Invoice) -> Iterator[Block]:
    yield from _run_again(reperform(subject=invoice.subject))


def _run_again(done: Reperformed) -> Iterator[Block]:
    decisions = how_many(done.decisions, "decision of agents was", "decisions of agents were")
    replayed = how_many(done.replayed, "was", "were")
    yield Text(
        f"{decisions} run again from {'its' if done.decisions == 1 else 'their'} recorded input, document,"
        f" policy and versions when this was printed; {done.same} came out the same."
        + (f" {replayed} answered by a program outside and replayed as recorded." if done.replayed else "")
    )
    for d in done.different:
        yield Text(f"Entry {d.seq}, {d.agent}: {d.field} was {d.recorded}, is now {d.again}", "inset")


def _proof(entries: Sequence[Entry]) -> Iterator[Block]:
    before, broken = GENESIS, []
    for place, entry in enumerate(entries, 1):
        sound = (
            canonical.leaf_hash(entry.body.encode()) == entry.hash
            and entry.prev == before
            and entry.seq == place
        )
        broken += [] if sound else [entry.seq]
        before = entry.hash
    if len(broken) == 1:
        yield Text(f"NOT SOUND: entry {broken[0]} does not give its hash or does not follow the one before.")
    elif broken:
        named = ", ".join(map(str, broken[:MOST_BROKEN]))
        more = f" and {len(broken) - MOST_BROKEN:,} more" if len(broken) > MOST_BROKEN else ""
        yield Text(
            f"NOT SOUND: entries {named}{more} do not give their hash or do not follow the one before."
        )
    elif len(entries) == 1:
        yield Text("The one entry gives its hash, and none is missing before it.")
    else:
        yield Text(
            f"All {len(entries):,} entries give their hashes, and each names the one before it; none is"
            " missing between them."
        )
    proved = seal_status.seal_status([e.id for e in entries])
    yield Text(proved.words)
    if proved.note:
        yield Text(proved.note, "quiet")
    rows = [
        (str(e.seq), e.type, stamp(e.recorded_at), str(proved.leaves.get(e.id, "–")), e.hash)
        for e in entries[:5000]
    ]
    yield Grid(
        ("Entry", "Type", "Recorded", "Leaf", "Hash"),
        (6, 18, 20, 7, 49),
        rows,
        right=frozenset({0, 3}),
        mono=frozenset({4}),
    )
