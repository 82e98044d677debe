"""Whatever an address narrows the list to, a verdict given from it is taken once and answered."""

from __future__ import annotations

import pytest
from django.urls import reverse

from reviews.models import Escalation
from tests.cast import Cast
from tests.views.conftest import HTMX, answer, case, client

__all__ = ["case"]

ODD = ["a\r\nX-Injected: yes", "Größe", "发票", "a&queue=b#c", "%0d%0a", "'\"><b>"]


@pytest.mark.parametrize("cause", ODD)
@pytest.mark.parametrize("headers", [HTMX, {}], ids=["part", "page"])
def test_a_verdict_from_an_odd_address_is_taken_and_leads_on(
    people: Cast, case: Escalation, cause: str, headers: dict[str, str]
) -> None:
    address = reverse("reviews:decide", args=[case.pk], query={"cause": cause, "sort": "age"})
    found = client(people.alice).post(address, answer(case), headers=headers)
    case.refresh_from_db()
    assert (found.status_code, case.status) == (200 if headers else 302, "approved")
    assert "X-Injected" not in found.headers
    onward = found.headers["HX-Push-Url" if headers else "Location"]
    assert onward == reverse("reviews:inbox", query={"cause": cause, "sort": "age"})
