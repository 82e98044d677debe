"""manage.py world: files, a flow into an installation, an examination kept in it."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from coordination.assurance import evaluations
from coordination.management.commands import up
from coordination.models import Evaluation, Invoice, Vendor
from coordination.world import live, trial
from coordination.world.folder import documents, labels
from coordination.world.report import figures
from coordination.world.traders import traders
from coordination.world.trial import Trial, TrialFailed, come_to, evaluated
from tests import cast

DAY = date(2026, 11, 20)


def world(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("world", *arguments, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_a_world_is_written_with_its_labels_and_twice_the_same(tmp_path: Path) -> None:
    arguments = (
        "--seed",
        "3",
        "--n",
        "40",
        "--formats",
        "csv,ubl",
        "--today",
        str(DAY),
        "--defect-share",
        "0.8",
    )
    first = world(*arguments, "--out", str(tmp_path / "a"))
    second = world(*arguments, "--out", str(tmp_path / "b"))
    assert (first["invoices"], first["seed"], first["today"]) == (40, 3, "2026-11-20")
    assert len(labels(tmp_path / "a")) == 40
    files = [
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in tmp_path.iterdir()
    ]
    assert files[0] == files[1]
    assert first["files"] == second["files"] == len(files[0])


@pytest.mark.parametrize(
    "arguments",
    [("--formats", "pdf"), ("--defect-share", "2"), ("--n", "0"), ("--today", "tomorrow"), ("--live",), ()],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], tmp_path: Path) -> None:
    folder = ("--out", str(tmp_path / "a")) if arguments else ()
    with pytest.raises(CommandError):
        call_command("world", *folder, *arguments)
    assert not (tmp_path / "a").exists()


@pytest.mark.django_db
def test_a_written_world_comes_in_by_the_ordinary_command(tmp_path: Path) -> None:
    made = world(
        "--seed", "6", "--n", "60", "--out", str(tmp_path), "--formats", "csv,ubl", "--defect-share", "0.6"
    )
    out = io.StringIO()
    call_command("intake", *map(str, documents(tmp_path)), "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["quarantined"], report["duplicates"]) == ([], made["copies"])
    assert Invoice.objects.count() == 60


# --- the flow --------------------------------------------------------------------------------------


def fed(turns: int, seed: int = 1) -> list[int]:
    """Feed so many trades; the clock is not waited for."""
    left = iter(range(turns))
    slept: list[float] = []
    flow = live.feed(6, seed, stopped=lambda: next(left, None) is None, today=trial.today, sleep=slept.append)
    return list(flow)


@pytest.mark.django_db
def test_the_flow_brings_trades_in_by_the_ordinary_door_and_ends_when_told() -> None:
    stop: list[int] = []
    flow = live.feed(6, 1, stopped=lambda: len(stop) >= 12, today=trial.today, sleep=lambda _: None)
    for accepted in flow:
        stop.append(accepted)
    cast.drain()
    assert len(stop) == 12
    assert Invoice.objects.count() >= 12
    assert not Invoice.objects.filter(lane="open").exists()
    assert set(Vendor.objects.values_list("vendor_id", flat=True)) == {
        t.vendor_id for t in traders().everybody()
    }
    cast.assert_sound()


@pytest.mark.django_db
def test_a_flow_started_again_repeats_no_number_and_leaves_known_vendors_alone() -> None:
    fed(4)
    numbers = set(Invoice.objects.values_list("number", flat=True))
    Vendor.objects.all()
    assert live.missing(traders()) == []
    fed(4)
    later = Invoice.objects.exclude(number__in=numbers)
    assert later.exists()
    assert Invoice.objects.count() == len(numbers) + later.count()


def test_what_is_late_comes_some_turns_later() -> None:
    feed = live.Feed(seed=5, defect_share=1.0)
    came: list[str] = []
    waiting: dict[str, int] = {}
    for turn in range(1, 120):
        *due, now = feed.next(DAY)
        for files in due:
            for name in files:
                assert turn - waiting.pop(name) == live.LATE_AFTER
                came.append(name)
        waiting |= {name: turn for _, files in feed.due for name in files if name not in waiting}
        assert not any(name.startswith("late/") for name in now)
    assert any(name.startswith("late/") for name in came)


def test_the_pause_between_trades_follows_the_rate_and_hears_a_stop() -> None:
    slept: list[float] = []
    live._rest(10, lambda: False, slept.append)
    assert sum(slept) == pytest.approx(10)
    assert max(slept) <= 0.25
    slept.clear()
    live._rest(10, lambda: len(slept) == 3, slept.append)
    assert len(slept) == 3


def test_a_production_installation_is_fed_nothing(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not for a production installation"):
        call_command("world", live=True)


# --- the examination -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_figures_are_kept_with_an_entry_that_binds_them() -> None:
    found = figures(come_to(Trial(3, 25, formats=("csv",)).world(trial.today()), 3))
    policy = evaluations.policy()
    row = evaluations.record(evaluations.Examined(3, 25, cast.Decimal("0.3"), ("csv",)), found, policy)
    kept = Evaluation.objects.get()
    assert (kept.seed, kept.invoices, kept.policy, kept.figures) == (3, 25, "v1", found)
    entry = Entry.objects.get(pk=row.entry_id)
    assert (entry.subject, entry.type) == (f"evaluation/{row.id}", "evaluation.recorded")
    assert evaluations.digest(kept.figures) == kept.figures_sha256
    assert kept.figures_sha256 in entry.body
    cast.assert_sound()


@pytest.mark.django_db
def test_another_policy_is_tried_as_it_stands() -> None:
    row = evaluations.policy()
    stricter = row.text.replace('"pct":"2"', '"pct":"0"')
    trial.adopt(stricter, 7)
    assert (evaluations.policy().revision, evaluations.policy().text) == (7, stricter)
    trial.adopt(stricter, 9)
    assert evaluations.policy().revision == 7
    found = come_to(Trial(3, 30, defect_share=0, hard_share=0, formats=("csv",)).world(trial.today()))
    assert found.lanes_right.rest == 0


@pytest.mark.django_db(transaction=True)
def test_an_examination_runs_in_a_database_of_its_own_and_is_kept_here() -> None:
    found = world("--evaluate", "--seed", "4", "--n", "12", "--formats", "csv", "--hard-share", "0")
    assert (found["seed"], found["invoices"], found["policy"]) == (4, 12, "v1")
    assert found["lost"] == 0
    assert not Invoice.objects.exists()
    assert Evaluation.objects.get().figures["invoices"] == 12


def test_an_examination_that_cannot_run_says_why() -> None:
    with pytest.raises(TrialFailed, match="seed 1 ended with 1"):
        evaluated(Trial(1, 5, policy="not a policy"))


# --- beside the demonstration ----------------------------------------------------------------------


def test_the_demonstration_is_fed_at_the_rate_asked_for_and_not_otherwise() -> None:
    [service] = up.live(6.0)
    assert service.name == "live"
    assert list(service.command)[-4:] == ["world", "--live", "--rate", "6.0"]
    assert up.live(0) == []


def test_nobody_is_fed_without_asking_for_a_demonstration() -> None:
    with pytest.raises(CommandError, match="goes with --demo"):
        call_command("up", live_rate=6.0)


@pytest.mark.django_db
def test_the_demonstration_has_documents_of_both_kinds_and_every_decision_comes_to_its_end() -> None:
    call_command("demo", "--invoices", "60", "--story", stdout=io.StringIO())
    cast.drain()
    formats = set(Invoice.objects.values_list("document__source_format", flat=True))
    assert formats == {"csv-invoices", "ubl-2.1"}
    assert not Invoice.objects.filter(lane="open").exists()
