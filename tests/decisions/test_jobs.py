"""Side jobs are thin: each calls what commands call too, and leaves follow-ups in the same database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from audit import sealing, sinks
from audit.models import Checkpoint, Entry
from coordination import jobs
from coordination.assurance import verification
from tests import cast
from tests.audit.administrator import attack
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """Checkpoints of other tests, whose databases are gone, are none of this one's."""
    settings.COUNTERSIGN_DATA = tmp_path


def deferred(name: str) -> list[dict[str, Any]]:
    return list(
        ProcrastinateJob.objects.filter(task_name=f"countersign.{name}").values_list("args", flat=True)
    )


def test_every_minute_what_was_committed_is_sealed(people: Cast) -> None:
    cast.trade()
    jobs.seal(timestamp=0)
    assert Checkpoint.objects.get().size == Entry.objects.count()
    jobs.seal(timestamp=60)
    assert Checkpoint.objects.count() == 1
    assert deferred("send_checkpoint") == []


def test_a_checkpoint_is_sent_by_a_job_of_its_own(people: Cast, settings: Any) -> None:
    settings.COUNTERSIGN_CHECKPOINTS = ["https://witness.example/checkpoints"]
    cast.trade()
    jobs.seal(timestamp=0)
    assert deferred("send_checkpoint") == [{"note": Checkpoint.objects.get().note}]


def test_a_refused_checkpoint_is_tried_again(settings: Any) -> None:
    settings.COUNTERSIGN_CHECKPOINTS = ["http://127.0.0.1:9/checkpoints"]
    with pytest.raises(jobs.NotSent, match=r"127\.0\.0\.1"):
        jobs.send_checkpoint(note="a\n")
    assert jobs.send_checkpoint.retry_strategy is not None


def test_a_sealer_that_had_been_down_is_logged(
    people: Cast, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.trade()
    jobs.seal(timestamp=0)
    cast.take_in(cast.table("receipts", cast.receipt(receipt_number="GR-2")))
    monkeypatch.setattr(sealing.Lag, "late", property(lambda self: self.count > 0))
    caplog.set_level("WARNING")
    jobs.seal(timestamp=60)
    assert "not sealed in time" in caplog.text


def test_every_hour_the_ledger_is_verified_and_nothing_is_sent(people: Cast, settings: Any) -> None:
    settings.COUNTERSIGN_CHECKPOINTS = ["https://witness.example/checkpoints"]
    cast.trade()
    jobs.verify(timestamp=0)
    assert cast.entries(verification.SUBJECT) == ["ledger.verified"]
    assert deferred("send_alarm") == []


def test_what_is_found_is_logged_and_sent_out_of_the_house(
    people: Cast, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.COUNTERSIGN_CHECKPOINTS = ["https://witness.example/checkpoints"]
    cast.trade()
    sealing.seal()
    attack(
        "audit_entry",
        "UPDATE audit_entry SET body = replace(body, 'finance', 'fin4nce') WHERE subject = %s AND seq = 2",
        cast.invoice().subject,
    )
    jobs.verify(timestamp=0)
    assert "does not verify" in caplog.text
    [sent] = deferred("send_alarm")
    assert "hash_mismatch" in sent["text"]


def test_a_database_that_was_set_back_is_found_by_the_checkpoints_on_disk(people: Cast) -> None:
    cast.trade()
    note = sealing.seal().note
    sinks.keep(note)
    assert [c.size for c in sinks.kept()] == [Checkpoint.objects.get().size]
    attack("audit_checkpoint", "DELETE FROM audit_checkpoint")
    attack("audit_leaf", "DELETE FROM audit_leaf")
    jobs.verify(timestamp=0)
    assert "tree_smaller" in {
        f["code"] for f in verification.ledger.data_of(Entry.objects.latest("id").body)["findings"]
    }


def test_each_job_has_its_hour() -> None:
    assert app.periodic_registry is not None
    planned = {
        task.task.name.removeprefix("countersign."): task.cron
        for task in app.periodic_registry.periodic_tasks.values()
    }
    assert planned["seal"] == "* * * * *"
    assert planned["verify"] == "17 * * * *"
    assert {"wake_waiting", "run_clocks", "watch_folder", "retry_stalled"} <= planned.keys()
