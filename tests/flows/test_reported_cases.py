"""Situations that people report about systems like this one: small inputs taken in by stages, each with its
right end.

The inputs lie beside the checkout with the page that says why the end is right; without them these tests are
skipped. What each is an example of is tested with inputs of our own, next to the code that decides it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from coordination.assurance.exports import EXPORTS
from coordination.models import Hold, Payment, PaymentBatch
from coordination.services import payments
from coordination.services.payments.proposal import Proposed
from tests import bank, cast
from tests.cast import Cast, standing

pytestmark = [pytest.mark.django_db, pytest.mark.golden]
PERSON = "human:900"
"""Who proposes the runs here: a person who signs nothing."""


@pytest.fixture(scope="session")
def cases() -> Path:
    folder = Path(__file__).resolve().parents[3] / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip(f"the reported cases are not at {folder}")
    return folder


@dataclass
class Case:
    """One folder: its stages, taken in one after the other with the agents at work in between."""

    folder: Path
    quarantined: list[str] = field(default_factory=list)

    def take(self, *stages: int) -> None:
        for stage in stages:
            files = [(p.name, p.read_bytes()) for p in sorted((self.folder / str(stage)).iterdir())]
            report = cast.intake(files, actor="system:intake")
            self.quarantined += [line.code for line in report.lines if line.result == "quarantined"]
            cast.drain()
        cast.assert_sound()


@pytest.fixture
def case(cases: Path) -> type[Case]:
    class Here(Case):
        def __init__(self, name: str) -> None:
            super().__init__(cases / name)

    return Here  # type: ignore[return-value]


def proposed() -> tuple[dict[str, list[Decimal]], dict[str, str]]:
    """What the next run pays, by invoice, and why it leaves others out."""
    made: Proposed = payments.propose(PERSON)
    out: dict[str, list[Decimal]] = {}
    for p in Payment.objects.filter(batch__in=made.batches).order_by("id"):
        out.setdefault(p.invoice.number, []).append(p.amount)
    return out, {x.invoice: x.why for x in made.left}


def sentences(number: str) -> str:
    """What the live holds of an invoice say."""
    live = Hold.objects.live().filter(invoice__number=number)
    return " ".join(str(d.get("sentence", "")) for d in live.values_list("detail", flat=True))


def exported(people: Cast) -> PaymentBatch:
    [batch] = payments.propose(PERSON).batches
    payments.approve(batch.number, by=people.dave)
    payments.export(batch.number)
    batch.refresh_from_db()
    return batch


# --- the nature of a document -------------------------------------------------------------------------------


def test_08_what_the_vendor_collects_clears_and_is_not_transferred(case: type[Case]) -> None:
    case("08-direct-debit-59").take(1)
    assert standing("RE-8001") == ("cleared", "auto", [])
    paid, left = proposed()
    assert paid == {}
    assert "collect" in left["RE-8001"]


def test_10b_a_claim_of_a_factor_is_asked_about(case: type[Case]) -> None:
    case("10b-factoring-no-iban").take(1)
    assert standing("RE-1011")[1:] == ("escalated", ["payee_differs"])
    assert proposed()[0] == {}


def test_12_a_pro_forma_is_no_claim(case: type[Case]) -> None:
    case("12-proforma-325").take(1)
    assert standing("PF-1201")[1:] == ("escalated", ["not_a_claim"])
    assert proposed()[0] == {}


def test_45_a_credit_code_of_the_newer_list_is_a_credit(case: type[Case]) -> None:
    case("45-credit-code-502").take(1, 2)
    assert standing("GS-45502")[:2] == ("cleared", "auto")
    [line] = [x for x in EXPORTS["invoices"]() if x["invoice_number"] == "GS-45502"]
    assert line["type"] == "credit_note"
    assert proposed()[0] == {}


def test_80_the_payees_reference_reaches_the_payment(case: type[Case], people: Cast) -> None:
    case("80-payment-reference-BT83").take(1)
    assert b"RF18539007547034" in payments.export(_signed(people))


def _signed(people: Cast) -> int:
    [batch] = payments.propose(PERSON).batches
    payments.approve(batch.number, by=people.carol)
    return batch.number


def test_91_a_test_invoice_is_set_aside(case: type[Case]) -> None:
    here = case("91-test-indicator-cii")
    here.take(1)
    assert here.quarantined == ["test_document"]


# --- credits and corrections --------------------------------------------------------------------------------


def test_01_a_negative_credit_note_is_asked_about_alone(case: type[Case]) -> None:
    case("01-creditnote-negative").take(1, 2)
    assert standing("RE-1001") == ("cleared", "auto", [])
    assert standing("GS-77")[1:] == ("escalated", ["missing_data"])
    assert "a credit, or one taken back?" in sentences("GS-77")


def test_11_a_corrective_invoice_of_the_difference_clears(case: type[Case]) -> None:
    case("11-corrective-384-difference").take(1, 2)
    assert standing("RE-1102") == ("cleared", "auto", [])


def test_11b_a_corrective_invoice_that_bills_the_same_again_is_asked_about(case: type[Case]) -> None:
    case("11b-corrective-384-replacement").take(1, 2)
    assert standing("RE-1111-K")[1] == "escalated"
    assert "RE-1111-K" not in proposed()[0]


def test_14_a_debit_note_is_held_for_what_it_is(case: type[Case]) -> None:
    case("14-debit-note-383").take(1, 2)
    _state, lane, codes = standing("BE-1402")
    assert lane == "escalated"
    assert codes
    assert set(codes) <= {"item_not_ordered", "charge_unplanned"}


def test_17_an_advance_is_money_and_the_final_invoice_clears_for_the_rest(
    case: type[Case], people: Cast
) -> None:
    here = case("17-advance-386-then-final")
    here.take(1, 2)
    _state, lane, codes = standing("AZ-1701")
    assert lane == "escalated"
    assert not {"no_receipt", "qty_over_ordered", "qty_over_received"} & set(codes)
    cast.answer(cast.question("AZ-1701"), "approve", by=people.carol)
    cast.drain()
    batch = exported(people)
    cast.intake(
        [("bank.xml", bank.debit([batch.payments.get(invoice__number="AZ-1701")]))], actor="system:intake"
    )
    cast.drain()
    here.take(3)
    assert standing("RE-1702")[1:] == ("auto", [])
    assert proposed()[0] == {"RE-1702": [Decimal("833.00")]}


def test_83_a_credit_over_its_invoice_is_held_and_nothing_is_silent(case: type[Case]) -> None:
    case("83-credit-larger").take(1, 2, 3)
    over = [x["invoice_number"] for x in EXPORTS["invoices"]() if x["type"] == "credit_note"]
    assert [standing(n)[2] for n in over] == [["credit_over"]]


@pytest.mark.parametrize(
    ("name", "stages", "number"),
    [("85-price-credit-then-rebill", (1, 2, 3), "RE-8588"), ("85c-control-no-credit", (1, 2), "RE-8598")],
)
def test_85_a_price_credit_gives_no_goods_back(
    case: type[Case], name: str, stages: tuple[int, ...], number: str
) -> None:
    case(name).take(*stages)
    assert standing(number)[1:] == ("escalated", ["qty_over_ordered", "qty_over_received"])


# --- reasons, ambiguity, prices -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [("34-doc-USD-amounts-EUR", "RE-3401", "EUR"), ("36-decimal-comma", "RE-3601", "comma")],
)
def test_34_36_the_reader_says_why(case: type[Case], name: str, number: str, words: str) -> None:
    case(name).take(1)
    assert standing(number)[1] == "escalated"
    assert words in sentences(number)


def test_56_a_gross_price_is_compared_after_its_allowance(case: type[Case]) -> None:
    case("56-edifact-gross-price-alc").take(1)
    assert standing("RE-5600") == ("cleared", "auto", [])


def test_61d_a_number_that_a_spreadsheet_destroyed_is_not_paid_beside_the_original(case: type[Case]) -> None:
    case("61d-scientific-and-original").take(1, 2)
    assert standing("202612000123")[:2] == ("cleared", "auto")
    assert proposed()[0] == {"202612000123": [Decimal("119.00")]}


def test_65_empty_columns_at_the_end_of_a_table_are_nothing(case: type[Case]) -> None:
    here = case("65-csv-extra-empty-columns")
    here.take(1)
    assert here.quarantined == []
    assert [x["lane"] for x in EXPORTS["invoices"]()] == ["auto"]


def test_86_of_several_vendors_under_one_vat_id_the_rest_decides(case: type[Case]) -> None:
    case("86-vat-group").take(1)
    assert standing("RE-8601") == ("cleared", "auto", [])
    [line] = EXPORTS["invoices"]()
    assert line["vendor_id"] == "V-2"


def test_87_a_date_to_come_is_asked_about(case: type[Case]) -> None:
    case("87-future-date").take(1)
    assert standing("RE-8701")[1] == "escalated"


def test_92_instalments_are_paid_each_on_its_day(case: type[Case]) -> None:
    case("92-instalments").take(1)
    assert standing("RE-9201") == ("cleared", "auto", [])
    assert proposed()[0] == {"RE-9201": [Decimal("59.50"), Decimal("59.50")]}
    days = Payment.objects.order_by("part").values_list("terms__due_on", flat=True)
    assert [d.isoformat() for d in days if d] == ["2026-12-15", "2027-02-15"]


def test_96b_tax_in_whole_units_of_the_currency_agrees(case: type[Case]) -> None:
    case("96b-huf-whole-forint").take(1)
    assert standing("RE-HUF") == ("cleared", "auto", [])


def test_97_an_order_of_a_vendor_who_is_not_known_yet_is_not_anybodys(case: type[Case]) -> None:
    here = case("97-order-of-a-vendor-not-yet-known")
    here.take(1, 2)
    assert standing("INV-9")[1:] == ("escalated", ["supplier_mismatch"])
    here.take(3)
    assert standing("INV-9")[1:] == ("escalated", ["supplier_mismatch"])


# --- the bank -----------------------------------------------------------------------------------------------

THEIRS = "01a229bdf10e7558b1dee03ef99117f8"
PAYMENTS = {
    "01a229bdf10e7558b1dee03c590eae55": "26-0088",
    "01a229bdf10e7558b1dee03adf82b0cb": "RE-901",
    "01a229bdf10e7558b1dee03b29855290": "F2026-17",
    "01a229bdf10e7558b1dee03d63b4143e": "55/A",
}
"""The ids of the file that the messages speak of, by what they paid."""


class Bank:
    """The base case paid out, and messages about it under our own ids and on days after the run's."""

    def __init__(self, cases: Path, people: Cast) -> None:
        self.cases = cases
        Case(cases / "00-bankbase").take(1)
        self.batch = exported(people)

    def says(self, name: str, *stages: int) -> list[str]:
        """Take the messages in; the codes of what was set aside."""
        refused: list[str] = []
        for stage in stages:
            text = (self.cases / name / str(stage) / "msg.xml").read_text()
            text = text.replace(THEIRS, self.batch.id.hex).replace("2026-12-18", bank.on(0))
            text = text.replace("2026-12-21", bank.on(3))
            for theirs, number in PAYMENTS.items():
                text = text.replace(theirs, self.payment(number).id.hex)
            report = cast.intake([(f"msg-{stage}.xml", text.encode())], actor="system:intake")
            refused += [line.code for line in report.lines if line.result == "quarantined"]
            cast.drain()
        return refused

    def payment(self, number: str) -> Payment:
        return self.batch.payments.get(invoice__number=number)


@pytest.fixture
def our_bank(cases: Path, people: Cast) -> Bank:
    return Bank(cases, people)


def test_b01_an_answer_in_a_national_namespace_is_read(our_bank: Bank) -> None:
    assert our_bank.says("b01-pain002-swiss-ns", 1, 2) == []


def test_b07b_charges_inside_the_booked_sum_are_not_the_payment(our_bank: Bank) -> None:
    our_bank.says("b07b-charges-TxDtls-no-amount", 1)
    assert our_bank.payment("RE-901").status == "paid"


def test_b20_of_a_part_refund_the_rest_stays_paid(our_bank: Bank, people: Cast) -> None:
    our_bank.says("b20-partial-refund-by-vendor", 1, 2)
    payment = our_bank.payment("RE-901")
    assert (payment.status, payment.returned) == ("paid", Decimal("400.00"))
    cast.answer(cast.question("RE-901"), "approve", by=people.carol)
    cast.drain()
    assert proposed()[0].get("RE-901", []) in ([], [Decimal("400.00")])


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_b21_the_order_of_messages_does_not_matter(our_bank: Bank, order: tuple[int, int]) -> None:
    our_bank.says("b21-batch-reject-part-booked-net", *order)
    found = {n: our_bank.payment(n).status for n in PAYMENTS.values() if n != "26-0088"}
    assert found == {"RE-901": "refused", "F2026-17": "paid", "55/A": "paid"}
