"""One embedded PostgreSQL cluster on disk: where it lives, whose it is, how it is made, started and stopped.

Standard library only: the watcher process imports this without Django. Locks are the business of
`postgres.py`.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from .places import START_SECONDS, PostgresError, account, adopt, own, programs, run

NAME = "countersign"  # of the database and of its owner
PORT = 5432  # only part of the socket's file name; nothing listens on TCP
LONGEST_SOCKET = 107  # bytes that a socket address holds, without the closing zero

TUNING = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "dynamic_shared_memory_type": "posix",
    "max_parallel_workers_per_gather": "0",  # few cores; containers give little /dev/shm
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_compression": "on",
    "wal_buffers": "16MB",
    "min_wal_size": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "deadlock_timeout": "300ms",
    "autovacuum_naptime": "10s",  # a queue in the state needs its dead rows gone quickly
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.05",
    "autovacuum_vacuum_cost_limit": "2000",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "datestyle": "'iso, ymd'",
    "lc_messages": "'C'",
    "default_text_search_config": "'pg_catalog.simple'",
    "logging_collector": "on",
    "log_filename": "'postgres-%u.log'",  # one file for each weekday, so the log never outgrows a week
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_min_error_statement": "panic",  # statements carry invoice data, which does not belong into a log
}
UNSAFE = {"fsync": "off", "full_page_writes": "off"}  # survives killed processes, not a lost machine


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@dataclass(frozen=True)
class Cluster:
    """The files of one cluster; `home` is private to the user that runs it."""

    home: Path
    safe: bool = True

    @property
    def files(self) -> Path:
        return self.home / "cluster"

    @property
    def password(self) -> str:
        return (self.home / "password").read_text(encoding="ascii").strip()

    @property
    def sockets(self) -> Path:
        """Folder of the socket; a short one in the temporary folder when that path is too long."""
        near = self.home / "socket"
        if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET:
            return own(near)
        note = self.home / "socket.where"
        far = Path(note.read_text(encoding="utf-8")) if note.exists() else None
        owner = account() or pwd.getpwuid(os.geteuid())
        if far is None or not far.is_dir() or far.is_symlink() or far.stat().st_uid != owner.pw_uid:
            far = own(Path(tempfile.mkdtemp(prefix="countersign-")))
            note.write_text(str(far), encoding="utf-8")
        return far

    def program(self, name: str) -> str:
        return str(programs(self.home) / name)

    def call(self, *command: str, stdin: str = "") -> None:
        done = run([self.program(command[0]), *command[1:]], stdin=stdin)
        if done.returncode:
            raise PostgresError(
                f"{command[0]} failed: {done.stdout[-600:] or f'exit code {done.returncode}'}"
            )

    def create(self) -> None:
        """Make the cluster, under another name first, so that a killed attempt leaves nothing half-made."""
        own(self.home)
        fresh = self.home / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
        self._write("password", secrets.token_urlsafe(32))
        self.call(
            *("initdb", f"--pgdata={fresh}", f"--username={NAME}", f"--pwfile={self.home / 'password'}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions", "--no-sync"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"),
            # The password is random: stretching it buys nothing and costs each connection milliseconds.
            *("-c", "scram_iterations=1"),
        )
        self.call(
            "postgres", "--single", "-F", "-D", str(fresh), "postgres", stdin=f"CREATE DATABASE {NAME};\n"
        )
        if self.safe:
            self.call("initdb", "--sync-only", f"--pgdata={fresh}")
        fresh.rename(self.files)

    def _write(self, name: str, text: str) -> None:
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        if user := account():
            os.chown(path, user.pw_uid, user.pw_gid)

    def configure(self) -> None:
        """Write the whole configuration at each start: a new release brings its own values."""
        values = (
            TUNING
            | ({} if self.safe else UNSAFE)
            | {"unix_socket_directories": f"'{self.sockets}'", "port": str(PORT)}
        )
        self._write(
            "cluster/postgresql.conf", "".join(f"{name} = {value}\n" for name, value in values.items())
        )

    def postmaster(self) -> int | None:
        """Return the running server's process id; None also when the noted id is another program's by now."""
        try:
            pid = int((self.files / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if pid in self.processes(pid) else None

    def ready(self) -> bool:
        """Tell whether the server accepts connections (it says so itself in the eighth line of its file)."""
        if self.postmaster() is None:
            return False
        with contextlib.suppress(FileNotFoundError):
            lines = (self.files / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return len(lines) >= 8 and lines[7].strip() == "ready"
        return False

    def processes(self, *pids: int) -> list[int]:
        """Return which of the processes (default: all) serve this cluster: they work inside its folder."""
        if not Path("/proc/self").exists():  # without /proc only the server's own id can be asked for
            return [pid for pid in pids if _alive(pid)]
        found = []
        for pid in pids or [int(path.name) for path in Path("/proc").glob("[0-9]*")]:
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/cwd").readlink() == self.files:
                    found.append(pid)
        return found

    def start(self) -> None:
        if (self.files / "PG_VERSION").exists():
            adopt(self.home)
            self._check_version()
        else:
            self.create()
        self.configure()
        if self.postmaster() is None:
            self._clear()
        log = self.home / "start.log"
        log.unlink(missing_ok=True)
        try:
            self.call(
                "pg_ctl", "start", "-s", "-w", "-t", str(START_SECONDS), "-D", str(self.files), "-l", str(log)
            )
        except PostgresError as error:
            raise PostgresError(f"{error}\n{self._last_words(log)}") from error

    def _last_words(self, log: Path) -> str:
        """Return the end of what the server wrote: at first into the start log, then into its own."""
        logs = [path for path in [log, *(self.files / "log").glob("*.log")] if path.exists()]
        newest = max(logs, key=lambda path: path.stat().st_mtime, default=None)
        return newest.read_text(encoding="utf-8", errors="replace")[-600:] if newest else ""

    def _check_version(self) -> None:
        made = (self.files / "PG_VERSION").read_text(encoding="ascii").strip()
        have = run([self.program("postgres"), "--version"]).stdout.split()[-1]
        if have.split(".")[0] != made:
            raise PostgresError(
                f"{self.files} is of PostgreSQL {made}, this is {have}. Move it with pg_upgrade or pg_dump."
            )

    def _clear(self) -> None:
        """Remove what a killed server left: its children and its lock files.

        The files name a process id, which may be another program's by now, or a corpse that nobody collects.
        """
        for path in (self.files / "postmaster.pid", *self.sockets.glob(".s.PGSQL.*")):
            path.unlink(missing_ok=True)
        deadline = time.monotonic() + 5
        while (left := self.processes()) and time.monotonic() < deadline:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)  # without their parent they can commit nothing more
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server, cutting connections and rolling back what is open; it is gone on return."""
        if self.postmaster() is None:
            return
        try:
            self.call("pg_ctl", "stop", "-s", "-w", "-t", "60", "-m", "fast", "-D", str(self.files))
        except PostgresError:
            self.call("pg_ctl", "stop", "-s", "-w", "-t", "60", "-m", "immediate", "-D", str(self.files))
