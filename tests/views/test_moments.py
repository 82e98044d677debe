"""Entries in words: whatever an entry is missing, its line can be read, and every type that is written has
words of its own."""

from __future__ import annotations

import ast
import re
from typing import Any

import orjson
import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.models import Entry
from coordination.display import words
from coordination.display.ledger_entries import KINDS, invoice_of, moment, statement_of
from coordination.models import Lane, State
from coordination.services import manual_hold, payments
from reviews.models import Status
from tests import bank, cast
from tests.architecture.modules import modules
from tests.cast import Cast, bill, order, receipt, table, take_in

JSON = st.recursive(
    st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=4,
)


def entry(type_: str, data: dict[str, Any]) -> Entry:
    return Entry(type=type_, body=orjson.dumps({"data": data}).decode())


@pytest.mark.django_db
@pytest.mark.parametrize("type_", sorted(KINDS))
def test_an_entry_that_says_little_still_reads(type_: str) -> None:
    told = moment(entry(type_, {"result": "act"} if type_ == "invoice.decided" else {}))
    assert told.title
    assert told.icon
    assert "None" not in told.title + told.detail
    assert "{" not in told.title + told.detail


@given(st.text(max_size=30), JSON)
def test_a_type_that_nobody_knows_reads_as_its_own_name(type_: str, value: Any) -> None:
    told = moment(entry(f"x.{type_}", {"a": value}))
    assert told.title.lower() == f"x {type_}".replace(".", " ").replace("_", " ").capitalize().lower()


def written() -> dict[str, set[str]]:
    """Types of entries that the code writes on subjects that have a page, by the module."""
    found: dict[str, set[str]] = {}
    for module in modules().values():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if re.fullmatch(
                r"(invoice|escalation|verdict|payment|statement|coding|legal_hold|facts)\.[a-z_]+", node.value
            ):
                found.setdefault(node.value, set()).add(module.name)
    return found


WRITERS = ("coordination.decisions", "coordination.services", "coordination.assurance", "reviews")
NO_ENTRY = {"statement.reconciliation", "invoice.xml", "statement.json", "statement.txt"}
"""Names that look like types of entries and are none."""


def test_every_type_that_is_written_about_an_invoice_has_words_of_its_own() -> None:
    """Else its line reads as a name of ours, such as `Payment executed in part`."""
    types = {t: where for t, where in written().items() if any(w.startswith(WRITERS) for w in where)}
    assert len(types) > 25
    assert {t: sorted(w) for t, w in types.items() if t not in KINDS and t not in NO_ENTRY} == {}


@settings(max_examples=30)
@given(st.text(max_size=12), st.text(max_size=12))
def test_a_subject_leads_to_its_page_and_no_other(kind: str, key: str) -> None:
    subject = f"{kind}/{key}"
    name = kind.partition("/")[0]
    assert bool(invoice_of(subject)) == (name == "invoice" and bool(subject.partition("/")[2]))
    assert bool(statement_of(subject)) == (name == "statement" and bool(subject.partition("/")[2]))
    assert not (invoice_of(subject) and statement_of(subject))


# --- whole lives --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_whole_life_of_an_invoice_reads_in_words(people: Cast) -> None:
    """Received, held by a person, decided, paid and returned: no line is a name of the code, none is
    empty."""
    cast.trade(
        bill(unit_price="11.00"),
        bill(invoice_number="INV-2", order_number="PO-2"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="G2", order_number="PO-2")),
    )
    cast.answer(
        cast.question(), "approve", by=people.alice, reason="difference_accepted", comment="Anna said so."
    )
    cast.drain()
    manual_hold.hold(cast.invoice("INV-2").id, "Wait for Bert.", by=people.bob)
    cast.drain()
    cast.answer(cast.question("INV-2"), "override", by=people.bob)
    cast.drain()
    [batch] = payments.propose(f"human:{people.carol.pk}").batches
    payments.approve(batch.number, by=people.dave)
    payments.export(batch.number)
    take_in(bank.debit(list(batch.payments.all())))
    cast.drain()
    browser = Client()
    browser.force_login(people.erin)
    for number in ("INV-1", "INV-2"):
        row = cast.invoice(number)
        lines = [moment(e) for e in Entry.objects.filter(subject=row.subject).order_by("seq")]
        assert all(line.title and line.icon != "dashed" for line in lines), [
            x for x in lines if x.icon == "dashed"
        ]
        page = browser.get(f"/invoices/{row.pk}/").content.decode()
        assert "Anna said so." in page or "Wait for Bert." in page
        assert "commit:sha256" not in page
        assert not re.search(r">\s*(invoice|payment|escalation)\.[a-z_]+\s*<", page)


# --- words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", State.values)
def test_every_state_has_an_icon(value: str) -> None:
    assert value in words.STATES
    assert "#question" not in words.state(value)


@pytest.mark.parametrize("value", Lane.values)
def test_every_lane_has_a_word(value: str) -> None:
    assert "#question" not in words.lane(value)
    assert value not in words.LANES.get(value, (value, value))[1] or value == "void"


@pytest.mark.parametrize("value", Status.values)
def test_every_end_of_a_question_has_a_word(value: str) -> None:
    assert "#question" not in words.outcome(value)


@given(st.text(max_size=20))
def test_a_status_that_nobody_knows_is_shown_and_escaped(value: str) -> None:
    for show in (
        words.state,
        words.lane,
        words.outcome_chip,
        words.batch_chip,
        words.statement_chip,
        words.position_chip,
    ):
        told = show(value)
        assert "<script" not in told.replace("&lt;", "")
        assert told.count("<span") == told.count("</span>")


@pytest.mark.django_db
def test_an_upload_says_of_each_file_what_became_of_it(people: Cast) -> None:
    report = take_in(table("invoices", bill()), table("invoices", bill()), b"<broken")
    assert {line.result for line in report.lines} <= words.RESULTS.keys()
    assert {line.code for line in report.lines if line.code} <= words.QUARANTINE.keys()
