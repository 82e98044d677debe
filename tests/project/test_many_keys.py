"""Many keys are one parameter of a statement, and find what as many parameters would."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.models import Hold, Invoice, InvoiceFacts, Task
from coordination.project.database.lookups import MANY
from tests import cast
from tests.cast import bill, table, take_in

pytestmark = pytest.mark.django_db


def statement(found: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    return found.query.sql_with_params()


def several(count: int) -> list[UUID]:
    take_in(table("invoices", *(bill(invoice_number=f"INV-{n}", order_number="") for n in range(count))))
    return list(Invoice.objects.order_by("id").values_list("id", flat=True))


@pytest.mark.parametrize("count", [0, 1, MANY - 1, MANY, MANY + 1, 500])
def test_from_a_few_on_keys_are_one_array(count: int) -> None:
    keys = [uuid4() for _ in range(count)]
    if not count:
        with pytest.raises(EmptyResultSet):
            statement(Invoice.objects.filter(id__in=keys))
        return
    _, parameters = statement(Invoice.objects.filter(id__in=keys))
    assert len(parameters) == (count if count < MANY else 1)


@pytest.mark.parametrize(
    "filters",
    [
        lambda keys: Invoice.objects.filter(id__in=keys),
        lambda keys: InvoiceFacts.objects.filter(invoice__in=keys),
        lambda keys: InvoiceFacts.objects.filter(invoice_id__in=keys),
        lambda keys: Task.objects.filter(invoice__in=keys),
        lambda keys: Hold.objects.live().filter(invoice__in=keys),
        lambda keys: Hold.objects.filter(invoice__vendor__in=keys),
        lambda keys: Invoice.objects.exclude(vendor__in=keys),
    ],
)
def test_so_it_is_for_columns_foreign_keys_and_what_lies_behind_them(filters: Any) -> None:
    keys = [uuid4() for _ in range(MANY)]
    text, parameters = statement(filters(keys))
    assert "= ANY(%s)" in text
    assert "{" + ",".join(map(str, keys)) + "}" in parameters
    list(filters(keys))


def test_the_same_rows_are_found_and_left_out() -> None:
    keys = several(MANY + 5)
    asked = keys[: MANY + 2]
    assert set(Invoice.objects.filter(id__in=asked).values_list("id", flat=True)) == set(asked)
    assert set(Invoice.objects.exclude(id__in=asked).values_list("id", flat=True)) == set(keys) - set(asked)
    found = InvoiceFacts.objects.filter(invoice__in=asked).values_list("invoice_id", flat=True)
    assert set(found) == set(asked)


@given(st.lists(st.integers(0, 30), max_size=60))
@settings(max_examples=15)
def test_repeated_strange_and_missing_keys_change_nothing(picked: list[int]) -> None:
    keys = list(Invoice.objects.order_by("id").values_list("id", flat=True)) or several(8)
    asked: list[Any] = [keys[n] if n < len(keys) else uuid4() for n in picked]
    found = set(Invoice.objects.filter(id__in=[*asked, None]).values_list("id", flat=True))
    assert found == set(asked) & set(keys)


def test_keys_may_be_texts_and_rows() -> None:
    keys = several(MANY)
    rows = list(Invoice.objects.all())
    assert Invoice.objects.filter(id__in=[str(k) for k in keys]).count() == MANY
    assert InvoiceFacts.objects.filter(invoice__in=rows).count() == MANY


def test_what_is_no_key_is_refused_as_before() -> None:
    with pytest.raises(ValidationError):
        list(Invoice.objects.filter(id__in=["no key"] * MANY))


def test_a_subquery_stays_one() -> None:
    several(2)
    inner = Invoice.objects.filter(number="INV-1").values("id")
    text, _ = statement(InvoiceFacts.objects.filter(invoice__in=inner))
    assert "IN (SELECT" in text
    assert InvoiceFacts.objects.filter(invoice__in=inner).count() == 1


def test_prefetched_rows_come_with_theirs() -> None:
    several(MANY + 1)
    with CaptureQueriesContext(connection) as asked:
        found = list(Invoice.objects.prefetch_related("tasks"))
    assert all(len(row.tasks.all()) >= 1 for row in found)
    assert len(asked) == 2
    assert "= ANY(" in asked[1]["sql"]
    cast.drain()
