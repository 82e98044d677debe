"""Live row, history row and digest are written together and agree."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, migrations, transaction
from django.db.migrations.loader import MigrationLoader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import inspection, trail
from audit.errors import Untracked
from audit.ids import new_id
from coordination.models import Invoice, OrderLine, Vendor
from reviews.models import Escalation
from tests.cast import Cast

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
STAMP = trail.Stamp("human:7", AT, "because")
pytestmark = pytest.mark.django_db


def vendor(vendor_id: str = "V-1") -> Vendor:
    return Vendor(id=new_id(), vendor_id=vendor_id, name="Hartmann GmbH", created_at=AT)


def recorded(row: Vendor) -> list[tuple[str, str, str, str, str]]:
    found = Vendor.history.filter(id=row.id).order_by("history_id")
    return [(h.history_type, h.history_user_id, h.history_change_reason, h.name, h.status) for h in found]


def test_an_insert_is_a_row_and_its_history() -> None:
    row = vendor()
    trail.insert([row], STAMP)
    assert Vendor.objects.get().name == "Hartmann GmbH"
    assert recorded(row) == [("+", "human:7", "because", "Hartmann GmbH", "active")]
    connection.check_constraints()


def test_an_update_adds_a_history_row_and_changes_only_the_fields_named() -> None:
    row, other = vendor(), vendor("V-2")
    trail.insert([row, other], STAMP)
    row.status, row.name = "blocked", "Hartmann AG"
    trail.update([row], ("status", "name"), replace(STAMP, reason="sanctions"))
    assert recorded(row)[1] == ("~", "human:7", "sanctions", "Hartmann AG", "blocked")
    assert Vendor.objects.get(pk=other.pk).status == "active"
    assert len(recorded(other)) == 1
    connection.check_constraints()


def test_a_field_changed_but_not_named_is_refused_at_commit() -> None:
    row = vendor()
    trail.insert([row], STAMP)
    connection.check_constraints()
    row.status, row.name = "blocked", "Hartmann AG"
    trail.update([row], ("status",), STAMP)
    with pytest.raises(Exception, match="differs from its newest history row"):
        connection.check_constraints()
    connection.needs_rollback = True


def test_digests_are_those_of_the_rows_the_database_keeps() -> None:
    row = vendor()
    [inserted] = trail.insert([row], STAMP)
    row.name = "Häagen “quoted” \U0001f600"
    [updated] = trail.update([row], ("name",), STAMP)
    kept = dict(inspection._digests(trail.codec(Vendor), [inserted.history_id, updated.history_id]))
    assert kept == {inserted.history_id: inserted.sha256, updated.history_id: updated.sha256}
    assert inserted.sha256 != updated.sha256


def test_a_digest_does_not_depend_on_how_a_number_was_written() -> None:
    codec = trail.codec(OrderLine)
    line = OrderLine(
        id=new_id(), order_id=new_id(), position=1, line="1", quantity=Decimal("1E+2"), price=Decimal("1.10")
    )
    same = OrderLine(
        **{f: getattr(line, f) for f in codec.attributes}
        | {"quantity": Decimal("100.000"), "price": Decimal("1.1")}
    )
    meta = (AT, "because", "+", "human:7")
    assert codec.digest(1, codec.values(line), meta) == codec.digest(1, codec.values(same), meta)


@pytest.mark.parametrize("position", range(4))
def test_a_digest_covers_date_reason_kind_and_actor(position: int) -> None:
    codec, row = trail.codec(Vendor), vendor()
    meta: list[object] = [AT, "because", "+", "human:7"]
    before = codec.digest(1, codec.values(row), tuple(meta))  # type: ignore[arg-type]
    meta[position] = AT.replace(second=1) if position == 0 else "other"
    assert codec.digest(1, codec.values(row), tuple(meta)) != before  # type: ignore[arg-type]


def test_changes_come_back_in_the_order_of_rows() -> None:
    rows = [vendor(f"V-{n}") for n in range(5)]
    changes = trail.insert(rows, STAMP)
    assert [c.key for c in changes] == [str(r.id) for r in rows]


def test_each_row_can_have_its_own_stamp() -> None:
    rows = [vendor("V-1"), vendor("V-2")]
    trail.insert(rows, lambda row: replace(STAMP, actor=f"human:{row.vendor_id}"))  # type: ignore[attr-defined]
    assert [recorded(r)[0][1] for r in rows] == ["human:V-1", "human:V-2"]


def test_a_row_that_is_not_there_cannot_be_updated() -> None:
    with pytest.raises(Untracked, match="1 rows to update, 0 found"):
        trail.update([vendor()], ("name",), STAMP)


def test_a_table_without_history_cannot_be_written_through_the_trail() -> None:
    with pytest.raises(Untracked, match="history"):
        trail.insert([User(username="x")], STAMP)


def test_nothing_to_write_is_no_change() -> None:
    assert trail.insert([], STAMP) == trail.update([], ("name",), STAMP) == []


def test_the_last_history_row_of_every_row_is_the_row(house: Cast) -> None:
    for model in trail.tracked_models():
        codec = trail.codec(model)
        for row in model._default_manager.all():
            newest = codec.history_model._default_manager.filter(
                **{codec.attributes[codec.key_at]: row.pk}
            ).latest("history_id")
            assert codec.values(row) == codec.values(newest), model.__name__


def test_every_history_row_names_an_actor_and_a_reason(house: Cast) -> None:
    for model in trail.tracked_models():
        for row in trail.codec(model).history_model._default_manager.all():
            assert row.history_user_id.partition(":")[0] in {"human", "agent", "system"}  # type: ignore[attr-defined]
            assert row.history_change_reason  # type: ignore[attr-defined]


def test_escalations_are_tracked_like_everything_else() -> None:
    assert Escalation in trail.tracked_models()


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8), max_size=4))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_list_of_any_texts_is_kept_as_it_is(house: Cast, texts: list[str]) -> None:
    row = Invoice.objects.get(number="INV-3")
    row.order_numbers = [*texts, "NULL", "", '"', "\\", "{,}"]
    trail.update([row], ("order_numbers",), STAMP)
    assert Invoice.objects.get(pk=row.pk).order_numbers == row.order_numbers
    connection.check_constraints()


def test_what_the_database_refuses_is_raised_as_any_other_refusal() -> None:
    trail.insert([vendor("X-1")], STAMP)
    with pytest.raises(IntegrityError, match="vendor_id"), transaction.atomic():
        trail.insert([vendor("X-1")], STAMP)
    row = vendor("X-2")
    trail.insert([row], STAMP)
    row.vendor_id = "X-1"
    with pytest.raises(IntegrityError, match="vendor_id"), transaction.atomic():
        trail.update([row], ("vendor_id",), STAMP)


def test_a_column_added_later_changes_no_digest_of_what_was_recorded_before() -> None:
    codec = trail.codec(Vendor)
    values = codec.values(vendor())
    meta = (AT, "test", "+", "system:test")
    before = codec.digest(7, values, meta)
    try:
        for name, empty in (
            ("later_text", ""),
            ("later_list", []),
            ("later_object", {}),
            ("later_null", None),
        ):
            codec.columns = (*codec.columns, name)
            values = [*values, empty]
        assert codec.digest(7, values, meta) == before
        assert codec.digest(7, [*values[:-1], Decimal(0)], meta) != before
        assert codec.digest(7, [*values[:-1], False], meta) != before
    finally:
        trail.codec.cache_clear()


def test_columns_that_migrations_add_to_tracked_tables_are_empty_in_older_rows() -> None:
    """Otherwise every version of a row recorded before would no longer have its digest: a false alarm on each
    upgrade."""
    tracked = {m._meta.model_name for m in trail.tracked_models()}
    loader = MigrationLoader(None)
    wrong = []
    for (app, name), one in loader.disk_migrations.items():
        for step in one.operations if app in {"audit", "reviews", "coordination"} else ():
            if isinstance(step, migrations.AddField) and step.model_name.lower() in tracked:
                default = None if step.field.is_relation else step.field.get_default()
                if default or isinstance(default, (int, Decimal)):
                    wrong.append(f"{app}.{name}: {step.model_name}.{step.name} = {default!r}")
    assert wrong == []
