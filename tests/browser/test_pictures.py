"""The pictures of the README: the demonstration as it looks. PICTURES=1 writes them to docs/pictures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from coordination.models import Invoice
from coordination.workers import runner
from reviews.models import Escalation
from tests import cast

from .conftest import SignIn

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go: beside the papers when asked for, else nowhere that stays."""
    return PICTURES if os.environ.get("PICTURES") == "1" else tmp_path


def test_the_demonstration_is_fit_to_be_shown(sign_in: SignIn, folder: Path) -> None:
    page = sign_in("sofie", path="/login/")
    call_command("demo", story=True, verbosity=0)
    runner.drain()
    case = next(
        e for e in Escalation.objects.filter(status="open") if len(e.case.get("lines", [])) > 2 and _off(e)
    )
    paid = Invoice.objects.filter(state="paid", lane="human").first() or cast.invoice()
    for name, path in {
        "overview": "/",
        "inbox": f"/inbox/{case.pk}/",
        "flow": "/flow/",
        "agents": "/agents/",
        "history": f"/invoices/{paid.pk}/",
    }.items():
        shot(page, path, folder / f"{name}.png")


def _off(question: Escalation) -> bool:
    return any(line["marks"] for line in question.case["lines"])


def shot(page: Page, path: str, target: Path) -> None:
    """One page, settled; a blank page would make a tiny file."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    page.screenshot(path=str(target))
    assert target.stat().st_size > 40_000, path
