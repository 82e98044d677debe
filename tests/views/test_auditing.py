"""The auditor's pages: search, how it stood, who could have decided, run again, notes, who looked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import sealing
from audit.models import Entry
from coordination.assurance.search import Search
from coordination.models import AccessRecord, AuditNote, Invoice, SavedSearch
from coordination.selectors import as_of, auditing
from coordination.selectors.as_of import invoice_as_of
from reviews.models import SigningProfile
from tests import cast
from tests.audit.administrator import attack
from tests.cast import Cast, answer, bill, order, question, receipt

from .conftest import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast.people()


@pytest.fixture
def auditor(people: Cast, client: Client) -> Client:
    client.force_login(people.erin)
    return client


def page(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"coordination:{name}", args=args), query)
    assert response.status_code == 200, response.content[:400]
    return read(response)


def shown(text: str) -> str:
    return " ".join(text.split())


# --- search ----------------------------------------------------------------------------------------


def two() -> None:
    """INV-1 is clear, RE-2 is over the price."""
    cast.trade(
        bill(),
        bill(invoice_number="RE-2", order_number="PO-2", unit_price="20.00"),
        orders=(order(), order(order_number="PO-2")),
        receipts=(receipt(), receipt(receipt_number="GR-2", order_number="PO-2")),
    )


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Search(text="inv-1"), {"INV-1"}),
        (Search(text="PO-2"), {"RE-2"}),
        (Search(text="V-1"), {"INV-1", "RE-2"}),
        (Search(code="price_over"), {"RE-2"}),
        (Search(rule="t-01"), {"RE-2"}),
        (Search(actor="finance.validation"), {"INV-1", "RE-2"}),
        (Search(actor="nobody"), set()),
        (Search(least="2000"), {"RE-2"}),
        (Search(most="2000"), {"INV-1"}),
        (Search(least="1190.00", most="1190.00"), {"INV-1"}),
        (Search(since="2100-01-01"), set()),
        (Search(until="2100-01-01", code="price_over", text="RE"), {"RE-2"}),
    ],
)
def test_every_field_narrows_the_search(people: Cast, wanted: Search, numbers: set[str]) -> None:
    two()
    found = auditing.search(wanted)
    assert {row.number for row in found.rows} == numbers
    assert found.count == len(numbers)


def test_a_person_is_found_by_name_and_the_sum_is_said(people: Cast, auditor: Client) -> None:
    two()
    answer(question("RE-2"), "approve", by=people.alice)
    assert [r.number for r in auditing.search(Search(actor="Alice")).rows] == ["RE-2"]
    text = page(auditor, "audit", actor="alice")
    assert "1 invoice," in shown(text)
    assert "2,380.00" in text


@pytest.mark.parametrize("wanted", [{"least": "much"}, {"since": "yesterday"}, {"most": "1e999999999"}])
def test_what_cannot_be_read_is_said(auditor: Client, wanted: dict[str, str]) -> None:
    text = page(auditor, "audit", **wanted)
    assert "cannot be read" in text or "No invoice matches" in text


def test_a_search_is_kept_used_and_forgotten(people: Cast, auditor: Client) -> None:
    query = Search(code="price_over").query
    auditor.post(reverse("coordination:search_keep"), {"name": "Prices", "query": query})
    assert f"?{query}" in page(auditor, "audit")
    kept = SavedSearch.objects.get()
    other = Client()
    other.force_login(people.carol)
    other.post(reverse("coordination:search_drop", args=[kept.id]))
    assert SavedSearch.objects.count() == 1
    auditor.post(reverse("coordination:search_drop", args=[kept.id]))
    assert not SavedSearch.objects.exists()


def test_control_totals_count_what_came_in_against_what_stands(auditor: Client) -> None:
    two()
    row = next(r for r in auditing.control_totals() if r.kind == "invoice")
    assert (row.counted, row.there, row.agrees) == (2, 2, True)
    assert row.gross == row.gross_there == sum(Invoice.objects.values_list("gross", flat=True))
    told = page(auditor, "audit")
    assert "Control totals" in told
    assert "octagon" not in told


def test_control_totals_that_do_not_agree_come_first(auditor: Client) -> None:
    two()
    attack(
        "coordination_document",
        "UPDATE coordination_document SET source = 'mail' WHERE kind = 'invoice' AND number = 'INV-1'",
    )
    first, second = auditing.control_totals()[:2]
    assert {(r.source, r.counted, r.there) for r in (first, second)} == {("test", 2, 1), ("mail", 0, 1)}
    assert "octagon" in page(auditor, "audit")


# --- as of -----------------------------------------------------------------------------------------


def moments() -> list[datetime]:
    """When each entry of INV-1 was recorded."""
    rows = Entry.objects.filter(subject=cast.invoice().subject).order_by("seq")
    return list(rows.values_list("recorded_at", flat=True))


def test_an_invoice_is_shown_as_it_stood(people: Cast) -> None:
    cast.trade(bill(unit_price="20.00"))
    asked = timezone.now()
    answer(question(), "approve", by=people.alice)
    row = cast.invoice()
    before = invoice_as_of(row, moments()[0] - timedelta(seconds=1))
    assert (before.row, before.entries, before.last_hash) == (None, 0, "")
    then, now = invoice_as_of(row, asked), invoice_as_of(row, timezone.now())
    assert then.row is not None
    assert now.row is not None
    assert (then.row.lane, [h.code for h in then.holds]) == ("escalated", ["price_over"])
    assert then.question is not None
    assert (now.row.lane, list(now.holds), now.question) == ("human", [], None)
    assert then.entries < now.entries
    assert then.policy is not None
    assert then.policy.revision == 1


def could(at: datetime) -> dict[str, str]:
    return {s.name: s.why_not for s in invoice_as_of(cast.invoice(), at).signers}


def test_who_could_have_approved_is_told_with_the_reason_for_the_others(people: Cast) -> None:
    cast.trade(bill(unit_price="20.00"))
    told = could(timezone.now())
    assert told["Alice"] == told["Carol"] == ""
    assert told["Bob"] == "answers finance, not procurement"
    assert told["Erin"] == told["Frank"] == "not in a group that decides this"
    SigningProfile.objects.filter(user=people.alice).update(
        limit=None
    )  # past the record: nothing is known of it
    assert could(timezone.now())["Alice"] == ""


def test_a_change_of_rights_does_not_reach_back(people: Cast) -> None:
    cast.trade(bill(unit_price="20.00"))
    before = timezone.now()
    people.alice.groups.clear()
    profile = people.dave.signing_profile
    profile.limit = 100
    profile.save()
    people.carol.is_active = False
    people.carol.save()
    assert {could(before)[n] for n in ("Alice", "Dave", "Carol")} == {""}
    told = could(timezone.now())
    assert told["Alice"] == "not in a group that decides this"
    assert told["Dave"] == "signs up to 100.00"
    assert told["Carol"] == "the account was closed"


def test_rights_are_recorded_once_for_each_change(people: Cast) -> None:
    subject = f"person/{people.alice.pk}"
    count = Entry.objects.filter(subject=subject).count()
    people.alice.save()
    people.alice.groups.add(Group.objects.get(name="specialist"))
    assert Entry.objects.filter(subject=subject).count() == count
    Group.objects.get(name="manager").user_set.add(people.alice)
    assert Entry.objects.filter(subject=subject).count() == count + 1
    cast.assert_sound()


@pytest.mark.parametrize("at", ["2026-13-01", "soon", "2026-02-30 10:00"])
def test_a_moment_that_is_none_is_said(auditor: Client, at: str) -> None:
    cast.trade()
    response = auditor.get(reverse("coordination:invoice_as_of", args=[cast.invoice().id]), {"at": at})
    assert response.status_code == 400
    assert "no moment" in response.content.decode()


def test_the_page_tells_state_policy_and_signers(people: Cast, auditor: Client) -> None:
    cast.trade(bill(unit_price="20.00"))
    text = shown(page(auditor, "invoice_as_of", cast.invoice().id))
    assert "price over" in text
    assert "Who could have approved it" in text
    assert "Alice" in text
    assert "had not been received" in page(auditor, "invoice_as_of", cast.invoice().id, at="2020-01-01")


# --- run again -------------------------------------------------------------------------------------


def test_decisions_are_run_again_on_the_page(auditor: Client) -> None:
    cast.trade()
    text = shown(page(auditor, "invoice_again", cast.invoice().id))
    assert "Every decision follows" in text


# --- traces ----------------------------------------------------------------------------------------


def test_who_looked_is_recorded_and_shown(people: Cast, auditor: Client) -> None:
    cast.trade()
    row = cast.invoice()
    page(auditor, "invoice", row.id)
    auditor.get(reverse("coordination:document", args=[row.document_id]))
    assert list(AccessRecord.objects.order_by("id").values_list("by", "what", "subject")) == [
        (f"human:{people.erin.pk}", "history", row.subject),
        (f"human:{people.erin.pk}", "original", row.subject),
    ]
    assert "Erin" in page(auditor, "invoice_looks", row.id)
    other = Client()
    other.force_login(people.alice)
    assert other.get(reverse("coordination:invoice_looks", args=[row.id])).status_code == 403


def test_a_refresh_of_the_page_is_not_another_look(auditor: Client) -> None:
    cast.trade()
    url = reverse("coordination:invoice", args=[cast.invoice().id])
    auditor.get(url, headers={"HX-Request": "true"})
    assert not AccessRecord.objects.exists()


def test_an_auditor_notes_and_nobody_else_does(people: Cast, auditor: Client) -> None:
    cast.trade()
    row = cast.invoice()
    url = reverse("coordination:invoice_note", args=[row.id])
    assert auditor.post(url, {"text": "Seen the order itself.", "seq": "2"}).status_code in {200, 302}
    assert auditor.post(url, {"text": "  "}).status_code == 400
    assert "Seen the order itself." in page(auditor, "invoice", row.id)
    for somebody in (people.alice, people.carol, people.frank):
        other = Client()
        other.force_login(somebody)
        assert other.post(url, {"text": "Me too"}).status_code == 403
    note = AuditNote.objects.get()
    assert (note.seq, note.by) == (2, f"human:{people.erin.pk}")
    assert Entry.objects.filter(subject=f"note/{note.id}", type="audit.noted").count() == 1
    cast.assert_sound()


@pytest.mark.parametrize("table", ["coordination_auditnote", "coordination_accessrecord"])
def test_what_was_left_behind_is_never_changed(auditor: Client, table: str) -> None:
    cast.trade()
    row = cast.invoice()
    page(auditor, "invoice", row.id)
    auditor.post(reverse("coordination:invoice_note", args=[row.id]), {"text": "Seen."})
    for statement in (f"UPDATE {table} SET subject = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize("name", ["audit"])
def test_an_administrator_does_not_read_the_audit(people: Cast, client: Client, name: str) -> None:
    client.force_login(people.frank)
    assert client.get(reverse(f"coordination:{name}")).status_code == 403


def test_an_invoice_is_shown_as_a_checkpoint_proves_it(people: Cast, auditor: Client) -> None:
    cast.trade(bill(unit_price="20.00"))
    first = sealing.seal()
    cast.answer(cast.question(), "reject", by=people.alice)
    second = sealing.seal()
    row = cast.invoice()
    assert [u.size for u in as_of.checkpoints_over(row)] == [second.size, first.size]
    found = as_of.under(row, first.size)
    assert found is not None
    assert found.entries < Entry.objects.filter(subject=row.subject).count()
    address = reverse("coordination:invoice_as_of", args=[row.pk])
    then = read(auditor.get(address, {"checkpoint": str(first.size)}))
    assert "The question was open" in then or "the question was open" in then
    assert f"covers {found.entries} entries of this invoice" in then
    now = auditor.get(address, {"checkpoint": str(second.size)}).content.decode()
    assert "no question was open" in now
    for wrong in ("7777777", "x", "-1"):
        assert auditor.get(address, {"checkpoint": wrong}).status_code == 400
