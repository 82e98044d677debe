"""An order is what its messages leave of it, in whatever order they arrive."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.engine.intake.folding import fold
from coordination.translation.canonical import Order, OrderLine


def line(number: str, quantity: str, status: str = "") -> OrderLine:
    return OrderLine(line=number, quantity=Decimal(quantity), price=Decimal(40), status=status)


ORDER = Order(number="PO-1", lines=(line("1", "10"), line("2", "50")), net=Decimal(2400), message_id="PO-1")
RESPONSE = replace(ORDER, message="response", message_id="R-1", lines=(line("1", "5"),), net=Decimal(200))
REDUCE = Order(
    number="PO-1",
    message="change",
    message_id="C-1",
    sequence="1",
    lines=(line("1", "5"),),
    net=Decimal(2200),
)
RAISE = Order(number="PO-1", message="change", message_id="C-2", sequence="10", lines=(line("1", "7"),))
DROP = Order(
    number="PO-1", message="change", message_id="C-3", sequence="9", lines=(line("2", "0", "deleted"),)
)
ADD = Order(
    number="PO-1", message="change", message_id="C-4", sequence="11", lines=(line("3", "1", "added"),)
)
CANCEL = Order(number="PO-1", message="cancellation", message_id="X-1")
REJECT = Order(number="PO-1", message="rejection", message_id="X-2")


def quantities(*messages: Order) -> dict[str, Decimal | None]:
    folded, _ = fold(messages)
    return {x.line: x.quantity for x in folded.lines} if folded else {}


@pytest.mark.parametrize(
    ("messages", "expected", "status"),
    [
        ((ORDER,), {"1": 10, "2": 50}, "open"),
        ((ORDER, REDUCE), {"1": 5, "2": 50}, "open"),
        ((REDUCE, ORDER), {"1": 5, "2": 50}, "open"),
        ((ORDER, RAISE, REDUCE), {"1": 7, "2": 50}, "open"),
        ((ORDER, DROP), {"1": 10}, "open"),
        ((ORDER, ADD), {"1": 10, "2": 50, "3": 1}, "open"),
        ((ORDER, CANCEL), {"1": 10, "2": 50}, "cancelled"),
        ((CANCEL, ORDER), {"1": 10, "2": 50}, "cancelled"),
        ((ORDER, REJECT), {"1": 10, "2": 50}, "rejected"),
        ((RESPONSE,), {"1": 5}, "open"),
        ((RESPONSE, ORDER), {"1": 10, "2": 50}, "open"),
        ((RESPONSE, REDUCE), {"1": 5}, "open"),
        ((REDUCE,), {}, "open"),
        ((CANCEL,), {}, "cancelled"),
    ],
)
def test_an_order_is_what_its_messages_leave_of_it(
    messages: tuple[Order, ...], expected: dict[str, int], status: str
) -> None:
    assert quantities(*messages) == expected
    assert fold(messages)[1] == status


def test_totals_are_those_of_the_last_change_that_states_them() -> None:
    folded, _ = fold((ORDER, RAISE, REDUCE))
    assert folded is not None
    assert folded.net == Decimal(2200)


@given(st.permutations([ORDER, REDUCE, RAISE, DROP, ADD, CANCEL, RESPONSE]))
def test_the_sequence_of_arrival_does_not_matter(messages: list[Order]) -> None:
    assert quantities(*messages) == {"1": 7, "3": 1}
    assert fold(messages)[1] == "cancelled"
