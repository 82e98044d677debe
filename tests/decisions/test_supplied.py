"""What a person supplies stands above the document, with who, when and why; all else is as if the document
had said it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit.ledger import data_of
from audit.models import Entry
from coordination.assurance import row_checks
from coordination.decisions import supplying
from coordination.decisions.replay import reperform
from coordination.facts import documents, makers
from coordination.models import Clearance, Hold, Invoice, InvoiceFacts, InvoiceLine, SuppliedFact
from reviews.errors import NotAllowed
from reviews.models import Escalation, Verdict
from reviews.remedies import TermsRefused
from reviews.services import resolve
from tests import cast
from tests.cast import Cast, bill, order, receipt, standing, table, take_in, vendor

pytestmark = pytest.mark.django_db
Row = dict[str, Any]


def without(*fields: str, **changes: Any) -> Row:
    """INV-1 with these columns empty."""
    return dict(bill(**changes)) | dict.fromkeys(fields, "")


def supply(by: User, terms: dict[str, str], number: str = "INV-1", **seen: Any) -> Escalation:
    """Supply fields of an invoice, as the question about it asks for them."""
    given = {"reason": "read_on_document", "comment": "It is on the page."} | seen
    question = cast.question(number)
    return resolve(question.id, "edit", by=by, remedy="complete_field", terms=terms, **given)


def asked(number: str = "INV-1") -> dict[str, Any]:
    """Fields that the question about an invoice asks for, by name."""
    [remedy] = [r for r in cast.question(number).case["remedies"] if r["name"] == "complete_field"]
    return {field["name"]: field for field in remedy["fields"]}


# --- what it asks for and what becomes of it --------------------------------------------------------


def test_a_missing_day_is_supplied_and_the_invoice_goes_on_by_itself(people: Cast) -> None:
    cast.trade(without("issue_date"))
    assert standing() == ("received", "escalated", ["missing_data"])
    question = cast.question()
    assert question.options == ["approve", "reject", "override", "complete_field"]
    assert asked()["issue_date"]["place"] == "header, BT-2"
    assert supply(people.bob, {"issue_date": "2026-09-05"}).status == "edited"
    assert standing()[1] == "open"
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert str(cast.invoice().issue_date) == "2026-09-05"
    cast.assert_sound()


def test_a_value_that_cannot_be_read_is_asked_for_with_what_the_document_says_there(people: Cast) -> None:
    cast.trade(without() | {"due_date": "soon", "gross": "1.190,00"})
    says = {name: field["was"] for name, field in asked().items()}
    assert says == {"due_date": "soon", "gross": "1.190,00"}
    for manager in (people.carol, people.dave):
        supply(manager, {"due_date": "2026-10-05", "gross": "1,190.00"})
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert documents.contents([cast.invoice().id])[cast.invoice().id].invoice.unreadable == ()


def test_what_stays_missing_is_asked_for_again(people: Cast) -> None:
    cast.trade(without("issue_date", "quantity"))
    assert set(asked()) == {"issue_date", "lines/1/quantity"}
    supply(people.bob, {"issue_date": "2026-09-05"})
    cast.drain()
    assert set(asked()) == {"lines/1/quantity"}
    supply(people.carol, {"lines/1/quantity": "100"})
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    assert reperform().different == []
    cast.assert_sound()


def test_row_entry_and_case_say_who_supplied_what_and_what_the_document_says(people: Cast) -> None:
    cast.trade(without("issue_date", unit_price="11.00"))
    question = supply(people.bob, {"issue_date": "2026-09-05"})
    fact = SuppliedFact.objects.get()
    bob = f"human:{people.bob.pk}"
    assert (fact.field, fact.value, fact.was, fact.by, fact.question) == (
        "issue_date",
        "2026-09-05",
        "",
        bob,
        question.id,
    )
    entry = Entry.objects.get(type="fact.supplied")
    assert (entry.subject, entry.actor) == (cast.invoice().subject, bob)
    assert data_of(entry.body)["facts"][0]["value"] == "2026-09-05"
    cast.drain()
    [shown] = cast.question().case["supplied"]
    assert (shown["words"], shown["value"], shown["by"]) == ("issue date", "2026-09-05", bob)
    assert cast.question().case["issue_date"] == "2026-09-05"


def test_the_document_its_lines_and_its_facts_stay_as_they_came(people: Cast) -> None:
    cast.trade(without("issue_date", "quantity"))
    row = cast.invoice()
    before = (
        bytes(row.document.content.data),
        list(InvoiceLine.objects.values()),
        list(InvoiceFacts.objects.values()),
        Entry.objects.get(subject=row.subject, type="invoice.received").hash,
    )
    supply(people.bob, {"issue_date": "2026-09-05", "lines/1/quantity": "100"})
    cast.drain()
    assert before == (
        bytes(row.document.content.data),
        list(InvoiceLine.objects.values()),
        list(InvoiceFacts.objects.values()),
        Entry.objects.get(subject=row.subject, type="invoice.received").hash,
    )


def test_a_later_value_supersedes_an_earlier_one_of_the_field(people: Cast) -> None:
    cast.trade(without("issue_date", unit_price="11.00"))
    supply(people.bob, {"issue_date": "2026-09-05"})
    cast.drain()
    row = Invoice.objects.select_for_update().get()
    source = supplying.Source(f"human:{people.carol.pk}", cast.moment(), question=cast.question().id)
    supplying.supply(row, [supplying.SuppliedValue("issue_date", "2026-09-06")], source)
    assert list(SuppliedFact.objects.order_by("number").values_list("number", "value")) == [
        (1, "2026-09-05"),
        (2, "2026-09-06"),
    ]
    assert str(documents.contents([row.id])[row.id].invoice.issue_date) == "2026-09-06"
    with pytest.raises(IntegrityError):
        SuppliedFact.objects.create(
            invoice=row,
            field="issue_date",
            number=2,
            value="x",
            by="human:1",
            question=row.id,
            at=row.received_at,
        )


# --- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({}, "Fill in at least one: issue date"),
        ({"issue_date": "2026-02-30"}, "'2026-02-30' is no day"),
        ({"issue_date": "2199-01-01"}, "has not come yet"),
        ({"issue_date": "1987-01-01"}, "years ago"),
        ({"issue_date": "2026-11-05"}, "before it was issued"),
        ({"currency": "EURO"}, "'EURO' is no currency"),
        ({"currency": "XXX"}, "'XXX' is no currency"),
        ({"lines/1/quantity": "5,00"}, "is no amount; write it as 1234.50"),
        ({"lines/1/quantity": "-5"}, "is no amount"),
        ({"lines/1/quantity": "1e9"}, "is no amount"),
        ({"lines/1/quantity": "1." + "0" * 10 + "1"}, "it may have 10 decimals"),
        ({"due_date": "2026-10-06"}, "due_date is no field of this answer"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_and_changes_nothing(
    people: Cast, terms: dict[str, str], words: str
) -> None:
    cast.trade(without("issue_date", "currency", "quantity"))
    entries = Entry.objects.count()
    with pytest.raises(TermsRefused, match=words):
        supply(people.bob, terms)
    assert (SuppliedFact.objects.count(), Verdict.objects.count(), Entry.objects.count()) == (0, 0, entries)
    assert standing()[1] == "escalated"


def test_an_answer_whose_effect_fails_has_not_been_given(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.trade(without("issue_date"))

    def fail(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(supplying, "_tell", fail)
    entries = Entry.objects.count()
    with pytest.raises(RuntimeError):
        supply(people.bob, {"issue_date": "2026-09-05"})
    assert (SuppliedFact.objects.count(), Verdict.objects.count(), Entry.objects.count()) == (0, 0, entries)
    assert (cast.question().version, cast.invoice().issue_date) == (1, None)


# --- makers -----------------------------------------------------------------------------------------


def test_who_supplied_a_fact_is_a_maker_of_the_invoice(people: Cast) -> None:
    cast.trade(without("issue_date", unit_price="11.00"))
    supply(people.carol, {"issue_date": "2026-09-05"})
    cast.drain()
    question = cast.question()
    carol = f"human:{people.carol.pk}"
    assert question.makers == [carol]
    assert makers.of_invoice(question)[carol] == "supplied issue date"
    with pytest.raises(NotAllowed, match=r"You made what is decided here \(supplied issue date\)"):
        cast.answer(question, "approve", by=people.carol)
    cast.answer(question, "approve", by=people.alice)
    cast.assert_sound()


def test_above_the_limit_two_people_supply_the_same_and_both_are_makers(people: Cast) -> None:
    big = {"unit_price": "300.00"}
    cast.trade(without("issue_date", **big), orders=(order(**big),))
    first, second = cast.person("ulla", "specialist", "finance"), people.bob
    assert supply(first, {"issue_date": "2026-09-05"}).status == "open"
    assert SuppliedFact.objects.count() == 0
    assert supply(second, {"issue_date": "2026-09-05"}).status == "edited"
    fact = SuppliedFact.objects.get()
    assert (fact.by, fact.confirmed_by) == (f"human:{first.pk}", f"human:{second.pk}")
    told = {b.actor for b in makers.brought([fact.invoice_id])[fact.invoice_id]}
    assert told == {fact.by, fact.confirmed_by}
    cast.drain()
    cast.assert_sound()


def test_an_amount_that_nobody_knew_is_over_every_limit(people: Cast) -> None:
    cast.trade(without("gross"))
    assert supply(people.bob, {"gross": "1190.00"}).status == "open"
    assert supply(people.carol, {"gross": "1190"}).status == "edited"
    cast.drain()
    assert standing() == ("cleared", "auto", [])
    cast.assert_sound()


# --- a document that comes later --------------------------------------------------------------------


@pytest.mark.parametrize(("day", "value"), [("2026-09-05", "2026-09-05"), ("2026-09-07", "2026-09-07")])
def test_a_later_document_that_states_the_field_itself_wins(people: Cast, day: str, value: str) -> None:
    cast.trade(without("issue_date"))
    supply(people.bob, {"issue_date": "2026-09-05"})
    cast.drain()
    report = take_in(table("invoices", without() | {"issue_date": day}))
    assert [line.result for line in report.lines] == ["duplicate"]
    cast.drain()
    assert Invoice.objects.count() == 1
    assert str(cast.invoice().issue_date) == value
    newest = SuppliedFact.objects.order_by("-number")[0]
    assert newest.document is not None
    assert (newest.value, newest.by, newest.question) == (value, "system:intake", None)
    assert standing() == ("cleared", "auto", [])
    assert reperform().different == []
    cast.assert_sound()


def test_a_later_document_of_another_claim_is_another_invoice(people: Cast) -> None:
    cast.trade(without("issue_date"))
    supply(people.bob, {"issue_date": "2026-09-05"})
    take_in(table("invoices", bill(issue_date="2026-09-05", quantity="40")))
    assert Invoice.objects.count() == 2
    assert SuppliedFact.objects.count() == 1


def test_a_document_that_is_silent_there_too_changes_nothing(people: Cast) -> None:
    cast.trade(without("issue_date"))
    supply(people.bob, {"issue_date": "2026-09-05"})
    take_in(table("invoices", without("issue_date")) + b"\n")
    assert SuppliedFact.objects.count() == 1


def test_of_an_invoice_that_has_ended_nothing_changes_any_more(people: Cast) -> None:
    cast.trade(without("issue_date", unit_price="11.00"))
    supply(people.bob, {"issue_date": "2026-09-05"})
    cast.drain()
    cast.answer(cast.question(), "reject", by=people.carol, reason="price_not_agreed")
    take_in(table("invoices", bill(unit_price="11.00", issue_date="2026-09-07", due_date="2026-10-05")))
    cast.drain()
    assert str(cast.invoice().issue_date) == "2026-09-05"


# --- provenance is proven ---------------------------------------------------------------------------


def test_a_row_that_was_edited_behind_the_ledger_is_found(people: Cast) -> None:
    cast.trade(without("issue_date"))
    supply(people.bob, {"issue_date": "2026-09-05"})
    assert list(row_checks.documents()) == []
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE coordination_suppliedfact DISABLE TRIGGER USER")
        cursor.execute("UPDATE coordination_suppliedfact SET value = '2026-09-06'")
        cursor.execute("ALTER TABLE coordination_suppliedfact ENABLE TRIGGER USER")
    assert [f.code for f in row_checks.documents()] == ["supplied_fact_altered"]


def test_the_numbers_by_which_it_is_searched_change_only_with_an_entry(people: Cast) -> None:
    cast.trade()
    with pytest.raises(IntegrityError, match="only ever added"):
        InvoiceFacts.objects.update(number_key="X")


# --- as if the document had said it -----------------------------------------------------------------

FIELDS = {
    "issue_date": "issue_date",
    "due_date": "due_date",
    "currency": "currency",
    "gross": "gross",
    "quantity": "lines/1/quantity",
    "unit_price": "lines/1/price",
}
"""Column of the table -> field."""
UNREAD = {"due_date": "soon"}
"""What is no gap where it is empty, and a problem where it cannot be read."""


class TestSuppliedIsAsStated(TestCase):
    """Two trades that are the same but for their numbers; one invoice says it all, the other lacks fields
    that two managers supply."""

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(
        gaps=st.sets(st.sampled_from(sorted(FIELDS)), min_size=1),
        price=st.sampled_from(["10.00", "10.05", "11.00", "9.00"]),
        quantity=st.sampled_from(["100", "40", "120"]),
        arrived=st.sampled_from(["100", "40"]),
        rate=st.sampled_from(["19", "7"]),
    )
    def test_same_state_lane_and_holds(
        self, gaps: set[str], price: str, quantity: str, arrived: str, rate: str
    ) -> None:
        everybody = cast.people()
        rows: list[Row] = []
        for n in ("1", "2"):
            own = {"vendor_id": f"V-{n}", "order_number": f"PO-{n}"}
            ours = vendor(vendor_id=f"V-{n}", vat_id=f"DE13669597{n}", name=f"Hartmann {n} GmbH")
            account = {"iban": cast.IBAN if n == "1" else cast.OTHER_IBAN}
            take_in(table("vendors", dict(ours) | account))
            take_in(table("orders", order(**own)))
            take_in(
                table("receipts", receipt(receipt_number=f"GR-{n}", order_number=f"PO-{n}", quantity=arrived))
            )
            full = bill(**own, invoice_number=f"INV-{n}", unit_price=price, quantity=quantity, tax_rate=rate)
            rows.append(dict(full) | account)
        stated, lacking = rows[0], rows[1] | {gap: UNREAD.get(gap, "") for gap in gaps}
        take_in(table("invoices", stated), table("invoices", lacking))
        cast.drain()
        terms = {FIELDS[gap]: str(rows[1][gap]) for gap in gaps}
        for manager in (everybody.carol, everybody.dave):
            if supply(manager, terms, "INV-2").status == "edited":
                break
        cast.drain()
        assert standing("INV-2") == standing("INV-1")
        assert _holds("INV-2") == _holds("INV-1")
        assert _cleared("INV-2") == _cleared("INV-1")
        assert reperform().different == []
        cast.assert_sound()


def _holds(number: str) -> list[tuple[str, int | None, str]]:
    live = Hold.objects.live().filter(invoice__number=number)
    return sorted((h.code, h.line, h.detail.get("excess", "")) for h in live)


def _cleared(number: str) -> list[tuple[str, str]]:
    return [(str(c.amount), c.currency) for c in Clearance.objects.filter(invoice__number=number)]
