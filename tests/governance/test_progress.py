"""Where an invoice stands follows from who has answered and who holds, in no particular order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import REGISTRY
from coordination.domain.stages import SETTLED_BY, STAGES, stage

ORDER = ("received", *STAGES)
AGENTS = st.sets(st.sampled_from(sorted(REGISTRY)))
FINANCE, PROCUREMENT, OPERATIONS = (SETTLED_BY[s] for s in STAGES)


@pytest.mark.parametrize(
    ("answered", "holding", "reached"),
    [
        ([], [], "received"),
        ([FINANCE], [], "validated"),
        ([FINANCE, PROCUREMENT], [], "matched"),
        ([FINANCE, PROCUREMENT, OPERATIONS], [], "delivered"),
        ([FINANCE, PROCUREMENT, OPERATIONS], [FINANCE], "received"),
        ([FINANCE, PROCUREMENT, OPERATIONS], [PROCUREMENT], "validated"),
        ([FINANCE, PROCUREMENT, OPERATIONS], [OPERATIONS], "matched"),
        ([PROCUREMENT, OPERATIONS], [], "received"),
        ([FINANCE, OPERATIONS], [], "validated"),
        ([FINANCE, PROCUREMENT, OPERATIONS], ["finance.payment"], "delivered"),
    ],
)
def test_a_stage_is_reached_when_its_questions_are_settled(
    answered: list[str], holding: list[str], reached: str
) -> None:
    assert stage(answered, holding) == reached


@given(AGENTS, AGENTS)
def test_a_stage_is_one_of_the_four(answered: set[str], holding: set[str]) -> None:
    assert stage(answered, holding) in ORDER


@given(AGENTS, AGENTS, st.sampled_from(sorted(REGISTRY)))
def test_one_more_answer_never_takes_it_back(answered: set[str], holding: set[str], more: str) -> None:
    assert ORDER.index(stage(answered, holding)) <= ORDER.index(stage(answered | {more}, holding))


@given(AGENTS, AGENTS, st.sampled_from(sorted(REGISTRY)))
def test_one_more_hold_never_takes_it_forward(answered: set[str], holding: set[str], more: str) -> None:
    assert ORDER.index(stage(answered, holding)) >= ORDER.index(stage(answered, holding | {more}))


@given(AGENTS, AGENTS)
def test_a_stage_reached_has_all_before_it_settled(answered: set[str], holding: set[str]) -> None:
    reached = ORDER.index(stage(answered, holding))
    for name in STAGES[:reached]:
        assert SETTLED_BY[name] in answered - holding


def test_every_stage_is_settled_by_an_agent_of_ours() -> None:
    assert set(SETTLED_BY) == set(STAGES)
    assert set(SETTLED_BY.values()) <= set(REGISTRY)
