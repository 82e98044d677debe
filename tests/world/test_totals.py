"""What a made document adds up to: line amounts, tax by rate and category, gross and what is payable."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation.canonical import AllowanceCharge, Invoice, InvoiceLine, TaxSubtotal
from coordination.world.totals import adjustments, cents, company, line_amount, summed, totalled

D = Decimal


def line(
    quantity: str | None = "10",
    price: str | None = "10.00",
    *,
    base: str = "1",
    net: str | None = None,
    rate: str | None = "19",
    category: str = "S",
    allowances: tuple[AllowanceCharge, ...] = (),
) -> InvoiceLine:
    """Ten pieces at 10.00 with 19 % tax, unless said otherwise."""
    return InvoiceLine(
        position=1,
        line="1",
        quantity=None if quantity is None else D(quantity),
        price=None if price is None else D(price),
        base_quantity=D(base),
        net=None if net is None else D(net),
        tax_rate=None if rate is None else D(rate),
        tax_category=category,
        allowances=allowances,
    )


def off(amount: str, rate: str | None = "19", category: str = "S") -> AllowanceCharge:
    return AllowanceCharge(
        False, D(amount), tax_category=category, tax_rate=None if rate is None else D(rate)
    )


def more(amount: str, rate: str | None = "19", category: str = "S") -> AllowanceCharge:
    return replace(off(amount, rate, category), charge=True)


def bill(*lines: InvoiceLine, **changes: object) -> Invoice:
    return replace(Invoice(number="INV-1", currency="EUR", lines=lines), **changes)  # type: ignore[arg-type]


# --- rounding -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.004", "0.00"),
        ("0.005", "0.01"),
        ("0.015", "0.02"),
        ("0.025", "0.03"),
        ("-0.005", "-0.01"),
        ("-0.0049", "0.00"),
        ("2.675", "2.68"),
        ("1000000.995", "1000001.00"),
    ],
)
def test_half_a_cent_goes_away_from_zero_and_less_than_half_goes_to_it(exact: str, rounded: str) -> None:
    assert cents(D(exact)) == D(rounded)


def test_an_amount_has_two_decimals_even_where_they_are_noughts() -> None:
    assert str(cents(D(7))) == "7.00"


@pytest.mark.parametrize(
    ("amount", "currency", "euro"),
    [
        ("115.00", "SEK", "10"),
        ("74.60", "DKK", "10"),
        ("10.30", "USD", "10"),
        ("10.00", "EUR", "10"),
        ("10.00", "KWD", "10"),
        ("-11.50", "SEK", "-1"),
    ],
)
def test_a_sum_is_worth_so_many_euros_and_its_figure_where_no_rate_is_known(
    amount: str, currency: str, euro: str
) -> None:
    assert company(D(amount), currency) == D(euro)


# --- lines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "amount"),
    [
        (line("3", "1.25"), "3.75"),
        (line("3", "0.335"), "1.01"),
        (line("2000", "12.50", base="100"), "250.00"),
        (line("1", "10.00", base="3"), "3.33"),
        (line("2", "10.00", base="3"), "6.67"),
        (line("-2", "10.00"), "-20.00"),
        (line("0", "10.00"), "0.00"),
        (line("5", "0.00"), "0.00"),
        (line("10", "10.00", allowances=(off("2.50"),)), "97.50"),
        (line("10", "10.00", allowances=(more("2.50"),)), "102.50"),
        (line("10", "10.00", allowances=(more("4.00"), off("1.00"), off("0.50"))), "102.50"),
    ],
)
def test_a_line_comes_to_quantity_times_price_for_its_base_with_its_own_allowances(
    made: InvoiceLine, amount: str
) -> None:
    assert line_amount(made) == D(amount)


def test_a_line_is_rounded_once_after_its_allowances() -> None:
    """0.335 and 0.333 are 0.668: one rounding makes 0.67, two would make 0.34 + 0.33."""
    assert line_amount(line("1", "0.335", allowances=(more("0.333"),))) == D("0.67")


@pytest.mark.parametrize(
    "made",
    [
        line(None, "10.00", net="77.00"),
        line("10", None, net="77.00"),
        line(None, None, net="77.00"),
    ],
)
def test_a_line_without_quantity_or_price_comes_to_what_it_states(made: InvoiceLine) -> None:
    assert line_amount(made) == D("77.00")


def test_a_line_that_says_nothing_at_all_has_no_amount_and_adds_none() -> None:
    made = totalled(bill(line(None, None), line("1", "5.00")))
    assert [x.net for x in made.lines] == [None, D("5.00")]
    assert (made.lines_net, made.net) == (D("5.00"), D("5.00"))


def test_charges_add_and_allowances_take_off() -> None:
    assert adjustments([]) == 0
    assert adjustments([more("12.00"), off("5.00"), off("7.01")]) == D("-0.01")


# --- the document -------------------------------------------------------------------------------------------


def test_a_document_is_reckoned_up_from_its_lines() -> None:
    made = totalled(bill(line("10", "10.00"), line("3", "1.25")))
    assert [x.net for x in made.lines] == [D("100.00"), D("3.75")]
    assert (made.lines_net, made.net, made.tax) == (D("103.75"), D("103.75"), D("19.71"))
    assert (made.gross, made.payable) == (D("123.46"), D("123.46"))


def test_an_allowance_of_the_document_lowers_the_net_and_the_base_of_its_own_rate() -> None:
    made = totalled(bill(line(), line("1", "50.00", rate="7"), allowances=(off("10.00", "7"),)))
    assert made.lines_net == D("150.00")
    assert made.net == D("140.00")
    assert made.taxes == (
        TaxSubtotal("S", D(19), D("100.00"), D("19.00")),
        TaxSubtotal("S", D(7), D("40.00"), D("2.80")),
    )
    assert (made.tax, made.gross) == (D("21.80"), D("161.80"))


def test_a_charge_at_a_rate_that_no_line_has_makes_a_row_of_its_own() -> None:
    made = totalled(bill(line(), allowances=(more("20.00", "7"),)))
    assert [(row.rate, row.base, row.tax) for row in made.taxes] == [
        (D(19), D("100.00"), D("19.00")),
        (D(7), D("20.00"), D("1.40")),
    ]


def test_two_categories_at_one_rate_are_two_rows() -> None:
    made = totalled(bill(line(rate="0", category="AE"), line(rate="0", category="E")))
    assert [(row.category, row.base, row.tax) for row in made.taxes] == [
        ("AE", D("100.00"), D("0.00")),
        ("E", D("100.00"), D("0.00")),
    ]


def test_a_line_that_states_no_rate_is_taxed_at_none() -> None:
    made = totalled(bill(line(rate=None)))
    assert made.taxes == (TaxSubtotal("S", D(0), D("100.00"), D("0.00")),)
    assert made.gross == D("100.00")


def test_tax_is_rounded_once_for_a_rate_and_not_on_each_line() -> None:
    """Three lines of 0.03 at 19 % are 0.0171, which is 0.02; rounded on each line it would be 0.03."""
    made = totalled(bill(*[line("1", "0.03")] * 3))
    assert made.tax == D("0.02")


def test_what_is_payable_is_the_gross_less_what_was_prepaid_and_with_the_rounding() -> None:
    made = totalled(bill(line(), prepaid=D("19.02"), rounding=D("0.02")))
    assert (made.gross, made.payable) == (D("119.00"), D("100.00"))


def test_more_may_have_been_prepaid_than_is_asked_for() -> None:
    assert totalled(bill(line(), prepaid=D("150.00"))).payable == D("-31.00")


def test_a_document_without_lines_comes_to_nothing_and_has_no_row_of_tax() -> None:
    made = totalled(bill())
    assert (made.lines_net, made.net, made.tax, made.gross, made.payable) == (0, 0, 0, 0, 0)
    assert made.taxes == ()


def test_totals_can_be_made_to_follow_a_line_that_is_wrong() -> None:
    """`summed` believes the amounts of the lines, `totalled` reckons them."""
    wrong = bill(line(net="130.00"))
    assert summed(wrong).gross == D("154.70")
    assert totalled(wrong).gross == D("119.00")


# --- what holds of every document ---------------------------------------------------------------------------

RATES = st.sampled_from(["0", "7", "19", "25"])
QUANTITIES = st.decimals("-50", "50", places=3).map(str)
PRICES = st.decimals("0", "500", places=4).map(str)
LINES = st.lists(st.builds(lambda q, p, r: line(q, p, rate=r), QUANTITIES, PRICES, RATES), max_size=8)
SUMS = st.decimals("0", "99", places=2).map(str)
ADJUSTED = st.lists(
    st.builds(lambda a, r, up: (more if up else off)(a, r), SUMS, RATES, st.booleans()), max_size=4
)


@given(LINES, ADJUSTED)
def test_the_bases_of_tax_make_the_net_and_every_total_the_next(
    lines: list[InvoiceLine], allowances: list[AllowanceCharge]
) -> None:
    made = totalled(bill(*lines, allowances=tuple(allowances)))
    assert made.net is not None
    assert made.tax is not None
    assert made.net == sum((row.base or D(0) for row in made.taxes), D(0))
    assert made.tax == sum((row.tax or D(0) for row in made.taxes), D(0))
    assert made.gross == made.net + made.tax == made.payable


@given(LINES, ADJUSTED)
def test_to_reckon_up_twice_changes_nothing(
    lines: list[InvoiceLine], allowances: list[AllowanceCharge]
) -> None:
    once = totalled(bill(*lines, allowances=tuple(allowances)))
    assert totalled(once) == once == summed(once)


@given(LINES)
def test_the_order_of_lines_changes_no_total(lines: list[InvoiceLine]) -> None:
    one, other = totalled(bill(*lines)), totalled(bill(*reversed(lines)))
    assert (one.net, one.tax, one.gross) == (other.net, other.tax, other.gross)
    assert sorted(map(str, one.taxes)) == sorted(map(str, other.taxes))


@given(LINES)
def test_a_document_with_every_sign_turned_comes_to_the_same_below_zero(lines: list[InvoiceLine]) -> None:
    turned = [replace(x, quantity=-(x.quantity or D(0))) for x in lines]
    one, other = totalled(bill(*lines)), totalled(bill(*turned))
    assert (one.net, one.tax, one.gross) == (
        -(other.net or D(0)),
        -(other.tax or D(0)),
        -(other.gross or D(0)),
    )
