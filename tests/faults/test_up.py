"""`manage.py up` under kills and signals."""

import os
import re
import shutil
import signal
import socket
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from coordination.project.postgres import Embedded
from tests.project.running import MANAGE, Process, alive, answers, children, free_port, manage, wait_until

SERVICES = (("web", "daphne"), ("agents-1", "manage.py work"), ("jobs", "procrastinate"))


class Installation:
    """A data directory and a port on which `up` can run, again and again."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()

    def up(self, *arguments: str) -> Process:
        environment = {"COUNTERSIGN_DATA": str(self.data), "COUNTERSIGN_PORT": str(self.port)}
        return Process([*MANAGE, "up", "--workers", "1", *arguments], environment)

    def database_runs(self) -> bool:
        return bool(Embedded(self.data).cluster.processes())

    def session_page(self, _: int = 0) -> int:
        """Status of a page that asks the database whose session it is; a stranger's ends at the log-in."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/", headers={"Cookie": "sessionid=of-nobody"}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def login_page(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/login/", timeout=20) as answer:
            return str(answer.read().decode())


def kept(process: Process, word: str) -> int:
    """Return the id of the process that `up` keeps with the word in its command line, else 0."""
    return next((pid for pid, command in children(process.popen.pid).items() if word in command), 0)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    folder = tempfile.mkdtemp(prefix="countersign-up-")
    yield Installation(Path(folder).resolve())
    shutil.rmtree(folder)


@pytest.fixture
def running(installation: Installation) -> Iterator[Process]:
    with installation.up("--demo", "--weeks", "0") as process:
        process.wait_for("Countersign is at")
        yield process
    wait_until(lambda: not installation.database_runs(), "the database stops")


def ends_cleanly(process: Process, installation: Installation, number: int) -> None:
    left = children(process.popen.pid)
    assert process.end(number) == 0, process.output
    assert not [command for pid, command in left.items() if alive(pid)]
    assert not installation.database_runs()
    assert process.lines[-1] == "stopped"


def test_sigterm_ends_everything_the_database_last(running: Process, installation: Installation) -> None:
    assert "Continue as Marta Kowalczyk" in installation.login_page()
    assert "continue as Marta Kowalczyk" in running.output
    ends_cleanly(running, installation, signal.SIGTERM)


def test_a_later_start_on_the_same_data_is_quick_and_keeps_the_people(
    running: Process, installation: Installation
) -> None:
    assert "migrations applied" not in running.output
    assert "Continue as Marta Kowalczyk" in installation.login_page()
    ends_cleanly(running, installation, signal.SIGINT)


def test_a_killed_process_starts_again_and_that_is_said(running: Process, installation: Installation) -> None:
    web = kept(running, "daphne")
    for name, word in SERVICES:
        wait_until(partial(kept, running, word), f"{name} runs")
        os.kill(kept(running, word), signal.SIGKILL)
        assert re.search(r"signal 9\), starts again in 0\.1 s", running.wait_for(f"{name} ended"))
    wait_until(lambda: answers(installation.port), "the web server is back")
    assert "Sign in" in installation.login_page()
    assert kept(running, "daphne") not in (0, web)


def test_a_killed_database_starts_again_and_pages_work(running: Process, installation: Installation) -> None:
    pid = Embedded(installation.data).cluster.postmaster()
    assert pid
    with ThreadPoolExecutor(8) as many:  # so many connections wait in the pool
        assert set(many.map(installation.session_page, range(24))) == {200}
    os.kill(pid, signal.SIGKILL)
    running.wait_for("database ended, started again")
    assert {installation.session_page() for _ in range(12)} == {200}
    done = manage("setup_people", "--json", data=installation.data)
    assert done.returncode == 0, done.stderr


def test_a_killed_supervisor_takes_its_children_and_the_database_along(
    running: Process, installation: Installation
) -> None:
    for name, word in SERVICES:
        wait_until(partial(kept, running, word), f"{name} runs")
    left = children(running.popen.pid)
    running.end(signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in left), "the children end")
    wait_until(lambda: not installation.database_runs(), "the database stops")


def test_a_first_start_that_was_broken_off_is_begun_anew() -> None:
    folder = Path(tempfile.mkdtemp(prefix="countersign-broken-off-")).resolve()
    broken = Installation(folder)
    try:
        with broken.up("--demo", "--weeks", "0") as process:
            process.wait_for("demo: loading", seconds=120)
            process.end(signal.SIGKILL)
        wait_until(lambda: not broken.database_runs(), "the database stops")
        with broken.up("--demo", "--weeks", "0") as process:
            process.wait_for("begins anew", seconds=120)
            process.wait_for("Countersign is at", seconds=120)
            assert "Continue as Marta Kowalczyk" in broken.login_page()
        wait_until(lambda: not broken.database_runs(), "the database stops")
        assert sorted(p.name for p in folder.glob("demo.*")) == ["demo.loaded"]
    finally:
        shutil.rmtree(folder)


def test_a_taken_port_is_one_line_and_starts_nothing(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        done = manage("up", data=installation.data, COUNTERSIGN_PORT=str(installation.port))
    assert done.returncode == 1
    assert f"Port {installation.port} on 127.0.0.1 cannot be used" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not installation.database_runs()


def test_there_is_no_demonstration_where_people_work() -> None:
    """Not even where one of them has a name that the demonstration uses, and not after a demonstration
    either."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-real-")).resolve()
    try:
        assert manage("migrate", data=folder).returncode == 0
        made = manage(
            *("createsuperuser", "--noinput", "--username", "sofie", "--email", "sofie@company.example"),
            data=folder,
            DJANGO_SUPERUSER_PASSWORD="of no importance",
        )
        assert made.returncode == 0, made.stderr
        (folder / "demo.loaded").touch()
        done = manage("up", "--demo", data=folder, COUNTERSIGN_PORT=str(free_port()))
        assert done.returncode == 1
        assert "people of its own (sofie)" in done.stderr
        assert "manage.py up" in done.stderr
    finally:
        wait_until(lambda: not Embedded(folder).cluster.processes(), "the database stops")
        shutil.rmtree(folder)


def test_the_demonstration_listens_on_this_machine_only(installation: Installation) -> None:
    done = manage("up", "--demo", data=installation.data, COUNTERSIGN_BIND="0.0.0.0")
    assert done.returncode == 1
    assert "this machine only" in done.stderr


def test_production_has_no_demonstration(installation: Installation) -> None:
    from tests.project.test_production import COMPANY

    settings = COMPANY | {"COUNTERSIGN_ENV": "production", "ALLOWED_HOSTS": "countersign.example"}
    done = manage("up", "--demo", data=installation.data, **settings)
    assert done.returncode == 1
    assert "lets people in without a password" in done.stderr
