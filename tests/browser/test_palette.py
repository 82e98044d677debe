"""Everything by name: what can be done on a page, with its key, found by typing and run by Enter."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import SignIn
from .test_desk import two_questions

pytestmark = pytest.mark.browser


def names(page: Page) -> list[str]:
    rows = page.locator("#palette [role=option]")
    return list(rows.evaluate_all("rows => rows.map(row => row.firstChild.textContent)"))


def look_up(page: Page, typed: str) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="What do you want to do?").fill(typed)


def test_what_is_typed_finds_a_command_and_teaches_its_key(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    look_up(page, "put as")
    expect(page.locator("#palette [role=option]")).to_have_text(["Put asideS"])
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator('[data-menu="aside"] form')).to_be_visible()


def test_it_offers_what_can_be_done_here_and_nothing_else(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    page.keyboard.press("Control+k")
    here = names(page)
    assert {"Approve", "Reject", "Override", "Reason code", "Hand over", "Invoices", "Procurement"} <= set(
        here
    )
    assert "Take the last answer back" not in here, "nothing waits"
    expect(page.locator("#palette [aria-selected=true]")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#handling")).not_to_contain_text("Claimed by you")
    page.goto("/invoices/")
    page.locator("html[data-live-state=live]").wait_for()
    page.keyboard.press("Control+k")
    assert "Approve" not in names(page)
    assert "Inbox" in names(page)


def test_arrows_choose_and_enter_goes(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    look_up(page, "in")
    found = names(page)
    page.keyboard.press("ArrowDown")
    selected = page.locator("#palette [aria-selected=true]")
    expect(selected).to_contain_text(found[1])
    box = page.get_by_role("combobox", name="What do you want to do?")
    assert box.get_attribute("aria-activedescendant") == selected.get_attribute("id")
    page.keyboard.press("Control+k")
    look_up(page, "flow")
    page.keyboard.press("Enter")
    page.wait_for_url("**/flow/**")


def test_what_is_no_command_is_searched_for(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    look_up(page, "INV-2")
    expect(page.locator("#palette [data-none]")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("INV-2")
    expect(page).not_to_have_url("**/inbox/**")


def test_it_works_with_single_keys_off(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    look_up(page, "reason")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reason code")).to_be_focused()
