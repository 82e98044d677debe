"""Which sample can be drawn, how its strata are written, and what counts as the amount that was found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.sampling import Item, NoSample
from coordination.assurance import samples
from coordination.assurance.samples import Found, NotRecorded, SampleRequest, bounds_of, packed, unpacked
from coordination.assurance.search import Search


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("", ()),
        ("100", ("100",)),
        ("100 1000.00", ("100", "1000.00")),
        ("100;1000", ("100", "1000")),
        ("  100 ;\n1,000 ", ("100", "1000")),  # thousands with commas
        ("0.001", ("0.001",)),
        ("1 2 3 4 5 6 7 8 9", tuple("123456789")),
    ],
)
def test_bounds_are_written_with_something_between(text: str, bounds: tuple[str, ...]) -> None:
    assert bounds_of(text) == tuple(map(Decimal, bounds))


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "100 ten",
        "1000 100",  # they rise
        "100 100",
        "100 100.00",  # the same once more
        "0 100",
        "-1",
        "NaN",
        "Infinity",
        "1e18",
        "1 2 3 4 5 6 7 8 9 10",
    ],
)
def test_bounds_that_cut_nothing_are_refused(text: str) -> None:
    with pytest.raises(NoSample):
        bounds_of(text)


@given(st.text(max_size=20))
def test_any_text_is_bounds_or_refused(text: str) -> None:
    try:
        found = bounds_of(text)
    except NoSample:
        return
    assert list(found) == sorted(set(found))
    assert all(b > 0 for b in found)


def wish(**changes: Any) -> SampleRequest:
    plain: dict[str, Any] = {"search": Search(), "method": "random", "size": 5, "purpose": "Prices"}
    return SampleRequest(**plain | changes)


STRATA: dict[str, Any] = {"method": "stratified", "currency": "EUR", "bounds": (Decimal(100),)}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"size": 1},
        {"size": samples.MOST_ITEMS},
        {"seed": "2026-11.a:B_9"},
        {"seed": "x" * 64},
        {"purpose": "x" * samples.MOST_WORDS},
        {"confidence": Decimal("0.80")},
        {"confidence": Decimal("0.990")},
        {"currency": "JPY"},
        STRATA,
        {"method": "monetary_unit", "currency": "KWD"},
    ],
)
def test_what_is_complete_can_be_drawn(changes: dict[str, Any]) -> None:
    samples._demand(wish(**changes))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"method": "by eye"}, "Choose a method"),
        ({"purpose": ""}, "what the sample is for"),
        ({"purpose": "x" * (samples.MOST_WORDS + 1)}, "what the sample is for"),
        ({"size": 0}, "between 1 and 1000"),
        ({"size": samples.MOST_ITEMS + 1}, "between 1 and 1000"),
        ({"seed": "x" * 65}, "up to 64"),
        ({"seed": "a b"}, "up to 64"),
        ({"seed": "ü"}, "up to 64"),
        ({"seed": "a\n"}, "up to 64"),
        ({"confidence": Decimal("0.85")}, "0.80, 0.90, 0.95, 0.99"),
        ({"method": "monetary_unit"}, "choose one currency"),
        (STRATA | {"currency": ""}, "choose one currency"),
        (STRATA | {"bounds": ()}, "at least one"),
        ({"bounds": (Decimal(100),)}, "belong to a stratified sample"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_is_missing(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(NoSample, match=why):
        samples._demand(wish(**changes))


@given(st.lists(st.uuids(), max_size=50))
def test_the_keys_of_a_population_are_read_back_in_their_order(keys: list[UUID]) -> None:
    assert unpacked(packed([Item(str(k), Decimal(1)) for k in keys])) == [str(k) for k in keys]


RECORDED = Decimal("100.00")


@pytest.mark.parametrize(
    ("outcome", "audited", "needed", "counts"),
    [
        ("right", None, True, "100.00"),
        ("right", "5", True, "100.00"),  # what is right is as recorded, whatever stands beside it
        ("not_found", None, True, "0"),
        ("not_found", "5", False, "0"),
        ("wrong", "80", True, "80"),
        ("wrong", "0", True, "0"),
        ("wrong", "-100", True, "-100"),
        ("wrong", "99.9999994", True, "99.999999"),  # to the millionth
        ("wrong", None, False, None),  # something else is wrong than the amount
    ],
)
def test_the_amount_that_counts_of_an_item(
    outcome: str, audited: str | None, needed: bool, counts: str | None
) -> None:
    found = Found(outcome, None if audited is None else Decimal(audited), "Seen.")
    expected = None if counts is None else Decimal(counts)
    assert samples._audited(found, RECORDED, needed=needed) == expected


@pytest.mark.parametrize(
    ("outcome", "audited", "needed", "why"),
    [
        ("perhaps", None, False, "Choose what you found"),
        ("wrong", None, True, "say what the amount should have been"),
        ("wrong", "100", False, "has another amount"),
        ("wrong", "100.000", True, "has another amount"),
        ("wrong", "99.9999999", True, "has another amount"),  # kept to the millionth it would be the same
        ("wrong", "NaN", False, "has another amount"),
        ("wrong", "Infinity", False, "has another amount"),
        ("wrong", "1e18", False, "has another amount"),
    ],
)
def test_what_says_nothing_is_not_recorded(outcome: str, audited: str | None, needed: bool, why: str) -> None:
    found = Found(outcome, None if audited is None else Decimal(audited), "Seen.")
    with pytest.raises(NotRecorded, match=why):
        samples._audited(found, RECORDED, needed=needed)
