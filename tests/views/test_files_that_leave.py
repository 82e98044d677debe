"""Files that go out: always a download, under a name without folders, with the digest of their bytes.

And what a person is told where a request could not be taken.
"""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from coordination.models import Invoice
from coordination.services.intake import files as taken
from coordination.translation.registry import TOO_LARGE
from coordination.translation.xml import MAX_FILE
from coordination.views import documents, errors, files, status

REQUESTS = RequestFactory()
HTMX = {"HX-Request": "true"}
EMPTY = hashlib.sha256(b"").hexdigest()


# --- originals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("invoice.xml", 'attachment; filename="invoice.xml"'),
        ("../../etc/passwd", 'attachment; filename="passwd"'),
        ("a/b/", 'attachment; filename="b"'),
        ("", 'attachment; filename="document"'),
        ("/", 'attachment; filename="document"'),
        ('a"b.csv', 'attachment; filename="a\\"b.csv"'),
        ("Rechnung Müller.pdf", "attachment; filename*=utf-8''Rechnung%20M%C3%BCller.pdf"),
        ("发票.xml", "attachment; filename*=utf-8''%E5%8F%91%E7%A5%A8.xml"),
    ],
)
def test_an_original_is_a_download_under_its_own_name(name: str, disposition: str) -> None:
    assert documents.original(b"", name, EMPTY)["Content-Disposition"] == disposition


def test_an_original_can_do_nothing_where_it_is_opened() -> None:
    found = documents.original(b"<script>alert(1)</script>", "invoice.html", EMPTY)
    assert found["Content-Type"] == "application/octet-stream"
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert found["Cache-Control"] == "private, no-store"
    assert found.content == b"<script>alert(1)</script>"


def test_an_original_bears_its_digest_as_rfc_9530_writes_it() -> None:
    digest = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"  # of no bytes at all
    assert documents.original(b"", "empty", EMPTY)["Repr-Digest"] == digest


@given(st.text(max_size=60))
def test_no_name_of_a_file_ends_a_header(name: str) -> None:
    found = documents.original(b"", name, EMPTY)["Content-Disposition"]
    assert found.startswith("attachment")
    assert not {"\r", "\n"} & set(found)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (TOO_LARGE, "it was too large."),
        ("the file ends", "their time of retention is over."),
        ("", "their time of retention is over."),
    ],
)
def test_why_bytes_are_not_kept_is_said(error: str, why: str) -> None:
    assert documents.why_no_bytes(error) == why


# --- what we write ------------------------------------------------------------------------------------------


def test_what_we_write_is_a_download_that_nobody_keeps() -> None:
    found = files.download(b"a,b\n", "Prüfung.csv", "text/csv; charset=utf-8")
    assert found["Content-Disposition"] == "attachment; filename*=utf-8''Pr%C3%BCfung.csv"
    assert (found["Content-Type"], found["X-Content-Type-Options"]) == ("text/csv; charset=utf-8", "nosniff")
    assert found["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("INV-1", "INV-1"),
        ("7/26 #1", "7-26-1"),
        ("..\\..\\evil", "evil"),
        ("Größe 1", "Gr-e-1"),
        ("x" * 99, "x" * 60),
        ("发票", "00000000000000000000000000000007"),  # nothing is left of it: its key
        ("", "00000000000000000000000000000007"),
        ('a"\r\nb', "a-b"),
    ],
)
def test_a_response_is_named_by_letters_and_digits_of_its_invoice(number: str, name: str) -> None:
    assert status._file_name(Invoice(id=UUID(int=7), number=number)) == name


# --- uploads ------------------------------------------------------------------------------------------------


def upload(content: bytes, size: int | None = None) -> Any:
    found = SimpleUploadedFile("a.xml", content)
    found.size = len(content) if size is None else size
    return found


def test_an_upload_is_read_up_to_the_limit() -> None:
    assert files.content_of(upload(b"<a/>")) == b"<a/>"
    assert files.content_of(upload(b"<a/>", MAX_FILE)) == b"<a/>"


def test_of_an_upload_over_the_limit_only_digest_and_size_are_kept() -> None:
    found = files.content_of(upload(b"<a/>", MAX_FILE + 1))
    assert isinstance(found, taken.Refused)
    assert (found.data, found.size, found.error) == (b"", 4, TOO_LARGE)
    assert found.sha256 == hashlib.sha256(b"<a/>").hexdigest()


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_the_digest_of_a_large_file_is_of_all_its_bytes_however_they_come(chunks: list[bytes]) -> None:
    found, whole = taken.too_large(chunks), b"".join(chunks)
    assert (found.size, len(found)) == (len(whole), 0)
    assert found.sha256 == hashlib.sha256(whole).hexdigest()


# --- what could not be taken --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TooManyFilesSent(), "At most 100 files are taken at once. Nothing of this was kept."),
        (TooManyFieldsSent(), "The form has more fields than any page here. Nothing was changed."),
        (RequestDataTooBig(), "The form is larger than 1 MB. Nothing was changed."),
        (SuspiciousOperation("\x00"), "The request could not be read. Go back and try again."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_a_request_that_could_not_be_taken_apart_says_what_became_of_it(
    error: Exception, words: str, headers: dict[str, str]
) -> None:
    found = errors.bad_request(REQUESTS.post("/", headers=headers), error)
    assert found.status_code == 400
    assert words in " ".join(found.content.decode().split())
    assert ("<html" in found.content.decode()) is (headers == {})


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Http404("There is no such invoice."), "There is no such invoice."),
        (Http404(), "There is no such page."),
        (Http404({"tried": [["nav/"]], "path": "x"}), "There is no such page."),  # the resolver's own list
    ],
)
def test_what_is_not_there_is_said_in_our_words(error: Exception, words: str) -> None:
    found = errors.not_found(REQUESTS.get("/x"), error)
    assert found.status_code == 404
    assert words in found.content.decode()
    assert "tried" not in found.content.decode()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionDenied("You may not read cases."), "You may not read cases."),
        (PermissionDenied(), "You may not do this."),
    ],
)
def test_what_is_not_allowed_says_what(error: Exception, words: str) -> None:
    found = errors.not_allowed(REQUESTS.get("/x"), error)
    assert (found.status_code, words in found.content.decode()) == (403, True)


def test_words_of_an_error_are_text_on_the_page() -> None:
    found = errors.not_found(REQUESTS.get("/x"), Http404("<script>alert(1)</script>"))
    assert "<script>alert" not in found.content.decode()
    assert "&lt;script&gt;alert(1)" in found.content.decode()


def test_a_form_without_its_token_says_what_to_do_and_not_why_the_check_failed() -> None:
    found = errors.no_token(REQUESTS.post("/"), "CSRF cookie not set.")
    assert found.status_code == 403
    assert "Reload the page" in found.content.decode()
    assert "cookie not set" not in found.content.decode()
