"""One of a kind is said in the singular and several in the plural, on pages, in messages and on paper."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string

from audit import canonical
from audit.inspection import Verified
from audit.models import GENESIS, Entry
from audit.verify import Finding
from coordination.decisions.replay import Reperformed
from coordination.domain.key_figures import Discounts, Share
from coordination.reports.blocks import Text
from coordination.selectors import walkthrough
from coordination.selectors.kpis import Cost
from coordination.selectors.kpis_money import PaidTwice
from coordination.views import samples as sample_pages
from coordination.views import seals as seal_pages
from tests import cast


def said(template: str, **context: Any) -> str:
    """What a part of a page says, in one line and without its markup."""
    text = render_to_string(f"coordination/{template}", context)
    plain, inside = "", False
    for character in text:
        inside = character == "<" or (inside and character != ">")
        plain += "" if inside or character == ">" else character
    return " ".join(plain.split())


def lines(blocks: Any) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Text)]


# --- pages --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("total", "words"),
    [(0, "0 invoices, 30 days"), (1, "1 invoice, 30 days"), (2, "2 invoices,"), (1234, "1,234 invoices,")],
)
def test_the_flow_says_how_many_came_in(total: int, words: str) -> None:
    flow = SimpleNamespace(
        total=total, stages=[], ended=0, departments=[], automatic_path="", person_path="", ended_path=""
    )
    assert words in said("_flow_band.html", flow=flow, days=30)


@pytest.mark.parametrize(
    ("each", "words"),
    [
        (0, "0 entries, 0 decisions, 0 verdicts"),
        (1, "1 entry, 1 decision, 1 verdict"),
        (1234, "1,234 entries, 1,234 decisions, 1,234 verdicts"),
    ],
)
def test_the_audit_page_says_how_much_there_is_to_prove(each: int, words: str) -> None:
    figures = dict.fromkeys(("entries", "decisions", "verdicts"), each)
    assert said("_audit_counted.html", figures=figures) == words


@pytest.mark.parametrize(
    ("answers", "decisions", "words"),
    [
        (0, 0, "0 answers of people, 0 decisions of agents"),
        (1, 1, "1 answer of people, 1 decision of agents"),
        (2, 3, "2 answers of people, 3 decisions of agents"),
    ],
)
def test_the_cost_of_an_invoice_says_what_it_is_made_of(answers: int, decisions: int, words: str) -> None:
    nothing = Share(0, 0)
    kpis = SimpleNamespace(
        discounts=Discounts({}, {}, {}, nothing, 0),
        punctual=nothing,
        no_due_date=0,
        twice=PaidTwice(nothing, 0),
        cost=Cost(None, "EUR", False, 7, answers, decisions),
    )
    assert words in said("_kpis_money.html", kpis=kpis)


# --- messages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "findings", "words"),
    [
        (1, 0, "1 entry verified; nothing found."),
        (0, 0, "0 entries verified; nothing found."),
        (1234, 0, "1,234 entries verified; nothing found."),
        (5, 1, "1 finding: the ledger is not as it was written."),
        (5, 2, "2 findings: the ledger is not as it was written."),
    ],
)
def test_a_verification_says_how_much_it_looked_at_or_found(entries: int, findings: int, words: str) -> None:
    found = Verified(entries=entries, findings=[Finding("gap", "x", None, "") for _ in range(findings)])
    assert seal_pages.verified_words(found) == words


@pytest.mark.parametrize(
    ("drawn", "whole", "words"),
    [
        (1, 1, "1 of 1 invoice is drawn."),
        (1, 20, "1 of 20 invoices is drawn."),
        (3, 1234, "3 of 1,234 invoices are drawn."),
    ],
)
def test_a_draw_says_how_many_of_how_many(drawn: int, whole: int, words: str) -> None:
    assert sample_pages.drawn_words(drawn, whole) == words


# --- on paper -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decisions", "same", "replayed", "words"),
    [
        (1, 1, 0, "1 decision of agents was run again from its recorded input"),
        (2, 2, 0, "2 decisions of agents were run again from their recorded input"),
        (2, 1, 1, "1 was answered by a program outside and replayed as recorded."),
        (4, 2, 2, "2 were answered by a program outside and replayed as recorded."),
    ],
)
def test_decisions_that_were_run_again_are_counted(
    decisions: int, same: int, replayed: int, words: str
) -> None:
    done = Reperformed(decisions=decisions, same=same, replayed=replayed)
    [text] = lines(walkthrough._run_again(done))
    assert words in text
    assert f"{same} came out the same." in text


def entries(count: int) -> list[Entry]:
    out: list[Entry] = []
    for seq in range(1, count + 1):
        body = canonical.dumps({"data": {"n": str(seq)}}).decode()
        prev = out[-1].hash if out else GENESIS
        digest = canonical.leaf_hash(body.encode())
        out.append(
            Entry(id=seq, seq=seq, type="x", body=body, hash=digest, prev=prev, recorded_at=cast.moment())
        )
    return out


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "The one entry gives its hash, and none is missing before it."),
        (3, "All 3 entries give their hashes, and each names the one before it; none is missing between"),
    ],
)
def test_what_is_proved_of_a_history_is_said_of_one_entry_and_of_many(count: int, words: str) -> None:
    assert lines(walkthrough._proof(entries(count)))[0].startswith(words)


@pytest.mark.django_db
def test_entries_that_prove_nothing_are_named_and_of_very_many_the_first() -> None:
    some = entries(4)
    some[1].body = some[1].body.replace('"2"', '"7"')
    assert lines(walkthrough._proof(some))[0].startswith(
        "NOT SOUND: entry 2 does not give its hash or does not follow"
    )
    del some[2]
    assert lines(walkthrough._proof(some))[0].startswith(
        "NOT SOUND: entries 2, 4 do not give their hash or do not"
    )
    many = entries(80)
    for entry in many:
        entry.hash = "0" * 64
    said_ = lines(walkthrough._proof(many))[0]
    assert said_.startswith(f"NOT SOUND: entries {', '.join(map(str, range(1, 51)))} and 30 more do not")
