"""How payments stand by what the bank has said: the same in any order, told once or again, in one message or
in many."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.services.payments.answers import Given, Reading, classify
from coordination.services.payments.settling import RANK, Message, Settlement, settle
from coordination.translation.canonical import BankLine, BankReport
from coordination.translation.pain001 import group_id, message_id

RUN = UUID("019388a0c0de70008000000000000001")
KEYS = [UUID(f"019388a0c0de7000800000000000001{n}") for n in range(4)]
AMOUNTS = [Decimal("1000.00"), Decimal("250.50"), Decimal("77.77"), Decimal("77.77")]
START = datetime(2026, 11, 30, 9, tzinfo=UTC)
PAY_DAY = date(2026, 12, 18)


def paying(count: int = 3) -> list[Given]:
    """A run of so many payments, given to the bank."""
    return [
        Given(key, RUN, 1, "exported", amount, "EUR", PAY_DAY, START)
        for key, amount in list(zip(KEYS, AMOUNTS, strict=True))[:count]
    ]


def message(*lines: BankLine, n: int = 1, format_: str = "camt.053.001.02", days: int = 18) -> Message:
    """A message, made so many days after the run was given out."""
    kind = (
        "payment_status"
        if format_.startswith("pain")
        else "bank_statement"
        if "053" in format_
        else "bank_notice"
    )
    made = START + timedelta(days=days, minutes=n)
    return Message(UUID(int=n), BankReport(f"M-{n}", kind, made, lines=lines), format_, made)  # type: ignore[arg-type]


def booked(one: Given, **changes: object) -> BankLine:
    line = BankLine(
        "payment", "booked", "BOOK", end_to_end_id=one.id.hex, amount=one.amount, currency="EUR", day=PAY_DAY
    )
    return replace(line, **changes)  # type: ignore[arg-type]


def back(one: Given, amount: str = "", days: int = 3, **changes: object) -> BankLine:
    line = BankLine(
        "payment",
        "credited",
        "BOOK",
        end_to_end_id=one.id.hex,
        amount=Decimal(amount) if amount else one.amount,
        currency="EUR",
        day=PAY_DAY + timedelta(days=days),
    )
    return replace(line, **changes)  # type: ignore[arg-type]


def total(count: int, amount: str, **changes: object) -> BankLine:
    line = BankLine(
        "file",
        "booked",
        "BOOK",
        message_id=message_id(RUN.hex),
        count=count,
        amount=Decimal(amount),
        currency="EUR",
        day=PAY_DAY,
    )
    return replace(line, **changes)  # type: ignore[arg-type]


def refused(one: Given, n: int = 50) -> Message:
    line = BankLine("payment", "rejected", "RJCT", end_to_end_id=one.id.hex, reason="AC04")
    return message(line, n=n, format_="pain.002.001.03", days=1)


def whole_file(status: str, n: int = 60) -> Message:
    line = BankLine("file", status, "X", message_id=message_id(RUN.hex))  # type: ignore[arg-type]
    return message(line, n=n, format_="pain.002.001.03", days=18)


def stands(done: Settlement) -> list[tuple[str, Decimal | None]]:
    return [(o.status, o.returned) for o in done.outcomes.values()]


def asks(done: Settlement) -> set[tuple[int, str]]:
    return {(s.message.key.int, s.reading.note) for s in done.said if s.reading.asks}


def taken_one_by_one(messages: Sequence[Message], payments: list[Given]) -> list[tuple[str, Decimal | None]]:
    """The end, when messages come one after the other and no payment ever goes back to where it was."""
    standing = {p.id: p for p in payments}
    returned: dict[UUID, Decimal] = {}
    for count in range(1, len(messages) + 1):
        done = settle(messages[:count], list(standing.values()))
        for key, outcome in done.outcomes.items():
            status = max(standing[key].status, outcome.status, key=lambda s: RANK[s])
            standing[key] = replace(standing[key], status=status)
            if outcome.returned:
                returned[key] = max(outcome.returned, returned.get(key, Decimal(0)))
    return [(p.status, returned.get(p.id) if p.status == "paid" else None) for p in standing.values()]


# --- one line about one payment -----------------------------------------------------------------------------


def word(status: str, amount: str | None = "100.00", *, stands: str = "exported") -> Reading:
    """What a line says of a payment of 100.00 that stands so."""
    line = BankLine("payment", status, amount=None if amount is None else Decimal(amount), currency="EUR")  # type: ignore[arg-type]
    one = replace(paying(1)[0], amount=Decimal("100.00"), status=stands)
    return classify(line, one if stands in RANK else replace(one, since=None), None, START)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("booked", "left"),
        ("accepted", "promised"),
        ("pending", "promised"),
        ("rejected", "rejected"),
        ("returned", "back"),
        ("credited", "back"),
        ("unclear", "conflict"),
    ],
)
@pytest.mark.parametrize("stands", ["exported", "paid", "refused"])
def test_what_a_word_says_does_not_depend_on_how_the_payment_stands(
    status: str, kind: str, stands: str
) -> None:
    assert word(status, stands=stands).kind == kind


@pytest.mark.parametrize("stands", ["proposed", "approved", "cancelled"])
@pytest.mark.parametrize("status", ["booked", "rejected", "returned"])
def test_of_what_was_never_given_to_the_bank_any_word_is_a_contradiction(stands: str, status: str) -> None:
    assert word(status, stands=stands) == Reading(
        "conflict", f"This payment was never given to the bank: it is {stands}.", asks=True
    )


@pytest.mark.parametrize("status", ["booked", "rejected"])
@pytest.mark.parametrize("amount", ["99.99", "100.01"])
def test_another_amount_is_a_contradiction(status: str, amount: str) -> None:
    assert word(status, amount).kind == "conflict"


def test_another_currency_is_a_contradiction() -> None:
    found = classify(
        BankLine("payment", "booked", amount=Decimal(1000), currency="USD"), paying(1)[0], None, START
    )
    assert found.note == "The bank says USD 1,000.00; the payment is EUR 1,000.00."


def test_without_an_amount_the_id_is_enough() -> None:
    assert word("booked", None).kind == "left"
    assert word("returned", None).came_back == Decimal("100.00")


def test_less_is_a_part_and_more_a_contradiction() -> None:
    assert word("returned", "95.00").came_back == Decimal("95.00")
    assert word("returned", "105.00").kind == "conflict"


# --- examples -----------------------------------------------------------------------------------------------


def test_a_sum_net_of_a_refusal_pays_the_others_whichever_comes_first() -> None:
    a, b, c = payments = paying()
    net, no = message(total(2, "328.27")), refused(a)
    assert asks(settle([net], payments)) == {(1, "The bank says 2 payments; the run has 3.")}
    for order in itertools.permutations([net, no]):
        assert taken_one_by_one(order, [a, b, c]) == [("refused", None), ("paid", None), ("paid", None)]
    assert asks(settle([net, no], payments)) == set()


def test_a_sum_may_leave_out_what_was_booked_alone() -> None:
    a, *_ = payments = paying()
    found = settle([message(total(2, "328.27")), message(booked(a), n=2)], payments)
    assert (stands(found), asks(found)) == ([("paid", None)] * 3, set())


def test_of_two_refused_payments_of_one_amount_a_sum_that_leaves_out_one_says_nothing_of_either() -> None:
    _, _, c, d = payments = paying(4)
    found = settle([message(total(3, "1328.27")), refused(c), refused(d, n=51)], payments)
    assert stands(found) == [("paid", None), ("paid", None), ("refused", None), ("refused", None)]
    assert not any(o.contradicted for o in found.outcomes.values())


def test_a_sum_of_all_and_a_refusal_of_one_contradict_each_other() -> None:
    a, *_ = payments = paying()
    found = settle([message(total(3, "1328.27")), refused(a)], payments)
    assert stands(found) == [("refused", None), ("paid", None), ("paid", None)]
    assert found.outcomes[a.id].contradicted


def test_a_file_that_was_carried_out_says_nothing_of_a_payment_that_was_refused_by_itself() -> None:
    a, *_ = payments = paying()
    found = settle([whole_file("booked"), refused(a)], payments)
    assert stands(found) == [("refused", None), ("paid", None), ("paid", None)]
    assert not found.outcomes[a.id].contradicted


def test_a_file_that_was_carried_out_and_refused_is_a_contradiction() -> None:
    found = settle([whole_file("booked"), whole_file("rejected", n=61)], paying())
    assert {(o.status, o.contradicted) for o in found.outcomes.values()} == {("refused", True)}


def test_part_refunds_add_up_and_the_rest_stays_paid() -> None:
    [a] = payments = paying(1)
    told = [message(booked(a)), message(back(a, "400.00"), n=2), message(back(a, "150.00", days=5), n=3)]
    for order in itertools.permutations(told):
        assert taken_one_by_one(order, payments) == [("paid", Decimal("550.00"))]


def test_part_refunds_of_all_of_it_are_a_return() -> None:
    [a] = payments = paying(1)
    found = settle([message(back(a, "400.00")), message(back(a, "600.00", days=4), n=2)], payments)
    assert (stands(found), asks(found)) == ([("refused", None)], set())


def test_more_than_was_paid_is_a_question() -> None:
    [a] = payments = paying(1)
    found = settle([message(back(a, "700.00")), message(back(a, "400.00", days=4), n=2)], payments)
    assert stands(found) == [("refused", None)]
    assert {note for _, note in asks(found)} == {
        "EUR 1,100.00 came back in all; the payment was EUR 1,000.00."
    }
    assert settle([message(back(a, "1200.00"))], payments).outcomes[a.id].status == "exported"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({}, {"n": 2}, "400.00"),  # a statement sent again
        ({}, {"n": 2, "format_": "camt.054.001.08"}, "400.00"),  # a notice of the same day
    ],
)
def test_a_refund_that_is_told_again_came_once(
    first: dict[str, int], second: dict[str, int], expected: str
) -> None:
    [a] = payments = paying(1)
    told = [message(back(a, "400.00"), **first), message(back(a, "400.00"), **second)]  # type: ignore[arg-type]
    assert stands(settle(told, payments)) == [("paid", Decimal(expected))]


def test_two_refunds_of_one_amount_and_day_are_two_where_the_bank_tells_them_apart() -> None:
    [a] = payments = paying(1)
    one, two = back(a, "400.00", bank_reference="X1"), back(a, "400.00", bank_reference="X2")
    assert stands(settle([message(one, two)], payments)) == [("paid", Decimal("800.00"))]
    assert stands(settle([message(one), message(two, n=2)], payments)) == [("paid", Decimal("800.00"))]
    assert stands(settle([message(one), message(replace(one, day=PAY_DAY), n=2)], payments)) == [
        ("paid", Decimal("400.00"))
    ]


def test_a_whole_return_told_under_two_days_is_one() -> None:
    [a] = payments = paying(1)
    found = settle([message(back(a)), message(back(a, days=4), n=2, format_="camt.054.001.08")], payments)
    assert (stands(found), asks(found)) == ([("refused", None)], set())


REPORT = "camt.052.001.08"
DOUBT = (
    "EUR 400.00 came back on two days, as messages of two kinds say. One return or two? It counts as one"
    " until the account shows two: look at it."
)


def undated(one: Given, **changes: object) -> BankLine:
    return replace(back(one, "400.00"), day=None, **changes)  # type: ignore[arg-type]


def returns() -> list[object]:
    [a] = paying(1)
    third, fourth = (back(a, "400.00", days=days) for days in (3, 4))
    again = message(third, n=2, format_=REPORT)
    return [
        pytest.param(
            [message(third), message(undated(a), n=2, format_=REPORT)], 1, False, id="without a day"
        ),
        pytest.param([message(third), message(undated(a), n=2)], 1, False, id="without a day, one kind"),
        pytest.param(
            [message(undated(a)), message(undated(a), n=2, format_=REPORT)], 1, False, id="no day at all"
        ),
        pytest.param(
            [message(third), message(fourth, n=2, format_=REPORT)], 1, True, id="two days, two kinds"
        ),
        pytest.param([message(third), message(fourth, n=2)], 2, False, id="two days, one kind"),
        pytest.param(
            [message(third), message(fourth, n=3), again], 2, False, id="two days, and one of them again"
        ),
        pytest.param(
            [message(third, undated(a))], 2, False, id="two lines of one message, one without a day"
        ),
        pytest.param(
            [message(undated(a), undated(a)), again], 2, False, id="two lines of one message, no days"
        ),
        pytest.param(
            [
                message(replace(third, bank_reference="X")),
                message(replace(fourth, bank_reference="X"), n=2, format_=REPORT),
            ],
            1,
            False,
            id="two days, one reference",
        ),
    ]


@pytest.mark.parametrize(("told", "times", "doubt"), returns())
def test_a_part_that_came_back_counts_once_by_whatever_day_another_kind_of_message_tells_it(
    told: list[Message], times: int, doubt: bool
) -> None:
    payments = paying(1)
    for order in itertools.permutations(told):
        assert taken_one_by_one(order, payments) == [("paid", times * Decimal("400.00"))]
        assert {note for _, note in asks(settle(order, payments))} == ({DOUBT} if doubt else set())


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ({"amount": Decimal("995.00"), "charges": Decimal("5.00")}, ("refused", None)),
        ({"amount": Decimal("995.00")}, ("paid", Decimal("995.00"))),
        ({"amount": Decimal("995.00"), "charges": Decimal("4.00")}, ("paid", Decimal("995.00"))),
        (
            {"amount": Decimal("995.00"), "charges": Decimal("5.00"), "charges_beside": True},
            ("paid", Decimal("995.00")),
        ),
        (
            {"amount": Decimal("398.00"), "charges": Decimal("2.00"), "instructed": Decimal("400.00")},
            ("paid", Decimal("400.00")),
        ),
    ],
)
def test_a_return_less_a_fee_is_whole_where_the_bank_states_the_fee(
    line: dict[str, object], end: tuple[str, Decimal | None]
) -> None:
    [a] = payments = paying(1)
    assert stands(settle([message(back(a, **line))], payments)) == [end]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ({"amount": Decimal("1026.00"), "charges": Decimal("26.00")}, "paid"),
        ({"amount": Decimal("1026.00"), "charges": Decimal("26.00"), "charges_beside": True}, "exported"),
        ({"amount": Decimal("1000.00"), "charges": Decimal("26.00")}, "paid"),
        ({"amount": Decimal("1026.00")}, "exported"),
        (
            {"amount": Decimal("1026.00"), "instructed": Decimal("1000.00"), "instructed_currency": "EUR"},
            "paid",
        ),
        (
            {"amount": Decimal("1050.00"), "instructed": Decimal("1000.00"), "instructed_currency": "EUR"},
            "paid",
        ),
        (
            {"amount": Decimal("1050.01"), "instructed": Decimal("1000.00"), "instructed_currency": "EUR"},
            "exported",
        ),
        (
            {"amount": Decimal("949.99"), "instructed": Decimal("1000.00"), "instructed_currency": "EUR"},
            "exported",
        ),
        (
            {"amount": Decimal("10000.00"), "instructed": Decimal("1000.00"), "instructed_currency": "EUR"},
            "exported",
        ),
        (
            {
                "amount": Decimal("1100.00"),
                "instructed": Decimal("1000.00"),
                "instructed_currency": "EUR",
                "charges": Decimal("100.00"),
            },
            "paid",
        ),
        (
            {
                "amount": Decimal("1100.00"),
                "instructed": Decimal("1000.00"),
                "instructed_currency": "EUR",
                "charges": Decimal("99.99"),
            },
            "exported",
        ),
        (
            {"amount": Decimal("1000.00"), "instructed": Decimal("900.00"), "instructed_currency": "EUR"},
            "exported",
        ),
        (
            {
                "amount": Decimal("1100.00"),
                "currency": "USD",
                "instructed": Decimal("1000.00"),
                "instructed_currency": "EUR",
            },
            "paid",
        ),
        ({"amount": Decimal("1000.00"), "currency": "USD"}, "exported"),
    ],
)
def test_what_was_instructed_decides_and_then_what_stated_charges_explain(
    line: dict[str, object], status: str
) -> None:
    [a] = payments = paying(1)
    found = settle([message(booked(a, **line))], payments)
    assert stands(found) == [(status, None)]
    assert bool(asks(found)) == (status == "exported")


@pytest.mark.parametrize(("amount", "kind"), [("2050.00", "left"), ("2050.01", "conflict")])
def test_unstated_charges_are_five_per_cent_of_a_payment_and_never_more_than_fifty(
    amount: str, kind: str
) -> None:
    line = BankLine(
        "payment",
        "booked",
        amount=Decimal(amount),
        currency="EUR",
        instructed=Decimal(2000),
        instructed_currency="EUR",
    )
    assert classify(line, replace(paying(1)[0], amount=Decimal(2000)), None, START).kind == kind


def test_an_entry_for_several_without_amounts_of_their_own_is_theirs_if_it_adds_up() -> None:
    a, b, _ = payments = paying()
    lines = [back(p, entry=1, entry_amount=Decimal("1250.50")) for p in (a, b)]
    right = [replace(x, amount=None) for x in lines]
    assert stands(settle([message(*right)], payments))[:2] == [("refused", None), ("refused", None)]
    wrong = [replace(x, entry_amount=Decimal("1200.00")) for x in right]
    found = settle([message(*wrong)], payments)
    assert {s for s, _ in stands(found)} == {"exported"}
    assert {n for _, n in asks(found)} == {
        "The entry is over 1,200.00; what it names of ours comes to 1,250.50."
    }


def test_what_came_before_the_file_existed_is_no_answer_to_it() -> None:
    [a] = paying(1)
    assert a.since is not None
    late = [replace(a, since=a.since + timedelta(days=30))]
    found = settle([message(booked(a))], late)
    assert stands(found) == [("exported", None)]
    assert len(asks(found)) == 1


def test_an_id_of_our_form_that_is_not_ours_is_a_question_on_a_statement_too() -> None:
    payments = paying(1)
    ours = booked(payments[0], end_to_end_id="019388a0c0de7000800000000000dead")
    theirs = booked(payments[0], end_to_end_id="f" * 32)
    assert {n for n, _ in asks(settle([message(ours), message(theirs, n=2)], payments))} == {1}


# --- money that left twice ----------------------------------------------------------------------------------

TWICE = (
    "The money of this payment left twice. Look at the account, and ask the bank or the vendor to give one of"
    " them back."
)
NOTICE = "camt.054.001.08"


def left_twice() -> list[object]:
    [a] = paying(1)
    one, two = (booked(a, bank_reference=text) for text in ("X1", "X2"))
    first, second = (booked(a, message_id=message_id(RUN.hex, copy)) for copy in (1, 2))
    sum_ = total(1, "1000.00")
    early = booked(a, day=PAY_DAY - timedelta(days=1))
    return [
        pytest.param([message(booked(a, entry=1), booked(a, entry=2))], id="two entries of one message"),
        pytest.param([message(one), message(two, n=2)], id="two references in messages of one kind"),
        pytest.param([message(first), message(second, n=2)], id="under both files"),
        pytest.param(
            [message(first), message(second, n=2, format_=NOTICE)], id="under both files, two kinds"
        ),
        pytest.param([message(sum_, sum_)], id="two sums of one message"),
        pytest.param([message(sum_, booked(a))], id="alone and in a sum of one message"),
        pytest.param([message(booked(a), early)], id="one before its day"),
        pytest.param(
            [message(booked(a), booked(a)), message(booked(a), n=2, format_=NOTICE)], id="and told once more"
        ),
    ]


@pytest.mark.parametrize("told", left_twice())
def test_money_that_left_twice_is_paid_once_and_a_question(told: list[Message]) -> None:
    payments = [replace(p, copies=2) for p in paying(1)]
    for order in itertools.permutations(told):
        found = settle(order, payments)
        assert stands(found) == [("paid", None)]
        assert [note for _, note in asks(found) if note == TWICE] == [TWICE]
        assert sum(s.reading.kind == "conflict" for s in found.said) == 1


def left_once() -> list[object]:
    [a] = paying(1)
    ref, status = booked(a, bank_reference="X1"), replace(booked(a), amount=None, day=None)
    first = booked(a, message_id=message_id(RUN.hex, 2))
    return [
        pytest.param([message(booked(a)), message(booked(a), n=2)], id="a message that comes again"),
        pytest.param([message(ref), message(ref, n=2)], id="one reference"),
        pytest.param(
            [message(ref), message(booked(a, bank_reference="Y"), n=2, format_=NOTICE)], id="two kinds"
        ),
        pytest.param([message(ref), message(booked(a), n=2)], id="one without a reference"),
        pytest.param([message(booked(a)), message(total(1, "1000.00"), n=2)], id="alone and in a sum"),
        pytest.param([message(status, status, format_="pain.002.001.03"), message(ref, n=2)], id="a status"),
        pytest.param([message(first), message(booked(a), n=2)], id="one file, and none named"),
    ]


@pytest.mark.parametrize("told", left_once())
def test_one_debit_told_more_than_once_is_one(told: list[Message]) -> None:
    payments = [replace(p, copies=2) for p in paying(1)]
    for order in itertools.permutations(told):
        found = settle(order, payments)
        assert (stands(found), asks(found)) == ([("paid", None)], set())


# --- a second file of one run -------------------------------------------------------------------------------


def refusal_of(text: str, one: Given | None = None, *, group: bool = False, n: int = 50) -> Message:
    """A refusal that names a file or a group by its id: of all of it, or of one payment of it."""
    named = {"group_id": text} if group else {"message_id": text}
    line = BankLine("group" if group else "file", "rejected", "RJCT", reason="DU01", **named)  # type: ignore[arg-type]
    if one is not None:
        line = replace(line, scope="payment", end_to_end_id=one.id.hex)
    return message(line, n=n, format_="pain.002.001.03", days=1)


def written(copies: int, days: int = 1) -> list[Given]:
    """A run of which so many files were written, of so many days of execution."""
    return [
        replace(p, copies=copies, execute_on=PAY_DAY + timedelta(days=n % days))
        for n, p in enumerate(paying())
    ]


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize(("groups", "days"), [(False, 1), (True, 1), (True, 3)])
@pytest.mark.parametrize(
    ("copy", "ends"), [(1, "exported"), (2, "exported"), (3, "refused")], ids=["first", "second", "newest"]
)
def test_a_refusal_stops_a_payment_only_in_the_newest_file_of_its_run(
    copy: int, ends: str, groups: bool, days: int, alone: bool
) -> None:
    a, *_ = payments = written(3, days)
    text = group_id(RUN.hex, 1, days, copy) if groups else message_id(RUN.hex, copy)
    found = settle([refusal_of(text, a if alone else None, group=groups)], payments)
    assert (stands(found)[0], asks(found)) == ((ends, None), set())
    if ends == "exported":
        [note] = {s.reading.note for s in found.said}
        assert (
            note
            == f"The bank refused file {copy} of run 1. The payment is in file 3, and waits for an answer to"
            " that."
        )


def test_every_file_that_was_written_refused_is_a_payment_refused() -> None:
    told = [refusal_of(message_id(RUN.hex, copy), n=50 + copy) for copy in (1, 2)]
    for order in itertools.permutations(told):
        assert taken_one_by_one(order, written(2)) == [("refused", None)] * 3


def test_a_refusal_that_names_no_file_where_two_were_written_is_a_question() -> None:
    found = settle([refused(written(2)[0])], written(2))
    assert stands(found) == [("exported", None)] * 3
    assert asks(found) == {
        (
            50,
            (
                "The bank refused it and does not say in which file; 2 files of run 1 were written. Ask the"
                " bank which one it means."
            ),
        )
    }


def test_the_newest_file_is_paid_although_the_first_was_refused() -> None:
    payments = written(2)
    told = [refusal_of(message_id(RUN.hex)), message(total(3, "1328.27", message_id=message_id(RUN.hex, 2)))]
    for order in itertools.permutations(told):
        found = settle(order, payments)
        assert (stands(found), asks(found)) == ([("paid", None)] * 3, set())


# --- in any order -------------------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        *(booked(p) for p in paying()),
        *(back(p) for p in paying()),
        back(paying()[0], "400.00"),
        back(paying()[0], "400.00", days=4),
        back(paying()[0], "700.00", days=5),
        replace(back(paying()[0], "400.00"), day=None),
        booked(paying()[0], message_id=message_id(RUN.hex, 2)),
        booked(paying()[1], day=PAY_DAY - timedelta(days=1)),
        booked(paying()[1], amount=Decimal("249.00")),
        total(3, "1328.27"),
        total(2, "328.27"),
        total(2, "1250.50"),
        total(1, "250.50"),
        total(2, "900.00"),
    ]
)
REPORTS = st.one_of(
    st.builds(
        lambda lines, n, f: message(*lines, n=n, format_=f),
        st.lists(LINES, min_size=1, max_size=3),
        st.integers(1, 40),
        st.sampled_from(["camt.053.001.02", "camt.054.001.08", "camt.052.001.08"]),
    ),
    st.builds(lambda p, n: refused(p, n=n), st.sampled_from(paying()), st.integers(41, 59)),
    st.builds(
        lambda s, n: whole_file(s, n=n),
        st.sampled_from(["booked", "accepted", "rejected"]),
        st.integers(60, 80),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(REPORTS, min_size=1, max_size=6, unique_by=lambda m: m.key), st.data())
def test_the_end_is_the_same_in_whatever_order_messages_come(
    messages: list[Message], data: st.DataObject
) -> None:
    at_once = settle(messages, paying())
    order = data.draw(st.permutations(messages))
    assert taken_one_by_one(order, paying()) == stands(at_once)
    assert asks(settle(order, paying())) == asks(at_once)


@settings(max_examples=100, deadline=None)
@given(st.lists(REPORTS, min_size=1, max_size=4, unique_by=lambda m: m.key), st.data())
def test_a_message_that_comes_again_under_another_number_changes_nothing(
    messages: list[Message], data: st.DataObject
) -> None:
    again = data.draw(st.sampled_from(messages))
    twice = [*messages, replace(again, key=UUID(int=999))]
    assert stands(settle(twice, paying())) == stands(settle(messages, paying()))
