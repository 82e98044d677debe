"""A specialist at the desk, in a browser: by keyboard, live, beside somebody else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from coordination.models import Invoice
from reviews.models import Verdict
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


LINES = """
const Line = window.WebSocket;
const open = [];
let down = false;
window.WebSocket = class extends Line {
  constructor(url) {
    super(down ? new URL("/gone/", url) : url);
    open.push(this);
  }
};
window.takeDown = () => { down = true; open.forEach((line) => line.close()); };
"""
"""Keeps a page's lines in reach, so that they can be closed and none opens again."""


def test_verdicts_are_off_while_the_line_is_down(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    page.add_init_script(LINES)
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-live-state", "live")
    expect(page.get_by_role("button", name="Approve")).to_be_enabled()
    page.evaluate("takeDown()")
    expect(page.locator(".banner")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()


def test_single_keys_can_be_turned_off(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    page.locator(".me > button").click()
    page.get_by_role("button", name="Single keys").click()
    page.locator(".case-top").click(position={"x": 200, "y": 10})
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-keys", "off")


def test_the_menu_closes_by_escape_and_by_a_click_beside_it(sign_in: SignIn) -> None:
    page = sign_in("marta")
    menu, button = page.locator("#menu"), page.locator(".me > button")
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.mouse.click(900, 20)):
        button.click()
        expect(menu.get_by_role("button", name="Sign out")).to_be_visible()
        close()
        expect(menu).to_be_hidden()


def test_the_help_names_the_keys(sign_in: SignIn) -> None:
    page = sign_in("marta")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Reason code")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("v")
    page.wait_for_url("**/invoices/")


def three_questions() -> None:
    two_questions()
    arrive(cast.bill(invoice_number="INV-3", order_number="", order_line=""))


def choose(page: Page, code: str) -> None:
    """A reason as a keyboard chooses it: the field in focus, then step by step; it keeps the focus."""
    field = page.get_by_label("Reason code")
    page.keyboard.press("c")
    page.keyboard.press("Escape")  # the list of choices
    field.focus()
    for _ in range(20):
        if field.input_value() == code:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(code)


def test_a_reason_chosen_by_keyboard_stays_while_the_verdict_is_given(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    first = number(page)
    choose(page, "approve:difference_accepted")
    expect(page.get_by_label("Reason code")).to_be_focused()
    page.keyboard.press("a")
    expect(page.locator(".strip")).to_contain_text(first)
    [verdict] = Verdict.objects.all()
    assert (verdict.verdict, verdict.reason) == ("approve", "difference_accepted")


def test_letters_search_in_the_open_list_and_enter_chooses(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    first = number(page)
    page.keyboard.press("c")
    page.keyboard.type("Agr")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reason code")).to_have_value("approve:agreed_with_vendor")
    page.keyboard.press("a")
    expect(page.locator(".strip")).to_contain_text(first)
    assert Verdict.objects.get().reason == "agreed_with_vendor"


def test_a_list_left_by_escape_takes_no_text(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    page.keyboard.press("c")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    page.keyboard.type("Price agreed by mail.")
    expect(page.get_by_label("Text, required")).to_have_value("Price agreed by mail.")


def test_a_rejection_by_keyboard_alone(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    first = number(page)
    choose(page, "reject:price_not_agreed")
    page.keyboard.press("r")
    expect(page.locator("#refusal")).to_contain_text("in your own words")
    expect(page.get_by_label("Text, required")).to_be_focused()
    page.keyboard.type("Order says 10.00.")
    expect(page.locator("#refusal")).to_be_empty()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator(".strip")).to_contain_text(first)
    assert Verdict.objects.get().reason == "price_not_agreed"


def test_a_complaint_ends_once_it_is_heeded(sign_in: SignIn) -> None:
    two_questions()
    page = sign_in("marta")
    page.keyboard.press("a")
    expect(page.locator("#refusal")).to_contain_text("Choose a reason code.")
    page.get_by_label("Reason code").select_option("approve:difference_accepted")
    expect(page.locator("#refusal")).to_be_empty()
    expect(page.get_by_label("Reason code")).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("by", ["keyboard", "mouse"])
def test_after_a_verdict_the_focus_is_on_the_next_case(sign_in: SignIn, by: str) -> None:
    three_questions()
    page = sign_in("marta")
    first = number(page)
    page.get_by_label("Reason code").select_option("approve:difference_accepted")
    if by == "mouse":
        page.get_by_role("button", name="Approve").click()
    else:
        page.keyboard.press("a")
    expect(page.locator(".strip")).to_contain_text(first)
    expect(page.locator("#case .case-body")).to_be_focused()
    assert tab_stops_to(page, "reason") <= 10
    page.keyboard.press("j")
    expect(page.locator(".case-top .where")).to_contain_text("2 of 2")


def tab_stops_to(page: Page, name: str) -> int:
    for stops in range(1, 40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return stops
    return 40


def test_after_the_last_verdict_the_focus_is_not_lost(sign_in: SignIn) -> None:
    cast.trade(cast.bill(unit_price="11.00"))
    page = sign_in("marta")
    page.get_by_label("Reason code").select_option("approve:difference_accepted")
    page.keyboard.press("a")
    expect(page.locator("#case")).to_contain_text("Nothing to countersign.")
    assert page.evaluate("document.querySelector('#case').contains(document.activeElement)")


def test_the_loading_bar_ends_with_the_verdict(sign_in: SignIn) -> None:
    """Also when the verdict takes away what asked the server for something."""
    three_questions()
    page = sign_in("marta")
    held: list[Route] = []
    page.route("**/standing/**", lambda route: held.append(route), times=1)  # noqa: PLW0108 - it takes no built-in
    page.evaluate("htmx.trigger('#standing', 'live')")
    expect(page.locator("body.waiting")).to_have_count(1)
    page.get_by_label("Reason code").select_option("approve:difference_accepted")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".strip")).to_be_visible()
    expect(page.locator("body.waiting")).to_have_count(0)
    assert held


def test_the_message_covers_nothing_and_goes_by_itself(sign_in: SignIn) -> None:
    three_questions()
    page = sign_in("marta")
    page.clock.install()
    page.get_by_label("Reason code").select_option("approve:difference_accepted")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".strip")).to_be_visible()
    strip, body = page.locator(".strip").bounding_box(), page.locator(".case-body").bounding_box()
    form = page.locator(".verdicts").bounding_box()
    assert strip
    assert body
    assert form
    assert body["y"] + body["height"] <= strip["y"] + 1
    assert strip["y"] + strip["height"] <= form["y"] + 1
    page.clock.run_for(10_000)
    expect(page.locator(".strip")).to_have_count(0)


def test_the_message_can_be_sent_away(sign_in: SignIn) -> None:
    three_questions()
    page = sign_in("marta")
    for way in ("button", "key"):
        page.get_by_label("Reason code").select_option(index=1)
        page.get_by_role("button", name="Approve").click()
        expect(page.locator(".strip")).to_be_visible()
        if way == "button":
            page.get_by_role("button", name="Hide").click()
        else:
            page.keyboard.press("Escape")
        expect(page.locator(".strip")).to_have_count(0)


def test_each_sees_who_has_a_case_before_them_and_who_has_typed_something(sign_in: SignIn) -> None:
    two_questions()
    marta = sign_in("marta")
    path = marta.locator(".case-row").first.get_attribute("href") or ""
    jonas = sign_in("jonas", path=path)
    expect(marta.locator(".case-top .looks")).to_contain_text("Jonas Lindqvist is looking now")
    jonas.get_by_label("Text, required").fill("typed with care")
    expect(marta.locator(".case-top .looks")).to_contain_text("has typed something")
    jonas.close()
    expect(marta.locator(".case-top .looks")).not_to_contain_text("Jonas")


def test_two_who_press_next_are_given_two_cases(sign_in: SignIn) -> None:
    two_questions()
    marta, jonas = sign_in("marta"), sign_in("jonas")
    marta.keyboard.press("n")
    expect(marta.locator("#handling")).to_contain_text("Claimed by you")
    jonas.keyboard.press("n")
    expect(jonas.locator("#handling, #refusal").first).to_contain_text("Claimed by you")
    assert number(marta) != number(jonas)
