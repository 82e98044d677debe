"""The embedded PostgreSQL of one data directory, shared by all processes that use it.

Three lock files under `<data>/run`: `start` is held while the server is started or stopped, `users` is held
shared by each process that uses the server (the kernel lets go of it however the process ends), `watcher`
by the watcher. The last user stops the server. A user that was killed cannot, so a small watcher process
looks for users twice a second and stops the server in its stead. Who takes or tests `users` holds `start`:
start and stop never cross.
"""

import atexit
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .cluster import NAME, PORT, Cluster
from .places import PostgresError, locate, open_to_account

WATCH_SECONDS = 0.5
LINGER_SECONDS = 1800  # how long the server stays for a person or program that was told its address
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Address:
    """Where the server is; enough for a connection."""

    host: str
    password: str
    port: int = PORT
    user: str = NAME
    dbname: str = NAME


def take(path: Path, kind: int) -> int | None:
    """Take a file lock and return its descriptor; None when LOCK_NB was asked for and others hold it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


class Embedded:
    """This process's share in the server of one data directory."""

    def __init__(self, data: Path, *, safe: bool = True, home: Path | None = None) -> None:
        self.data = data.resolve()
        self.safe = safe
        self._home = home
        self.run = self.data / "run"
        self._users: int | None = None

    @cached_property
    def cluster(self) -> Cluster:
        return Cluster(self._home or locate(self.data), self.safe)

    def prepare(self) -> None:
        self.run.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextlib.contextmanager
    def starting(self, flags: int = 0) -> Iterator[bool]:
        """Keep everybody else from starting or stopping the server; False when LOCK_NB was asked for in
        vain."""
        descriptor = take(self.run / "start", fcntl.LOCK_EX | flags)
        try:
            yield descriptor is not None
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def acquire(self) -> Address:
        """Become a user of the server, start it if it does not run, and return its address."""
        self.prepare()
        with self.starting():
            self._users = self._users or take(self.run / "users", fcntl.LOCK_SH)
            cluster = self.cluster
            if not cluster.ready():
                open_to_account(self.data)
                cluster.start()
            self._watch(cluster)
            return Address(host=str(cluster.sockets), password=cluster.password)

    def release(self, *, force: bool = False) -> bool:
        """Stop being a user; the last one stops the server. Return whether it was stopped.

        `force` overrules the time that `linger` asked for, never another user.
        """
        if self._users is None:
            return False
        os.close(self._users)
        self._users = None
        if not self.run.exists() or (not force and self.lingers()):
            return False
        with self.starting():
            return self._stop_if_unused() and self._await_watcher()

    def stop_unwatched(self) -> bool:
        """What the watcher does twice a second: stop the server if its users are gone without doing so."""
        if not self.run.exists() or self.lingers():
            return False
        with self.starting(fcntl.LOCK_NB) as held:  # who holds it may be waiting for the watcher to end
            return held and self._stop_if_unused()

    def _stop_if_unused(self) -> bool:
        users = take(self.run / "users", fcntl.LOCK_EX | fcntl.LOCK_NB)
        if users is None:
            return False
        self.cluster.stop()
        (self.run / "linger").unlink(missing_ok=True)
        os.close(users)
        return True

    def _await_watcher(self) -> bool:
        """Leave nothing behind: the watcher ends by itself once it sees that the server has."""
        deadline = time.monotonic() + 10 * WATCH_SECONDS
        while time.monotonic() < deadline:
            lock = take(self.run / "watcher", fcntl.LOCK_EX | fcntl.LOCK_NB)
            if lock is not None:
                os.close(lock)
                break
            time.sleep(WATCH_SECONDS / 20)
        return True

    def linger(self, seconds: float = LINGER_SECONDS) -> None:
        """Keep the server for a while after its last user, for programs that connect on their own."""
        (self.run / "linger").write_text(str(time.time() + seconds), encoding="ascii")

    def lingers(self) -> bool:
        try:
            return time.time() < float((self.run / "linger").read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return False

    def reacquire(self) -> None:
        """After a fork: hold a lock of our own, since the parent's would go with the parent."""
        if self._users is not None:
            inherited, self._users = self._users, take(self.run / "users", fcntl.LOCK_SH)
            os.close(inherited)

    def _watch(self, cluster: Cluster) -> None:
        """Start the watcher unless one runs; it inherits the lock that tells so."""
        lock = take(self.run / "watcher", fcntl.LOCK_EX | fcntl.LOCK_NB)
        if lock is None:
            return
        subprocess.Popen(  # noqa: S603 - our own module
            [
                sys.executable,
                "-m",
                "coordination.project.postgres",
                str(self.data),
                str(cluster.home),
                str(cluster.postmaster() or 0),
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[lock],
        )
        os.close(lock)


def watch(data: Path, home: Path, pid: int) -> None:
    """Stop the server once nobody uses it, however its users ended, or when the data directory is removed."""
    server = Embedded(data, home=home)
    cluster = server.cluster
    while server.run.exists() and cluster.postmaster():
        pid = cluster.postmaster() or pid
        if server.stop_unwatched():
            return
        time.sleep(WATCH_SECONDS)
    if not server.run.exists():
        _abandon(cluster, pid)


def _abandon(cluster: Cluster, pid: int) -> None:
    """The data directory is gone: end its server, and remove what was placed outside of it."""
    if pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
    if (cluster.home / "belongs_to").exists():
        shutil.rmtree(cluster.home, ignore_errors=True)


_held: dict[Path, tuple[Embedded, Address]] = {}
_guard = threading.RLock()
_owner = os.getpid()


def ensure(data: Path, *, safe: bool = True) -> Address:
    """Return the address of the data directory's server, started if need be, kept until the process ends."""
    with _guard:
        if data not in _held:
            server = Embedded(data, safe=safe)
            try:
                _held[data] = (server, server.acquire())
            except PermissionError as error:
                raise PostgresError(
                    f"{error}. {data} is another user's: be that user, or set COUNTERSIGN_DATA."
                ) from error
        return _held[data][1]


def keep(data: Path) -> int | None:
    """Make sure that the server still runs, and return its process id, which is a new one if it had ended."""
    with _guard:
        server = _held[data][0] if data in _held else None
        if server is None:
            return None
        if not server.cluster.ready():
            _held[data] = (server, server.acquire())
        return server.cluster.postmaster()


def linger(data: Path) -> None:
    """Keep the server of the data directory for half an hour after its last user."""
    with _guard:
        if data in _held:
            _held[data][0].linger()


def release(*, force: bool = False) -> None:
    """Let go of every server that this process uses."""
    with _guard:
        while _held:
            _held.popitem()[1][0].release(force=force)


def _at_exit() -> None:
    if os.getpid() == _owner:  # a forked child must not stop what its parent uses
        release()


def _after_fork() -> None:
    for server, _ in _held.values():
        server.reacquire()


atexit.register(_at_exit)
os.register_at_fork(after_in_child=_after_fork)

if __name__ == "__main__":
    watch(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
