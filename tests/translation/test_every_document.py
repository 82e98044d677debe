"""Whatever a file holds, the answer is documents or a quarantine code, and never another exception."""

from __future__ import annotations

from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import pytest

from coordination.translation import QuarantineCode, Unreadable, translate
from coordination.translation.canonical import Canonical, Invoice, Order
from coordination.translation.identity import canonical_digest
from coordination.translation.registry import XML_READERS

from .conftest import PUBLIC

FILES = sorted(path for path in PUBLIC.rglob("*") if path.is_file()) if PUBLIC.is_dir() else []
UBL = [path for path in FILES if path.suffix == ".xml"]


def _outcome(path: Path) -> tuple[Canonical, ...] | QuarantineCode:
    try:
        return translate(path.read_bytes(), path.name).documents
    except Unreadable as unreadable:
        return unreadable.code


@pytest.mark.golden
def test_every_public_file_gives_documents_or_a_quarantine_code(data: Path) -> None:
    outcomes = {path: _outcome(path) for path in FILES}
    codes = {outcome for outcome in outcomes.values() if isinstance(outcome, QuarantineCode)}
    malformed_or_other = {QuarantineCode.UNSUPPORTED, QuarantineCode.MALFORMED, QuarantineCode.MISMATCH}
    assert codes == malformed_or_other | {QuarantineCode.TEST_DOCUMENT}
    broken = [path for path, outcome in outcomes.items() if outcome == QuarantineCode.MALFORMED]
    malformed = [path.name for path in broken if path.suffix != ".edi"]  # those: test_edifact_golden.py
    assert malformed == ["corrupt-factur-x-waytoosmall.pdf"]


@pytest.mark.golden
def test_every_refusal_is_one_line(data: Path) -> None:
    for path in FILES:
        if isinstance(_outcome(path), QuarantineCode):
            with pytest.raises(Unreadable) as caught:
                translate(path.read_bytes(), path.name)
            assert len(caught.value.error.splitlines()) == 1


@pytest.mark.golden
def test_every_xml_document_of_a_supported_kind_is_read_without_a_problem(data: Path) -> None:
    read = 0
    for path in UBL:
        outcome = _outcome(path)
        head = path.read_text("latin-1")[:6000]
        root_is_ours = any(root[1:].partition("}")[0] in head for root in XML_READERS) or "iso:20022" in head
        if isinstance(outcome, QuarantineCode):
            continue
        read += 1
        assert root_is_ours, path
        assert all(not getattr(document, "unreadable", ()) for document in outcome), path
    assert read >= 200


@pytest.mark.golden
def test_kinds_that_are_no_invoice_or_order_are_unsupported(data: Path) -> None:
    for name in ("UBL-FreightInvoice-2.1-Example.xml", "UBL-Invoice-2.0-Detached-Signature.xml"):
        assert _outcome(data / "oasis-ubl-2.3" / name) == QuarantineCode.UNSUPPORTED


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("UBL-SelfBilledCreditNote-2.1-Example.xml", "credit_note", "261"),
        ("UBL-DebitNote-2.1-Example.xml", "invoice", "383"),
    ],
)
def test_a_public_document_under_another_root_is_an_invoice_of_its_nature(
    data: Path, name: str, kind: str, code: str
) -> None:
    found = _outcome(data / "oasis-ubl-2.3" / name)
    assert isinstance(found, tuple)
    [document] = found
    assert isinstance(document, Invoice)
    assert (document.number, document.type, document.type_code) == ("TOSL108", kind, code)
    assert (str(document.net), str(document.gross), str(document.payable)) == ("1436.5", "1729", "729")
    assert (document.seller.name, document.order_numbers, len(document.lines)) == (
        "Salescompany ltd.",
        ("123",),
        5,
    )
    assert all(line.quantity is not None and line.price is not None for line in document.lines)


@pytest.mark.golden
def test_a_digest_can_be_taken_of_every_invoice(data: Path) -> None:
    outcomes = (_outcome(path) for path in UBL)
    found = [
        document
        for outcome in outcomes
        if not isinstance(outcome, QuarantineCode)
        for document in outcome
        if isinstance(document, Invoice)
    ]
    assert len(found) > 100
    assert all(len(canonical_digest(document)) == 64 for document in found)


def _resolve(document: Any, path: str) -> Any:
    """What stands at a provenance path: names of fields, and places counted from 1."""
    value = document
    for step in path.split("/"):
        value = value[int(step) - 1] if step.isdigit() else getattr(value, step)
    return value


@pytest.mark.golden
def test_every_origin_names_a_field_that_the_document_has(data: Path) -> None:
    checked = 0
    for path in UBL:
        outcome = _outcome(path)
        if isinstance(outcome, QuarantineCode):
            continue
        for document in outcome:
            assert is_dataclass(document)
            for field, origin in getattr(document, "provenance", {}).items():
                _resolve(document, field)
                assert origin.path.startswith("/"), (path, field)
                checked += 1
    assert checked > 5_000


@pytest.mark.golden
def test_no_order_message_is_read_without_the_order_it_is_about(data: Path) -> None:
    for path in UBL:
        outcome = _outcome(path)
        for document in () if isinstance(outcome, QuarantineCode) else outcome:
            assert not isinstance(document, Order) or document.number
