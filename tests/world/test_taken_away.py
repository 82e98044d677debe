"""Knowing less never clears more: a world from which a fact is taken away clears nothing that it held
before."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Mapping
from functools import cache

import pytest
from django.db import transaction

from coordination.facts.documents import clear_cache
from coordination.world.files import World
from coordination.world.generate import generate
from coordination.world.trial import ACTOR, today
from tests import cast

pytestmark = pytest.mark.django_db

HELD = {"received", "validated", "matched", "delivered", "rejected", "void"}
Files = Mapping[str, bytes]
Loss = Callable[[str, list[dict[str, str]]], list[dict[str, str]]]


def kind_of(header: list[str]) -> str:
    """Which table it is, by its columns."""
    if "invoice_number" in header:
        return "invoices"
    if "receipt_number" in header:
        return "receipts"
    return "orders" if "order_date" in header else "vendors" if "vat_id" in header else "other"


def without(files: Files, loss: Loss) -> dict[str, bytes]:
    """The files with every table as the loss leaves it."""
    out = {}
    for name, content in files.items():
        if not name.endswith(".csv"):
            out[name] = content
            continue
        reader = csv.DictReader(io.StringIO(content.decode()))
        header = list(reader.fieldnames or ())
        rows = loss(kind_of(header), list(reader))
        text = io.StringIO()
        writer = csv.DictWriter(text, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        if rows:
            out[name] = text.getvalue().encode()
    return out


def blank(kind: str, *columns: str) -> Loss:
    """The columns of every table of this kind, emptied."""

    def loss(table: str, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [r | dict.fromkeys(columns, "") for r in rows] if table == kind else rows

    return loss


def gone(kind: str, part: int = 1) -> Loss:
    """Each `part`-th row of the tables of this kind gone; all of them for 1."""

    def loss(table: str, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [r for n, r in enumerate(rows) if n % part] if table == kind else rows

    return loss


LOSSES: dict[str, Loss] = {
    f"{kind} {' '.join(columns)}": blank(kind, *columns)
    for kind, columns in [
        ("orders", ("vendor_id",)),
        ("orders", ("currency",)),
        ("orders", ("quantity",)),
        ("orders", ("unit_price",)),
        ("orders", ("quantity", "unit_price")),
        ("orders", ("unit",)),
        ("orders", ("item", "description")),
        ("orders", ("tax_rate",)),
        ("orders", ("vendor_id", "currency", "quantity", "unit_price", "unit")),
        ("vendors", ("vat_id",)),
        ("vendors", ("iban",)),
        ("vendors", ("country", "currency", "payment_terms")),
        ("receipts", ("unit",)),
        ("receipts", ("order_line",)),
        ("receipts", ("quantity",)),
        ("invoices", ("quantity",)),
        ("invoices", ("currency",)),
        ("invoices", ("gross",)),
        ("invoices", ("order_line", "item")),
    ]
} | {
    f"{kind} {name}": gone(kind, part)
    for kind in ("orders", "vendors", "receipts")
    for name, part in (("all", 1), ("every second", 2))
}


# Not among them, by what the formats say: an empty status of a new vendor is active, an empty accepted
# quantity is all of it, an invoice that names no account is paid to the verified one, and a unit is implied
# where quantity and price agree.


def cleared(*deliveries: Files, drained: bool = False) -> set[tuple[str, str]]:
    """Invoices that come out cleared, in a database that is left as it was."""
    clear_cache()
    try:
        with transaction.atomic():
            for files in deliveries:
                cast.intake(files.items(), actor=ACTOR, source="world")
                if drained:
                    cast.drain()
            cast.drain()
            rows = list(cast.EXPORTS["invoices"]())
            transaction.set_rollback(True)
    finally:
        clear_cache()
    return {(r["invoice_number"], r["vendor_name"] or "") for r in rows if r["state"] not in HELD}


@cache
def world() -> World:
    return generate(41, 80, today(), defect_share=0.7, hard_share=0.6, formats=("csv",))


@cache
def before() -> frozenset[str]:
    files = world()
    return frozenset(n for n, _ in cleared(files.files, files.later))


@pytest.mark.parametrize("name", LOSSES)
def test_nothing_held_before_is_cleared_after(name: str) -> None:
    files, loss = world(), LOSSES[name]
    after = {n for n, _ in cleared(without(files.files, loss), without(files.later, loss))}
    assert after - before() == set()


@pytest.mark.parametrize(
    "name", ["vendors every second", "orders unit_price", "orders vendor_id", "orders currency"]
)
@pytest.mark.parametrize("seed", [1, 2])
def test_nor_whatever_comes_first(name: str, seed: int) -> None:
    files = without(world().files, LOSSES[name])
    names = sorted(files)
    random.Random(seed).shuffle(names)
    later = without(world().later, LOSSES[name])
    after = {n for n, _ in cleared(*({n: files[n]} for n in names), later, drained=True)}
    assert after - before() == set()


def test_the_world_holds_what_is_taken_from() -> None:
    """Were nothing held, or nothing cleared, the comparison would say nothing."""
    rows = len(world().labels)
    assert 10 < len(before()) < rows - 10
