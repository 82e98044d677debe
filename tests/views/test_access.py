"""Who sees and does what: each page and each write, for each group."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from coordination.models import Agent, Quarantine
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast

from .conftest import answer, client

EVERYBODY = ("alice", "carol", "erin", "frank")  # specialist, manager, auditor, administrator
PAGES = {
    "coordination:overview": EVERYBODY,
    "coordination:flow": EVERYBODY,
    "coordination:agents": EVERYBODY,
    "coordination:incidents": EVERYBODY,
    "coordination:invoices": EVERYBODY,
    "coordination:intake": EVERYBODY,
    "coordination:quarantine": EVERYBODY,
    "reviews:inbox": ("alice", "carol", "erin"),
    "coordination:payments": ("carol", "erin"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_for_those_who_may_see_it_and_for_nobody_else(name: str, people: Cast) -> None:
    seen = {who: client(getattr(people, who)).get(reverse(name)).status_code for who in EVERYBODY}
    assert seen == {who: 200 if who in PAGES[name] else 403 for who in EVERYBODY}


def test_a_refusal_offers_no_page_that_would_refuse_again(people: Cast) -> None:
    inbox, payments = f'class="button" href="{reverse("reviews:inbox")}"', reverse("coordination:payments")
    assert inbox not in client(people.frank).get(payments).content.decode()
    assert inbox in client(people.alice).get(payments).content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_sent_to_sign_in(name: str, db: None) -> None:
    found = Client().get(reverse(name))
    assert (found.status_code, found["Location"].partition("?")[0]) == (302, "/login/")


def test_an_invoice_and_its_file_are_for_those_who_read_the_history(case: Escalation, people: Cast) -> None:
    invoice = cast.invoice()
    for name, key in (("coordination:invoice", invoice.pk), ("coordination:document", invoice.document_id)):
        seen = [client(getattr(people, who)).get(reverse(name, args=[key])).status_code for who in EVERYBODY]
        assert seen == [200, 200, 200, 403]


def test_specialists_and_managers_decide_and_nobody_else(case: Escalation, people: Cast) -> None:
    url = reverse("reviews:decide", args=[case.pk])
    for who in ("erin", "frank"):
        assert client(getattr(people, who)).post(url, answer(case, by=who)).status_code == 403
    case.refresh_from_db()
    assert case.status == "open"
    assert client(people.alice).post(url, answer(case)).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.decided_by) == ("approved", f"human:{people.alice.pk}")


def test_an_auditor_reads_a_case_and_finds_no_verdicts_on_it(case: Escalation, people: Cast) -> None:
    url = reverse("reviews:case", args=[case.pk])
    assert b"data-verdicts" in client(people.alice).get(url).content
    assert b"data-verdicts" not in client(people.erin).get(url).content


def test_managers_stop_and_resume_an_agent_and_nobody_else(case: Escalation, people: Cast) -> None:
    name = "procurement.matching"
    pause, resume = (reverse(f"coordination:agent_{verb}", args=[name]) for verb in ("pause", "resume"))
    for who in ("alice", "erin", "frank"):
        assert client(getattr(people, who)).post(pause).status_code == 403
    assert client(people.carol).post(pause).status_code == 302
    assert Agent.objects.get(pk=name).paused
    assert client(people.carol).post(resume).status_code == 400
    assert client(people.carol).post(resume, {"reason": "It was nothing."}).status_code == 302
    assert not Agent.objects.get(pk=name).paused


def test_only_those_who_upload_try_a_broken_file_again(people: Cast) -> None:
    cast.take_in(b"<not xml")
    broken = Quarantine.objects.get()
    retry = reverse("coordination:quarantine_retry", args=[broken.pk])
    for who in ("erin", "frank"):
        assert client(getattr(people, who)).post(retry).status_code == 403
    assert client(people.alice).post(retry).status_code == 302
    broken.refresh_from_db()
    assert broken.tries == 2


def test_a_write_is_never_a_get(case: Escalation, people: Cast) -> None:
    addresses: dict[str, list[object]] = {
        "reviews:decide": [case.pk],
        "reviews:claim": [case.pk],
        "coordination:agent_pause": ["procurement.matching"],
        "coordination:payments_propose": [],
        "coordination:payment_file": [1],
    }
    for name, args in addresses.items():
        assert client(people.carol).get(reverse(name, args=args)).status_code == 405


def test_a_write_without_its_token_is_refused(case: Escalation, people: Cast) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people.alice)
    found = browser.post(reverse("reviews:decide", args=[case.pk]), answer(case))
    case.refresh_from_db()
    assert (found.status_code, case.status) == (403, "open")
