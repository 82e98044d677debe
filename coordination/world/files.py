"""A world as files: each document in one of the formats asked for."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..translation.canonical import Invoice, Order, Receipt, Statement, Vendor
from . import tables, ubl, ubl_orders
from .case import Case, Syntax
from .labels import Label

Formats = Sequence[str]
FORMATS = ("csv", "ubl")


@dataclass(frozen=True, slots=True)
class World:
    """Files by name, and what they should come to. `later` comes in after the rest: it changes what is known.

    `copies` is how many documents among the files repeat an invoice and make no second one.
    """

    files: dict[str, bytes]
    labels: tuple[Label, ...]
    later: dict[str, bytes] = field(default_factory=dict)
    copies: int = 0


@dataclass
class Documents:
    """Documents sorted by how they are written."""

    orders: list[Order] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    copies: list[Invoice] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)


def write(
    cases: Iterable[tuple[Case, Syntax]],
    *,
    vendors: Iterable[Vendor],
    moved: Sequence[Vendor],
    statements: Iterable[Statement],
    labels: tuple[Label, ...],
    formats: Formats,
    chance: random.Random,
) -> World:
    """The files of a world. Where two formats are asked for, each kind of document of a case is in one by
    chance."""
    papers = {name: Documents() for name in FORMATS}
    copies = 0
    for case, syntax in cases:
        _sort(case, [_format(syntax, formats, chance) for _ in range(3)], papers)
        copies += len(case.copies)
    for statement in statements:
        papers[_format("any", formats, chance)].statements.append(statement)
    files = {"vendors.csv": tables.vendors(vendors)} | as_tables(papers["csv"]) | as_files(papers["ubl"])
    later = {"vendors.csv": tables.vendors(moved)} if moved else {}
    return World(files, labels, later, copies)


def one(case: Case) -> dict[str, bytes]:
    """The documents of one case, each in UBL; those that come late stand apart, under `late/`."""
    papers = Documents(
        list(case.orders), list(case.receipts), [c.invoice for c in case.claims], list(case.copies)
    )
    late = {f"late/{name}": data for name, data in as_files(Documents(receipts=list(case.late))).items()}
    return as_files(papers) | late


def _format(syntax: Syntax, formats: Formats, chance: random.Random) -> str:
    return "ubl" if syntax == "ubl" else chance.choice(list(formats))


def _sort(case: Case, chosen: list[str], papers: dict[str, Documents]) -> None:
    order, receipt, invoice = (papers[name] for name in chosen)
    order.orders += case.orders
    receipt.receipts += case.receipts
    invoice.invoices += [c.invoice for c in case.claims]
    invoice.copies += case.copies


def as_tables(papers: Documents) -> dict[str, bytes]:
    """These documents as canonical tables, one a kind."""
    first, again = _once(papers.invoices)
    wanted: list[tuple[str, Callable[[Any], bytes], list[Any]]] = [
        ("orders", tables.orders, papers.orders),
        ("receipts", tables.receipts, papers.receipts),
        ("invoices", tables.invoices, first),
        ("invoices_again", tables.invoices, [*again, *papers.copies]),
        ("statements", tables.statements, papers.statements),
    ]
    return {f"{name}.csv": write(found) for name, write, found in wanted if found}


def _once(invoices: Iterable[Invoice]) -> tuple[list[Invoice], list[Invoice]]:
    """The first under each number, and the others: rows of one number in one table are one document."""
    seen: set[tuple[str, str, str]] = set()
    first: list[Invoice] = []
    again: list[Invoice] = []
    for invoice in invoices:
        key = (invoice.vendor_id, invoice.number, invoice.type)
        (again if key in seen else first).append(invoice)
        seen.add(key)
    return first, again


def as_files(papers: Documents) -> dict[str, bytes]:
    """These documents in UBL, one a file."""
    files: dict[str, bytes] = {}
    wanted: list[tuple[str, Callable[[Any], ubl.Element], list[Any]]] = [
        ("order", ubl_orders.order, papers.orders),
        ("receipt", ubl_orders.receipt, papers.receipts),
        ("invoice", ubl.invoice, papers.invoices),
        ("statement", ubl.statement, papers.statements),
    ]
    for kind, made, found in wanted:
        for document in found:
            number = getattr(document, "message_id", "") or document.number
            files[_free(f"ubl/{kind}-{_plain(number)}", files)] = ubl.as_bytes(made(document))
    for document in papers.copies:
        name = _free(f"ubl/invoice-{_plain(document.number)}-again", files)
        files[name] = ubl.as_bytes(ubl.invoice(document), pretty=True)
    return files


def _plain(number: str) -> str:
    """A number as part of a file name."""
    return re.sub(r"[^0-9A-Za-z-]+", "_", number)


def _free(stem: str, files: dict[str, bytes]) -> str:
    """A name that is not taken: two vendors may use one number."""
    name, n = f"{stem}.xml", 1
    while name in files:
        n += 1
        name = f"{stem}_{n}.xml"
    return name
