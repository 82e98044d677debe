"""Who may bring what through the page: each kind of fact is a right of its own, and nothing is half taken."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from coordination.models import Document, Order, Quarantine
from coordination.services import intake
from reviews import exposure
from tests import bank, cast
from tests.cast import Cast, bill, order, receipt, table, vendor
from tests.intake.test_repeated_intake import ROWS
from tests.translation import make

from .conftest import HTMX, client

FILES = {
    "invoices": table("invoices", bill()),
    "statements": table("statements", *ROWS["statements"]),
    "orders": table("orders", order()),
    "receipts": table("receipts", receipt()),
    "vendors": table("vendors", vendor()),
    "conversions": table("conversions", {**ROWS["conversions"][0], "vendor_id": ""}),
    "codings": table("codings", *ROWS["codings"]),
    "rates": table("rates", *ROWS["rates"]),
    "bank": bank.notice(bank.entry("1.00", bank.detail("NOTPROVIDED"))),
}
INVOICES, MASTERS = {"invoices", "statements"}, {"vendors", "conversions", "codings", "rates", "bank"}
MAY = {
    "alice": INVOICES | {"orders"},
    "bob": INVOICES,
    "olga": INVOICES | {"receipts"},
    "carol": INVOICES | MASTERS,
    "pat": INVOICES | MASTERS | {"orders"},
    "erin": set(),
    "frank": set(),
}


@pytest.fixture
def house(people: Cast) -> dict[str, User]:
    """The cast, a specialist of operations and a manager of procurement."""
    more = {
        "olga": cast.person("olga", "specialist", "operations"),
        "pat": cast.person("pat", "manager", "procurement"),
    }
    return {name: getattr(people, name, None) or more[name] for name in MAY}


def upload(user: User, *files: bytes) -> str:
    sent = [SimpleUploadedFile(f"{n}.csv", content) for n, content in enumerate(files)]
    done = client(user).post(reverse("coordination:intake"), {"files": sent}, headers=HTMX)
    return done.content.decode() if done.status_code == 200 else f"refused {done.status_code}"


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("name", MAY)
def test_each_kind_is_a_right_of_its_own(house: dict[str, User], name: str, kind: str) -> None:
    said = upload(house[name], FILES[kind])
    assert Document.objects.exists() is (kind in MAY[name])
    if not MAY[name]:
        assert said == "refused 403"
    elif kind not in MAY[name]:
        assert "you may not bring" in said
        assert list(Quarantine.objects.values_list("code", flat=True)) == ["not_allowed"]
        # nor by trying it again; who may bring it can
        row = Quarantine.objects.get()
        client(house[name]).post(reverse("coordination:quarantine_retry", args=[row.pk]))
        assert not Document.objects.exists()
        intake.retry(row.pk, actor="system:test")
        assert Document.objects.exists()


def test_the_page_says_what_one_may_bring(house: dict[str, User]) -> None:
    page = client(house["alice"]).get(reverse("coordination:intake")).content.decode()
    assert "You may bring invoices, credit notes and statements of vendors; orders and their changes." in page
    assert "exchange rates" in client(house["carol"]).get(reverse("coordination:intake")).content.decode()


def test_an_envelope_with_a_kind_that_is_not_theirs_is_set_aside_whole(house: dict[str, User]) -> None:
    def bare(content: bytes) -> str:
        return content.decode().partition("?>")[2]

    orders = make.document("Order", "<cbc:ID>PO-7</cbc:ID><cbc:IssueDate>2026-03-01</cbc:IssueDate>")
    space = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
    content = (
        f'<s:StandardBusinessDocument xmlns:s="{space}"><s:StandardBusinessDocumentHeader/>'
        f"{bare(make.invoice_xml())}{bare(orders)}</s:StandardBusinessDocument>"
    ).encode()
    assert "you may not bring orders" in upload(house["bob"], content)
    assert not Document.objects.exists()
    upload(house["alice"], content)
    assert Order.objects.exists()
    assert Document.objects.count() == 2


def test_the_files_that_are_theirs_are_taken_beside_one_that_is_not(house: dict[str, User]) -> None:
    upload(house["alice"], FILES["vendors"], FILES["orders"], FILES["rates"])
    assert list(Document.objects.values_list("kind", flat=True)) == ["order"]
    assert Quarantine.objects.count() == 2


def test_a_command_brings_everything(people: Cast) -> None:
    report = cast.take_in(*FILES.values())
    assert report.count("quarantined") == 0


def test_a_question_about_a_bank_message_is_seen_by_those_who_see_payments(people: Cast) -> None:
    cast.take_in(bank.status_report("CS-" + "0" * 32, file="ACSC"))
    [row] = cast.Escalation.objects.filter(kind="bank_message")
    case = reverse("reviews:case", args=[row.pk])
    assert client(people.alice).get(case).status_code == 404
    assert client(people.erin).get(case).status_code == 200
    page = client(people.carol).get(case)
    assert "does not agree with our payments" in page.content.decode()


@pytest.mark.parametrize("kind", ["vendor", "rate"])
def test_a_proposal_has_a_page_with_what_is_known_and_what_is_proposed(people: Cast, kind: str) -> None:
    if kind == "vendor":
        cast.take_in(table("vendors", vendor()))
        cast.take_in(table("vendors", vendor(name="Siemens AG")))
    else:
        cast.take_in(table("rates", {"date": "2026-11-14", "currency": "SEK", "rate_per_eur": "100000"}))
    row = cast.Escalation.objects.get(kind="master_data")
    page = client(people.carol).get(reverse("reviews:case", args=[row.pk])).content.decode()
    for text in {"vendor": ["Hartmann GmbH", "Siemens AG"], "rate": ["100000", "exchange rate"]}[kind]:
        assert text in page
    sent = {
        "verdict": "approve",
        "reason": "approve:evidence_complete",
        "comment": "",
        "seen_version": str(row.version),
        "payload_hash": row.payload_hash,
        "shown": exposure.stamp(row, people.carol),
        "click": "c",
    }
    client(people.carol).post(reverse("reviews:decide", args=[row.pk]), sent)
    row.refresh_from_db()
    assert row.status == "approved"
