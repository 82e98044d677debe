"""`manage.py up`: the whole installation in one terminal."""

import asyncio
import contextlib
import io
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from audit import clock

from ...models import Document, Evaluation
from ...project import postgres
from ...project.loopback import is_loopback
from ...project.people import DEMO_PEOPLE, DEMO_WEEKS, real_people
from ...project.places import PostgresError
from ...project.supervisor import Service, Supervisor, die_with_parent
from ..base import Report, ReportingCommand

MIGRATION_LOCK = 0x636F756E746572  # any number that nobody else uses
DATABASE_CHECK_SECONDS = 1.0
DATABASE_RETRY_SECONDS = 10.0
EXAMINED_SEED, EXAMINED = "2026", "300"
"""The world on which a demonstration examines its agents: seed and invoices."""
BEHIND = 10
"""How far that stands back behind what people wait for, as `nice` counts."""


class Command(ReportingCommand):
    requires_system_checks = "__all__"
    help = "Run everything: database, web server, agents, side jobs. Ctrl-C ends all of it."
    prepares_database = False

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="with people and data to look around in")
        parser.add_argument(
            "--weeks",
            type=int,
            default=DEMO_WEEKS,
            metavar="N",
            help="with --demo: weeks of work before today, on a fresh database (default: %(default)s)",
        )
        parser.add_argument(
            "--workers",
            type=int,
            default=min(os.cpu_count() or 1, 8),
            help="agent workers (default: %(default)s)",
        )
        parser.add_argument(
            "--live-rate",
            type=float,
            default=0,
            metavar="N",
            help="with --demo: N more trades a minute come in",
        )

    def report(self, options: dict[str, Any]) -> Report:
        demo, workers = options["demo"], options["workers"]
        if demo and settings.PRODUCTION:
            raise CommandError(
                "--demo lets people in without a password. Leave it out, or do not set COUNTERSIGN_ENV."
            )
        if demo and not is_loopback(settings.COUNTERSIGN_BIND):
            raise CommandError(
                "--demo lets people in without a password, so it is for this machine only. Unset"
                " COUNTERSIGN_BIND."
            )
        if workers < 1:
            raise CommandError("--workers is the number of agent workers, at least 1.")
        if options["live_rate"] and not demo:
            raise CommandError("--live-rate makes invoices up. It goes with --demo.")
        refuse_taken_port(settings.COUNTERSIGN_BIND, settings.COUNTERSIGN_PORT)
        self.out = self.stderr if options["json"] else self.stdout
        if demo:
            os.environ["COUNTERSIGN_ENV"] = "demo"  # for the children
            os.environ.setdefault("COUNTERSIGN_TRUST_FIRST_IMPORT", "1")
            os.environ.setdefault("COUNTERSIGN_OVERSIGHT", "4")
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            with contextlib.suppress(KeyboardInterrupt):  # until the supervisor listens itself
                self.prepare(demo=demo, weeks=options["weeks"])
                processes = [*services(workers), *live(options["live_rate"])]
                asyncio.run(self.supervise(processes, examines=demo and options["weeks"] > 0))
        finally:
            connections.close_all()
            postgres.release(force=True)
        self.tell("stopped")
        return Report({"stopped": True}, [])

    def tell(self, line: str) -> None:
        self.out.write(line)
        self.out.flush()

    def installed(self, weeks: int) -> contextlib.AbstractContextManager[object]:
        """The clock on which the database is made: an installation is never younger than its work."""
        if not weeks:
            return contextlib.nullcontext()
        from ...world import past  # only a demonstration needs the whole trade

        return past.installed(clock.today(), weeks)

    def prepare(self, *, demo: bool, weeks: int) -> None:
        """Bring the database up to date and, for a demonstration, fill a fresh one."""
        self.tell("database: starting" if settings.EMBEDDED_POSTGRES else "database: DATABASE_URL")
        if demo:
            self.begin()
        with self.installed(weeks if demo else 0):
            applied = migrate()
        if applied:
            self.tell(f"database: {applied} migrations applied")
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        if demo:
            self.fill(weeks)
        connections.close_all()

    def begin(self) -> None:
        """Mark an empty database as one that a demonstration is being made in; one in which that was broken
        off is emptied."""
        if not connection.introspection.table_names():
            loading().touch()
        elif loading().exists():
            refuse_others()
            self.tell("demo: was not loaded to its end the last time; begins anew")
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE")
                cursor.execute("CREATE SCHEMA public")

    def fill(self, weeks: int) -> None:
        """Load the demonstration once, and never beside people who are no part of it."""
        refuse_real_people()
        loaded = Path(settings.COUNTERSIGN_DATA) / "demo.loaded"
        if loaded.exists():
            return
        self.tell(f"demo: playing {weeks} weeks of work" if weeks else "demo: loading the example data")
        call_command("demo", story=True, weeks=weeks, stdout=io.StringIO())
        loaded.touch()
        loading().unlink(missing_ok=True)

    async def supervise(self, processes: list[Service], *, examines: bool) -> None:
        supervisor = Supervisor(processes, self.tell)
        await supervisor.run(self.announce(examines=examines), self.guard_database())

    async def announce(self, *, examines: bool) -> None:
        """Say where the pages are, once they are there; in a demonstration, examine the agents then."""
        while not await answers(settings.COUNTERSIGN_BIND, settings.COUNTERSIGN_PORT):
            await asyncio.sleep(0.05)
        self.tell(f"\nCountersign is at http://{settings.COUNTERSIGN_BIND}:{settings.COUNTERSIGN_PORT}/")
        if os.environ.get("COUNTERSIGN_ENV") == "demo":
            for person in DEMO_PEOPLE:
                self.tell(f"  continue as {person.name}, {person.title}")
        if examines and not await asyncio.to_thread(was_examined):
            await examine()

    async def guard_database(self) -> None:
        """Start the embedded server again should it be killed; a child may have been quicker."""
        data = Path(settings.COUNTERSIGN_DATA)
        known = await asyncio.to_thread(postgres.keep, data)
        while settings.EMBEDDED_POSTGRES:
            await asyncio.sleep(DATABASE_CHECK_SECONDS)
            try:
                if (now := await asyncio.to_thread(postgres.keep, data)) != known:
                    self.tell("database ended, started again")
                    known = now
            except PostgresError as error:
                self.tell(f"database ended and does not start: {error}")
                await asyncio.sleep(DATABASE_RETRY_SECONDS)


def loading() -> Path:
    """The mark that a demonstration is being made in the database of this folder."""
    return Path(settings.COUNTERSIGN_DATA) / "demo.loading"


def refuse_others() -> None:
    """Fail where the database holds anything that no demonstration brought."""
    tables = connection.introspection.table_names()
    if User._meta.db_table in tables:
        refuse_real_people()
    if Document._meta.db_table in tables and Document.objects.exclude(source="demo").exists():
        raise CommandError(
            "The example data was not loaded to its end the last time, and documents that are no part of it"
            " have come in since. Give the demonstration another database: COUNTERSIGN_DATA=FOLDER make run."
        )


def refuse_real_people() -> None:
    """Fail where somebody works: what lets people in without a password is not for their data."""
    people = list(real_people().values_list("username", flat=True)[:3])
    if people:
        raise CommandError(
            f"This database has people of its own ({', '.join(people)}), and --demo lets anybody in without a"
            " password. Start it by: manage.py up. Or give the demonstration another database:"
            " COUNTERSIGN_DATA=FOLDER make run, without DATABASE_URL."
        )


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def was_examined() -> bool:
    """Is there an examination of the agents to show?"""
    try:
        return Evaluation.objects.exists()
    finally:
        connections.close_all()


async def examine() -> None:
    """Examine the agents on a world of their own, as `manage.py world --evaluate`, behind everything else
    that runs; ended early where all of it ends."""
    command = ("world", "--evaluate", "--seed", EXAMINED_SEED, "--n", EXAMINED)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, str(settings.BASE_DIR / "manage.py"), *command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(),
    )
    os.setpriority(os.PRIO_PROCESS, child.pid, BEHIND)
    try:
        await child.wait()
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGINT)  # it clears away what it made
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), 5)


def services(workers: int) -> list[Service]:
    """Return the processes of an installation."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    bind, port = settings.COUNTERSIGN_BIND, str(settings.COUNTERSIGN_PORT)
    web = [
        *(sys.executable, "-m", "daphne", "-b", bind, "-p", port, "-v", "0", "--no-server-name"),
        *(
            "--websocket_timeout",
            "-1",
            "coordination.project.asgi:application",
        ),  # the default cuts each socket after a day
    ]
    agents = [Service(f"agents-{number}", [*manage, "work"]) for number in range(1, workers + 1)]
    return [
        Service("web", web),
        *agents,
        Service("monitor", [*manage, "monitor", "watch"]),
        # several at once: sealing and clocks do not wait for a long verification
        Service("jobs", [*manage, "procrastinate", "worker", "--concurrency", "4"]),
    ]


def live(rate: float) -> list[Service]:
    """The process that feeds the demonstration, at so many trades a minute; none at nought."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    return [Service("live", [*manage, "world", "--live", "--rate", str(rate)])] if rate else []


def refuse_taken_port(bind: str, port: int) -> None:
    """Fail before anything is started when another program has the port."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {bind} cannot be used ({error.strerror}). Set COUNTERSIGN_PORT to another."
            ) from None


async def answers(bind: str, port: int) -> bool:
    """Tell whether the web server accepts connections."""
    try:
        _, writer = await asyncio.open_connection(bind, port)
    except OSError:
        return False
    writer.close()
    return True


@contextlib.contextmanager
def migrating_alone() -> Iterator[None]:
    """Let one process at a time migrate, over all machines of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def migrate() -> int:
    """Apply the migrations that are missing and return their number."""
    with migrating_alone():
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", interactive=False, verbosity=0)
        return len(plan)
