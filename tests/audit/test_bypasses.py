"""History is complete because the database says so: every way around the trail is refused at commit.

Each test asserts by name that the constraint trigger of the table refused, not something else on the way.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import serializers
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from audit import inspection, trail
from audit.ids import new_id
from coordination.models import (
    Agent,
    BankAccount,
    CalibrationTable,
    CatchRateFall,
    Coding,
    Drill,
    Hold,
    Incident,
    Invoice,
    InvoiceStatus,
    LegalHold,
    Order,
    OrderLine,
    PaidElsewhere,
    Payment,
    PaymentBatch,
    PaymentTerms,
    PolicyVersion,
    Quarantine,
    ReviewPlan,
    ServiceAlert,
    Statement,
    StatementLine,
    TranslationMap,
    Vendor,
)
from reviews.models import Delegation, Escalation
from tests.cast import Cast, moment

Model = type[models.Model]
MODELS = trail.tracked_models()
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)

CHANGE: dict[Model, tuple[str, Any]] = {
    Agent: ("paused", True),
    BankAccount: ("number", "DE00"),
    Hold: ("released_by", "human:1"),
    Invoice: ("gross", 1),
    InvoiceStatus: ("text", "All is well."),
    Order: ("currency", "USD"),
    OrderLine: ("price", 99),
    Payment: ("account", "DE00"),
    PaymentBatch: ("control_sum", 1),
    PolicyVersion: ("text", "{}"),
    Quarantine: ("tries", 9),
    Vendor: ("name", "Somebody Else"),
    Escalation: ("decided_by", "human:1"),
    Delegation: ("by", "human:1"),
    Coding: ("account", "9999"),
    CatchRateFall: ("caught", 9),
    Drill: ("share", "0.1"),
    CalibrationTable: ("text", "[{}]"),
    Incident: ("level", "critical"),
    ReviewPlan: ("text", "[]"),
    ServiceAlert: ("text", "All is well."),
    LegalHold: ("reason", "None"),
    PaidElsewhere: ("evidence", "None"),
    PaymentTerms: ("basis", "discount"),
    Statement: ("balance", 1),
    StatementLine: ("amount", 1),
    TranslationMap: ("text", "[]"),
}
"""A change that somebody might want to make unseen, by model."""

SPARE: dict[Model, dict[str, Any]] = {
    Agent: {"name": "spare"},
    BankAccount: {"status": "retired"},
    Hold: {"fingerprint": "spare"},
    Invoice: {"digest": "spare"},
    Order: {"number": "spare"},
    OrderLine: {"line": "spare"},
    Payment: {"status": "cancelled"},
    PaymentBatch: {"number": 999},
    PolicyVersion: {"revision": 999, "status": "draft"},
    Vendor: {"vendor_id": "spare"},
    Escalation: {"subject": "spare"},
    Coding: {"position": 99},
    CatchRateFall: {"queue": "spare"},
    Drill: {"agent": "spare"},
    CalibrationTable: {"number": 99},
    Incident: {"number": 99, "status": "closed", "cause": "false", "closed_at": moment()},
    ReviewPlan: {"number": 99},
    ServiceAlert: {"about": "spare"},
    LegalHold: {"subject": "spare"},
    Statement: {"digest": "spare"},
    StatementLine: {"position": 99},
    TranslationMap: {"revision": 99, "status": "retired"},
}
"""What makes a copy of a row a row of its own."""


def one(model: Model) -> Any:
    return model._default_manager.first()


def spare(model: Model) -> Any:
    """A row like one that is there, not saved."""
    row = one(model)
    if model is InvoiceStatus:
        row.invoice_id = Invoice.objects.get(number="INV-3").pk
    elif model is PaymentTerms:
        row.payment_id = Payment.objects.filter(terms=None).values_list("pk", flat=True).first()
    elif model is not Agent:
        row.pk = new_id()
    for name, value in SPARE.get(model, {}).items():
        setattr(row, name, value)
    return row


def changed(model: Model) -> Any:
    row = one(model)
    setattr(row, *CHANGE[model])
    return row


def queryset_update(model: Model) -> None:
    name, value = CHANGE[model]
    assert model._default_manager.filter(pk=one(model).pk).update(**{name: value}) == 1


def bulk_update(model: Model) -> None:
    assert model._default_manager.bulk_update([changed(model)], [CHANGE[model][0]]) == 1


def bulk_create(model: Model) -> None:
    model._default_manager.bulk_create([spare(model)])


def raw_update(model: Model) -> None:
    c, (name, value) = trail.codec(model), CHANGE[model]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {c.table} SET {name} = %s WHERE {c.columns[c.key_at]} = %s", [value, one(model).pk]
        )
        assert cursor.rowcount == 1


def raw_insert(model: Model) -> None:
    c = trail.codec(model)
    names = ", ".join(connection.ops.quote_name(name) for name in c.columns)
    values = c.database_values(c.values(spare(model)))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {c.table} ({names}) VALUES ({', '.join(['%s'] * len(values))})", values)
        assert cursor.rowcount == 1


def raw_delete(model: Model) -> None:
    c, row = trail.codec(model), spare(model)
    trail.insert([row], trail.Stamp("system:test", timezone.now(), "spare"))
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {c.table} WHERE {c.columns[c.key_at]} = %s", [row.pk])
        assert cursor.rowcount == 1


def save_without_history(model: Model) -> None:
    row = changed(model)
    row.save_without_historical_record()


def loaddata(model: Model) -> None:
    [again] = serializers.deserialize("json", serializers.serialize("json", [changed(model)]))
    again.save()


def phantom(model: Model) -> None:
    """`save(update_fields=...)` records values that the row never had."""
    row = changed(model)
    row._history_user, row._change_reason = "human:1", "phantom"
    other = next(
        f.name for f in model._meta.concrete_fields if f.name != CHANGE[model][0] and not f.primary_key
    )
    row.save(update_fields=[other])
    assert row.history.count() > 1


def move_key(model: Model) -> None:
    c = trail.codec(model)
    key = c.columns[c.key_at]
    fresh = "other" if model is Agent else new_id()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {c.table} SET {key} = %s WHERE {key} = %s", [fresh, one(model).pk])
        assert cursor.rowcount == 1


def commit(change: Callable[[Model], None], model: Model) -> None:
    """Run a change to the point where a commit would check it."""
    with transaction.atomic():
        change(model)
        connection.check_constraints()


BYPASSES: list[Callable[[Model], None]] = [
    queryset_update,
    bulk_update,
    bulk_create,
    raw_update,
    raw_insert,
    raw_delete,
    save_without_history,
    loaddata,
    phantom,
]


OTHERS_FIRST: dict[Model, tuple[str, ...]] = {Escalation: ("reviews_listed",)}
"""Rules of a model that may be asked before its trail: a list may not go on showing what is gone."""


def test_every_tracked_model_is_attacked_here() -> None:
    assert set(CHANGE) == set(MODELS)


@pytest.mark.django_db
@every_model
@pytest.mark.parametrize("bypass", BYPASSES, ids=lambda f: f.__name__)
def test_a_way_around_the_trail_is_refused_at_commit(
    house: Cast, model: Model, bypass: Callable[[Model], None]
) -> None:
    with pytest.raises(IntegrityError) as refused:
        commit(bypass, model)
    cause: Any = refused.value.__cause__
    trail_rule = f"audit_complete_{model._meta.db_table}"
    assert cause.diag.constraint_name in {trail_rule, *OTHERS_FIRST.get(model, ())}


@pytest.mark.django_db
@every_model
def test_the_key_of_a_tracked_row_never_changes(house: Cast, model: Model) -> None:
    with pytest.raises(IntegrityError, match=r"key of a tracked row|violates foreign key"):
        commit(move_key, model)


@pytest.mark.django_db
def test_a_plain_save_writes_history_that_the_ledger_does_not_know(house: Cast) -> None:
    row = changed(Vendor)
    row._history_user, row._change_reason = "human:1", "signal path"
    row.save()
    connection.check_constraints()
    assert {f.code for f in inspection.verify().findings} == {"history_unbound"}


@pytest.mark.django_db
def test_a_plain_save_without_an_actor_is_refused_at_once(house: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        changed(Vendor).save()
