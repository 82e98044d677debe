"""Processes for tests: real servers on free ports, which end with the test run however that ends."""

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from coordination.project.supervisor import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(met: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Wait until `met` is true; fail with `what` was waited for."""
    deadline = time.monotonic() + seconds
    while not met():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)


def answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def alive(pid: int) -> bool:
    """Tell whether a process runs; a corpse that nobody collected has no command line."""
    with contextlib.suppress(OSError):
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    return False


def children(pid: int) -> dict[int, str]:
    """Return the command lines of a process's living children, by process id."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if parent == pid and command:
                found[int(folder.name)] = command
    return found


class Process:
    """A running program whose output is read as it comes."""

    def __init__(
        self, command: list[str], environment: Mapping[str, str], stdin: int = subprocess.DEVNULL
    ) -> None:
        self.popen = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | dict(environment),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509
        )
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            self.lines.append(line.rstrip("\n"))
            self._new.put(line)
        self._new.put(None)

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, text: str, seconds: float = 30) -> str:
        """Return the next line that contains the text."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._new.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"{text!r} was not said:\n{self.output}")
            if text in line:
                return line

    def end(self, number: int = signal.SIGTERM, seconds: float = 30) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(seconds)

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()


def manage(*arguments: str, data: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    place = {"COUNTERSIGN_DATA": str(data)} if data else {}
    return subprocess.run(
        [*MANAGE, *arguments],
        cwd=ROOT,
        env=os.environ | place | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@contextlib.contextmanager
def web_server(port: int, environment: Mapping[str, str]) -> Iterator[Process]:
    """Run the web server as `up` does."""
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0"]
    command += ["--websocket_timeout", "-1", "coordination.project.asgi:application"]
    with Process(command, environment) as process:
        wait_until(lambda: answers(port) or process.popen.poll() is not None, "the web server answers")
        assert process.popen.poll() is None, process.output
        yield process
