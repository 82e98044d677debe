"""A wrong setting is refused with a message that says what to write."""

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from coordination.project.environ import Environ
from coordination.project.values import company, database, hosts, participant, secret_key
from tests import cast
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("value", "read", "advice"),
    [
        ("maybe", lambda env: env.flag("X", default=True), "Use 1 or 0"),
        ("-1", lambda env: env.number("X", 5, 1, 9), "from 1 to 9"),
        ("99", lambda env: env.number("X", 5, 1, 9), "from 1 to 9"),
        ("blue", lambda env: env.choice("X", ("red", "green"), "red"), "red, green"),
        ("", lambda env: env.required("X", "a colour"), "Set it to a colour"),
    ],
)
def test_a_wrong_value_raises_with_advice(value: str, read: Callable[[Environ], object], advice: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=advice):
        read(Environ({"X": value}))


def test_an_empty_value_is_the_default() -> None:
    env = Environ({"X": "  "})
    assert env.flag("X", default=True)
    assert env.number("X", 5, 1, 9) == 5
    assert env.choice("X", ("red",), "red") == "red"
    assert env.names("X") == []


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ImproperlyConfigured, match="is a file"):
        Environ({"X": str(file)}).folder("X", tmp_path)


def test_the_example_company_is_for_trying_out_only() -> None:
    assert company(Environ({}), production=False)["iban"] == "DE89370400440532013000"
    with pytest.raises(ImproperlyConfigured, match="COUNTERSIGN_COMPANY_NAME"):
        company(Environ({}), production=True)


@pytest.mark.parametrize(
    ("field", "value"), [("IBAN", "DE89370400440532013001"), ("BIC", "NOPE"), ("COUNTRY", "Germany")]
)
def test_a_company_that_cannot_pay_is_refused(field: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"COUNTERSIGN_COMPANY_{field}"):
        company(Environ({f"COUNTERSIGN_COMPANY_{field}": value}), production=False)


def test_hosts_are_named() -> None:
    assert "127.0.0.1" in hosts(Environ({}), production=False)
    assert hosts(Environ({"ALLOWED_HOSTS": "a.example, b.example"}), production=True) == [
        "a.example",
        "b.example",
    ]
    with pytest.raises(ImproperlyConfigured, match="ALLOWED_HOSTS is not set"):
        hosts(Environ({}), production=True)
    with pytest.raises(ImproperlyConfigured, match="Name the hosts"):
        hosts(Environ({"ALLOWED_HOSTS": "a.example,*"}), production=False)


def test_our_address_for_responses_is_a_participant_id_or_nothing() -> None:
    assert participant(Environ({}), production=True) == ""
    assert participant(Environ({}), production=False) == "0088:4012345000009"
    assert (
        participant(Environ({"COUNTERSIGN_PEPPOL_ID": "9930:DE136695976"}), production=True)
        == "9930:DE136695976"
    )
    for wrong in ("DE136695976", "993:DE1", "9930:", "9930:<x>"):
        with pytest.raises(ImproperlyConfigured, match="no participant id"):
            participant(Environ({"COUNTERSIGN_PEPPOL_ID": wrong}), production=True)


def of_url(url: str) -> dict[str, Any]:
    return database(Environ({"DATABASE_URL": url}))


def test_a_database_url_is_taken_apart() -> None:
    found = of_url("postgresql://me:s%20x@db.example:6432/books?sslmode=require")
    assert [found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "me",
        "s x",
        "db.example",
        "6432",
        "books",
    ]
    assert found["OPTIONS"]["sslmode"] == "require"
    assert found["OPTIONS"]["tcp_user_timeout"] == 15000
    assert found["CONN_MAX_AGE"] == 0


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://host", "postgresql://h:p:q/x y"])
def test_another_database_url_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="Use postgresql://user:password@host:5432/name"):
        of_url(url)


def test_the_pool_has_a_maximum() -> None:
    assert "pool" not in database(Environ({}))["OPTIONS"]
    assert database(Environ({"COUNTERSIGN_POOL": "20"}))["OPTIONS"]["pool"]["max_size"] == 20


def test_the_pool_of_the_web_server_is_its_own_and_no_child_inherits_it() -> None:
    look = (
        "import os, coordination.project.asgi; from django.conf import settings;"
        "pool = settings.DATABASES['default']['OPTIONS']['pool'];"
        "print(pool['max_size'], os.environ.get('COUNTERSIGN_POOL'))"
    )
    for asked, said in ((None, "20 None"), ("7", "7 7")):
        mine = {k: v for k, v in cast.environment().items() if k != "COUNTERSIGN_POOL"}
        mine |= {"COUNTERSIGN_POOL": asked} if asked else {}
        done = subprocess.run(
            [sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=ROOT, env=mine
        )
        assert done.stdout.strip() == said


def test_the_signing_key_is_made_once_and_private(tmp_path: Path) -> None:
    data = tmp_path / "new"
    key = secret_key(Environ({}), data)
    assert len(key) >= 50
    assert secret_key(Environ({}), data) == key
    assert stat.S_IMODE((data / "secret_key").stat().st_mode) == 0o600
    assert secret_key(Environ({"SECRET_KEY": "k" * 50}), data) == "k" * 50
    with pytest.raises(ImproperlyConfigured, match="shorter than 50"):
        secret_key(Environ({"SECRET_KEY": "short"}), data)
