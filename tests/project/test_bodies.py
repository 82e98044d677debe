"""Bodies of requests, kicked at a real server: refused by their length, cut where none was said, ended when
they drip."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from coordination.models import Content, Quarantine
from coordination.project import bodies
from coordination.translation.xml import MAX_FILE
from tests import cast
from tests.conftest import Server

HUGE = 300_000_000
BOUNDARY = b"XbX"
START = (
    b'--XbX\r\nContent-Disposition: form-data; name="files"; filename="big.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n"
)


def head(path: str, *more: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *more, "", ""]
    return "\r\n".join(lines).encode()


@contextlib.contextmanager
def line_to(server: Server, seconds: float = 30) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as line:
        yield line


def first_line(line: socket.socket) -> str:
    return line.makefile("rb").readline().decode()


@pytest.mark.parametrize("path", ["/login/", "/intake/", "/", "/no/such/page/"])
def test_a_body_over_the_limit_is_refused_before_any_of_it_is_sent(server: Server, path: str) -> None:
    with line_to(server) as line:
        line.sendall(head(path, f"Content-Length: {HUGE}"))
        answer = line.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert "Cache-Control: no-store" in answer
    assert "larger than 1 MB" in answer


def test_who_asks_first_is_not_told_to_go_on(server: Server) -> None:
    with line_to(server) as line:
        line.sendall(head("/login/", f"Content-Length: {HUGE}", "Expect: 100-continue"))
        answer = line.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert "100 Continue" not in answer


@pytest.mark.parametrize("cookie", ["", "Cookie: sessionid=of-nobody"])
def test_a_body_that_says_no_length_is_cut_at_the_limit(server: Server, cookie: str) -> None:
    piece = b"%x\r\n" % 2**16 + b"x" * 2**16 + b"\r\n"
    sent = 0
    with line_to(server) as line:
        line.sendall(head("/intake/", "Transfer-Encoding: chunked", *filter(None, [cookie])))
        with contextlib.suppress(ConnectionError):
            while sent < HUGE and not _answered(line):
                line.sendall(piece)
                sent += 2**16
        assert first_line(line).startswith("HTTP/1.1 413 ")
    assert sent < HUGE


def _answered(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return bool(line.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        line.settimeout(30)


def memory(server: Server) -> int:
    """The most memory that the web server has had so far, in bytes."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes()
            if b"daphne" in command and str(server.port).encode() in command.split(b"\0"):
                found = re.search(r"VmHWM:\s+(\d+)", (folder / "status").read_text())
                assert found
                return int(found[1]) * 1024
    raise AssertionError("the web server does not run")


def test_three_hundred_megabytes_cost_no_memory(server: Server) -> None:
    before = memory(server)
    for path, cookie in [("/login/", ""), ("/intake/", ""), ("/intake/", "sessionid=of-nobody")]:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        headers = {"Content-Type": "multipart/form-data; boundary=XbX", "Content-Length": str(HUGE)}
        connection.request("POST", path, _pieces(), headers | ({"Cookie": cookie} if cookie else {}))
        assert connection.getresponse().status == 413
        connection.close()
    assert memory(server) - before < 30_000_000


def _pieces() -> Iterator[bytes]:
    yield START
    left = HUGE - len(START)
    while left:
        piece = b"x" * min(left, 2**20)
        yield piece
        left -= len(piece)


def test_a_body_that_drips_is_ended(server: Server) -> None:
    began = time.monotonic()
    with line_to(server) as line:
        line.sendall(head("/login/", "Content-Length: 1000"))
        with contextlib.suppress(ConnectionError):
            while not _answered(line):
                line.sendall(b"x")
                time.sleep(0.5)
        assert first_line(line).startswith("HTTP/1.1 408 ")
    assert time.monotonic() - began < 3 * bodies.WINDOW_SECONDS


def test_an_ordinary_form_is_taken_whole(server: Server) -> None:
    with line_to(server) as line:
        line.sendall(head("/login/", "Content-Length: 3", "Connection: close") + b"a=b")
        assert first_line(line).startswith("HTTP/1.1 403 ")  # read, and refused for want of a token


def test_only_who_has_a_session_may_bring_files() -> None:
    assert bodies.limit(b"/intake/", signed_in=True) == bodies.MOST_UPLOAD
    assert bodies.limit(b"/intake/?x=1", signed_in=True) == bodies.MOST_UPLOAD
    assert bodies.limit(b"/intake/", signed_in=False) == bodies.MOST_FORM
    assert bodies.limit(b"/inbox/", signed_in=True) == bodies.MOST_FORM


def test_every_page_with_a_file_in_its_form_may_bring_one() -> None:
    """A form for files whose address is missing in UPLOADS takes nothing larger than a form."""
    from django.urls import reverse

    from tests.project.running import ROOT

    pages = [p.read_text() for p in (ROOT / "templates").rglob("*.html")]
    forms = [f for page in pages for f in re.findall(r"<form.*?</form>", page, re.DOTALL)]
    with_files = [f for f in forms if 'type="file"' in f]
    actions = {reverse(name) for f in with_files for name in re.findall(r"action=\"{% url '([^']*)' %}", f)}
    assert len(with_files) == len(actions) > 0
    assert {a.encode() for a in actions} == bodies.UPLOADS


@pytest.mark.django_db
def test_what_is_too_large_is_said_and_not_kept(client: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    people = cast.people()
    client.force_login(people.alice)
    sent = SimpleUploadedFile("big.xml", b"<" + b"x" * MAX_FILE)
    small = SimpleUploadedFile("orders.csv", cast.table("orders", cast.order()))
    page = client.post("/intake/", {"files": [sent, small]}).content.decode()
    assert "over 25 MB" in page
    row = Quarantine.objects.get()
    kept = Content.objects.get(pk=row.content_id)
    assert (row.code, kept.size, bytes(kept.data)) == ("too_large", MAX_FILE + 1, b"")
    found = client.post(f"/intake/quarantine/{row.pk}/retry/")
    assert found.status_code == 409
    assert "too large" in found.content.decode()
    assert Quarantine.objects.get().status == "open"
    assert "it was too large" in client.get(f"/intake/quarantine/{row.pk}/original/").content.decode()
    cast.assert_sound()


def test_more_files_than_a_form_may_have_is_a_page(client: Client, people: cast.Cast) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(people.alice)
    many = [SimpleUploadedFile(f"{n}.csv", b"x") for n in range(101)]
    found = client.post("/intake/", {"files": many})
    assert found.status_code == 400
    assert "at once" in found.content.decode()
    assert User.objects.filter(pk=people.alice.pk).exists()
