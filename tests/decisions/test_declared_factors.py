"""A unit factor that two people declare by answering: master data of vendor and item from then on."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from audit.models import Entry
from coordination.decisions.replay import reperform
from coordination.facts import makers
from coordination.models import Document, UnitConversion
from reviews.errors import Refused
from reviews.models import Escalation
from reviews.remedies import TermsRefused
from reviews.services import resolve
from tests import cast
from tests.cast import Cast, bill, standing

pytestmark = pytest.mark.django_db

ONE_BOX, ONE_PIECE = "factor/1/XBX/EA", "factor/1/EA/XBX"


def declare(by: User, terms: dict[str, str], number: str = "INV-1") -> Escalation:
    said = {"reason": "told_by_vendor", "comment": "It is on the box."}
    question = cast.question(number)
    return resolve(question.id, "edit", by=by, remedy="declare_factor", terms=terms, **said)


@pytest.fixture
def boxes(people: Cast) -> Cast:
    """100 bolts were ordered and came; 20 boxes at 50.00 are billed."""
    cast.trade(bill(quantity="20", unit="XBX", unit_price="50.00"))
    assert "uom_mismatch" in standing()[2]
    return people


def fields() -> dict[str, Any]:
    [found] = [r for r in cast.question().case["remedies"] if r["name"] == "declare_factor"]
    return {field["name"]: field for field in found["fields"]}


def test_it_is_asked_for_both_ways_round_with_the_factor_at_which_both_agree(boxes: Cast) -> None:
    assert {name: field["words"] for name, field in fields().items()} == {
        ONE_BOX: "EA in one XBX",
        ONE_PIECE: "XBX in one EA",
    }
    assert fields()[ONE_BOX]["hint"] == "At 5 EA in one XBX, quantity and price agree."
    assert fields()[ONE_BOX]["place"] == "line 1, item A-1"


def test_two_people_declare_it_and_the_agents_compare_by_it(boxes: Cast) -> None:
    assert declare(boxes.alice, {ONE_BOX: "5"}).status == "open"
    assert UnitConversion.objects.count() == 0
    assert declare(boxes.carol, {ONE_BOX: "5.0"}).status == "edited"
    factor = UnitConversion.objects.get()
    assert (factor.unit, factor.per, factor.factor, factor.item) == ("XBX", "EA", 5, "A-1")
    assert factor.vendor == cast.invoice().vendor
    document = Document.objects.get(kind="conversion")
    assert (document.received_by, document.source) == (f"human:{boxes.alice.pk}", "answer to a question")
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert Entry.objects.filter(type="fact.declared", subject=cast.invoice().subject).count() == 1
    assert f"human:{boxes.alice.pk}" in {
        b.actor for b in makers.brought([cast.invoice().id])[cast.invoice().id]
    }
    assert reperform().different == []
    cast.assert_sound()


def test_another_invoice_of_the_item_is_compared_by_it_too(boxes: Cast) -> None:
    cast.take_in(cast.table("invoices", bill(invoice_number="INV-2", issue_date="2026-09-20", quantity="3",
                                             unit="XBX", unit_price="50.00")))  # fmt: skip
    cast.drain()
    assert "uom_mismatch" in standing("INV-2")[2]
    for who in (boxes.alice, boxes.carol):
        declare(who, {ONE_BOX: "5"})
    cast.drain()
    assert "uom_mismatch" not in standing("INV-2")[2]
    cast.assert_sound()


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({}, "Fill in one: EA in one XBX"),
        ({ONE_BOX: "0"}, "none is no factor"),
        ({ONE_BOX: "five"}, "is no amount"),
        ({ONE_BOX: "5", ONE_PIECE: "0.2"}, "fill in one way round, not both"),
        ({"factor/9/XBX/EA": "5"}, "is no field of this answer"),
    ],
)
def test_what_is_no_factor_is_refused(boxes: Cast, terms: dict[str, str], words: str) -> None:
    with pytest.raises(TermsRefused, match=words):
        declare(boxes.alice, terms)
    assert UnitConversion.objects.count() == 0


def test_what_two_people_say_otherwise_is_declared_by_neither(boxes: Cast) -> None:
    declare(boxes.alice, {ONE_BOX: "5"})
    assert declare(boxes.carol, {ONE_BOX: "6"}).status == "open"
    with pytest.raises(Refused, match="a second person is needed"):
        declare(boxes.carol, {ONE_BOX: "5"})
    assert UnitConversion.objects.count() == 0


def test_of_an_item_without_a_code_no_factor_is_asked_for(people: Cast) -> None:
    cast.trade(bill(quantity="20", unit="XBX", unit_price="50.00", item=""))
    assert "declare_factor" not in cast.question().options


def test_a_factor_that_stands_already_is_declared_no_second_time(boxes: Cast) -> None:
    for who in (boxes.alice, boxes.carol):
        declare(who, {ONE_BOX: "5"})
    cast.drain()
    assert UnitConversion.objects.count() == 1
