"""One temporary data directory, with its own embedded PostgreSQL, for the whole suite.

The environment is set here, at import, before anything reads the settings; so Django is set up here, too. The
database starts with the first test that needs one and stops with this process, also when that is killed.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import django
import hypothesis
import pytest

if TYPE_CHECKING:
    from tests.cast import Cast

ROOT = Path(__file__).resolve().parents[1]

for _name in [name for name in os.environ if name.startswith("COUNTERSIGN_")]:
    del os.environ[_name]
for _name in ("SECRET_KEY", "ALLOWED_HOSTS"):
    os.environ.pop(_name, None)
_data = Path(tempfile.mkdtemp(prefix="countersign-test-")).resolve()
# Exit handlers run in reverse order, so this runs after the database's own: first stop, then remove.
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["COUNTERSIGN_DATA"] = str(_data)
os.environ["COUNTERSIGN_FSYNC"] = "0"
os.environ["COUNTERSIGN_SAMPLING"] = "0"  # a random second look would make one test in fifty fail
os.environ["COUNTERSIGN_UNDO"] = "0"  # answers count at once; those that wait are tested apart
os.environ["COUNTERSIGN_TRUST_FIRST_IMPORT"] = (
    "1"  # the trade of the tests is a trial; what asks is tested apart
)
os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.project.settings"
django.setup()
# Other work on the machine is no failure, and whether a change lands hangs on no luck: the examples of the
# suite stay the same. `HYPOTHESIS_PROFILE=explore` looks for new ones.
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each worker of a run on several cores makes a data directory of its own: it inherits nothing of this
    process's."""
    for name in [name for name in os.environ if name.startswith("COUNTERSIGN_")]:
        del os.environ[name]
    del os.environ[
        "DJANGO_SETTINGS_MODULE"
    ]  # else Django is set up in the worker before this file is read there


LONGEST = (
    *("views/test_hostile", "access/test_addresses", "docs/test_extending", "faults/test_up"),
    *("decisions/test_termination", "world/test_taken_away", "world/test_commands", "races/test_poisoned"),
    *("browser/test_pages", "intake/test_vat_groups", "agents/test_instructions", "access/test_downloads"),
)
"""Files that take longest: begun first, so that no worker is left alone with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several workers share the suite file by file, in the order of collection."""
    rank = {ROOT / "tests" / f"{name}.py": n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@dataclass(frozen=True)
class Server:
    """A web server of its own process on the database of the tests."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/live/"


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The data directory of this run."""
    return _data


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The public documents beside the checkout; a test that reads them is skipped without them."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the public documents are not at {folder}")
    return folder


@pytest.fixture(scope="session", autouse=True)
def emptying_tables() -> Iterator[None]:
    """Let Django empty tables between committing tests, which their triggers refuse to anybody else."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    original = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, statements: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger WHERE tgtype & 32 <> 0"
            )
            guards = cursor.fetchall()
        off = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in guards]
        on = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for table, name in guards]
        original(self, [*off, *statements, *on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(autouse=True)
def _without_memory() -> None:
    """The process remembers documents by their key; each test has a database of its own."""
    from coordination.facts import documents

    documents.clear_cache()


@pytest.fixture
def people(db: None) -> "Cast":
    """Alice, Bob, Carol, Dave, Erin and Frank."""
    from tests import cast

    return cast.people()


@pytest.fixture(scope="session")
def server_process(django_db_setup: None) -> Iterator[Server]:
    """The web server that all tests share; ask for `server`, which also takes care of the database."""
    from django.db import connection

    from coordination.management.commands.dburl import url
    from tests.project.running import free_port, web_server

    port = free_port()
    settings = {
        "DATABASE_URL": url(connection.get_connection_params()),
        "COUNTERSIGN_ENV": "demo",
        "COUNTERSIGN_RECHECK": "1",
    }
    with web_server(port, settings):
        yield Server(port)


@pytest.fixture
def server(transactional_db: None, server_process: Server) -> Server:
    """A real web server, in demo mode, that sees what this test commits."""
    return server_process
