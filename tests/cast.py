"""The fixed cast, and the trade they handle.

Alice and Bob are specialists (procurement, finance), Carol and Dave managers, Erin audits, Frank keeps
accounts. The usual vendor is V-1; it sells 100 bolts at 10.00 on order PO-1, delivers them on GR-1 and bills
them on INV-1. A test names only what is different. Documents come in as canonical CSV, by the same door as
everybody's.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.contrib.auth.models import Group, User
from django.db import connection

from audit import inspection
from audit.ledger import data_of
from audit.models import Entry
from coordination.assurance import invariants
from coordination.assurance.exports import EXPORTS
from coordination.models import Decision, Invoice, TranslationMap
from coordination.services.intake import Report
from coordination.services.intake import take_in as intake
from coordination.translation.csv import LAYOUTS
from coordination.workers import runner
from reviews.models import Escalation, SigningProfile
from reviews.services import resolve

IBAN = "DE89370400440532013000"
OTHER_IBAN = "DE75512108001245126199"
Row = Mapping[str, object]

__all__ = ["EXPORTS", "Escalation", "intake", "invariants"]  # beside what is defined here


# --- people ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cast:
    """Everybody, by first name."""

    alice: User
    bob: User
    carol: User
    dave: User
    erin: User
    frank: User


def people() -> Cast:
    """Create the cast: specialists sign to 25,000.00, managers to 1,000,000.00, by the policy."""
    return Cast(
        alice=person("alice", "specialist", "procurement"),
        bob=person("bob", "specialist", "finance"),
        carol=person("carol", "manager"),
        dave=person("dave", "manager"),
        erin=person("erin", "auditor"),
        frank=person("frank", "admin"),
    )


def person(name: str, group: str, department: str = "", limit: str | None = None) -> User:
    """One person of a group."""
    user = User.objects.create_user(name, first_name=name.capitalize())
    user.groups.add(Group.objects.get(name=group))
    SigningProfile.objects.create(
        user=user, department=department, limit=None if limit is None else Decimal(limit)
    )
    return user


# --- documents ------------------------------------------------------------------------------------------

COLUMNS = {layout.name: layout.columns for layout in LAYOUTS}


def table(kind: str, *rows: Row) -> bytes:
    """A canonical CSV file of these rows."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS[kind], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def vendor(**changes: object) -> Row:
    """V-1, its account verified at first import."""
    return {
        "vendor_id": "V-1",
        "name": "Hartmann GmbH",
        "vat_id": "DE136695976",
        "iban": IBAN,
        "bic": "COBADEFFXXX",
        "country": "DE",
        "currency": "EUR",
        "payment_terms": "net 30",
        "status": "active",
    } | changes


def order(**changes: object) -> Row:
    """Line 10 of PO-1: 100 bolts at 10.00."""
    return {
        "order_number": "PO-1",
        "line": "10",
        "vendor_id": "V-1",
        "order_date": "2026-09-01",
        "currency": "EUR",
        "item": "A-1",
        "description": "Bolt M8",
        "quantity": "100",
        "unit": "EA",
        "unit_price": "10.00",
        "tax_rate": "19",
    } | changes


def receipt(**changes: object) -> Row:
    """GR-1: all 100 bolts of PO-1 arrived."""
    row = {
        "receipt_number": "GR-1",
        "line": "1",
        "order_number": "PO-1",
        "order_line": "10",
        "received_date": "2026-09-04",
        "quantity": "100",
        "unit": "EA",
    } | changes
    return {"accepted": row["quantity"]} | row


def bill(**changes: object) -> Row:
    """INV-1: one line for 100 bolts at 10.00; amounts follow from quantity, price and rate unless given."""
    row: dict[str, Any] = {
        "invoice_number": "INV-1",
        "type": "invoice",
        "line": "1",
        "vendor_id": "V-1",
        "issue_date": "2026-09-05",
        "due_date": _a_month_after(changes.get("issue_date", "2026-09-05")),
        "currency": "EUR",
        "order_number": "PO-1",
        "order_line": "10",
        "item": "A-1",
        "description": "Bolt M8",
        "quantity": "100",
        "unit": "EA",
        "unit_price": "10.00",
        "tax_rate": "19",
        "iban": IBAN,
        "preceding_invoice": "",
    } | changes
    net = cents(Decimal(row["quantity"]) * Decimal(row["unit_price"]))
    row.setdefault("line_net", net)
    row.setdefault("net", net)
    row.setdefault("tax", cents(Decimal(row["net"]) * Decimal(row["tax_rate"]) / 100))
    row.setdefault("gross", Decimal(row["net"]) + Decimal(row["tax"]))
    return row


def _a_month_after(issued: object) -> str:
    """30 days after the issue date, 2026-10-05 where that is no day."""
    try:
        return (date.fromisoformat(str(issued)) + timedelta(days=30)).isoformat()
    except ValueError:
        return "2026-10-05"


def credit_of(invoice: str, number: str, quantity: str, **changes: object) -> Row:
    """A credit note over so many bolts of an invoice."""
    row = {"invoice_number": number, "type": "credit_note", "quantity": quantity, "issue_date": "2026-09-25"}
    return bill(**row | {"preceding_invoice": invoice} | changes)


def coded(count: int = 1, **changes: object) -> list[Row]:
    """So many bolts of V-1 that people booked on 4400, cost centre CC-1."""
    row = {
        "vendor_id": "V-1",
        "item": "A-1",
        "description": "Bolt M8",
        "account": "4400",
        "cost_centre": "CC-1",
        "date": "2026-08-01",
    } | changes
    return [row] * count


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def today() -> date:
    return datetime.now(UTC).date()


def days_ago(days: int) -> str:
    return (today() - timedelta(days=days)).isoformat()


# --- work -----------------------------------------------------------------------------------------------


def take_in(*files: bytes, actor: str = "system:intake", source: str = "test") -> Report:
    """Take files in."""
    return intake(
        [(f"file-{n}.csv", content) for n, content in enumerate(files, 1)], actor=actor, source=source
    )


def drain() -> runner.Drained:
    """Run the agents until nothing is due."""
    return runner.drain()


def trade(
    *bills: Row, vendors: tuple[Row, ...] = (), orders: tuple[Row, ...] = (), receipts: tuple[Row, ...] = ()
) -> None:
    """Take a whole trade in and let the agents work; what is not given is as usual."""
    take_in(
        table("vendors", *(vendors or (vendor(),))),
        table("orders", *(orders or (order(),))),
        table("receipts", *(receipts or (receipt(),))),
        table("invoices", *(bills or (bill(),))),
    )
    drain()


def invoice(number: str = "INV-1") -> Invoice:
    return Invoice.objects.get(number=number)


def standing(number: str = "INV-1") -> tuple[str, str, list[str]]:
    """State, lane and codes that stand, as exported."""
    [line] = [x for x in EXPORTS["invoices"]() if x["invoice_number"] == number]
    return line["state"], line["lane"], sorted(h["code"] for h in line["holds"] if h["status"] != "released")


def question(number: str = "INV-1") -> Escalation:
    """The open question about an invoice."""
    return Escalation.objects.get(subject=invoice(number).subject, status="open")


def body_of(decision: Decision) -> dict[str, Any]:
    """What the ledger keeps of a decision."""
    data: dict[str, Any] = data_of(Entry.objects.get(pk=decision.entry_id).body)
    return data


def entries(subject: str) -> list[str]:
    """Types of the entries of one subject, in order."""
    return list(Entry.objects.filter(subject=subject).order_by("seq").values_list("type", flat=True))


def assert_sound() -> None:
    """Every invariant holds, history and ledger included."""
    if connection.in_atomic_block:
        connection.check_constraints()
    assert invariants.check()["violations"] == []
    found = inspection.verify().findings
    moved = {"post_dated", "back_dated"}  # tests live ahead of the clock, and come back
    assert [f for f in found if f.code not in moved] == []


def answer(
    row: Escalation, verdict: str, *, by: User, reason: str = "", comment: str = "", **seen: Any
) -> Escalation:
    """Answer a question; the reason is a fitting one unless given."""
    fitting = {"approve": "evidence_complete", "reject": "wrong_document", "override": "rule_does_not_fit"}
    if verdict != "approve" and not comment:
        comment = "Because I looked."
    return resolve(row.id, verdict, by=by, reason=reason or fitting[verdict], comment=comment, **seen)


def put_in_force(row: TranslationMap, people: Cast) -> None:
    """Another manager than its author agrees to a version of a map."""
    other = people.dave if row.author == f"human:{people.carol.pk}" else people.carol
    answer(Escalation.objects.get(subject=row.subject, status="open"), "approve", by=other)
    row.refresh_from_db()


def moment() -> datetime:
    return datetime.now(UTC)


def unseen(row: Any) -> Any:
    """The row with the methods that history adds to its class."""
    return row


def environment() -> dict[str, str]:
    """The environment of the tests, for a process of its own."""
    return dict(os.environ)
