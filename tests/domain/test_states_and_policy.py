"""Which state follows which, how far an invoice has come, and what the policy allows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.domain import amounts
from coordination.domain.policy import CENT, Envelope, Tolerance
from coordination.domain.stages import SETTLED_BY, STAGES, stage
from coordination.domain.transitions import BEFORE_PAYMENT, ENDED, TRANSITIONS, TransitionRefused, allowed
from coordination.models import Invoice
from tests.agents.make import POLICY

STATES = frozenset(str(value) for value, _ in Invoice._meta.get_field("state").choices or ())

# --- states -------------------------------------------------------------------------------------------------


def test_the_table_names_every_state_and_no_other() -> None:
    assert TRANSITIONS.keys() == STATES
    assert frozenset().union(*TRANSITIONS.values()) == STATES
    assert BEFORE_PAYMENT | ENDED | {"scheduled", "paid"} == STATES


@pytest.mark.parametrize("state", sorted(STATES))
def test_an_invoice_may_stay_where_it_is(state: str) -> None:
    assert allowed(state, state)


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ("received", "cleared", True),
        ("cleared", "received", True),  # a new fact takes it back
        ("received", "scheduled", True),
        ("scheduled", "paid", True),
        ("scheduled", "cleared", True),  # it left its run
        ("scheduled", "received", True),  # the bank refused it
        ("scheduled", "rejected", False),
        ("scheduled", "void", False),
        ("scheduled", "matched", False),
        ("paid", "received", True),
        ("paid", "cleared", False),
        ("paid", "scheduled", False),
        ("paid", "rejected", False),
        ("paid", "void", False),
        ("received", "rejected", True),
        ("cleared", "void", True),
        ("unheard", "received", False),
        ("received", "unheard", False),
        ("", "", False),
    ],
)
def test_a_move_by_hand(before: str, after: str, may: bool) -> None:
    assert allowed(before, after) is may


def test_nothing_leaves_an_end() -> None:
    assert {after for end in ENDED for after in STATES if allowed(end, after)} == ENDED
    assert all(allowed(end, after) == (end == after) for end, after in product(ENDED, STATES))


def test_what_is_paid_or_on_its_way_is_never_ended_at_once() -> None:
    for before, after in product(("scheduled", "paid"), ENDED):
        assert not allowed(before, after)


def test_every_state_can_be_reached_from_the_first() -> None:
    reached = {"received"}
    seen: set[str] = set()
    while reached - seen:
        seen |= (step := reached - seen)
        reached |= {after for before in step for after in TRANSITIONS[before]}
    assert reached == STATES


def test_a_refused_move_names_the_invoice_and_both_states() -> None:
    message = str(TransitionRefused("invoice/1", "paid", "void"))
    assert "invoice/1" in message
    assert "paid" in message
    assert "void" in message


def test_the_words_for_states_in_sums_agree_with_the_table() -> None:
    assert amounts.ENDED == ENDED
    assert amounts.SETTLED == STATES - BEFORE_PAYMENT - ENDED
    assert set(amounts.CLEARED) == {*amounts.SETTLED, "cleared"}


# --- stages -------------------------------------------------------------------------------------------------

VALIDATION, MATCHING, DELIVERY = (SETTLED_BY[name] for name in STAGES)


@pytest.mark.parametrize(
    ("answered", "holding", "reached"),
    [
        ([], [], "received"),
        ([VALIDATION], [], "validated"),
        ([VALIDATION, MATCHING], [], "matched"),
        ([VALIDATION, MATCHING, DELIVERY], [], "delivered"),
        ([MATCHING, DELIVERY], [], "received"),  # a stage is not skipped
        ([VALIDATION, DELIVERY], [], "validated"),
        ([VALIDATION, MATCHING, DELIVERY], [VALIDATION], "received"),
        ([VALIDATION, MATCHING, DELIVERY], [MATCHING], "validated"),
        ([VALIDATION, MATCHING, DELIVERY], [DELIVERY], "matched"),
        ([VALIDATION, MATCHING], ["finance.payment"], "matched"),
        (["finance.payment", "support.status"], [], "received"),
    ],
)
def test_how_far_an_invoice_has_come(answered: list[str], holding: list[str], reached: str) -> None:
    assert stage(answered, holding) == reached


AGENTS = st.sets(st.sampled_from([VALIDATION, MATCHING, DELIVERY, "finance.payment"]))
ORDER = ("received", *STAGES)


@given(AGENTS, AGENTS, AGENTS)
def test_an_answer_never_takes_back_and_a_hold_never_takes_further(
    answered: set[str], holding: set[str], more: set[str]
) -> None:
    reached = ORDER.index(stage(answered, holding))
    assert ORDER.index(stage(answered | more, holding)) >= reached
    assert ORDER.index(stage(answered, holding | more)) <= reached


# --- tolerances ---------------------------------------------------------------------------------------------


def tolerance(pct: str | None, most: str | None, units: str | None = None) -> Tolerance:
    return Tolerance("T-09", "x", *(None if n is None else Decimal(n) for n in (pct, most, units)))


@pytest.mark.parametrize(
    ("pct", "most", "excess", "base", "breached"),
    [
        ("2", "100.00", "20.00", "1000.00", False),  # two per cent exactly
        ("2", "100.00", "20.01", "1000.00", True),
        ("2", "100.00", "100.00", "10000.00", False),
        ("2", "100.00", "100.01", "10000.00", True),  # whichever comes first
        ("2", None, "500.00", "25000.00", False),
        ("2", None, "500.01", "25000.00", True),
        (None, "0.02", "0.02", "1.00", False),
        (None, "0.02", "0.03", "1.00", True),
        (None, "0", "0.001", "5", True),
        (None, None, "0.00", "5", False),
        (None, None, "0.01", "5", True),  # nothing configured holds
        ("2", "100.00", "-50.00", "100.00", False),  # in our favour
        ("2", None, "0.01", "0.00", True),
        ("2", None, "0.00", "0.00", False),
    ],
)
def test_a_tolerance_by_hand(
    pct: str | None, most: str | None, excess: str, base: str, breached: bool
) -> None:
    assert tolerance(pct, most).breached(Decimal(excess), Decimal(base)) is breached


AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=2)
LIMITS = st.none() | st.decimals(min_value=0, max_value=1000, places=2)


@given(LIMITS, LIMITS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_larger_excess_is_never_more_allowed(
    pct: Decimal | None, most: Decimal | None, one: Decimal, other: Decimal, base: Decimal
) -> None:
    less, more = sorted((one, other))
    limit = Tolerance("T-09", "x", pct, most)
    assert limit.breached(more, base) or not limit.breached(less, base)
    assert not limit.breached(Decimal(0), base)


@given(LIMITS, LIMITS, AMOUNTS, AMOUNTS)
def test_a_second_bound_allows_nothing_that_one_forbids(
    pct: Decimal | None, most: Decimal | None, excess: Decimal, base: Decimal
) -> None:
    both = Tolerance("T-09", "x", pct, most).breached(excess, base)
    single = [Tolerance("T-09", "x", p, m) for p, m in ((pct, None), (None, most)) if (p, m) != (None, None)]
    if single:
        assert both == any(t.breached(excess, base) for t in single)


@pytest.mark.parametrize(
    ("most", "units", "currency", "allowed_"),
    [
        ("0.02", "1", "EUR", "0.02"),
        ("0.02", "3", "EUR", "0.03"),
        ("0.02", "1", "JPY", "1"),
        ("0.02", "1", "KWD", "0.02"),
        ("0.02", None, "JPY", "0.02"),
        (None, "1", "JPY", "1"),
        (None, None, "EUR", "0"),
    ],
)
def test_what_rounding_explains_in_a_currency(
    most: str | None, units: str | None, currency: str, allowed_: str
) -> None:
    assert POLICY.allowed(tolerance(None, most, units), currency) == Decimal(allowed_)


@pytest.mark.parametrize(
    ("currency", "unit"),
    [("EUR", "0.01"), ("JPY", "1"), ("HUF", "1"), ("KWD", "0.001"), ("XXX", "0.01"), ("", "0.01")],
)
def test_the_unit_that_a_currency_is_billed_in(currency: str, unit: str) -> None:
    assert POLICY.unit(currency) == Decimal(unit)
    assert replace(POLICY, units=()).unit(currency) == CENT


ROWS = (("V-1", "HUR", 2), ("V-1", "", 3), ("", "KGM", 2))


@pytest.mark.parametrize(
    ("vendor", "unit", "level"),
    [
        ("V-1", "HUR", 2),
        ("V-1", "hur", 2),
        ("V-1", "EA", 3),
        ("V-1", "KGM", 3),
        ("V-2", "KGM", 2),
        ("V-2", "EA", 4),
    ],
)
def test_the_first_row_that_fits_says_how_a_line_is_matched(vendor: str, unit: str, level: int) -> None:
    assert replace(POLICY, matching=ROWS).matching_level(vendor, unit) == level


def test_what_no_row_names_is_as_the_policy_has_it_for_everything_else() -> None:
    assert replace(POLICY, matching=()).matching_level("V-1", "EA") == 4
    assert (POLICY.limit("nobody"), POLICY.sla("unheard"), POLICY.name) == (None, 24, "v1")
    assert POLICY.envelope("finance.payment") is None
    narrow = replace(POLICY, agent_confidence=(("finance.validation", Decimal("0.95")),))
    assert narrow.threshold("finance.validation") == Decimal("0.95")
    assert narrow.threshold("procurement.matching") == Decimal("0.80")
    bound = replace(POLICY, envelopes=(("finance.payment", Envelope(Decimal(5))),))
    assert bound.envelope("finance.payment") == Envelope(Decimal(5))
