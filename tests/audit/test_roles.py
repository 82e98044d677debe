"""Roles on a real server: what the product may not do PostgreSQL refuses, and its own work passes all the
same."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from psycopg import errors
from pytest_django import DjangoDbBlocker

from audit import commitments, guards, hardening, inspection, roles, sealing, trail
from audit.models import Entry, Personal
from coordination.assurance import access_log, invariants, verification
from coordination.models import AccessRecord, Decision, Vendor
from coordination.services import manual_hold, payments
from coordination.services.retention import classes, erasure, legal_holds
from reviews.models import Verdict
from tests import cast
from tests.audit import hardened as server
from tests.cast import answer, question, standing

Model = type[models.Model]


@pytest.fixture(scope="module")
def password(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The roles are made, and this is the product's password."""
    with django_db_blocker.unblock():
        outcomes = server.harden()
        assert set(outcomes.values()) <= {"done", "there"}, outcomes
        assert "done" in outcomes.values()
        yield hardening.set_password("app")
        server.soften()
        connection.close()


@pytest.fixture(scope="module")
def app(password: str) -> Iterator[psycopg.Connection[object]]:
    with server.login(roles.name("app"), password) as connected:
        yield connected


# --- attack 1: refused by PostgreSQL ------------------------------------------------------------------------

ATTACKS = [
    "UPDATE audit_entry SET actor = 'human:1'",
    "DELETE FROM audit_entry",
    "TRUNCATE audit_entry",
    "ALTER TABLE audit_entry ADD COLUMN extra int",
    "ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "ALTER TABLE coordination_vendor DISABLE TRIGGER audit_complete_coordination_vendor",
    "DROP TRIGGER audit_append_only ON audit_entry",
    "DROP TABLE audit_entry",
    "DROP TABLE coordination_historicalvendor CASCADE",
    "DROP FUNCTION audit_refuse() CASCADE",
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "CREATE RULE gone AS ON INSERT TO audit_entry DO INSTEAD NOTHING",
    "ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY",
    "CREATE TABLE public.audit_entry_2 (a int)",
    "CREATE TEMP TABLE coordination_historicalvendor (a int)",
    "CREATE SCHEMA mine",
    "DROP SCHEMA public CASCADE",
    "DROP SCHEMA audit_read CASCADE",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "SELECT setval('audit_entry_id_seq', 1)",
    "UPDATE coordination_content SET size = 1",
    "UPDATE audit_personal SET value = ''",
    "UPDATE django_migrations SET app = 'x'",
    "COPY audit_entry TO PROGRAM 'cat'",
    "SELECT pg_read_file('postgresql.conf')",
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "ALTER DATABASE {database} OWNER TO CURRENT_USER",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_product_is_refused_by_postgresql(app: psycopg.Connection[object], attack: str) -> None:
    statement = attack.format(owner=roles.name("owner"), database=server.database())
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute(statement)  # type: ignore[arg-type]


def test_the_product_cannot_give_itself_what_it_has_not(app: psycopg.Connection[object]) -> None:
    app.execute("GRANT UPDATE ON audit_entry TO CURRENT_USER")  # a warning only, and no effect
    with pytest.raises(errors.InsufficientPrivilege):
        app.execute("UPDATE audit_entry SET actor = 'human:1'")


def test_every_append_only_table_takes_new_rows_and_nothing_else(app: psycopg.Connection[object]) -> None:
    for model in trail.append_only_models():
        table, column = model._meta.db_table, model._meta.concrete_fields[-1].column
        for attack in (
            f'UPDATE {table} SET "{column}" = "{column}"',
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                app.execute(attack)  # type: ignore[arg-type]


def test_the_attacks_would_do_their_harm_if_nobody_refused(db: None) -> None:
    """As the owner, with the triggers off: so a refusal above is a refusal, not a statement that cannot
    run."""
    cast.take_in(cast.table("vendors", cast.vendor()))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        for attack, count in (
            ("UPDATE audit_entry SET actor = 'human:1'", 1),
            ("DELETE FROM audit_entry", 1),
        ):
            cursor.execute(attack)
            assert cursor.rowcount >= count
        cursor.execute("SET LOCAL session_replication_role = replica")
    assert not Entry.objects.exists()


def test_a_temporary_table_does_not_stand_in_for_history(db: None) -> None:
    """Somebody who may make temporary tables cannot fool the check at commit: it names its tables with their
    schema."""
    cast.take_in(cast.table("vendors", cast.vendor()))
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE coordination_historicalvendor ON COMMIT DROP AS SELECT * FROM"
            " coordination_historicalvendor"
        )
        cursor.execute("UPDATE coordination_historicalvendor SET name = 'Somebody Else'")
        assert cursor.rowcount == 1
    with pytest.raises(IntegrityError, match="newest history row"):
        rename_everybody()


@transaction.atomic
def rename_everybody() -> None:
    assert Vendor.objects.update(name="Somebody Else") == 1
    connection.check_constraints()


# --- the product's own work ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_products_own_work_passes_as_the_app_role(password: str) -> None:
    with server.product_as(roles.name("app"), password):
        with connection.cursor() as cursor:
            cursor.execute("SELECT session_user, current_user")
            assert cursor.fetchone() == (roles.name("app"), roles.name("app"))
        people = cast.people()
        cast.trade(
            cast.bill(),
            cast.bill(invoice_number="INV-2", order_number="PO-2", unit_price="12.00"),
            orders=(cast.order(), cast.order(order_number="PO-2")),
            receipts=(cast.receipt(), cast.receipt(receipt_number="GR-2", order_number="PO-2")),
        )
        answer(question("INV-2"), "approve", by=people.alice, comment="Agreed by phone.")
        assert standing("INV-2")[0] == "cleared"
        manual_hold.hold(cast.invoice().id, "Wrong colour.", by=people.alice)
        cast.drain()
        answer(question(), "override", by=people.alice)
        [batch] = payments.propose("human:900").batches
        payments.approve(batch.number, by=people.carol)
        assert payments.export(batch.number, by=f"human:{people.carol.pk}")
        access_log.seen(people.erin, "history", cast.invoice().subject)
        held = legal_holds.place(cast.invoice().subject, "Trial.", by=people.carol)
        legal_holds.lift(held.id, "Over.", by=people.carol)
        assert erasure.erase("person/alice", reason="asked for", by=people.carol).removed
        cast.take_in(b"<broken")
        classes.apply(by=people.carol)
        assert Decision.objects.count() > 8
        assert Verdict.objects.count() == 3
        assert invariants.check()["violations"] == []
        assert inspection.verify().findings == []
        assert list(commitments.check()) == []
        assert sealing.seal().size > 30
        assert verification.run().findings == []
        assert roles.check_roles(strict=True) == []


@pytest.mark.django_db(transaction=True)
def test_the_sealer_goes_on_with_what_the_product_sealed(password: str) -> None:
    with server.product_as(roles.name("app"), password):
        cast.trade()
        first = sealing.seal()
        cast.take_in(cast.table("receipts", cast.receipt(receipt_number="GR-2")))
    with server.product_as(roles.name("sealer"), hardening.set_password("sealer")):
        second = sealing.seal()
    assert second.size > first.size
    assert verification.run().findings == []


@pytest.mark.django_db(transaction=True)
def test_the_app_role_erases_with_an_entry_and_not_without(password: str) -> None:
    with server.product_as(roles.name("app"), password):
        people = cast.people()
        access_log.seen(people.erin, "history", "invoice/1")
        with pytest.raises(IntegrityError, match="leave only with an entry"):
            AccessRecord.objects.all().delete()
        assert AccessRecord.objects.exists()
        assert not Personal.objects.exists()


def test_the_migrator_makes_tables_that_belong_to_the_owner(password: str) -> None:
    secret = hardening.set_password("migrator")
    with server.login(roles.name("migrator"), secret) as migrator:
        migrator.execute("CREATE TABLE public.later (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY)")
        [owner] = migrator.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'later'").fetchone()  # type: ignore[misc]
        assert owner == roles.name("owner")
        hardening.renew()
        with server.login(roles.name("app"), password) as app:
            app.execute("INSERT INTO later DEFAULT VALUES")
        migrator.execute("DROP TABLE later")


def test_the_sealer_reads_the_ledger_and_no_personal_text(password: str) -> None:
    with server.login(roles.name("sealer"), hardening.set_password("sealer")) as sealer:
        sealer.execute("SELECT count(*) FROM audit_entry")
        for attack in (
            "SELECT * FROM audit_personal",
            "INSERT INTO audit_entry DEFAULT VALUES",
            "SELECT 1 FROM auth_user",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                sealer.execute(attack)  # type: ignore[arg-type]


# --- hardening ----------------------------------------------------------------------------------------------


def test_the_command_prints_an_address_that_the_product_connects_by(
    password: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("harden", password="migrator", json=True)
    told = json.loads(capsys.readouterr().out)
    with psycopg.connect(told["url"]) as connected:
        assert connected.execute("SELECT session_user, current_user").fetchone() == (
            told["role"],
            roles.name("owner"),
        )


def test_a_second_run_changes_nothing(password: str) -> None:
    assert set(server.harden().values()) == {"there"}


def test_the_rights_lost_by_hand_are_given_again_and_only_they(password: str) -> None:
    app = roles.name("app")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"REVOKE INSERT ON audit_entry FROM {app}; GRANT DELETE ON coordination_decision TO {app}"
        )
        done = [line for line in hardening.harden() if line.outcome != "there"]
        assert [line.what for line in done] == [f"{app} has its rights on 2 tables"]
        assert roles.granted()[app]["audit_entry"].privileges == roles.ADD
        assert roles.granted()[app]["coordination_decision"].privileges == roles.ADD
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_dry_run_says_the_statements_and_does_nothing() -> None:
    lines = hardening.harden(dry_run=True)
    said = [s for line in lines for s in line.statements]
    assert any(s.startswith("CREATE ROLE") for s in said)
    assert any("OWNER TO" in s for s in said)
    assert {line.outcome for line in lines} <= {"would", "there"}
    assert roles.existing() == set()


@pytest.fixture
def newcomer(db: None) -> Iterator[str]:
    """A login of the server that may nothing much."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE ROLE newcomer LOGIN; GRANT USAGE, CREATE ON SCHEMA public TO newcomer; SET ROLE newcomer"
        )
        yield "newcomer"
        cursor.execute("RESET ROLE")


def test_a_server_that_does_not_allow_roles_is_told_with_what_follows(newcomer: str) -> None:
    lines = hardening.harden()
    assert {line.outcome for line in lines} == {"refused"}
    assert all("permission denied to create role" in line.detail for line in lines[:5])
    assert "only the triggers, the chains and checkpoints kept elsewhere protect" in lines[0].detail
    assert lines[-1].detail == hardening.NO_FURTHER
    assert roles.existing() == set()
    with connection.cursor() as cursor:  # the connection still works after five refusals
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (newcomer,)


def test_long_names_of_databases_give_names_that_fit_and_differ() -> None:
    first, second = (roles.name("migrator", "d" * 60 + end) for end in "ab")
    assert first != second
    assert max(len(first), len(second)) <= 63
    assert roles.name("app", "books") == "books_app"


# --- a managed server: an administrator who is no superuser -------------------------------------------------


MANAGED = """
CREATE TABLE audit_entry (id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, actor text);
CREATE TABLE django_migrations (id bigint);
CREATE TYPE mood AS ENUM ('well');
CREATE FUNCTION greet() RETURNS text LANGUAGE sql AS $$ SELECT 'hello' $$;
CREATE SCHEMA audit_read;
CREATE VIEW audit_read.entries AS SELECT id FROM audit_entry;
"""


@pytest.fixture
def managed(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Connected as a provider lets one: a login with CREATEROLE that owns its database and is no
    superuser."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE provider_admin LOGIN CREATEROLE PASSWORD 'provided'")
            cursor.execute("CREATE DATABASE managed OWNER provider_admin")
        with monkeypatch.context() as patch, server.product_as("provider_admin", "provided"):
            patch.setitem(connection.settings_dict, "NAME", "managed")
            with connection.cursor() as cursor:
                cursor.execute(MANAGED)
            yield
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE managed WITH (FORCE)")
            for kind in roles.KINDS:
                cursor.execute(f"DROP ROLE IF EXISTS managed_{kind}")
            cursor.execute("DROP ROLE provider_admin")
        connection.close()


def test_an_administrator_without_superuser_hardens_a_managed_server(managed: None) -> None:
    lines = hardening.harden()
    assert [(line.what, line.detail) for line in lines if line.outcome == "refused"] == []
    assert {line.outcome for line in hardening.harden()} == {"there"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchall() == [("managed_owner",)]
    weak = {
        "role_too_strong",
        "role_member",
        "grant_too_wide",
        "owner_differs",
        "schema_open",
        "database_open",
        "auditor_without_end",
    }
    assert not weak & {f.code for f in roles.check_roles(strict=True) if f.subject != "audit_entry"}
    with server.login("managed_app", hardening.set_password("app")) as app:
        app.execute("INSERT INTO audit_entry (actor) VALUES ('human:1')")
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("UPDATE audit_entry SET actor = 'human:2'")


# --- posture ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_fresh_installation_is_clean_for_verify_and_told_by_the_strict_check() -> None:
    assert roles.check_roles() == []
    assert {f.code for f in roles.check_roles(strict=True)} == {"not_hardened", "connected_as_superuser"}


CONDITION = """
DROP TRIGGER audit_append_only ON audit_entry;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW WHEN (false)
EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_append_only
"""
ONE_COLUMN = """
DROP TRIGGER audit_append_only ON audit_entry;
CREATE TRIGGER audit_append_only BEFORE UPDATE OF actor
    ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_append_only
"""
WEAKENED = [
    (
        "ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only",
        "guard_missing",
        "audit_entry.audit_append_only",
    ),
    (
        "ALTER TABLE audit_entry ENABLE TRIGGER audit_append_only",
        "guard_missing",
        "audit_entry.audit_append_only",
    ),
    ("DROP TRIGGER audit_erase ON audit_personal", "guard_missing", "audit_personal.audit_erase"),
    (
        (
            "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD;"
            " END'"
        ),
        "guard_altered",
        "audit_refuse()",
    ),
    (CONDITION, "guard_altered", "audit_entry.audit_append_only"),
    (ONE_COLUMN, "guard_altered", "audit_entry.audit_append_only"),
    ("CREATE RULE quiet AS ON INSERT TO audit_entry DO ALSO NOTHING", "table_rule", "audit_entry"),
    ("ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY", "row_security", "audit_entry"),
]
BY_ROLE = [
    ("GRANT UPDATE ON audit_entry TO {app}", "grant_too_wide", "audit_entry"),
    ("GRANT UPDATE (body) ON audit_entry TO {app}", "grant_too_wide", "audit_entry"),
    ("GRANT UPDATE (size) ON coordination_content TO {app}", "grant_too_wide", "coordination_content"),
    ("GRANT TRUNCATE ON coordination_vendor TO {app}", "grant_too_wide", "coordination_vendor"),
    ("GRANT SELECT ON audit_entry TO PUBLIC", "grant_too_wide", "audit_entry"),
    ("GRANT SELECT ON audit_entry TO {auditor}", "grant_too_wide", "audit_entry"),
    ("ALTER ROLE {app} SUPERUSER", "role_too_strong", "{app}"),
    ("ALTER ROLE {app} BYPASSRLS", "role_too_strong", "{app}"),
    ("ALTER ROLE {owner} LOGIN", "owner_logs_in", "{owner}"),
    ("GRANT {owner} TO {app}", "role_member", "{app}"),
    ("GRANT pg_write_all_data TO {app}", "role_member", "{app}"),
    ("ALTER TABLE audit_entry OWNER TO CURRENT_USER", "owner_differs", "audit_entry"),
    ("GRANT CREATE ON SCHEMA public TO {app}", "schema_open", "{app}"),
    ("GRANT TEMPORARY ON DATABASE {database} TO {app}", "database_open", "{app}"),
    ("ALTER DATABASE {database} OWNER TO {app}", "database_owned", "{app}"),
    ("GRANT SET ON PARAMETER session_replication_role TO {app}", "parameter_open", "{app}"),
    (
        (
            "CREATE FUNCTION public.helper() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM"
            " public.audit_entry'"
        ),
        "function_definer",
        "helper",
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("weakening", "code", "subject"), WEAKENED)
def test_a_guard_that_was_weakened_is_named(weakening: str, code: str, subject: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(weakening)
    assert [(f.code, f.subject) for f in roles.check_roles()] == [(code, subject)]
    if code.startswith("guard"):
        guards.install()
        assert roles.check_roles() == []


@pytest.mark.parametrize(("weakening", "code", "subject"), BY_ROLE)
def test_a_right_that_is_too_wide_is_named(password: str, weakening: str, code: str, subject: str) -> None:
    names = {kind: roles.name(kind) for kind in roles.KINDS} | {"database": server.database()}
    with transaction.atomic(), connection.cursor() as cursor:
        assert roles.check_roles() == []
        cursor.execute(weakening.format(**names))
        found = {(f.code, f.subject) for f in roles.check_roles()}
        transaction.set_rollback(True)
    assert (code, subject.format(**names)) in found


@pytest.mark.django_db
def test_the_check_exits_with_findings(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("harden", check=True, json=True)
    assert ended.value.code == 1
    assert {f["code"] for f in json.loads(capsys.readouterr().out)["findings"]} == {
        "not_hardened",
        "connected_as_superuser",
    }
