"""Many cases answered by one decision, in a browser: chosen by keyboard, kept while the list comes anew,
summed up before, and told one by one after."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from audit.ledger import data_of
from audit.models import Entry
from coordination.project.people import create_demo_people
from reviews.models import Verdict
from tests import cast
from tests.conftest import Server
from tests.reviews.test_groups import open_questions, several

from .conftest import SignIn

pytestmark = pytest.mark.browser


def bar(page: Page) -> str:
    return page.locator("[data-chosen-words]").inner_text()


def pressed(page: Page, key: str) -> None:
    page.locator(".case-body").focus()
    page.keyboard.press(key)


def test_cases_are_chosen_and_answered_together_by_keyboard(sign_in: SignIn) -> None:
    several(3)
    total = f"EUR {sum(e.amount or 0 for e in open_questions()):,.2f}"
    page = sign_in("marta")
    expect(page.locator(".chosen")).to_be_hidden()
    page.keyboard.press("x")
    expect(page.locator(".pick input:checked")).to_have_count(1)
    assert re.fullmatch(r"1 selected · EUR [\d,]+\.\d\d", bar(page))
    page.keyboard.press("x")
    expect(page.locator(".pick input:checked")).to_have_count(0)
    page.keyboard.press("Shift+X")
    expect(page.locator(".pick input:checked")).to_have_count(3)
    assert bar(page) == f"3 selected · {total}"
    page.get_by_role("button", name="Answer together").press("Enter")
    expect(page.locator("[data-sums]")).to_contain_text("3 cases")
    page.keyboard.press("a")
    expect(page.locator("#refusal")).to_contain_text("Choose a reason code.")
    page.get_by_label("Reason code").select_option("approve:difference_accepted")
    page.keyboard.press("a")
    expect(page.locator("#together")).to_contain_text("3 of 3 answered")
    together = [data_of(e.body)["together"] for e in Entry.objects.filter(type="verdict.given")]
    assert len({one["id"] for one in together}) == 1
    assert [one["size"] for one in together] == ["3", "3", "3"]


def test_escape_clears_what_is_selected(sign_in: SignIn) -> None:
    several(2)
    page = sign_in("marta")
    page.keyboard.press("Shift+X")
    expect(page.locator(".chosen")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".pick input:checked")).to_have_count(0)
    expect(page.locator(".chosen")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("with Shift all of its cause")


def test_what_is_left_out_is_not_counted_and_not_answered(sign_in: SignIn) -> None:
    several(3)
    page = sign_in("marta")
    page.get_by_role("link", name="2 more of this cause").click()
    first = page.locator("[data-together] input").first
    amount = first.get_attribute("data-amount") or ""
    left = sum(e.amount or 0 for e in open_questions() if str(e.amount) != amount)
    first.uncheck()
    expect(page.locator("[data-sums]")).to_contain_text(f"2 cases · EUR {left:,.2f}")
    page.get_by_label("Reason code").select_option("approve:difference_accepted")
    page.get_by_role("button", name="Approve all").click()
    expect(page.locator("#together")).to_contain_text("2 of 2 answered")
    assert len(open_questions()) == 1


def test_what_is_selected_survives_a_refresh_and_what_is_gone_is_said(sign_in: SignIn) -> None:
    several(3)
    marta = sign_in("marta")
    marta.keyboard.press("Shift+X")
    expect(marta.locator(".pick input:checked")).to_have_count(3)
    answered = open_questions()[1]
    jonas = sign_in("jonas", path=f"/inbox/{answered.pk}/")
    jonas.get_by_label("Reason code").select_option("approve:difference_accepted")
    jonas.get_by_role("button", name="Approve").click()
    expect(marta.locator("[data-chosen-gone]")).to_contain_text(
        f"{answered.case['number']} is no longer selected: Approved"
    )
    expect(marta.locator("[data-chosen-gone]")).to_contain_text("by Jonas Lindqvist")
    expect(marta.locator(".pick input:checked")).to_have_count(2)
    assert bar(marta).startswith("2 selected · EUR ")


def test_two_people_answer_the_same_cases_and_each_case_is_answered_once(sign_in: SignIn) -> None:
    several(3)
    one, other = sign_in("marta"), sign_in("jonas")
    for page in (one, other):
        page.get_by_role("link", name="2 more of this cause").click()
        page.get_by_label("Reason code").select_option("approve:difference_accepted")
        page.get_by_label("Text, required").fill("typed with care")
    one.get_by_role("button", name="Approve all").click()
    expect(one.locator("#together")).to_contain_text("3 of 3 answered")
    expect(other.locator("#standing")).to_contain_text("approved by Marta")
    other.get_by_role("button", name="Approve all").click()
    expect(other.locator("#together")).to_contain_text("0 of 3 answered")
    expect(other.locator("#together")).to_contain_text("Marta Kowalczyk approved this at")
    expect(other.locator("#together")).to_contain_text("typed with care")
    assert Verdict.objects.count() == 3


def test_it_works_without_scripts_and_on_a_phone(server: Server, chromium: Browser) -> None:
    several(2)
    create_demo_people()
    context = chromium.new_context(
        viewport={"width": 360, "height": 740},
        base_url=server.url,
        java_script_enabled=False,
        color_scheme="dark",
    )
    try:
        page = context.new_page()
        page.goto("/login/?next=/inbox/")
        page.get_by_role("button", name="Continue as Marta").click()
        for box in page.locator(".pick input").all():
            box.check()
        page.get_by_role("button", name="Answer together").click()
        expect(page.locator("[data-sums]")).to_contain_text("2 cases")
        page.get_by_label("Text, required").fill("typed with care")
        page.get_by_role("button", name="Approve all").click()
        expect(page.locator("#refusal")).to_contain_text("Choose a reason code.")
        expect(page.get_by_label("Text, required")).to_have_value("typed with care")
        page.locator("[data-together] input").first.uncheck()
        page.get_by_label("Reason code").select_option("approve:difference_accepted")
        page.get_by_role("button", name="Approve all").click()
        expect(page.locator("#refusal")).to_contain_text("Of 2 cases, 1 is ticked.")
        page.get_by_label("Reason code").select_option("approve:difference_accepted")
        page.get_by_role("button", name="Approve all").click()
        expect(page.locator("#together")).to_contain_text("1 of 1 answered")
        assert page.locator("body").bounding_box()["width"] <= 360  # type: ignore[index]
    finally:
        context.close()
    assert Verdict.objects.count() == 1


def test_no_page_of_it_is_wider_than_a_phone(sign_in: SignIn) -> None:
    several(3)
    page = sign_in("marta", path=f"/inbox/together/?like={open_questions()[0].pk}", width=360, height=740)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_label("Reason code").select_option("approve:difference_accepted")
    page.get_by_role("button", name="Approve all").click()
    expect(page.locator("#together")).to_contain_text("3 of 3 answered")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    cast.assert_sound()
