"""What a run of answers proves, against published figures."""

from __future__ import annotations

import pytest

from coordination.monitoring import proof


@pytest.mark.parametrize(("error", "needed"), [(0.05, 59), (0.03, 99), (0.02, 149), (0.01, 299)])
def test_so_many_agreements_in_a_row_show_an_error_under(error: float, needed: int) -> None:
    assert proof.missing(0, 0, error=error) == needed
    assert not proof.proves(needed - 1, 0, error=error)


def test_with_a_disagreement_it_takes_more() -> None:
    assert proof.missing(0, 0) < proof.missing(1, 1) + 1
    assert proof.proves(93, 1)
    assert not proof.proves(92, 1)


def test_without_answers_nothing_is_shown() -> None:
    assert not proof.proves(0, 0)
