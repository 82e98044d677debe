"""An invoice that is paid in parts, from the document to the bank's last word, and what is offered and
withheld."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from audit import trail
from audit.trail import Stamp
from coordination.facts import payments_made
from coordination.models import Invoice, Payment, PaymentBatch
from coordination.selectors.invoices import payment_plan
from coordination.services import manual_hold, payments
from coordination.services.correspondence import responses
from coordination.services.payments.errors import Changed
from reviews.errors import Refused
from reviews.models import Escalation
from tests import bank, cast
from tests.cast import EXPORTS, Cast, order, receipt, standing, table, take_in, vendor
from tests.translation import ciis
from tests.translation.make import document

pytestmark = pytest.mark.django_db
AGENT = "human:900"
SOON, LATE = cast.today() + timedelta(days=15), cast.today() + timedelta(days=35)


def money(name: str, amount: str) -> str:
    return f'<cbc:{name} currencyID="EUR">{amount}</cbc:{name}>'


def part(amount: str, day: object) -> str:
    when = f"<cbc:InstallmentDueDate>{day}</cbc:InstallmentDueDate>" if day else ""
    return f"<cac:PaymentTerms>{money('Amount', amount)}{when}</cac:PaymentTerms>"


HALVES = part("595.00", SOON) + part("595.00", LATE)


def claim(
    terms: str = HALVES, *, payable: str = "1190.00", kept: str = "", number: str = "RE-1", days_ago: int = 1
) -> bytes:
    """V-1 bills 100 bolts of PO-1, 1,190.00 with tax, on these terms."""
    tax = money("TaxableAmount", "1000.00") + money("TaxAmount", "190.00")
    category = (
        "<cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
    )
    return document(
        "Invoice",
        f"<cbc:ID>{number}</cbc:ID><cbc:IssueDate>{cast.days_ago(days_ago)}</cbc:IssueDate>"
        "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
        "<cac:OrderReference><cbc:ID>PO-1</cbc:ID></cac:OrderReference>"
        "<cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Hartmann"
        " GmbH</cbc:Name></cac:PartyName>"
        "<cac:PartyTaxScheme><cbc:CompanyID>DE136695976</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
        f"</cac:PartyTaxScheme></cac:Party></cac:AccountingSupplierParty>{terms}"
        f"<cac:TaxTotal>{money('TaxAmount', '190.00')}<cac:TaxSubtotal>{tax}<cac:TaxCategory>{category}</cac:TaxCategory>"
        f"</cac:TaxSubtotal></cac:TaxTotal>{kept}<cac:LegalMonetaryTotal>{money('LineExtensionAmount', '1000.00')}"
        f"{money('TaxExclusiveAmount', '1000.00')}{money('TaxInclusiveAmount', '1190.00')}{money('PayableAmount', payable)}"
        "</cac:LegalMonetaryTotal><cac:InvoiceLine><cbc:ID>1</cbc:ID>"
        "<cbc:InvoicedQuantity"
        f' unitCode="EA">100</cbc:InvoicedQuantity>{money("LineExtensionAmount", "1000.00")}'
        "<cac:OrderLineReference><cbc:LineID>10</cbc:LineID></cac:OrderLineReference><cac:Item><cbc:Name>Bolt"
        " M8</cbc:Name>"
        "<cac:SellersItemIdentification><cbc:ID>A-1</cbc:ID></cac:SellersItemIdentification>"
        f"<cac:ClassifiedTaxCategory>{category}</cac:ClassifiedTaxCategory></cac:Item>"
        f"<cac:Price>{money('PriceAmount', '10.00')}</cac:Price></cac:InvoiceLine>",
    )


def trade(content: bytes, **of_vendor: object) -> None:
    take_in(table("vendors", vendor(**of_vendor)), table("orders", order()), table("receipts", receipt()))
    cast.intake([("claim.xml", content)], actor="system:intake", source="test")
    cast.drain()


def propose(until: object = None) -> PaymentBatch:
    [batch] = payments.propose(AGENT, until=until).batches  # type: ignore[arg-type]
    return batch


def export(batch: PaymentBatch, people: Cast) -> PaymentBatch:
    payments.approve(batch.number, by=people.carol)
    payments.export(batch.number)
    batch.refresh_from_db()
    return batch


def shown(batch: PaymentBatch) -> list[tuple[int | None, str, str]]:
    rows = batch.payments.exclude(status="cancelled").select_related("terms").order_by("part")
    return [(p.part, f"{p.amount:.2f}", p.terms.execute_on.isoformat()) for p in rows]


def one(number: int) -> Payment:
    return Payment.objects.select_related("terms").get(
        invoice__number="RE-1", part=number, status__in=["exported", "paid"]
    )


def bank_says(*messages: bytes) -> None:
    cast.intake([(f"bank-{n}.xml", m) for n, m in enumerate(messages)], actor="system:intake")
    cast.drain()


def booked(*paid: Payment, number: str = "NTF-1") -> bytes:
    return bank.debit(list(paid), number=number, when=bank.at(60))


def last_bank_day(day: object) -> str:
    from coordination.services.payments.bank_days import last_until

    return last_until(day).isoformat()  # type: ignore[arg-type]


# --- the plan is what the document says -----------------------------------------------------------------


def test_instalments_are_payments_of_their_own_on_their_own_days() -> None:
    trade(claim())
    assert standing("RE-1") == ("cleared", "auto", [])
    batch = propose()
    assert shown(batch) == [(1, "595.00", last_bank_day(SOON)), (2, "595.00", last_bank_day(LATE))]
    assert (batch.control_sum, batch.count) == (Decimal("1190.00"), 2)
    assert payments.propose(AGENT).batches == []
    cast.assert_sound()


def test_a_cross_industry_invoice_in_two_halves_is_paid_in_two_halves() -> None:
    take_in(
        table("vendors", vendor()),
        table("orders", order(line="1", item="N-1", quantity="10", unit="C62")),
        table("receipts", receipt(order_line="1", quantity="10", unit="C62")),
    )
    halves = [ciis.due(f"{day:%Y%m%d}") + ciis.partial("59.50") for day in (SOON, LATE)]
    issued = ciis.day(cast.days_ago(1).replace("-", ""))
    content = ciis.cii_xml(
        number="<ram:ID>RE-1</ram:ID>", issued=issued, settlement=ciis.trade_terms(*halves)
    )
    cast.intake([("claim.xml", content)], actor="system:intake", source="test")
    cast.drain()
    assert shown(propose()) == [(1, "59.50", last_bank_day(SOON)), (2, "59.50", last_bank_day(LATE))]
    cast.assert_sound()


def test_a_run_until_a_day_leaves_the_later_part_for_the_next(people: Cast) -> None:
    trade(claim())
    first = propose(SOON + timedelta(days=5))
    assert shown(first) == [(1, "595.00", last_bank_day(SOON))]
    export(first, people)
    assert standing("RE-1")[0] == "scheduled"
    second = propose()
    assert shown(second) == [(2, "595.00", last_bank_day(LATE))]
    export(second, people)
    bank_says(booked(one(1)))
    assert standing("RE-1")[0] == "scheduled"  # half of it is not paid yet
    bank_says(booked(one(2), number="NTF-2"))
    assert standing("RE-1")[0] == "paid"
    assert payments.propose(AGENT).batches == []
    cast.assert_sound()


def test_a_part_more_than_a_year_ahead_waits_and_says_so() -> None:
    trade(claim(part("595.00", SOON) + part("595.00", cast.today() + timedelta(days=500))))
    done = payments.propose(AGENT)
    assert [p.part for p in done.batches[0].payments.all()] == [1]
    assert [(x.invoice, "more than a year ahead" in x.why) for x in done.left] == [("RE-1 2/2", True)]


def test_the_bank_is_told_which_part_a_payment_is(people: Cast) -> None:
    trade(claim())
    batch = propose()
    payments.approve(batch.number, by=people.carol)
    content = payments.export(batch.number).decode()
    assert "<Ustrd>RE-1 1/2</Ustrd>" in content
    assert "<Ustrd>RE-1 2/2</Ustrd>" in content


@pytest.mark.parametrize(
    ("terms", "code", "words"),
    [
        (
            part("595.00", SOON) + part("500.00", LATE),
            "totals_unbalanced",
            "come to 1,095.00; payable is 1,190.00",
        ),
        (part("1785.00", SOON) + part("-595.00", LATE), "totals_unbalanced", "is not more than nothing"),
        (part("595.00", SOON) + part("595.00", ""), "missing_data", "Instalment 2 (595.00) has no due date"),
    ],
)
def test_instalments_that_are_no_plan_ask_a_person(terms: str, code: str, words: str) -> None:
    trade(claim(terms))
    assert standing("RE-1")[1:] == ("escalated", [code])
    assert words in cast.question("RE-1").reasons[0]["sentence"]
    assert payments.propose(AGENT).batches == []


def test_a_cent_or_two_of_rounding_is_no_question_and_goes_to_the_last_part() -> None:
    trade(claim(part("595.00", SOON) + part("594.99", LATE)))
    assert [p[1] for p in shown(propose())] == ["595.00", "595.00"]


def test_a_person_who_lets_a_plan_pass_that_does_not_add_up_pays_what_is_payable(people: Cast) -> None:
    trade(claim(part("595.00", SOON) + part("500.00", LATE)))
    cast.answer(cast.question("RE-1"), "override", by=people.bob)
    cast.drain()
    assert [p[1] for p in shown(propose())] == ["595.00", "595.00"]
    cast.assert_sound()


# --- what can go wrong on the way -----------------------------------------------------------------------


@pytest.fixture
def both(people: Cast) -> PaymentBatch:
    """Both parts with the bank."""
    trade(claim())
    return export(propose(), people)


def test_a_confirmed_run_pays_the_invoice_once_all_its_parts_are_in_it(
    both: PaymentBatch, people: Cast
) -> None:
    payments.confirm(both.number, by=people.dave)
    assert standing("RE-1")[0] == "paid"
    cast.assert_sound()


def test_only_the_part_that_the_bank_refused_is_paid_again(both: PaymentBatch, people: Cast) -> None:
    bank_says(booked(one(1)))
    bank_says(bank.status_report(bank.of(both), bank.answered(one(2), "RJCT", "AC04"), when=bank.at(61)))
    assert standing("RE-1")[1:] == ("escalated", ["payment_refused"])
    assert payments.propose(AGENT).batches == []
    cast.answer(cast.question("RE-1"), "approve", by=people.dave)
    cast.drain()
    again = propose()
    assert [p[:2] for p in shown(again)] == [(2, "595.00")]
    export(again, people)
    assert standing("RE-1")[0] == "scheduled"
    bank_says(booked(one(2), number="NTF-3"))
    assert standing("RE-1")[0] == "paid"
    cast.assert_sound()


def test_a_part_booked_after_another_came_back_leaves_the_question_open(
    both: PaymentBatch, people: Cast
) -> None:
    bank_says(bank.status_report(bank.of(both), bank.answered(one(1), "RJCT", "AC04"), when=bank.at(61)))
    bank_says(booked(one(2)))
    assert standing("RE-1")[2] == ["payment_refused"]
    cast.answer(cast.question("RE-1"), "approve", by=people.dave)
    cast.drain()
    assert [p[:2] for p in shown(propose())] == [(1, "595.00")]
    cast.assert_sound()


def test_two_parts_refused_in_one_message_are_two_reasons_of_one_question(
    both: PaymentBatch, people: Cast
) -> None:
    answers = [bank.answered(one(n), "RJCT", "AC04") for n in (1, 2)]
    bank_says(bank.status_report(bank.of(both), *answers, when=bank.at(61)))
    assert standing("RE-1")[2] == ["payment_refused", "payment_refused"]
    cast.answer(cast.question("RE-1"), "approve", by=people.dave)
    cast.drain()
    assert [p[:2] for p in shown(propose())] == [(1, "595.00"), (2, "595.00")]


def test_what_came_back_of_a_payment_is_paid_once_more_and_no_more_than_that(people: Cast) -> None:
    trade(claim(""))
    first = export(propose(), people)
    bank_says(bank.debit(list(first.payments.all())))
    payment = first.payments.get()
    payment.returned = Decimal("400.00")
    trail.update([payment], ("returned",), Stamp("test", cast.moment(), "part refund"))
    row = cast.invoice("RE-1")
    row.state, row.lane = "cleared", "human"
    trail.update([row], ("state", "lane"), Stamp("test", cast.moment(), "a person looked"))
    assert payments_made.open_amounts([row.id]) == {row.id: Decimal("400.00")}
    again = propose()
    assert [p[:2] for p in shown(again)] == [(2, "400.00")]
    export(again, people)
    bank_says(booked(one(2), number="NTF-9"))
    assert standing("RE-1")[0] == "paid"


def test_the_database_lets_parts_take_no_more_than_was_cleared() -> None:
    trade(claim())
    Payment.objects.filter(batch=propose(), part=2).update(amount=Decimal("595.01"))
    with pytest.raises(IntegrityError, match="is more than"):
        connection.check_constraints()


def test_a_part_can_be_taken_out_of_a_run_by_its_name(people: Cast) -> None:
    trade(claim())
    batch = payments.propose(f"human:{people.carol.pk}").batches[0]
    with pytest.raises(Refused, match="several parts of RE-1: name one, as in 'RE-1 1/2'"):
        payments.changes.in_run(batch.number, "RE-1")
    key = payments.changes.in_run(batch.number, "RE-1 2/2")
    payments.take_out(batch.number, key, by=people.carol, text="not yet")
    assert [p[:2] for p in shown(batch)] == [(1, "595.00")]
    assert [p[:2] for p in shown(propose())] == [(2, "595.00")]


def test_a_run_of_a_later_part_is_not_signed_while_the_invoice_is_held(
    both: PaymentBatch, people: Cast
) -> None:
    bank_says(bank.status_report(bank.of(both), bank.answered(one(2), "RJCT", "MS03"), when=bank.at(61)))
    cast.answer(cast.question("RE-1"), "approve", by=people.dave)
    cast.drain()
    again = propose()
    bank_says(
        bank.status_report(
            bank.of(both), bank.answered(one(1), "RJCT", "AC04"), number="PSR-2", when=bank.at(62)
        )
    )
    with pytest.raises(Changed):
        payments.approve(again.number, by=people.carol)


def test_a_credit_that_names_the_invoice_is_off_its_earliest_part(people: Cast) -> None:
    trade(claim())
    take_in(table("invoices", cast.credit_of("RE-1", "CN-1", "10")))
    cast.drain()
    assert [p[:2] for p in shown(propose())] == [(1, "476.00"), (2, "595.00")]
    cast.assert_sound()


def test_the_second_part_of_an_invoice_is_no_payment_made_twice(people: Cast) -> None:
    trade(claim())
    export(propose(SOON + timedelta(days=5)), people)
    done = payments.propose(AGENT)
    assert [p.part for p in done.batches[0].payments.all()] == [2]


# --- discounts ------------------------------------------------------------------------------------------


def skonto(*lines: str) -> str:
    note = "".join(f"#SKONTO#{line}#\n" for line in lines)
    return (
        f"<cbc:DueDate>{LATE}</cbc:DueDate><cac:PaymentTerms><cbc:Note>{note}</cbc:Note></cac:PaymentTerms>"
    )


@pytest.mark.parametrize(
    ("agreed", "lines", "saved"),
    [
        ("net 30", ["TAGE=14#PROZENT=2.00"], "23.80"),
        ("net 30", ["TAGE=14#PROZENT=2.00#BASISBETRAG=500.00"], "10.00"),
        ("1/10 net 30", ["TAGE=14#PROZENT=2.00"], "23.80"),
        ("3/10 net 30", ["TAGE=14#PROZENT=2.00"], "35.70"),
        ("net 30", ["TAGE=14#PROZENT=100.00"], "0.00"),
        ("net 30", ["TAGE=14#PROZENT=2.00#BASISBETRAG=5000.00"], "0.00"),
        ("net 30", [], "0.00"),
    ],
)
def test_the_better_discount_is_kept(agreed: str, lines: list[str], saved: str) -> None:
    trade(claim(skonto(*lines)), payment_terms=agreed)
    payment = propose().payments.get()
    assert (f"{payment.discount:.2f}", payment.amount + payment.discount) == (saved, Decimal("1190.00"))
    cast.assert_sound()


def test_an_offer_that_has_ended_is_not_taken() -> None:
    trade(claim(skonto("TAGE=14#PROZENT=2.00"), days_ago=20))
    assert propose().payments.get().discount == 0


# --- withheld tax ---------------------------------------------------------------------------------------


def withheld(amount: str) -> str:
    return f"<cac:WithholdingTaxTotal>{money('TaxAmount', amount)}</cac:WithholdingTaxTotal>"


def test_tax_that_we_keep_back_is_not_paid_to_the_vendor() -> None:
    trade(claim("", kept=withheld("200.00"), payable="990.00"))
    assert standing("RE-1") == ("cleared", "auto", [])
    assert propose().payments.get().amount == Decimal("990.00")
    cast.assert_sound()


@pytest.mark.parametrize(("kept", "payable"), [("2000.00", "-810.00"), ("-500.00", "1690.00")])
def test_more_withheld_than_is_claimed_is_asked_about_and_is_no_credit(kept: str, payable: str) -> None:
    trade(claim("", kept=withheld(kept), payable=payable))
    assert standing("RE-1")[1:] == ("escalated", ["totals_unbalanced"])
    assert list(payments.propose("system:test").batches) == []


def test_a_payable_amount_that_leaves_out_what_is_withheld_asks_a_person() -> None:
    trade(claim("", kept=withheld("200.00"), payable="1190.00"))
    assert standing("RE-1")[1:] == ("escalated", ["totals_unbalanced"])
    sentence = cast.question("RE-1").reasons[0]["sentence"]
    assert sentence == "Payable after 200.00 of tax withheld says 1,190.00, its parts come to 990.00."


# --- what people and vendors are told --------------------------------------------------------------------


def test_the_vendor_is_told_of_each_part(both: PaymentBatch, people: Cast) -> None:
    bank_says(booked(one(1)))
    found = responses.answer_for(
        Invoice.objects.select_related("vendor", "facts", "document").get(number="RE-1")
    )
    assert found.response == "AP"  # not paid before all of it is
    text = responses.letter(found)
    assert f"EUR 595.00 is to be paid on {responses.day(one(2).terms.execute_on)}." in text
    assert text.count("EUR 595.00") == 2


def test_a_person_stops_the_parts_that_are_in_no_run_yet(people: Cast) -> None:
    trade(claim())
    first = export(propose(SOON + timedelta(days=5)), people)
    manual_hold.hold(cast.invoice("RE-1").id, "the goods are damaged", by=people.bob)
    cast.drain()
    assert standing("RE-1")[1:] == ("escalated", ["manual_hold"])
    assert payments.propose(AGENT).batches == []
    bank_says(booked(*first.payments.all()))
    cast.answer(cast.question("RE-1"), "approve", by=people.bob)
    cast.drain()
    assert [p[:2] for p in shown(propose())] == [(2, "595.00")]
    cast.assert_sound()


def test_a_hold_of_an_invoice_whose_parts_are_all_on_their_way_is_too_late(
    both: PaymentBatch, people: Cast
) -> None:
    with pytest.raises(manual_hold.TooLate):
        manual_hold.hold(cast.invoice("RE-1").id, "too late", by=people.bob)


def test_the_plan_shows_what_is_made_and_what_is_to_come(people: Cast) -> None:
    trade(claim(part("495.00", SOON) + part("495.00", LATE), kept=withheld("200.00"), payable="990.00"))
    export(propose(SOON + timedelta(days=5)), people)
    plan = payment_plan(cast.invoice("RE-1"))
    assert plan is not None
    assert [(s["part"], s["due"], s["amount"], s["status"], s["run"]) for s in plan["steps"]] == [
        ("1 of 2", SOON.isoformat(), "495.00", "with the bank", "1"),
        ("2 of 2", LATE.isoformat(), "495.00", "to be paid", ""),
    ]
    assert plan["withheld"] == "200.00"


def test_a_question_shows_the_plan_and_says_that_it_is_paid_in_parts() -> None:
    trade(claim(part("595.00", SOON) + part("500.00", LATE)))
    asked = cast.question("RE-1")
    assert [s["amount"] for s in asked.case["plan"]["steps"]] == ["595.00", "595.00"]
    assert asked.case["plan"]["made_to_fit"]
    approving = asked.case["consequences"][0]["text"]
    assert "clears EUR 1,190.00 for payment in 2 parts, each by its due date" in approving


def test_the_question_of_a_run_and_the_export_name_the_part() -> None:
    trade(claim())
    batch = propose()
    asked = Escalation.objects.get(subject=f"payment_batch/{batch.id}", status="open")
    assert [p["invoice"] for p in asked.case["payments"]] == ["RE-1 1/2", "RE-1 2/2"]
    assert [line["part"] for line in EXPORTS["payments"]()] == [1, 2]


def test_the_pages_of_invoice_and_run_show_the_plan(people: Cast, client: Client) -> None:
    trade(claim())
    batch = propose()
    client.force_login(people.carol)
    page = client.get(f"/invoices/{cast.invoice('RE-1').pk}/").content.decode()
    assert "Payment plan" in page
    assert "waits for a signature" in page
    assert "RE-1 2/2" in client.get(f"/payments/{batch.number}/").content.decode()


def test_a_discount_that_only_the_document_offers_is_in_the_plan() -> None:
    trade(claim(skonto("TAGE=14#PROZENT=2.00")))
    plan = payment_plan(cast.invoice("RE-1"))
    assert plan is not None
    [step] = plan["steps"]
    assert (step["part"], step["discount"], step["paid"]) == ("All of it", "23.80", "1166.20")
