"""Canonical JSON is RFC 8785: held against the reference implementation."""

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical

TEXT = st.text(st.characters(codec="utf-8"))
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_bytes_are_those_of_the_reference_implementation(value: object) -> None:
    assert canonical.dumps(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(VALUES)
def test_what_is_written_reads_back_equal(value: object) -> None:
    assert canonical.loads(canonical.dumps(value)) == value


@given(st.dictionaries(KEYS, TEXT, max_size=8))
def test_the_order_of_keys_does_not_matter(value: dict[str, str]) -> None:
    assert canonical.dumps(dict(reversed(value.items()))) == canonical.dumps(value)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_written_in_full_and_never_as_a_number(amount: Decimal) -> None:
    written = canonical.loads(canonical.dumps(amount))
    assert isinstance(written, str)
    assert "E" not in written.upper()
    assert Decimal(written) == amount


def test_scale_is_kept() -> None:
    assert canonical.dumps({"gross": Decimal("1190.00")}) == b'{"gross":"1190.00"}'


def test_dates_and_keys_are_text() -> None:
    key = UUID("0190b0f4-0000-7000-8000-000000000000")
    assert canonical.loads(canonical.dumps([date(2026, 3, 1), key])) == ["2026-03-01", str(key)]


def test_a_moment_is_written_in_utc_to_the_microsecond() -> None:
    local = datetime(2026, 3, 1, 1, 30, 0, 1, tzinfo=timezone(timedelta(hours=2)))
    assert canonical.instant(local) == "2026-02-28T23:30:00.000001Z"
    assert canonical.dumps(local) == b'"2026-02-28T23:30:00.000001Z"'
    assert canonical.instant(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00.000000Z"


@pytest.mark.parametrize("value", [object(), {"set": {1}}, b"bytes"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical.dumps(value)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (b"L123456", "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"),
    ],
)
def test_the_leaf_hash_is_that_of_rfc_6962(body: bytes, expected: str) -> None:
    assert canonical.leaf_hash(body) == expected


@given(st.binary())
def test_a_leaf_is_never_hashed_as_plain_bytes(body: bytes) -> None:
    assert canonical.leaf_hash(body) == hashlib.sha256(b"\0" + body).hexdigest() != canonical.sha256(body)
