"""What a person states of a payment made elsewhere: words, a day that is not ahead where they are, and no
more than was asked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from coordination.services.payments import paid_elsewhere
from coordination.services.payments.paid_elsewhere import LONGEST, LONGEST_REFERENCE, Evidence, Unpayable
from reviews.errors import Refused

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ASKED = Unpayable(
    UUID(int=1), "INV-1", "V-1", "Hartmann GmbH", "USD", Decimal("1190.00"), None, None, "", "", "collected"
)


def checked(at: datetime = NOON, asked: Unpayable = ASKED, **changes: Any) -> Decimal:
    evidence = Evidence(**{"paid_on": date(2026, 11, 30), "text": "By card."} | changes)
    return paid_elsewhere._checked(evidence, asked, at)


@pytest.mark.parametrize(
    ("zone", "at", "paid_on", "accepted"),
    [
        ("UTC", "2026-11-30T23:59:59+00:00", "2026-11-30", True),
        ("UTC", "2026-11-30T23:59:59+00:00", "2026-12-01", False),
        ("UTC", "2026-12-01T00:00:00+00:00", "2026-12-01", True),
        ("Asia/Tokyo", "2026-11-30T15:00:00+00:00", "2026-12-01", True),  # midnight has passed there
        ("Asia/Tokyo", "2026-11-30T14:59:59+00:00", "2026-12-01", False),
        ("America/New_York", "2026-12-01T04:59:59+00:00", "2026-12-01", False),  # still November there
        ("America/New_York", "2026-12-01T05:00:00+00:00", "2026-12-01", True),
        ("Europe/Berlin", "2026-07-01T22:00:00+00:00", "2026-07-02", True),  # in summer two hours ahead
        ("UTC", "2026-11-30T12:00:00+00:00", "1999-01-01", True),  # of long ago
    ],
)
def test_a_day_lies_ahead_by_the_calendar_of_who_states_it(
    zone: str, at: str, paid_on: str, accepted: bool
) -> None:
    with timezone.override(zone):
        if accepted:
            assert checked(datetime.fromisoformat(at), paid_on=date.fromisoformat(paid_on)) == ASKED.amount
        else:
            with pytest.raises(Refused, match="The day lies ahead"):
                checked(datetime.fromisoformat(at), paid_on=date.fromisoformat(paid_on))


@pytest.mark.parametrize(
    ("amount", "accepted"),
    [
        (None, True),  # all of it
        ("1190.00", True),
        ("1190.01", False),
        ("0.01", True),
        ("0.00", False),
        ("-1.00", False),
        ("0.005", False),  # no money is less than a cent
        ("1190.000", True),
    ],
)
def test_an_amount_is_more_than_nothing_and_at_most_what_is_asked(amount: str | None, accepted: bool) -> None:
    stated = None if amount is None else Decimal(amount)
    if accepted:
        assert checked(amount=stated) == (stated or ASKED.amount)
    else:
        with pytest.raises(Refused, match=r"at most USD 1,190\.00\."):
            checked(amount=stated)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"text": ""}, "Say how it was paid"),
        ({"text": " \n\t"}, "Say how it was paid"),
        ({"text": "x" * (LONGEST + 1)}, "at most 1000 characters"),
        ({"reference": "x" * (LONGEST_REFERENCE + 1)}, "A reference has at most 140 characters"),
    ],
)
def test_words_are_there_and_have_an_end(changes: dict[str, str], why: str) -> None:
    with pytest.raises(Refused, match=why):
        checked(**changes)


def test_the_longest_words_and_letters_beyond_ascii_are_taken() -> None:
    assert checked(text="ü" * LONGEST, reference="Ł" * LONGEST_REFERENCE) == ASKED.amount


@given(st.decimals("-10", "2000", places=3))
def test_no_more_than_is_asked_is_ever_stated(amount: Decimal) -> None:
    try:
        assert 0 < checked(amount=amount) <= ASKED.amount
    except Refused:
        assert not 0 < amount <= ASKED.amount or amount != round(amount, 2)


def test_a_line_of_the_export_has_two_decimals_and_nothing_for_what_is_not_known() -> None:
    assert ASKED.as_json() == {
        "invoice_number": "INV-1",
        "vendor_id": "V-1",
        "vendor_name": "Hartmann GmbH",
        "amount": "1190.00",
        "currency": "USD",
        "issue_date": "",
        "due_date": "",
        "account": "",
        "bic": "",
        "why": "collected",
    }
