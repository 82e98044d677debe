"""Which order a message is about: the number to the letter, else another spelling of it by the same seller,
and nobody guesses between two."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.services.intake.order_names import Names, Seller
from coordination.translation.canonical import Order

V1, V2 = UUID(int=1), UUID(int=2)
NOBODY = Seller(None, frozenset())


def message(number: str, note: str = "") -> Order:
    """A message of the seller whose name stands in its note."""
    return Order(number, note=note)


SELLERS = {
    "": NOBODY,
    "one": Seller(V1, frozenset({"DE1"})),
    "other": Seller(V2, frozenset({"DE2"})),
    "stranger": Seller(None, frozenset({"DE9"})),
    "known to one": Seller(None, frozenset({"DE1"})),
}


def names(*known: Order) -> Names:
    by_number: dict[str, list[Order]] = {}
    for one in known:
        by_number.setdefault(one.number, []).append(one)
    return Names(by_number, lambda m: SELLERS[m.note])


def means(known: list[Order], number: str, note: str = "", beside: tuple[str, ...] = ()) -> list[str]:
    return names(*known).of(message(number, note), beside or (number,))


# --- sellers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "may_be"),
    [
        ("one", "one", True),
        ("one", "other", False),
        ("one", "", True),  # a message that names nobody contradicts nobody
        ("", "", True),
        ("one", "known to one", True),  # they share a key
        ("one", "stranger", False),
        ("stranger", "known to one", False),
        ("stranger", "stranger", True),
    ],
)
def test_two_messages_are_of_one_seller_unless_they_say_otherwise(one: str, other: str, may_be: bool) -> None:
    assert SELLERS[one].may_be(SELLERS[other]) is may_be
    assert SELLERS[other].may_be(SELLERS[one]) is may_be


def test_two_vendors_that_we_know_are_told_apart_whatever_key_they_share() -> None:
    shared = frozenset({"DE1"})
    assert not Seller(V1, shared).may_be(Seller(V2, shared))
    assert Seller(V1, frozenset({"A"})).may_be(Seller(V1, frozenset({"B"})))


# --- numbers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "number", "expected"),
    [
        ([], "PO-1", ["PO-1"]),  # a new order
        (["PO-1"], "PO-1", ["PO-1"]),
        (["PO-1"], "po 1", ["PO-1"]),
        (["PO-1"], "PO1", ["PO-1"]),
        (["PO-1"], "PO-2", ["PO-2"]),
        (["PO-1", "PO1"], "PO-1", ["PO-1"]),  # each is meant by who writes it to the letter
        (["PO-1", "PO1"], "PO1", ["PO1"]),
        (["PO-1", "PO1"], "PO/1", ["PO-1", "PO1"]),  # nobody guesses
        (["PO-1", "PO1"], "po-1", ["PO-1"]),  # the signs are the same
        (["--"], "-", ["-"]),  # signs alone are compared to the letter
        (["PO-01"], "PO-1", ["PO-1"]),
    ],
)
def test_a_message_means_the_order_of_its_number_or_of_its_spelling(
    known: list[str], number: str, expected: list[str]
) -> None:
    assert means([message(n) for n in known], number) == expected


def test_what_one_file_names_beside_each_other_is_two() -> None:
    assert means([message("PO-1")], "PO1", beside=("PO-1", "PO1")) == ["PO1"]
    assert means([message("PO-1")], "po-1", beside=("PO-1", "po-1")) == ["PO-1"]  # case alone is never two


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("one", ["PO-1"]),
        ("known to one", ["PO-1"]),
        ("", ["PO-1"]),
        ("other", ["PO 1"]),
        ("stranger", ["PO 1"]),
    ],
)
def test_another_spelling_by_another_seller_is_another_order(by: str, expected: list[str]) -> None:
    assert means([message("PO-1", "one")], "PO 1", by) == expected


def test_every_message_about_an_order_has_to_be_of_its_seller() -> None:
    both = [message("PO-1", "one"), message("PO-1", "")]
    assert means(both, "PO 1", "other") == ["PO 1"]
    assert means(both, "PO 1", "one") == ["PO-1"]


def test_to_the_letter_the_seller_is_not_asked() -> None:
    assert means([message("PO-1", "one")], "PO-1", "other") == ["PO-1"]


def test_a_message_counts_for_those_that_follow_it() -> None:
    known = names()
    assert known.of(message("PO-1", "one"), ("PO-1",)) == ["PO-1"]
    assert known.of(message("po1", "one"), ("po1",)) == ["PO-1"]
    assert [m.number for m in known.messages["PO-1"]] == ["PO-1", "po1"]


def test_a_message_that_may_be_about_either_is_about_neither_yet() -> None:
    known = names(message("PO-1"), message("PO1"))
    assert known.of(message("PO/1"), ("PO/1",)) == ["PO-1", "PO1"]
    assert [len(m) for m in known.messages.values()] == [1, 1]


NUMBERS = st.text("Pp1-/ ", min_size=1, max_size=5)


@given(st.lists(NUMBERS, max_size=6), NUMBERS)
def test_a_number_to_the_letter_always_means_itself(known: list[str], number: str) -> None:
    assert means([message(n) for n in [*known, number]], number) == [number]


@given(st.lists(NUMBERS, max_size=6, unique=True), NUMBERS)
def test_what_is_meant_is_known_or_new_and_never_nothing(known: list[str], number: str) -> None:
    found = means([message(n) for n in known], number)
    assert found
    assert set(found) <= {*known, number}
