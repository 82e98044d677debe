"""A trial in a place of its own: what it is told, what it must not know, and what it says when it fails."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from audit import clock
from coordination.assurance import evaluations
from coordination.domain.key_figures import Share
from coordination.models import PolicyVersion
from coordination.world import generate, trial
from coordination.world.evaluation import Evaluation, together
from coordination.world.report import figures
from coordination.world.trial import Trial, TrialFailed, evaluated, reference_rates

DAY = date(2026, 11, 20)
NOTHING = together([])


class Started:
    """What would have been started as a process, and what it answers."""

    def __init__(self, answer: str, code: int = 0, errors: str = "") -> None:
        self.answer, self.code, self.errors = answer, code, errors
        self.given: dict[str, Any] = {}

    def run(self, command: list[str], **given: Any) -> SimpleNamespace:
        self.given = given | {"command": command}
        return SimpleNamespace(stdout=self.answer, stderr=self.errors, returncode=self.code)


def started(monkeypatch: pytest.MonkeyPatch, answer: str = "", code: int = 0, errors: str = "") -> Started:
    found = Started(answer, code, errors)
    monkeypatch.setattr(subprocess, "run", found.run)
    return found


def told(found: Evaluation) -> str:
    return json.dumps(figures(found))


def test_a_trial_knows_nothing_of_the_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "COUNTERSIGN_ENV", "COUNTERSIGN_SAMPLING"):
        monkeypatch.setenv(name, "of the installation")
    monkeypatch.setenv("LANG_OF_THE_TEST", "kept")
    process = started(monkeypatch, told(NOTHING))
    evaluated(Trial(1, 5))
    environment = process.given["env"]
    assert "of the installation" not in environment.values()
    assert environment["LANG_OF_THE_TEST"] == "kept"
    assert environment["COUNTERSIGN_SAMPLING"] == "0"
    assert environment["COUNTERSIGN_DATA"].rpartition("/")[2].startswith("countersign-trial-")


def test_a_trial_is_told_what_to_try_and_its_answer_is_the_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    process = started(monkeypatch, f"starting the database\n{told(NOTHING)}\n")
    found = evaluated(Trial(7, 5, 0.5, 0.1, ("ubl",), "a policy", 3))
    assert found == NOTHING
    assert json.loads(process.given["input"]) == {
        "seed": 7,
        "invoices": 5,
        "defect_share": 0.5,
        "hard_share": 0.1,
        "formats": ["ubl"],
        "policy": "a policy",
        "revision": 3,
    }


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ("", "no reason given"),
        ("\n  \n", "no reason given"),
        ("Traceback\nValueError: not a policy\n", "ValueError: not a policy"),
    ],
)
def test_a_trial_that_fails_says_what_it_said_last(
    monkeypatch: pytest.MonkeyPatch, errors: str, said: str
) -> None:
    started(monkeypatch, code=3, errors=errors)
    with pytest.raises(TrialFailed) as failed:
        evaluated(Trial(7, 5))
    assert str(failed.value) == f"The evaluation of seed 7 ended with 3: {said}"


def test_a_trials_world_is_the_one_that_its_numbers_make() -> None:
    wanted = Trial(3, 20, 0.5, 0.2, ("csv",))
    assert wanted.world(DAY) == generate(3, 20, DAY, 0.5, hard_share=0.2, formats=("csv",))


def test_the_day_of_a_trial_is_that_of_utc() -> None:
    with clock.simulated(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)), timezone.override("Europe/Berlin"):
        assert trial.today() == date(2026, 12, 31)


def test_rates_are_units_for_one_euro() -> None:
    rates = reference_rates()
    assert rates["EUR"] == 1
    assert rates["JPY"] > 100 > rates["SEK"] > rates["DKK"] > 1 > rates["GBP"] > 0
    assert all(isinstance(rate, Decimal) for rate in rates.values())


# --- another policy -----------------------------------------------------------------------------------------


def policy_with(level: str) -> str:
    """The first policy with another tolerance of prices, in per cent."""
    first = PolicyVersion.objects.order_by("revision")[0].text
    assert '"pct":"2"' in first
    return first.replace('"pct":"2"', f'"pct":"{level}"')


@pytest.mark.django_db
def test_one_policy_is_in_force_and_the_one_before_it_is_retired() -> None:
    trial.adopt(policy_with("1"), 5)
    trial.adopt(policy_with("3"), 6)
    assert list(PolicyVersion.objects.filter(status="active").values_list("revision", flat=True)) == [6]
    assert PolicyVersion.objects.filter(status="retired").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "given"), [(9, 9), (1, 2), (0, 2)])
def test_a_policy_has_a_number_above_the_one_it_takes_over_from(asked: int, given: int) -> None:
    trial.adopt(policy_with("0.5"), asked)
    assert evaluations.policy().revision == given


@pytest.mark.django_db
def test_a_trial_counts_what_the_agents_made_of_its_world() -> None:
    found = trial.come_to(Trial(5, 6, 0.0, 0.0, ("csv",)).world(trial.today()), 5)
    assert (found.invoices, found.lost, found.unlabelled) == (6, 0, 0)
    assert found.lanes_right == Share(6, 6)
