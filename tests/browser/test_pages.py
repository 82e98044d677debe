"""Every page in a browser: nothing is refused by the security policy, nothing scrolls sideways, charts
draw."""

from __future__ import annotations

import re
from datetime import UTC, timedelta

import pytest
from playwright.sync_api import Page, expect

from audit import clock
from coordination.models import RateDay
from coordination.tasks.announce import announce
from tests import cast

from .conftest import SignIn

pytestmark = pytest.mark.browser

AGENT = "procurement.matching"
PATHS = (
    "/",
    "/inbox/",
    "/flow/",
    "/agents/",
    "/agents/procurement.matching/",
    "/agents/procurement.matching/decisions/",
    "/agents/incidents/",
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


def counted(days: int = 30) -> None:
    """What the monitor has counted of an agent: a month of approvals that rise at its end."""
    today = clock.now().astimezone(UTC).date()
    RateDay.objects.bulk_create(
        RateDay(
            agent_id=AGENT,
            day=today - timedelta(days=n),
            measure="approve_rate",
            cases=100,
            events=75 if n > 3 else 95,
            judged=100,
            happened=75 if n > 3 else 95,
            expected=75.0,
            information=18.0,
            up=2.0 if n > 3 else 10.0 ** (6 - n),
            down=1.0,
        )
        for n in range(days)
    )


def test_the_chart_draws_moves_without_a_reload_and_shows_its_numbers(sign_in: SignIn) -> None:
    counted()
    page = sign_in("sofie", path=f"/agents/{AGENT}/")
    expect(page.locator(".chart canvas")).to_have_count(1)
    expect(page.locator(".canvas")).to_have_attribute("data-drawn", "30")
    page.locator("details.numbers summary").first.click()
    table = page.get_by_role("table", name=re.compile("Approve rate, proposed by day, the newest first"))
    expect(table).to_contain_text("95 of 100")
    RateDay.objects.filter(agent=AGENT, day=clock.now().astimezone(UTC).date()).update(events=91)
    announce([("agents", AGENT)])
    expect(table).to_contain_text("91 of 100")
    page.get_by_role("button", name="Pause updates").click()
    expect(page.get_by_role("button", name="Resume updates")).to_be_visible()


def test_the_page_of_an_agent_works_by_keyboard(sign_in: SignIn) -> None:
    counted()
    page = sign_in("sofie", path=f"/agents/{AGENT}/?measure=approve_rate")
    expect(page.locator(".canvas")).to_have_attribute("data-drawn", "30")
    tab = page.get_by_role("navigation", name="Measures").get_by_role("link", name="Reject")
    tab.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("measure=reject_rate"))
    expect(page.locator('.tabs [aria-current="page"]')).to_have_text("Reject")
    page.goto(f"/agents/{AGENT}/?measure=approve_rate")
    page.locator("details.numbers summary").first.focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="95 of 100").first
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/decisions/.*measure=approve_rate"))


def test_a_click_on_a_day_lists_what_it_counts(sign_in: SignIn) -> None:
    counted()
    page = sign_in("sofie", path=f"/agents/{AGENT}/?measure=approve_rate")
    expect(page.locator(".canvas")).to_have_attribute("data-drawn", "30")
    page.locator(".canvas").click(position={"x": 300, "y": 120})
    expect(page).to_have_url(re.compile(r"/decisions/\?measure=approve_rate&event=yes&since=(\S+)&until=\1$"))


def test_a_manager_moves_the_breaker_in_place(sign_in: SignIn) -> None:
    page = sign_in("sofie", path=f"/agents/{AGENT}/")
    page.get_by_label("Why the breaker is moved, required").fill("It drifts.")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.locator("#agent")).to_contain_text("Half-open at 10 % after 59 more answers")
    expect(page.locator("#agent-head")).to_contain_text("Breaker open")


def test_a_manager_stops_an_agent_in_place(sign_in: SignIn) -> None:
    cast.trade()
    page = sign_in("sofie", path="/agents/finance.payment/")
    page.get_by_role("button", name="Stop agent").click()
    expect(page.locator("#agent")).to_contain_text("Stopped by Sofie Brandt")
    page.get_by_label("Why it goes on").fill("It was looked at.")
    page.get_by_role("button", name="Resume agent").click()
    expect(page.locator("#agent")).to_contain_text("Running")


def test_dropped_files_are_answered_line_by_line(sign_in: SignIn) -> None:
    page = sign_in("sofie", path="/intake/")  # a manager, who may bring vendors
    files = [
        {"name": "vendors.csv", "mimeType": "text/csv", "buffer": cast.table("vendors", cast.vendor())},
        {"name": "broken.xml", "mimeType": "text/xml", "buffer": b"<Invoice>"},
    ]
    page.locator("#files").set_input_files(files)  # type: ignore[arg-type]
    expect(page.locator("#results")).to_contain_text("Accepted")
    expect(page.locator("#quarantine")).to_contain_text("broken.xml")


def test_the_theme_changes_at_once_and_stays(sign_in: SignIn) -> None:
    page = sign_in("marta", path="/invoices/")
    page.locator(".me > button").click()
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


# --- paper ---------------------------------------------------------------------------------------------

A4 = 718
"""What is left of the width of a sheet, in CSS pixels."""


def on_paper(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4, "height": 1000})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_lines_of_a_case_fit_the_paper_whole(sign_in: SignIn, theme: str) -> None:
    cast.trade(
        cast.bill(unit_price="11.00", description="A bolt of the longest name that a catalogue has " * 2)
    )
    page = sign_in("sofie")
    page.context.add_cookies([{"name": "theme", "value": theme, "url": page.url}])
    on_paper(page, f"/inbox/{cast.question().pk}/")
    table, card = page.locator(".lines-all table").bounding_box(), page.locator(".case-body").bounding_box()
    assert table
    assert card
    assert table["x"] + table["width"] <= card["x"] + card["width"] + 1
    expect(page.locator(".lines-few")).to_be_hidden()
    expect(page.locator(".verdicts")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= A4
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(26, 27, 25)"


def test_a_history_on_paper_has_each_hash_on_one_line(sign_in: SignIn) -> None:
    cast.trade(cast.bill(unit_price="11.00"))
    page = sign_in("claire")
    on_paper(page, f"/invoices/{cast.invoice().pk}/")
    heights = page.evaluate(
        "[...document.querySelectorAll('.step .hash')].map((h) => h.getBoundingClientRect().height)"
    )
    assert len(heights) > 5
    assert max(heights) <= 16
    assert page.evaluate("document.documentElement.scrollWidth") <= A4


def test_charts_on_paper_are_as_wide_as_their_card_and_light(sign_in: SignIn) -> None:
    cast.trade()
    page = sign_in("sofie")
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": page.url}])
    on_paper(page, "/agents/")
    for figure in page.locator(".chart").all():
        card, canvas = figure.bounding_box(), figure.locator("canvas").bounding_box()
        assert card
        assert canvas
        assert canvas["width"] > card["width"] * 0.9
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
