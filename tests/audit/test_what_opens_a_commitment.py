"""A commitment is opened by its own salt and text and by nothing else, whatever stands in their place."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import commitments
from audit.canonical import commitment
from audit.commitments import PREFIX, opens
from tests.audit.administrator import attack

SALT = bytes(range(32))


def token(text: str, salt: bytes = SALT) -> str:
    return PREFIX + commitment(salt, text)


def test_a_commitment_is_the_hash_that_the_docs_name() -> None:
    assert commitment(SALT, "Müller") == hashlib.sha256(b"\x02" + SALT + "Müller".encode()).hexdigest()


@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary(min_size=32, max_size=32))
def test_salt_and_text_open_their_token(text: str, salt: bytes) -> None:
    assert opens(token(text, salt), salt.hex(), text)
    assert not opens(token(text, salt), salt.hex(), text + " ")
    assert not opens(token(text, salt), bytes(32).hex() if any(salt) else "01" * 32, text)


@pytest.mark.parametrize("salt", ["", "zz", "0", "no salt", "ü" * 64, "0x00", SALT.hex()[:-1]])
def test_a_salt_that_is_none_opens_nothing_and_breaks_nothing_off(salt: str) -> None:
    assert not opens(token("The vendor called."), salt, "The vendor called.")


@pytest.mark.parametrize("found", ["", "commit:sha256:", PREFIX + "0" * 64, token("x").removeprefix(PREFIX)])
def test_what_is_no_token_is_opened_by_nothing(found: str) -> None:
    assert not opens(found, SALT.hex(), "x")


@pytest.mark.parametrize("salt", ["zz", "", "00" * 32])
@pytest.mark.django_db
def test_a_salt_that_an_administrator_changed_is_a_finding(salt: str) -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    commitments.commit("Call back.", kind="note", of="human:7", about="invoice/1", at=at)
    attack("audit_personal", "UPDATE audit_personal SET salt = %s", salt)
    [found] = commitments.check()
    assert (found.code, found.subject) == ("personal_altered", "invoice/1")
