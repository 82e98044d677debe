"""Payments that the bank has the file of are called back by asking it: what is written, and what is
remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from coordination.models import PaymentBatch, PaymentRecall
from coordination.services import payments
from coordination.services.payments import Changed, NotApproved, recall
from reviews.errors import Refused
from tests import bank, cast
from tests.cast import Cast, bill, order, receipt, take_in
from tests.payments.test_until_the_file import run
from tests.services.test_makers import by

pytestmark = pytest.mark.django_db
C56 = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.056.001.08"}
C55 = {"c": "urn:iso:std:iso:20022:tech:xsd:camt.055.001.08"}
P = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@pytest.fixture
def people(db: None) -> Cast:
    return cast.people()


def exported(people: Cast) -> tuple[PaymentBatch, Any]:
    """A run of two days, INV-2 at once and INV-1 at the end of its term, with the file that the bank has."""
    cast.trade(
        bill(due_date=cast.days_ago(-20)),
        bill(invoice_number="INV-2", order_number="PO-2", quantity="50"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )
    [batch] = payments.propose(by(people.carol)).batches
    payments.approve(batch.number, by=people.dave)
    return batch, etree.fromstring(payments.export(batch.number))


def all_of(root: Any, name: str, ns: dict[str, str]) -> list[str]:
    return [str(e.text) for e in root.iter(f"{{{next(iter(ns.values()))}}}{name}")]


def test_the_request_names_our_own_ids_amounts_days_and_the_reason(people: Cast) -> None:
    batch, file = exported(people)
    asked = recall.ask(batch.number, by=people.carol, reason="DUPL")
    root = etree.fromstring(asked.content)
    assert root.tag == f"{{{C56['c']}}}Document"
    assert all_of(root, "NbOfTxs", C56) == ["2"]
    assert all_of(root, "CtrlSum", C56) == ["1785.00"]
    assert set(all_of(root, "OrgnlMsgId", C56)) == set(all_of(file, "MsgId", P))
    ours = dict(zip(all_of(file, "EndToEndId", P), all_of(file, "InstdAmt", P), strict=True))
    named = dict(
        zip(all_of(root, "OrgnlEndToEndId", C56), all_of(root, "OrgnlIntrBkSttlmAmt", C56), strict=True)
    )
    assert named == ours
    days = all_of(root, "OrgnlIntrBkSttlmDt", C56)
    assert sorted(days) == sorted(e.text or "" for e in file.iterfind(".//p:ReqdExctnDt/p:Dt", P))
    assert {e.text for e in root.iterfind(".//c:CxlRsnInf/c:Rsn/c:Cd", C56)} == {"DUPL"}
    assert all(len(text) <= 35 for text in all_of(root, "CxlId", C56))
    assert len(set(all_of(root, "CxlId", C56))) == 2
    assert cast.entries(f"payment_batch/{batch.id}")[-1] == "payment.recall_asked"
    assert cast.entries(cast.invoice().subject)[-1] == "payment.recall_asked"
    assert {p.status for p in batch.payments.all()} == {"exported"}
    cast.assert_sound()


def test_what_the_bank_takes_from_customers_names_the_groups_as_well(people: Cast) -> None:
    batch, file = exported(people)
    content = recall.ask(batch.number, by=people.carol, reason="TECH", kind="camt.055").content
    root = etree.fromstring(content)
    assert sorted(all_of(root, "OrgnlPmtInfId", C55)) == sorted(all_of(file, "PmtInfId", P))
    assert sorted(all_of(root, "OrgnlEndToEndId", C55)) == sorted(all_of(file, "EndToEndId", P))
    for group in root.iterfind(".//c:OrgnlPmtInfAndCxl", C55):
        name = group.findtext("c:OrgnlPmtInfId", "", C55)
        [ours] = [g for g in file.iterfind(".//p:PmtInf", P) if g.findtext("p:PmtInfId", "", P) == name]
        assert group.findtext(".//c:OrgnlEndToEndId", "", C55) == ours.findtext(".//p:EndToEndId", "", P)


def test_asking_again_gives_the_same_request(people: Cast) -> None:
    batch, _ = exported(people)
    first = recall.ask(batch.number, by=people.carol, reason="DUPL", invoice="INV-1")
    entries = cast.entries(f"payment_batch/{batch.id}")
    again = recall.ask(batch.number, by=people.dave, reason="FRAD", invoice="INV-1")
    assert (again.content, again.before, first.before) == (first.content, True, False)
    assert cast.entries(f"payment_batch/{batch.id}") == entries
    rest = recall.ask(batch.number, by=people.carol, reason="CUST")
    assert [r.payment.invoice.number for r in rest.recalls] == ["INV-2"]
    assert PaymentRecall.objects.count() == 2
    with pytest.raises(Refused, match="name one invoice"):
        recall.ask(batch.number, by=people.carol, reason="DUPL")
    cast.assert_sound()


def test_what_has_left_may_be_called_back_and_comes_back_by_the_banks_word(people: Cast) -> None:
    batch, _ = exported(people)
    payment = batch.payments.get(invoice__number="INV-2")
    take_in(bank.debit([payment]))
    recall.ask(batch.number, by=people.carol, reason="FRAD", invoice="INV-2")
    payment.refresh_from_db()
    assert payment.status == "paid"
    take_in(
        bank.notice(
            bank.entry("595.00", bank.detail(payment, "595.00", back="FOCR"), direction="CRDT"), number="N-2"
        )
    )
    payment.refresh_from_db()
    assert payment.status == "refused"
    with pytest.raises(Changed, match="no payment of INV-2"):
        recall.ask(batch.number, by=people.dave, reason="FRAD", invoice="INV-2")


@pytest.mark.parametrize("reason", ["", "XXXX", "dupl"])
def test_a_request_has_a_reason_that_banks_know(people: Cast, reason: str) -> None:
    batch, _ = exported(people)
    with pytest.raises(Refused, match="DUPL"):
        recall.ask(batch.number, by=people.carol, reason=reason)


def test_what_the_bank_does_not_have_is_stopped_instead(people: Cast) -> None:
    cast.trade()
    [batch] = payments.propose(by(people.carol)).batches
    payments.approve(batch.number, by=people.dave)
    with pytest.raises(NotApproved, match="stop it instead"):
        recall.ask(batch.number, by=people.carol, reason="DUPL")


def test_the_command_writes_it_and_says_what_only_the_bank_can_do(
    people: Cast, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    batch, _ = exported(people)
    target = tmp_path / "recall.xml"
    args = (
        "recall",
        str(batch.number),
        "--invoice",
        "INV-1",
        "--reason",
        "DUPL",
        "--by",
        "carol",
        "-o",
        str(target),
    )
    code, told = run(capsys, *args)
    assert (code, told["before"], told["reason"]) == (0, False, "DUPL")
    assert told["recalled"] == [{"invoice_number": "INV-1", "amount": "1190.00", "currency": "EUR"}]
    assert "Only the bank" in told["only_the_bank"]
    first = target.read_bytes()
    assert run(capsys, *args)[1]["before"] is True
    assert target.read_bytes() == first
    assert (
        run(capsys, "recall", str(batch.number), "--reason", "DUPL", "--by", "erin", "-o", str(target))[0]
        == 4
    )


def test_what_came_back_already_is_not_asked_for_again(people: Cast) -> None:
    batch, _ = exported(people)
    first = batch.payments.get(invoice__number="INV-1")
    take_in(bank.debit(list(batch.payments.all()), when=bank.at(60)))
    back = bank.entry("100.00", bank.detail(first, "100.00", back="MS03"), direction="CRDT", day=bank.on(3))
    take_in(bank.notice(back, number="NTF-2", when=bank.at(63)))
    asked = recall.ask(batch.number, by=people.carol, reason="DUPL", invoice="INV-1")
    assert all_of(etree.fromstring(asked.content), "CtrlSum", C56) == ["1090.00"]
