"""Keeping processes running."""

import asyncio
import signal
import sys
import time

from coordination.project.supervisor import Service, Supervisor, ending
from tests.project.running import alive, wait_until


def script(name: str, text: str) -> Service:
    return Service(name, [sys.executable, "-c", text])


class Run:
    """A supervisor whose words are kept, and which stops when it has said something."""

    def __init__(self, service: Service, stop_at: str, grace: float = 5, stops: int = 1) -> None:
        self.said: list[str] = []
        self.stop_at = stop_at
        self.stops = stops
        asyncio.run(self._run(service, grace))

    async def _run(self, service: Service, grace: float) -> None:
        self.supervisor = Supervisor([service], self.hear, grace=grace)
        async with asyncio.timeout(20):
            await self.supervisor.run()

    def hear(self, line: str) -> None:
        self.said.append(line)
        if self.stop_at in line:
            for _ in range(self.stops):
                asyncio.get_running_loop().call_soon(self.supervisor.stop)


def test_lines_carry_the_name_of_their_process() -> None:
    run = Run(script("web", "print('hello'); import time; time.sleep(60)"), "hello")
    assert run.said[0] == "web      | hello"


def test_what_dies_starts_again_later_each_time() -> None:
    run = Run(script("web", "raise SystemExit(3)"), "in 1 s")
    assert [line for line in run.said if "ended" in line] == [
        f"web ended (exit code 3), starts again in {delay} s" for delay in ("0.1", "0.5", "1")
    ]


def test_a_very_long_line_does_no_harm() -> None:
    run = Run(script("web", "print('x' * 3_000_000); print('after'); import time; time.sleep(60)"), "after")
    assert "web      | (a line too long to show)" in run.said


DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)"


def test_what_does_not_end_is_killed_after_the_grace() -> None:
    run = Run(script("web", DEAF), "deaf", grace=0.3)
    assert "web: no end after 0.3 s, killed" in run.said


def test_asked_twice_it_hurries() -> None:
    began = time.monotonic()
    run = Run(script("web", DEAF), "deaf", grace=15, stops=2)
    assert time.monotonic() - began < 10
    assert not any("no end" in line for line in run.said)


def test_a_grandchild_goes_with_its_parent() -> None:
    spawn = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print('grandchild', p.pid)"
    run = Run(script("web", spawn), "starts again")
    pid = int(run.said[0].rsplit(" ", 1)[1])
    wait_until(lambda: not alive(pid), "it is gone")


def test_an_ending_is_said_in_words() -> None:
    assert ending(-signal.SIGKILL) == "signal 9"
    assert ending(1) == "exit code 1"
