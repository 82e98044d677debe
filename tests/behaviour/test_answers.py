"""What a person's answer says of each agent that had answered before."""

from __future__ import annotations

import pytest

from coordination.agents import REGISTRY
from coordination.services.behaviour.answers import judge

MATCHING, PAYMENT = "procurement.matching", "finance.payment"


def verdict(
    agent: str, codes: list[str], outcome: str, tripped: tuple[str, ...] = ()
) -> tuple[str, str] | None:
    found = judge(agent, codes, outcome, tripped)
    return None if found is None else (found.reviewed, found.verdict)


@pytest.mark.parametrize("lets_go", ["approve", "override", "partial"])
def test_who_held_an_invoice_that_a_person_lets_go_is_overridden(lets_go: str) -> None:
    assert verdict(MATCHING, ["price_over"], lets_go) == ("escalated", "overridden")


def test_who_held_an_invoice_that_a_person_refuses_is_confirmed() -> None:
    assert verdict(MATCHING, ["price_over", "over_threshold"], "reject") == ("escalated", "confirmed")


def test_of_who_held_nothing_it_says_nothing() -> None:
    assert [n for n in REGISTRY if verdict(n, ["price_over"], "approve")] == [MATCHING]


@pytest.mark.parametrize(("outcome", "told"), [("approve", "confirmed"), ("reject", "overridden")])
def test_who_proposed_the_release_is_judged_where_only_the_rules_asked(outcome: str, told: str) -> None:
    assert verdict(PAYMENT, ["over_threshold"], outcome) == ("escalated", told)
    assert verdict(MATCHING, ["over_threshold"], outcome) is None


def test_a_sample_that_is_let_go_confirms_everybody_whose_work_it_was() -> None:
    assert {verdict(n, ["random_audit"], "approve") for n in REGISTRY} == {("sample", "confirmed")}


def test_a_sample_that_is_refused_counts_against_everybody_who_would_have_let_it_go() -> None:
    assert {verdict(n, ["random_audit"], "reject") for n in REGISTRY} == {("sample", "overridden")}


@pytest.mark.parametrize(("outcome", "told"), [("approve", "confirmed"), ("reject", "overridden")])
def test_whose_breaker_brought_the_case_is_judged_by_the_answer(outcome: str, told: str) -> None:
    assert verdict(MATCHING, ["drift_breaker"], outcome, (MATCHING,)) == ("sample", told)


def test_what_a_person_held_is_no_agents_doing() -> None:
    assert not any(verdict(n, ["manual_hold"], o) for n in REGISTRY for o in ("approve", "reject"))


def test_an_answer_about_nothing_says_nothing() -> None:
    assert not any(verdict(n, [], o) for n in REGISTRY for o in ("approve", "reject"))
