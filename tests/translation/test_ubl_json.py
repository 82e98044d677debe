"""UBL in JSON: the same documents as in XML, to the last field, and hostile JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import QuarantineCode, Unreadable, translate
from coordination.translation.canonical import Canonical, Invoice

from .conftest import PUBLIC

SPACES = "urn:oasis:names:specification:ubl:schema:xsd:"
FLAVOURS = ("json-legacy", "json-model")
FILES = sorted((PUBLIC / "oasis-ubl-2.3-json").glob("*/*.json"))


def value(text: object, **attributes: str) -> dict[str, object]:
    return {"_": text, **attributes}


def document(kind: str = "Invoice", **members: Any) -> bytes:
    top = {
        "_D": f"{SPACES}{kind}-2",
        "_A": f"{SPACES}CommonAggregateComponents-2",
        "_B": f"{SPACES}CommonBasicComponents-2",
        kind: {"ID": value("INV-1"), "DocumentCurrencyCode": value("EUR"), **members},
    }
    return json.dumps(top).encode()


def invoice(content: bytes) -> Invoice:
    [found] = translate(content, "x.json").documents
    assert isinstance(found, Invoice)
    return found


def outcome(path: Path) -> tuple[Canonical, ...] | QuarantineCode:
    try:
        return translate(path.read_bytes(), path.name).documents
    except Unreadable as unreadable:
        return unreadable.code


def refused(content: bytes) -> QuarantineCode:
    with pytest.raises(Unreadable) as caught:
        translate(content, "x.json")
    return caught.value.code


@pytest.mark.golden
@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_json_file_says_what_its_xml_twin_says(data: Path, path: Path) -> None:
    twin = data / "oasis-ubl-2.3" / path.with_suffix(".xml").name
    assert outcome(path) == outcome(twin)


@pytest.mark.golden
def test_the_days_of_the_public_twins_have_a_time_zone(data: Path) -> None:
    text = (data / "oasis-ubl-2.3-json/json-model/UBL-Invoice-2.0-Example.json").read_text()
    assert '"IssueDate":{"_":"2005-06-21Z"}' in text
    assert str(invoice(text.encode()).issue_date) == "2005-06-21"
    assert translate(text.encode(), "").source_format == "ubl-2.0-json"


@pytest.mark.parametrize("amount", ["0.1", "19.99", "123456789012.0123456789", "1", "-5.50"])
def test_a_number_is_what_is_written_and_no_binary_fraction(amount: str) -> None:
    total = {"TaxInclusiveAmount": {"_": 0, "currencyID": "EUR"}}
    content = document(LegalMonetaryTotal=total).replace(b'"_": 0', f'"_": {amount}'.encode())
    found = invoice(content)
    assert abs(found.gross or 0) == abs(Decimal(amount))
    assert found.provenance["gross"].raw == amount


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_malformed(number: str) -> None:
    content = document(LegalMonetaryTotal={"PayableAmount": {"_": 0}}).replace(
        b'"_": 0', f'"_": {number}'.encode()
    )
    assert refused(content) == QuarantineCode.MALFORMED


def test_a_number_beyond_all_measure_is_a_problem() -> None:
    content = document(LegalMonetaryTotal={"TaxInclusiveAmount": {"_": 0}}).replace(b'"_": 0', b'"_": 1e309')
    found = invoice(content)
    assert (found.gross, found.unreadable[0].field) == (None, "gross")


def test_a_list_and_a_single_value_are_the_same() -> None:
    one = invoice(document(IssueDate=value("2026-11-01")))
    assert one == invoice(document(IssueDate=[value("2026-11-01")]))


def test_two_members_of_one_name_are_nobodys_choice() -> None:
    content = document().replace(b'"DocumentCurrencyCode"', b'"ID": {"_": "INV-2"}, "DocumentCurrencyCode"')
    assert refused(content) == QuarantineCode.MALFORMED


def test_two_values_in_a_list_contradict_each_other() -> None:
    found = invoice(document(IssueDate=[value("2026-11-01"), value("2026-11-02")]))
    assert found.issue_date is None
    assert found.unreadable[0].reason == "stated more than once, with different values"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", QuarantineCode.MALFORMED),
        (b'{"a": 1}', QuarantineCode.UNSUPPORTED),
        (b"[]", QuarantineCode.UNSUPPORTED),
        (b'{"_D": "", "_A": "", "_B": "urn:other"}', QuarantineCode.UNSUPPORTED),
        (b'{"_D": "", "_A": "", "_B": ""}', QuarantineCode.MALFORMED),
        (b'{"_D": "", "_A": "", "_B": "", "Invoice": 5}', QuarantineCode.MALFORMED),
        (b'{"_D": "", "_A": "", "_B": "", "Invoice": {}, "Order": {}}', QuarantineCode.MALFORMED),
        (b'{"_D": "", "_A": "", "_B": "", "Invoice": {"ID": 5}}', QuarantineCode.MALFORMED),
        (b'{"_D": "", "_A": "", "_B": "", "Invoice": {"ID": {"_": {"_": 1}}}}', QuarantineCode.MALFORMED),
        (b'{"_D": "", "_A": "", "_B": "", "Invoice": {"ID": {"_": "a\\u0000b"}}}', QuarantineCode.MALFORMED),
        (b'{"_D": "", "_A": "", "_B": "", "Invoice": {"I D": {"_": "a"}}}', QuarantineCode.MALFORMED),
        (b'{"_D": "", "_A": "", "_B": "", "Invoice": {}}', QuarantineCode.MISSING_ID),
        (b'{"_D": "", "_A": "", "_B": "", "Waybill": {}}', QuarantineCode.UNSUPPORTED),
        (b"\xff{", QuarantineCode.UNSUPPORTED),
        (b'{"\xff": 1}', QuarantineCode.MALFORMED),
        (b'{"a":' * 100_000, QuarantineCode.MALFORMED),
        (b'{"a":' + b"[" * 1_000_000, QuarantineCode.MALFORMED),
        (b'{"a": [' + b'"x",' * 2_000_000 + b"1]}", QuarantineCode.TOO_LARGE),
    ],
    ids=range(18),
)
def test_hostile_json_is_refused_with_a_code(content: bytes, code: QuarantineCode) -> None:
    assert refused(content) == code


def test_nesting_beyond_what_a_document_has_is_refused() -> None:
    deep: dict[str, Any] = {"Party": value("x")}
    for _ in range(200):
        deep = {"Party": deep}
    assert refused(document(AccountingSupplierParty=deep)) == QuarantineCode.MALFORMED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["_", "ID", "IssueDate", "InvoiceLine", "Party"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_shape_breaks_the_reader(found: Any) -> None:
    try:
        translate(document(InvoiceLine=found), "x.json")
    except Unreadable as unreadable:
        assert unreadable.code in QuarantineCode  # noqa: PT017 - both ends are good
