"""An answer that does something about the cause, by keyboard in a browser: refused in place, then given."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from coordination.models import SuppliedFact
from tests import cast
from tests.cast import bill

from .conftest import SignIn

pytestmark = pytest.mark.browser


def test_what_is_missing_is_completed_by_keyboard_and_what_was_typed_stays(sign_in: SignIn) -> None:
    cast.trade(dict(bill()) | {"quantity": ""})
    page = sign_in("pieter", f"/inbox/{cast.question().pk}/")
    page.keyboard.press("e")
    field = page.locator('[name="set:lines/1/quantity"]')
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    field.fill("1,5")
    form = page.locator("[data-remedy]")
    form.locator("[name=reason]").select_option("read_on_document")
    form.locator("[name=comment]").fill("It is on the page.")
    form.get_by_role("button", name="Complete the data").click()
    expect(page.locator("#refusal")).to_contain_text("'1,5' is no amount; write it as 1234.50")
    expect(field).to_have_value("1,5")
    field.fill("100")
    form.get_by_role("button", name="Complete the data").click()
    expect(page.locator("[data-done]")).to_contain_text("Edited")
    assert SuppliedFact.objects.get().value == "100"
