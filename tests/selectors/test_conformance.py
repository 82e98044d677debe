"""What must not happen is found in history where it was planted past every guard, and nowhere else."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from coordination.domain.key_figures import Share
from coordination.models import PaymentBatch
from coordination.selectors.conformance import RULES, Conformance, conformance
from coordination.services import payments
from coordination.world import generate
from tests import cast
from tests.cast import Cast, bill, order, receipt, table, take_in, vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast.people()


def paid_trade(people: Cast) -> None:
    """INV-1 came, its goods arrived, it was cleared by itself and paid by a run that two people signed."""
    cast.trade()
    pay(people)


def pay(people: Cast) -> PaymentBatch:
    """A run over everything that is cleared: proposed by Carol, signed by Dave, exported and confirmed."""
    [batch] = payments.propose(f"human:{people.carol.pk}").batches
    payments.approve(batch.number, by=people.dave)
    payments.export(batch.number)
    payments.confirm(batch.number, by=people.carol)
    return batch


def found(days: int = 90) -> dict[str, list[tuple[str, str]]]:
    """What each rule found: invoice and sentence."""
    return {f.key: [(v.number, v.sentence) for v in f.all] for f in conformance(days).found}


NOTHING: dict[str, list[tuple[str, str]]] = {key: [] for key in RULES}


def past_every_guard(table: str, statement: str, parameters: Sequence[Any] = ()) -> None:
    """What a superuser can do to a table."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        cursor.execute(statement, parameters)


def test_a_clean_trade_has_nothing_to_find(people: Cast) -> None:
    paid_trade(people)
    assert found() == NOTHING


def test_a_made_world_has_nothing_to_find() -> None:
    people = cast.people()
    take_in(*generate(5, 60, cast.today(), defect_share=0.5).files.values())
    cast.drain()
    for row in cast.Escalation.objects.filter(status="open", kind="invoice", quorum=1)[:8]:
        if row.amount_company is not None and row.amount_company < 20000:
            cast.answer(row, "approve", by=people.dave, reason="evidence_complete", comment="Seen.")
    cast.drain()
    assert found() == NOTHING


def test_what_was_paid_before_its_goods_arrived_is_found(people: Cast) -> None:
    paid_trade(people)
    past_every_guard(
        "coordination_receipt", "UPDATE coordination_receipt SET recorded_at = now() + interval '1 day'"
    )
    assert found() == NOTHING | {
        "paid-before-receipt": [("INV-1", "Nothing of PO-1 had been received and accepted when it was paid.")]
    }


def test_a_receipt_that_is_said_anew_after_the_payment_was_there_before(people: Cast) -> None:
    paid_trade(people)
    take_in(table("receipts", receipt(accepted="98")))
    assert found() == NOTHING


def test_goods_that_were_not_accepted_did_not_arrive(people: Cast) -> None:
    paid_trade(people)
    past_every_guard("coordination_receiptline", "UPDATE coordination_receiptline SET accepted = 0")
    assert [number for number, _ in found()["paid-before-receipt"]] == ["INV-1"]


def test_a_receipt_of_another_line_is_no_receipt_of_this(people: Cast) -> None:
    paid_trade(people)
    past_every_guard("coordination_receiptline", "UPDATE coordination_receiptline SET order_line = '20'")
    assert [number for number, _ in found()["paid-before-receipt"]] == ["INV-1"]


def test_a_line_is_the_same_in_other_letters_and_spaces(people: Cast) -> None:
    cast.trade(bill(order_line="L10"), orders=(order(line="L10"),), receipts=(receipt(order_line="L10"),))
    pay(people)
    past_every_guard("coordination_receiptline", "UPDATE coordination_receiptline SET order_line = ' l10 '")
    assert found() == NOTHING
    past_every_guard("coordination_receiptline", "UPDATE coordination_receiptline SET order_line = 'l11'")
    assert [number for number, _ in found()["paid-before-receipt"]] == ["INV-1"]


def test_who_proposed_and_signed_a_run_is_found_once_an_invoice(people: Cast) -> None:
    paid_trade(people)
    past_every_guard(
        "coordination_paymentbatch",
        "ALTER TABLE coordination_paymentbatch DROP CONSTRAINT coordination_batch_four_eyes",
    )
    past_every_guard(
        "coordination_paymentbatch", "UPDATE coordination_paymentbatch SET approved_by = proposed_by"
    )
    name = people.carol.get_full_name() or people.carol.username
    assert found() == NOTHING | {
        "both-sides": [("INV-1", f"{name} proposed and signed the run that pays it.")]
    }


def test_who_brought_the_order_and_signed_the_run_is_found(people: Cast) -> None:
    take_in(table("vendors", vendor()), table("receipts", receipt()), table("invoices", bill()))
    take_in(table("orders", order()), actor=f"human:{people.bob.pk}")
    cast.drain()
    pay(people)
    assert found() == NOTHING
    past_every_guard("reviews_verdict", "UPDATE reviews_verdict SET by = %s", [f"human:{people.bob.pk}"])
    [(number, sentence)] = found()["both-sides"]
    assert number == "INV-1"
    assert "signed the run that pays it and brought order PO-1" in sentence


def test_who_alone_cleared_it_and_alone_signed_its_run_is_found(people: Cast) -> None:
    cast.trade(bill(quantity="120"))
    cast.answer(cast.question(), "approve", by=people.dave, reason="evidence_complete", comment="Seen.")
    cast.drain()
    payments.propose(f"human:{people.carol.pk}")
    past_every_guard(
        "reviews_verdict",
        "INSERT INTO reviews_verdict (id, escalation_id, verdict, reason, comment, by, at, payload_hash,"
        " overrides, click, covers, remedy, terms, on_behalf_of, stands_as) SELECT gen_random_uuid(), e.id,"
        " 'approve', 'evidence_complete', '', %s, clock_timestamp(), e.payload_hash, '', '', '[]', '', '{}',"
        " '', '{}' FROM reviews_escalation e"
        " WHERE e.kind = 'payment_run'",
        [f"human:{people.dave.pk}"],
    )
    [(number, sentence)] = found()["both-sides"]
    assert number == "INV-1"
    assert sentence.endswith("alone cleared it and alone signed the run that pays it.")


def test_what_was_cleared_while_a_hold_stood_is_found(people: Cast) -> None:
    cast.trade(bill(quantity="120"))
    cast.answer(cast.question(), "approve", by=people.dave, reason="evidence_complete", comment="Seen.")
    cast.drain()
    assert found() == NOTHING
    past_every_guard(
        "coordination_hold", "UPDATE coordination_hold SET released_at = now() + interval '1 day'"
    )
    [(number, sentence)] = found()["cleared-while-held"]
    assert number == "INV-1"
    assert sentence == "Held for qty over ordered, qty over received when it was cleared."


def test_what_came_before_the_period_is_left_out(people: Cast) -> None:
    paid_trade(people)
    past_every_guard("coordination_receiptline", "UPDATE coordination_receiptline SET accepted = 0")
    past_every_guard(
        "coordination_invoice",
        "UPDATE coordination_invoice SET received_at = received_at - interval '40 days'",
    )
    assert found(30) == NOTHING
    assert found(90) != NOTHING
    assert conformance(30).count == 0


def test_ways_are_counted_with_their_money_and_time(people: Cast) -> None:
    paid_trade(people)
    take_in(table("invoices", bill(invoice_number="INV-2", quantity="7", issue_date="2026-09-09")))
    shown: Conformance = conformance(90)
    assert shown.count == 2
    assert shown.as_intended == Share(2, 2)
    ways = {way.path: (way.kind, way.share, way.sums) for way in shown.variants}
    whole = ("received", "validated", "matched", "delivered", "cleared", "scheduled", "paid")
    assert ways == {
        whole: ("intended", Share(1, 2), {"EUR": cast.Decimal("1190.000000")}),
        ("received",): ("under way", Share(1, 2), {"EUR": cast.Decimal("83.300000")}),
    }
    took = next(way.took for way in shown.variants if way.path == whole)
    assert took is not None
    assert timedelta(0) <= took < timedelta(minutes=5)


def test_the_page_says_what_was_found_and_where(people: Cast, client: Client) -> None:
    paid_trade(people)
    client.force_login(people.erin)
    page = client.get("/conformance/").content.decode()
    assert page.count("none of 1") == 3
    past_every_guard("coordination_receiptline", "UPDATE coordination_receiptline SET accepted = 0")
    page = client.get("/conformance/?days=30").content.decode()
    assert page.count("none of 1") == 2
    assert f'href="/invoices/{cast.invoice().pk}/"' in page
    assert "received → validated → matched → delivered → cleared → scheduled → paid" in page


def test_the_table_to_take_away_has_everything_that_was_found(people: Cast, client: Client) -> None:
    paid_trade(people)
    past_every_guard("coordination_receiptline", "UPDATE coordination_receiptline SET accepted = 0")
    client.force_login(people.carol)
    answer = client.get("/conformance/paid-before-receipt.csv?days=90")
    assert answer["Content-Disposition"] == 'attachment; filename="paid-before-receipt.csv"'
    [line] = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert (line["invoice_number"], line["gross"], line["currency"]) == ("INV-1", "1190.000000", "EUR")
    assert client.get("/conformance/something-else.csv").status_code == 404


@pytest.mark.parametrize("who", ["alice", "frank"])
def test_it_is_for_managers_and_auditors(people: Cast, client: Client, who: str) -> None:
    client.force_login(getattr(people, who))
    assert client.get("/conformance/").status_code == 403
    assert client.get("/conformance/both-sides.csv").status_code == 403


def test_nothing_that_came_in_reads_as_nothing(people: Cast, client: Client) -> None:
    client.force_login(people.erin)
    page = client.get("/conformance/").content.decode()
    assert "no invoice came in" in page
