"""Questions about an amount that nobody could count, and the rates that were missing for it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from reviews.models import Escalation, Status

from ..models import Statement
from . import claim, policies, statements


def rates_came(currencies: Iterable[str]) -> None:
    """Ask again about what was over every limit for want of one of these rates."""
    came = set(currencies)
    unknown = Escalation.objects.filter(status=Status.OPEN, amount_company=None, amount__isnull=False)
    if policies.active().company_currency not in came:
        unknown = unknown.filter(currency__in=came)
    found: dict[str, list[UUID]] = {"invoice": [], "statement": []}
    for kind, subject in unknown.filter(kind__in=found).values_list("kind", "subject"):
        found[kind].append(UUID(subject.partition("/")[2]))
    claim.wake(found["invoice"], "ruling", f"rate {', '.join(sorted(came)[:5])}")
    vendors = Statement.objects.filter(id__in=found["statement"]).values_list("vendor_id", flat=True)
    statements.changed(list(vendors), "rates")
