"""A map is made in the browser: its preview follows what is chosen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from coordination.models import Quarantine, TranslationMap
from tests import cast

from .conftest import SignIn

pytestmark = pytest.mark.browser

TABLE = b"""PO no;Supplier;PO date;Pos;Article;Qty;UoM;Price
PO-9;V-1;05.09.2026;10;A-1;1.000;EA;9,50
"""


def form(sign_in: SignIn) -> Page:
    """The form of a new map for a table of orders that has no currency."""
    cast.take_in(TABLE)
    return sign_in("sofie", path=f"/intake/maps/on/{Quarantine.objects.get().content_id}/")


def source(page: Page, column: str) -> Locator:
    return page.get_by_label(f"{column} comes from")


def test_the_preview_follows_a_change_before_the_map_has_a_name(sign_in: SignIn) -> None:
    page = form(sign_in)
    expect(page.locator(".map-preview tbody tr")).to_have_count(1)
    source(page, "order_number").select_option("")
    expect(page.locator(".map-wrong")).to_contain_text("order_number")
    source(page, "order_number").select_option(label="PO no")
    expect(page.locator(".map-preview")).to_contain_text("PO-9")


@pytest.mark.parametrize("name", ["", "Bolts, orders"])
def test_a_value_for_all_rows_can_be_chosen_and_then_written(sign_in: SignIn, name: str) -> None:
    page = form(sign_in)
    page.get_by_label("Name of the map").fill(name)
    with page.expect_response("**/preview/"):
        source(page, "currency").select_option("value")
    value = page.get_by_label("currency for all rows")
    expect(source(page, "currency")).to_have_value("value")
    expect(value).to_be_visible()
    value.fill("SEK")
    page.keyboard.press("Tab")
    expect(page.locator(".map-preview")).to_contain_text("SEK")
    expect(source(page, "currency")).to_have_value("value")
    page.get_by_label("Name of the map").fill("Bolts, orders")
    page.get_by_role("button", name="Save version 1").click()
    page.wait_for_url("**/intake/maps/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bolts, orders")
    assert TranslationMap.objects.get().name == "Bolts, orders"


def test_what_is_typed_while_a_preview_comes_is_kept(sign_in: SignIn) -> None:
    page = form(sign_in)
    source(page, "currency").select_option("value")
    value = page.get_by_label("currency for all rows")
    value.click()
    page.keyboard.type("SE", delay=10)
    with page.expect_response("**/preview/"):
        page.evaluate("document.getElementById('map-form').dispatchEvent(new Event('change'))")
        page.keyboard.type("K", delay=10)
    page.wait_for_timeout(300)
    expect(value).to_have_value("SEK")
