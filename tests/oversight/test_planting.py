"""Known-answer cases in the queue: made of real invoices, sealed before they are shown, opened by an
answer."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.test import override_settings

from audit import canonical, clock
from audit.models import Entry
from coordination.assurance import exports, invariants, oversight
from coordination.domain.oversight import CAUGHT, MISSED, SPENT, Defect
from coordination.models import (
    AccessRecord,
    Clearance,
    Content,
    Decision,
    Document,
    Hold,
    Invoice,
    KnownAnswer,
    KnownAnswerResult,
    Order,
    Payment,
    Receipt,
    Tally,
    Task,
)
from coordination.oversight import draw, planting
from coordination.selectors import kpis
from coordination.services import keyed_draw, payments
from coordination.services import oversight as services
from coordination.workers import runner
from reviews.models import Escalation, OpenQuestion
from reviews.open_lists import Filters
from reviews.selectors import listing
from reviews.services import resolve
from tests import cast
from tests.cast import Cast
from tests.oversight.trade import answer, codes, planted, trade

pytestmark = pytest.mark.django_db

EXPECTED = {
    Defect.PRICE: "price_over",
    Defect.QUANTITY: "qty_over_received",
    Defect.BANK: "bank_mismatch",
    Defect.DUPLICATE: "duplicate_suspect",
    Defect.CLEAN: "duplicate_suspect",
}
OF_INVOICES = (Invoice, Document, Content, Order, Receipt, Task, Hold, Decision, Clearance, Payment, Tally)


@pytest.fixture(autouse=True)
def _traded(people: Cast) -> None:
    trade()


@pytest.mark.parametrize("defect", Defect)
def test_agents_hold_a_case_for_what_is_wrong_with_it_and_ask_as_they_ask_about_invoices(
    defect: Defect,
) -> None:
    [known] = planted(defect)
    question = known.question
    assert EXPECTED[defect] in codes(known)
    assert question.question.startswith("Pay as billed")
    remedies = ["is_duplicate", "is_no_duplicate"] if "duplicate_suspect" in codes(known) else []
    assert question.options == ["approve", "reject", "override", *remedies]
    assert question.amount_company is not None
    assert question.amount_company > 0
    assert {p["agent"] for p in question.case["positions"]} == {
        "finance.validation",
        "procurement.matching",
        "operations.delivery",
        "control.crosscheck",
    }


@pytest.mark.parametrize("defect", Defect)
def test_nothing_of_a_case_is_left_behind_but_its_question(defect: Defect) -> None:
    before = {model: model._default_manager.count() for model in OF_INVOICES}
    entries = Entry.objects.count()
    [known] = planted(defect)
    assert {model: model._default_manager.count() for model in OF_INVOICES} == before
    types = list(Entry.objects.order_by("id")[entries:].values_list("type", "subject"))
    assert types == [("oversight.committed", known.subject), ("escalation.opened", known.subject)]


def test_a_clean_case_has_an_order_and_receipts_of_its_own_that_agree_with_it() -> None:
    [known] = planted(Defect.CLEAN)
    assert not Order.objects.filter(number__in=known.question.case["orders"]).exists()
    for line in known.question.case["lines"]:
        assert line["invoiced"]["quantity"] == line["ordered"]["quantity"] == line["received"]["accepted"]
        assert Decimal(line["invoiced"]["price"]) == Decimal(line["ordered"]["price"])


def test_a_lookalike_bills_an_order_that_is_billed_already() -> None:
    [known] = planted(Defect.DUPLICATE)
    source = Invoice.objects.get(pk=known.source)
    assert known.question.case["orders"] == source.order_numbers
    assert known.question.case["gross"] == f"{source.gross:.2f}"
    assert known.question.case["number"] != source.number


def test_a_wrong_price_adds_up_to_a_wrong_total() -> None:
    [known] = planted(Defect.PRICE)
    case = known.question.case
    assert Decimal(case["net"]) + Decimal(case["tax"]) == Decimal(case["gross"])
    assert sum(Decimal(x["invoiced"]["net"]) for x in case["lines"]) == Decimal(case["net"])


@pytest.mark.parametrize("defect", Defect)
def test_the_original_says_what_the_case_says(defect: Defect) -> None:
    [known] = planted(defect)
    data = bytes(known.data)
    assert hashlib.sha256(data).hexdigest() == known.sha256
    assert known.question.case["documents"][0] | {"kind": ""} == {
        "kind": "",
        "number": known.question.case["number"],
        "id": str(known.document),
        "sha256": known.sha256,
    }
    text = data.decode()
    assert known.question.case["number"] in text
    assert known.question.case["gross"] in text
    assert "0000" not in text.split("\n")[1].replace(known.question.case["number"], "").replace(cast.IBAN, "")


def test_whoever_answers_has_all_the_hours_that_a_real_question_gives() -> None:
    trade(1, first=70, wrong={70: "price"})
    real = Escalation.objects.get(kind="invoice")
    [known] = planted(Defect.PRICE)
    question = known.question
    assert question.clock == real.clock
    assert question.due_at - question.opened_at == real.due_at - real.opened_at


# --- sealed and opened --------------------------------------------------------------------------------------


def test_the_answer_is_sealed_before_the_case_is_asked() -> None:
    [known] = planted(Defect.PRICE)
    first, second = Entry.objects.filter(subject=known.subject).order_by("seq")
    assert (first.type, second.type) == ("oversight.committed", "escalation.opened")
    said = canonical.loads(first.body)["data"]
    assert said == {"commitment": known.commitment}
    for word in (known.nonce, known.defect, "reject"):
        assert word not in first.body


@pytest.mark.parametrize(
    ("defect", "verdict", "outcome"),
    [
        (Defect.PRICE, "reject", CAUGHT),
        (Defect.PRICE, "approve", MISSED),
        (Defect.BANK, "reject", CAUGHT),
        (Defect.DUPLICATE, "approve", MISSED),
        (Defect.CLEAN, "approve", CAUGHT),
        (Defect.CLEAN, "reject", MISSED),
    ],
)
def test_the_answer_opens_the_case_and_says_whether_it_was_caught(
    people: Cast, defect: Defect, verdict: str, outcome: str
) -> None:
    [known] = planted(defect)
    row = answer(known, verdict, people.carol)
    result = KnownAnswerResult.objects.get(known=known)
    assert (row.status, result.outcome) == ("rejected" if verdict == "reject" else "approved", outcome)
    entry = Entry.objects.filter(subject=known.subject).order_by("-seq")[0]
    assert entry.type == "oversight.opened"
    data = canonical.loads(entry.body)["data"]
    assert (data["commitment"], data["nonce"], data["outcome"]) == (known.commitment, known.nonce, outcome)
    let_go = row.amount_company if verdict == "approve" else Decimal(0)
    assert result.let_go == let_go


def test_an_override_lets_a_wrong_payment_go_and_misses_it(people: Cast) -> None:
    [known] = planted(Defect.QUANTITY)
    resolve(known.question_id, "override", by=people.carol, reason="agent_wrong", comment="They are here.")
    assert KnownAnswerResult.objects.get(known=known).outcome == MISSED


def test_every_opened_case_opens_to_what_was_sealed(people: Cast) -> None:
    for defect in Defect:
        [known] = planted(defect)
        answer(known, "reject", people.carol)
    found = oversight.commitments(*_ever())
    assert (found.made, found.opened, found.true) == (5, 5, 5)


def test_a_case_whose_answer_was_changed_afterwards_does_not_open(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    answer(known, "reject", people.carol)
    known.defect = Defect.CLEAN
    assert not oversight.opens(known)


def test_the_answer_moves_nothing(people: Cast) -> None:
    [known] = planted(Defect.BANK)
    before = {model: model._default_manager.count() for model in OF_INVOICES}
    answer(known, "approve", people.carol)
    runner.drain()
    assert {model: model._default_manager.count() for model in OF_INVOICES} == before


# --- what never contains one --------------------------------------------------------------------------------


def test_lists_and_counts_contain_a_case_while_it_waits_and_exports_never(people: Cast) -> None:
    before = list(exports.escalations())
    invoices = list(exports.EXPORTS["invoices"]())
    open_before = listing(Filters(), "human:0")
    [known] = planted(Defect.PRICE)
    assert OpenQuestion.objects.filter(pk=known.question_id).exists()
    found = listing(Filters(), "human:0")
    assert found.open_count == open_before.open_count + 1
    assert found.waiting == open_before.waiting + (known.question.amount_company or 0)
    answer(known, "approve", people.carol)
    assert list(exports.escalations()) == before
    assert list(exports.EXPORTS["invoices"]()) == invoices
    for name in ("payments", "decisions"):
        assert known.question.case["number"] not in str(list(exports.EXPORTS[name]()))


def test_no_key_figure_counts_an_answer_to_a_case(people: Cast) -> None:
    before = kpis.kpis(30)
    [known] = planted(Defect.PRICE)
    answer(known, "approve", people.carol)
    assert kpis.kpis(30).cost == before.cost


def test_every_invariant_holds_with_cases_open_and_answered(people: Cast) -> None:
    planted(Defect.PRICE)
    [known] = planted(Defect.CLEAN)
    answer(known, "reject", people.carol)
    assert invariants.check()["violations"] == []


def test_a_payment_run_finds_nothing_of_an_approved_case(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    answer(known, "approve", people.carol)
    payments.propose("human:1")
    assert Payment.objects.count() == Invoice.objects.count() == 12
    assert not Payment.objects.filter(invoice_id=known.id).exists()


# --- looked up, or left -------------------------------------------------------------------------------------


def test_who_looked_the_case_up_is_counted_nowhere(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    AccessRecord.objects.create(
        by=f"human:{people.carol.pk}", what="history", subject=known.subject, at=known.at
    )
    answer(known, "reject", people.carol)
    result = KnownAnswerResult.objects.get(known=known)
    assert (result.outcome, result.why) == (SPENT, "looked up")


def test_that_somebody_else_looked_it_up_does_not_matter(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    AccessRecord.objects.create(
        by=f"human:{people.dave.pk}", what="history", subject=known.subject, at=known.at
    )
    answer(known, "reject", people.carol)
    assert KnownAnswerResult.objects.get(known=known).outcome == CAUGHT


def test_what_nobody_answers_is_taken_back_after_two_weeks_and_opened() -> None:
    [known] = planted(Defect.PRICE)
    assert services.take_back(known.at + services.OPEN_FOR) == 0
    assert services.take_back(known.at + services.OPEN_FOR * 2) == 1
    result = KnownAnswerResult.objects.get(known=known)
    assert (result.outcome, result.why, result.by) == (SPENT, "not answered", "")
    assert Escalation.objects.get(pk=known.question_id).status == "withdrawn"
    assert services.take_back(known.at + services.OPEN_FOR * 2) == 0


# --- the draw -----------------------------------------------------------------------------------------------


def test_nothing_is_planted_while_measuring_is_off() -> None:
    trade(4, first=50, wrong={50: "price", 51: "bank"})
    assert planting.run(clock.now()).cases == []


@override_settings(COUNTERSIGN_OVERSIGHT=5)
def test_the_draw_takes_about_its_share_of_questions_and_always_the_same() -> None:
    keys = [UUID(int=n) for n in range(20_000)]
    taken = [key for key in keys if draw.drawn(key, keyed_draw.share())]
    assert 0.045 < len(taken) / len(keys) < 0.055
    assert taken == [key for key in keys if draw.drawn(key, keyed_draw.share())]


@override_settings(SECRET_KEY="another key of at least fifty characters, for this one test")
def test_with_another_key_other_questions_are_drawn() -> None:
    keys = [UUID(int=n) for n in range(2_000)]
    here = {key for key in keys if draw.drawn(key, 0.05)}
    with override_settings(SECRET_KEY="a third key that is long enough for all that sign with it, too"):
        assert here != {key for key in keys if draw.drawn(key, 0.05)}


@override_settings(COUNTERSIGN_OVERSIGHT=5)
def test_each_drawn_question_brings_one_case_that_resembles_it(monkeypatch: pytest.MonkeyPatch) -> None:
    trade(3, first=50, wrong={50: "price", 51: "bank", 52: "quantity"})
    monkeypatch.setattr(draw, "drawn", lambda *_: True)
    done = planting.run(clock.now())
    assert done.without == 0
    asked = {e.id: {r["code"] for r in e.reasons} for e in Escalation.objects.filter(kind="invoice")}
    assert len(done.cases) == len(asked) == 3
    for known in done.cases:
        assert known.drawn_for
        assert codes(known) & asked[known.drawn_for]
    assert planting.run(clock.now()).cases == []


@override_settings(COUNTERSIGN_OVERSIGHT=5)
def test_an_answered_case_is_put_to_a_second_reader_under_other_numbers(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyed_draw, "number", lambda *_: 0.0)
    [known] = planted(Defect.PRICE)
    answer(known, "reject", people.carol)
    assert planting.run(clock.now()).cases == []
    [again] = planting.run(clock.now() + planting.AGAIN_AFTER * 2).cases
    assert again.first_id == known.id
    assert again.question.case["number"] != known.question.case["number"]
    assert again.question.case["gross"] == known.question.case["gross"]
    answer(again, "approve", people.dave)
    found = oversight.figures(*_ever()).noise
    assert (found.pairs, found.agreed, found.per_case) == (1, 0, again.question.amount_company)


def test_the_same_person_twice_is_no_pair_of_readers(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    answer(known, "reject", people.carol)
    with pytest.MonkeyPatch.context() as patch, override_settings(COUNTERSIGN_OVERSIGHT=5):
        patch.setattr(keyed_draw, "number", lambda *_: 0.0)
        [again] = planting.run(clock.now() + planting.AGAIN_AFTER * 2).cases
    answer(again, "reject", people.carol)
    assert oversight.figures(*_ever()).noise.pairs == 0


def test_a_case_that_was_answered_in_vain_is_not_repeated_twice(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    wish = planting.Wish(known.seed, Defect.PRICE, first=known)
    made = planting._made(wish)
    assert made is not None
    assert planting.plant(made, wish) is not None
    other = planting._made(planting.Wish(f"{known.seed}x", Defect.PRICE, first=known))
    assert other is not None
    assert planting.plant(other, wish) is None
    assert KnownAnswer.objects.filter(first=known).count() == 1


def _ever() -> tuple[datetime, datetime]:
    """A period that everything of a test lies in."""
    return clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
