"""Decisions written as agents and people write them, many at once: a made stream, as entries and
rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Max

from audit import clock, ledger, trail
from audit.ids import new_id
from coordination.models import Alarm, Decision, Invoice, Task
from coordination.monitoring import alarms
from coordination.monitoring.measures import Action, Category, Direction, Level
from coordination.services.behaviour import incidents
from tests import cast

AGENT = "procurement.matching"
AT_ONCE = 2_000


class Trade:
    """Invoices that decisions can be about: of a known and a new vendor, with and without an order, and a
    credit note. Each is there once and decided on again and again, as the database allows by its version."""

    @classmethod
    def again(cls) -> Trade:
        """The trade that is there already, for further decisions."""
        found = cls.__new__(cls)
        found._find(Decision.objects.aggregate(last=Max("state_version"))["last"] + 1)
        return found

    def __init__(self) -> None:
        with clock.simulated(clock.now() - timedelta(days=2)):
            cast.take_in(cast.table("vendors", cast.vendor()), cast.table("orders", cast.order()))
        cast.take_in(cast.table("vendors", cast.vendor(vendor_id="V-2", name="Vega", iban="", vat_id="")))
        bills = [cast.bill(invoice_number=f"KNOWN-{n}") for n in range(6)]
        for n, row in enumerate(bills):
            cast.take_in(cast.table("invoices", {**row, "issue_date": cast.days_ago(30 + n)}))
        cast.take_in(
            cast.table("invoices", cast.bill(invoice_number="NO-ORDER", order_number="", order_line="")),
            cast.table("invoices", cast.bill(invoice_number="CREDIT", type="credit_note")),
            cast.table("invoices", cast.bill(invoice_number="NEW", vendor_id="V-2", iban="")),
        )
        Task.objects.all().delete()  # nobody works on them: their decisions are made here
        self._find(100)

    def _find(self, version: int) -> None:
        self.known = cast.invoice("KNOWN-5")
        self.no_order, self.credit, self.new = map(cast.invoice, ("NO-ORDER", "CREDIT", "NEW"))
        self.versions = count(version)

    def of(self, line: Mapping[str, Any]) -> Invoice:
        if line["vendor_new"]:
            return self.new
        if line["po_missing"]:
            return self.no_order
        return self.credit if line["doc_type"] == "credit_note" else self.known


PROPOSED = {"approve": "approve", "escalate": "hold", "reject": "hold"}
RULED = {"approve": "act", "escalate": "hold", "reject": "hold"}


def write(trade: Trade, lines: Iterable[Mapping[str, Any]], agent: str = AGENT, method: str = "") -> int:
    """Write the lines of a recorded stream as decisions of an agent, people's answers half an hour later."""
    rows: list[tuple[Decision, Invoice]] = []
    for line in lines:
        at = datetime.fromisoformat(line["at"])
        invoice = trade.of(line)
        rows.append((_decision(trade, line, invoice, at, agent=agent, method=method), invoice))
        if line["verdict"] is not None:
            rows.append((_answer(trade, line, invoice, at + timedelta(minutes=30)), invoice))
    rows.sort(key=lambda row: row[0].at)
    for start in range(0, len(rows), AT_ONCE):
        _append(rows[start : start + AT_ONCE])
    return len(rows)


@transaction.atomic
def _append(rows: list[tuple[Decision, Invoice]]) -> None:
    events = [
        ledger.Event(invoice.subject, "invoice.decided", d.actor, d.at, {"outcome": d.outcome}, id=str(d.id))
        for d, invoice in rows
    ]
    for (decision, _), entry in zip(rows, ledger.append(events), strict=True):
        decision.entry_id = entry.id
    trail.insert_facts([decision for decision, _ in rows])


def _decision(
    trade: Trade, line: Mapping[str, Any], invoice: Invoice, at: datetime, *, agent: str, method: str
) -> Decision:
    return _row(
        trade,
        invoice,
        at,
        agent=agent,
        actor=f"agent:{agent}/{line['version']}",
        outcome=RULED[line["outcome"]],
        proposed=PROPOSED[line["outcome"]],
        confidence=Decimal(str(line["confidence"])),
        amount=Decimal(line["amount"]),
        latency_ms=line["latency_ms"],
        method=method,
    )


def _answer(trade: Trade, line: Mapping[str, Any], invoice: Invoice, at: datetime) -> Decision:
    sample = line["reviewed"] == "sample"
    lets_go = (line["verdict"] == "confirmed") == sample
    return _row(
        trade,
        invoice,
        at,
        agent="person",
        actor="human:42",
        outcome="approve" if lets_go else "reject",
        codes=["random_audit"] if sample else ["price_over"],
    )


def _row(trade: Trade, invoice: Invoice, at: datetime, **values: Any) -> Decision:
    return Decision(
        id=new_id(),
        invoice_id=invoice.id,
        state_from="received",
        state_to="received",
        state_version=next(trade.versions),
        facts_version=1,
        policy="v1",
        at=at.astimezone(UTC),
        **values,
    )


def alarm() -> Alarm:
    """An alarm of an agent that nobody has answered, with the decision of an invoice as its example."""
    decision = Decision.objects.filter(agent="procurement.matching").latest("entry_id")
    day = decision.at.date()
    stratum = alarms.Stratum("invoice", 40, 20, 4.0)
    extent = alarms.Extent(day, 0.1, 0.5, 0.3, 0.7, 40, Decimal("47604.00"), (stratum,), (decision.entry_id,))
    raised = alarms.Alarm(
        decision.entry_id,
        decision.at.isoformat(),
        decision.agent,
        "2",
        "missing_po_rate",
        Direction.UP,
        Level.WARNING,
        Category.INPUTS,
        Action.NONE,
        50_000.0,
        1,
        extent,
    )
    return incidents.take(raised, decision.at, 1).alarms.get()
