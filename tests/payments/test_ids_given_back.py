"""Which payment, group or file of ours a line of the bank names: by the ids that we gave, never by guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.services.payments.answers import Given
from coordination.services.payments.matching import (
    MOST_LOOSE,
    Books,
    Match,
    copy_named,
    covered,
    keys_named,
    shared,
    single,
)
from coordination.translation.canonical import BankLine, BankReport
from coordination.translation.pain001 import group_id, message_id

RUN, OTHER_RUN = (UUID(f"019388a0c0de7000800000000000000{n}") for n in (1, 2))
KEYS = [UUID(f"019388a0c0de7000800000000000001{n}") for n in range(4)]
FOREIGN = "0123456789abcdef4123456789abcdef"  # 32 digits of somebody else: version 4
START = datetime(2026, 11, 30, 9, tzinfo=UTC)
FRIDAY, MONDAY = date(2026, 12, 18), date(2026, 12, 21)


def payment(n: int, amount: str = "100.00", **changes: Any) -> Given:
    one = Given(KEYS[n], RUN, 1, "exported", Decimal(amount), "EUR", FRIDAY, START)
    return replace(one, **changes)


def line(**changes: Any) -> BankLine:
    return BankLine(**{"scope": "payment", "status": "booked", "currency": "EUR"} | changes)


def of_file(n: int = 1, **changes: Any) -> BankLine:
    return line(**{"scope": "file", "message_id": message_id(RUN.hex, n)} | changes)


def members(books: Books, **named: str) -> list[int]:
    """The payments that a sum is of, by their place among the keys."""
    return [KEYS.index(p.id) for p in books.members(line(scope="group", **named))]


# --- one payment --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        KEYS[0].hex,
        KEYS[0].hex.upper(),
        f"  {KEYS[0].hex}\n",
    ],
)
def test_a_payment_is_named_by_its_key_in_whatever_case(text: str) -> None:
    found = single(1, line(end_to_end_id=text), Books([payment(0), payment(1)]))
    assert found.payment is not None
    assert found.payment.id == KEYS[0]


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("", False),
        ("NOTPROVIDED", False),
        (FOREIGN, False),
        (KEYS[3].hex, True),  # of the kind that we give, and of no payment here
        (KEYS[0].hex[:-1], False),  # one digit short
        (f"{KEYS[0].hex}0", False),  # one too many
        (str(KEYS[0]), False),  # with hyphens: we never wrote it so
        (KEYS[0].hex.replace("d", "g"), False),
        ("０" * 32, False),  # wide digits
    ],
)
def test_what_names_no_payment_here_is_nobodys_and_may_be_ours_all_the_same(text: str, ours: bool) -> None:
    found = single(1, line(end_to_end_id=text), Books([payment(0)]))
    assert (found.payment, found.ours, found.why) == (None, ours, "It names no payment of ours.")


@pytest.mark.parametrize("named", ["message_id", "group_id"])
def test_a_line_that_names_a_run_of_ours_alone_is_ours(named: str) -> None:
    assert single(1, line(**{named: message_id(OTHER_RUN.hex)}), Books([payment(0)])).ours


@pytest.mark.parametrize(
    ("named", "word"),
    [
        ({"message_id": message_id(OTHER_RUN.hex)}, "file"),
        ({"group_id": group_id(OTHER_RUN.hex, 2, 3)}, "group"),
        ({"message_id": message_id(RUN.hex), "group_id": message_id(OTHER_RUN.hex)}, "group"),
        ({"message_id": message_id(OTHER_RUN.hex, 3)}, "file"),
    ],
)
def test_a_payment_in_a_file_of_another_run_is_a_contradiction(named: dict[str, str], word: str) -> None:
    found = single(1, line(end_to_end_id=KEYS[0].hex, **named), Books([payment(0)]))
    assert (found.conflict, found.why) == (True, f"It names a payment of run 1 in a {word} of another run.")


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"message_id": message_id(RUN.hex)},
        {"message_id": message_id(RUN.hex, 2), "group_id": group_id(RUN.hex, 1, 2, 2)},
        {"message_id": "BANK-77"},
    ],
)
def test_a_payment_in_a_file_of_its_own_run_or_of_none_is_plain(named: dict[str, str]) -> None:
    found = single(4, line(end_to_end_id=KEYS[0].hex, **named), Books([payment(0)]))
    assert (found.position, found.conflict, found.why) == (4, False, "")


# --- which file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copy", range(1, 10))
def test_every_file_of_a_run_is_known_by_its_message_and_by_its_groups(copy: int) -> None:
    assert copy_named(line(message_id=message_id(RUN.hex, copy))) == copy
    assert copy_named(line(message_id=message_id(RUN.hex, copy).lower())) == copy
    for place in (1, 35, 36, 300):
        assert copy_named(line(group_id=group_id(RUN.hex, place, 400, copy))) == copy


@pytest.mark.parametrize(
    ("message", "group", "copy"),
    [
        ("", "", None),
        ("BANK-77", "", None),
        (message_id(RUN.hex, 2), group_id(RUN.hex, 1, 2, 2), 2),
        (message_id(RUN.hex, 2), group_id(RUN.hex, 1, 2, 1), None),  # which of the two?
        (message_id(RUN.hex, 2), "BANK-77", 2),
        ("C0-" + RUN.hex, "", None),  # no file has this number
        ("C1-" + RUN.hex, "", None),  # the first is CS-
        ("CS-" + RUN.hex[:-1], "", None),
    ],
)
def test_a_line_names_one_file_or_none(message: str, group: str, copy: int | None) -> None:
    assert copy_named(line(message_id=message, group_id=group)) == copy


@given(st.integers(1, 9), st.integers(1, 999))
def test_no_id_of_a_group_is_taken_for_one_of_another_file(copy: int, place: int) -> None:
    text = group_id(RUN.hex, place, 1000, copy)
    assert len(text) <= 35
    assert copy_named(line(group_id=text)) == copy
    assert keys_named(BankReport("M", "bank_notice", lines=(line(group_id=text),)))[1] == {RUN}


def test_the_keys_of_a_message_are_those_of_payments_and_of_runs() -> None:
    lines = (
        line(end_to_end_id=KEYS[0].hex, message_id=message_id(RUN.hex)),
        line(end_to_end_id="NOTPROVIDED", group_id=group_id(OTHER_RUN.hex, 1, 2)),
        line(end_to_end_id=KEYS[1].hex, message_id="BANK-77"),
    )
    found = keys_named(BankReport("M-1", "bank_notice", START, lines=lines))
    assert found == ({KEYS[0], KEYS[1]}, {RUN, OTHER_RUN})
    assert keys_named(BankReport("M-2", "bank_notice")) == (set(), set())


# --- groups and files ---------------------------------------------------------------------------------------


def test_a_group_is_the_payments_of_one_day_and_a_file_all_of_them() -> None:
    books = Books([payment(0), payment(1, execute_on=MONDAY), payment(2, execute_on=MONDAY)])
    assert members(books, group_id=group_id(RUN.hex, 1, 2)) == [0]
    assert members(books, group_id=group_id(RUN.hex, 2, 2)) == [1, 2]
    assert members(books, group_id=group_id(RUN.hex, 3, 3)) == []
    assert members(books, message_id=message_id(RUN.hex)) == [0, 1, 2]
    assert members(books, group_id="BANK-77", message_id=message_id(RUN.hex)) == [0, 1, 2]
    assert members(books) == []


def test_a_run_of_one_day_has_one_group_that_is_called_like_its_file() -> None:
    books = Books([payment(0), payment(1)])
    assert members(books, group_id=message_id(RUN.hex)) == [0, 1]


def test_the_first_group_of_days_is_not_the_file_where_there_are_several() -> None:
    books = Books([payment(0), payment(1, execute_on=MONDAY)])
    assert members(books, group_id=message_id(RUN.hex)) == [0, 1]
    assert members(books, group_id=group_id(RUN.hex, 1, 2)) == [0]


def test_what_was_taken_out_before_the_file_is_in_none() -> None:
    books = Books([payment(0), payment(1, status="cancelled", since=None)])
    assert members(books, message_id=message_id(RUN.hex)) == [0]
    withdrawn = Books([payment(0, status="cancelled"), payment(1, status="cancelled")])
    assert members(withdrawn, message_id=message_id(RUN.hex)) == [0, 1]


def test_payments_of_a_later_file_are_known_by_its_ids_too() -> None:
    books = Books([payment(0, copies=2), payment(1, copies=2)])
    for copy in (1, 2):
        assert members(books, message_id=message_id(RUN.hex, copy)) == [0, 1]
    assert members(books, message_id=message_id(RUN.hex, 3)) == []


def test_a_sum_is_of_what_the_bank_was_given_where_anything_was() -> None:
    some = Books([payment(0), payment(1, since=None, status="approved")])
    assert members(some, message_id=message_id(RUN.hex)) == [0]
    none = Books([payment(n, since=None, status="approved") for n in (0, 1)])
    assert members(none, message_id=message_id(RUN.hex)) == [0, 1]


def test_payments_without_a_day_are_of_the_first_group() -> None:
    books = Books([payment(0, execute_on=None), payment(1), payment(2, execute_on=MONDAY)])
    assert members(books, group_id=group_id(RUN.hex, 1, 2)) == [0, 1]
    assert members(books, group_id=group_id(RUN.hex, 2, 2)) == [2]


def test_a_run_has_as_many_files_as_the_payment_that_is_in_most() -> None:
    books = Books([payment(0, copies=1), payment(1, copies=3)])
    assert members(books, message_id=message_id(RUN.hex, 3)) == [0, 1]


def test_runs_do_not_share_their_files() -> None:
    books = Books([payment(0), payment(1, batch=OTHER_RUN)])
    assert members(books, message_id=message_id(RUN.hex)) == [0]
    assert members(books, message_id=message_id(OTHER_RUN.hex)) == [1]


# --- sums ---------------------------------------------------------------------------------------------------

THREE = [payment(0, "100.00"), payment(1, "250.50"), payment(2, "50.00")]


def of(line_: BankLine, *loose: int) -> tuple[set[int], str]:
    found, off = covered(line_, THREE, frozenset(KEYS[n] for n in loose))
    return {KEYS.index(k) for k in found}, off


@pytest.mark.parametrize(
    ("told", "loose", "certain"),
    [
        ({"count": 3, "amount": Decimal("400.50")}, (), {0, 1, 2}),
        ({"count": 3}, (), {0, 1, 2}),
        ({"amount": Decimal("400.50")}, (), {0, 1, 2}),
        ({}, (), {0, 1, 2}),  # it says no sum, so that nothing differs
        ({"amount": Decimal("403.50"), "charges": Decimal(3)}, (), {0, 1, 2}),  # charges are in it
        ({"amount": Decimal("400.50"), "charges": Decimal(3), "charges_beside": True}, (), {0, 1, 2}),
        ({"amount": Decimal("350.50")}, (2,), {0, 1}),  # without the refused one
        ({"amount": Decimal("350.50"), "count": 2}, (1, 2), {0, 1}),
        ({"amount": Decimal("250.50")}, (0, 2), {1}),
        ({"count": 2}, (0, 2), {1}),  # one of the two is missing, nobody knows which
    ],
)
def test_a_sum_is_of_all_payments_or_of_all_but_some_that_were_refused(
    told: dict[str, Any], loose: tuple[int, ...], certain: set[int]
) -> None:
    assert of(of_file(**told), *loose) == (certain, "")


@pytest.mark.parametrize(
    ("told", "loose", "why"),
    [
        ({"count": 2}, (), "The bank says 2 payments; the run has 3."),
        ({"count": 1}, (), "The bank says 1 payment; the run has 3."),
        ({"count": 0}, (), "The bank says 0 payments; the run has 3."),
        ({"amount": Decimal("400.51")}, (), "The bank says EUR 400.51; the run has 400.50."),
        ({"amount": Decimal("350.50")}, (), "The bank says EUR 350.50; the run has 400.50."),
        ({"amount": Decimal("350.50")}, (0,), "The bank says EUR 350.50; the run has 400.50."),
        ({"amount": Decimal("0.00")}, (0, 1), "The bank says EUR 0.00; the run has 400.50."),
        ({"count": 2, "amount": Decimal("400.50")}, (2,), "The bank says 2 payments; the run has 3."),
        (
            {"amount": Decimal("403.50"), "charges": Decimal(3), "charges_beside": True},
            (),
            "The bank says EUR 403.50; the run has 400.50.",
        ),
    ],
)
def test_a_sum_that_no_choice_explains_says_how_it_differs(
    told: dict[str, Any], loose: tuple[int, ...], why: str
) -> None:
    assert of(of_file(**told), *loose) == (set(), why)


def test_of_two_choices_that_agree_only_what_stands_in_both_is_certain() -> None:
    twins = [payment(0, "100.00"), payment(1, "50.00"), payment(2, "50.00")]
    found, off = covered(of_file(amount=Decimal("150.00")), twins, frozenset(KEYS[1:3]))
    assert (found, off) == (frozenset({KEYS[0]}), "")


def test_of_very_many_refused_payments_a_sum_leaves_out_all_or_none() -> None:
    run = [payment(0, "1.00")]
    run += [replace(run[0], id=UUID(int=n), amount=Decimal(2)) for n in range(1, MOST_LOOSE + 2)]
    loose = frozenset(p.id for p in run[1:])
    assert len(loose) == MOST_LOOSE + 1
    assert covered(of_file(amount=Decimal(1)), run, loose) == (frozenset({KEYS[0]}), "")
    assert covered(of_file(amount=Decimal(3)), run, loose)[0] == frozenset()
    fewer = run[:-1]
    assert covered(of_file(amount=Decimal(3)), fewer, loose)[0] == frozenset({KEYS[0]})


# --- one entry over several payments ------------------------------------------------------------------------


def entry(stated: str, *amounts: str | None, named: int = 2, **changes: Any) -> list[bool]:
    """Which of the lines of one entry contradict its sum; the first `named` are about payments of ours."""
    given_ = [payment(0, "100.00"), payment(1, "250.50"), None]
    lines = [
        line(entry=1, entry_amount=Decimal(stated), amount=None if a is None else Decimal(a), **changes)
        for a in amounts
    ]
    matches = [Match(n, x, given_[n] if n < named else None) for n, x in enumerate(lines)]
    return [m.conflict for m in shared(matches)]


@pytest.mark.parametrize(
    ("stated", "amounts", "changes", "contradicts"),
    [
        ("350.50", (None, None), {}, [False, False]),
        ("350.51", (None, None), {}, [True, True]),
        ("353.50", (None, None), {"charges": Decimal(3)}, [False, False]),  # charges added to it
        ("347.50", (None, None), {"charges": Decimal(3)}, [False, False]),  # or kept of it
        ("353.50", (None, None), {"charges": Decimal(3), "charges_beside": True}, [True, True]),
        ("999.00", ("100.00", "250.50"), {}, [False, False]),  # each line says its own
        ("350.50", ("100.00", None), {}, [False, False]),
        ("350.49", ("100.00", None), {}, [False, True]),  # what says its own amount stands
    ],
)
def test_the_lines_of_an_entry_come_to_its_sum(
    stated: str, amounts: tuple[str | None, ...], changes: dict[str, Any], contradicts: list[bool]
) -> None:
    assert entry(stated, *amounts, **changes) == contradicts


def test_an_entry_with_a_payment_of_somebody_else_of_unknown_amount_proves_nothing() -> None:
    assert entry("350.50", None, None, None) == [True, True, False]
    assert entry("400.50", None, None, "50.00") == [False, False, False]


def test_the_difference_of_an_entry_is_told() -> None:
    one = Match(1, line(entry=3, entry_amount=Decimal("1234.50")), payment(0))
    [found] = shared([one])
    assert found.why == "The entry is over 1,234.50; what it names of ours comes to 100.00."


def test_lines_of_different_entries_are_not_summed_together() -> None:
    one = Match(1, line(entry=1, entry_amount=Decimal("100.00")), payment(0))
    other = Match(2, line(entry=2, entry_amount=Decimal("250.50")), payment(1, "250.50"))
    assert shared([one, other]) == [one, other]
    assert (
        shared([replace(one, line=replace(one.line, entry=0, entry_amount=Decimal(1)))])[0].conflict is False
    )
