"""Where the policy asks for a least time on a page, a person who is quicker is told in place how long is
missing."""

from __future__ import annotations

import pytest
from django.test import override_settings
from playwright.sync_api import Dialog, expect

from audit import clock
from coordination.domain.oversight import MISSED, Defect
from coordination.services import catch_rate_falls
from reviews.models import Escalation
from tests.oversight.trade import ended, planted, policy_says, trade

from .conftest import SignIn

pytestmark = pytest.mark.browser

DWELL = {"id": "D-3", "text": "a long look", "dose": "dwell", "over": "100.00", "seconds": "300"}


def test_too_soon_is_said_above_what_was_typed_without_a_dialog_and_rejecting_waits_for_nothing(
    sign_in: SignIn,
) -> None:
    page = sign_in("marta", path="/inbox/")
    trade(8, wrong={3: "price"})
    policy_says(doses=[DWELL])
    [known] = planted(Defect.PRICE)
    ended(known, [MISSED] * 10)
    with override_settings(COUNTERSIGN_OVERSIGHT=4):
        assert catch_rate_falls.look(clock.now()) == 1
    row = Escalation.objects.get(kind="invoice", status="open")
    dialogs: list[Dialog] = []

    def noted(dialog: Dialog) -> None:
        dialogs.append(dialog)

    page.on("dialog", noted)
    page.goto(f"/inbox/{row.pk}/")
    expect(page.get_by_text("taken 300 seconds after this page was shown, at the earliest")).to_be_visible()
    text = page.get_by_label("Text, required to reject or override")
    page.get_by_label("Reason code, required").select_option("approve:difference_accepted")
    text.fill("As agreed by phone.")
    page.get_by_role("button", name="Approve").click()
    refusal = page.locator("#refusal")
    expect(refusal).to_contain_text("300 seconds after its page was shown, at the earliest")
    expect(refusal).to_contain_text("seconds are missing")
    expect(text).to_have_value("As agreed by phone.")
    page.get_by_label("Reason code, required").select_option("reject:price_not_agreed")
    page.get_by_role("button", name="Reject").click()
    expect(page.locator("[data-done]")).to_contain_text("Rejected")
    assert dialogs == []
