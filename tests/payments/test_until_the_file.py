"""A signed run until the bank's file exists: what is not right any more is left out, a manager stops it,
nothing slips by."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from lxml import etree

from audit import ledger, trail
from audit.ids import new_id
from coordination.decisions import replay
from coordination.governance import policy as rules
from coordination.models import Agent, BankAnswer, Payment, PaymentBatch, PolicyVersion
from coordination.services import agent_control, manual_hold, payments
from coordination.services.payments import Changed, FileWritten, LeftOut, NotApproved, Stopped, second_file
from reviews.errors import NotAllowed, Refused
from reviews.models import Escalation
from tests import bank, cast
from tests.cast import (
    OTHER_IBAN,
    Cast,
    bill,
    credit_of,
    order,
    receipt,
    standing,
    table,
    take_in,
    vendor,
)
from tests.services.test_makers import by

pytestmark = pytest.mark.django_db
NAME = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@pytest.fixture
def people(db: None) -> Cast:
    return cast.people()


def signed(people: Cast) -> PaymentBatch:
    """INV-1 of V-1 over 1,190.00 and INV-2 of V-2 over 595.00: proposed by Carol, signed by Dave."""
    cast.trade(
        bill(),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="50", vendor_id="V-2", iban=OTHER_IBAN),
        vendors=(
            vendor(),
            vendor(vendor_id="V-2", name="Boulons SA", vat_id="FR40303265045", iban=OTHER_IBAN),
        ),
        orders=(order(), order(order_number="PO-2", vendor_id="V-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    [batch] = payments.propose(by(people.carol)).batches
    return payments.approve(batch.number, by=people.dave)


def block(_: Cast) -> None:
    take_in(table("vendors", vendor(status="blocked")))


def other_account(_: Cast) -> None:
    take_in(table("vendors", vendor(iban="FR1420041010050500013M02606")))


def put_in_force(people: Cast) -> None:
    other_account(people)
    cast.answer(
        Escalation.objects.get(kind="vendor_bank", status="open"),
        "approve",
        by=people.dave,
        reason="account_confirmed",
    )


def credit(_: Cast) -> None:
    take_in(table("invoices", credit_of("INV-1", "CN-1", "100")))
    cast.drain()
    assert standing("CN-1")[0] == "cleared"


def part_credit(_: Cast) -> None:
    take_in(table("invoices", credit_of("INV-1", "CN-1", "10")))
    cast.drain()


def undecided_credit(_: Cast) -> None:
    take_in(table("invoices", credit_of("INV-1", "CN-1", "10")))


def fewer_ordered(_: Cast) -> None:
    take_in(table("orders", order(quantity="80")))


def sent_back(_: Cast) -> None:
    take_in(table("receipts", receipt(quantity="80", accepted="80")))


CHANGES: dict[str, tuple[Callable[[Cast], None], str]] = {
    "the vendor is blocked": (block, "the vendor is not active"),
    "a new account waits": (other_account, "a change of the vendor's account waits"),
    "a new account is in force": (put_in_force, "the vendor's account is another one now"),
    "it is credited in full": (credit, "credit CN-1 over EUR 1,190.00 names it"),
    "it is credited in part": (part_credit, "credit CN-1 over EUR 119.00 names it"),
    "a credit is being decided": (
        undecided_credit,
        "credit note CN-1 over EUR 119.00 names it and is not decided yet",
    ),
    "less was ordered": (fewer_ordered, "ordered"),
    "less was received": (sent_back, "received"),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("drained", [True, False], ids=["agents know", "agents do not know yet"])
def test_what_no_longer_holds_is_left_out_and_the_rest_is_signed_again(
    people: Cast, what: str, drained: bool
) -> None:
    batch = signed(people)
    change, why = CHANGES[what]
    change(people)
    if drained and what != "a credit is being decided":
        cast.drain()
    with pytest.raises(LeftOut, match=r"INV-1: .*signed again"):
        payments.export(batch.number)
    batch.refresh_from_db()
    gone, stays = (batch.payments.get(invoice__number=n) for n in ("INV-1", "INV-2"))
    assert (batch.status, batch.approved_by, batch.file_sha256) == ("proposed", "", "")
    assert (batch.count, batch.control_sum) == (1, Decimal("595.00"))
    assert (gone.status, stays.status, stays.left_out) == ("cancelled", "proposed", "")
    assert why in gone.left_out
    assert standing("INV-1")[0] == standing("INV-2")[0] == "cleared"
    asked = Escalation.objects.get(kind="payment_run", status="open")
    assert (asked.amount, [p["invoice"] for p in asked.case["payments"]]) == (Decimal("595.00"), ["INV-2"])
    assert "payment.left_out" in cast.entries(f"payment_batch/{batch.id}")
    assert cast.entries(cast.invoice().subject)[-1] == "payment.unscheduled"
    cast.drain()
    cast.assert_sound()
    with pytest.raises(NotApproved, match="it has to be signed again"):
        payments.export(batch.number)
    payments.approve(batch.number, by=people.dave)
    content = payments.export(batch.number).decode()
    assert "INV-2" in content
    assert "INV-1" not in content
    new = [p for b in payments.propose(by(people.carol)).batches for p in b.payments.all()]
    less = what in {"it is credited in part", "a credit is being decided"}
    assert [(p.invoice.number, p.amount) for p in new] == ([("INV-1", Decimal("1071.00"))] if less else [])
    cast.assert_sound()
    assert replay.reperform().different == []


def test_a_run_that_is_still_right_is_written_as_it_was_signed(people: Cast) -> None:
    batch = signed(people)
    take_in(table("receipts", receipt(receipt_number="GR-9", quantity="5")))  # more came: nothing against it
    cast.drain()
    root: Any = etree.fromstring(payments.export(batch.number))
    assert root.xpath("string(//p:GrpHdr/p:CtrlSum)", namespaces=NAME) == "1785.00"
    assert not Payment.objects.exclude(left_out="").exists()
    cast.assert_sound()


def test_when_nothing_is_left_the_run_is_cancelled(people: Cast) -> None:
    cast.trade()
    [batch] = payments.propose(by(people.carol)).batches
    payments.approve(batch.number, by=people.dave)
    block(people)
    with pytest.raises(LeftOut, match="the run is cancelled"):
        payments.export(batch.number)
    batch.refresh_from_db()
    assert (batch.status, batch.file_sha256, standing()[0]) == ("cancelled", "", "cleared")
    assert not Escalation.objects.filter(kind="payment_run", status="open").exists()
    cast.drain()
    assert standing()[2] == ["supplier_blocked"]
    with pytest.raises(NotApproved, match="cancelled"):
        payments.export(batch.number)
    cast.assert_sound()


def test_a_stricter_policy_leaves_out_what_it_would_ask_a_person_about(people: Cast) -> None:
    batch = signed(people)
    activate(stricter("1000"))
    with pytest.raises(LeftOut, match=r"INV-1: .*1,190\.00"):
        payments.export(batch.number)
    cast.drain()
    assert standing("INV-1")[2] == ["over_threshold"]
    assert standing("INV-2")[0] == "cleared"
    cast.assert_sound()


def activate(text: str) -> None:
    """Another policy is in force, with its entry."""
    parsed, now, stamp = (
        rules.parse(text, 2),
        cast.moment(),
        trail.Stamp("system:test", cast.moment(), "policy"),
    )
    before = PolicyVersion.objects.get(status="active")
    before.status = "retired"
    row = PolicyVersion(
        id=new_id(),
        revision=2,
        text=text,
        sha256=parsed.sha256,
        status="active",
        author="system:test",
        created_at=now,
        activated_by="system:test",
        activated_at=now,
    )
    changes = trail.update([before], ("status",), stamp) + trail.insert([row], stamp)
    data = {"revision": "2", "sha256": parsed.sha256, "text": text}
    ledger.append([ledger.Event("policy/2", "policy.activated", "system:test", now, data, changes)])


def stricter(limit: str) -> str:
    """The default policy with another threshold of the gross amount."""
    text: dict[str, Any] = json.loads(rules.default_text())
    for row in text["rules"]:
        if row.get("reason") == "over_threshold" and row.get("quorum", "1") == "1":
            row["when"] = [[f, op, limit if f == "gross_company" else v] for f, op, v in row["when"]]
    return json.dumps(text)


def test_what_a_person_has_accepted_stays_accepted(people: Cast) -> None:
    cast.trade(bill(unit_price="11.00"))
    cast.answer(cast.question(), "approve", by=people.alice, reason="difference_accepted")
    [batch] = payments.propose(by(people.carol)).batches
    payments.approve(batch.number, by=people.dave)
    assert b"1309.00" in payments.export(batch.number)


def test_a_discount_that_ended_meanwhile_is_not_taken(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.trade(bill(issue_date="2026-11-09", due_date=""), vendors=(vendor(payment_terms="2/10 net 30"),))
    at(monkeypatch, "2026-11-19T09:00:00+00:00")
    [batch] = payments.propose(by(people.carol)).batches
    payments.approve(batch.number, by=people.dave)
    at(monkeypatch, "2026-11-20T09:00:00+00:00")
    with pytest.raises(LeftOut, match=r"discount of EUR 23\.80 ended on 19 Nov 2026"):
        payments.export(batch.number)
    cast.drain()
    [again_] = payments.propose(by(people.carol)).batches
    assert again_.control_sum == Decimal("1190.00")


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.fromisoformat(moment).astimezone(UTC))


def test_a_credit_that_is_questioned_takes_its_payment_along(people: Cast) -> None:
    cast.trade()
    part_credit(people)
    [batch] = payments.propose(by(people.carol)).batches
    assert batch.control_sum == Decimal("1071.00")
    payments.approve(batch.number, by=people.dave)
    manual_hold.hold(cast.invoice("CN-1").id, "Which bolts?", by=people.bob)
    with pytest.raises(LeftOut, match="credit CN-1 that it takes off is not there any more"):
        payments.export(batch.number)
    cast.drain()
    cast.assert_sound()


def test_two_runs_that_make_the_same_payment_are_not_both_written(people: Cast) -> None:
    batch = signed(people)
    take_in(
        table(
            "vendors",
            vendor(
                vendor_id="V-3", name="Hartmann AG", vat_id="DE129274202", iban="FR1420041010050500013M02606"
            ),
        ),
        table("orders", order(order_number="PO-9", vendor_id="V-3")),
        table("receipts", receipt(receipt_number="GR-9", order_number="PO-9")),
        table("invoices", bill(vendor_id="V-3", order_number="PO-9", iban="FR1420041010050500013M02606")),
    )
    cast.drain()
    [other] = payments.propose(by(people.carol)).batches
    payment = other.payments.get()
    payment.account = cast.IBAN  # as nothing of ours would
    trail.update([payment], ("account",), trail.Stamp("system:test", cast.moment(), "moved"))
    with pytest.raises(LeftOut, match="INV-1: another run makes the same payment"):
        payments.export(batch.number)


# --- a hold ----------------------------------------------------------------------------------------------


def test_a_hold_takes_an_invoice_out_of_a_signed_run(people: Cast) -> None:
    batch = signed(people)
    manual_hold.hold(cast.invoice().id, "Call me first", by=people.bob)
    cast.drain()
    batch.refresh_from_db()
    gone = batch.payments.get(invoice__number="INV-1")
    assert (batch.status, batch.count, gone.left_out) == ("proposed", 1, "a person holds the invoice")
    assert standing() == ("delivered", "escalated", ["manual_hold"])
    assert standing("INV-2")[0] == "cleared"
    cast.assert_sound()
    payments.approve(batch.number, by=people.dave)
    assert b"INV-1" not in payments.export(batch.number)
    with pytest.raises(manual_hold.TooLate, match="The bank has its payment file"):
        manual_hold.hold(cast.invoice("INV-2").id, "Too late", by=people.bob)
    cast.answer(cast.question(), "approve", by=people.bob, reason="difference_accepted")
    [new] = payments.propose(by(people.carol)).batches
    assert [p.invoice.number for p in new.payments.all()] == ["INV-1"]
    cast.assert_sound()


def test_a_hold_on_the_only_invoice_cancels_the_run_and_may_end_in_a_rejection(people: Cast) -> None:
    cast.trade()
    [batch] = payments.propose(by(people.carol)).batches
    payments.approve(batch.number, by=people.dave)
    manual_hold.hold(cast.invoice().id, "Never ordered", by=people.alice)
    cast.drain()
    batch.refresh_from_db()
    assert batch.status == "cancelled"
    cast.answer(cast.question(), "reject", by=people.carol, reason="not_ordered")
    assert standing()[0] == "rejected"
    with pytest.raises(NotApproved):
        payments.export(batch.number)
    cast.assert_sound()


# --- stopped ---------------------------------------------------------------------------------------------


def test_one_manager_stops_a_signed_run(people: Cast) -> None:
    batch = signed(people)
    payments.stop(batch.number, by=people.carol, text="Wrong week")
    cast.drain()
    batch.refresh_from_db()
    assert batch.status == "cancelled"
    assert {p.status for p in batch.payments.all()} == {"cancelled"}
    assert standing("INV-1")[:2] == standing("INV-2")[:2] == ("cleared", "auto")
    assert "payment.stopped" in cast.entries(f"payment_batch/{batch.id}")
    with pytest.raises(NotApproved, match="cancelled"):
        payments.export(batch.number)
    with pytest.raises(Changed, match="cancelled already"):
        payments.stop(batch.number, by=people.dave, text="Me too")
    [new] = payments.propose(by(people.carol)).batches
    assert new.control_sum == batch.control_sum
    cast.assert_sound()
    assert replay.reperform().different == []


def test_what_came_in_while_it_was_signed_is_looked_at_once_it_is_stopped(people: Cast) -> None:
    batch = signed(people)
    fewer_ordered(people)
    cast.drain()
    assert standing()[0] == "scheduled"
    payments.stop(batch.number, by=people.dave, text="The order changed")
    cast.drain()
    assert "qty_over_ordered" in standing()[2]
    cast.assert_sound()


@pytest.mark.parametrize("who", ["alice", "bob", "erin", "frank"])
def test_only_managers_stop_a_run_ask_for_a_file_and_call_back(people: Cast, who: str) -> None:
    batch = signed(people)
    somebody = getattr(people, who)
    with pytest.raises(NotAllowed):
        payments.stop(batch.number, by=somebody, text="No")
    payments.export(batch.number)
    with pytest.raises(NotAllowed):
        second_file.ask(batch.number, by=somebody, text="No")
    with pytest.raises(NotAllowed):
        payments.recall.ask(batch.number, by=somebody, reason="DUPL")


@pytest.mark.parametrize("text", ["", "  ", "x" * 501])
def test_stopping_says_why(people: Cast, text: str) -> None:
    batch = signed(people)
    with pytest.raises(Refused, match="Say why"):
        payments.stop(batch.number, by=people.carol, text=text)


def test_a_run_whose_file_exists_is_not_stopped(people: Cast) -> None:
    batch = signed(people)
    payments.export(batch.number)
    with pytest.raises(FileWritten, match="Only the bank"):
        payments.stop(batch.number, by=people.carol, text="Too late")


def test_a_run_that_waits_for_its_signature_is_stopped_as_well(people: Cast) -> None:
    cast.trade()
    [batch] = payments.propose(payments.agent()).batches
    payments.approve(batch.number, by=people.carol)  # one of two
    payments.stop(batch.number, by=people.dave, text="No")
    assert Escalation.objects.get(kind="payment_run").status == "withdrawn"
    assert standing()[0] == "cleared"
    cast.assert_sound()


def test_nothing_is_written_while_the_payment_agent_is_stopped(people: Cast) -> None:
    batch = signed(people)
    agent_control.pause("finance.payment", by=people.carol, reason="Wait")
    with pytest.raises(Stopped):
        payments.export(batch.number)
    batch.refresh_from_db()
    assert (batch.status, standing()[0]) == ("approved", "scheduled")
    agent_control.resume("finance.payment", by=people.carol, reason="Go on")
    assert payments.export(batch.number)
    assert Agent.objects.get(pk="finance.payment").paused is False


# --- the command -----------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, dict[str, Any]]:
    code = 0
    capsys.readouterr()
    try:
        call_command("payments", *args, "--json")
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(capsys.readouterr().out)


def test_the_command_says_what_was_left_out_and_writes_no_file(
    people: Cast, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    batch = signed(people)
    block(people)
    target = tmp_path / "run.xml"
    code, told = run(capsys, "export", str(batch.number), "-o", str(target))
    assert (code, told["status"], told["control_sum"], target.exists()) == (4, "proposed", "595.00", False)
    assert told["left"] == [
        {
            "invoice_number": "INV-1",
            "vendor_id": "V-1",
            "amount": "1190.00",
            "currency": "EUR",
            "why": "the vendor is not active",
        }
    ]
    code, told = run(capsys, "export", str(batch.number), "-o", str(target))
    assert (code, len(told["left"])) == (4, 1)
    payments.approve(batch.number, by=people.dave)
    code, told = run(capsys, "export", str(batch.number), "-o", str(target))
    assert (code, told["status"], len(told["left"])) == (0, "exported", 1)
    first = target.read_bytes()
    assert run(capsys, "export", str(batch.number), "-o", str(target))[0] == 0
    assert target.read_bytes() == first
    assert list(tmp_path.iterdir()) == [target]


def test_the_command_stops_a_run(people: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    batch = signed(people)
    code, told = run(capsys, "stop", str(batch.number), "--by", "carol", "--comment", "Wrong week")
    assert (code, told["status"]) == (0, "cancelled")
    assert run(capsys, "stop", str(batch.number), "--by", "erin", "--text", "x")[0] == 4


# --- another file ----------------------------------------------------------------------------------------


def test_another_file_takes_a_reason_and_a_second_manager(people: Cast) -> None:
    batch = signed(people)
    first = payments.export(batch.number)
    with pytest.raises(Refused, match="Say why"):
        second_file.ask(batch.number, by=people.carol, text=" ")
    asked = second_file.ask(batch.number, by=people.carol, text="The bank lost it")
    assert payments.export(batch.number) == first
    with pytest.raises(NotAllowed, match="You made"):
        payments.approve(batch.number, by=people.carol)
    payments.approve(batch.number, by=people.dave, reason="payments_checked")
    second = payments.export(batch.number)
    ids = [etree.fromstring(c).xpath("string(//p:GrpHdr/p:MsgId)", namespaces=NAME) for c in (first, second)]
    assert ids == [f"CS-{batch.id.hex}", f"C2-{batch.id.hex}"]
    ends = [etree.fromstring(c).xpath("//p:EndToEndId/text()", namespaces=NAME) for c in (first, second)]
    assert ends[0] == ends[1]
    asked.refresh_from_db()
    assert asked.status == "approved"
    assert cast.entries(f"payment_batch/{batch.id}")[-1] == "payment.exported_again"
    cast.assert_sound()


@pytest.mark.parametrize(("file", "stands"), [(1, "exported"), (2, "refused")], ids=["lost", "living"])
def test_a_refusal_of_the_lost_file_does_not_refuse_what_the_new_one_pays(
    people: Cast, file: int, stands: str
) -> None:
    from coordination.translation.pain001 import message_id

    batch = signed(people)
    payments.export(batch.number)
    second_file.ask(batch.number, by=people.carol, text="The bank lost it")
    payments.approve(batch.number, by=people.dave)
    take_in(bank.status_report(message_id(batch.id.hex, file), file="RJCT", file_reason="AM05"))
    cast.drain()
    assert {p.status for p in batch.payments.all()} == {stands}
    results = set(BankAnswer.objects.values_list("result", "note"))
    if file == 1:
        note = (
            f"The bank refused file 1 of run {batch.number}. The payment is in file 2, and waits for an"
            " answer to that."
        )
        assert results == {("noted", note)}
        assert not Escalation.objects.filter(status="open").exists()
        take_in(bank.debit(list(batch.payments.all()), when=bank.at(60)))
        assert {p.status for p in batch.payments.all()} == {"paid"}
    cast.assert_sound()


def test_no_other_file_once_the_bank_has_answered(people: Cast) -> None:
    batch = signed(people)
    payments.export(batch.number)
    asked = second_file.ask(batch.number, by=people.carol, text="The bank lost it")
    take_in(bank.status_report(bank.of(batch), file="ACCP"))
    with pytest.raises(Changed, match="paid again"):
        cast.answer(asked, "approve", by=people.dave, reason="payments_checked")
    with pytest.raises(Changed, match="paid again"):
        second_file.ask(batch.number, by=people.carol, text="The bank lost it")


def test_a_second_file_is_looked_at_once_more_as_well(people: Cast) -> None:
    batch = signed(people)
    payments.export(batch.number)
    asked = second_file.ask(batch.number, by=people.carol, text="The bank lost it")
    block(people)
    with pytest.raises(Changed, match="INV-1 is not to be paid any more: the vendor is not active"):
        cast.answer(asked, "approve", by=people.dave, reason="payments_checked")
    cast.answer(asked, "reject", by=people.dave, reason="not_to_be_paid_now")
    batch.refresh_from_db()
    assert (batch.status, batch.copy) == ("exported", None)
    cast.assert_sound()


def test_no_other_file_of_a_run_without_one(people: Cast) -> None:
    batch = signed(people)
    with pytest.raises(NotApproved, match="no file"):
        second_file.ask(batch.number, by=people.carol, text="Why not")
