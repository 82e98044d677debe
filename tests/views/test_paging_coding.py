"""Lines to be coded, a page at a time."""

from __future__ import annotations

import pytest

from coordination.selectors import coding
from coordination.selectors.paging import PER_PAGE
from tests import cast
from tests.cast import bill

from .test_paging import pages

pytestmark = pytest.mark.django_db


def test_lines_to_be_coded_are_each_on_one_page_of_one_view() -> None:
    count = PER_PAGE + 3
    orders = [
        cast.order(order_number="PO-1", line=str(n), quantity="1", item=f"A-{n}") for n in range(1, count + 1)
    ]
    receipts = [cast.receipt(line=str(n), order_line=str(n), quantity="1") for n in range(1, count + 1)]
    net = cast.Decimal(10 * count)
    lines = [
        bill(
            line=str(n),
            order_line=str(n),
            quantity="1",
            item=f"A-{n}",
            net=net,
            tax=net * 19 / 100,
            gross=net * 119 / 100,
        )
        for n in range(1, count + 1)
    ]
    cast.trade(*lines, orders=tuple(orders), receipts=tuple(receipts))
    assert cast.standing()[0] == "cleared"
    everything = []
    for view in coding.VIEWS:
        read = pages(lambda n, view=view: coding.page(coding.Filters(view=view, vendor="", page=n)))
        everything.append([line.key for page in read for line in page])
    assert [len(keys) for keys in everything] == [len(set(keys)) for keys in everything]
    assert {key for keys in everything for key in keys} == {
        f"{cast.invoice().pk}-{n}" for n in range(1, count + 1)
    }
