"""The agents against every kind of case. What they are known to get wrong is named here; nothing else may go
wrong.

A kind that comes right is taken off the list: the test says so.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from coordination.world import Expected, Label
from coordination.world.case import SCENARIOS
from coordination.world.evaluation import evaluate
from coordination.world.generate import generate
from coordination.world.trial import come_to, reference_rates, today
from tests import cast

pytestmark = pytest.mark.django_db

KNOWN: dict[str, str] = {}
"""Kinds of case that do not always come to what their labels say, and why."""


def test_every_kind_of_case_comes_to_its_labels_but_those_that_are_known() -> None:
    world = generate(21, 240, today(), defect_share=0.62, hard_share=0.9, formats=("csv", "ubl"))
    found = come_to(world, 21)
    assert (found.lost, found.unlabelled) == (0, 0)
    wrong = {w.scenario: w.why for w in found.wrong}
    assert {name: why for name, why in wrong.items() if name not in KNOWN} == {}
    assert len(found.scenarios) > len(SCENARIOS) * 0.6


@pytest.mark.parametrize("formats", [("csv",), ("ubl",)])
def test_ordinary_trades_clear_and_everyday_defects_are_held(formats: tuple[str, ...]) -> None:
    world = generate(22, 36, today(), defect_share=0.4, hard_share=0, formats=formats)
    found = come_to(world, 22)
    assert found.all_right.rest == 0, [w.why for w in found.wrong]
    assert found.false_clears.base > 8
    cast.assert_sound()


def test_the_comparison_notices_when_the_agents_are_wrong() -> None:
    """The same world with the labels turned round: what was right is now wrong, every one of it."""
    world = generate(23, 20, today(), defect_share=0.5, hard_share=0)
    come_to(world)
    rows = list(cast.EXPORTS["invoices"]())
    turned = [_turned(label) for label in world.labels]
    assert evaluate(turned, rows, reference_rates()).lanes_right.part == 0


def _turned(label: Label) -> Label:
    if label.lane == "auto":
        return replace(label, lane="escalated", holds=(Expected("price_over", 1),))
    return replace(label, lane="auto", holds=())
