"""Ten seconds in which an answer can be taken back, at the desk: by key, beside somebody else, over the next
case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from audit import clock
from coordination.management.commands.dburl import url
from coordination.models import Invoice
from reviews import answering
from tests.conftest import Server
from tests.project.running import free_port, web_server

from .conftest import SignIn
from .test_desk import number, two_questions

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def patient_process(django_db_setup: None) -> Iterator[Server]:
    """A web server whose answers wait to count."""
    port = free_port()
    settings = {
        "DATABASE_URL": url(connection.get_connection_params()),
        "COUNTERSIGN_ENV": "demo",
        "COUNTERSIGN_UNDO": "60",
    }
    with web_server(port, settings):
        yield Server(port)


@pytest.fixture
def server(transactional_db: None, patient_process: Server) -> Server:
    return patient_process


def approve(page: Page) -> None:
    page.get_by_label("Reason code").select_option("approve:difference_accepted")
    page.get_by_role("button", name="Approve").click()


def test_an_answer_is_taken_back_by_one_key_and_what_was_typed_is_there_again(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    first = number(page)
    page.get_by_label("Text, required").fill("They called.")
    approve(page)
    expect(page.locator(".strip")).to_contain_text(f"{first}")
    expect(page.locator(".strip")).to_contain_text("It counts at")
    expect(page.locator(".strip [data-left]")).to_contain_text(" s")
    expect(page.locator(f".case-row:has-text('{first}')")).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator(".case-meta dd.mono").first).to_have_text(first)
    expect(page.get_by_label("Text, required")).to_have_value("They called.")
    expect(page.get_by_label("Reason code")).to_have_value("approve:difference_accepted")
    expect(page.locator(".strip")).to_have_count(0)
    expect(page.locator(".case-row")).to_have_count(2)
    assert Invoice.objects.get(number=first).lane == "escalated"


def test_once_it_counts_the_strip_says_so_and_takes_nothing_back(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    first = number(page)
    approve(page)
    expect(page.locator(".strip")).to_contain_text("It counts at")
    assert answering.settle(clock.now() + timedelta(seconds=90)) == 1
    expect(page.locator(".strip")).to_contain_text("Approved")
    expect(page.locator(".strip [data-undo]")).to_have_count(0)
    assert Invoice.objects.get(number=first).state == "cleared"


def test_somebody_else_sees_the_answer_wait_and_the_case_come_back(sign_in: SignIn) -> None:
    two_questions()
    marta = sign_in("marta")
    jonas = sign_in("jonas", path=marta.locator(".case-row").first.get_attribute("href") or "")
    jonas.get_by_label("Text, required").fill("typed with care")
    approve(marta)
    expect(jonas.locator("#standing")).to_contain_text("Marta")
    expect(jonas.locator("#standing")).to_contain_text("unless taken back")
    expect(jonas.get_by_role("button", name="Approve")).to_be_disabled()
    expect(jonas.locator(".case-row.gone")).to_contain_text("not yet counted")
    marta.keyboard.press("z")
    expect(jonas.locator(".case-row.gone")).to_have_count(0)
    expect(jonas.get_by_role("button", name="Approve")).to_be_enabled()
    expect(jonas.get_by_label("Text, required")).to_have_value("typed with care")


def test_several_answers_wait_one_above_the_other_and_z_takes_the_last_back(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    first = number(page)
    approve(page)
    expect(page.locator(".case-meta dd.mono").first).not_to_have_text(first)
    second = number(page)
    approve(page)
    expect(page.locator(".strip")).to_have_count(2)
    page.keyboard.press("z")
    expect(page.locator(".case-meta dd.mono").first).to_have_text(second)
    expect(page.locator(".strip")).to_have_count(1)
    expect(page.locator(".strip")).to_contain_text(first)
