"""An order line by line with what came of it, and a goods receipt with the order that it is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from ..agents.order_index import codes, key
from ..domain.units import same_unit
from ..facts.receipt_versions import IN_FORCE
from ..models import (
    Allocation,
    Document,
    Invoice,
    InvoiceType,
    Order,
    OrderLine,
    OrderMessage,
    Receipt,
    ReceiptLine,
)
from ..tasks.sql import rows
from ..translation.identity import normalised_number
from .figures import ENDED

MOST = 50
"""Invoices and receipts that a page names."""
ZERO = Decimal(0)

COUNTING: Final = f"SELECT r.id FROM coordination_receipt r WHERE r.id = ANY(%s) AND {IN_FORCE}"  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class Arrived:
    """What arrived of one order line in a unit, and how much of it was accepted."""

    unit: str
    quantity: Decimal
    accepted: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order. `others` arrived in units that are not the order's and are not added up;
    `to_come` and `to_bill` are None where the order stands no longer open or says no quantity."""

    line: OrderLine
    arrived: Arrived
    others: Sequence[Arrived]
    invoiced: Decimal
    billed: Decimal
    credited: Decimal
    to_come: Decimal | None
    to_bill: Decimal | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A receipt or despatch advice; `counts`: no later message about the same delivery has replaced it."""

    receipt: Receipt
    counts: bool


@dataclass(frozen=True, slots=True)
class Detail:
    order: Order
    lines: Sequence[Line]
    receipts: Sequence[Delivered]
    invoices: Sequence[Invoice]
    messages: Sequence[OrderMessage]
    unplaced: int
    """Lines of receipts that name the order and none of its lines."""
    cut: bool
    """Are there more receipts or invoices than are named?"""


def find(number: str) -> Order | None:
    """The order that a number means: to the letter, else in another spelling where only one has it."""
    found = Order.objects.select_related("vendor", "name")
    exact = found.filter(number=number).first()
    if exact is not None:
        return exact
    wanted = normalised_number(number)
    others = list(found.filter(name__number_key=wanted)[:2]) if wanted else []
    return others[0] if len(others) == 1 else None


def known(numbers: Iterable[str]) -> dict[str, str]:
    """Of these numbers those that mean an order, with the number that it goes by; one query for all."""
    wanted = {n: normalised_number(n) for n in numbers if n}
    if not wanted:
        return {}
    found = Order.objects.filter(
        Q(number__in=list(wanted)) | Q(name__number_key__in=set(wanted.values()) - {""})
    )
    own: set[str] = set()
    spelled: dict[str, list[str]] = defaultdict(list)
    for number, name in found.values_list("number", "name__number_key"):
        own.add(number)
        spelled[name or ""].append(number)
    out = {}
    for number, name in wanted.items():
        if number in own:
            out[number] = number
        elif name and len(spelled[name]) == 1:
            out[number] = spelled[name][0]
    return out


def detail(order: Order) -> Detail:
    """The order as it stands, with its receipts, invoices and messages."""
    name = normalised_number(order.number)
    delivered = (
        ReceiptLine.objects.filter(order_key=name)
        if name
        else ReceiptLine.objects.filter(order_number=order.number)
    )
    receipts = _delivered(
        Receipt.objects.filter(pk__in=delivered.values("receipt")).order_by("-received_date", "-recorded_at")
    )
    counting = {d.receipt.id for d in receipts if d.counts and d.receipt.kind == Receipt.Kind.RECEIPT}
    arrived = list(delivered.filter(receipt__in=counting).order_by("id"))
    lines = list(order.lines.order_by("position"))
    placed = _placed(lines, arrived)
    invoices = list(_invoices(order, name)[: MOST + 1])
    return Detail(
        order=order,
        lines=_lines(order, lines, placed),
        receipts=receipts[:MOST],
        invoices=invoices[:MOST],
        messages=list(
            OrderMessage.objects.filter(order_key=name).select_related("document").order_by("at", "id")
            if name
            else OrderMessage.objects.filter(order_number=order.number).select_related("document")
        ),
        unplaced=len(arrived) - sum(map(len, placed.values())),
        cut=len(receipts) > MOST or len(invoices) > MOST,
    )


def _delivered(found: QuerySet[Receipt]) -> list[Delivered]:
    receipts = list(found)
    counting = {row[0] for row in rows(COUNTING, [r.id for r in receipts])} if receipts else set()
    return [Delivered(r, r.id in counting) for r in receipts]


def _placed(lines: Sequence[OrderLine], arrived: Iterable[ReceiptLine]) -> dict[UUID, list[ReceiptLine]]:
    """Receipt lines by the order line that they name, else by an item that only one order line has."""
    by_line = {key(x.line): x.id for x in lines}
    by_item: dict[str, set[UUID]] = defaultdict(set)
    for x in lines:
        for code in codes(x.item, x.buyer_item, x.standard_item):
            by_item[code].add(x.id)
    out: dict[UUID, list[ReceiptLine]] = defaultdict(list)
    for r in arrived:
        if r.order_line:
            place = by_line.get(key(r.order_line))
        else:
            meant = set[UUID]().union(*(by_item.get(code, set()) for code in codes(r.item, r.buyer_item)))
            place = meant.pop() if len(meant) == 1 else None
        if place is not None:
            out[place].append(r)
    return out


def _lines(
    order: Order, lines: Sequence[OrderLine], placed: Mapping[UUID, Sequence[ReceiptLine]]
) -> list[Line]:
    invoiced: dict[tuple[UUID, bool], tuple[Decimal, Decimal]] = {}
    sums = (
        Allocation.objects.filter(order_line__order=order, matching=F("invoice__matching"))
        .exclude(invoice__state__in=ENDED)
        .values_list("order_line_id", "invoice__type")
        .annotate(quantities=Sum("quantity"), amounts=Sum("amount"))
        .order_by()
    )
    for line, type_, quantity, amount in sums:
        invoiced[line, type_ == InvoiceType.CREDIT_NOTE] = (quantity, amount)
    return [_line(order, x, placed.get(x.id, ()), invoiced) for x in lines]


def _line(
    order: Order,
    line: OrderLine,
    arrived: Sequence[ReceiptLine],
    invoiced: Mapping[tuple[UUID, bool], tuple[Decimal, Decimal]],
) -> Line:
    here = Arrived(line.unit, ZERO, ZERO)
    others: dict[str, Arrived] = {}
    for r in arrived:
        if same_unit(r.unit, line.unit):
            here = Arrived(line.unit, here.quantity + r.quantity, here.accepted + r.accepted)
        else:
            had = others.get(r.unit) or Arrived(r.unit, ZERO, ZERO)
            others[r.unit] = Arrived(r.unit, had.quantity + r.quantity, had.accepted + r.accepted)
    quantity, amount = invoiced.get((line.id, False), (ZERO, ZERO))
    ordered = line.quantity if order.status == Order.Status.OPEN else None
    return Line(
        line=line,
        arrived=here,
        others=list(others.values()),
        invoiced=quantity,
        billed=amount,
        credited=abs(invoiced.get((line.id, True), (ZERO, ZERO))[1]),
        to_come=None if ordered is None or others else max(ZERO, ordered - here.accepted),
        to_bill=None if ordered is None else max(ZERO, ordered - quantity),
    )


def _invoices(order: Order, name: str) -> QuerySet[Invoice]:
    """Invoices whose lines are matched to lines of the order, and those that name it and are its vendor's or
    nobody's; newest first."""
    matched = Allocation.objects.filter(order_line__order=order, matching=F("invoice__matching"))
    wanted = Q(pk__in=matched.values("invoice"))
    naming = Q(facts__order_keys__contains=[name]) if name else Q(order_numbers__contains=[order.number])
    if order.vendor_id is not None:
        naming &= Q(vendor=order.vendor_id) | Q(vendor=None)
    return Invoice.objects.filter(wanted | naming).order_by("-received_at", "-id")


# --- receipts -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReceiptDetail:
    """A receipt with the orders that its lines name (`orders`: as written, to the number of the order that
    there is), and the invoices that bill these lines of the orders."""

    receipt: Receipt
    counts: bool
    replaced_by: Receipt | None
    document: Document
    lines: Sequence[ReceiptLine]
    orders: Mapping[str, str]
    invoices: Sequence[Invoice]
    cut: bool

    @property
    def numbers(self) -> Sequence[str]:
        """The orders as the lines name them, each once."""
        return list(dict.fromkeys(x.order_number for x in self.lines if x.order_number))

    @property
    def order(self) -> str:
        """The first of the orders that there are; empty where there is none."""
        return next((self.orders[n] for n in self.numbers if n in self.orders), "")


def receipt_detail(receipt: Receipt) -> ReceiptDetail:
    """One receipt or despatch advice."""
    [delivered] = _delivered(Receipt.objects.filter(pk=receipt.pk))
    lines = list(receipt.lines.order_by("id"))
    orders = known(x.order_number for x in lines)
    invoices = _billing(lines, orders)
    return ReceiptDetail(
        receipt=receipt,
        counts=delivered.counts,
        replaced_by=None if delivered.counts else _replacement(receipt),
        document=receipt.document,
        lines=lines,
        orders=orders,
        invoices=invoices[:MOST],
        cut=len(invoices) > MOST,
    )


def _replacement(receipt: Receipt) -> Receipt | None:
    """The message about the same delivery that counts instead."""
    others = Receipt.objects.filter(number_key=receipt.number_key, kind=receipt.kind)
    if not receipt.number_key:
        others = others.filter(number=receipt.number)
    return next(
        (d.receipt for d in _delivered(others.exclude(pk=receipt.pk).order_by("-recorded_at")) if d.counts),
        None,
    )


def _billing(lines: Sequence[ReceiptLine], orders: Mapping[str, str]) -> list[Invoice]:
    """Invoices whose lines are matched to the order lines that these receipt lines are of."""
    by_order: dict[str, list[ReceiptLine]] = defaultdict(list)
    for x in lines:
        if number := orders.get(x.order_number):
            by_order[number].append(x)
    ordered: dict[str, list[OrderLine]] = defaultdict(list)
    for one in OrderLine.objects.filter(order__number__in=list(by_order)).select_related("order"):
        ordered[one.order.number].append(one)
    places = [place for n, found in by_order.items() for place in _placed(ordered[n], found)]
    matched = Allocation.objects.filter(order_line__in=places, matching=F("invoice__matching"))
    found = Invoice.objects.filter(pk__in=matched.values("invoice")).order_by("-received_at", "-id")
    return list(found[: MOST + 1]) if places else []


def arrived_for(invoice: Invoice) -> list[Receipt]:
    """The receipts of the orders that an invoice names, those that count; the latest of `MOST`."""
    names = [name for n in invoice.order_numbers if (name := normalised_number(n))]
    if not names:
        return []
    lines = ReceiptLine.objects.filter(order_key__in=names).values("receipt")
    found = Receipt.objects.filter(pk__in=lines, kind=Receipt.Kind.RECEIPT).order_by("-received_date", "-id")
    return [d.receipt for d in _delivered(found[:MOST]) if d.counts]
