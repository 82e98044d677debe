"""Loading what agents may know: whole batches in a handful of queries, as frozen facts.

Only the kinds of facts an agent's contract reads are loaded. Document facts never change after intake and are
kept in the process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings

from ..agents import ADVISORY
from ..agents.order_index import number_key
from ..agents.read_set import View
from ..domain.amounts import rank, stake_of
from ..domain.facts import (
    AgentAnswer,
    Allocated,
    Coded,
    Drilling,
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
from ..domain.group_facts import CreditGroup, SplitGroup
from ..domain.policy import Policy
from ..models import Hold
from ..models import Invoice as InvoiceRow
from ..tasks.sql import grouped, rows
from ..translation import nature
from ..translation.identity import normalised_number
from . import (
    addressees,
    claims_before,
    coding_history,
    context,
    documents,
    drilled,
    makers,
    measured_confidence,
    order_sums,
    preceding_invoices,
    queries,
    receipt_sums,
    review_plans,
    split_groups,
    supplied,
)
from .answers import Answer, newest
from .context import Background
from .exchange_rates import Rates
from .order_sums import Seen, seen_from
from .places import DIGEST, seen_by
from .receipt_sums import Arrivals
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
    background: Background = field(default_factory=Background)
    coded: dict[UUID, list[Coded]] = field(default_factory=dict)
    several: dict[UUID, Several] = field(default_factory=dict)
    split_groups: dict[UUID, tuple[SplitGroup, ...]] = field(default_factory=dict)
    credit_groups: dict[UUID, tuple[CreditGroup, ...]] = field(default_factory=dict)
    breakers: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()
    sums: order_sums.Known = field(default_factory=order_sums.Known)
    arrivals: dict[str, Arrivals] = field(default_factory=dict)
    brought: dict[UUID, list[makers.Brought]] = field(default_factory=dict)
    ours: dict[UUID, Ours] = field(default_factory=dict)
    named: dict[UUID, tuple[NamedLine, ...]] = field(default_factory=dict)


def load(batch: Sequence[InvoiceRow], reads: frozenset[str], policy: Policy, now: datetime) -> list[Snapshot]:
    """One snapshot per invoice, with the kinds of facts in `reads`."""
    return Reading(batch, policy, now).snapshots(batch, reads)


EVERYTHING = View(frozenset(), None, everything=True, history=True)
"""Every hold and every answer, as they were made."""


class Reading:
    """The facts of invoices that one worker has in hand, for several agents one after the other.

    Each kind is read when an agent first needs it, and once; what the worker itself writes meanwhile is
    forgotten, to be read anew (`renew_billing`). Holds and answers are the worker's to keep up to date.
    """

    def __init__(self, batch: Sequence[InvoiceRow], policy: Policy, now: datetime) -> None:
        self.batch = list(batch)
        self.policy = policy
        self.now = now
        self._ids = [row.id for row in batch]
        self._contents = documents.contents(self._ids)
        self._apart = supplied.apart(self._ids)
        self._rates = Rates.load(policy.company_currency)
        self._measured = measured_confidence.Measured(self._ids)
        self._drawings = review_plans.Drawings(self._ids)
        self._known: dict[str, Any] = {}
        self._facts: dict[frozenset[str], Batch] = {}

    @cached_property
    def holds(self) -> dict[UUID, list[Hold]]:
        """Every hold of each invoice, oldest first."""
        found: dict[UUID, list[Hold]] = {key: [] for key in self._ids}
        for hold in Hold.objects.filter(invoice__in=self._ids).order_by("opened_at", "id"):
            found[hold.invoice_id].append(hold)
        return found

    @cached_property
    def _drills(self) -> dict[str, Drilling]:
        """The drill of each agent that has one."""
        return drilled.running()

    @cached_property
    def answers(self) -> dict[UUID, dict[str, Answer]]:
        """The newest answer of each agent, by invoice and agent."""
        return newest(self._ids)

    def snapshots(
        self, batch: Sequence[InvoiceRow], reads: frozenset[str], view: View | None = None
    ) -> list[Snapshot]:
        """One snapshot for each of these invoices as they stand now, with the kinds of facts in `reads`, and
        of holds and answers what is in `view`."""
        if reads not in self._facts:
            self._facts[reads] = self._gather(reads)
        facts, ruling = self._facts[reads], "ruling" in reads
        return [self._snapshot(row, facts, view or EVERYTHING, ruling) for row in batch]

    def renew_billing(self) -> None:
        """What is billed of orders, and by which allocations, is another thing now."""
        for name in ("billing", "allocations", "brought", "further"):
            self._known.pop(name, None)
        self._facts.clear()

    def _once(self, name: str, read: Callable[[], Any]) -> Any:
        if name not in self._known:
            self._known[name] = read()
        return self._known[name]

    def _gather(self, reads: frozenset[str]) -> Batch:
        batch, contents, once = self.batch, self._contents, self._once
        facts = Batch()
        vendors = {row.vendor_id for row in batch if row.vendor_id}
        if reads & {"vendor", "receipt", "ruling"}:
            facts.vendors = once("vendors", lambda: queries.vendors(vendors))
        if {"vendor", "siblings"} <= reads:
            facts.background.namesakes = once("namesakes", lambda: context.namesakes(vendors))
            facts.background.last_paid = once("last_paid", lambda: context.last_paid(vendors))
            invoices = {i: contents[i].invoice for i in self._ids}
            facts.ours = once("ours", lambda: addressees.ours(invoices))
            facts.several = once("several", lambda: several([r for r in batch if r.vendor_id is None]))
        facts.siblings = self._related_invoices(reads)
        if "siblings" in reads:
            facts.split_groups = self._split[1]
            facts.credit_groups = self._before[1]
        if reads & {"billing", "siblings"}:
            facts.named = once("named", lambda: preceding_invoices.lines(batch))
        if reads & {"order", "receipt"}:
            self._gather_orders(facts, reads)
        if "ruling" in reads:
            facts.brought = once("brought", lambda: makers.brought(self._ids))
            facts.breakers = once("breakers", lambda: tuple(name for (name,) in rows(queries.BREAKERS)))
            facts.advised = once("advised", lambda: tuple(name for (name,) in rows(queries.ADVISED)))
            facts.reviewed = once("reviewed", lambda: tuple(name for (name,) in rows(queries.REVIEWED)))
        if "codings" in reads:
            facts.coded = once("coded", lambda: coding_history.history(vendors))
        return facts

    def _related_invoices(self, reads: frozenset[str]) -> dict[UUID, list[Sibling]]:
        """Of every invoice where they are read; of credit notes always: they lead to the orders of what they
        credit."""
        notes = [row for row in self.batch if row.type == "credit_note"]
        every = "siblings" in reads
        if not every and (not notes or "siblings" not in self._known):
            return self._once("credited", lambda: self._read_related(notes)) if notes else {}
        found = self._once("siblings", lambda: self._read_related(self.batch))
        return found if every else {row.id: found.get(row.id, []) for row in notes}

    def _read_related(self, batch: Sequence[InvoiceRow]) -> dict[UUID, list[Sibling]]:
        return queries.related(batch, self.policy, [*self._split[0], *self._before[0]])

    @cached_property
    def _before(self) -> claims_before.Found:
        """Claims under one number, and credits of one invoice, that stand before those of the batch."""
        asked = (claims_before.ask(row, self._contents[row.id]) for row in self.batch)
        return claims_before.find([one for one in asked if one is not None])

    @cached_property
    def _split(self) -> split_groups.Found:
        """Invoices that one of the batch may be a part of a split with: told apart, and where they are too
        many together."""
        asked = (
            split_groups.ask(row, self._contents[row.id].invoice, self._in_company(row)) for row in self.batch
        )
        return split_groups.find([one for one in asked if one is not None], self.policy)

    def _in_company(self, row: InvoiceRow) -> Decimal | None:
        """The amount at stake in company currency; None where it or its rate is unknown."""
        stake = stake_of(self._contents[row.id].invoice)
        return self._rates.convert(stake, row.currency, row.issue_date or row.received_at.date())

    def _gather_orders(self, facts: Batch, reads: frozenset[str]) -> None:
        batch, contents, once = self.batch, self._contents, self._once
        vendors = {row.vendor_id for row in batch if row.vendor_id}
        named = [(row, contents[row.id].invoice) for row in batch]
        facts.background.led = once("led", lambda: context.led(named))
        facts.background.derived = once("derived", lambda: context.derived(named, facts.background.led))
        numbers = once("numbers", lambda: _order_keys(batch, contents, facts))
        facts.orders = once("orders", lambda: queries.orders(numbers))
        facts.background.conversions = once("conversions", lambda: context.conversions(vendors))
        if "receipt" in reads:
            facts.receipts = once("receipts", lambda: queries.receipts(numbers))
        if "billing" in reads:
            plain = facts.orders
            facts.orders = once("billing", lambda: queries.with_billing(plain))
            facts.allocations = once("allocations", lambda: grouped(rows(queries.ALLOCATIONS, self._ids)))
            facts.orders, further = once("further", lambda: _look_further(batch, contents, facts))
            facts.background.candidates, facts.background.learned = further

    def _snapshot(self, row: InvoiceRow, facts: Batch, view: View, ruling: bool) -> Snapshot:
        content, policy, now = self._contents[row.id], self.policy, self.now
        keys = order_keys(row, content, facts)
        around, vendor = facts.background, row.vendor_id
        own, amount = seen_by(row, content), self._in_company(row)
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
            answered=view.answered(row.answered),
            vendor=facts.vendors.get(row.vendor_id) if row.vendor_id else None,
            orders=seen_from(_meant(keys, content, facts), own, facts.sums),
            receipts=_arrived(keys, content, facts),
            siblings=_related(facts.siblings.get(row.id, ()), row, own),
            allocations=tuple(
                Allocated(p, str(o), q, a, by) for p, o, q, a, by in facts.allocations.get(row.id, ())
            ),
            holds=view.holds(map(hold_facts, self.holds[row.id])),
            positions=view.positions(self._positions(row.id)) if ruling else (),
            gross_company=amount,
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
            reviewed=facts.reviewed,
            review=self._drawings.of(row.id, amount) if ruling else None,
            ours=facts.ours.get(row.id),
            named=facts.named.get(row.id, ()),
            supplied=content.supplied,
            apart=self._apart.get(row.id, ()),
            digest=row.digest[:DIGEST],
            several=facts.several.get(row.id),
            split_groups=facts.split_groups.get(row.id, ()),
            drill=self._drills.get(view.agent),
            credit_groups=facts.credit_groups.get(row.id, ()),
            calibration=self._measured.of(row.id, content.source_format),
        )

    def _positions(self, invoice: UUID) -> tuple[AgentAnswer, ...]:
        return tuple(
            AgentAnswer(name, a.outcome, a.confidence, a.codes, a.facts_version, a.drill)
            for name, a in sorted(self.answers[invoice].items())
            if name not in ADVISORY
        )


def hold_facts(hold: Hold) -> HoldFacts:
    """A hold as agents see it."""
    money = hold.detail.get("money")
    return HoldFacts(
        hold.code,
        hold.line,
        hold.question,
        hold.owner,
        hold.status,
        hold.release,
        hold.raised_by,
        hold.fingerprint,
        hold.until,
        hold.detail.get("sentence", ""),
        hold.released_by,
        Decimal(money) if money else None,
    )


def _look_further(
    batch: Sequence[InvoiceRow], contents: dict[UUID, documents.Content], facts: Batch
) -> tuple[dict[str, list[OrderFacts]], tuple[dict[UUID, list[str]], dict[UUID, set[tuple[str, str]]]]]:
    """For invoices that lead to no order, open ones of the vendor; for items nobody ordered, what they stood
    for before. Returns the orders with these among them, and both."""
    keys = {row.id: order_keys(row, contents[row.id], facts) for row in batch}
    lost = [row for row in batch if not keys[row.id] and row.type == "invoice"]
    candidates = context.candidates(lost)
    orders = facts.orders
    if missing := {k for ks in candidates.values() for k in ks} - orders.keys():
        orders = orders | queries.with_billing(queries.orders(sorted(missing)))
    learned = context.learned(
        [
            (row, contents[row.id].invoice, [o for k in keys[row.id] for o in orders.get(k, ())])
            for row in batch
        ]
    )
    return orders, (candidates, learned)


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


def _arrived(keys: Iterable[str], content: documents.Content, facts: Batch) -> tuple[ReceiptLineFacts, ...]:
    """What arrived of the orders under these keys."""
    found: list[ReceiptLineFacts] = []
    for key in keys:
        if key not in facts.receipts:
            continue
        if key not in facts.arrivals:
            facts.arrivals[key] = Arrivals.of(facts.receipts[key], facts.orders.get(key, ()))
        found += facts.arrivals[key].seen_by(receipt_sums.named_by(content.invoice))
    return tuple(found)


def _order_keys(
    batch: Sequence[InvoiceRow], contents: dict[UUID, documents.Content], facts: Batch
) -> list[str]:
    return sorted({k for row in batch for k in order_keys(row, contents[row.id], facts)})
