"""The watched folder: every settled file is taken in once and put away, whatever becomes of the others."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from coordination.models import Content, Invoice, Quarantine
from coordination.services.intake import watched_folder
from coordination.translation.xml import MAX_FILE
from tests.cast import bill, table

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def put(folder: Path, name: str, content: bytes, seconds_ago: float = 10) -> Path:
    """A file whose last byte was written so long ago."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(content)
    then = (timezone.now() - timedelta(seconds=seconds_ago)).timestamp()
    os.utime(file, (then, then))
    return file


def look(folder: Path) -> list[str]:
    watched_folder.run(folder, now())
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def now() -> datetime:
    return timezone.now()


def test_the_folder_is_made_when_it_is_not_there(folder: Path) -> None:
    assert look(folder) == []
    assert folder.is_dir()


def test_what_can_be_read_is_done_and_what_cannot_says_why_beside_it(folder: Path) -> None:
    put(folder, "broken.xml", b"<a>\n<b>\n</a>", seconds_ago=20)
    put(folder, "invoices.csv", table("invoices", bill()))
    assert look(folder) == ["done/invoices.csv", "quarantine/broken.xml", "quarantine/broken.xml.reason.txt"]
    reason = (folder / "quarantine" / "broken.xml.reason.txt").read_text()
    assert reason.startswith("malformed line 3: not well-formed XML")
    assert Invoice.objects.get().number == "INV-1"
    assert Quarantine.objects.get().name == "broken.xml"


def test_a_file_that_is_still_being_written_waits(folder: Path) -> None:
    put(folder, "invoices.csv", table("invoices", bill()), seconds_ago=0.5)
    put(folder, ".invoices.csv.part", b"half")
    assert look(folder) == [".invoices.csv.part", "invoices.csv"]
    assert not Invoice.objects.exists()


def test_a_name_that_comes_again_replaces_nothing(folder: Path) -> None:
    for number in ("INV-1", "INV-2"):
        put(folder, "invoices.csv", table("invoices", bill(invoice_number=number)))
        found = look(folder)
    assert len(found) == 2
    assert Invoice.objects.count() == 2


def test_a_file_that_is_too_large_is_not_read_whole(folder: Path) -> None:
    file = put(folder, "huge.xml", b"")
    os.truncate(file, 40 * MAX_FILE)
    os.utime(file, (0, 0))
    assert "quarantine/huge.xml.reason.txt" in look(folder)
    row = Quarantine.objects.get()
    assert row.code == "too_large"
    assert (row.content.size, bytes(row.content.data)) == (40 * MAX_FILE, b"")


def test_a_link_is_not_followed_wherever_it_points(folder: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "elsewhere", "secret.csv", table("invoices", bill()))
    put(folder, "invoices.csv", table("invoices", bill(invoice_number="INV-2")))
    for name, target in (("link.csv", secret), ("nowhere.csv", tmp_path / "nothing"), ("folder", tmp_path)):
        (folder / name).symlink_to(target)
        os.utime(folder / name, (0, 0), follow_symlinks=False)
    report = watched_folder.run(folder, now())
    assert sorted(x.path for x in report.lines if x.code) == ["folder", "link.csv", "nowhere.csv"]
    assert [i.number for i in Invoice.objects.all()] == ["INV-2"]
    assert not Content.objects.filter(data=secret.read_bytes()).exists()
    assert secret.read_bytes()
    assert "a link is not followed" in (folder / "quarantine" / "link.csv.reason.txt").read_text()
    assert [p.name for p in folder.iterdir() if not p.is_dir()] == []
    assert watched_folder.run(folder, now()).lines == []


def test_a_pipe_holds_up_nothing(folder: Path) -> None:
    put(folder, "invoices.csv", table("invoices", bill()))
    os.mkfifo(folder / "pipe.csv")
    os.utime(folder / "pipe.csv", (0, 0))
    watched_folder.run(folder, now())
    assert Invoice.objects.get().number == "INV-1"


def test_one_that_cannot_be_opened_holds_up_nothing(folder: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser opens every file")
    put(folder, "a.csv", b"x", seconds_ago=30).chmod(0)
    put(folder, "invoices.csv", table("invoices", bill()))
    assert look(folder) == ["a.csv", "done/invoices.csv"]
