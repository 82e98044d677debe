"""Key figures are what their formulas say, with numbers worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coordination.domain import key_figures
from coordination.domain.key_figures import Costs, Paid, Share

COUNTS = st.integers(0, 10_000)
SHARES = st.tuples(COUNTS, COUNTS).map(lambda pair: Share(min(pair), max(pair)))

# --- shares -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "base", "low", "high"),
    [
        # Wilson's score interval at 95 %, (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n), z = 1.959964
        (0, 10, 0.0, 0.27753),
        (10, 10, 0.72247, 1.0),
        (5, 10, 0.23659, 0.76341),
        (1, 1, 0.20655, 1.0),
        (8, 10, 0.49016, 0.94332),
        (50, 100, 0.40383, 0.59617),
        (81, 263, 0.25528, 0.36617),
    ],
)
def test_the_interval_of_a_share_by_hand(part: int, base: int, low: float, high: float) -> None:
    assert Share(part, base).interval() == pytest.approx((low, high), abs=1e-4)


@given(SHARES)
def test_an_interval_lies_between_nothing_and_all_and_around_its_share(share: Share) -> None:
    interval = share.interval()
    if not share.base:
        assert (share.value, interval) == (None, None)
        return
    assert interval is not None
    assert share.value is not None
    low, high = interval
    assert 0 <= low <= share.value + 1e-12
    assert share.value - 1e-12 <= high <= 1
    assert low < high


@given(SHARES.filter(lambda s: s.base > 0))
def test_the_interval_of_the_rest_is_the_mirror_of_it(share: Share) -> None:
    low, high = share.interval() or (0, 0)
    other = Share(share.rest, share.base).interval()
    assert other == pytest.approx((1 - high, 1 - low))


@given(st.integers(0, 1000), st.integers(1, 1000), st.integers(2, 20))
def test_more_cases_of_the_same_share_are_surer(part: int, base: int, times: int) -> None:
    assume(part <= base)
    few, many = Share(part, base).interval(), Share(part * times, base * times).interval()
    assert few is not None
    assert many is not None
    assert many[1] - many[0] < few[1] - few[0]


@given(st.integers(1, 1000), st.data())
def test_one_more_of_the_same_base_moves_the_interval_up(base: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, base - 1))
    one, more = Share(part, base).interval(), Share(part + 1, base).interval()
    assert one is not None
    assert more is not None
    assert one[0] < more[0]
    assert one[1] < more[1] or more[1] == 1.0


@given(SHARES, SHARES, SHARES)
def test_shares_add_up_in_any_order(a: Share, b: Share, c: Share) -> None:
    assert (a + b) + c == a + (b + c) == c + b + a
    assert (a + b).rest == a.rest + b.rest
    assert a + Share(0, 0) == a


# --- discounts and days -------------------------------------------------------------------------------------

UNTIL = date(2026, 3, 11)


@pytest.mark.parametrize(
    ("taken", "today", "became"),
    [
        ("20.00", date(2026, 4, 1), "captured"),
        ("20.00", date(2026, 3, 1), "captured"),
        ("0.00", date(2026, 3, 12), "lost"),
        (None, date(2026, 3, 12), "lost"),
        (None, UNTIL, "open"),  # its last day counts
        (None, date(2026, 3, 1), "open"),
    ],
)
def test_what_became_of_a_discount(taken: str | None, today: date, became: str) -> None:
    assert key_figures.discount_taken(UNTIL, None if taken is None else Decimal(taken), today) == became


@pytest.mark.parametrize(
    ("printed", "issued", "net", "due"),
    [
        (UNTIL, date(2026, 1, 1), 30, UNTIL),
        (None, date(2026, 3, 1), 30, date(2026, 3, 31)),
        (None, date(2026, 3, 1), 0, date(2026, 3, 1)),
        (None, None, 30, None),
        (None, date(2026, 3, 1), None, None),
        (UNTIL, None, None, UNTIL),
    ],
)
def test_when_an_invoice_is_due(
    printed: date | None, issued: date | None, net: int | None, due: date | None
) -> None:
    assert key_figures.due_on(printed, issued, net) == due


@pytest.mark.parametrize(("paid", "on_time"), [(10, True), (11, True), (12, False)])
def test_the_due_date_itself_is_on_time(paid: int, on_time: bool) -> None:
    assert key_figures.on_time(date(2026, 3, paid), UNTIL) is on_time


# --- paid twice ---------------------------------------------------------------------------------------------


def paid(number: str, day: int | None = 1, *, cleared_up: bool = False) -> Paid:
    return Paid(number, number, None if day is None else date(2026, 3, day), cleared_up)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (paid("RE-100"), paid("re 100", 28), True),  # the same number, whenever
        (paid("RE-100"), paid("RE100", None), True),
        (paid("RE-100"), paid("RE-1OO", 6), True),  # O for 0, five days apart
        (paid("RE-100"), paid("RE-1OO", 7), False),  # six days apart
        (paid("RE-100"), paid("RE-101", 2), True),  # one character
        (paid("RE-100"), paid("RE-201", 2), False),
        (paid("RE-100"), paid("RE-101", None), False),
        (paid("RE-100", None), paid("RE-101"), False),
    ],
)
def test_two_payments_that_may_be_one_claim(one: Paid, other: Paid, same: bool) -> None:
    assert key_figures.same_claim(one, other, 5) is same
    assert key_figures.same_claim(other, one, 5) is same


@pytest.mark.parametrize(
    ("pairs", "twice", "cleared"),
    [
        ([], 0, 0),
        ([(paid("A-1"), paid("A 1"))], 1, 0),
        ([(paid("A-1", cleared_up=True), paid("A 1"))], 0, 1),
        ([(paid("A-1"), paid("A 1", cleared_up=True))], 0, 1),
        ([(paid("A-1"), paid("B-77"))], 0, 0),
        ([(paid("A-1", cleared_up=True), paid("B-77"))], 0, 0),
        ([(paid("A-1"), paid("A 1")), (paid("C-1"), paid("c1", cleared_up=True))], 1, 1),
    ],
)
def test_a_pair_is_counted_once_as_double_or_as_cleared_up(
    pairs: list[tuple[Paid, Paid]], twice: int, cleared: int
) -> None:
    assert key_figures.paid_twice(pairs, 5) == (twice, cleared)


# --- cost ---------------------------------------------------------------------------------------------------

COSTS = Costs(Decimal("60.00"), Decimal(5), Decimal("0.02"), Decimal("0.50"))


@pytest.mark.parametrize(
    ("costs", "invoices", "answers", "decisions", "each"),
    [
        (COSTS, 10, 2, 40, "1.58"),  # (2 x 5 min x 60/h + 40 x 0.02) / 10 + 0.50
        (COSTS, 1, 0, 0, "0.50"),
        (COSTS, 3, 1, 0, "2.17"),  # 5.00 / 3 + 0.50
        (COSTS, 0, 4, 4, None),
        (Costs(), 10, 2, 40, "0.00"),
        (Costs(per_invoice=Decimal("0.005")), 1, 0, 0, "0.01"),
    ],
)
def test_the_cost_of_one_invoice_by_hand(
    costs: Costs, invoices: int, answers: int, decisions: int, each: str | None
) -> None:
    assert costs.of(invoices, answers, decisions) == (None if each is None else Decimal(each))


@pytest.mark.parametrize(
    ("policy", "costs", "stated"),
    [
        ({}, Costs(), False),
        ({"costs": {}}, Costs(), False),
        ({"costs": {"person_hour": "60.00"}}, Costs(person_hour=Decimal(60)), True),
        ({"costs": {"per_invoice": "0"}}, Costs(), False),
        ({"costs": {"coffee": "3.00"}}, Costs(), False),
        (
            {
                "costs": {
                    "person_hour": "60.00",
                    "minutes_per_answer": "5",
                    "model_per_decision": "0.02",
                    "per_invoice": "0.50",
                }
            },
            COSTS,
            True,
        ),
    ],
)
def test_costs_are_those_that_a_policy_states(policy: dict[str, Any], costs: Costs, stated: bool) -> None:
    assert key_figures.costs_of(policy) == costs
    assert key_figures.costs_of(policy).stated is stated


# --- sums ---------------------------------------------------------------------------------------------------


def test_sums_stand_by_currency_with_the_companys_first_and_then_the_largest() -> None:
    rows = [("USD", Decimal(5)), ("SEK", Decimal(900)), ("EUR", Decimal(1)), ("USD", Decimal(7))]
    assert list(key_figures.total(rows).items()) == [
        ("EUR", Decimal(1)),
        ("SEK", Decimal(900)),
        ("USD", Decimal(12)),
    ]
    assert list(key_figures.total(rows, "USD")) == ["USD", "SEK", "EUR"]
    assert key_figures.total([]) == {}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["EUR", "USD", "SEK", "JPY"]),
        st.decimals(min_value=-(10**6), max_value=10**6, places=2),
    )
)


@given(ROWS)
def test_no_amount_is_added_to_another_currency_and_none_is_lost(rows: list[tuple[str, Decimal]]) -> None:
    found = key_figures.total(rows)
    assert found == {c: sum((a for k, a in rows if k == c), Decimal(0)) for c in {c for c, _ in rows}}
    assert key_figures.total(list(reversed(rows))) == found


def test_a_published_figure_names_its_source() -> None:
    for figure in key_figures.PUBLISHED.values():
        assert figure.source.strip("–")
        assert any(sign.isdigit() for sign in figure.average)
        assert any(sign.isdigit() for sign in figure.best)
    assert (key_figures.NOTHING.average, key_figures.NOTHING.best) == ("–", "–")
