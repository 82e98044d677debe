"""An answer that waits to count, and what comes at the same moment: it counts or it does not, never both."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User

from audit import clock
from coordination.models import Decision
from coordination.services import deadlines
from reviews import answering, channel, exposure
from reviews.errors import Answering, Counted
from reviews.models import Escalation, PendingAnswer, Verdict
from tests import cast
from tests.cast import bill, order, standing, table, take_in
from tests.races.together import of, together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def ten_seconds(settings: Any) -> None:
    settings.COUNTERSIGN_UNDO = 10


@pytest.fixture
def alice() -> User:
    return cast.person("alice", "specialist", "procurement")


def asked() -> Escalation:
    cast.trade(bill(unit_price="11.00"))
    return cast.question()


def give(row: Escalation, by: User, verdict: str = "approve", **said: Any) -> Escalation:
    reason = {"approve": "difference_accepted", "reject": "price_not_agreed"}[verdict]
    return answering.give(
        row.pk,
        verdict,
        by=by,
        reason=reason,
        comment="Because I looked.",
        seen_version=row.version,
        payload_hash=row.payload_hash,
        shown=exposure.stamp(row, by),
        via=channel.PAGE,
        **said,
    )


def after() -> Any:
    return clock.now() + timedelta(seconds=30)


def test_of_eight_who_answer_one_waits_and_seven_hear_who_and_until_when() -> None:
    people = [cast.person(f"specialist-{n}", "specialist", "procurement") for n in range(8)]
    row = asked()
    outcomes = together(
        *(partial(give, row, p, v) for p, v in zip(people, ["approve", "reject"] * 4, strict=True))
    )
    assert (len(of(Escalation, outcomes)), len(of(Answering, outcomes))) == (1, 7), outcomes
    assert cast.entries(row.subject).count("verdict.pending") == 1
    assert not Verdict.objects.exists()


@pytest.mark.parametrize("turn", range(3))
def test_taken_back_and_carried_out_at_once_is_one_of_both(alice: User, turn: int) -> None:
    row = asked()
    give(row, alice)
    late = after()
    back, *settled = together(
        partial(answering.take_back, row.pk, by=alice), *[partial(answering.settle, late)] * 3
    )
    counted = sum(settled)
    assert isinstance(back, Counted) == (counted == 1), (back, settled)
    assert Verdict.objects.count() == counted
    assert standing()[0] == ("cleared" if counted else standing()[0])
    assert standing()[1] == ("human" if counted else "escalated")
    cast.assert_sound()


def test_several_processes_carry_an_answer_out_once(alice: User) -> None:
    row = asked()
    give(row, alice)
    assert sum(together(*[partial(answering.settle, after())] * 6)) == 1
    assert Decision.objects.filter(agent="person").count() == 1
    assert cast.entries(row.subject).count("verdict.given") == 1


@pytest.mark.parametrize("new_price", ["11.00", "10.50"])
def test_evidence_that_changes_in_the_last_moment_leaves_one_sound_state(alice: User, new_price: str) -> None:
    row = asked()
    give(row, alice)
    take_in(table("orders", order(unit_price=new_price)))
    together(partial(answering.settle, after()), cast.drain, cast.drain)
    cast.drain()
    told = cast.entries(row.subject)
    assert (told.count("verdict.given") + told.count("verdict.voided")) == 1
    assert Verdict.objects.count() == told.count("verdict.given")
    assert not PendingAnswer.objects.exists()
    cast.assert_sound()


def test_a_clock_that_runs_out_beside_an_answer_takes_nothing_from_it(alice: User) -> None:
    """Reviewer and expiry at once: time passes a question on, and answers none."""
    row = asked()
    give(row, alice)
    overdue = clock.now() + timedelta(days=60)
    together(partial(answering.settle, after()), partial(deadlines.run, overdue))
    assert Verdict.objects.get().verdict == "approve"
    assert standing()[0] == "cleared"


KILLED = """
import django, os, signal
django.setup()
from reviews import kinds, answering, signals
from datetime import timedelta
from audit import clock
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
signals.resolved.connect(die, weak=False)
answering.settle(clock.now() + timedelta(seconds=30))
"""


def test_a_process_that_dies_between_answer_and_effect_leaves_the_answer_to_the_next(alice: User) -> None:
    row = asked()
    give(row, alice)
    environment = cast.environment() | {"DATABASE_URL": database()}
    died = subprocess.run([sys.executable, "-c", KILLED], env=environment, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert (standing()[1], Verdict.objects.count()) == ("escalated", 0)
    assert PendingAnswer.objects.filter(pk=row.pk).exists()
    deadline = time.monotonic() + 30  # the server lets go of what the dead process had locked
    while not answering.settle(after()):
        assert time.monotonic() < deadline
    assert standing()[0] == "cleared"
    cast.assert_sound()


def database() -> str:
    from django.db import connection

    from coordination.management.commands.dburl import url

    return url(connection.get_connection_params())
