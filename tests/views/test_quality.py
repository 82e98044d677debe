"""The page of the last examination: for managers and auditors, with every figure beside its base."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from coordination.assurance import evaluations
from coordination.models import Evaluation
from coordination.selectors import mistakes
from coordination.selectors.quality import quality
from coordination.world import Expected, Label, trial
from coordination.world.evaluation import evaluate
from coordination.world.report import figures
from tests.cast import Cast

from .conftest import HTMX, client, read

pytestmark = pytest.mark.django_db
RATES = {"EUR": Decimal(1)}


def examined(seed: int = 7, *, wrong: int = 1, name: str = "price") -> Evaluation:
    """An examination of ten invoices, so many of which should have been held and cleared."""
    labels = [
        Label(f"INV-{n}", "V-1", name, "escalated", (Expected("price_over", 1),), "defect", gross="50.00")
        for n in range(10)
    ]
    hold = {"code": "price_over", "line": 1, "status": "open"}
    rows = [
        {
            "invoice_number": x.invoice,
            "vendor_id": "V-1",
            "type": "invoice",
            "currency": "EUR",
            "gross": "50.00",
            "lane": "auto" if n < wrong else "escalated",
            "holds": [] if n < wrong else [hold],
        }
        for n, x in enumerate(labels)
    ]
    world = evaluations.Examined(seed, 10, Decimal("0.3"), ("csv",))
    return evaluations.record(world, figures(evaluate(labels, rows, RATES, seed)), evaluations.policy())


def page(browser: Client) -> str:
    return read(browser.get(reverse("coordination:quality")))


def words(text: str) -> str:
    return " ".join(re.sub("<[^>]+>", "", text).split())


def test_managers_and_auditors_see_it_and_nobody_else(people: Cast) -> None:
    seen = {
        who: client(getattr(people, who)).get(reverse("coordination:quality")).status_code
        for who in ("alice", "carol", "erin", "frank")
    }
    assert seen == {"alice": 403, "carol": 200, "erin": 200, "frank": 403}
    assert Client().get(reverse("coordination:quality")).status_code == 302


def test_the_menu_has_it_for_those_who_may_open_it(people: Cast) -> None:
    assert reverse("coordination:quality") in client(people.erin).get("/").content.decode()
    assert reverse("coordination:quality") not in client(people.alice).get("/").content.decode()


def test_before_the_first_examination_the_page_says_how_to_make_one(people: Cast) -> None:
    assert "manage.py world --evaluate" in page(client(people.carol))


def test_figures_stand_with_their_bases_and_the_money(people: Cast) -> None:
    examined(wrong=2)
    text = page(client(people.carol))
    assert "8 of 10" in text
    assert "2 of 10 to be held" in words(text)
    assert '<span class="cur">EUR</span> <span class="num">100.00</span>' in text
    assert "price over" in text
    assert "false clear" in text
    assert "auto instead of escalated; without price_over" in text


def test_the_newest_examination_is_shown_and_the_others_below(people: Cast) -> None:
    examined(1, wrong=5)
    examined(2, wrong=0)
    found = quality()
    assert found is not None
    assert (found.row.seed, found.found.false_clears.part) == (2, 0)
    assert [b.row.seed for b in found.earlier] == [1]
    assert "Every kind came out right." in page(client(people.erin))


def test_it_says_when_another_policy_is_in_force_since(people: Cast) -> None:
    examined()
    assert "is in force since" not in page(client(people.carol))
    stricter = evaluations.policy().text.replace('"pct":"2"', '"pct":"1"')
    trial.adopt(stricter, 2)
    assert "Policy v2 is in force since." in page(client(people.carol))


def test_what_a_world_is_made_of_stays_text(people: Cast) -> None:
    examined(name="<script>alert(1)</script>")
    text = page(client(people.carol))
    assert "<script>alert(1)" not in text.lower()
    assert "&lt;script&gt;" in text.lower()


def test_a_part_of_the_page_comes_alone(people: Cast) -> None:
    examined()
    found = client(people.carol).get(reverse("coordination:quality"), headers=HTMX).content.decode()
    assert found.lstrip().startswith('<div id="quality"')


def test_only_so_many_wrong_ones_are_shown_and_the_page_says_so(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coordination.selectors.quality.WRONG_AT_MOST", 3)
    examined(wrong=8)
    assert "8 of 10, 3 shown" in words(page(client(people.carol)))


# --- the documents behind the figures -----------------------------------------------------------------------


def several_mistakes() -> Evaluation:
    """Of seven: one right, one a false clear, one asked about in vain, one with another reason, one with the
    reason on another line, one not in the export, one right and twice in the export."""
    price = (Expected("price_over", 1),)
    labels = [
        Label(f"INV-{n}", "V-1", "price" if n else "plain", lane, codes, "defect", gross="50.00")
        for n, (lane, codes) in enumerate(
            [("auto", ()), ("escalated", price), ("auto", ()), *[("escalated", price)] * 4]
        )
    ]
    found = [
        ("auto", ""), ("auto", ""), ("escalated", "quantity_over"), ("escalated", "quantity_over"),
        ("escalated", "price_over"), None, ("escalated", "price_over"),
    ]  # fmt: skip
    rows = [
        {
            "invoice_number": f"INV-{n}",
            "vendor_id": "V-1",
            "type": "invoice",
            "currency": "EUR",
            "gross": "50.00",
            "lane": one[0],
            "holds": [{"code": one[1], "line": 2 if n == 4 else 1, "status": "open"}] if one[1] else [],
        }
        for n, one in [*enumerate(found), (6, found[6])]
        if one is not None
    ]
    world = evaluations.Examined(7, 7, Decimal("0.3"), ("csv",))
    return evaluations.record(world, figures(evaluate(labels, rows, RATES, 7)), evaluations.policy())


def listed(browser: Client, figure: str, query: str = "") -> list[str]:
    content = browser.get(reverse("coordination:mistakes_csv", args=[figure]) + query).content.decode()
    return sorted(line["invoice_number"] for line in csv.DictReader(io.StringIO(content)))


def test_every_figure_lists_the_documents_that_it_counts(people: Cast) -> None:
    several_mistakes()
    found, browser = quality(), client(people.carol)
    assert found is not None
    e = found.found
    assert listed(browser, "lane") == ["INV-1", "INV-2", "INV-5"]
    assert len(listed(browser, "lane")) == e.lanes_right.rest
    assert listed(browser, "result") == ["INV-1", "INV-2", "INV-3", "INV-4", "INV-5"]
    assert len(listed(browser, "result")) == e.all_right.rest
    assert listed(browser, "asked-in-vain") == ["INV-2"]
    assert len(listed(browser, "asked-in-vain")) == e.over_escalated.part
    assert listed(browser, "false-clears") == ["INV-1"]
    assert len(listed(browser, "false-clears")) == e.false_clears.part
    assert len(listed(browser, "all")) == len(e.wrong) == 6
    clears = mistakes.behind("false-clears")
    assert clears is not None
    assert clears.sums == e.false_clear_worth.amounts == {"EUR": Decimal("50.00")}


def test_a_square_of_the_lanes_and_a_kind_of_case_lead_to_just_their_documents(people: Cast) -> None:
    several_mistakes()
    found, browser = quality(), client(people.carol)
    assert found is not None
    assert listed(browser, "lane", "?due=auto&found=escalated") == ["INV-2"]
    for row in found.lane_rows:
        for lane, count in row.counts:
            if lane != row.lane:
                assert len(listed(browser, "lane", f"?due={row.lane}&found={lane}")) == count
    for kind in found.kinds:
        assert len(listed(browser, "result", f"?kind={kind.name}")) == kind.share.rest


def test_the_numbers_of_the_page_lead_there(people: Cast) -> None:
    several_mistakes()
    browser = client(people.erin)
    text = page(browser)
    for name in mistakes.MISTAKES:
        address = reverse("coordination:mistakes", args=[name])
        assert f'href="{address}' in text, name
        told = read(browser.get(address))
        assert mistakes.MISTAKES[name].sentence in told
    assert "In all EUR 50.00." in words(read(browser.get("/quality/wrong/false-clears/")))
    assert browser.get("/quality/wrong/right/").status_code == 404


def test_the_lists_are_for_whoever_sees_the_figures(people: Cast) -> None:
    several_mistakes()
    seen = {
        who: client(getattr(people, who)).get("/quality/wrong/lane/").status_code
        for who in ("alice", "carol", "erin", "frank")
    }
    assert seen == {"alice": 403, "carol": 200, "erin": 200, "frank": 403}


def test_before_the_first_examination_there_is_no_list(people: Cast) -> None:
    assert client(people.carol).get("/quality/wrong/lane/").status_code == 404
