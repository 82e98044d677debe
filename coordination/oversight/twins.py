"""The documents of a known-answer case: those of a real invoice with other numbers and days, and what is
wrong.

Pure. A twin has an order and receipts of its own, so that nothing of it was billed before; a look-alike
repeats the real invoice itself. What is changed is told by the defect; everything else adds up as it did.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256

from ..domain.oversight import Defect
from ..translation.canonical import (
    Account,
    AllowanceCharge,
    Invoice,
    InvoiceLine,
    Order,
    Receipt,
    TaxSubtotal,
)

CENT = Decimal("0.01")
PRICE_OVER = (Decimal("0.08"), Decimal("0.35"))
"""A wrong price is over the order's by a share between these: past every usual tolerance, and no misprint."""
SHORT = (Decimal("0.15"), Decimal("0.60"))
"""So much of a line did not arrive, at least and at most, in whole units."""
LOOKALIKE_DAYS = 3
"""A clean look-alike is issued so many days after the invoice it resembles, at most."""


class NoTwin(Exception):
    """Of this invoice no twin with this defect can be made."""


@dataclass(frozen=True, slots=True)
class Source:
    """A real invoice with the order it bills and what arrived of it, all complete."""

    invoice: Invoice
    order: Order
    receipts: tuple[Receipt, ...]
    received_on: date


@dataclass(frozen=True, slots=True)
class TwinDocuments:
    """What is taken in for a rehearsal. `orders` is empty where the real order is billed."""

    orders: tuple[Order, ...]
    receipts: tuple[Receipt, ...]
    invoice: Invoice


@dataclass(frozen=True, slots=True)
class Chance:
    """Choices that follow from a seed: the same seed makes the same twin."""

    seed: str

    def share(self, what: str) -> Decimal:
        """A number from 0 to 1 for one purpose."""
        found = int.from_bytes(sha256(f"{self.seed}/{what}".encode()).digest()[:6])
        return Decimal(found) / Decimal(2**48)

    def between(self, what: str, least: Decimal, most: Decimal) -> Decimal:
        return least + (most - least) * self.share(what)

    def whole(self, what: str, most: int) -> int:
        """A whole number from 0 to below `most`."""
        return int(self.share(what) * most)


Taken = Callable[[str], bool]
"""Is a number in use already?"""


def make_twin(
    source: Source, defect: Defect, chance: Chance, numbers: Chance, today: date, taken: Taken, *, alike: bool
) -> TwinDocuments:
    """The documents of a twin of `source` with this defect.

    `chance` says what is changed, `numbers` under which numbers it goes, so that one case can be shown twice.
    `alike`: a clean one looks like the real invoice by number, sum and day. Raises `NoTwin`.
    """
    if defect is Defect.DUPLICATE:
        return _lookalike(source, numbers, taken)
    resembling = defect is Defect.CLEAN and alike
    if resembling:
        today = source.received_on + timedelta(days=1 + chance.whole("days", LOOKALIKE_DAYS))
    shifted = _shifted(source, today)
    order_number = renumbered(source.order.number, numbers, taken)
    order = replace(shifted.order, number=order_number, message_id="", sales_order="")
    receipts = tuple(
        replace(
            r,
            number=renumbered(r.number, numbers, taken),
            order_number=order_number if r.order_number else "",
            despatch_number="",
            lines=tuple(replace(line, order_number=order_number) for line in r.lines),
        )
        for r in shifted.receipts
    )
    near = _resembling_number if resembling else renumbered
    invoice = _billing(shifted.invoice, near(source.invoice.number, numbers, taken), order_number)
    made = CHANGES[defect](TwinDocuments((order,), receipts, invoice), chance)
    return replace(made, invoice=as_written(made.invoice))


def _shifted(source: Source, today: date) -> Source:
    """The same documents as if they had come today."""
    by = today - source.received_on

    def on(day: date | None) -> date | None:
        return day + by if day is not None else None

    invoice = replace(
        source.invoice, issue_date=on(source.invoice.issue_date), due_date=on(source.invoice.due_date)
    )
    order = replace(source.order, order_date=on(source.order.order_date))
    receipts = tuple(replace(r, received_date=on(r.received_date)) for r in source.receipts)
    return Source(invoice, order, receipts, today)


def _billing(invoice: Invoice, number: str, order: str) -> Invoice:
    """The invoice under another number, for another order, without what only the real one can name."""
    return replace(
        invoice,
        number=number,
        order_numbers=(order,) if invoice.order_numbers else (),
        despatch_numbers=(),
        receipt_numbers=(),
        sales_orders=(),
        payment_reference="",
        lines=tuple(
            replace(
                line,
                order_number=order if line.order_number else "",
                despatch_number="",
                despatch_line="",
                receipt_number="",
                receipt_line="",
            )
            for line in invoice.lines
        ),
    )


def enlarged(source: Source, times: int) -> Source:
    """The same trade over so many times as much: what a small invoice was, a large one is."""
    invoice = source.invoice
    for line in invoice.lines:
        if line.quantity is None or line.price is None or line.allowances or line.net is None:
            raise NoTwin
        quantity = line.quantity * times
        net = (quantity * line.price / line.base_quantity).quantize(CENT, ROUND_HALF_UP)
        invoice = _with_line(invoice, line, replace(line, quantity=quantity, net=net))
    order = replace(
        source.order,
        lines=tuple(replace(x, quantity=_multiple(x.quantity, times)) for x in source.order.lines),
    )
    receipts = tuple(
        replace(
            r,
            lines=tuple(
                replace(x, quantity=_multiple(x.quantity, times), accepted=_multiple(x.accepted, times))
                for x in r.lines
            ),
        )
        for r in source.receipts
    )
    return Source(invoice, order, receipts, source.received_on)


def _multiple(value: Decimal | None, times: int) -> Decimal | None:
    return value * times if value is not None else None


# --- numbers ------------------------------------------------------------------------------------------------

_DIGITS = re.compile(r"\d+(?=\D*$)")


def renumbered(number: str, chance: Chance, taken: Taken) -> str:
    """A free number of the same pattern near this one. Raises `NoTwin` where it has no digits or none is
    free."""
    found = _DIGITS.search(number)
    if found is None:
        raise NoTwin
    digits = found[0]
    room = 10 ** len(digits)
    for turn in range(40):
        step = 1 + chance.whole(f"{number}/{turn}", min(room - 1, 400))
        other = f"{(int(digits) + step) % room:0{len(digits)}d}"
        candidate = f"{number[: found.start()]}{other}{number[found.end() :]}"
        if not taken(candidate):
            return candidate
    raise NoTwin


def _resembling_number(number: str, chance: Chance, taken: Taken) -> str:
    """A free number that is one digit from this one, and comes after it: of two that look alike, the later
    one is held."""
    places = [n for n, sign in enumerate(number) if sign.isdigit()]
    for turn in range(40):
        if not places:
            break
        at = places[len(places) - 1 - chance.whole(f"place/{turn}", min(2, len(places)))]
        digit = str((int(number[at]) + 1 + chance.whole(f"digit/{turn}", 9)) % 10)
        candidate = f"{number[:at]}{digit}{number[at + 1 :]}"
        if candidate > number and not taken(candidate):
            return candidate
    raise NoTwin


# --- how amounts are written --------------------------------------------------------------------------------


def as_written(invoice: Invoice) -> Invoice:
    """The invoice with its figures as documents write them: tables keep more places than anybody prints."""
    return replace(
        invoice,
        lines_net=_money(invoice.lines_net),
        net=_money(invoice.net),
        tax=_money(invoice.tax),
        gross=_money(invoice.gross),
        payable=_money(invoice.payable),
        lines=tuple(
            replace(
                x,
                quantity=_short_of(x.quantity, 0),
                price=_short_of(x.price, 2),
                base_quantity=_short_of(x.base_quantity, 0) or Decimal(1),
                net=_money(x.net),
                tax_rate=_short_of(x.tax_rate, 0),
                allowances=tuple(_allowance(a) for a in x.allowances),
            )
            for x in invoice.lines
        ),
        allowances=tuple(_allowance(a) for a in invoice.allowances),
        taxes=tuple(
            replace(t, rate=_short_of(t.rate, 0), base=_money(t.base), tax=_money(t.tax))
            for t in invoice.taxes
        ),
    )


def _allowance(one: AllowanceCharge) -> AllowanceCharge:
    amount = _short_of(one.amount, 2)
    return replace(one, amount=one.amount if amount is None else amount, tax_rate=_short_of(one.tax_rate, 0))


def _money(value: Decimal | None) -> Decimal | None:
    return _short_of(value, 2)


def _short_of(value: Decimal | None, places: int) -> Decimal | None:
    """The same number without zeros at its end, with so many places at least."""
    if value is None:
        return None
    plain = value.normalize()
    return plain.quantize(Decimal(1).scaleb(min(-places, int(plain.as_tuple().exponent))))


# --- what is wrong ------------------------------------------------------------------------------------------


def _lookalike(source: Source, chance: Chance, taken: Taken) -> TwinDocuments:
    """The real invoice once more, under a number that resembles its own: what it bills is billed already."""
    number = _resembling_number(source.invoice.number, chance, taken)
    return TwinDocuments((), (), as_written(replace(source.invoice, number=number)))


def _dearer(documents: TwinDocuments, chance: Chance) -> TwinDocuments:
    """One line costs more than was ordered."""
    lines = [x for x in documents.invoice.lines if x.price and x.quantity and not x.allowances]
    if not lines:
        raise NoTwin
    line = lines[chance.whole("line", len(lines))]
    assert line.price is not None and line.quantity is not None  # noqa: S101, PT018 - chosen so
    factor = 1 + chance.between("over", *PRICE_OVER)
    price = _like(line.price * factor, line.price)
    net = (line.quantity * price / line.base_quantity).quantize(CENT, ROUND_HALF_UP)
    return replace(
        documents, invoice=_with_line(documents.invoice, line, replace(line, price=price, net=net))
    )


def _short(documents: TwinDocuments, chance: Chance) -> TwinDocuments:
    """Less of one line arrived than is billed."""
    lines = [
        (r, x)
        for r in documents.receipts
        for x in r.lines
        if x.quantity is not None and x.quantity >= 2 and x.quantity == x.quantity.to_integral_value()
    ]
    if not lines:
        raise NoTwin
    receipt, line = lines[chance.whole("line", len(lines))]
    assert line.quantity is not None  # noqa: S101 - chosen so
    missing = (line.quantity * chance.between("short", *SHORT)).to_integral_value(ROUND_HALF_UP)
    left = line.quantity - max(Decimal(1), missing)
    if left < 1:
        raise NoTwin
    short = replace(line, quantity=left, accepted=left)
    changed = replace(receipt, lines=tuple(short if x is line else x for x in receipt.lines))
    return replace(documents, receipts=tuple(changed if r is receipt else r for r in documents.receipts))


def _elsewhere(documents: TwinDocuments, chance: Chance) -> TwinDocuments:
    """It asks to be paid to an account that is not the vendor's."""
    number = "".join(documents.invoice.account.number.split())
    if len(number) < 15 or not number[:2].isalpha():
        raise NoTwin
    return replace(
        documents, invoice=replace(documents.invoice, account=Account(other_iban(number, chance), ""))
    )


def _unchanged(documents: TwinDocuments, _: Chance) -> TwinDocuments:
    return documents


CHANGES: dict[Defect, Callable[[TwinDocuments, Chance], TwinDocuments]] = {
    Defect.PRICE: _dearer,
    Defect.QUANTITY: _short,
    Defect.BANK: _elsewhere,
    Defect.CLEAN: _unchanged,
}


def _like(value: Decimal, pattern: Decimal) -> Decimal:
    """Rounded as the pattern is written, and to cents at least."""
    places = min(-2, int(pattern.normalize().as_tuple().exponent))
    return value.quantize(Decimal(1).scaleb(places), ROUND_HALF_UP)


def _with_line(invoice: Invoice, old: InvoiceLine, new: InvoiceLine) -> Invoice:
    """The invoice with another line, its totals and taxes as they follow."""
    more = (new.net or Decimal(0)) - (old.net or Decimal(0))
    rows = [t for t in invoice.taxes if t.category == old.tax_category and t.rate == old.tax_rate]
    row = rows[0] if rows else next(iter(invoice.taxes), None)
    rate = old.tax_rate if old.tax_rate is not None else row.rate if row else None
    if invoice.net is None or invoice.gross is None or invoice.tax is None or rate is None:
        raise NoTwin
    taxes, tax_more = invoice.taxes, (more * rate / 100).quantize(CENT, ROUND_HALF_UP)
    if row is not None and row.base is not None and row.tax is not None:
        base = row.base + more
        tax = (base * rate / 100).quantize(CENT, ROUND_HALF_UP)
        tax_more = tax - row.tax
        changed = TaxSubtotal(row.category, row.rate, base, tax)
        taxes = tuple(changed if t is row else t for t in invoice.taxes)

    def plus(value: Decimal | None, by: Decimal) -> Decimal | None:
        return value + by if value is not None else None

    return replace(
        invoice,
        lines=tuple(new if x is old else x for x in invoice.lines),
        lines_net=plus(invoice.lines_net, more),
        net=invoice.net + more,
        tax=invoice.tax + tax_more,
        gross=invoice.gross + more + tax_more,
        payable=plus(invoice.payable, more + tax_more),
        taxes=taxes,
    )


def other_iban(iban: str, chance: Chance) -> str:
    """An IBAN of the same country and bank with another account number, its check digits right."""
    country, bban = iban[:2], iban[4:]
    tail = "".join(
        str((int(c) + 1 + chance.whole(f"iban/{n}", 9)) % 10) if c.isdigit() else c
        for n, c in enumerate(bban[-6:])
    )
    bban = bban[:-6] + tail
    digits = "".join(str(int(c, 36)) for c in f"{bban}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{bban}"
