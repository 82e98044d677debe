"""A real Chromium against a real server: people sign in by the demonstration's buttons, each in a browser of
their own."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from coordination.project.people import create_demo_people
from reviews.models import Presence
from tests.conftest import Server

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SignIn = Callable[..., Page]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this folder, and for no longer: while it runs, so does its event loop."""
    if not os.access(CHROMIUM, os.X_OK):
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    # Playwright keeps an event loop running in this thread, which Django takes for a coroutine of ours.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(server: Server, chromium: Browser) -> Iterator[SignIn]:
    """`sign_in("marta")` opens a page as that person; what it breaks or logs as an error fails the test."""
    create_demo_people()
    contexts, errors = [], []

    def enter(name: str, path: str = "/inbox/", width: int = 1440, height: int = 900) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, base_url=server.url)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if _violation(message.text) else None)
        page.goto(f"/login/?next={path}")
        page.get_by_role("button", name=f"Continue as {name.capitalize()}").click()
        page.locator("html[data-live-state=live]").wait_for()
        return page

    yield enter
    for context in contexts:
        for page in context.pages:
            page.goto("about:blank")  # a page that is left says so; the tables are emptied after that
    until = time.monotonic() + 1
    while Presence.objects.exists() and time.monotonic() < until:
        time.sleep(0.02)
    for context in contexts:
        context.close()
    assert errors == []


def _violation(text: str) -> bool:
    return "Content Security Policy" in text or "Uncaught" in text
