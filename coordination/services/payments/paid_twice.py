"""The last look for a payment made twice: same creditor account, same amount, same reference.

Invoices are compared long before, per vendor. This one does not care whose invoice it is: two vendors with
one account are one creditor to the bank. What it finds goes to a person; what a person has ruled on passes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from ...domain import payment_rules
from ...domain.proposal import Evidence, Finding
from ...governance.gate import fingerprint
from ...models import Hold, Payment
from ...translation.identity import normalised_number
from .plan import Planned

Key = tuple[str, Decimal, str]

NEW_PAYMENT = "a payment not made before"


@dataclass(frozen=True, slots=True)
class Suspect:
    """A planned payment that looks like another one."""

    planned: Planned
    finding: Finding
    why: str


def find(planned: Sequence[Planned], accounts: dict[UUID, str]) -> list[Suspect]:
    """Planned payments that repeat a living one, or an earlier one of the same plan."""
    looked = [
        (p, _key(accounts[p.claim.vendor], p.amount, p.claim.number))
        for p in sorted(planned, key=lambda p: (p.claim.issued or date.max, p.claim.number, p.claim.id))
    ]
    others = _living({k for _, k in looked})
    repeats: list[tuple[Planned, Other]] = []
    for payment, key in looked:
        repeats += [(payment, other) for other in others[key] if other.invoice != payment.claim.id]
        others[key].append(Other(payment.claim.id, payment.claim.number, "this run"))
    ruled = _ruled({p.claim.id for p, _ in repeats})
    found = {p.claim.id: _suspect(p, o) for p, o in repeats if not _ruled_out(ruled[p.claim.id], o.number)}
    return list(found.values())


def repeated(payments: Sequence[Payment]) -> list[Payment]:
    """Payments of one run that repeat a living payment of another."""
    keys = {p.id: _key(p.account, p.amount, p.invoice.number) for p in payments}
    others = _living(set(keys.values()), without={p.batch_id for p in payments})
    found = {p.id: [o for o in others[keys[p.id]] if o.invoice != p.invoice_id] for p in payments}
    ruled = _ruled({p.invoice_id for p in payments if found[p.id]})
    return [p for p in payments if any(not _ruled_out(ruled[p.invoice_id], o.number) for o in found[p.id])]


@dataclass(frozen=True, slots=True)
class Other:
    """The payment that was there before: of which invoice, and where. Parts of one invoice repeat nothing:
    what all of them take is bounded by what was cleared."""

    invoice: UUID
    number: str
    where: str


def _key(account: str, amount: Decimal, number: str) -> Key:
    return account, amount, normalised_number(number)


def _living(keys: set[Key], without: set[UUID] | None = None) -> dict[Key, list[Other]]:
    accounts, amounts = {k[0] for k in keys}, {k[1] for k in keys}
    rows = Payment.objects.live().filter(account__in=accounts, amount__in=amounts)
    rows = rows.exclude(batch__in=without or ()).order_by("batch__number", "id")
    found: dict[Key, list[Other]] = defaultdict(list)
    for account, amount, invoice, number, run in rows.values_list(
        "account", "amount", "invoice_id", "invoice__number", "batch__number"
    ):
        found[_key(account, amount, number)].append(Other(invoice, number, f"payment run {run}"))
    return found


def _ruled(invoices: set[UUID]) -> dict[UUID, set[str]]:
    """Fingerprints of the suspicions that a person has dismissed, by invoice."""
    found: dict[UUID, set[str]] = defaultdict(set)
    if invoices:
        held = Hold.objects.filter(
            invoice__in=invoices, release=Hold.Release.OVERRIDE, code="duplicate_suspect"
        )
        for invoice, name in held.values_list("invoice_id", "fingerprint"):
            found[invoice].add(name)
    return found


def _ruled_out(ruled: set[str], other: str) -> bool:
    """Has a person said that it is no duplicate of the other: to this check, or to the one at validation?"""
    return any(fingerprint(_finding(other, expected)) in ruled for expected in (NEW_PAYMENT, "a new claim"))


def _finding(other: str, expected: str) -> Finding:
    return Finding("duplicate", "", code="duplicate_suspect", expected=expected, found=other)


def _suspect(payment: Planned, other: Other) -> Suspect:
    number = payment.claim.number
    finding = replace(
        _finding(other.number, NEW_PAYMENT),
        rule=payment_rules.REPEATED,
        money=payment.amount,
        sentence=f"Account, amount and reference are those of {other.number} in {other.where}.",
        evidence=(Evidence(f"invoice {number}", "number", number),),
    )
    return Suspect(payment, finding, f"looks like {other.number} in {other.where}; a person is asked")
