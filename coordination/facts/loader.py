"""Loading what agents may know: whole batches in a handful of queries, as frozen facts.

Only the kinds of facts an agent's contract reads are loaded. Document facts never change after intake and are
kept in the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from ..agents import ADVISORY
from ..agents.order_index import number_key
from ..domain.amounts import rank, stake_of
from ..domain.facts import (
    AgentAnswer,
    Allocated,
    Coded,
    HoldFacts,
    NamedLine,
    OrderFacts,
    Ours,
    ReceiptLineFacts,
    Several,
    Sibling,
    Snapshot,
    VendorFacts,
)
from ..domain.policy import Policy
from ..models import Invoice as InvoiceRow
from ..tasks.sql import grouped, rows
from ..translation import nature
from ..translation.identity import normalised_number
from . import addressees, coding_history, context, documents, makers, preceding_invoices, queries
from .context import Background
from .exchange_rates import Rates
from .order_sums import Seen, Sums, seen_from
from .vendor_directory import several


def invoices(ids: Sequence[UUID]) -> list[InvoiceRow]:
    """Complete invoice rows, in the order of `ids`. The caller holds their locks if it means to write
    them."""
    found = {row.id: row for row in InvoiceRow.objects.filter(id__in=ids)}
    return [found[i] for i in ids]


@dataclass
class Batch:
    """The facts of a batch, by kind. Filled once, read per invoice."""

    vendors: dict[UUID, VendorFacts] = field(default_factory=dict)
    orders: dict[str, list[OrderFacts]] = field(default_factory=dict)
    receipts: dict[str, list[ReceiptLineFacts]] = field(default_factory=dict)
    siblings: dict[UUID, list[Sibling]] = field(default_factory=dict)
    allocations: dict[UUID, list[tuple[Any, ...]]] = field(default_factory=dict)
    holds: dict[UUID, list[tuple[Any, ...]]] = field(default_factory=dict)
    positions: dict[UUID, list[tuple[Any, ...]]] = field(default_factory=dict)
    background: Background = field(default_factory=Background)
    coded: dict[UUID, list[Coded]] = field(default_factory=dict)
    several: dict[UUID, Several] = field(default_factory=dict)
    breakers: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()
    sums: dict[str, Sums] = field(default_factory=dict)
    brought: dict[UUID, list[makers.Brought]] = field(default_factory=dict)
    ours: dict[UUID, Ours] = field(default_factory=dict)
    named: dict[UUID, tuple[NamedLine, ...]] = field(default_factory=dict)


def load(batch: Sequence[InvoiceRow], reads: frozenset[str], policy: Policy, now: datetime) -> list[Snapshot]:
    """One snapshot per invoice, with the kinds of facts in `reads`."""
    contents = documents.contents([row.id for row in batch])
    rates = Rates.load(policy.company_currency)
    facts = Batch()
    ids = [row.id for row in batch]
    vendors = {row.vendor_id for row in batch if row.vendor_id}
    if reads & {"vendor", "receipt", "ruling"}:
        facts.vendors = queries.vendors(vendors)
    if {"vendor", "siblings"} <= reads:
        facts.background.namesakes = context.namesakes(vendors)
        facts.background.last_paid = context.last_paid(vendors)
        facts.ours = addressees.ours({i: contents[i].invoice for i in ids})
        facts.several = several([row for row in batch if row.vendor_id is None])
    notes = [row for row in batch if row.type == "credit_note"]
    if "siblings" in reads or notes:
        facts.siblings = queries.related(
            batch if "siblings" in reads else notes, policy, queries.split_floor(policy, rates)
        )
    if reads & {"billing", "siblings"}:
        facts.named = preceding_invoices.lines(batch)
    if reads & {"order", "receipt"}:
        named = [(row, contents[row.id].invoice) for row in batch]
        facts.background.led = context.led(named)
        facts.background.derived = context.derived(named, facts.background.led)
        numbers = _order_keys(batch, contents, facts)
        facts.orders = queries.orders(numbers, with_billing="billing" in reads)
        facts.background.conversions = context.conversions(vendors)
        facts.allocations = grouped(rows(queries.ALLOCATIONS, ids)) if "billing" in reads else {}
        if "receipt" in reads:
            facts.receipts = queries.receipts(numbers)
        if "billing" in reads:
            _look_further(batch, contents, facts)
    facts.brought = makers.brought(ids) if "ruling" in reads else {}
    facts.holds = grouped(rows(queries.HOLDS, ids))
    if "codings" in reads:
        facts.coded = coding_history.history(vendors)
    if reads & {"ruling"}:
        facts.positions = grouped(rows(queries.POSITIONS, ids, sorted(ADVISORY)))
        facts.breakers = tuple(name for (name,) in rows(queries.BREAKERS))
        facts.advised = tuple(name for (name,) in rows(queries.ADVISED))
    return [_snapshot(row, contents[row.id], facts, policy, now, rates) for row in batch]


def _look_further(batch: Sequence[InvoiceRow], contents: dict[UUID, documents.Content], facts: Batch) -> None:
    """For invoices that lead to no order, open ones of the vendor; for items nobody ordered, what they stood
    for before."""
    keys = {row.id: order_keys(row, contents[row.id], facts) for row in batch}
    lost = [row for row in batch if not keys[row.id] and row.type == "invoice"]
    facts.background.candidates = context.candidates(lost)
    missing = {k for ks in facts.background.candidates.values() for k in ks} - facts.orders.keys()
    if missing:
        facts.orders |= queries.orders(sorted(missing), with_billing=True)
    facts.background.learned = context.learned(
        [
            (row, contents[row.id].invoice, [o for k in keys[row.id] for o in facts.orders.get(k, ())])
            for row in batch
        ]
    )


def _snapshot(
    row: InvoiceRow, content: documents.Content, facts: Batch, policy: Policy, now: datetime, rates: Rates
) -> Snapshot:
    keys = order_keys(row, content, facts)
    around, vendor = facts.background, row.vendor_id
    own = seen_by(row, content)
    offered = () if keys or vendor is None else around.candidates.get(vendor, ())
    return Snapshot(
        id=str(row.id),
        state=row.state,
        lane=row.lane,
        version=row.version,
        facts_version=row.facts_version,
        received_on=row.received_at.date(),
        now=now,
        document=content.invoice,
        source_format=content.source_format,
        policy=policy,
        answered=tuple(row.answered),
        vendor=facts.vendors.get(row.vendor_id) if row.vendor_id else None,
        orders=seen_from(_meant(keys, content, facts), own, facts.sums),
        receipts=tuple(r for k in keys for r in facts.receipts.get(k, ())),
        siblings=_related(facts.siblings.get(row.id, ()), row, own),
        allocations=tuple(
            Allocated(p, str(o), q, a, by) for p, o, q, a, by in facts.allocations.get(row.id, ())
        ),
        holds=tuple(HoldFacts(*h) for h in facts.holds.get(row.id, ())),
        positions=tuple(
            AgentAnswer(a, o, c, tuple(codes), v)
            for a, o, c, codes, v in _decoded(facts.positions.get(row.id, ()))
        ),
        gross_company=rates.convert(
            stake_of(content.invoice), row.currency, row.issue_date or row.received_at.date()
        ),
        makers=tuple(sorted({content.received_by, *(b.actor for b in facts.brought.get(row.id, ()))})),
        sampling=settings.COUNTERSIGN_SAMPLING,
        derived_orders=around.derived.get(row.id, ()),
        led=around.led.get(row.id, ()),
        candidates=seen_from((o for k in offered for o in facts.orders.get(k, ())), own, facts.sums),
        learned=tuple(sorted(around.learned.get(vendor, ()))) if vendor else (),
        conversions=around.conversions_of(vendor),
        namesakes=around.namesakes.get(vendor, ()) if vendor else (),
        last_paid=around.last_paid.get(vendor) if vendor else None,
        never_paid=vendor in around.last_paid and around.last_paid[vendor] is None if vendor else False,
        coded=coding_history.concerning(content.invoice, facts.coded.get(vendor, ())) if vendor else (),
        breakers=facts.breakers,
        advised=facts.advised,
        ours=facts.ours.get(row.id),
        named=facts.named.get(row.id, ()),
        digest=row.digest[:DIGEST],
        several=facts.several.get(row.id),
    )


DIGEST = 12
"""Characters of a document's digest that tell invoices of one day and number apart."""


def seen_by(row: InvoiceRow, content: documents.Content) -> Seen:
    """Where an invoice stands among others, as it looks at them."""
    place = rank(row.state, content.invoice.issue_date, content.invoice.number, row.digest[:DIGEST])
    return Seen(str(row.id), place, row.type == "credit_note")


def _related(found: Iterable[Sibling], row: InvoiceRow, own: Seen) -> tuple[Sibling, ...]:
    """Of the same vendor's invoices those that stand before this one, and those that it names: nothing that
    came later is a reason to judge an earlier one otherwise. What is no claim is a reason for nothing."""
    named = {normalised_number(p) for p in row.preceding}
    return tuple(
        s
        for s in found
        if (rank(s.state, s.issue_date, s.number, s.digest) < own.rank or s.number_key in named)
        and not nature.claims_nothing(s.type_code)
    )


def _decoded(found: Iterable[tuple[Any, ...]]) -> Iterable[tuple[Any, ...]]:
    from audit.canonical import loads

    for agent, outcome, confidence, codes, version in found:
        yield agent, outcome, confidence, loads(codes) if isinstance(codes, str) else codes, version


# --- which orders concern an invoice ------------------------------------------------------------------------


def order_keys(row: InvoiceRow, content: documents.Content, facts: Batch) -> list[str]:
    """Keys of the orders the invoice leads to; a credit note without one takes those of what it credits."""
    named = content.order_numbers
    if not named and row.type == "credit_note":
        credited = {normalised_number(p) for p in row.preceding}
        siblings = facts.siblings.get(row.id, ())
        named = [
            n for s in siblings if s.type == "invoice" and s.number_key in credited for n in s.order_numbers
        ]
    derived = facts.background.derived.get(row.id, ())
    return list(dict.fromkeys(number_key(n) for n in (*named, *derived)))


def _meant(keys: list[str], content: documents.Content, facts: Batch) -> list[OrderFacts]:
    """The orders under these keys. Of several whose numbers differ in signs only, the one that is named to
    the letter."""
    named = set(content.order_numbers)
    out: list[OrderFacts] = []
    for name in keys:
        found = facts.orders.get(name, [])
        exact = [o for o in found if o.number in named] if len(found) > 1 else []
        out += exact or found
    return out


def _order_keys(
    batch: Sequence[InvoiceRow], contents: dict[UUID, documents.Content], facts: Batch
) -> list[str]:
    return sorted({k for row in batch for k in order_keys(row, contents[row.id], facts)})
