"""Pages of samples: an auditor draws from a search, records item by item and draws again; a manager reads."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import AccessRecord, AuditSample, Invoice, SampleResult
from tests import cast
from tests.cast import Cast, bill

from .pile import pile

pytestmark = pytest.mark.django_db
FORM = {
    "query": "",
    "purpose": "Are they right?",
    "method": "random",
    "size": "3",
    "seed": "s1",
    "confidence": "0.95",
}


@pytest.fixture
def auditor(people: Cast, client: Client) -> Client:
    pile(8)
    client.force_login(people.erin)
    return client


def browser(user: Any) -> Client:
    found = Client()
    found.force_login(user)
    return found


def drawn(auditor: Client, **changes: str) -> AuditSample:
    response = auditor.post(reverse("coordination:sample_draw"), FORM | changes)
    assert response.status_code == 302, response.content.decode()[:2000]
    row = AuditSample.objects.latest("at")
    assert response["Location"] == reverse("coordination:sample", args=[row.id])
    return row


def page(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"coordination:{name}", args=args), query)
    assert response.status_code == 200, response.content[:400]
    return " ".join(response.content.decode().split())


def result(row: AuditSample, place: int, **changes: str) -> tuple[str, dict[str, str]]:
    url = reverse("coordination:sample_record", args=[row.id, row.drawn[place - 1]["id"]])
    return url, {"outcome": "right", "audited": "", "words": "", "seen": ""} | changes


def test_a_search_leads_to_a_sample_of_what_it_finds(auditor: Client) -> None:
    text = page(auditor, "audit", least="500")
    assert f"{reverse('coordination:sample_new')}?least=500" in text
    form = page(auditor, "sample_new", least="500")
    assert "gross from 500" in form
    assert '<dd class="num">4</dd>' in form
    row = drawn(auditor, query="least=500", size="2")
    assert (row.query, row.population_count, len(row.drawn)) == ("least=500", 4, 2)
    assert "Are they right?" in page(auditor, "samples")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"size": "99"}, "99 cannot be drawn"),
        ({"size": "many"}, "between 1 and"),
        ({"purpose": " "}, "what the sample is for"),
        ({"method": "monetary_unit"}, "choose one currency"),
        ({"method": "stratified", "currency": "EUR", "bounds": "x"}, "with spaces between"),
        ({"confidence": "sure"}, "Choose a confidence"),
        ({"confidence": "0.5"}, "Choose a confidence"),
    ],
)
def test_what_was_refused_is_said_on_the_form_which_keeps_what_was_typed(
    auditor: Client, changes: dict[str, str], why: str
) -> None:
    response = auditor.post(reverse("coordination:sample_draw"), FORM | {"query": "text=INV"} | changes)
    text = response.content.decode()
    assert response.status_code == 400
    assert why in text
    assert 'value="s1"' in text
    assert 'name="query" value="text=INV"' in text
    assert not AuditSample.objects.exists()


@pytest.mark.parametrize(
    "query", ["least=much", "since=yesterday", "colour=red", "text=a&text=b", "x" * 3000]
)
def test_a_search_that_cannot_be_read_is_refused(auditor: Client, query: str) -> None:
    assert auditor.post(reverse("coordination:sample_draw"), FORM | {"query": query}).status_code == 400
    assert auditor.get(reverse("coordination:sample_new"), {"least": "much"}).status_code == 400


def test_results_are_recorded_one_by_one_and_then_it_speaks(auditor: Client) -> None:
    row = drawn(auditor)
    text = page(auditor, "sample", row.id)
    assert "told when every item has a result" in text
    assert "<h2>Item 1</h2>" in text
    for place in (1, 2, 3):
        changes = {"outcome": "wrong", "words": "Price not agreed."} if place == 2 else {}
        url, data = result(row, place, **changes)
        response = auditor.post(url, data)
        assert response.status_code == 302
        assert response["Location"] == f"{reverse('coordination:sample', args=[row.id])}#record"
    text = page(auditor, "sample", row.id, item="2")
    assert "Upper bound at 95.0 %" in text
    assert "Price not agreed." in text
    assert "33.3 % of 8 invoices" in text
    assert "Complete" in text


def test_a_second_look_at_what_another_recorded_is_refused_and_keeps_the_words(auditor: Client) -> None:
    row = drawn(auditor)
    url, data = result(row, 1)
    auditor.post(url, data)
    response = auditor.post(url, data | {"outcome": "not_found", "words": "Nowhere."})
    assert response.status_code == 409
    text = response.content.decode()
    assert "since you looked" in text
    assert "Nowhere." in text
    seen = str(SampleResult.objects.get().id)
    assert (
        auditor.post(url, data | {"outcome": "not_found", "words": "Nowhere.", "seen": seen}).status_code
        == 302
    )
    assert "Earlier: Right" in page(auditor, "sample", row.id, item="1")


@pytest.mark.parametrize(
    "changes", [{"outcome": ""}, {"outcome": "wrong", "words": "x", "audited": "much"}, {"outcome": "wrong"}]
)
def test_a_result_that_says_nothing_is_refused_where_it_arose(
    auditor: Client, changes: dict[str, str]
) -> None:
    row = drawn(auditor)
    url, data = result(row, 2, **changes)
    response = auditor.post(url, data)
    assert response.status_code == 400
    assert "<h2>Item 2</h2>" in response.content.decode()
    assert not SampleResult.objects.exists()


def test_drawing_again_says_what_has_changed(auditor: Client) -> None:
    row = drawn(auditor)
    assert "It finds the same population" in page(auditor, "sample_again", row.id)
    cast.take_in(cast.table("invoices", bill(invoice_number="LATE-1", order_number="PO-L")))
    text = page(auditor, "sample_again", row.id)
    assert "1 invoice came or went" in text
    assert "LATE-1</a> was received after the draw" in text
    assert "the seed gives the same 3 items" in text


def test_the_sheet_is_taken_away_as_csv(auditor: Client) -> None:
    row = drawn(auditor, method="monetary_unit", currency="EUR", size="4")
    url, data = result(row, 1, outcome="wrong", audited="100.00", words="=HYPERLINK(1)")
    auditor.post(url, data)
    response = auditor.get(reverse("coordination:sample_csv", args=[row.id]))
    assert "attachment" in response["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert len(lines) == len(row.drawn)
    assert (lines[0]["outcome"], lines[0]["audited"], lines[0]["words"]) == (
        "wrong",
        "100.00",
        "'=HYPERLINK(1)",
    )
    assert lines[0]["by"] == "Erin"
    assert {line["outcome"] for line in lines[1:]} == {""}


def test_managers_read_and_do_not_draw_and_others_see_nothing(auditor: Client, people: Cast) -> None:
    row = drawn(auditor)
    url, data = result(row, 1)
    pages = [("samples", ()), ("sample", (row.id,)), ("sample_again", (row.id,)), ("sample_csv", (row.id,))]
    for who, status in (("carol", 200), ("alice", 403), ("frank", 403)):
        other = browser(getattr(people, who))
        assert {other.get(reverse(f"coordination:{n}", args=a)).status_code for n, a in pages} == {status}
        assert other.get(reverse("coordination:sample_new")).status_code == 403
        assert other.post(reverse("coordination:sample_draw"), FORM).status_code == 403
        assert other.post(url, data).status_code == 403
    assert 'name="outcome"' not in page(browser(people.carol), "sample", row.id)
    assert "Draw from all" not in page(browser(people.carol), "samples")
    assert not SampleResult.objects.exists()


def test_who_looked_at_a_sample_is_recorded(auditor: Client, people: Cast) -> None:
    row = drawn(auditor)
    page(browser(people.carol), "sample", row.id)
    auditor.get(reverse("coordination:sample_csv", args=[row.id]))
    looks = list(AccessRecord.objects.order_by("id").values_list("by", "what", "subject"))
    erin, carol = f"human:{people.erin.pk}", f"human:{people.carol.pk}"
    assert looks == [
        (erin, "sample drawn", row.subject),
        (carol, "sample", row.subject),
        (erin, "sample sheet", row.subject),
    ]


def test_what_is_not_there_is_not_found(auditor: Client) -> None:
    row = drawn(auditor)
    for name in ("sample", "sample_again", "sample_csv"):
        assert auditor.get(reverse(f"coordination:{name}", args=[uuid4()])).status_code == 404
    outside = Invoice.objects.exclude(pk__in=[UUID(d["id"]) for d in row.drawn]).first()
    assert outside is not None
    response = auditor.post(
        reverse("coordination:sample_record", args=[row.id, outside.id]), {"outcome": "right", "seen": ""}
    )
    assert response.status_code == 400
    assert auditor.get(reverse("coordination:sample_draw")).status_code == 405


def test_hostile_words_are_text_on_the_page(auditor: Client) -> None:
    row = drawn(auditor, purpose="<script>alert(1)</script>", size="1")
    url, data = result(row, 1, outcome="not_found", words="<img src=x onerror=alert(1)>")
    auditor.post(url, data)
    for text in (
        page(auditor, "sample", row.id),
        page(auditor, "samples"),
        page(auditor, "sample_again", row.id),
    ):
        assert "<script>alert" not in text
        assert "<img src=x" not in text
