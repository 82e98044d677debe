"""Lists and counts of questions, on pages and in files: a known-answer case stands in them as a question
about an invoice does while it waits, and in no figure once it is over."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from audit import clock, trail
from coordination.domain.oversight import Defect
from coordination.models import KnownAnswer
from coordination.selectors.counts import counts
from coordination.selectors.kpis import kpis
from coordination.selectors.overview import overview
from coordination.selectors.waiting_lists import behind
from reviews.models import Escalation, Verdict
from reviews.open_lists import queues
from reviews.services import person, resolve
from tests import cast
from tests.cast import Cast
from tests.oversight.trade import answer, planted, trade
from tests.views.conftest import client
from tests.views.test_hostile import addresses

pytestmark = pytest.mark.django_db

NAMED = {
    "which": ("late", "overdue", "discounts"),
    "kind": ("cause", "rule", "vendor", "queue", "person"),
    "figure": ("received", "touchless", "exceptions", "answers", "decisions"),
    "owner": ("procurement", "finance", "operations", "procurement-waiting"),
    "name": ("procurement.matching",),
}
OPEN_LISTS = ("/overview/late", "/overview/overdue", "/overview/discounts", "/kpis/counts/queue")
TOLD = ("oversight/", "access/")
"""Pages about known-answer cases as such."""


@pytest.fixture
def known(people: Cast) -> KnownAnswer:
    """A known-answer case beside one real question with the same reason, both on a discount."""
    with pytest.MonkeyPatch.context() as patch:
        vendor = cast.vendor
        patch.setattr(cast, "vendor", lambda **more: vendor(**({"payment_terms": "2/10 net 30"} | more)))
        trade()
        trade(1, first=70, wrong={70: "price"})
    [made] = planted(Defect.PRICE)
    return made


def real() -> Escalation:
    return Escalation.objects.get(kind="invoice")


def paths() -> Iterator[str]:
    """Every address that needs no key, with what stands in lists for its names."""
    for address in addresses():
        if address.route.startswith(TOLD):
            continue
        names = re.findall(r"<\w+:(\w+)>", address.route)
        if any(name not in NAMED for name in names):
            continue
        found = ["/" + address.route]
        for name in names:
            found = [re.sub(rf"<\w+:{name}>", value, path) for path in found for value in NAMED[name]]
        yield from found


def text(browser: Client, path: str, **query: Any) -> str:
    found = browser.get(path, query)
    if found.status_code != 200:
        return ""
    data = b"".join(found) if found.streaming else found.content  # type: ignore[arg-type]
    return data.decode(errors="replace")


def table(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content)))


def masked(row: str) -> str:
    """A row without what differs from one invoice to the next."""
    row = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "KEY", row)
    row = re.sub(r"\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)", "DAY", row)
    row = re.sub(r"\d+(,\d{3})*(?=\.\d)", "0", row)  # the whole part; decimals keep their number
    return re.sub(r"\d", "0", row)


@pytest.mark.parametrize("who", ["alice", "carol", "dave", "erin"])
@pytest.mark.parametrize("days", [0, 5, 40])
def test_wherever_a_real_question_stands_the_case_stands_too_and_no_word_names_it(
    people: Cast, known: KnownAnswer, who: str, days: int
) -> None:
    browser, seen = client(getattr(people, who)), 0
    with clock.simulated(clock.now() + timedelta(days=days)):
        for path in paths():
            found = text(browser, path, days=90, key=known.question.queue)
            assert "known_answer" not in found, path
            assert "known-answer:" not in found, path
            there = [str(key) in found for key in (real().pk, known.question_id)]
            assert there[0] == there[1], path
            seen += there[0]
    assert seen or who == "erin"


@pytest.mark.parametrize("path", OPEN_LISTS)
def test_in_a_list_and_its_file_it_has_the_shape_of_a_real_one(
    people: Cast, known: KnownAnswer, path: str
) -> None:
    browser, asked = client(people.alice), {"key": known.question.queue, "days": 90}
    days = {"/overview/overdue": 40, "/overview/late": 40}.get(path, 0)
    with clock.simulated(clock.now() + timedelta(days=days)):
        page, rows = text(browser, f"{path}/", **asked), table(text(browser, f"{path}.csv", **asked))
    lines = re.findall(r"<tr>\s*<td.*?</tr>", page, re.DOTALL)
    shown = {number: line for line in lines for number in re.findall(r"<td>([^<]+)</td>", line)[:1]}
    numbers = [real().case["number"], known.question.case["number"]]
    assert sorted(shown) == sorted(numbers)
    assert sorted(row["invoice_number"] for row in rows) == sorted(numbers)
    one, other = (masked(shown[number]) for number in numbers)
    assert one == other
    first, second = ({r["invoice_number"]: r for r in rows}[n] for n in numbers)
    assert {k: masked(v)[-7:] for k, v in first.items()} == {k: masked(v)[-7:] for k, v in second.items()}
    assert first["vendor_name"] == second["vendor_name"] != ""


def test_while_it_waits_counts_of_questions_agree_with_the_inbox(people: Cast, known: KnownAnswer) -> None:
    open_, _ = queues("")
    [asked] = counts(["queue"], 30, [])
    with clock.simulated(clock.now() + timedelta(days=40)):
        told = overview("", [], payments=False)
        assert (
            (told.overdue, told.late) == (behind("overdue", []).count(), behind("late", []).count()) == (2, 2)
        )
    assert open_ == asked.base == 2
    assert overview("", [], payments=False).discounts.invoices == behind("discounts", []).count() == 2


def test_once_it_is_answered_no_count_and_no_key_figure_has_it(people: Cast, known: KnownAnswer) -> None:
    answer(known, "approve", by=people.carol)
    browser = client(people.dave)
    asked, by = counts(["queue", "person"], 30, [])
    assert (asked.base, by.base, kpis(30).cost.answers) == (1, 0, 0)
    queue = table(text(browser, "/kpis/counts/queue.csv", key=known.question.queue, days=30))
    assert [row["invoice_number"] for row in queue] == [real().case["number"]]
    for path, key in (("counts/person", person(people.carol)), ("figures/answers", "")):
        assert table(text(browser, f"/kpis/{path}.csv", key=key, days=30)) == []


def test_an_answer_to_a_question_that_waits_for_a_second_person_is_not_counted_yet(
    people: Cast, known: KnownAnswer
) -> None:
    """Whatever the question is about: what is missing would say which it was."""
    for row in (real(), known.question):
        row.quorum = 2
        trail.update([row], ("quorum",), trail.Stamp("system:test", clock.now(), "for a test"))
        resolve(row.pk, "approve", by=people.carol, reason="difference_accepted", comment="As found.")
    assert Verdict.objects.filter(escalation__status="open").count() == 2
    assert [c.base for c in counts(["person"], 30, [])] == [kpis(30).cost.answers] == [0]
