"""What an entry is about, and what a refusal says."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import CountersignError, LedgerError, Untracked
from audit.subjects import Subject

KEY = UUID("0190b0f4-0000-7000-8000-000000000000")


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        ("person/1", "person", "1"),
        ("map/orders/3", "map", "orders/3"),  # a key may have parts of its own
        ("policy", "policy", ""),
        ("", "", ""),
        ("/x", "", "x"),
        ("intake/-", "intake", "-"),
    ],
)
def test_a_subject_is_a_kind_and_a_key(text: str, kind: str, key: str) -> None:
    subject = Subject(text)
    assert (subject.kind, subject.key) == subject.parts == (kind, key)
    assert subject == text


def test_a_key_is_a_uuid_or_refused() -> None:
    assert Subject.of("invoice", KEY).uuid == KEY
    assert Subject.of("invoice", KEY) == f"invoice/{KEY}"
    for text in ("person/1", "policy", "invoice/"):
        with pytest.raises(ValueError, match="badly formed"):
            _ = Subject(text).uuid


@given(st.text("abc_", min_size=1), st.text(max_size=9))
def test_what_a_subject_is_made_of_is_read_back(kind: str, key: str) -> None:
    assert Subject.of(kind, key).parts == (kind, key)


class Short(CountersignError):
    """This is said where nothing else is.

    And this to who reads the code.
    """


class Silent(CountersignError):
    status = 409


def test_an_error_says_its_first_line_or_what_it_is_given() -> None:
    assert Short().message == "This is said where nothing else is."
    assert Short("Look at run 7.").message == str(Short("Look at run 7.")) == "Look at run 7."


def test_an_error_has_the_status_of_a_page_and_the_code_of_a_command() -> None:
    assert (Short.status, Short.exit_code) == (400, 1)
    assert (Silent.status, Silent.exit_code) == (409, 1)
    assert (LedgerError.status, Untracked.status) == (500, 500)


def _all(kind: type[CountersignError]) -> list[type[CountersignError]]:
    return [kind, *(one for sub in kind.__subclasses__() for one in _all(sub))]


def test_every_error_has_a_sentence_and_a_code_that_a_page_and_a_shell_know() -> None:
    for kind in _all(CountersignError):
        if kind.__module__.startswith("tests."):
            continue
        assert (kind.__doc__ or "").strip(), kind
        assert 400 <= kind.status <= 599, kind
        assert 1 <= kind.exit_code <= 5, kind
