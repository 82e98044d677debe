"""What people supplied above a document, and what a document that comes later says itself.

The later document wins. One that says the claim of an earlier one, with the fields that had been missing or
of no use, is no second claim: it is kept beside the first as a repeated one, and what it states of those
fields stands from then on, whatever a person had supplied. Of an invoice that has ended nothing changes any
more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from audit.canonical import loads
from audit.models import Entry
from audit.subjects import Subject

from ...decisions import supplying
from ...domain.supplied import SuppliedValue, restored, stated_value
from ...facts import supplied
from ...facts.serialization import decode
from ...facts.vendor_directory import Clues, Directory
from ...models import FINAL, Document, Invoice
from ...translation.canonical import Invoice as Claim
from ...translation.identity import canonical_digest, digest_of_another, normalised_number, restates
from .parts import Origin


@dataclass(frozen=True, slots=True)
class Completed:
    """An invoice above whose document something was supplied: its digest, and the document as it came."""

    id: UUID
    digest: str
    stated: Claim
    fields: tuple[str, ...]


class CompletedInvoices:
    """Those of the vendors and numbers of a batch."""

    def __init__(self, batch: Sequence[Claim], directory: Directory) -> None:
        self._directory = directory
        self._found: dict[tuple[UUID, str], list[Completed]] = {}
        numbers = {normalised_number(one.number) for one in batch}
        owners = {owner for one in batch if (owner := self._owner(one))}
        rows = Invoice.objects.filter(
            vendor__in=owners, facts__number_key__in=numbers, supplied__isnull=False
        ).distinct()
        values = supplied.values([row.id for row in rows])
        for row in rows:
            completed = Completed(
                row.id, row.digest, _as_it_came(row), tuple(v.field for v in values[row.id])
            )
            assert row.vendor_id is not None  # noqa: S101 - chosen by vendor
            name = (row.vendor_id, normalised_number(row.number))
            self._found.setdefault(name, []).append(completed)

    def same_claim(self, invoice: Claim) -> UUID | None:
        """The invoice that this document says once more, with what had been supplied to it."""
        owner = self._owner(invoice)
        if owner is None:
            return None
        for one in self._found.get((owner, normalised_number(invoice.number)), ()):
            before = restored(invoice, one.stated, one.fields)
            digest = canonical_digest(before)
            if one.digest in (digest, digest_of_another(digest, before.seller)):
                return one.id
            if restates(before, one.stated):
                return one.id
        return None

    def _owner(self, invoice: Claim) -> UUID | None:
        return self._directory.find(invoice.seller, invoice.vendor_id, Clues.of(invoice))


def _as_it_came(row: Invoice) -> Claim:
    """The document in the first entry of an invoice."""
    first = Entry.objects.get(subject=row.subject, type="invoice.received")
    return decode(Claim, loads(first.body)["data"]["invoice"])


def states(documents: Sequence[tuple[Document, Claim]], origin: Origin) -> None:
    """Let what these repeated documents say of supplied fields stand above what was supplied."""
    keys = {Subject(document.subject).uuid for document, _ in documents}
    values = supplied.values(sorted(keys))
    for document, claim in documents:
        key = Subject(document.subject).uuid
        said = [
            SuppliedValue(one.field, found, one.was)
            for one in values.get(key, ())
            if (found := stated_value(claim, one.field))
        ]
        row = Invoice.objects.locked().filter(pk=key).first() if said else None
        if row is None or row.state in FINAL:
            continue
        other = any(one not in values[key] for one in said)
        supplying.supply(row, said, supplying.Source(origin.actor, origin.at, document=document), again=other)
