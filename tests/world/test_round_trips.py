"""Whatever is written comes back as it was: invoices, orders, receipts and statements, in either format."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.translation import translate
from coordination.translation.canonical import (
    Account,
    AllowanceCharge,
    Invoice,
    InvoiceLine,
    Order,
    OrderLine,
    Party,
    Receipt,
    ReceiptLine,
    Statement,
    StatementLine,
    Vendor,
)
from coordination.translation.identity import canonical_digest
from coordination.world import tables, ubl, ubl_orders
from coordination.world.totals import totalled

RUN = settings(max_examples=30)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "SEK"])
DAYS = st.dates(date(1990, 1, 1), date(2150, 12, 31))
KEYS = st.from_regex(r"[A-Z][A-Z0-9]{1,3}[-/. ]?[0-9]{1,8}", fullmatch=True)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp", "Cn", "Co", "Cf"]),
    min_size=1,
    max_size=12,
)
SENTENCES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
QUANTITIES = st.decimals("0.001", "9999", places=3)
PRICES = st.decimals("0", "9999", places=4)
MONEY = st.decimals("0.01", "999999", places=2)
RATES = st.sampled_from([Decimal(r) for r in ("0", "7", "19", "25.5")])


@st.composite
def lines(draw: st.DrawFn) -> tuple[InvoiceLine, ...]:
    """Up to five lines, each of its own order line."""
    count = draw(st.integers(1, 5))
    found = []
    for n in range(1, count + 1):
        rate = draw(RATES)
        found.append(
            InvoiceLine(
                position=n,
                line=str(n),
                item=draw(KEYS),
                description=draw(SENTENCES),
                quantity=draw(QUANTITIES),
                unit=draw(st.sampled_from(["EA", "C62", "KGM", "MTR"])),
                price=draw(PRICES),
                tax_rate=rate,
                tax_category="S" if rate else "Z",
                order_number=draw(KEYS),
                order_line=str(n * 10),
            )
        )
    return tuple(found)


@st.composite
def claims(draw: st.DrawFn) -> Invoice:
    """Any invoice or credit note that adds up and is worth something."""
    credit = draw(st.booleans())
    items = draw(lines())
    return totalled(
        Invoice(
            number=draw(KEYS),
            type="credit_note" if credit else "invoice",
            type_code="381" if credit else "380",
            issue_date=draw(DAYS),
            due_date=None if credit else draw(DAYS),
            currency=draw(CURRENCIES),
            seller=Party(name=draw(SENTENCES), legal_name=draw(SENTENCES), vat_id="DE136695976"),
            vendor_id="V-1",
            account=Account("DE89370400440532013000"),
            order_numbers=tuple(dict.fromkeys(x.order_number for x in items)),
            lines=items,
            preceding=(draw(KEYS),) if credit else (),
        )
    )


def read(content: bytes) -> Any:
    found = translate(content, "made")
    assert found.rejected == ()
    [document] = found.documents
    return document


def in_ubl(found: ubl.Element) -> Any:
    return read(ubl.as_bytes(found))


# --- invoices -----------------------------------------------------------------------------------------------


@RUN
@given(claims())
def test_an_invoice_in_ubl_says_what_was_written(made: Invoice) -> None:
    found = in_ubl(ubl.invoice(made))
    assert isinstance(found, Invoice)
    assert (found.number, found.type, found.currency, found.issue_date, found.due_date) == (
        made.number,
        made.type,
        made.currency,
        made.issue_date,
        made.due_date,
    )
    assert (found.lines_net, found.net, found.tax, found.gross, found.payable) == (
        made.lines_net,
        made.net,
        made.tax,
        made.gross,
        made.payable,
    )
    assert found.taxes == made.taxes
    assert found.preceding == made.preceding
    assert found.lines == made.lines
    assert found.unreadable == ()
    assert (found.seller.name, found.seller.legal_name) == (made.seller.name, made.seller.legal_name)


@RUN
@given(claims(), st.lists(st.tuples(st.booleans(), MONEY, RATES), max_size=3), MONEY, st.sampled_from("-+"))
def test_allowances_an_advance_and_a_rounding_come_back_with_their_signs(
    made: Invoice, found: list[tuple[bool, Decimal, Decimal]], prepaid: Decimal, sign: str
) -> None:
    allowances = tuple(AllowanceCharge(c, a, "Because", "95", "S", r) for c, a, r in found)
    rounding = Decimal(f"{sign}0.02")
    large = replace(made.lines[0], quantity=Decimal(1), price=Decimal(9_000_000))
    whole = totalled(
        replace(
            made, lines=(large, *made.lines[1:]), allowances=allowances, prepaid=prepaid, rounding=rounding
        )
    )
    back = in_ubl(ubl.invoice(whole))
    assert back.allowances == allowances
    assert (back.prepaid, back.rounding, back.payable) == (prepaid, rounding, whole.payable)
    assert back.gross == whole.gross


@RUN
@given(claims())
def test_an_invoice_in_a_table_says_what_was_written(made: Invoice) -> None:
    found = read(tables.invoices([made]))
    assert isinstance(found, Invoice)
    assert (found.number, found.type, found.currency) == (made.number, made.type, made.currency)
    assert (found.net, found.tax, found.gross) == (made.net, made.tax, made.gross)
    assert [
        replace(x, tax_category=y.tax_category) for x, y in zip(found.lines, made.lines, strict=True)
    ] == [*made.lines]
    assert (found.account, found.preceding, found.unreadable) == (made.account, made.preceding, ())


@RUN
@given(claims())
def test_written_twice_is_one_claim_and_in_other_bytes_too(made: Invoice) -> None:
    plain, pretty = (read(ubl.as_bytes(ubl.invoice(made), pretty=p)) for p in (False, True))
    assert canonical_digest(plain) == canonical_digest(pretty)


@RUN
@given(claims(), claims())
def test_two_claims_are_one_only_where_they_are_equal(one: Invoice, other: Invoice) -> None:
    first, second = (in_ubl(ubl.invoice(x)) for x in (one, other))
    same = (one.number, one.gross, one.lines) == (other.number, other.gross, other.lines)
    assert canonical_digest(first) != canonical_digest(second) or same


# --- orders, receipts and statements ------------------------------------------------------------------------


@st.composite
def orders(draw: st.DrawFn) -> Order:
    number = draw(KEYS)
    items = tuple(
        OrderLine(
            line=str(n * 10),
            item=draw(KEYS),
            description=draw(SENTENCES),
            quantity=draw(QUANTITIES),
            unit="EA",
            price=draw(PRICES),
            base_quantity=draw(st.sampled_from([Decimal(1), Decimal(100), Decimal("0.5")])),
            net=draw(MONEY),
            tax_rate=draw(RATES),
        )
        for n in range(1, draw(st.integers(1, 4)) + 1)
    )
    return Order(
        number=number,
        message_id=number,
        order_date=draw(DAYS),
        currency=draw(CURRENCIES),
        vendor_id="V-1",
        net=sum((x.net or Decimal(0) for x in items), Decimal(0)),
        lines=items,
    )


@RUN
@given(orders())
def test_an_order_in_ubl_says_what_was_written(made: Order) -> None:
    found = in_ubl(ubl_orders.order(made))
    assert isinstance(found, Order)
    assert (found.number, found.message, found.order_date, found.currency, found.net) == (
        made.number,
        made.message,
        made.order_date,
        made.currency,
        made.net,
    )
    plain = [replace(x, base_unit="") for x in found.lines]
    assert plain == [*made.lines]


@RUN
@given(orders())
def test_an_order_in_a_table_says_its_prices_and_quantities(made: Order) -> None:
    each = replace(made, lines=tuple(replace(x, base_quantity=Decimal(1), net=None) for x in made.lines))
    found = read(tables.orders([each]))
    assert isinstance(found, Order)
    assert found.lines == each.lines
    assert (found.number, found.order_date, found.vendor_id) == (each.number, each.order_date, "V-1")


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    rows = []
    for n in range(1, draw(st.integers(1, 4)) + 1):
        came = draw(QUANTITIES)
        fine = draw(st.none() | st.decimals(0, came, places=3))
        rows.append(ReceiptLine(str(n), "PO-1", str(n * 10), quantity=came, accepted=fine, unit="EA"))
    return Receipt(draw(KEYS), received_date=draw(DAYS), order_number="PO-1", lines=tuple(rows))


def accepted(found: Receipt) -> list[tuple[Decimal | None, Decimal | None]]:
    return [(x.quantity, x.quantity if x.accepted is None else x.accepted) for x in found.lines]


@RUN
@given(receipts())
def test_a_receipt_says_what_came_and_what_of_it_was_good_in_either_format(made: Receipt) -> None:
    for found in (in_ubl(ubl_orders.receipt(made)), read(tables.receipts([made]))):
        assert isinstance(found, Receipt)
        assert accepted(found) == accepted(made)
        assert (found.number, found.order_number, found.received_date) == (
            made.number,
            "PO-1",
            made.received_date,
        )
        assert [x.order_line for x in found.lines] == [x.order_line for x in made.lines]


@st.composite
def accounts(draw: st.DrawFn) -> Statement:
    rows = draw(st.lists(st.tuples(KEYS, DAYS, st.booleans(), MONEY), min_size=1, max_size=5))
    found = tuple(
        StatementLine(number, day, "CreditNote" if credit else "Invoice", -amount if credit else amount)
        for number, day, credit, amount in rows
    )
    return Statement(
        number=draw(KEYS),
        statement_date=draw(DAYS),
        currency=draw(CURRENCIES),
        vendor_id="V-1",
        balance=sum((x.amount or Decimal(0) for x in found), Decimal(0)),
        lines=found,
    )


@RUN
@given(accounts())
def test_a_statement_says_the_same_lines_and_balance_in_either_format(made: Statement) -> None:
    for found in (in_ubl(ubl.statement(made)), read(tables.statements([made]))):
        assert isinstance(found, Statement)
        assert found.lines == made.lines
        assert (found.number, found.balance, found.statement_date) == (
            made.number,
            made.balance,
            made.statement_date,
        )


@RUN
@given(st.lists(st.tuples(SENTENCES, st.sampled_from(["", "active", "blocked"])), min_size=1, max_size=4))
def test_a_list_of_vendors_keeps_names_of_any_letters_and_whether_they_are_blocked(
    rows: list[tuple[str, Any]],
) -> None:
    made = [Vendor(f"V-{n}", name, status=status) for n, (name, status) in enumerate(rows)]
    found = translate(tables.vendors(made), "vendors.csv")
    assert found.rejected == ()
    assert [(v.vendor_id, v.name, v.status) for v in found.documents if isinstance(v, Vendor)] == [
        (v.vendor_id, v.name, v.status) for v in made
    ]
