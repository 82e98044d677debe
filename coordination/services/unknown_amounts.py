"""Questions about an amount that nobody could count, and the rates that were missing for it."""

from __future__ import annotations

from collections.abc import Iterable

from audit.subjects import Subject
from reviews.models import Escalation, Status

from ..facts import policies
from ..models import FINAL, Invoice, Statement
from ..tasks import statement_changes, work_queue


def rates_came(currencies: Iterable[str]) -> None:
    """Ask again about what is counted by one of these rates, and what was over every limit for want of
    one."""
    came = set(currencies)
    own = policies.active().company_currency
    counted = Invoice.objects.exclude(state__in=FINAL).exclude(currency=own)
    if own not in came:
        counted = counted.filter(currency__in=came)
    ids, cause = list(counted.values_list("id", flat=True)), f"rate {', '.join(sorted(came)[:5])}"
    for kind in ("ruling", "siblings"):  # limits, and thresholds that parts of a claim stay under
        work_queue.invalidate(ids, kind, cause)
    unknown = Escalation.objects.filter(status=Status.OPEN, amount_company=None, amount__isnull=False)
    if own not in came:
        unknown = unknown.filter(currency__in=came)
    asked = [Subject(s).uuid for s in unknown.filter(kind="statement").values_list("subject", flat=True)]
    vendors = Statement.objects.filter(id__in=asked).values_list("vendor_id", flat=True)
    statement_changes.changed(list(vendors), "rates")
