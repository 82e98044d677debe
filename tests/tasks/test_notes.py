"""Notes that a fact may concern an invoice: of what invoices have of each other one stands for those that
follow, unless somebody has it in hand."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

from coordination.management.commands.dburl import url
from coordination.models import Invalidation
from coordination.tasks import work_queue
from tests import cast
from tests.cast import bill


def notes() -> list[tuple[str, str, int]]:
    return list(Invalidation.objects.order_by("id").values_list("kind", "cause", "fact"))


@pytest.fixture
def noted() -> UUID:
    """An invoice of which one change is noted."""
    cast.take_in(cast.table("vendors", cast.vendor()), cast.table("invoices", bill()))
    cast.drain()
    key = cast.invoice().id
    work_queue.invalidate([key], "billing", "the first", 7)
    return key


@pytest.mark.django_db
@pytest.mark.parametrize(("later", "kept"), [(9, 9), (7, 7), (5, 7)])
def test_the_note_that_is_there_takes_the_newest_number(noted: UUID, later: int, kept: int) -> None:
    work_queue.invalidate([noted, noted], "billing", "another", later)
    assert notes() == [("billing", "the first", kept)]


@pytest.mark.django_db
def test_another_kind_of_fact_is_another_note(noted: UUID) -> None:
    work_queue.invalidate([noted], "siblings", "another", 7)
    assert notes() == [("billing", "the first", 7), ("siblings", "another", 7)]


@pytest.mark.django_db
def test_each_fact_of_an_order_is_noted_with_its_cause(noted: UUID) -> None:
    for cause in ("order PO-1", "order PO-2"):
        work_queue.invalidate([noted], "order", cause, 7)
    assert notes()[1:] == [("order", "order PO-1", 7), ("order", "order PO-2", 7)]


@pytest.mark.django_db(transaction=True)
def test_a_note_in_somebodys_hand_stands_for_nothing_that_follows(noted: UUID) -> None:
    """Whoever takes it up may have read the tables before the change was committed."""
    with psycopg.connect(url(connection.get_connection_params())) as worker:
        worker.execute("SELECT id FROM coordination_wake FOR UPDATE")
        work_queue.invalidate([noted], "billing", "another", 9)
    assert notes() == [("billing", "the first", 7), ("billing", "another", 9)]


@pytest.mark.django_db(transaction=True)
def test_a_note_that_stands_for_a_change_is_taken_up_only_after_it(noted: UUID) -> None:
    with transaction.atomic():
        work_queue.invalidate([noted], "billing", "another", 9)
        with psycopg.connect(url(connection.get_connection_params())) as worker:
            found = worker.execute("SELECT id FROM coordination_wake FOR UPDATE SKIP LOCKED").fetchall()
    assert found == []
