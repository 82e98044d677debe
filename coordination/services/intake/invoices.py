"""Invoices and credit notes: a row that will move, and the facts of the document that never do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from audit import ledger, trail
from audit.ids import new_id
from audit.subjects import Subject

from ...agents import ready
from ...decisions import asking
from ...facts import addressees, preceding_invoices, related_invoices
from ...facts.context import delivery_keys
from ...facts.documents import contents, party, payment_of
from ...facts.serialization import encode
from ...facts.vendor_directory import Clues, Directory, other_seller
from ...models import AllowanceCharge, Document, Invoice, InvoiceFacts, InvoiceLine, TaxSubtotal
from ...tasks import statement_changes, work_queue
from ...translation import canonical as shapes
from ...translation.identity import (
    canonical_digest,
    digest_of_another,
    normalised_number,
    normalised_numbers,
    restates,
    with_numbers_normal,
)
from . import stated_since
from .parts import Line, Origin, Part, document_row, received


def invoices(parts: Sequence[Part], origin: Origin) -> list[Line]:
    """Take invoices in. One that is canonically identical to one we have is kept as a document and makes no
    second."""
    directory = Directory.load()
    digests = _digests([_invoice(p) for p in parts])
    known = dict(Invoice.objects.filter(digest__in=digests).values_list("digest", "id"))
    claims = Claims.of([_invoice(p) for p in parts], directory)
    completed = stated_since.CompletedInvoices([_invoice(p) for p in parts], directory)
    documents, rows, lines = [], [], []
    repeated: list[tuple[Document, shapes.Invoice]] = []
    for part, digest in zip(parts, digests, strict=True):
        invoice = _invoice(part)
        key = known.get(digest) or claims.restated(invoice, part.source_format)
        key = key or completed.same_claim(invoice)
        fresh = key is None
        key = key or new_id()
        document = document_row(
            part, invoice.type, invoice.number, origin, Subject.of("invoice", key), keep=False
        )
        documents.append(document)
        result = Line(
            part.path,
            "accepted" if fresh else "duplicate",
            invoice.type,
            invoice.number,
            subject=document.subject,
        )
        lines.append(result)
        if fresh:
            known[digest] = key
            claims.add(key, invoice, part.source_format)
            rows.append((_row(key, invoice, digest, document, directory, origin), invoice, document))
        else:
            repeated.append((document, invoice))
    trail.insert_facts(documents)
    _write(rows, origin)
    _note_repeated([document for document, _ in repeated], origin)
    stated_since.states(repeated, origin)
    return lines


def _digests(batch: Sequence[shapes.Invoice]) -> list[str]:
    """The digest of each document. Two companies that share a VAT id may bill the same under the same number:
    what is equal but for the name of another company is another claim."""
    plain = [canonical_digest(invoice) for invoice in batch]
    named = {
        digest: party(seller)
        for digest, seller in InvoiceFacts.objects.filter(invoice__digest__in=plain).values_list(
            "invoice__digest", "seller"
        )
    }
    found = []
    for digest, invoice in zip(plain, batch, strict=True):
        first = named.setdefault(digest, invoice.seller)
        found.append(
            digest_of_another(digest, invoice.seller) if other_seller(first, invoice.seller) else digest
        )
    return found


@dataclass
class Claims:
    """Claims under the numbers of a batch, so that a table and another document of one claim make one
    invoice."""

    directory: Directory
    found: dict[tuple[UUID, str], list[tuple[UUID, shapes.Invoice, str]]]

    @classmethod
    def of(cls, batch: list[shapes.Invoice], directory: Directory) -> Claims:
        claims = cls(directory, {})
        numbers = {normalised_number(d.number) for d in batch}
        owners = {o for d in batch if (o := directory.find(d.seller, d.vendor_id, Clues.of(d)))}
        rows = Invoice.objects.filter(vendor__in=owners, facts__number_key__in=numbers)
        for key, content in contents(list(rows.values_list("id", flat=True))).items():
            claims.add(key, content.invoice, content.source_format)
        return claims

    def add(self, key: UUID, invoice: shapes.Invoice, source_format: str) -> None:
        for name in self._names(invoice):
            self.found.setdefault(name, []).append((key, invoice, source_format))

    def restated(self, invoice: shapes.Invoice, source_format: str) -> UUID | None:
        """The invoice that this document says once more, one of the two being a table."""
        for name in self._names(invoice):
            for key, other, syntax in self.found.get(name, ()):
                if _table(source_format) != _table(syntax) and restates(invoice, other):
                    return key
        return None

    def _names(self, invoice: shapes.Invoice) -> list[tuple[UUID, str]]:
        owner = self.directory.find(invoice.seller, invoice.vendor_id, Clues.of(invoice))
        return [(owner, normalised_number(invoice.number))] if owner else []


def _table(source_format: str) -> bool:
    return source_format.startswith("csv")


def _invoice(part: Part) -> shapes.Invoice:
    assert isinstance(part.document, shapes.Invoice)  # noqa: S101 - chosen by shape
    return part.document


def _row(
    key: UUID, invoice: shapes.Invoice, digest: str, document: Document, directory: Directory, origin: Origin
) -> Invoice:
    orders = [*invoice.order_numbers, *(line.order_number for line in invoice.lines)]
    return Invoice(
        id=key,
        number=invoice.number,
        type=invoice.type,
        type_code=invoice.type_code[:30],
        vendor_id=directory.find(invoice.seller, invoice.vendor_id, Clues.of(invoice)),
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        currency=invoice.currency[:3],
        net=invoice.net,
        tax=invoice.tax,
        gross=invoice.gross,
        order_numbers=list(dict.fromkeys(n for n in orders if n)),
        preceding=list(invoice.preceding),
        document=document,
        digest=digest,
        received_at=origin.at,
        state_since=origin.at,
    )


Row = tuple[Invoice, shapes.Invoice, Document]


def _write(rows: list[Row], origin: Origin) -> None:
    heads = [row for row, _, _ in rows]
    changes = trail.insert(heads, origin.stamp("received"))
    trail.insert_facts([_facts(row, invoice) for row, invoice, _ in rows])
    trail.insert_facts([_line(row, line) for row, invoice, _ in rows for line in invoice.lines])
    trail.insert_facts([a for row, invoice, _ in rows for a in _allowances(row, invoice)])
    trail.insert_facts([_tax(row, tax) for row, invoice, _ in rows for tax in invoice.taxes])
    ledger.append(
        [
            received(
                document,
                "invoice.received",
                origin,
                {"digest": row.digest, "invoice": encode(invoice)},
                [change],
            )
            for (row, invoice, document), change in zip(rows, changes, strict=True)
        ]
    )
    chain = [(agent, row.id, "received") for row in heads for agent in ready(frozenset())]
    work_queue.open_tasks(chain + asking.tasks_on(asking.STATUS, heads, "received"))
    statement_changes.changed((row.vendor_id for row in heads), "invoice")
    if heads:
        work_queue.invalidate(
            related_invoices.alike_now([r.id for r in heads]), "siblings", "another invoice"
        )
        work_queue.invalidate(
            addressees.doubted(invoice for _, invoice, _ in rows), "siblings", "another invoice"
        )
        work_queue.invalidate(
            preceding_invoices.naming([r.id for r in heads]), "billing", "the invoice it names"
        )


def _facts(row: Invoice, invoice: shapes.Invoice) -> InvoiceFacts:
    return InvoiceFacts(
        invoice=row,
        seller=encode(invoice.seller),
        buyer=encode(invoice.buyer),
        vendor_ref=invoice.vendor_id,
        account=encode(invoice.account),
        other_accounts=encode(invoice.other_accounts),
        payee=encode(invoice.payee),
        despatch_numbers=list(invoice.despatch_numbers),
        receipt_numbers=list(invoice.receipt_numbers),
        sales_orders=list(invoice.sales_orders),
        number_key=normalised_number(invoice.number),
        number_written=with_numbers_normal(invoice.number),
        order_keys=normalised_numbers(row.order_numbers),
        preceding_keys=normalised_numbers(row.preceding),
        sales_keys=normalised_numbers(invoice.sales_orders),
        delivery_keys=delivery_keys(invoice),
        lines_net=invoice.lines_net,
        prepaid=invoice.prepaid,
        rounding=invoice.rounding,
        payable=invoice.payable,
        payment_terms=invoice.payment_terms,
        note=invoice.note,
        unreadable=[asdict(p) for p in invoice.unreadable],
        texts=[asdict(t) for t in invoice.texts],
        rules=[asdict(r) for r in invoice.rules],
        payment=payment_of(invoice),
        marks=list(invoice.marks),
    )


LINE = (
    "position",
    "line",
    "item",
    "buyer_item",
    "description",
    "quantity",
    "unit",
    "price",
    "base_quantity",
    "net",
    "tax_rate",
    "tax_category",
    "order_number",
    "order_line",
    "standard_item",
    "base_unit",
    "note",
    "despatch_number",
    "despatch_line",
    "receipt_number",
    "receipt_line",
)


def _line(row: Invoice, line: shapes.InvoiceLine) -> InvoiceLine:
    return InvoiceLine(id=new_id(), invoice=row, **{f: getattr(line, f) for f in LINE})


def _allowances(row: Invoice, invoice: shapes.Invoice) -> list[AllowanceCharge]:
    found: list[tuple[int | None, shapes.AllowanceCharge]] = [(None, a) for a in invoice.allowances]
    found += [(line.position, a) for line in invoice.lines for a in line.allowances]
    return [AllowanceCharge(id=new_id(), invoice=row, position=p, **asdict(a)) for p, a in found]


def _tax(row: Invoice, tax: shapes.TaxSubtotal) -> TaxSubtotal:
    values: dict[str, Any] = asdict(tax)
    return TaxSubtotal(id=new_id(), invoice=row, **values)


def _note_repeated(documents: list[Document], origin: Origin) -> None:
    """A repeated document is an entry of its own subject: the invoice it repeats does not change."""
    events = []
    for document in documents:
        event = received(document, "document.repeated", origin, {"repeats": document.subject}, [])
        events.append(
            ledger.Event(Subject.of("document", document.id), event.type, event.actor, event.at, event.data)
        )
    ledger.append(events)
