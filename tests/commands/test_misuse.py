"""What is typed wrong ends in one line that says what to do, an exit code, and one JSON object where that is
asked for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.db import connection

from coordination.management.commands.dburl import url
from tests import cast
from tests.conftest import ROOT

NOWHERE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}


def typed(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """The command as at a terminal; its database is not there."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    environment = cast.environment() | NOWHERE | settings
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("export", "nonsense"), 2, "invalid choice: 'nonsense'"),
        (("decide", "no-id", "perhaps", "--by", "marta", "--reason", "x"), 2, "invalid choice: 'perhaps'"),
        (("payments", "approve", "seven"), 2, "invalid int value: 'seven'"),
        (("reperform", "--since", "yesterday"), 2, "'yesterday' is no day; write it like 2026-03-02"),
        (("intake",), 2, "the following arguments are required: PATH"),
        (("work", "--drain"), 1, "The database cannot be used"),
    ],
)
def test_a_mistake_is_one_line_and_one_object(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = typed(*arguments, "--json")
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert json.loads(done.stdout) == {"error": done.stderr.strip()}


def test_a_wrong_setting_is_one_line_and_one_object() -> None:
    done = typed("export", "invoices", "--json", COUNTERSIGN_DATA="/proc/nowhere")
    assert done.returncode == 1
    assert "COUNTERSIGN_DATA=/proc/nowhere cannot be made" in done.stderr
    assert json.loads(done.stdout) == {"error": done.stderr.strip()}


def test_without_json_nothing_stands_on_standard_output() -> None:
    done = typed("export", "nonsense")
    assert (done.returncode, done.stdout) == (2, "")


def test_help_still_shows_how_a_command_is_called() -> None:
    assert "usage: manage.py decide" in typed("decide", "--help").stdout


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_has_enough_ends_an_export_quietly() -> None:
    cast.trade(*(cast.bill(invoice_number=f"INV-{n}", order_number="", order_line="") for n in range(40)))
    script = f"{sys.executable} {ROOT / 'manage.py'} export entries --jsonl | head -c 100"
    environment = cast.environment() | {"DATABASE_URL": url(connection.get_connection_params())}
    done = subprocess.run(script, shell=True, capture_output=True, text=True, check=True, env=environment)
    assert (len(done.stdout), done.stderr) == (100, "")
