"""Several workers on shared order lines: the end is the one that a single worker comes to, whatever came
first."""

from __future__ import annotations

import random
from functools import partial

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

from coordination.decisions import loop_guard
from coordination.models import Invalidation, Task
from coordination.services.intake import take_in
from coordination.workers import runner
from tests import cast
from tests.decisions import trades
from tests.decisions.trades import Trade
from tests.races.together import of, together

pytestmark = pytest.mark.django_db(transaction=True)


def trade(seed: int) -> Trade:
    """One of the trades of the properties, always the same for a seed."""
    quiet = settings(
        database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    chance = random.Random(seed)
    busy = st.builds(lambda t: t, trades.trades()).filter(lambda t: len(t.documents) >= 9)
    found: Trade = find(busy, lambda _: True, settings=quiet, random=chance)
    return found


@pytest.mark.parametrize(("seed", "workers"), [(1, 2), (2, 3), (3, 3)])
def test_workers_side_by_side_come_to_what_one_comes_to(seed: int, workers: int) -> None:
    made = trade(seed)
    expected = trades.run([made.documents])
    call_command("flush", interactive=False, verbosity=0)
    trades.documents.clear_cache()
    shuffled = random.Random(seed).sample(made.documents, len(made.documents))
    for half in (shuffled[::2], shuffled[1::2]):
        outcomes = together(
            partial(take_in, half, actor="system:intake", source="test"),
            *[partial(runner.drain, 2)] * workers,
        )
        assert not of(Exception, outcomes), outcomes
    cast.drain()
    assert trades.stands() == expected
    assert trades.most_on_one_fact() <= loop_guard.most()
    assert (Task.objects.count(), Invalidation.objects.count()) == (0, 0)
    assert cast.drain().decisions == 0
    cast.assert_sound()
