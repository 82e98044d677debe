"""An order is what its messages leave of it, in whatever order they arrive."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.services.intake.folding import fold
from coordination.translation.canonical import Order, OrderLine, Problem


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


@pytest.mark.parametrize(
    ("messages", "net"),
    [
        ((ORDER, REDUCE), 2200),
        ((ORDER, RAISE, REDUCE), 2280),  # two more at 40 than the last total that was stated
        ((ORDER, DROP), 400),
        ((ORDER, ADD), 2440),
    ],
)
def test_a_change_without_a_total_moves_the_total_by_what_it_changes(
    messages: tuple[Order, ...], net: int
) -> None:
    folded, _ = fold(messages)
    assert folded is not None
    assert folded.net == net


def test_a_change_of_the_quantity_alone_leaves_the_price_item_and_words() -> None:
    bolt = OrderLine(
        line="1",
        item="A-1",
        description="Bolt",
        quantity=Decimal(10),
        unit="EA",
        price=Decimal(40),
        base_quantity=Decimal(10),
        net=Decimal(40),
        tax_rate=Decimal(19),
    )
    less = OrderLine(line="1", quantity=Decimal(5), status="changed")
    folded, _ = fold((replace(ORDER, lines=(bolt,)), replace(REDUCE, net=None, lines=(less,))))
    assert folded is not None
    assert folded.lines == (replace(bolt, quantity=Decimal(5), net=None, status="changed"),)


def test_a_change_that_nobody_can_read_in_full_leaves_nothing_to_what_was() -> None:
    torn = replace(
        REDUCE,
        lines=(OrderLine(line="1", quantity=Decimal(5), status="changed"),),
        unreadable=(Problem("lines/1/price", "PRI@9/1.2", "4O", "not a number"),),
    )
    folded, _ = fold((ORDER, torn))
    assert folded is not None
    assert folded.lines[0].price is None


def test_a_line_that_a_change_names_keeps_its_place() -> None:
    folded, _ = fold((ORDER, REDUCE, ADD))
    assert folded is not None
    assert [x.line for x in folded.lines] == ["1", "2", "3"]


@given(st.permutations([ORDER, REDUCE, RAISE, DROP, ADD, CANCEL, RESPONSE]))
def test_the_sequence_of_arrival_does_not_matter(messages: list[Order]) -> None:
    assert quantities(*messages) == {"1": 7, "3": 1}
    assert fold(messages)[1] == "cancelled"
