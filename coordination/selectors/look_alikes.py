"""A suspected duplicate beside what it resembles, as a page shows it: what was compared when it was asked,
and how both stand now.

What was compared comes from the frozen case. Looked up are only the invoices that are there: of a question
about no invoice nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User

from audit import clock
from audit.subjects import Subject
from reviews.access import may
from reviews.models import Escalation, Status
from reviews.selectors import Person, people

from .. import rights
from ..domain.amounts import ZERO
from ..facts.payment_outlook import PAYING
from ..models import Invoice, PaidElsewhere, Payment

FIELDS = {
    "number": "Number",
    "issued": "Issued",
    "due": "Due",
    "order": "Order",
    "names": "Names invoice",
    "vendor": "Vendor",
    "currency": "Currency",
    "net": "Net",
    "tax": "Tax",
    "gross": "Gross",
    "account": "Account",
}
FORMS = {
    "day": ("issued", "due"),
    "amount": ("net", "tax", "gross"),
    "mono": ("number", "order", "names", "account"),
}


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment of an invoice that lives: how it stands, the day it is carried out, its run (None: no run of
    ours) and how much of it the vendor has or gets."""

    words: str
    on: date | None
    run: int | None
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class InvoiceStatus:
    """How an invoice stands now: its state, and its payments that live."""

    state: str
    payments: Sequence[Paid]


@dataclass(frozen=True, slots=True)
class Field:
    """One field side by side; `form` is day, amount, mono or empty for plain text."""

    label: str
    ours: str
    theirs: str
    differs: bool
    form: str


@dataclass(frozen=True, slots=True)
class Twin:
    """One look-alike. Of `compared` fields and lines `differing` differ; `standing` is None where it is no
    longer there."""

    frozen: Mapping[str, Any]
    fields: Sequence[Field]
    differing: int
    compared: int
    by: Person | None
    standing: InvoiceStatus | None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The invoice of a case and those it resembles, for one person. `waits`: for the answer to this case."""

    twins: Sequence[Twin]
    more: int
    missing: Sequence[str]
    came: Mapping[str, Any]
    by: Person | None
    standing: InvoiceStatus | None
    at: datetime
    waits: bool
    may_read: bool
    may_see_runs: bool


def side_by_side(e: Escalation, user: User | AnonymousUser) -> SideBySide | None:
    """What a case was compared with; None where it is no suspected duplicate, or was asked before such a
    comparison was kept."""
    frozen = e.case.get("alike")
    if not frozen:
        return None
    own = Subject(e.subject)
    key = own.uuid if own.kind == "invoice" else None  # of what is no invoice nothing is looked up
    twins = {UUID(t["invoice"]): t for t in frozen["found"]}
    standing = _standings([*twins, *([key] if key else [])])
    who = people([t["came"]["by"] for t in (frozen, *twins.values()) if t["came"]])
    came = frozen["came"] or {}
    return SideBySide(
        twins=[_twin(t, standing.get(k), who) for k, t in twins.items()],
        more=int(frozen["more"] or 0),
        missing=frozen["missing"],
        came=came,
        by=who.get(came.get("by", "")),
        standing=standing.get(key) if key else None,
        at=clock.now(),
        waits=e.status == Status.OPEN,
        may_read=may(user, rights.READ_AUDIT),
        may_see_runs=may(user, rights.READ_PAYMENTS),
    )


def _twin(frozen: Mapping[str, Any], standing: InvoiceStatus | None, who: Mapping[str, Person]) -> Twin:
    fields = [_field(f) for f in frozen["fields"]]
    differing = sum(f.differs for f in fields) + sum(bool(p["differs"]) for p in frozen["lines"])
    return Twin(
        frozen=frozen,
        fields=fields,
        differing=differing + int(frozen["more_differ"] or 0),
        compared=len(fields) + len(frozen["lines"]) + int(frozen["more_lines"] or 0),
        by=who.get((frozen["came"] or {}).get("by", "")),
        standing=standing,
    )


def _field(said: Mapping[str, str]) -> Field:
    name = said["field"]
    form = next((form for form, names in FORMS.items() if name in names), "")
    return Field(FIELDS.get(name, name), said["ours"], said["theirs"], bool(said["differs"]), form)


def _standings(ids: Sequence[UUID]) -> dict[UUID, InvoiceStatus]:
    """How these invoices stand, of those that are there."""
    paid = _payments(ids)
    states = Invoice.objects.filter(id__in=ids).values_list("id", "state")
    return {key: InvoiceStatus(state, paid.get(key, [])) for key, state in states}


def _payments(ids: Iterable[UUID]) -> dict[UUID, list[Paid]]:
    out: dict[UUID, list[Paid]] = {}
    live = Payment.objects.live().filter(invoice__in=list(ids)).select_related("batch", "terms")
    for p in live.order_by("part", "id"):
        terms = getattr(p, "terms", None)
        on = terms.execute_on if terms is not None else p.batch.execute_on
        amount = p.amount - (p.returned or ZERO)
        out.setdefault(p.invoice_id, []).append(
            Paid(PAYING[p.status], on, p.batch.number, amount, p.currency)
        )
    elsewhere = PaidElsewhere.objects.filter(invoice__in=list(ids), status="confirmed")
    for other in elsewhere.order_by("paid_on", "id"):
        out.setdefault(other.invoice_id, []).append(
            Paid("paid another way", other.paid_on, None, other.amount, other.currency)
        )
    return out
