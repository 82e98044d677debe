"""The other pages: what they say about one small trade."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit import clock
from coordination.models import PaymentBatch, Quarantine
from coordination.services import payments
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast, bill, vendor

from .conftest import HTMX, answer, client, read


@pytest.fixture
def carol(people: Cast) -> Client:
    return client(people.carol)


def text(browser: Client, name: str, *args: object, **query: str) -> str:
    return read(browser.get(reverse(name, args=args), query))


def unlinked(page: str) -> str:
    """The page without its links: numbers are links to what they count."""
    return " ".join(re.sub(r"</?a\b[^>]*>", "", page).split())


def test_the_overview_says_what_waits_and_since_when(case: Escalation, carol: Client) -> None:
    page = text(carol, "coordination:overview")
    assert "1,309.00" in page  # 100 at 11.00, with 19 %
    assert "1 escalation" in page
    assert "Hartmann GmbH" in page


def test_who_reads_no_cases_is_told_how_many_wait(case: Escalation, people: Cast) -> None:
    page = text(client(people.frank), "coordination:overview")
    assert "1 escalation" in page
    assert "Nothing to countersign" not in page
    assert str(case.pk) not in page.replace(f"first-{case.pk}", "")


def test_a_department_of_a_reserved_queue_is_counted_for_whom_sees_it_only(people: Cast) -> None:
    cast.trade()
    payments.propose(f"human:{people.dave.pk}")
    row = r'queue=payments">Payments</a></td>\s*<td class="r"><a href="/inbox/\?queue=payments">1</a></td>'
    assert re.search(row, text(client(people.carol), "coordination:flow", days="7"))
    for who in (people.alice, people.frank):
        assert "queue=payments" not in text(client(who), "coordination:flow", days="7")


def test_the_touchless_rate_is_shown_with_its_base(people: Cast, carol: Client) -> None:
    cast.trade()
    assert "1 of 1 ruled on" in unlinked(text(carol, "coordination:overview"))


def test_the_flow_counts_each_stage_and_each_department(case: Escalation, carol: Client) -> None:
    page = text(carol, "coordination:flow", days="7")
    assert "1 escalated" in page
    assert re.search(r"Procurement</a></td>\s*<td class=\"r\"><a [^>]+>1</a></td>", page)
    assert 'd="M0.0,0.0' in page


def test_the_agents_page_has_a_line_for_each_agent_and_the_chart_its_data(
    case: Escalation, carol: Client
) -> None:
    assert "procurement.matching" in text(carol, "coordination:agents")
    data = json.loads(text(carol, "coordination:agent_series", "procurement.matching"))
    assert (data["measure"], data["points"]) == ("approve_rate", [])


def test_an_agent_that_is_stopped_says_by_whom(case: Escalation, carol: Client) -> None:
    name = "procurement.matching"
    carol.post(reverse("coordination:agent_pause", args=[name]))
    assert "Stopped by Carol" in text(carol, "coordination:agent", name)


def test_invoices_are_found_by_number_vendor_and_order(case: Escalation, carol: Client) -> None:
    def found(**query: str) -> bool:
        return "INV-1" in text(carol, "coordination:invoices", **query)

    assert found(q="inv-1")
    assert found(q="hartmann")
    assert found(q="PO-1")
    assert found(state="validated", lane="escalated")
    assert not found(q="nobody")
    assert not found(state="paid")


def test_a_vendors_markup_stays_text(people: Cast, carol: Client) -> None:
    name = "<script>alert(1)</script>"
    cast.trade(cast.bill(unit_price="11.00"), vendors=(cast.vendor(name=name),))
    for page in ("coordination:invoices", "coordination:overview", "reviews:inbox"):
        assert name not in text(carol, page)
    assert "&lt;script&gt;" in text(carol, "coordination:invoices")


def test_the_history_tells_every_entry_with_its_hash_and_an_end(case: Escalation, carol: Client) -> None:
    invoice = cast.invoice()
    carol.post(reverse("reviews:decide", args=[case.pk]), answer(case, by="carol"))
    page = text(carol, "coordination:invoice", invoice.pk)
    count = len(cast.entries(invoice.subject))
    assert page.count('class="step"') == count
    assert f"Entry {count} is the last" in page
    assert "Not sealed yet" in page
    assert "Approved" in page


def test_an_entry_shows_the_rows_it_changed_before_and_after(case: Escalation, carol: Client) -> None:
    invoice = cast.invoice()
    carol.post(reverse("reviews:decide", args=[case.pk]), answer(case, by="carol"))
    seq = cast.entries(invoice.subject).index("verdict.given") + 1
    page = text(carol, "coordination:entry", invoice.pk, seq)
    assert "<del>open</del>" in page
    assert "approved" in page
    assert "As agreed by phone." in page
    assert "same when decided" in page
    assert carol.get(reverse("coordination:entry", args=[invoice.pk, 999])).status_code == 404


def test_the_history_asks_the_database_as_often_for_long_chains_as_for_short_ones(
    case: Escalation, carol: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(47):  # type: ignore[operator]
        text(carol, "coordination:invoice", cast.invoice().pk)


def test_the_original_is_a_download_that_can_do_nothing(case: Escalation, carol: Client) -> None:
    found = carol.get(reverse("coordination:document", args=[cast.invoice().document_id]))
    assert found["Content-Disposition"].startswith("attachment")
    assert found["Content-Type"] == "application/octet-stream"
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert found.content.startswith(b"invoice_number,")


def test_uploaded_files_are_answered_line_by_line(people: Cast) -> None:
    files = [
        SimpleUploadedFile("vendors.csv", cast.table("vendors", cast.vendor())),
        SimpleUploadedFile("broken.xml", b"<Invoice>"),
    ]
    found = client(people.carol).post(reverse("coordination:intake"), {"files": files}, headers=HTMX)
    page = found.content.decode()
    assert "Accepted" in page
    assert "not well formed" in page
    assert Quarantine.objects.get().received_by == f"human:{people.carol.pk}"


def test_quarantine_names_the_place_and_keeps_the_bytes(people: Cast) -> None:
    cast.take_in(b"<Invoice>\n<ID>1</Wrong>")
    broken, browser = Quarantine.objects.get(), client(people.alice)
    assert broken.error[:30] in text(browser, "coordination:intake").replace("&#x27;", "'").replace(
        "&lt;", "<"
    )
    original = browser.get(reverse("coordination:quarantine_original", args=[broken.pk]))
    assert original.content == b"<Invoice>\n<ID>1</Wrong>"
    gone = browser.post(reverse("coordination:quarantine_dismiss", args=[broken.pk]), headers=HTMX)
    assert "Everything that came in could be read." in gone.content.decode()


def test_a_payment_run_needs_a_second_person_and_ends_as_a_file(people: Cast, carol: Client) -> None:
    cast.trade()
    carol.post(reverse("coordination:payments_propose"))
    number = PaymentBatch.objects.get().number
    approve, file = (reverse(f"coordination:payment_{verb}", args=[number]) for verb in ("approve", "file"))
    own = carol.post(approve, headers=HTMX)
    assert own.status_code == 403
    assert "someone else has to countersign" in own.content.decode()
    assert carol.post(file, headers=HTMX).status_code == 409
    dave = client(people.dave)
    page = dave.get(reverse("coordination:payment_batch", args=[number])).content.decode()
    shown = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert dave.post(approve, shown | {"reason": "payments_checked"}).status_code == 302
    found = dave.post(file)
    assert found["Content-Disposition"] == f'attachment; filename="payment-run-{number}.xml"'
    assert b"pain.001.001.09" in found.content
    dave.post(reverse("coordination:payment_confirm", args=[number]))
    assert "Paid" in text(dave, "coordination:payment_batch", number)


def test_appearance_and_keys_are_kept_and_nonsense_is_not(people: Cast) -> None:
    browser = client(people.alice)
    url = reverse("coordination:preferences")
    browser.post(url, {"theme": "dark", "keys": "off"})
    page = text(browser, "coordination:invoices")
    assert 'data-theme="dark"' in page
    assert 'data-keys="off"' in page
    browser.post(url, {"theme": '"><script>'})
    assert 'data-theme="dark"' in text(browser, "coordination:invoices")


def test_what_is_missing_or_forbidden_says_so_as_page_and_as_part(people: Cast) -> None:
    browser = client(people.erin)
    page = browser.get("/nowhere/")
    assert (page.status_code, "There is no such page." in page.content.decode()) == (404, True)
    refused = browser.post(reverse("coordination:payments_propose"), headers=HTMX)
    assert refused.status_code == 403
    assert "Managers do." in refused.content.decode()
    assert "<html" not in refused.content.decode()


def test_money_that_waits_is_counted_once_though_a_statement_speaks_of_it_too(
    case: Escalation, carol: Client
) -> None:
    line = {
        "statement_number": "ST-1",
        "vendor_id": "V-1",
        "date": "2026-11-20",
        "currency": "EUR",
        "reference": "INV-1",
        "reference_date": "2026-09-05",
        "type": "invoice",
        "amount": "5000.00",
        "balance": "",
    }
    cast.take_in(cast.table("statements", line))
    cast.drain()
    assert Escalation.objects.get(kind="statement").amount_company
    for page in ("coordination:overview", "reviews:inbox", "coordination:flow"):
        shown = text(carol, page)
        assert "1,309.00" in shown
        assert "5,000.00" not in shown  # with the difference of the statement, 3,691.00


def test_the_overview_names_what_is_overdue(carol: Client) -> None:
    cast.trade(cast.bill(unit_price="11.00", due_date="2026-09-30"))
    assert "1 on overdue invoices" in text(carol, "coordination:overview")


def test_a_refused_download_leads_back_to_its_run_and_a_refusal_leaves_its_place(
    people: Cast, carol: Client
) -> None:
    cast.trade()
    carol.post(reverse("coordination:payments_propose"))
    number = PaymentBatch.objects.get().number
    run = reverse("coordination:payment_batch", args=[number])
    found = carol.post(reverse("coordination:payment_file", args=[number]))
    assert found.status_code == 409
    assert f'href="{run}">Payment run {number}</a>' in found.content.decode()
    page = carol.get(run).content.decode()
    assert 'hx-target="#said"' in page
    assert re.search(r'id="batch"[^>]*hx-disinherit="hx-swap"', page)  # else #said is gone after the first
    stop = reverse("coordination:payment_stop", args=[number])
    refused = carol.post(stop, {"text": " "}, headers=HTMX)
    assert (refused.status_code, "Say why" in refused.content.decode()) == (422, True)


def test_numbers_of_open_questions_lead_to_the_questions(people: Cast) -> None:
    cast.trade(
        bill(unit_price="11.00", issue_date=cast.days_ago(3), due_date=cast.days_ago(1)),
        vendors=(vendor(payment_terms="2/10 net 30"),),
    )
    browser = client(people.alice)
    with clock.simulated(cast.moment() + timedelta(days=2)):
        page = text(browser, "coordination:overview")
        for which in ("late", "overdue", "discounts"):
            address = reverse("coordination:waiting", args=[which])
            assert f'href="{address}"' in page
            listed = browser.get(address).content.decode()
            assert reverse("reviews:case", args=[cast.question().pk]) in listed
            assert 'aria-current="page"' in listed
        assert "26.18" in listed
        elsewhere = browser.get(reverse("coordination:waiting", args=["late"]) + "?queue=operations")
        assert "Nothing is counted here." in elsewhere.content.decode()
        assert browser.get("/overview/early/").status_code == 404


def test_who_reads_no_cases_sees_the_numbers_without_a_way_in(people: Cast) -> None:
    cast.trade(bill(unit_price="11.00", issue_date=cast.days_ago(60), due_date=cast.days_ago(30)))
    page = text(client(people.frank), "coordination:overview")
    assert "1 on overdue invoices" in page
    assert "/overview/overdue/" not in page
    assert client(people.frank).get("/overview/overdue/").status_code == 403
