"""Pages as each group sees them: one trade with one question, and a client per person."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from reviews import exposure
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast

HTMX = {"HX-Request": "true"}


@pytest.fixture
def people(db: None) -> Cast:
    """Everybody of the cast."""
    return cast.people()


@pytest.fixture
def case(people: Cast) -> Escalation:
    """A question: 100 bolts billed at 11.00 that were ordered at 10.00."""
    cast.trade(cast.bill(unit_price="11.00"))
    return cast.question()


def client(user: User) -> Client:
    """A browser in which the person is signed in."""
    browser = Client()
    browser.force_login(user)
    return browser


def read(answered: HttpResponse) -> str:
    """What was answered, each run of white space as one space: templates break lines where a browser shows
    none."""
    return " ".join(answered.content.decode().split())


def answer(
    case: Escalation, verdict: str = "approve", *, by: str = "alice", **changes: str
) -> dict[str, str]:
    """The verdict form as it was made for a person, filled in."""
    reason = {"approve": "difference_accepted", "reject": "price_not_agreed", "override": "agent_wrong"}[
        verdict
    ]
    return {
        "verdict": verdict,
        "reason": f"{verdict}:{reason}",
        "comment": "As agreed by phone.",
        "seen_version": str(case.version),
        "payload_hash": case.payload_hash,
        "shown": exposure.stamp(case, User.objects.get(username=by)),
        "click": "click-1",
    } | changes
