"""Ledger, decisions, facts and history take new rows and nothing else, not even from their owner."""

import pytest
from django.db import IntegrityError, connection, models, transaction

from audit import guards, trail
from coordination.models import Vendor
from tests.cast import Cast, trade

Model = type[models.Model]
TABLES = trail.append_only_models()
every_table = pytest.mark.parametrize("model", TABLES, ids=lambda m: m._meta.db_table)
pytestmark = pytest.mark.django_db


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@every_table
@pytest.mark.parametrize(
    "change", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"]
)
def test_no_row_is_changed_or_removed(house: Cast, model: Model, change: str) -> None:
    table, column = (
        model._meta.db_table,
        connection.ops.quote_name(str(model._meta.concrete_fields[-1].column)),
    )
    if model in trail.renewable_models():  # what may be written anew is another column
        change = change.replace("{column} = {column}", "invoice_id = gen_random_uuid()")
    before = model._default_manager.count()
    assert before > 0
    with pytest.raises(IntegrityError, match="rows of this table are only ever added"):
        run(change.format(table=table, column=column))
    assert model._default_manager.count() == before


def test_the_ledger_and_all_history_are_append_only() -> None:
    names = {m._meta.db_table for m in TABLES}
    assert {"audit_entry", "coordination_decision", "reviews_verdict", "coordination_content"} <= names
    assert {trail.codec(m).history_table for m in trail.tracked_models()} <= names


def test_a_tracked_table_is_not_emptied(house: Cast) -> None:
    connection.check_constraints()
    with pytest.raises(IntegrityError, match="TRUNCATE on"):
        run("TRUNCATE coordination_vendor CASCADE")
    assert Vendor.objects.exists()


@pytest.mark.parametrize(
    ("attack", "refusal"),
    [
        ("DELETE FROM audit_entry", "only ever added"),
        ("UPDATE coordination_vendor SET name = 'x'; SET CONSTRAINTS ALL IMMEDIATE", "newest history row"),
    ],
)
def test_playing_a_replica_switches_no_guard_off(house: Cast, attack: str, refusal: str) -> None:
    with pytest.raises(IntegrityError, match=refusal):
        run(f"SET LOCAL session_replication_role = replica; {attack}")


def test_no_guard_is_missing_after_migrating() -> None:
    assert guards.missing() == []


def every_guard() -> list[tuple[str, str]]:
    tracked = [(m._meta.db_table, f"audit_complete_{m._meta.db_table}") for m in trail.tracked_models()]
    tracked += [(m._meta.db_table, "audit_no_truncate") for m in trail.tracked_models()]
    return tracked + [
        (m._meta.db_table, t) for m in TABLES for t in ("audit_append_only", "audit_no_truncate")
    ]


@pytest.mark.parametrize(
    "attack", ["DROP TRIGGER {trigger} ON {table}", "ALTER TABLE {table} DISABLE TRIGGER {trigger}"]
)
@pytest.mark.parametrize(
    ("table", "trigger"), [every_guard()[0], every_guard()[-1], ("audit_entry", "audit_append_only")]
)
def test_a_guard_that_was_taken_off_is_named(table: str, trigger: str, attack: str) -> None:
    run(attack.format(table=table, trigger=trigger))
    assert guards.missing() == [f"{table}.{trigger}"]


def test_a_guard_that_a_replica_would_skip_counts_as_missing() -> None:
    run("ALTER TABLE audit_entry ENABLE TRIGGER audit_append_only")
    assert guards.missing() == ["audit_entry.audit_append_only"]


def test_installing_again_restores_every_guard_and_changes_nothing_else() -> None:
    trade()
    connection.check_constraints()
    for table, trigger in every_guard():
        run(f"DROP TRIGGER {trigger} ON {table}")
    assert len(guards.missing()) == len(set(every_guard()))
    guards.install()
    guards.install()
    assert guards.missing() == []
    with pytest.raises(IntegrityError):
        run("DELETE FROM audit_entry")
