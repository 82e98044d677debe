"""A person confirms or corrects where a line of an invoice is booked.

A confirmation is an example for later lines. What an agent proposed never is, however sure it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from audit import clock, ledger, trail
from audit.canonical import loads
from audit.errors import CountersignError
from audit.ids import new_id
from audit.models import Entry
from audit.trail import Stamp
from reviews.access import may_now
from reviews.errors import NotAllowed, Refused
from reviews.services import display, person

from ... import rights
from ...agents.finance_coding import FinanceCoding
from ...decisions.effects.codings import WRITTEN
from ...facts import coding_history
from ...models import Coding, CodingExample, Decision, Invoice, InvoiceLine
from ...tasks.announce import announce
from ...translation.values import BadValueError, book_code

CODERS = "Lines are coded by finance and by managers."
TEXT_KEPT = 500
"""Characters of a description that an example keeps; the document has it whole."""


class NoSuchLine(CountersignError):
    """There is no such invoice line."""

    status = 404
    exit_code = 2


class NotBooked(CountersignError):
    """The invoice is not cleared, or no longer; its lines are coded once it is."""

    status = 409
    exit_code = 5


class CodedMeanwhile(CountersignError):
    """This line was coded while you were looking at it."""

    status = 409
    exit_code = 5

    def __init__(self, row: Coding | None) -> None:
        who = (
            f"{display(row.by)} put it to {format_booking(row.account, row.cost_centre)}"
            if row
            else "It has no coding now"
        )
        when = f" at {timezone.localtime(row.at):%H:%M:%S}" if row else ""
        super().__init__(
            f"The line was coded while you were looking. {who}{when}. Look again; your text is kept."
        )


def format_booking(account: str, cost_centre: str) -> str:
    """4400 / CC-10."""
    return " / ".join(filter(None, (account, cost_centre)))


# --- people -------------------------------------------------------------------------------------------------


def may_code(user: User) -> bool:
    """Specialists of finance and managers."""
    return may_now(user, rights.CODE_LINES)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose for a line, and the version of its coding that they saw (0: none)."""

    account: str
    cost_centre: str
    seen_version: int


def confirm(invoice_id: UUID, position: int, choice: Choice, *, by: User) -> Coding:
    """A person says where a line is booked: confirms the proposal, corrects it, or codes a line without one.

    Raises `Refused` (no account), `NotAllowed`, `NoSuchLine`, `NotBooked`, `CodedMeanwhile` (the coding is
    not the one that was shown). Saying again what one has just said changes nothing.
    """
    choice = _checked(choice)
    if not may_code(by):
        raise NotAllowed(CODERS)
    with transaction.atomic():
        invoice = _locked(invoice_id)
        line = InvoiceLine.objects.filter(invoice=invoice, position=position).first()
        if line is None:
            raise NoSuchLine
        row = Coding.objects.filter(invoice=invoice, position=position).first()
        if row is not None and _repeats(row, choice, by):
            return row
        if (row.version if row else 0) != choice.seen_version:
            raise CodedMeanwhile(row)
        return _write_confirmed(invoice, line, row, choice, by)


def _checked(choice: Choice) -> Choice:
    account, cost_centre = choice.account.strip(), choice.cost_centre.strip()
    if not account:
        raise Refused("Name an account.")
    _check("account", account)
    if cost_centre:
        _check("cost centre", cost_centre)
    return Choice(account, cost_centre, choice.seen_version)


def _check(what: str, text: str) -> None:
    try:
        book_code(text)
    except BadValueError as bad:
        raise Refused(f"The {what} is {bad}.") from None


def _locked(invoice_id: UUID) -> Invoice:
    """The invoice, locked as every writer does; only one that is booked has codings."""
    found = Invoice.objects.locked().select_related("vendor").filter(pk=invoice_id).first()
    if found is None:
        raise NoSuchLine
    if found.state not in coding_history.CODED_STATES:
        raise NotBooked
    return found


def _repeats(row: Coding, choice: Choice, by: User) -> bool:
    mine = row.status == Coding.Status.CONFIRMED and row.by == person(by)
    return mine and (row.account, row.cost_centre) == (choice.account, choice.cost_centre)


def _write_confirmed(
    invoice: Invoice, line: InvoiceLine, row: Coding | None, choice: Choice, by: User
) -> Coding:
    """The coding, its entry on the invoice and its example; then whoever it may teach is asked again."""
    at, actor = clock.now(), person(by)
    before = format_booking(row.account, row.cost_centre) if row else ""
    fresh = row is None
    row = row or _with_advice(Coding(id=new_id(), invoice=invoice, position=line.position, version=0))
    row.account, row.cost_centre, row.status = choice.account, choice.cost_centre, Coding.Status.CONFIRMED
    row.by, row.at, row.version = actor, at, row.version + 1
    stamp = Stamp(actor, at, f"line {line.position} coded")
    changes = trail.insert([row], stamp) if fresh else trail.update([row], WRITTEN, stamp)
    ledger.append(
        [
            ledger.Event(
                invoice.subject, "coding.confirmed", actor, at, _entry_data(row, line, before), changes
            )
        ]
    )
    if invoice.vendor is not None:
        trail.insert_facts([_example(row, line, invoice.vendor.vendor_id)])
        coding_history.ask_again([invoice.vendor.vendor_id], invoice.subject)
    announce([("coding", ""), (invoice.subject, str(invoice.id))], work=True)
    return row


def _with_advice(row: Coding) -> Coding:
    """With what the agent had said of this line while it was in shadow, so that people can be compared with
    it."""
    entry = (
        Decision.objects.filter(invoice_id=row.invoice_id, agent=FinanceCoding.name)
        .order_by("-state_version")
        .values_list("entry_id", flat=True)
        .first()
    )
    body = Entry.objects.values_list("body", flat=True).get(pk=entry) if entry else "{}"
    answers = loads(body).get("data", {}).get("codings", ())
    answer = next((a for a in answers if a["position"] == str(row.position)), None)
    if answer is not None:
        row.proposed_account, row.proposed_cost_centre = answer["account"], answer.get("cost_centre", "")
        row.confidence, row.basis = Decimal(answer["confidence"]), answer["basis"]
    return row


def _entry_data(row: Coding, line: InvoiceLine, before: str) -> dict[str, Any]:
    advice = format_booking(row.proposed_account, row.proposed_cost_centre)
    given = format_booking(row.account, row.cost_centre)
    data = {
        "line": line.line or str(line.position),
        "position": str(line.position),
        "coding": given,
        "before": before,
        "proposed": advice,
        "agreed": ("yes" if advice == given else "no") if advice else "",
        "basis": row.basis,
    }
    return {k: v for k, v in data.items() if v}


def _example(row: Coding, line: InvoiceLine, vendor_id: str) -> CodingExample:
    return CodingExample(
        id=new_id(),
        vendor_id=vendor_id,
        item=line.item or line.buyer_item or line.standard_item,
        description=line.description[:TEXT_KEPT],
        account=row.account,
        cost_centre=row.cost_centre,
        coded_on=timezone.localdate(row.at),
        invoice_id=row.invoice_id,
        position=row.position,
        by=row.by,
        recorded_at=row.at,
    )
