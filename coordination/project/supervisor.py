"""Keeps the processes of one installation running: starts them, restarts what dies, ends them together."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

DELAYS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before the first, second ... restart in a row
HEALTHY_SECONDS = 30.0  # a process that lived this long starts again at the first delay
GRACE_SECONDS = 15.0
LAST_WORDS_SECONDS = 1.0  # for what an ended process has written and we have not read
LONGEST_LINE = 2**20
PR_SET_PDEATHSIG = 1

Say = Callable[[str], None]


@dataclass(frozen=True)
class Service:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def ending(code: int) -> str:
    """Say how a process ended."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def die_with_parent() -> Callable[[], None] | None:
    """Return what a new child runs to be killed when its parent is; None where the system has no way."""
    if not sys.platform.startswith("linux"):
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()  # looked up here: after a fork little is safe to do

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return bind


class Supervisor:
    """Runs services until `stop`; one instance runs once."""

    def __init__(self, services: Sequence[Service], say: Say, *, grace: float = GRACE_SECONDS) -> None:
        self.services = services
        self.say = say
        self.grace = grace
        self._stopping = asyncio.Event()
        self._children: dict[str, asyncio.subprocess.Process] = {}

    def stop(self) -> None:
        """End everything; asked a second time, at once."""
        if self._stopping.is_set():
            self._kill()
            return
        self.say("stopping (again to hurry)")
        self._stopping.set()

    async def run(self, *extra: Awaitable[None]) -> None:
        """Run all services, and `extra` beside them, until `stop`."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)
        keepers = [asyncio.create_task(self._keep(service)) for service in self.services]
        beside = [asyncio.ensure_future(work) for work in extra]
        await self._stopping.wait()
        for task in beside:
            task.cancel()
        await self._end(keepers)
        await asyncio.gather(*beside, return_exceptions=True)

    async def _end(self, keepers: list[asyncio.Task[None]]) -> None:
        for child in self._children.values():
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        _, late = await asyncio.wait(keepers, timeout=self.grace)
        if late:
            self.say(f"{', '.join(sorted(self._children))}: no end after {self.grace:g} s, killed")
            self._kill()
            await asyncio.wait(late)

    def _kill(self) -> None:
        for child in self._children.values():
            _kill_group(child.pid)

    async def _keep(self, service: Service) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._once(service)
            if self._stopping.is_set():
                return
            failures = 0 if time.monotonic() - began > HEALTHY_SECONDS else failures
            delay = DELAYS[min(failures, len(DELAYS) - 1)]
            failures += 1
            self.say(f"{service.name} ended ({ending(code)}), starts again in {delay:g} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    async def _once(self, service: Service) -> int:
        """Run the process once, to its end, and print what it says under its name."""
        # A pipe of our own: asyncio's would keep `wait` waiting for a grandchild that holds it open.
        reading, writing = os.pipe()
        try:
            child = await asyncio.create_subprocess_exec(
                *service.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writing,
                stderr=asyncio.subprocess.STDOUT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(service.environment),
                start_new_session=True,  # Ctrl-C reaches only us, and what a child leaves behind can be found
                preexec_fn=die_with_parent(),
            )
        finally:
            os.close(writing)
        self._children[service.name] = child
        if self._stopping.is_set():  # asked to stop while the process was being made
            child.terminate()
        echo = asyncio.create_task(self._echo(service.name, reading))
        code = await child.wait()
        del self._children[service.name]
        _kill_group(child.pid)
        await asyncio.wait({echo}, timeout=LAST_WORDS_SECONDS)
        echo.cancel()
        return code

    async def _echo(self, name: str, reading: int) -> None:
        """Print lines until nobody can write any more."""
        lines = asyncio.StreamReader(limit=LONGEST_LINE)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(reading, "rb")
        )
        with contextlib.closing(transport):
            while text := await _text(lines):
                self.say(f"{name:<8} | {text.rstrip()}")


async def _text(lines: asyncio.StreamReader) -> str:
    try:
        return (await lines.readline()).decode(errors="replace")
    except ValueError:
        return "(a line too long to show)\n"


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
