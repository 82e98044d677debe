"""Changes of a vendor's master data: which take effect at once, and which a second person agrees to first.

Who is paid, where and when is decided by two: unblocking, another name (not another spelling of it), another
VAT number and other payment terms are proposals. Blocking takes effect at once, like everything that leads no
money anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from audit import ledger, trail
from audit.subjects import Subject
from reviews.models import Escalation, Verdict

from ..agents.company_names import nearly_same
from ..models import Invoice, Vendor
from ..tasks import work_queue
from ..translation.identity import registered_number
from . import master_data
from .intake import adoption
from .master_data import Change, Proposal

FIELDS = (
    "name",
    "vat_id",
    "vat_key",
    "country",
    "currency",
    "payment_terms",
    "status",
    "street",
    "postcode",
    "town",
)
WORDS = {"name": "name", "vat_id": "VAT number", "payment_terms": "payment terms", "status": "status"}


def subject(vendor: Vendor) -> str:
    """The subject of the question about a vendor's master data; the one about its account has the vendor's
    own."""
    return Subject.of("vendor_master", vendor.id)


def needs_agreement(field: str, now: str, then: str) -> bool:
    """Does another value of this field wait for a second person?"""
    if field == "status":
        return then == "active"
    if field == "name":
        return not nearly_same(now, then)
    if field == "payment_terms":
        return "".join(now.lower().split()) != "".join(then.lower().split())
    return field == "vat_id" and bool(now) and registered_number(now) != registered_number(then)


def split(row: Vendor, stated: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What a list states otherwise than we know it: what takes effect at once, and what waits for a second
    person."""
    other = {k: v for k, v in stated.items() if k != "vat_key" and getattr(row, k) != v}
    later = {k: v for k, v in other.items() if needs_agreement(k, getattr(row, k), v)}
    now = {k: v for k, v in other.items() if k not in later}
    if "vat_id" in now:
        now["vat_key"] = registered_number(now["vat_id"])
    return now, later


def propose(
    row: Vendor, later: Mapping[str, str], documents: list[dict[str, str]], actor: str, at: datetime
) -> bool:
    """Ask a second person about these values. False when the open question asks about each of them
    already."""
    before = master_data.waiting([subject(row)]).get(subject(row))
    waits: dict[str, str] = dict(before.case["changes"]) if before else {}
    if not any(waits.get(k) != v for k, v in later.items()):
        return False
    wanted = {k: v for k, v in {**waits, **later}.items() if getattr(row, k) != v}
    what = " and ".join(WORDS[k] for k in wanted)
    Proposal(
        subject=subject(row),
        text=f"Change {what} of {row.name}?",
        changes=tuple(_change(row, k, v) for k, v in wanted.items()),
        case={"vendor": row.name, "vendor_id": row.vendor_id, "changes": wanted, "documents": documents},
        if_approved=f"Approving puts the new {what} in force.",
        if_rejected=(
            f"Rejecting keeps {what} as they are."
            if len(wanted) > 1
            else f"Rejecting keeps the {what} as it is."
        ),
        makers=(*(before.makers if before else ()), actor),
    ).ask(actor, at)
    return True


def _change(row: Vendor, field: str, value: str) -> Change:
    now, then = getattr(row, field) or "none", value or "none"
    sentence = f"The {WORDS[field]} of {row.name} ({row.vendor_id}) is to be {then} instead of {now}."
    return Change(WORDS[field], now, then, sentence)


def answered(escalation: Escalation, verdict: Verdict, at: datetime) -> None:
    """The proposed values take effect, or the vendor stays as it is."""
    row = Vendor.objects.select_for_update().get(pk=Subject(escalation.subject).uuid)
    wanted: dict[str, Any] = dict(escalation.case["changes"])
    approved = verdict.verdict == "approve"
    changed = {k: [getattr(row, k), v] for k, v in wanted.items() if approved and getattr(row, k) != v}
    for field, value in wanted.items() if approved else ():
        setattr(row, field, value)
    row.vat_key = registered_number(row.vat_id)
    stamp = trail.Stamp(verdict.by, at, f"{verdict.verdict}: {verdict.reason}")
    changes = trail.update([row], FIELDS, stamp) if changed else []
    data = {"verdict": verdict.verdict, "proposed": wanted, "changed": changed}
    ledger.append(
        [ledger.Event(Subject.of("vendor", row.id), "vendor.change_decided", verdict.by, at, data, changes)]
    )
    if "vat_id" in changed:
        adoption.adopt(verdict.by, at, [registered_number(v) for v in changed["vat_id"]])
    if changed:
        work_queue.invalidate(
            list(Invoice.objects.filter(vendor=row).values_list("id", flat=True)),
            "vendor",
            Subject.of("vendor", row.id),
        )
        adoption.look_again([row.vat_key], Subject.of("vendor", row.id))
