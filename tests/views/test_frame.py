"""What holds for the frame of all pages: where one is, what was said, in which currency sums are."""

from __future__ import annotations

import dataclasses
import re

import pytest
from django.test import Client
from django.urls import reverse

from coordination.facts import policies
from coordination.models import Quarantine
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast

from .conftest import HTMX, answer, client, read
from .test_hostile import addresses, everywhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol(people: Cast) -> Client:
    return client(people.carol)


def marked(text: str) -> list[str]:
    """The entries of the navigation that a page marks as the present one."""
    nav = text[text.index("<nav") : text.index("</nav>")]
    return [
        part.split("</a>")[0].rpartition(">")[0].partition('href="')[2].partition('"')[0]
        for part in nav.split("<a ")[1:]
        if 'aria-current="page"' in part.split(">")[0]
    ]


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/", "/"),
        *(("/inbox/", "/inbox/"), ("/intake/maps/", "/intake/"), ("/intake/quarantine/", "/intake/")),
        *(("/audit/seals/", "/audit/"), ("/audit/retention/", "/audit/"), ("/audit/samples/", "/audit/")),
        *(
            ("/audit/procedure/", "/audit/"),
            ("/agents/finance.validation/", "/agents/"),
            ("/kpis/", "/kpis/"),
        ),
        *(("/statements/", "/statements/"), ("/payments/", "/payments/"), ("/coding/", "/coding/")),
    ],
)
def test_every_page_marks_where_it_is(carol: Client, path: str, entry: str) -> None:
    assert marked(read(carol.get(path))) == [entry]


def test_a_map_that_is_being_made_is_part_of_intake(carol: Client) -> None:
    cast.take_in(b"PO no;Supplier\nPO-9;V-1\n")
    held = Quarantine.objects.get()
    page = carol.get(reverse("coordination:map_new", args=[held.content_id]))
    assert marked(read(page)) == ["/intake/"]


def test_wherever_a_manager_goes_one_entry_is_marked_and_what_was_done_before_is_said(people: Cast) -> None:
    site = everywhere(people)
    browser, pages = site.browsers["carol"], set()
    for address in addresses():
        path = address.of(site.arguments)
        if path.startswith(("/login/", "/logout/")):
            continue
        browser.post(reverse("coordination:payments_propose"))
        found = browser.get(path)
        if found.status_code != 200 or found.streaming or b"</html>" not in found.content:
            continue  # for a post, a file, a part of a page, or for others
        pages.add(address.name)
        text = read(found)
        assert len(marked(text)) == 1, path
        said = " ".join(re.findall(r'class="flash.*?</p>', text))
        assert "Nothing can be paid now." in said, path
    assert pages >= {
        *("overview", "inbox", "case", "flow", "agents", "agent", "invoices", "invoice", "invoice_as_of"),
        *("intake", "maps", "map", "map_new", "map_change", "status", "status_of", "coding", "statements"),
        *("statement", "payments", "payment_batch", "audit", "seals", "procedure", "samples", "sample"),
        *("retention", "kpis", "quality"),
    }


def test_what_a_decision_did_is_said_on_the_next_page_and_only_there(people: Cast, case: Escalation) -> None:
    browser = client(people.carol)
    found = browser.post(reverse("reviews:decide", args=[case.pk]), answer(case, by="carol"), follow=True)
    assert "approved." in found.content.decode()
    assert "approved." not in browser.get("/invoices/").content.decode()


def test_sums_are_named_in_the_currency_of_the_company(
    people: Cast, case: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert case.amount_company
    francs = dataclasses.replace(policies.active(), company_currency="CHF")
    monkeypatch.setattr(policies, "active", lambda: francs)
    browser = client(people.carol)
    for path in ("/", "/inbox/", "/flow/"):
        text = browser.get(path).content.decode()
        assert "CHF" in text, path
    assert "CHF 1,309.00 waiting" in browser.get("/inbox/").content.decode()


def test_a_filter_of_the_audit_page_counts_nothing_else(
    people: Cast, case: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from coordination.selectors import auditing

    def never() -> None:
        raise AssertionError("counted")

    for name in ("figures", "control_totals"):
        monkeypatch.setattr(auditing, name, never)
    browser = client(people.erin)
    found = browser.get("/audit/", {"text": "INV"}, headers=HTMX)
    assert found.status_code == 200
    assert "INV-1" in found.content.decode()
    with pytest.raises(AssertionError, match="counted"):
        browser.get("/audit/", {"text": "INV"})
