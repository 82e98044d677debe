"""No payment, decision or invoice is ever about a known-answer case: the database refuses it, whoever
asks."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from audit import clock, guards, trail
from coordination.domain.oversight import Defect
from coordination.models import (
    Clearance,
    Invoice,
    KnownAnswer,
    KnownAnswerResult,
    Payment,
    PaymentBatch,
    Vendor,
)
from coordination.services import payments
from tests.cast import Cast
from tests.oversight.trade import answer, planted, trade

pytestmark = pytest.mark.django_db(transaction=True)

HARMLESS = ("origin", "local", "replica")
"""Settings of `session_replication_role`; foreign keys are not checked under `replica`."""


@pytest.fixture
def known(people: Cast) -> KnownAnswer:
    """A case that somebody approved: if one could be paid, this one."""
    trade(6)
    [found] = planted(Defect.PRICE)
    answer(found, "approve", people.carol)
    return found


@pytest.fixture
def batch(known: KnownAnswer) -> PaymentBatch:
    """A payment run that was proposed beside it."""
    [found] = payments.propose("human:1").batches
    return found


def copy_of(table: str, **changes: object) -> str:
    """A statement that copies a row of a table with other values in some columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND table_schema ="
            " 'public' ORDER BY ordinal_position",
            [table],
        )
        columns = [f'"{name}"' for (name,) in cursor.fetchall()]
    values = [f"'{changes[c.strip(chr(34))]}'" if c.strip('"') in changes else c for c in columns]
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} LIMIT 1"


def run(*statements: str, role: str = "origin", rule: str = "") -> None:
    """Run statements in one transaction that commits, as the owner of the database. `rule`: the one that is
    asked before all others."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL session_replication_role = {role}")
        for statement in statements:
            cursor.execute(statement)
        if rule:
            cursor.execute(f"SET CONSTRAINTS {rule} IMMEDIATE")


NO_INVOICE, NO_PAYMENT = "coordination_invoice_no_known_answer", "coordination_payment_no_known_answer"


@pytest.mark.parametrize("role", HARMLESS)
def test_no_payment_of_it_can_be_added_to_a_run(known: KnownAnswer, batch: PaymentBatch, role: str) -> None:
    statement = copy_of("coordination_payment", id=uuid.uuid4(), invoice_id=known.id)
    with pytest.raises(IntegrityError, match="known-answer"):
        run(statement, role=role, rule=NO_PAYMENT)
    with pytest.raises(IntegrityError):
        run(statement, role=role)
    assert not Payment.objects.filter(invoice_id=known.id).exists()


@pytest.mark.parametrize("role", HARMLESS)
def test_no_payment_of_a_run_can_be_turned_into_one_of_it(
    known: KnownAnswer, batch: PaymentBatch, role: str
) -> None:
    row = Payment.objects.filter(batch=batch).first()
    assert row is not None
    with pytest.raises(IntegrityError, match="known-answer"):
        run(
            f"UPDATE coordination_payment SET invoice_id = '{known.id}' WHERE id = '{row.id}'",
            role=role,
            rule=NO_PAYMENT,
        )


@pytest.mark.parametrize("role", HARMLESS)
def test_no_invoice_can_take_its_key(known: KnownAnswer, role: str) -> None:
    statement = copy_of("coordination_invoice", id=known.id, digest="0" * 64)
    with pytest.raises(IntegrityError, match="known-answer"):
        run(statement, role=role, rule=NO_INVOICE)
    assert not Invoice.objects.filter(pk=known.id).exists()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("coordination_decision", "invoice_id"),
        ("coordination_hold", "invoice_id"),
        ("coordination_clearance", "invoice_id"),
        ("coordination_task", "invoice_id"),
        ("coordination_invoiceline", "invoice_id"),
        ("coordination_invoicefacts", "invoice_id"),
    ],
)
def test_no_row_that_hangs_on_an_invoice_can_be_about_it(known: KnownAnswer, table: str, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND"
            " a.attnum ="
            " ANY(c.conkey) WHERE c.contype = 'f' AND c.conrelid = %s::regclass AND a.attname = %s"
            " AND c.confrelid = 'coordination_invoice'::regclass",
            [table, column],
        )
        assert cursor.fetchone() == (1,)
    if table in {"coordination_decision", "coordination_clearance"}:
        with pytest.raises(IntegrityError):
            run(copy_of(table, id=uuid.uuid4(), invoice_id=known.id))


def test_the_services_of_the_product_refuse_it_too(known: KnownAnswer, batch: PaymentBatch) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        trail.insert(
            [
                Payment(
                    batch=batch,
                    invoice_id=known.id,
                    vendor=Vendor.objects.get(),
                    amount=Decimal("10.00"),
                    currency="EUR",
                    status="proposed",
                )
            ],
            lambda _: trail.Stamp("human:1", clock.now(), "tried"),
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        trail.insert_facts(
            [
                Clearance(
                    invoice_id=known.id,
                    currency="EUR",
                    amount=Decimal("10.00"),
                    at=clock.now(),
                    decision_id=uuid.uuid4(),
                )
            ]
        )


def test_an_invoice_that_is_there_can_become_no_known_answer_case(known: KnownAnswer) -> None:
    invoice = Invoice.objects.first()
    assert invoice is not None
    with pytest.raises(IntegrityError, match="an invoice has this key"):
        run(
            copy_of(
                "coordination_knownanswer", id=invoice.id, question_id=uuid.uuid4(), document=uuid.uuid4()
            ),
            role="replica",
        )


# --- as the product's own role ------------------------------------------------------------------------------


@pytest.fixture
def as_app() -> Iterator[None]:
    """The statements of the test run with no more than the rights that the product has."""
    name = f"known_answer_app_{uuid.uuid4().hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {name} NOLOGIN")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(f"SET ROLE {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute(f"DROP OWNED BY {name}")
            cursor.execute(f"DROP ROLE {name}")


def test_as_the_products_role_it_is_refused_and_the_refusal_cannot_be_switched_off(
    known: KnownAnswer, batch: PaymentBatch, as_app: None
) -> None:
    statement = copy_of("coordination_payment", id=uuid.uuid4(), invoice_id=known.id)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    for attempt in (
        "SET session_replication_role = replica",
        "ALTER TABLE coordination_payment DISABLE TRIGGER coordination_payment_no_known_answer",
        "DROP FUNCTION coordination_payment_no_known_answer() CASCADE",
        f"DELETE FROM coordination_knownanswer WHERE id = '{known.id}'",
        f"UPDATE coordination_knownanswer SET id = gen_random_uuid() WHERE id = '{known.id}'",
    ):
        with (
            pytest.raises((ProgrammingError, IntegrityError)),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(attempt)


def test_the_rules_are_among_the_guards_that_verification_looks_for() -> None:
    wanted = {(g.table, g.name) for g in guards.guards()}
    for table, name in (
        ("coordination_invoice", "coordination_invoice_no_known_answer"),
        ("coordination_payment", "coordination_payment_no_known_answer"),
        ("coordination_knownanswer", "coordination_known_answer_no_invoice"),
        ("coordination_knownanswer", "audit_append_only"),
        ("coordination_knownanswerresult", "audit_append_only"),
    ):
        assert (table, name) in wanted
    assert guards.missing() == []
    assert guards.altered() == []


def test_what_was_laid_down_is_never_changed(known: KnownAnswer) -> None:
    for statement in (
        f"UPDATE coordination_knownanswer SET defect = 'clean' WHERE id = '{known.id}'",
        f"UPDATE coordination_knownanswerresult SET outcome = 'caught' WHERE known_id = '{known.id}'",
        "DELETE FROM coordination_knownanswerresult",
        "TRUNCATE coordination_knownanswer CASCADE",
    ):
        with pytest.raises(IntegrityError):
            run(statement)
    assert KnownAnswerResult.objects.get(known=known).outcome == "missed"
