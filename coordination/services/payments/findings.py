"""What a person is asked when the bank did not carry a payment out, or money of it came back: in plain words,
with what helps."""

from __future__ import annotations

from decimal import Decimal

from ...agents.identity import masked
from ...domain.amounts import format_amount
from ...domain.payment_rules import ACCOUNT_PART, ACCOUNT_REFUSED, CONTRADICTED, PART_BACK, REFUSED
from ...domain.proposal import Evidence, Finding
from ...models import Payment
from ...translation.iso20022 import reasons
from .settling import Outcome


def refusal_finding(payment: Payment, outcome: Outcome) -> Finding:
    """The finding of a payment that is refused, of which a part came back, or of which the bank says two
    things."""
    if outcome.contradicted:
        return _contradicted(payment, outcome)
    return _part(payment, outcome) if payment.returned is not None else _refused(payment, outcome)


def entry(payment: Payment, outcome: Outcome) -> str:
    """The type of the entry that takes the invoice back."""
    if outcome.contradicted:
        return "payment.contradicted"
    return "payment.returned" if payment.returned is not None else "payment.refused"


def describe_payment(payment: Payment) -> str:
    """The payment as evidence names it: one of its run and, where an invoice is paid in parts, of its
    part."""
    part = f", part {payment.part}" if payment.part is not None else ""
    return f"payment run {payment.batch.number}{part}"


def _refused(payment: Payment, outcome: Outcome) -> Finding:
    code, text = _why(outcome)
    words = reasons.words(code, text)
    account = reasons.is_about_the_account(code)
    paid = f"{_money(payment, payment.amount)} to {masked(payment.account)}"
    advice = (
        f" Ask {payment.vendor.name} for its account; a change is verified before it is paid."
        if account
        else ""
    )
    note = outcome.told_by.reading.note if outcome.told_by else "The bank did not carry it out."
    if outcome.came_back and outcome.told_by and outcome.told_by.reading.came_back != payment.amount:
        note = "The money came back, in several parts."
    return Finding(
        "release",
        f"{note} {paid}: {words}.{advice}",
        code="payment_refused",
        expected=f"{paid} {'kept by the vendor' if outcome.came_back else 'carried out'}",
        found=f"{words}, {describe_payment(payment).removeprefix('payment ')}",
        money=payment.amount,
        rule=ACCOUNT_REFUSED if account else REFUSED,
        evidence=_evidence(payment, outcome),
    )


def _part(payment: Payment, outcome: Outcome) -> Finding:
    returned = payment.returned or Decimal(0)
    code, text = _why(outcome)
    why = f" The bank says: {reasons.words(code, text)}." if code or text else ""
    came = f"{_money(payment, returned)} of {_money(payment, payment.amount)} came back"
    return Finding(
        "release",
        f"{came}.{why} {_money(payment, payment.amount - returned)} stays paid to {masked(payment.account)}. "
        f"Ask {payment.vendor.name} why before it is paid again.",
        code="payment_refused",
        expected=f"{_money(payment, payment.amount)} stays with {payment.vendor.name}",
        found=f"{came}, {describe_payment(payment).removeprefix('payment ')}",
        money=returned,
        rule=ACCOUNT_PART if reasons.is_about_the_account(code) else PART_BACK,
        evidence=_evidence(payment, outcome),
    )


def _contradicted(payment: Payment, outcome: Outcome) -> Finding:
    paid = _money(payment, payment.amount)
    return Finding(
        "release",
        f"The bank says that {paid} was not carried out, and also that it has left. Look at the account"
        " before it is paid again.",
        code="payment_refused",
        expected=f"{paid} either paid or not",
        found=f"refused and yet booked by the bank, run {payment.batch.number}",
        money=payment.amount,
        rule=CONTRADICTED,
        evidence=_evidence(payment, outcome),
    )


def _money(payment: Payment, amount: Decimal) -> str:
    return f"{payment.currency} {format_amount(amount)}"


def _why(outcome: Outcome) -> tuple[str, str]:
    line = outcome.told_by.line if outcome.told_by else None
    return (line.reason, line.text) if line else ("", "")


def _evidence(payment: Payment, outcome: Outcome) -> tuple[Evidence, ...]:
    line = outcome.told_by.line if outcome.told_by else None
    shown = " ".join(filter(None, [line.code, line.reason, line.text])) if line else ""
    return (Evidence(describe_payment(payment), "bank answer", shown or (line.status if line else "")),)
