"""Where an invoice is: what the vendor may be told of it, in words and as a Peppol Invoice Response.

Codes come from the status that support.status keeps. Sentences with figures come from holds that the vendor
may be told of, and from nothing else: what stands here leaves the house.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from audit import clock
from audit.errors import CountersignError

from ...agents.nature import left_out
from ...agents.support_status import BY_STATE
from ...agents.vendor_words import REQUESTS, Asked, asked
from ...domain import payment_terms
from ...domain.amounts import asked as asked_amount
from ...domain.amounts import format_amount
from ...domain.hold_codes import CATALOGUE
from ...facts import documents, queries
from ...models import Content, Hold, Invoice, InvoiceFacts, InvoiceStatus, Payment, State, Vendor
from ...translation import endpoints, invoice_response
from ...translation.endpoints import Endpoint
from ...translation.invoice_response import ACTIONS, REASONS, Clarification, Correspondent, InvoiceResponse
from ..payments import bank_days, plan

FITS = "would fit every line"
"""What the evidence of a missing order says of an order that may be meant."""


class NoAddress(CountersignError):
    """This response cannot be addressed."""

    status = 422


@dataclass(frozen=True, slots=True)
class Paying:
    """When and how much: `planned` by our rules, `scheduled` in an approved run, `paid`."""

    how: str
    on: date
    amount: Decimal | None = None
    discount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class InvoiceAnswer:
    """One invoice as its vendor may know it. `since` is the moment from which the status holds."""

    invoice: Invoice
    vendor: str
    response: str
    reasons: tuple[str, ...]
    actions: tuple[str, ...]
    text: str
    since: datetime
    asked: tuple[Asked, ...]
    paying: Paying | None
    parts: tuple[Paying, ...] = ()
    """All payments, where there are several; then `paying` is the next of them, or the last."""


def answers_for(rows: Sequence[Invoice]) -> list[InvoiceAnswer]:
    """Where these invoices are; a handful of queries for all of them. Rows come with `vendor` and `facts`."""
    ids = [row.id for row in rows]
    kept = {s.invoice_id: s for s in InvoiceStatus.objects.filter(invoice__in=ids)}
    held: dict[UUID, list[Hold]] = defaultdict(list)
    for hold in Hold.objects.filter(invoice__in=ids).order_by("opened_at", "id"):
        held[hold.invoice_id].append(hold)
    paid: dict[UUID, list[Payment]] = defaultdict(list)
    live = Payment.objects.live().filter(invoice__in=ids).select_related("batch", "terms")
    for payment in live.order_by("id"):
        paid[payment.invoice_id].append(payment)
    now, another_way = clock.now(), _paid_another_way(rows)
    return [
        _answer(row, kept.get(row.id), held[row.id], paid[row.id], None if row.id in another_way else now)
        for row in rows
    ]


def _paid_another_way(rows: Sequence[Invoice]) -> set[UUID]:
    """Cleared invoices that no run pays: what the vendor collects, what is paid by card, and their like."""
    cleared = [row for row in rows if row.state == State.CLEARED]
    contents = documents.contents([row.id for row in cleared]) if cleared else {}
    known = queries.vendors({row.vendor_id for row in cleared if row.vendor_id}) if cleared else {}
    return {
        row.id
        for row in cleared
        if left_out(contents[row.id].invoice, known.get(row.vendor_id) if row.vendor_id else None)
    }


def answer_for(row: Invoice) -> InvoiceAnswer:
    """Where this invoice is."""
    return answers_for([row])[0]


def _answer(
    row: Invoice,
    kept: InvoiceStatus | None,
    held: list[Hold],
    payments: Sequence[Payment],
    now: datetime | None,
) -> InvoiceAnswer:
    """`now`: the moment from which a payment of it is planned; None where no run pays it."""
    response, text = BY_STATE[row.state]
    told = _tellable(row, held)
    made = _made(row, payments)
    since = min((h.opened_at for h, _ in told), default=row.state_since) if _open(row) else row.state_since
    return InvoiceAnswer(
        invoice=row,
        vendor=vendor_name(row),
        response=kept.response if kept else response,
        reasons=tuple(kept.reasons) if kept else (),
        actions=tuple(kept.actions) if kept else (),
        text=kept.text if kept else text,
        since=since,
        asked=tuple(dict.fromkeys(a for _, a in told)),
        paying=_next(made) or (_planned(row, now) if now else None),
        parts=made if len(made) > 1 else (),
    )


def vendor_name(row: Invoice) -> str:
    """Our name of the vendor, or the one on the invoice."""
    facts: InvoiceFacts | None = getattr(row, "facts", None)
    return row.vendor.name if row.vendor else str(facts.seller.get("name", "")) if facts else ""


def _open(row: Invoice) -> bool:
    return row.state in {State.RECEIVED, State.VALIDATED, State.MATCHED, State.DELIVERED}


def _tellable(row: Invoice, held: Sequence[Hold]) -> list[tuple[Hold, Asked]]:
    """What the vendor is told of: holds that stand, or those for which a person rejected the claim."""
    if row.state == State.REJECTED:
        stand = [h for h in held if h.release == Hold.Release.REJECTED]
    else:
        stand = [h for h in held if h.status != Hold.Status.RELEASED] if _open(row) else []
    # a right value is proposed only where nothing else is in question: our orders are no stranger's affair
    sure = row.vendor_id is not None and all(CATALOGUE[h.code].vendor for h in stand)
    found = [(h, asked(h.code, h.line, h.detail, _fitting(h) if sure else "")) for h in stand]
    return [(h, a) for h, a in found if a is not None]


def _fitting(hold: Hold) -> str:
    """The order that an invoice without one must mean, if there is exactly one."""
    fits = [e[0].removeprefix("order ") for e in hold.detail.get("evidence", ()) if e[-1] == FITS]
    return fits[0] if len(fits) == 1 else ""


# --- paying -------------------------------------------------------------------------------------------------


def _made(row: Invoice, payments: Sequence[Payment]) -> tuple[Paying, ...]:
    """The payments that are signed for or made, in the order of their days."""
    if row.state not in {State.SCHEDULED, State.PAID}:
        return ()
    signed = [p for p in payments if p.part is None or p.status != Payment.Status.PROPOSED]
    alone = len(signed) == 1 and signed[0].part is None
    found = [
        Paying(
            row.state if alone else _how(p),
            p.terms.execute_on if hasattr(p, "terms") else p.batch.execute_on,
            p.amount - (p.returned or 0),
            p.discount,
        )
        for p in signed
    ]
    return tuple(sorted(found, key=lambda x: x.on))


def _how(payment: Payment) -> str:
    return str(State.PAID if payment.status == Payment.Status.PAID else State.SCHEDULED)


def _next(made: Sequence[Paying]) -> Paying | None:
    """The first payment that is still to be made, else the last that was."""
    return next((p for p in made if p.how != State.PAID), made[-1] if made else None)


def _planned(row: Invoice, now: datetime) -> Paying | None:
    payable = row.state == State.CLEARED and row.type == "invoice" and (row.gross or 0) > 0
    if not payable or row.vendor is None or row.vendor.status != Vendor.Status.ACTIVE:
        return None
    agreed = row.vendor.payment_terms
    due = payment_terms.due_date(row.due_date, row.issue_date, agreed)
    first = bank_days.earliest(now, row.currency)
    asked_for = asked_amount(row.gross, row.facts.payable)
    stated = documents.payment_terms(row.facts.payment)
    offer = payment_terms.best(
        asked_for, asked_for, row.issue_date, agreed, stated.get("discounts", ()), first
    )
    on, *_ = plan.pay_day(due, None if "instalments" in stated else offer, first, row.currency)
    return Paying("planned", on)


# --- in words -----------------------------------------------------------------------------------------------


def day(on: date) -> str:
    """5 Sep 2026."""
    return f"{on.day} {on:%b %Y}"


def letter(found: InvoiceAnswer) -> str:
    """The answer to "where is my invoice", ready to be sent."""
    row = found.invoice
    kind = "Credit note" if row.type == "credit_note" else "Invoice"
    dated = f" of {day(row.issue_date)}" if row.issue_date else ""
    worth = f" over {row.currency} {format_amount(row.gross)}" if row.gross is not None else ""
    since = day(timezone.localdate(found.since))
    sentences = [f"{kind} {row.number}{dated}{worth} {_stands(found, since)}"]
    sentences += [a.sentence for a in found.asked] or _plain(found)
    sentences += [REQUESTS[action] for action in found.actions if REQUESTS.get(action)]
    return " ".join([*sentences, *_pays(found)])


def _stands(found: InvoiceAnswer, since: str) -> str:
    words = {
        "AB": f"has been here since {since}.",
        "IP": f"is being processed since {since}.",
        "UQ": f"has a question open since {since}.",
        "AP": f"is accepted since {since}.",
        "PD": "is paid." if _is_out(found, clock.today()) else "is given to the bank.",
        "RE": f"was rejected on {since}.",
    }
    if found.invoice.state == State.VOID:
        return f"was set aside on {since} and is not payable."
    return words.get(found.response, f"stands at {found.response} since {since}.")


def _is_out(found: InvoiceAnswer, today: date) -> bool:
    """Has the money left? A run is confirmed as a whole, and some of its payments may be for later days."""
    return found.invoice.state == State.PAID and (found.paying is None or found.paying.on <= today)


def _plain(found: InvoiceAnswer) -> list[str]:
    """The agent's own words where no hold says more, unless the opening says the same."""
    same = {text for _, text in BY_STATE.values()}
    return [] if found.text in same else [found.text]


def _pays(found: InvoiceAnswer) -> list[str]:
    paying, row = found.paying, found.invoice
    if paying is None:
        return []
    if paying.how == "planned":
        return [f"We plan to pay on {day(paying.on)}."]
    today = clock.today()
    return [
        _sentence(row.currency, one, out=one.how == State.PAID and one.on <= today)
        for one in found.parts or (paying,)
    ]


def _sentence(currency: str, paying: Paying, *, out: bool) -> str:
    less = f", the discount of {currency} {paying.discount:,.2f} taken off," if paying.discount else ""
    return f"{currency} {paying.amount:,.2f}{less} {'was' if out else 'is to be'} paid on {day(paying.on)}."


# --- as a Peppol Invoice Response ---------------------------------------------------------------------------


def message(found: InvoiceAnswer, on: date) -> bytes:
    """The response as it would be sent on a day; raises `NoAddress` where an electronic address is
    missing."""
    row = found.invoice
    receiver, sender = addresses(row)
    company = settings.COUNTERSIGN_COMPANY["name"]
    effective = timezone.localdate(found.since)
    if found.response == "PD" and found.paying and _is_out(found, on):
        effective = found.paying.on
    return invoice_response.write(
        InvoiceResponse(
            number=_number(found, on),
            issued=on,
            sender=Correspondent(company, sender),
            receiver=Correspondent(found.vendor, receiver),
            status=found.response,
            refers_to=row.number,
            type_code=type_code(row),
            refers_on=row.issue_date,
            effective=effective,
            clarifications=tuple(_clarifications(found)),
        )
    )


def _number(found: InvoiceAnswer, on: date) -> str:
    """The same for the same answer on the same day, another for any other."""
    said = [
        str(found.invoice.id),
        found.response,
        *found.reasons,
        *found.actions,
        letter(found),
        on.isoformat(),
    ]
    return f"IR-{hashlib.sha256('|'.join(said).encode()).hexdigest()[:24]}"


def type_code(row: Invoice) -> str:
    """The document type of the invoice itself (UNCL1001), as the rules ask; words of older dialects become
    their code."""
    if row.type_code.isdecimal() and len(row.type_code) <= 3:
        return row.type_code
    return "381" if row.type == "credit_note" else "380"


def _clarifications(found: InvoiceAnswer) -> list[Clarification]:
    """One for each reason, with what was said under it, then one for each request."""
    out = []
    for code in found.reasons:
        about = [a for a in found.asked if a.reason == code]
        text = " ".join(a.sentence for a in about) or (found.text if code == "OTH" else "")
        conditions = tuple(dict.fromkeys((a.term, a.value) for a in about if a.term))
        out.append(Clarification(REASONS, code, text, conditions))
    return out + [Clarification(ACTIONS, code) for code in found.actions]


def addresses(row: Invoice) -> tuple[Endpoint, Endpoint]:
    """(the vendor's, ours). The vendor's is that of its invoice, else its VAT id; ours is set, else that of
    the invoice."""
    data = bytes(Content.objects.values_list("data", flat=True).get(pk=row.document.content_id))
    stated = endpoints.of_document(data, row.number)
    vat_id = row.vendor.vat_id if row.vendor else row.facts.seller.get("vat_id", "")
    receiver = stated.get("seller") or endpoints.of_vat_id(vat_id)
    if receiver is None:
        raise NoAddress(
            "The vendor has no electronic address: neither the invoice nor a VAT id gives one. Send the words"
            " instead."
        )
    sender = endpoints.participant(settings.COUNTERSIGN_PEPPOL_ID) or stated.get("buyer")
    sender = sender or endpoints.of_vat_id(row.facts.buyer.get("vat_id", ""))
    if sender is None:
        raise NoAddress(
            "Our own electronic address is not known: set COUNTERSIGN_PEPPOL_ID to our Peppol participant id."
        )
    return receiver, sender
