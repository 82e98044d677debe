"""Every page in a browser: nothing is refused by the security policy, nothing scrolls sideways, charts draw."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import cast

from .conftest import SignIn

pytestmark = pytest.mark.browser

PATHS = (
    "/",
    "/inbox/",
    "/flow/",
    "/agents/",
    "/agents/procurement.matching/",
    "/invoices/",
    "/intake/",
    "/payments/",
)


@pytest.mark.parametrize("width", [1440, 1024, 768, 390, 360])
def test_no_page_scrolls_sideways(width: int, sign_in: SignIn) -> None:
    cast.trade(cast.bill(unit_price="11.00"))
    page = sign_in("sofie", width=width)
    history = f"/invoices/{cast.invoice().pk}/"
    for path in (*PATHS, f"/inbox/{cast.question().pk}/", history):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_charts_draw_and_show_their_numbers(sign_in: SignIn) -> None:
    cast.trade(cast.bill(unit_price="11.00"))
    page = sign_in("sofie", path="/agents/")
    expect(page.locator(".chart canvas")).to_have_count(4)
    chart = page.locator('[data-chart="people"]')
    chart.get_by_role("button", name="Table").click()
    expect(chart.locator(".numbers")).to_contain_text("100.0")
    page.get_by_role("button", name="Pause updates").click()
    expect(page.get_by_role("button", name="Resume updates")).to_be_visible()


def test_a_manager_stops_an_agent_in_place(sign_in: SignIn) -> None:
    cast.trade()
    page = sign_in("sofie", path="/agents/finance.payment/")
    page.get_by_role("button", name="Stop agent").click()
    expect(page.locator("#agent")).to_contain_text("Stopped by Sofie Brandt")
    page.get_by_role("button", name="Resume agent").click()
    expect(page.locator("#agent")).to_contain_text("Running")


def test_dropped_files_are_answered_line_by_line(sign_in: SignIn) -> None:
    page = sign_in("marta", path="/intake/")
    files = [
        {"name": "vendors.csv", "mimeType": "text/csv", "buffer": cast.table("vendors", cast.vendor())},
        {"name": "broken.xml", "mimeType": "text/xml", "buffer": b"<Invoice>"},
    ]
    page.locator("#files").set_input_files(files)  # type: ignore[arg-type]
    expect(page.locator("#results")).to_contain_text("Accepted")
    expect(page.locator("#quarantine")).to_contain_text("broken.xml")


def test_the_theme_changes_at_once_and_stays(sign_in: SignIn) -> None:
    page = sign_in("marta", path="/invoices/")
    page.locator(".me summary").click()
    with page.expect_response("**/shell/preferences/"):
        page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_an_entry_of_the_history_opens_beside_it(sign_in: SignIn) -> None:
    cast.trade(cast.bill(unit_price="11.00"))
    page = sign_in("claire", path=f"/invoices/{cast.invoice().pk}/")
    page.locator("#entry-1").click()
    expect(page.locator("#entry h2").first).to_have_text("Entry 1")
    expect(page.locator("#entry-1")).to_have_attribute("aria-current", "true")
