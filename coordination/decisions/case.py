"""The case put to a person: three documents line by line, positions, reasons, consequences. Frozen when
asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from reviews.services import Question

from ..agents import ADVISORY, OWNERS, REGISTRY, RELEASE, actor, corrections, nature
from ..domain.amounts import ZERO, asked, two_decimals
from ..domain.doses import READERS, Dose, second_reader
from ..domain.facts import Snapshot
from ..domain.hold_codes import CATALOGUE, answered_by
from ..domain.payment_terms import Discount, discount
from ..domain.policy import Policy
from ..domain.proposal import Contract, HoldDetail
from ..domain.question_clock import Dates, earliest
from ..domain.reasons import HoldReason
from ..facts import doses, payment_outlook, payments_made, supplied
from ..facts import loader as loading
from ..facts import nature as nature_facts
from ..facts.business_hours import business_hours
from ..facts.documents import Content
from ..governance import amount_at_stake
from ..governance.gate import Fired as FiredRule
from ..governance.gate import Ruling
from ..governance.rule_facts import in_share
from ..models import Decision, Hold, Invoice
from ..translation.canonical import Invoice as Claim
from . import case_remedies, case_twins, case_words, manual_hold
from .case_lines import CaseLine, KnownLines, compare_line, received_worth, total_variance
from .case_shape import (
    AnswerShown,
    Consequence,
    DocumentShown,
    Fired,
    InvoiceCase,
    RuleShown,
    SuppliedShown,
    Totals,
)
from .record import PERSON

Asked = tuple[Invoice, Snapshot, Content, list[Hold], Ruling]


OTHERWISE = "finance"
"""The queue of a question of which the ruling names none."""
REVIEWED = "random_audit"
BLIND = Decimal("0.25")
"""So many of the questions about an invoice that was drawn for review, and nothing else, are blind."""

FULL = frozenset({"vendor", "order", "receipt", "siblings", "billing", "ruling"})
"""The payment agent reads no documents; the person sees them all."""


@dataclass(frozen=True, slots=True)
class Besides:
    """What else a question about an invoice says: the agents' answers, what is paid of it already, the doses
    in force in its queue, and the invoices that it resembles."""

    positions: list[AnswerShown]
    paid: case_words.Made | None
    dosed: Sequence[Dose]
    alike: case_twins.SimilarInvoices | None


def questions(
    asked: Sequence[Asked], now: datetime, reading: loading.Reading | None = None
) -> list[Question]:
    """One question per invoice whose release a person must decide. `reading`: what has been read of them."""
    if not asked:
        return []
    policy = asked[0][1].policy
    rows = [row for row, *_ in asked]
    full = (reading or loading.Reading(rows, policy, now)).snapshots(rows, FULL)
    positions = _positions([row.id for row in rows], policy)
    paid = payments_made.made_before([row.id for row in rows])
    in_force = doses.in_force()
    alike = case_twins.compared([(r, s, c, h) for (r, _, c, h, _), s in zip(asked, full, strict=True)])
    return [
        _question(
            row,
            snap,
            content,
            list(holds),
            ruling,
            now,
            Besides(
                positions.get(row.id, []),
                case_words.Made(*paid[row.id]) if row.id in paid else None,
                in_force.get(ruling.queue or OTHERWISE, ()),
                alike.get(row.id),
            ),
        )
        for (row, _, content, holds, ruling), snap in zip(asked, full, strict=True)
    ]


def _question(
    row: Invoice,
    snapshot: Snapshot,
    content: Content,
    holds: list[Hold],
    ruling: Ruling,
    now: datetime,
    besides: Besides,
) -> Question:
    offer = discount(content.invoice, snapshot.vendor, snapshot.now.date())
    queue = ruling.queue or OTHERWISE
    reasons = [_reason(h, queue) for h in sorted(holds, key=_order)]
    due, clock = _clock(snapshot, ruling.queue, offer, now)
    ends = case_words.ends(reasons)
    asked_of = ruling if ends else _read_twice(ruling, snapshot, besides.dosed)
    remedies = [] if ends else case_remedies.remedies(row, snapshot, holds)
    shares = case_words.shares(reasons, queue)
    case = _case(row, snapshot, content, asked_of, besides, offer, holds, shares)
    return Question(
        subject=row.subject,
        kind="invoice",
        text=case_words.question(row, reasons, nature.left_out(content.invoice, snapshot.vendor)),
        reasons=[r.as_json() for r in reasons],
        case=replace(case, remedies=remedies).as_json(),
        policy=snapshot.policy.name,
        queue=queue,
        due_at=due,
        clock=clock,
        asked_by=actor(OWNERS[RELEASE]),
        quorum=asked_of.quorum,
        signers=asked_of.signers,
        makers=tuple(m for m in snapshot.makers if m.startswith("human:")),
        options=("reject",) if ends else ("approve", "reject", "override", *(r["name"] for r in remedies)),
        currency=row.currency,
        amount=amount_at_stake.stake(snapshot),
        amount_company=amount_at_stake.in_company(snapshot),
        stands_on={
            "holds": sorted(f"{h.fingerprint} {h.status}" for h in holds),
            "digest": row.digest,
            "quorum": str(ruling.quorum),
            **({"signers": list(ruling.signers)} if ruling.signers else {}),
            "at_stake": two_decimals(amount_at_stake.in_company(snapshot)),
        },
    )


def _read_twice(ruling: Ruling, snapshot: Snapshot, dosed: Sequence[Dose]) -> Ruling:
    """The ruling with a second reader where a dose in force asks for one. What the question stands on is the
    ruling itself, so that a dose that begins or ends asks nothing anew."""
    dose = second_reader(dosed, amount_at_stake.in_company(snapshot))
    if dose is None or ruling.quorum >= READERS:
        return ruling
    shown = FiredRule(dose.id, dose.text, f"{READERS} people")
    return replace(ruling, quorum=READERS, fired=(*ruling.fired, shown))


def _order(hold: Hold) -> tuple[bool, bool, int, str]:
    """What a person can decide now before what may still come, hard stops first."""
    return hold.status != "open", not CATALOGUE[hold.code].hard, hold.line or 0, hold.code


def _reason(hold: Hold, queue: str) -> HoldReason:
    """One live hold as the question names it."""
    kind, detail = CATALOGUE[hold.code], HoldDetail.from_json(hold.detail)
    return HoldReason(
        code=hold.code,
        words=kind.words,
        question=hold.question,
        owner=hold.owner,
        hard=kind.hard,
        line=str(hold.line) if hold.line is not None else "",
        sentence=detail.sentence,
        excess=detail.excess,
        rule=detail.rule,
        expected=detail.expected,
        found=detail.found,
        tolerance=detail.tolerance,
        money=detail.money,
        evidence=[list(place) for place in detail.evidence],
        hold=str(hold.id),
        department=answered_by(hold.code, queue),
        until=hold.until.isoformat() if hold.until is not None else "",
        set_by=hold.raised_by if hold.code == manual_hold.CODE else "",
    )


def _clock(snapshot: Snapshot, queue: str, offer: Discount | None, now: datetime) -> tuple[datetime, str]:
    """By when it is to be answered, and which clock says so (`domain.question_clock`).

    Where a question stands in the list is asked at every look (`reviews.urgency`), for days pass while it is
    open.
    """
    document, policy = snapshot.document, snapshot.policy
    dates = Dates(offer.until if offer else None, document.due_date, document.issue_date, policy.period_close)
    return earliest(business_hours(), now, policy.sla(queue or OTHERWISE), dates)


def _case(
    row: Invoice,
    snapshot: Snapshot,
    content: Content,
    ruling: Ruling,
    besides: Besides,
    offer: Discount | None,
    holds: list[Hold],
    shares: case_words.Shares,
) -> InvoiceCase:
    invoice, vendor = content.invoice, snapshot.vendor
    known = KnownLines.of(snapshot, holds)
    lines = [line for x in invoice.lines if (line := compare_line(snapshot, x, known))]
    payable = asked(invoice.gross, invoice.payable)
    standing = _still_open(offer, snapshot)
    return InvoiceCase(
        vendor=vendor.name if vendor else invoice.seller.name or "Unknown vendor",
        vendor_id=vendor.vendor_id if vendor else "",
        number=row.number,
        type=row.type,
        currency=row.currency,
        net=two_decimals(row.net),
        tax=two_decimals(row.tax),
        gross=two_decimals(row.gross),
        payable=two_decimals(payable),
        at_stake=two_decimals(amount_at_stake.stake(snapshot)),
        issue_date=str(row.issue_date or ""),
        due_date=str(row.due_date or ""),
        terms=(vendor.payment_terms if vendor else "") or invoice.payment_terms,
        discount=offer.as_json() if offer else None,
        orders=[o.number for o in snapshot.orders] or list(row.order_numbers),
        receipts=_receipts(snapshot),
        lines=lines,
        totals=_totals(row, snapshot, lines),
        positions=besides.positions,
        rules=[RuleShown(f.rule, f.text, f.result) for f in ruling.fired],
        nearest=ruling.nearest,
        consequences=_consequences(
            row, snapshot, payable, standing, ruling.quorum, shares, holds, besides.paid
        ),
        nature=nature_facts.shown(invoice, vendor),
        documents=[DocumentShown(row.type, row.number, str(content.document), content.sha256)],
        policy=snapshot.policy.name,
        plan=_paid_when(row, snapshot, invoice, begun=besides.paid is not None),
        blind=_blind(snapshot, holds),
        alike=besides.alike,
        supplied=[SuppliedShown.of(one) for one in supplied.in_force(row.id)] if content.supplied else [],
    )


def _blind(snapshot: Snapshot, holds: Sequence[Hold]) -> str:
    """Whether this question is a blind review ("yes" or empty), put without the agents' answers: by a keyed
    hash, so that nobody chooses and anybody can tell again."""
    drawn = {h.code for h in holds} == {REVIEWED}
    key = f"{snapshot.policy.audit_seed}|blind|{snapshot.id}"
    return "yes" if drawn and in_share(key, BLIND) else ""


def _receipts(snapshot: Snapshot) -> list[str]:
    """The numbers of the receipts; of very many, how many more there are."""
    arrived = [r for r in snapshot.receipts if r.kind == "receipt"]
    more = sum(r.others or 0 for r in arrived)
    return [*sorted({r.receipt for r in arrived}), *([f"{more} more"] if more else [])]


def _totals(row: Invoice, snapshot: Snapshot, lines: Sequence[CaseLine]) -> Totals:
    ordered = sum((o.net for o in snapshot.orders if o.net is not None), ZERO)
    return Totals(
        two_decimals(ordered) if snapshot.orders else "",
        received_worth(lines),
        two_decimals(row.net),
        total_variance(lines),
    )


def _paid_when(row: Invoice, snapshot: Snapshot, invoice: Claim, *, begun: bool) -> dict[str, Any] | None:
    """The payment plan, where the document says more of it than a due date and an amount, or some of it is
    paid."""
    says = invoice.instalments or invoice.discounts or invoice.withheld or invoice.prepaid
    if not says and not begun:
        return None
    plan = payment_outlook.load_outlook(row.id, invoice, snapshot.vendor, snapshot.now.date())
    return plan.as_json() if plan is not None and plan.says_more else None


def _consequences(
    row: Invoice,
    snapshot: Snapshot,
    payable: Decimal | None,
    offer: Discount | None,
    quorum: int,
    shares: case_words.Shares,
    holds: list[Hold],
    paid: case_words.Made | None,
) -> list[Consequence]:
    """What each answer does. What is no claim can only be set aside, and so can what asks for nobody knows
    how much."""
    if any(CATALOGUE[h.code].never_approved for h in holds):
        sets_aside = "Rejecting sets it aside: nothing is paid, now or later. Nothing is sent to the vendor."
        return [Consequence("reject", sets_aside)]
    if amount_at_stake.stake(snapshot) is None:  # `reviews.signing` lets nobody approve it
        pays_nothing = "Rejecting pays nothing, now or later. Nothing is sent to the vendor."
        return [Consequence("reject", pays_nothing)]
    special = case_words.Special(
        made=paid,
        parts=len(snapshot.document.instalments),
        first=_first(holds),
        left_out=nature.left_out(snapshot.document, snapshot.vendor),
    )
    return case_words.consequences(row, snapshot.vendor, payable, offer, quorum, shares, special)


def _first(holds: list[Hold]) -> str:
    """The invoices that this one may replace, where that is asked."""
    details = (HoldDetail.from_json(h.detail) for h in holds)
    return next((d.found for d in details if d.rule == corrections.RULE), "")


def _still_open(offer: Discount | None, snapshot: Snapshot) -> Discount | None:
    """The discount, while it can still be had."""
    return offer if offer and offer.until >= snapshot.now.date() else None


def _positions(ids: Sequence[UUID], policy: Policy) -> dict[UUID, list[AnswerShown]]:
    """Each agent's newest answer, from its ledger entry."""
    from audit.canonical import loads
    from audit.models import Entry

    newest = (
        Decision.objects.filter(invoice_id__in=ids)
        .exclude(agent__in=[PERSON, OWNERS[RELEASE], *ADVISORY])
        .order_by("invoice_id", "agent", "-state_version")
        .distinct("invoice_id", "agent")
        .values_list("invoice_id", "entry_id")
    )
    of = {entry: invoice for invoice, entry in newest}
    out: dict[UUID, list[AnswerShown]] = {}
    for entry_id, body in Entry.objects.filter(id__in=of).values_list("id", "body"):
        out.setdefault(of[entry_id], []).append(_position(loads(body)["data"], policy))
    order = list(REGISTRY)
    return {k: sorted(v, key=lambda p: order.index(p.agent)) for k, v in out.items()}


def _position(data: Mapping[str, Any], policy: Policy) -> AnswerShown:
    coded = [f for f in data["findings"] if f.get("code")]
    contract = REGISTRY[data["agent"]].contract
    return AnswerShown(
        agent=data["agent"],
        version=data["agent_version"],
        outcome=data["outcome"],
        confidence=data["confidence"],
        threshold=str(policy.threshold(data["agent"])),
        role=contract.role or f"owns {_owned(contract, coded) or contract.about or data['agent']}",
        reasoning=data["reasoning"],
        fired=[Fired(f.get("rule", ""), f["sentence"]) for f in coded],
        nearest=data.get("nearest", ""),
    )


def _owned(contract: Contract, coded: Sequence[Mapping[str, Any]]) -> str:
    """The questions of these findings that the agent owns."""
    return ", ".join(sorted({f["question"] for f in coded} & contract.owns))
