"""Several people ask for their next case at the same moment: each gets one, and nobody gets another's."""

from __future__ import annotations

from functools import partial

import pytest
from django.contrib.auth.models import User

from reviews import assignment, open_lists
from reviews.models import Escalation
from reviews.names import person
from tests import cast
from tests.races.together import of, together

pytestmark = pytest.mark.django_db(transaction=True)


def take(user: User) -> Escalation | None:
    keys = open_lists.free(open_lists.of_list(""), person(user), [])
    return assignment.claim_next(keys, by=user)


def test_of_eight_who_ask_for_the_next_of_five_cases_five_get_one_each() -> None:
    people = [cast.person(f"specialist-{n}", "specialist", "procurement") for n in range(8)]
    numbers = range(5)
    cast.trade(
        *(
            cast.bill(invoice_number=f"INV-{n}", order_number=f"PO-{n}", unit_price=f"1{n + 1}.00")
            for n in numbers
        ),
        orders=tuple(cast.order(order_number=f"PO-{n}") for n in numbers),
        receipts=tuple(cast.receipt(receipt_number=f"GR-{n}", order_number=f"PO-{n}") for n in numbers),
    )
    assert Escalation.objects.filter(status="open").count() == 5
    outcomes = together(*(partial(take, user) for user in people))
    assert not of(Exception, outcomes)
    taken = of(Escalation, outcomes)
    assert len({row.pk for row in taken}) == len(taken)
    owners = list(Escalation.objects.filter(status="open").exclude(owner="").values_list("owner", flat=True))
    assert len(set(owners)) == len(owners) == len(taken)
    left = [user for user in people if person(user) not in owners]
    assert sum(take(user) is not None for user in left) == 5 - len(taken), (
        "what was passed over is still there"
    )
    cast.assert_sound()
