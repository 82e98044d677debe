"""A specialist at the desk, in a browser: by keyboard, live, beside somebody else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from coordination.models import Invoice
from tests import cast

from .conftest import SignIn

pytestmark = pytest.mark.browser


def two_questions() -> None:
    """INV-1 and INV-2, each billed above its order."""
    cast.trade(
        cast.bill(unit_price="11.00"),
        cast.bill(invoice_number="INV-2", order_number="PO-2", unit_price="12.00"),
        orders=(cast.order(), cast.order(order_number="PO-2")),
        receipts=(cast.receipt(), cast.receipt(receipt_number="GR-2", order_number="PO-2")),
    )


def number(page: Page) -> str:
    """Number of the invoice that is shown."""
    return page.locator(".case-meta dd.mono").first.inner_text()


def arrive(bill: cast.Row) -> None:
    """One more question, announced as any other."""
    cast.take_in(cast.table("invoices", bill))
    cast.drain()


def test_a_case_is_decided_without_leaving_the_keyboard(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    first = number(page)
    page.keyboard.press("j")
    expect(page.locator(".case-meta dd.mono").first).not_to_have_text(first)
    page.keyboard.press("k")
    expect(page.locator(".case-meta dd.mono").first).to_have_text(first)
    page.keyboard.press("a")
    expect(page.locator("#refusal")).to_contain_text("Choose a reason code.")
    expect(page.get_by_label("Reason code")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator(".strip")).to_contain_text(f"{first}")
    assert number(page) != first
    assert Invoice.objects.get(number=first).state == "cleared"


def test_a_rejection_needs_words_of_ones_own(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    page.get_by_label("Reason code").select_option("reject:price_not_agreed")
    page.get_by_role("button", name="Reject").click()
    expect(page.locator("#refusal")).to_contain_text("in your own words")
    page.get_by_label("Text, required").fill("Order says 10.00.")
    page.get_by_role("button", name="Reject").click()
    expect(page.locator(".strip")).to_contain_text("Rejected")


def test_who_comes_second_sees_it_live_and_keeps_the_text(sign_in: SignIn) -> None:
    two_questions()
    marta = sign_in("marta")
    jonas = sign_in("jonas", path=marta.locator(".case-row").first.get_attribute("href") or "")
    marta.get_by_label("Text, required").fill("typed with care")
    jonas.get_by_label("Reason code").select_option("approve:difference_accepted")
    jonas.get_by_role("button", name="Approve").click()
    expect(marta.locator("#standing")).to_contain_text("Jonas Lindqvist: approved")
    expect(marta.get_by_role("button", name="Approve")).to_be_disabled()
    expect(marta.get_by_label("Text, required")).to_have_value("typed with care")
    expect(marta.locator(".case-row.gone")).to_contain_text("Approved")


def test_looking_at_another_case_loses_no_text(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    page.get_by_label("Text, required").fill("half a sentence")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".case-top .where")).to_contain_text("2 of 2")
    expect(page.get_by_label("Text, required")).to_have_value("")
    page.keyboard.press("k")
    expect(page.get_by_label("Text, required")).to_have_value("half a sentence")


def test_the_first_question_shows_itself_on_an_empty_desk(sign_in: SignIn) -> None:
    cast.trade()
    page = sign_in("marta")
    expect(page.locator("#list")).to_contain_text("Nothing to countersign.")
    arrive(cast.bill(invoice_number="INV-9", order_number="", order_line=""))
    expect(page.locator(".case-row")).to_have_count(1)


def test_arrivals_wait_in_a_bar_while_somebody_works(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    page.keyboard.press("j")
    expect(page.locator(".case-top .where")).to_contain_text("2 of 2")
    page.get_by_label("Text, required").fill("half a sentence")
    page.keyboard.press("Escape")
    before = page.locator(".case-row[aria-current]").bounding_box()
    arrive(cast.bill(invoice_number="INV-9", order_number="", order_line=""))
    expect(page.locator("[data-arrivals]")).to_contain_text("1 new")
    assert page.locator(".case-row[aria-current]").bounding_box() == before
    expect(page.locator(".case-row")).to_have_count(2)
    page.keyboard.press(".")
    expect(page.locator(".case-row")).to_have_count(3)
    expect(page.locator("[data-arrivals]")).to_have_count(0)
    expect(page.get_by_label("Text, required")).to_have_value("half a sentence")


def test_verdicts_are_off_while_the_line_is_down(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    expect(page.locator("html")).to_have_attribute(
        "data-live-state", "live"
    )  # else the line that opens says so after us
    page.evaluate("document.documentElement.dataset.liveState = 'stale'")
    page.evaluate("document.dispatchEvent(new CustomEvent('countersign:line', { detail: 'stale' }))")
    expect(page.locator(".banner")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()


def test_single_keys_can_be_turned_off(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    page.locator(".me summary").click()
    page.get_by_role("button", name="Single keys").click()
    page.locator(".case-top").click(position={"x": 200, "y": 10})
    page.keyboard.press("?")
    expect(page.locator("dialog.help")).to_be_hidden()
    page.reload()
    assert page.locator("html").get_attribute("data-keys") == "off"


def test_the_help_names_the_keys(sign_in: SignIn) -> None:
    page = sign_in("marta")
    page.keyboard.press("?")
    expect(page.locator("dialog.help")).to_contain_text("Reason code")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("v")
    page.wait_for_url("**/invoices/")
