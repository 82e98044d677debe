"""What people did with an invoice, for its walkthrough: what they were shown and for how long, what they
answered, and how it was paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from audit.commitments import reveal
from audit.models import Entry
from audit.subjects import Subject
from reviews.channel import PAGE
from reviews.models import Escalation, Verdict
from reviews.selectors import Person, people

from ..models import AccessRecord, Invoice, Payment
from ..reports.blocks import Block, Facts, Grid, Text
from .printed import person_name, span, stamp

if TYPE_CHECKING:
    from .walkthrough_steps import Step

MOST_LOOKS = 20


def asked(invoice: Invoice, questions: Sequence[Escalation], steps: Sequence[Step]) -> Iterator[Block]:
    """Each question with what was shown, who answered and how long that took."""
    if not questions:
        yield Text("Nobody was asked: no rule wanted a person.")
        return
    for question in questions:
        yield Text(f"{stamp(question.opened_at)} · {question.question}", "h3")
        yield Facts(list(_shown(question)))
        for verdict in question.verdicts.order_by("at", "id"):
            yield Text(_answer(question, verdict, given_by(verdict, question, steps)))
            yield Text(_how_long(invoice, question, verdict, steps), "inset")


def _shown(question: Escalation) -> Iterator[tuple[str, str]]:
    yield (
        "Reasons named",
        "; ".join(f"{r.get('code')}: {reveal(str(r.get('sentence', '')))}" for r in question.reasons)
        or "none",
    )
    effects = [str(e.get("text", "")) for e in question.case.get("consequences", [])]
    if effects:
        yield "Effects named", " ".join(effects)
    said = [
        f"{p.get('agent')} {p.get('outcome')} at {p.get('confidence')} (asked for {p.get('threshold')})"
        for p in question.case.get("positions", [])
    ]
    if said:
        yield "Positions named", "; ".join(said)
    yield (
        "Rules named",
        "; ".join(f"{r.get('rule')} {r.get('text')}" for r in question.case.get("rules", [])) or "none",
    )
    makers = f"; not by {', '.join(question.makers)}" if question.makers else ""
    yield "To answer", f"{question.quorum} of queue {question.queue}, policy {question.policy}{makers}"
    yield "Due", f"{stamp(question.due_at)} ({question.clock})"
    yield "Payload SHA-256", question.payload_hash
    yield "Came to", f"{question.status} {stamp(question.decided_at) if question.decided_at else ''}".strip()


def given_by(verdict: Verdict, question: Escalation, steps: Sequence[Step]) -> dict[str, Any]:
    """What the entry of a person's answer says; empty where there is none."""
    return next(
        (
            s.data
            for s in steps
            if s.entry.type == "verdict.given"
            and s.entry.actor == verdict.by
            and s.data.get("escalation") == str(question.id)
        ),
        {},
    )


def _answer(question: Escalation, verdict: Verdict, given: dict[str, Any]) -> str:
    who = people([verdict.by]).get(verdict.by)
    same = _before_them(given)
    if verdict.payload_hash != question.payload_hash:
        same = "THE PAYLOAD WAS ANOTHER"
    words = f" In their words: “{reveal(verdict.comment)}”" if verdict.comment else ""
    name = who.name if who else verdict.by
    return (
        f"{name} ({verdict.by}) answered {verdict.verdict} ({verdict.reason}) at {stamp(verdict.at)};"
        f" {same}.{words}"
    )


def _before_them(given: dict[str, Any]) -> str:
    """By which door the answer came, and what came back with it of what was shown."""
    seen: dict[str, str] = given.get("seen", {})
    if given.get("via") == PAGE:
        return "by page, and the payload was the one shown" if seen.get("payload_sha256") else "by page"
    ran: dict[str, str] = given.get("operator", {})
    named = (
        f"version {seen['version']} was named and nothing shown" if "version" in seen else "nothing was shown"
    )
    return f"by command, run by {ran.get('user') or 'user'} (uid {ran.get('uid', 'unknown')}), so {named}"


def _how_long(invoice: Invoice, question: Escalation, verdict: Verdict, steps: Sequence[Step]) -> str:
    told = [f"Answered {span(verdict.at - question.opened_at)} after the question was put"]
    claims = [
        s.entry.recorded_at
        for s in steps
        if s.entry.type == "escalation.claimed"
        and s.entry.actor == verdict.by
        and s.data.get("escalation") == str(question.id)
        and s.entry.recorded_at <= verdict.at
    ]
    if claims:
        told.append(f"{span(verdict.at - claims[-1])} after taking it on at {stamp(claims[-1])}")
    seen: dict[str, str] = given_by(verdict, question, steps).get("seen", {})
    if seen.get("seconds"):
        told.append(f"the case had been on their page for {span(timedelta(seconds=int(seen['seconds'])))}")
    else:
        told.append("how long they had it before them is not recorded")
    looks = AccessRecord.objects.filter(
        by=verdict.by, subject=invoice.subject, at__gte=question.opened_at, at__lte=verdict.at
    ).order_by("id")[:MOST_LOOKS]
    opened = [f"{look.what} at {stamp(look.at)}" for look in looks]
    told.append(
        f"opened before that: {', '.join(opened)}"
        if opened
        else "opened nothing else of the invoice before that"
    )
    return "; ".join(told) + "."


# --- payment ------------------------------------------------------------------------------------------------


def paid(invoice: Invoice, known: dict[str, Person]) -> Iterator[Block]:
    """Every payment of the invoice with its run, the four eyes behind it and the ledger entries of the
    run."""
    payments = list(invoice.payments.select_related("batch", "vendor").order_by("batch__number", "id"))
    if not payments:
        yield Text("No payment has been proposed.")
        return
    for payment in payments:
        yield Text(f"Payment run {payment.batch.number}", "h3")
        yield Facts(list(_payment(payment)))
        entries = Entry.objects.filter(subject=Subject.of("payment_batch", payment.batch_id)).order_by("seq")[
            :50
        ]
        actors = known | people(e.actor for e in entries)
        yield Grid(
            ("Entry", "Type", "Recorded", "By", "Hash"),
            (6, 18, 22, 18, 36),
            [
                (str(e.seq), e.type, stamp(e.recorded_at), person_name(e.actor, actors), e.hash)
                for e in entries
            ],
            right=frozenset({0}),
            mono=frozenset({4}),
        )


def _payment(payment: Payment) -> Iterator[tuple[str, str]]:
    batch: Any = payment.batch
    people_of = people([batch.proposed_by, batch.approved_by])
    yield "Amount", f"{payment.currency} {payment.amount:,.2f}, discount {payment.discount:,.2f}"
    yield "To", f"{payment.vendor.name}, account {payment.account}"
    yield "Status", f"{payment.status}; run {batch.status}"
    yield "Proposed", f"{person_name(batch.proposed_by, people_of)} at {stamp(batch.proposed_at)}"
    approved = (
        f"{person_name(batch.approved_by, people_of)} at {stamp(batch.approved_at)}"
        if batch.approved_by
        else "not yet"
    )
    yield "Approved", approved
    yield "On", str(batch.execute_on)
    if batch.file_sha256:
        yield "Bank file SHA-256", batch.file_sha256
