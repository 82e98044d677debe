"""Vendors as lists state them. Bank accounts of a first import count as verified; every other account is a
proposal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from audit import ledger, trail
from audit.ids import new_id
from audit.subjects import Subject
from audit.trail import Change

from ...agents.identity import compact, masked
from ...models import BankAccount, Document, Invoice, Vendor
from ...tasks import work_queue
from ...translation import canonical as shapes
from ...translation.cross_border import is_iban
from ...translation.identity import registered_number
from .. import vendor_changes
from ..payments import vendor_accounts
from . import adoption, conversions
from .parts import Line, Origin, Part, document_row, evidence_of, received

FIRST_IMPORT = "system:first-import"


def vendors(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Create or update vendors by our number for them. Of several lists that name one vendor each is heard,
    in turn."""
    lines: list[Line] = []
    while parts:
        turn: dict[str, Part] = {}
        rest = []
        for part in parts:
            if turn.setdefault(_vendor(part).vendor_id, part) is not part:
                rest.append(part)
        lines += _heard(turn, origin)
        parts = rest
    return one_per_file(lines, "vendors")


def again(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Bytes that were taken in before: unchanged if we know the vendors as they state them, else stated once
    more.

    Of several lists the last that names a vendor counts, so that a folder taken in again leaves things as
    they are.
    """
    last = {_vendor(part).vendor_id: part for part in parts}
    known = {v.vendor_id: v for v in Vendor.objects.select_for_update().filter(vendor_id__in=last)}
    lines = []
    for part in parts:
        key = _vendor(part).vendor_id
        if key in known and last[key] is part:
            lines.append(_update(known[key], part, origin, repeated=True))
        else:
            lines.append(Line(part.path, "unchanged", "vendor", key))
    return one_per_file(lines, "vendors")


def _vendor(part: Part) -> shapes.Vendor:
    assert isinstance(part.document, shapes.Vendor)  # noqa: S101 - chosen by shape
    return part.document


def _heard(wanted: dict[str, Part], origin: Origin) -> list[Line]:
    known = {v.vendor_id: v for v in Vendor.objects.select_for_update().filter(vendor_id__in=wanted)}
    lines = _write_new(
        [_new(_vendor(p), origin) for k, p in wanted.items() if k not in known], wanted, origin
    )
    return lines + [_update(row, wanted[key], origin) for key, row in known.items()]


def one_per_file(lines: list[Line], kind: str) -> list[Line]:
    """A list of masters is one document: accepted when anything in it was new."""
    files: dict[str, list[Line]] = {}
    for line in lines:
        files.setdefault(line.path, []).append(line)
    return [
        Line(
            path,
            "accepted" if any(x.result == "accepted" for x in group) else "unchanged",
            kind,
            group[0].number if len(group) == 1 else f"{len(group)} {kind}",
            subject=group[0].subject if len(group) == 1 else "",
        )
        for path, group in files.items()
    ]


def _values(vendor: shapes.Vendor) -> dict[str, Any]:
    return {
        "name": vendor.name,
        "vat_id": vendor.vat_id,
        "vat_key": registered_number(vendor.vat_id),
        "country": vendor.country,
        "currency": vendor.currency,
        "payment_terms": vendor.payment_terms,
        "status": vendor.status or Vendor.Status.ACTIVE,
    } | _place(vendor)


def _place(vendor: shapes.Vendor) -> dict[str, str]:
    """Where the vendor is, if the list says it: one without a town leaves alone what is known."""
    return {"street": vendor.street, "postcode": vendor.postcode, "town": vendor.town} if vendor.town else {}


def _new(vendor: shapes.Vendor, origin: Origin) -> Vendor:
    return Vendor(id=new_id(), vendor_id=vendor.vendor_id, created_at=origin.at, **_values(vendor))


def _write_new(new: list[Vendor], wanted: dict[str, Part], origin: Origin) -> list[Line]:
    changes: dict[UUID, list[Change]] = defaultdict(list)
    for row, change in zip(new, trail.insert(new, origin.stamp()), strict=True):
        changes[row.id].append(change)
    first = [a for row in new if (a := _account(row, wanted[row.vendor_id], origin))]
    for account, change in zip(first, trail.insert(first, origin.stamp()), strict=True):
        changes[account.vendor_id].append(change)
    documents = [
        document_row(wanted[r.vendor_id], "vendor", r.vendor_id, origin, Subject.of("vendor", r.id))
        for r in new
    ]
    trail.insert_facts(documents)
    ledger.append(
        [
            received(d, "vendor.created", origin, {"vendor": masked_master(d)}, changes[r.id])
            for d, r in zip(documents, new, strict=True)
        ]
    )
    brought = {d.number: d for d in documents}
    for account in first:
        if account.status == BankAccount.Status.PROPOSED:
            vendor_accounts.ask(
                account, [], evidence_of(brought[account.vendor.vendor_id]), origin.actor, origin.at
            )
    if new:
        adoption.adopt(origin.actor, origin.at, {row.vat_key for row in new})
        conversions.adopt(new, origin)
    return [
        Line(wanted[r.vendor_id].path, "accepted", "vendor", r.vendor_id, subject=Subject.of("vendor", r.id))
        for r in new
    ]


def masked_master(document: Document) -> dict[str, Any]:
    """The master row as the ledger keeps it: the account recognisable, not whole."""
    facts = dict(document.canonical)
    if facts.get("iban"):
        facts["iban"] = masked(facts["iban"])
    return facts


def _account(row: Vendor, part: Part, origin: Origin) -> BankAccount | None:
    """The account that a list states of a vendor of whom we know none: verified in a first import, else a
    proposal."""
    vendor = _vendor(part)
    if not vendor.iban:
        return None
    return BankAccount(
        id=new_id(),
        vendor=row,
        number=compact(vendor.iban),
        bic=vendor.bic,
        status=BankAccount.Status.VERIFIED if origin.trusted else BankAccount.Status.PROPOSED,
        origin=f"{part.path} ({origin.source or 'intake'})",
        since=origin.at,
        verified_by=FIRST_IMPORT if origin.trusted else "",
    )


def _update(row: Vendor, part: Part, origin: Origin, *, repeated: bool = False) -> Line:
    """What a list states otherwise than we know it takes effect or is asked about; `repeated` bytes have
    their document."""
    values = _values(_vendor(part)) | ({} if _vendor(part).status else {"status": row.status})
    now, later = vendor_changes.split(row, values)
    account, replaced = _other_account(row, part, origin)
    named = _bank_named(row, _vendor(part))
    subject = Subject.of("vendor", row.id)
    document = _known(part) if repeated else document_row(part, "vendor", row.vendor_id, origin, subject)
    documents = [] if repeated else [document]
    trail.insert_facts(documents)
    shown = evidence_of(document)
    asks = bool(later) and vendor_changes.propose(row, later, [shown], origin.actor, origin.at)
    if not now and account is None and not asks and not named:
        ledger.append([received(d, "document.repeated", origin, {}, []) for d in documents])
        return Line(part.path, "unchanged", "vendor", row.vendor_id, subject=subject)
    changed = {k: [getattr(row, k), v] for k, v in now.items()}
    for k, v in now.items():
        setattr(row, k, v)
    changes = trail.update([row], vendor_changes.FIELDS, origin.stamp()) if now else []
    changes += trail.update(named, ("bic",), origin.stamp("the bank of an IBAN"))
    changes += trail.update(replaced, ("status", "since"), origin.stamp("another account was proposed"))
    changes += trail.insert([account], origin.stamp("proposed")) if account else []
    data: dict[str, Any] = {"changed": changed, "proposed": later if asks else {}}
    if documents:
        ledger.append([received(documents[0], "vendor.changed", origin, data, changes)])
    else:
        data["again"] = {"sha256": part.sha256, "part": str(part.index), "name": part.path}
        ledger.append([ledger.Event(subject, "vendor.stated_again", origin.actor, origin.at, data, changes)])
    if account is not None and account.status == BankAccount.Status.PROPOSED:
        vendor_accounts.ask(account, replaced, shown, origin.actor, origin.at)
    if "vat_key" in changed:
        adoption.adopt(origin.actor, origin.at, changed["vat_key"])
    adoption.look_again([row.vat_key], subject)
    work_queue.invalidate(
        list(Invoice.objects.filter(vendor=row).values_list("id", flat=True)), "vendor", subject
    )
    return Line(part.path, "accepted", "vendor", row.vendor_id, subject=subject)


def _bank_named(row: Vendor, vendor: shapes.Vendor) -> list[BankAccount]:
    """Accounts whose bank the list names where we knew none. It leads no money elsewhere: an IBAN names its
    bank by itself, and the country of both is the same."""
    number = compact(vendor.iban)
    if not vendor.bic or not is_iban(number) or vendor.bic[4:6].upper() != number[:2]:
        return []
    found = list(
        row.accounts.select_for_update().filter(number=number, bic="", status__in=["verified", "proposed"])
    )
    for account in found:
        account.bic = vendor.bic
    return found


def _same(known: BankAccount, stated: BankAccount) -> bool:
    """Do both name one account? An IBAN names its bank by itself; any other number is one only with its
    bank."""
    if known.number != stated.number:
        return False
    return is_iban(stated.number) or not stated.bic or known.bic == stated.bic


def _known(part: Part) -> Document:
    return Document.objects.get(content=part.sha256, kind="vendor", part=str(part.index))


def _other_account(row: Vendor, part: Part, origin: Origin) -> tuple[BankAccount | None, list[BankAccount]]:
    """The account of a list where it is neither in force nor proposed, and the proposals whose place it
    takes."""
    account = _account(row, part, origin)
    if account is None:
        return None, []
    known = list(row.accounts.select_for_update().order_by("since", "id"))
    if any(_same(a, account) and a.status in {"verified", "proposed"} for a in known):
        return None, []
    if known:  # a change is a proposal, whoever trusts first imports
        account.status, account.verified_by = BankAccount.Status.PROPOSED, ""
    replaced = [a for a in known if a.status == BankAccount.Status.PROPOSED]
    for other in replaced:
        other.status, other.since = BankAccount.Status.SUPERSEDED, origin.at
    return account, replaced
