"""What an auditor looks for: a search as it is stored, and the invoices that it finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from reviews import fields

from ..facts.numbered import containing
from ..models import Decision, Hold, Invoice


@dataclass(frozen=True, slots=True)
class Search:
    """What an auditor looks for; every field narrows. Amounts in the invoice's own currency."""

    text: str = ""
    code: str = ""
    actor: str = ""
    rule: str = ""
    least: str = ""
    most: str = ""
    since: str = ""
    until: str = ""

    @property
    def query(self) -> str:
        return urlencode({name: getattr(self, name) for name in self.__slots__ if getattr(self, name)})

    @property
    def empty(self) -> bool:
        return not self.query


def narrowed(wanted: Search) -> QuerySet[Invoice]:
    """The invoices a search means. Days are those of the current time zone; raises for what cannot be
    read."""
    rows = Invoice.objects.all()
    if wanted.text:
        text = wanted.text
        vendor = Q(vendor__name__icontains=text) | Q(vendor__vendor_id__iexact=text)
        rows = rows.filter(containing(text) | vendor)
    holds = Hold.objects.filter(invoice=OuterRef("pk"))
    if wanted.code:
        rows = rows.filter(Exists(holds.filter(code=wanted.code)))
    if wanted.rule:
        rows = rows.filter(Exists(holds.filter(detail__rule__iexact=wanted.rule)))
    if wanted.actor:
        rows = rows.filter(_acted(wanted.actor))
    if wanted.least:
        rows = rows.filter(gross__gte=_amount(wanted.least))
    if wanted.most:
        rows = rows.filter(gross__lte=_amount(wanted.most))
    if wanted.since:
        rows = rows.filter(received_at__date__gte=date.fromisoformat(wanted.since))
    if wanted.until:
        rows = rows.filter(received_at__date__lte=date.fromisoformat(wanted.until))
    return rows


def _amount(text: str) -> Decimal:
    number = fields.amount(text)
    if number is None:
        raise ValueError(text)
    return number


def _acted(name: str) -> Exists:
    """Decided by this agent or person. People are found by name, agents by theirs."""
    named = Q(first_name__icontains=name) | Q(last_name__icontains=name) | Q(username__iexact=name)
    persons = [f"human:{pk}" for pk in User.objects.filter(named).values_list("pk", flat=True)[:50]]
    decisions = Decision.objects.filter(invoice=OuterRef("pk"))
    return Exists(decisions.filter(Q(actor__in=persons) | Q(agent__iexact=name)))
