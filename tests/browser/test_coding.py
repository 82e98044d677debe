"""Coding by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from coordination.models import Coding
from tests import cast

from .conftest import SignIn

pytestmark = pytest.mark.browser


def test_enter_confirms_a_line_and_goes_on_to_the_next(sign_in: SignIn) -> None:
    cast.take_in(cast.table("codings", *cast.coded(1)))
    cast.trade(*[cast.bill(invoice_number=f"INV-{n}", quantity=str(10 + n)) for n in range(1, 4)])
    page = sign_in("pieter", path="/coding/")
    lines = page.locator(".coding-line")
    expect(lines).to_have_count(3)
    lines.nth(0).locator("[name=account]").focus()
    page.keyboard.press("Enter")
    expect(lines.nth(0)).to_contain_text("Confirmed by Pieter Dekker")
    expect(lines.nth(1).locator("[name=account]")).to_be_focused()
    page.keyboard.type("=1")  # what is there is selected, so that typing replaces it
    page.keyboard.press("Enter")
    expect(lines.nth(1)).to_contain_text("The account is not a code")
    expect(lines.nth(1).locator("[name=account]")).to_be_focused()
    page.keyboard.type("4410")
    page.keyboard.press("Enter")
    expect(lines.nth(1)).to_contain_text("Corrected by Pieter Dekker")
    expect(lines.nth(2).locator("[name=account]")).to_be_focused()
    expect(page.locator("#coding-figures")).to_contain_text("1 of 2")
    assert sorted(Coding.objects.values_list("status", "account")) == [
        ("confirmed", "4400"),
        ("confirmed", "4410"),
        ("proposed", "4400"),
    ]


def test_a_change_by_another_person_keeps_what_was_typed(sign_in: SignIn) -> None:
    cast.take_in(cast.table("codings", *cast.coded(1)))
    cast.trade()
    here, there = sign_in("pieter", path="/coding/"), sign_in("sofie", path="/coding/")
    there.locator("[name=account]").fill("4499")
    there.keyboard.press("Enter")
    expect(there.locator(".coding-line")).to_contain_text("Corrected by Sofie Brandt")
    here.locator("[name=account]").fill("4410")
    here.keyboard.press("Enter")
    expect(here.locator(".coding-line")).to_contain_text("Sofie Brandt put it to 4499")
    expect(here.locator("[name=account]")).to_have_value("4410")
    here.get_by_role("button", name="Change").click()
    expect(here.locator(".coding-line")).to_contain_text("Corrected by Pieter Dekker")
