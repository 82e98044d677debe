"""The walkthrough tells one invoice from its documents to its payment, whatever its text would like to do."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from coordination.assurance import access_log
from coordination.models import AccessRecord
from coordination.reports.pdf import pdf
from coordination.selectors.walkthrough import walkthrough
from coordination.services import payments
from reviews import assignment
from reviews.services import person
from tests import cast
from tests.cast import Cast, answer, bill, order, question, receipt, table

from .reading import text_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def printed(number: str = "INV-1") -> str:
    return text_of(pdf(walkthrough(cast.invoice(number)), NOON))


def test_it_tells_the_way_of_an_invoice_from_document_to_payment(people: Cast) -> None:
    cast.trade()
    [batch] = payments.propose(person(people.carol)).batches
    payments.approve(batch.number, by=people.dave)
    row = cast.invoice()
    text = printed()
    for part in ("Hartmann GmbH", "EUR 1,190.00", "PO-1 / 10", "GR-1", row.document.source_format):
        assert part in text
    assert row.document.content_id in text.replace(" ", "")
    for agent in ("finance.validation", "procurement.matching", "operations.delivery", "finance.payment"):
        assert agent in text
    assert "Rule B-05 fired" in text
    assert "Nobody was asked" in text
    assert f"Payment run {batch.number}" in text
    assert "Carol" in text
    assert "Dave" in text
    assert cast.IBAN in text
    assert "each names the one before it" in text
    assert "came out the same" in text
    for entry in Entry.objects.filter(subject=row.subject):
        assert entry.hash in text.replace(" ", "")


def test_ordered_received_and_invoiced_stand_side_by_side_as_they_were_read(people: Cast) -> None:
    cast.trade(bill(unit_price="11.00"), receipts=(receipt(quantity="90"),))
    before = printed()
    assert "1 Bolt M8 PO-1 / 10 100 10.00 90 90 100 EA 11.00 1,100.00" in before
    assert "price over" in before
    cast.take_in(table("receipts", receipt(receipt_number="GR-2", quantity="10")))
    assert "10.00 90 90 100 EA" in printed()  # nobody has decided on it yet
    cast.drain()
    assert "10.00 100 100 100 EA" in printed()


def test_what_a_person_was_shown_answered_and_how_long_it_took_is_told(people: Cast) -> None:
    cast.trade(bill(unit_price="11.00"))
    asked = question()
    assignment.claim(asked.id, by=people.alice)
    access_log.seen(people.alice, "original", cast.invoice().subject)
    answer(asked, "override", by=people.alice, comment="Agreed with Mr Meier by phone.")
    text = printed()
    assert "Alice" in text
    assert "answered override (rule_does_not_fit)" in text
    assert "“Agreed with Mr Meier by phone.”" in text
    assert "by command, run by" in text
    assert "so nothing was shown" in text
    assert "the payload was the one shown" not in text
    assert asked.payload_hash[:40] in text
    assert "after taking it on at" in text
    assert "opened before that: original at" in text
    assert "is not recorded" in text


def test_two_printings_differ_in_nothing_but_the_time(people: Cast) -> None:
    cast.trade(bill(unit_price="11.00"))
    paper = walkthrough(cast.invoice())
    assert paper == walkthrough(cast.invoice())
    first = pdf(paper, NOON)
    assert first == pdf(paper, NOON)
    later = pdf(paper, datetime(2027, 1, 1, tzinfo=UTC))
    assert text_of(first).replace("2026-11-20 12:00:00", "") == text_of(later).replace(
        "2027-01-01 00:00:00", ""
    )


HOSTILE = (
    "<img src='file:///etc/passwd'/> </para> &lt; <a href='http://evil.example'>pay here</a> \u202egnp.exe "
    + "中" * 400
    + " "
    + "W" * 3000
)


def test_hostile_text_is_printed_and_does_nothing(people: Cast) -> None:
    cast.trade(
        bill(description=HOSTILE, unit_price="11.00"),
        vendors=(cast.vendor(name="<b>Hartmann</b> & Söhne, Łódź"),),
        orders=(order(description=HOSTILE),),
    )
    content = pdf(walkthrough(cast.invoice()), NOON)
    text = text_of(content)
    assert "<b>Hartmann</b> & Söhne, Lódz" in text
    assert "<img src='file:///etc/passwd'/>" in text
    assert "‹U+202E›" in text
    assert "‹U+4E2D›" in text
    with pikepdf.open(io.BytesIO(content)) as document:
        assert not [page for page in document.pages if "/Annots" in page]
        assert "/OpenAction" not in document.Root
        assert "/Names" not in document.Root


def test_an_invoice_of_many_lines_is_printed_in_time(people: Cast) -> None:
    lines = [
        bill(line=str(n), order_line=str(n), quantity="1", net="600.00", tax="114.00", gross="714.00")
        for n in range(1, 61)
    ]
    cast.take_in(table("vendors", cast.vendor()), table("invoices", *lines))
    cast.drain()
    text = printed()
    assert "60 Bolt M8" in text


def test_it_is_asked_for_on_the_page_and_that_is_recorded(people: Cast, client: Client) -> None:
    cast.trade()
    row = cast.invoice()
    client.force_login(people.erin)
    found = client.get(reverse("coordination:walkthrough", args=[row.id]))
    assert (found.status_code, found["Content-Type"]) == (200, "application/pdf")
    assert found["Content-Disposition"] == 'attachment; filename="walkthrough-inv-1.pdf"'
    assert found.content.startswith(b"%PDF-")
    look = AccessRecord.objects.get()
    assert (look.by, look.what, look.subject) == (f"human:{people.erin.pk}", "walkthrough", row.subject)
    client.force_login(people.frank)
    assert client.get(reverse("coordination:walkthrough", args=[row.id])).status_code == 403
    assert "Walkthrough" in _page(people, reverse("coordination:invoice", args=[row.id]))


def _page(people: Cast, url: str) -> str:
    browser = Client()
    browser.force_login(people.erin)
    return browser.get(url).content.decode()


def test_the_command_writes_it(people: Cast, tmp_path: Path) -> None:
    cast.trade()
    out = io.StringIO()
    call_command("walkthrough", "INV-1", "-o", str(tmp_path / "w.pdf"), "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["invoice"] == "INV-1"
    assert told["bytes"] == len((tmp_path / "w.pdf").read_bytes())
    assert AccessRecord.objects.get().by == "system:command"


def test_the_command_names_no_invoice_and_two_of_one_number(people: Cast, tmp_path: Path) -> None:
    cast.take_in(
        table(
            "vendors",
            cast.vendor(),
            cast.vendor(vendor_id="V-2", name="Other", vat_id="", iban=cast.OTHER_IBAN),
        ),
        table("invoices", bill(), bill(vendor_id="V-2", iban=cast.OTHER_IBAN)),
    )
    for args in (["INV-9"], ["INV-1"], ["INV-1", "--vendor", "V-3"]):
        with pytest.raises(SystemExit) as caught:
            call_command("walkthrough", *args, "-o", str(tmp_path / "w.pdf"), stderr=io.StringIO())
        assert caught.value.code == 2
    call_command(
        "walkthrough", "INV-1", "--vendor", "V-2", "-o", str(tmp_path / "w.pdf"), stdout=io.StringIO()
    )
