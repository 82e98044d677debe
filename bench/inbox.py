"""python -m bench.inbox [--cases N]: how long a person at the inbox waits, in a real Chromium.

A made-up world is decided until there are open questions enough; two people who answer everything sign in,
each in a browser of their own. `next` is from pressing `j` to the next case on the screen; `feedback` from
pressing the key of a verdict to the button that says that it is being sent; `answered` to the next case on
the screen; `seen` from the same key press to the row changed on the other person's screen, the commit and the
socket between them included. `cleared` is how long it took one person to answer so many by the keyboard
without thinking. Milliseconds of the clock by the browser, so that what else the machine does counts; `floor`
is one empty request in the same browser.
"""

from __future__ import annotations

import argparse

from .once import once

ONE = """
import json, os, statistics, subprocess, sys, time
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.project.settings"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
django.setup()
from datetime import date
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0, skip_checks=True)
from coordination.management.commands.dburl import url
from coordination.project.people import create_demo_people
from coordination.services.intake import take_in
from coordination.workers import runner
from coordination.world import generate
from playwright.sync_api import sync_playwright
from reviews.models import Escalation, SigningProfile
from tests.project.running import free_port, web_server
wanted = int(sys.argv[1])
create_demo_people()
world = generate(7, wanted * 4, date.today(), 0.5)
take_in(list(world.files.items()), actor="system:bench", source="bench")
runner.drain()
there = Escalation.objects.filter(status="open").count()
managers = [p.user for p in SigningProfile.objects.filter(user__groups__name="manager")][:2]
SigningProfile.objects.filter(user__in=managers).update(limit=10**9)
PRESS = '''([key, done]) => new Promise((resolve) => {
  const pane = document.getElementById("case");
  const before = pane.querySelector("[data-case]")?.dataset.case ?? "";
  const began = performance.now();
  const at = Date.now();
  let feedback = 0;
  const watch = new MutationObserver(() => {
    const sending = pane.querySelector("form.htmx-request");
    if (!feedback && sending) feedback = performance.now() - began;
    const now = pane.querySelector("[data-case]")?.dataset.case ?? "";
    if (now === before) return;
    watch.disconnect();
    resolve({ took: performance.now() - began, feedback, at, before });
  });
  watch.observe(pane, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
  setTimeout(() => { watch.disconnect(); resolve(null); }, 5000);
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
})'''
FLOOR = '''async () => {
  const began = performance.now();
  await fetch("/static/icons.svg", { cache: "no-store" });
  return performance.now() - began;
}'''
SEEN = '''() => {
  window.seen = {};
  new MutationObserver(() => {
    for (const row of document.querySelectorAll(".case-row.gone")) window.seen[row.dataset.id] ??= Date.now();
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
}'''
CHOOSE = '''(verdict) => {
  const select = document.querySelector("[data-verdicts] [name=reason]");
  const option = [...(select?.options ?? [])].find((o) => o.value.startsWith(verdict + ":"));
  if (!option) return false;
  select.value = option.value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  return !document.querySelector(`[data-verdicts] [value=${verdict}]`).disabled;
}'''
told = {name: [] for name in ("next", "feedback", "answered", "seen", "floor")}
port = free_port()
settings = {"DATABASE_URL": url(connection.get_connection_params()), "COUNTERSIGN_ENV": "demo"}
with web_server(port, settings), sync_playwright() as playwright:
    flags = ["--no-sandbox", "--disable-gpu"]
    chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
    base = f"http://127.0.0.1:{port}"
    pages = []
    for user in managers:
        page = chromium.new_context(viewport={"width": 1440, "height": 900}, base_url=base).new_page()
        page.goto("/login/?next=/inbox/")
        page.get_by_role("button", name="Continue as " + user.first_name).click()
        page.locator("html[data-live-state=live]").wait_for()
        pages.append(page)
    mine, other = pages
    other.locator(".list-body").hover()
    other.evaluate(SEEN)
    for _ in range(20):
        told["floor"].append(mine.evaluate(FLOOR))
    for _ in range(min(40, there - 2)):
        if (found := mine.evaluate(PRESS, ["j", ""])):
            told["next"].append(found["took"])
    mine.goto("/inbox/")
    mine.locator("html[data-live-state=live]").wait_for()
    answered, began = {}, time.perf_counter()
    for _ in range(min(wanted, there - 1)):
        if not mine.evaluate(CHOOSE, "approve"):
            mine.evaluate(PRESS, ["j", ""])
            continue
        found = mine.evaluate(PRESS, ["a", ""])
        if found:
            told["answered"].append(found["took"])
            if found["feedback"]:
                told["feedback"].append(found["feedback"])
            answered[found["before"]] = found["at"]
    cleared = time.perf_counter() - began
    other.wait_for_timeout(1500)
    seen = other.evaluate("window.seen")
    told["seen"] = [seen[key] - at for key, at in answered.items() if key in seen]
    chromium.close()
def ms(values, share):
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))], 1)
print(json.dumps({"open": there, "cleared": {"n": len(answered), "seconds": round(cleared, 1)}}
    | {name: {"n": len(v), "p50": ms(v, 0.5), "p95": ms(v, 0.95)} for name, v in told.items() if v}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=100, help="questions that are open")
    for name, value in once(ONE, parser.parse_args().cases).items():
        print(f"{name}: {value}")


if __name__ == "__main__":
    main()
