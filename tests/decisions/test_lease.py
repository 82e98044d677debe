"""Slow agents work under a lease: no lock while they think, and a stale token never commits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection

from coordination.agents import REGISTRY
from coordination.decisions import changes, lease
from coordination.models import FINAL, Decision, Invoice, Task
from coordination.tasks import work_queue
from coordination.workers import runner
from tests import cast

pytestmark = pytest.mark.django_db

AGENT = "finance.validation"


@pytest.fixture
def waiting() -> None:
    """One trade taken in, nothing decided yet."""
    cast.take_in(
        cast.table("vendors", cast.vendor()),
        cast.table("orders", cast.order()),
        cast.table("receipts", cast.receipt()),
        cast.table("invoices", cast.bill()),
    )


def expire() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE coordination_task SET leased_until = now() - interval '1 second' WHERE token IS NOT NULL"
        )


def taken() -> lease.Lease:
    found = lease.take(AGENT, by="agent:slow/1", seconds=60)
    assert found is not None
    return found


def test_a_leased_answer_is_committed_like_any_other(waiting: None) -> None:
    work = taken()
    lease.submit(work, REGISTRY[AGENT].propose(work.snapshot))
    assert Decision.objects.get(agent=AGENT).outcome == "act"
    assert not Task.objects.filter(agent=AGENT).exists()
    runner.drain()
    assert cast.invoice().state == "cleared"


def test_leased_work_is_offered_to_nobody_else(waiting: None) -> None:
    taken()
    assert lease.take(AGENT, by="agent:other/1", seconds=60) is None
    assert work_queue.acquire(AGENT, 10) == []


def test_a_lease_that_ran_out_is_open_again_and_its_token_commits_nothing(waiting: None) -> None:
    late = taken()
    expire()
    fresh = taken()
    with pytest.raises(lease.LeaseLost):
        lease.submit(late, REGISTRY[AGENT].propose(late.snapshot))
    assert not Decision.objects.filter(agent=AGENT).exists()
    lease.submit(fresh, REGISTRY[AGENT].propose(fresh.snapshot))
    assert Decision.objects.filter(agent=AGENT).count() == 1


def test_an_answer_on_a_version_that_moved_is_asked_again(waiting: None) -> None:
    work = taken()
    moved = replace(work, snapshot=replace(work.snapshot, version=work.snapshot.version - 1))
    with pytest.raises(lease.VersionMoved):
        lease.submit(moved, REGISTRY[AGENT].propose(work.snapshot))
    assert Task.objects.get(agent=AGENT).token is None
    assert not Decision.objects.filter(agent=AGENT).exists()


def test_more_time_is_given_only_while_the_lease_runs(waiting: None) -> None:
    work = taken()
    lease.renew(work.token, seconds=600)
    expire()
    with pytest.raises(lease.LeaseLost):
        lease.renew(work.token, seconds=600)


def test_a_stopped_agent_commits_nothing_it_had_in_hand(waiting: None) -> None:
    from coordination.services import agent_control

    work = taken()
    agent_control.pause(AGENT)
    with pytest.raises(lease.LeaseLost):
        lease.submit(work, REGISTRY[AGENT].propose(work.snapshot))


def test_a_proposal_of_another_agent_cannot_use_the_token(waiting: None) -> None:
    work = taken()
    foreign = replace(REGISTRY[AGENT].propose(work.snapshot), agent="finance.payment")
    with pytest.raises(lease.LeaseLost):
        lease.submit(work, foreign)


def test_facts_noted_meanwhile_do_not_wait_for_the_lease(waiting: None) -> None:
    taken()
    work_queue.invalidate([cast.invoice().pk], "vendor", "test")
    assert changes.process_changes() == 1


@pytest.mark.parametrize("state", sorted(FINAL))
def test_an_answer_about_an_invoice_whose_money_is_on_its_way_or_that_ended_changes_nothing(
    waiting: None, state: str
) -> None:
    work = taken()
    before = cast.invoice().state
    Invoice.objects.update(state=state)
    lease.submit(work, REGISTRY[AGENT].propose(work.snapshot))
    assert cast.invoice().state == state
    assert not Decision.objects.filter(agent=AGENT).exists()
    assert not Task.objects.filter(agent=AGENT).exists()
    Invoice.objects.update(state=before)  # so that its history says the same as the row
