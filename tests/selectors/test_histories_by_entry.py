"""A history entry by entry: whether each is sound, what it is told as, and what paper says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from audit import canonical
from audit.models import GENESIS, Entry
from coordination.reports.blocks import Text
from coordination.selectors import history, walkthrough, walkthrough_people
from coordination.selectors.walkthrough_steps import Step
from reviews.models import Escalation
from reviews.selectors import Person

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ALICE = Person("human:1", "Alice", "human")


def chain(*data: dict[str, Any], type_: str = "invoice.decided") -> list[Entry]:
    """Entries of one subject, each naming the one before."""
    out: list[Entry] = []
    for seq, one in enumerate(data, 1):
        body = canonical.dumps({"data": one}).decode()
        out.append(
            Entry(
                id=seq,
                subject="invoice/1",
                seq=seq,
                type=type_,
                actor="system:intake",
                body=body,
                hash=canonical.leaf_hash(body.encode()),
                prev=out[-1].hash if out else GENESIS,
                recorded_at=AT + timedelta(minutes=seq),
            )
        )
    return out


# --- sound or not -------------------------------------------------------------------------------------------


def sound(entries: list[Entry]) -> list[bool]:
    return [step.sound for step in history._steps(entries)]


def test_entries_that_give_their_hashes_and_follow_each_other_are_sound() -> None:
    assert sound(chain({"n": "1"}, {"n": "2"}, {"n": "3"})) == [True, True, True]
    assert sound([]) == []


def test_a_body_that_was_changed_gives_another_hash() -> None:
    entries = chain({"n": "1"}, {"n": "2"}, {"n": "3"})
    entries[1].body = entries[1].body.replace('"2"', '"7"')
    assert sound(entries) == [True, False, True]


def test_a_body_that_was_changed_with_its_hash_no_longer_leads_on() -> None:
    entries = chain({"n": "1"}, {"n": "2"}, {"n": "3"})
    entries[1].body = entries[1].body.replace('"2"', '"7"')
    entries[1].hash = canonical.leaf_hash(entries[1].body.encode())
    assert sound(entries) == [True, True, False]


def test_an_entry_that_is_missing_is_seen_at_the_next() -> None:
    one, _, three = chain({"n": "1"}, {"n": "2"}, {"n": "3"})
    assert sound([one, three]) == [True, False]
    assert sound([three]) == [False]  # nor does a history begin in the middle


def test_entries_in_another_order_are_not_sound() -> None:
    one, two = chain({"n": "1"}, {"n": "2"})
    assert sound([two, one]) == [False, False]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"revision": "3", "sha256": "0" * 64}, "v3"),
        ("v2", "v2"),  # as entries were written before
        ("", ""),
    ],
)
def test_an_entry_names_the_rules_it_was_made_under(policy: Any, said: str) -> None:
    [step] = history._steps(chain({"policy": policy}))
    assert step.policy == said


# --- on paper -----------------------------------------------------------------------------------------------


def lines(blocks: Any) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Text)]


def test_a_decision_on_paper_says_what_was_proposed_and_what_it_was_ruled() -> None:
    data = {
        "agent": "procurement.matching",
        "outcome": "act",
        "result": "escalate",
        "confidence": "0.71",
        "state": {"from": "validated", "to": "validated"},
        "policy": {"revision": "4"},
        "reasoning": "The price differs.",
        "findings": [
            {
                "code": "price_over",
                "sentence": "The price is over the order's.",
                "expected": "10.00",
                "found": "11.00",
                "tolerance": "2 %",
                "evidence": [{"document": "order", "field": "price", "value": "10.00"}] * 8,
            },
            {"sentence": "The quantity agrees.", "expected": "", "found": None},
        ],
        "matched_rules": [{"rule": "R7", "text": "over the limit", "result": ""}],
        "dissent": [
            {"agent": "control.crosscheck", "sentence": "It is billed twice.", "ranked_below": "price_over"}
        ],
    }
    found = lines(walkthrough._decision(data))
    assert found[:2] == [
        "Proposed act at confidence 0.71; ruled: escalate. State validated to validated. Policy v4.",
        "The price differs.",
    ]
    assert found[2] == " · ".join(
        [
            "price_over: The price is over the order's.",
            "expected 10.00",
            "found 11.00",
            "tolerance 2 %",
            *["order, price = 10.00"] * 6,  # of many places the first few
        ]
    )
    assert found[3:] == [
        "The quantity agrees.",
        "Rule R7 fired: over the limit (recorded)",
        "Dissent of control.crosscheck: It is billed twice. (below price_over)",
    ]


def told(*data: dict[str, Any], type_: str = "invoice.decided") -> list[str]:
    steps = [Step(e, canonical.loads(e.body)["data"]) for e in chain(*data, type_=type_)]
    return lines(walkthrough._story(steps, {}))


def test_an_entry_on_paper_has_its_number_moment_and_actor() -> None:
    [head, *_] = told({"why": "the case changed"}, type_="escalation.withdrawn")
    assert head == "1 · 2026-11-20 12:01:00.000 UTC · system intake · Withdrawn"


def test_of_very_many_entries_the_paper_says_how_many_it_leaves_out() -> None:
    most = walkthrough.MOST_ENTRIES
    assert len(told(*[{}] * most, type_="escalation.warned")) == most
    found = told(*[{}] * (most + 1234), type_="escalation.warned")
    assert len(found) == most + 1
    assert found[-1].startswith("1,234 more entries are in the history")


# --- by which door ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"via": "page", "seen": {"payload_sha256": "0"}}, "by page, and the payload was the one shown"),
        ({"via": "page", "seen": {"version": "1"}}, "by page"),
        ({"via": "page"}, "by page"),
        (
            {"via": "command", "operator": {"user": "clerk", "uid": "1000"}},
            "by command, run by clerk (uid 1000), so nothing was shown",
        ),
        (
            {"via": "command", "operator": {"user": "", "uid": "1000"}, "seen": {"version": "3"}},
            "by command, run by user (uid 1000), so version 3 was named and nothing shown",
        ),
        ({}, "by command, run by user (uid unknown), so nothing was shown"),
    ],
)
def test_an_answer_on_paper_says_by_which_door_it_came(given: dict[str, Any], words: str) -> None:
    assert walkthrough_people._before_them(given) == words


def question(**changes: Any) -> Escalation:
    plain: dict[str, Any] = {
        "reasons": [],
        "case": {},
        "quorum": 1,
        "queue": "finance",
        "policy": "v1",
        "due_at": AT,
        "clock": "discount",
        "payload_hash": "0" * 64,
        "status": "open",
        "makers": [],
    }
    return Escalation(**plain | changes)


def test_what_a_question_showed_is_told_and_what_it_lacked_is_not() -> None:
    rows = dict(walkthrough_people._shown(question()))
    assert rows == {
        "Reasons named": "none",
        "Rules named": "none",
        "To answer": "1 of queue finance, policy v1",
        "Due": "2026-11-20 12:00:00.000 UTC (discount)",
        "Payload SHA-256": "0" * 64,
        "Came to": "open",
    }


def test_a_question_on_paper_names_reasons_effects_positions_rules_and_makers() -> None:
    case = {
        "consequences": [{"text": "EUR 5.00 is paid."}, {"text": "Nothing is sent."}],
        "positions": [
            {"agent": "finance.payment", "outcome": "act", "confidence": "0.60", "threshold": "0.80"}
        ],
        "rules": [{"rule": "R1", "text": "unsure"}],
    }
    reasons = [{"code": "tax_mismatch", "sentence": "Tax is off."}, {"code": "no_po", "sentence": ""}]
    row = question(case=case, reasons=reasons, quorum=2, makers=["human:1"], status="approved", decided_at=AT)
    rows = dict(walkthrough_people._shown(row))
    assert rows["Reasons named"] == "tax_mismatch: Tax is off.; no_po: "
    assert rows["Effects named"] == "EUR 5.00 is paid. Nothing is sent."
    assert rows["Positions named"] == "finance.payment act at 0.60 (asked for 0.80)"
    assert rows["Rules named"] == "R1 unsure"
    assert rows["To answer"] == "2 of queue finance, policy v1; not by human:1"
    assert rows["Came to"] == "approved 2026-11-20 12:00:00.000 UTC"


def test_the_entry_of_an_answer_is_of_that_person_and_that_question() -> None:
    row = question()
    verdict: Any = SimpleNamespace(by="human:1")
    steps = [
        SimpleNamespace(entry=SimpleNamespace(type=type_, actor=actor), data={"escalation": about, "n": n})
        for n, (type_, actor, about) in enumerate(
            [
                ("escalation.claimed", "human:1", str(row.id)),
                ("verdict.given", "human:2", str(row.id)),
                ("verdict.given", "human:1", "another"),
                ("verdict.given", "human:1", str(row.id)),
            ]
        )
    ]
    found: Any = walkthrough_people.given_by(verdict, row, steps)  # type: ignore[arg-type]
    assert found["n"] == 3
    assert walkthrough_people.given_by(verdict, question(), steps) == {}  # type: ignore[arg-type]
