"""python -m bench.doubling [--only WORD] [--n N] [--json FILE]: what becomes slower than linear.

Situations in which many invoices have something in common are made at n, 2n and 4n, each on a database of its
own without statistics of the planner, as a new installation has none, and taken in and drained. A figure is
per invoice (or per whatever the situation counts), so a linear cost doubles nothing: its ratio at each
doubling is 1.00; a quadratic one tends to 2.00. Three figures of each phase, all per one:

    ms       processor time of this process and of its server process, milliseconds
    rows     rows that statements returned or wrote
    kB       bodies of ledger entries written

`rows` and `kB` are counted and the same in each run, `ms` is measured: ratios of it scatter by a tenth.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .once import once

if TYPE_CHECKING:
    from tests.cast import Row

FIRST = date(2026, 9, 1)
FIGURES = ("ms", "rows", "kB")
Stage = tuple[str, Callable[[], object]]
"""A phase with what it does; a name that begins with `_` is not measured."""
Files = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Situation:
    """Something of which there are `n`, in words, and the stages that take it in and work on it."""

    words: str
    stages: Callable[[int], Iterator[Stage]]
    scale: float = 1.0
    """Times the usual n."""


# --- the parts of a trade -----------------------------------------------------------------------------------


def day(n: int) -> str:
    """A day, n after the first of September."""
    return (FIRST + timedelta(days=n)).isoformat()


def take(*tables: tuple[str, Sequence[Row]], name: str = "intake") -> Stage:
    """Take tables in, each as a file of its own."""
    from coordination.services.intake import take_in
    from tests.cast import table

    files = [(f"{kind}.csv", table(kind, *rows)) for kind, rows in tables]
    return take_files(files, take_in, name)


def take_files(files: Files, take_in: Callable[..., Any], name: str = "intake") -> Stage:
    def work() -> None:
        done = take_in(files, actor="system:bench", source="bench", trust_first=True)
        assert done.count("quarantined") == 0, done.as_json()["quarantined"][:3]

    return name, work


def drain(name: str = "drain") -> Stage:
    from coordination.workers import runner

    return name, runner.drain


def firm(v: int, **changes: object) -> Row:
    from tests.cast import vendor

    return vendor(vendor_id=f"V-{v}", name=f"Firm {v}", vat_id="", **changes)


def own_orders(n: int, **changes: object) -> list[Row]:
    from tests.cast import order

    return [order(order_number=f"PO-{i}", **changes) for i in range(n)]


def own_receipts(n: int, **changes: object) -> list[Row]:
    from tests.cast import receipt

    return [receipt(order_number=f"PO-{i}", receipt_number=f"GR-{i}", **changes) for i in range(n)]


def own_bills(n: int, spread: int = 60, **changes: object) -> list[Row]:
    """Invoices for an order each, over so many days. The letters in the middle make no two alike."""
    from tests.cast import bill

    return [
        bill(invoice_number=number(i), order_number=f"PO-{i}", issue_date=day(i % spread), **changes)
        for i in range(n)
    ]


def number(i: int) -> str:
    """A number that resembles no other."""
    return f"{i * 7919 % 100_003:06}-{i * 104_729 % 1_000_003:07}"


def plain(n: int, *, spread: int = 60, **changes: object) -> Iterator[Stage]:
    """Invoices of one vendor, each for an order of its own that was delivered."""
    from tests.cast import vendor

    price = {k: v for k, v in changes.items() if k == "unit_price"}
    yield take(
        ("vendors", [vendor()]),
        ("orders", own_orders(n, **price)),
        ("receipts", own_receipts(n)),
        ("invoices", own_bills(n, spread, **changes)),
    )
    yield drain()


# --- situations ---------------------------------------------------------------------------------------------


def different(n: int) -> Iterator[Stage]:
    vendors = max(1, n // 5)
    yield from spread([firm(v, iban="") for v in range(vendors)], n)


def spread(firms: list[dict[str, str]], n: int) -> Iterator[Stage]:
    """n orders that arrived and their invoices, of these vendors in turn, over sixty days."""
    from tests.cast import bill, order

    of = [f"V-{i % len(firms)}" for i in range(n)]
    yield take(
        ("vendors", firms),
        ("orders", [order(order_number=f"PO-{i}", vendor_id=of[i]) for i in range(n)]),
        ("receipts", own_receipts(n)),
        (
            "invoices",
            [
                bill(
                    invoice_number=number(i), order_number=f"PO-{i}", vendor_id=of[i], issue_date=day(i % 60)
                )
                for i in range(n)
            ],
        ),
    )
    yield drain()


def below(n: int) -> Iterator[Stage]:
    return week(n, 66)


def above(n: int) -> Iterator[Stage]:
    return week(n, 75)


def week(n: int, price: int) -> Iterator[Stage]:
    """Gross amounts that are 0.02 apart, for no two to be the same sum."""
    from tests.cast import vendor

    priced = [Decimal(price) + Decimal(i) / 10_000 for i in range(n)]
    orders = [o | {"unit_price": p} for o, p in zip(own_orders(n), priced, strict=True)]
    bills = [own_bills(1, unit_price=p)[0] | name(i) for i, p in enumerate(priced)]
    yield take(
        ("vendors", [vendor()]), ("orders", orders), ("receipts", own_receipts(n)), ("invoices", bills)
    )
    yield drain()


def name(i: int) -> dict[str, object]:
    return {"invoice_number": number(i), "order_number": f"PO-{i}", "issue_date": day(i % 7)}


def above_one_order(n: int) -> Iterator[Stage]:
    from tests.cast import bill, order, receipt, vendor

    bills = [bill(invoice_number=number(i), issue_date=day(i % 7), unit_price=75) for i in range(n)]
    yield take(
        ("vendors", [vendor()]),
        ("orders", [order(quantity=100 * n, unit_price=75)]),
        ("receipts", [receipt(quantity=100 * n)]),
        ("invoices", bills),
    )
    yield drain()


def partial(n: int) -> Iterator[Stage]:
    return one_order(n, receipts=1)


def partial_received(n: int) -> Iterator[Stage]:
    return one_order(n, receipts=n)


def one_order(n: int, receipts: int) -> Iterator[Stage]:
    from tests.cast import bill, order, receipt, vendor

    each = n // receipts
    yield take(
        ("vendors", [vendor()]),
        ("orders", [order(quantity=n)]),
        ("receipts", [receipt(receipt_number=f"GR-{i}", quantity=each) for i in range(receipts)]),
        ("invoices", [bill(invoice_number=number(i), quantity=1, issue_date=day(i % 60)) for i in range(n)]),
    )
    yield drain()


def many_receipts(n: int) -> Iterator[Stage]:
    from tests.cast import bill, order, receipt, vendor

    yield take(
        ("vendors", [vendor()]),
        ("orders", [order(quantity=n)]),
        ("receipts", [receipt(receipt_number=f"GR-{i}", quantity=1) for i in range(n)]),
        ("invoices", [bill(quantity=n)]),
    )
    yield drain()


def many_lines(n: int) -> Iterator[Stage]:
    """One order with n lines, one invoice with as many."""
    from tests.cast import bill, order, receipt, vendor

    lines = [{"line": str(i), "item": f"A-{i}", "description": f"Part {i}"} for i in range(1, n + 1)]
    total = {"net": 1000 * n, "tax": 190 * n, "gross": 1190 * n}
    yield take(
        ("vendors", [vendor()]),
        ("orders", [order(**x) for x in lines]),
        ("receipts", [receipt(line=x["line"], order_line=x["line"]) for x in lines]),
        ("invoices", [bill(**x, order_line=x["line"], line_net=1000, **total) for x in lines]),
    )
    yield drain()


def charges(n: int) -> Iterator[Stage]:
    """One order with two agreed charges and n invoices that each ask for some of them."""
    return charged(n, 2, 1)


def many_charges(n: int) -> Iterator[Stage]:
    return charged(1, n, n)


def charged(invoices: int, agreed: int, asked: int) -> Iterator[Stage]:
    """One order with so many agreed charges, and so many invoices that ask for so many of them each."""
    from coordination.services.intake import take_in
    from coordination.translation import canonical as shapes
    from coordination.world import ubl, ubl_orders
    from tests.cast import IBAN, receipt, table, vendor

    def charge(k: int, amount: Decimal) -> shapes.AllowanceCharge:
        return shapes.AllowanceCharge(
            charge=True,
            amount=amount,
            reason=f"Freight {k}",
            reason_code="FC",
            tax_category="S",
            tax_rate=Decimal(19),
        )

    seller = shapes.Party(name="Hartmann GmbH", vat_id="DE136695976")
    each = Decimal(10 * invoices)
    ordered = shapes.Order(
        number="PO-1",
        order_date=FIRST,
        currency="EUR",
        seller=seller,
        net=Decimal(10 * invoices) + each * agreed,
        lines=(
            shapes.OrderLine(
                line="10",
                item="A-1",
                description="Bolt M8",
                quantity=Decimal(invoices),
                unit="EA",
                price=Decimal(10),
                net=Decimal(10 * invoices),
                tax_rate=Decimal(19),
            ),
        ),
        allowances=tuple(charge(k, each) for k in range(agreed)),
    )
    files = [("order.xml", ubl.as_bytes(ubl_orders.order(ordered)))]
    for i in range(invoices):
        net = Decimal(10 + 10 * asked)
        tax = net * Decimal("0.19")
        bill = shapes.Invoice(
            number=number(i),
            type="invoice",
            type_code="380",
            issue_date=FIRST + timedelta(days=i % 60),
            due_date=FIRST + timedelta(days=i % 60 + 30),
            currency="EUR",
            seller=seller,
            account=shapes.Account(number=IBAN),
            order_numbers=("PO-1",),
            lines_net=Decimal(10),
            net=net,
            tax=tax,
            gross=net + tax,
            payable=net + tax,
            lines=(
                shapes.InvoiceLine(
                    position=1,
                    line="1",
                    item="A-1",
                    description="Bolt M8",
                    quantity=Decimal(1),
                    unit="EA",
                    price=Decimal(10),
                    net=Decimal(10),
                    tax_rate=Decimal(19),
                    tax_category="S",
                    order_number="PO-1",
                    order_line="10",
                ),
            ),
            allowances=tuple(charge(k, Decimal(10)) for k in range(asked)),
            taxes=(shapes.TaxSubtotal("S", Decimal(19), net, tax),),
        )
        files.append((f"invoice-{i}.xml", ubl.as_bytes(ubl.invoice(bill))))
    tables = [
        ("vendors.csv", table("vendors", vendor())),
        ("receipts.csv", table("receipts", receipt(quantity=invoices))),
    ]
    yield take_files([*tables, *files], take_in)
    yield drain()


def equal_amounts(n: int) -> Iterator[Stage]:
    return plain(n, spread=365)


def serial_numbers(n: int) -> Iterator[Stage]:
    """Equal amounts under numbers that follow each other, a day apart."""
    from tests.cast import vendor

    bills = [b | {"invoice_number": f"RE-{10_000 + i}"} for i, b in enumerate(own_bills(n, 10_000))]
    yield take(
        ("vendors", [vendor()]),
        ("orders", own_orders(n)),
        ("receipts", own_receipts(n)),
        ("invoices", bills),
    )
    yield drain()


def same_number(n: int) -> Iterator[Stage]:
    """Claims under one number that differ in amount: duplicates of one another."""
    from tests.cast import bill, vendor

    priced = [Decimal(10) + Decimal(i) / 100 for i in range(n)]
    orders = [o | {"unit_price": p} for o, p in zip(own_orders(n), priced, strict=True)]
    yield take(("vendors", [vendor()]), ("orders", orders), ("receipts", own_receipts(n)))
    yield take(
        *(
            ("invoices", [bill(order_number=f"PO-{i}", unit_price=p, issue_date=day(i % 60))])
            for i, p in enumerate(priced)
        ),
        name="again",
    )
    yield drain()


def one_account(n: int) -> Iterator[Stage]:
    """Ten invoices to a vendor, all vendors with the same account."""
    yield from spread([firm(v) for v in range(max(1, n // 10))], n)


def credit_notes(n: int) -> Iterator[Stage]:
    """One invoice for n pieces and n credits of one piece each that name it."""
    from tests.cast import bill, credit_of, order, receipt, vendor

    yield take(
        ("vendors", [vendor()]),
        ("orders", [order(quantity=n)]),
        ("receipts", [receipt(quantity=n)]),
        ("invoices", [bill(quantity=n)]),
        (
            "invoices",
            [credit_of("INV-1", f"C{number(i)}", "1", issue_date=day(5 + i % 60)) for i in range(n)],
        ),
    )
    yield drain()


def statement(n: int) -> Iterator[Stage]:
    from tests.cast import bill

    yield from plain(n)
    items: list[Row] = [
        {
            "statement_number": "ST-1",
            "vendor_id": "V-1",
            "date": day(70),
            "currency": "EUR",
            "reference": number(i),
            "reference_date": day(i % 60),
            "type": "Invoice",
            "amount": bill()["gross"],
            "balance": "",
        }
        for i in range(n)
    ]
    yield take(("statements", items), name="statement")
    yield drain("reconcile")


def run_of_payments(n: int) -> Iterator[Stage]:
    from coordination.services.payments import propose
    from tests.cast import today

    for stage, work in plain(n):
        yield f"_{stage}", work
    yield "propose", lambda: propose("system:bench", until=today() + timedelta(days=400))


def waiting(n: int) -> Iterator[Stage]:
    """All bill one order, which comes when they have been decided once."""
    from tests.cast import bill, order, receipt, vendor

    bills = [bill(invoice_number=number(i), quantity=1, issue_date=day(i % 60)) for i in range(n)]
    yield take(("vendors", [vendor()]), ("invoices", bills))
    yield drain()
    yield take(("orders", [order(quantity=n)]), ("receipts", [receipt(quantity=n)]), name="order")
    yield drain("again")


def stopped(n: int) -> Iterator[Stage]:
    from coordination.services import agent_control
    from coordination.workers import runner
    from tests.cast import people

    stages = plain(n)
    intake = next(stages)
    yield f"_{intake[0]}", intake[1]
    carol = people().carol

    def stop() -> None:
        agent_control.pause("procurement.matching", by=carol)
        runner.drain()

    def resume() -> None:
        agent_control.resume("procurement.matching", by=carol, reason="done")
        runner.drain()

    yield "stopped", stop
    yield "resumed", resume


def policy(n: int) -> Iterator[Stage]:
    """Everything waits for goods, and the policy changes."""
    from coordination.governance import policy as rules
    from coordination.services import policy_activation, policy_versions
    from coordination.workers import runner
    from tests.cast import answer, people, vendor

    yield take(("vendors", [vendor()]), ("orders", own_orders(n)), ("invoices", own_bills(n)), name="_intake")
    yield drain("_drain")
    cast = people()

    def change() -> None:
        text = json.loads(rules.default_text())
        text["duplicates"]["days"] = "6"
        row = policy_versions.draft(json.dumps(text), author="system:bench")
        answer(policy_activation.propose(row.revision, by=cast.carol), "approve", by=cast.dave)
        runner.drain()

    yield "policy", change


def verified(n: int) -> Iterator[Stage]:
    from coordination.assurance import verification

    for stage, work in plain(n):
        yield f"_{stage}", work
    yield "verify", lambda: verification.run(retained=[], incremental=False)


def backwards(n: int) -> Iterator[Stage]:
    """Invoices first, then their receipts, then their orders."""
    from tests.cast import vendor

    yield take(("vendors", [vendor()]), ("invoices", own_bills(n)))
    yield take(("receipts", own_receipts(n)), name="receipts")
    yield take(("orders", own_orders(n)), name="orders")
    yield drain()


SITUATIONS = {
    "different": Situation("invoices of five each of many vendors, to compare with", different),
    "below": Situation("one vendor in one week, sums below the split floor", below),
    "above": Situation("one vendor in one week, sums above the split floor", above),
    "above-one-order": Situation("the same, all for one order", above_one_order),
    "partial": Situation("invoices for parts of one order, received at once", partial),
    "partial-received": Situation("invoices for parts of one order, each received apart", partial_received),
    "receipts": Situation("receipts of one order, one invoice", many_receipts),
    "lines": Situation("lines of one order and of its invoice", many_lines),
    "charges": Situation("invoices with a charge each, one order", charges),
    "many-charges": Situation("charges of one order and of its invoice", many_charges),
    "equal": Situation("one vendor, equal amounts", equal_amounts),
    "serial": Situation("one vendor, equal amounts, numbers one after the other", serial_numbers),
    "same-number": Situation("claims under one number, each of another sum", same_number),
    "account": Situation("vendors with one account, ten invoices each", one_account),
    "credits": Situation("credits that name one invoice", credit_notes),
    "statement": Situation("items of one statement of account", statement),
    "run": Situation("payments of one run", run_of_payments),
    "waiting": Situation("invoices that wait for one order", waiting),
    "stopped": Situation("invoices that wait for a stopped agent", stopped),
    "policy": Situation("invoices that wait while the policy changes", policy),
    "verify": Situation("invoices in a ledger that is verified", verified),
    "backwards": Situation("invoices before receipts before orders", backwards, 4),
}


# --- measuring, in a process with a data directory of its own -----------------------------------------------


def child() -> None:
    """Measure the situations named in the arguments; prints JSON: phases of each, with
    their figures at n, 2n and 4n."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.project.settings"
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from coordination.facts import documents
    from coordination.workers import loop

    call_command("migrate", verbosity=0, skip_checks=True)
    loop.tune_gc()
    template = connection.settings_dict["NAME"]
    _names_of_servers(connection)
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    base = int(sys.argv[1])
    for key in sys.argv[2:]:
        situation = SITUATIONS[key]
        table = found.setdefault(key, {})
        for times in (1, 2, 4):
            n = int(base * situation.scale) * times
            with _Database(connection, template):
                documents.clear_cache()
                for phase, work in situation.stages(n):
                    figures = _measured(connection, work)
                    if phase.startswith("_"):
                        continue
                    for figure, value in figures.items():
                        table.setdefault(phase, {}).setdefault(figure, []).append(value / n)
            print(
                key, n, {p: [round(v[-1], 2) for v in f.values()] for p, f in table.items()}, file=sys.stderr
            )
    print(json.dumps(found))


def _names_of_servers(connection: Any) -> None:
    """The embedded server is found once; then the name of the database alone is another."""
    connection.ensure_connection()
    connection.settings_dict |= {
        "HOST": connection.connection.info.host,
        "PORT": str(connection.connection.info.port),
    }


class _Database:
    """A copy of the migrated database, connected to, and dropped afterwards."""

    def __init__(self, connection: Any, template: str) -> None:
        self.connection, self.template = connection, template

    def _administer(self, statement: str) -> None:
        self.connection.close()
        self.connection.settings_dict["NAME"] = "postgres"
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
        self.connection.close()

    def __enter__(self) -> None:
        self._administer(f"CREATE DATABASE doubling TEMPLATE {self.template}")
        self.connection.settings_dict["NAME"] = "doubling"

    def __exit__(self, *_: object) -> None:
        self._administer("DROP DATABASE doubling WITH (FORCE)")


def _measured(connection: Any, work: Callable[[], object]) -> dict[str, float]:
    rows = 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal rows
        result = execute(sql, params, many, context)
        rows += max(0, context["cursor"].rowcount)
        return result

    connection.ensure_connection()
    server = connection.connection.info.backend_pid
    kept, began, own = _bodies(connection), _spent(server), time.process_time()
    with connection.execute_wrapper(count):
        work()
    own = time.process_time() - own
    return {
        "ms": 1000 * (own + _spent(server) - began),
        "rows": rows,
        "kB": (_bodies(connection) - kept) / 1000,
    }


def _bodies(connection: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(octet_length(body)), 0) FROM audit_entry")
        return int(cursor.fetchone()[0])


def _spent(server: int) -> float:
    """Seconds of processor time of a server process; none where the system does not tell."""
    try:
        fields = Path(f"/proc/{server}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- the table ----------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", choices=SITUATIONS, default=list(SITUATIONS), help="situations")
    parser.add_argument("--n", type=int, default=150, help="the smallest size")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    options = parser.parse_args()
    found = once("from bench.doubling import child; child()", options.n, *options.only, COUNTERSIGN_FSYNC="0")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    print(report(found))


def report(found: dict[str, dict[str, dict[str, list[float]]]]) -> str:
    """A row for each phase: every figure at n, 2n and 4n, and its ratios at both doublings."""
    head = ["situation", "phase", *(f"{f}: n, 2n, 4n (ratios)" for f in FIGURES)]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for key, phases in found.items():
        for phase, figures in phases.items():
            cells = [_cell(figures[f]) for f in FIGURES]
            lines.append(f"| {SITUATIONS[key].words} (`{key}`) | {phase} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(values: Sequence[float]) -> str:
    ratios = [b / a if a else 1.0 for a, b in pairwise(values)]
    return f"{', '.join(f'{v:,.1f}' for v in values)} ({', '.join(f'{r:.2f}' for r in ratios)})"


if __name__ == "__main__":
    main()
