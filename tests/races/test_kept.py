"""What is kept beside questions and counts, written anew while people answer and counts are folded."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, transaction

from coordination.services import kept_counts
from reviews import listed
from reviews.models import OpenQuestion
from tests import cast
from tests.cast import bill

pytestmark = pytest.mark.django_db(transaction=True)


def beside(pool: ThreadPoolExecutor, job: Callable[[], Any]) -> Future[Any]:
    """Begin a job on a connection of its own, and give it time to get to where it has to wait."""

    def run() -> Any:
        try:
            return job()
        finally:
            connection.close()

    begun = pool.submit(run)
    with suppress(TimeoutError):
        begun.result(timeout=2)
    return begun


def test_who_answers_while_what_lists_read_is_written_anew_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    dave = cast.people().dave
    cast.trade(bill(quantity="120"))
    row, write = cast.question(), listed.write
    with ThreadPoolExecutor(1) as pool:
        begun: list[Future[Any]] = []

        def answered_meanwhile(asked: Any) -> None:
            begun.append(beside(pool, lambda: cast.answer(row, "reject", by=dave)))
            write(asked)

        monkeypatch.setattr(listed, "write", answered_meanwhile)
        assert listed.rebuild() == 1
        monkeypatch.setattr(listed, "write", write)
        assert begun[0].result(timeout=30).status == "rejected"
    assert not OpenQuestion.objects.exists()
    cast.assert_sound()


def test_counts_that_are_folded_while_they_are_counted_anew_are_counted_once() -> None:
    cast.trade(bill(quantity="120"))
    cast.take_in(cast.table("invoices", bill(invoice_number="INV-2")))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            kept_counts.fold()
            begun = beside(pool, kept_counts.rebuild)
        begun.result(timeout=30)
    cast.assert_sound()
