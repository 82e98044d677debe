"""Peppol Invoice Responses: those of the specification word for word, the rules, and back through our own
reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from coordination.agents.support_status import BY_STATE
from coordination.agents.vendor_words import REQUESTS, asked
from coordination.domain.hold_codes import CATALOGUE, ROWS, VendorWords
from coordination.translation.canonical import Answer
from coordination.translation.endpoints import Endpoint, of_document, of_vat_id, participant
from coordination.translation.invoice_response import (
    ACTION_CODES,
    ACTIONS,
    CUSTOMIZATION,
    PROFILE,
    REASON_CODES,
    REASONS,
    STATUSES,
    Clarification,
    Correspondent,
    InvoiceResponse,
    NotSendable,
    write,
)

from .conftest import PUBLIC, only
from .make import read

CASES = "peppol-bundle-2026.5/Invoice_reponse_use_cases"
FILES = sorted(p.name for p in (PUBLIC / CASES).glob("*.xml")) if PUBLIC.is_dir() else []
THIRD_PARTY = "T111-uc008-Invoice_is_accepted_by_third_party.xml"
"""Sent by a service provider in the buyer's name: we answer in our own."""
NS = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}


def response(status: str = "AP", *clarifications: Clarification, **changes: Any) -> InvoiceResponse:
    plain: dict[str, Any] = {
        "number": "IR-1",
        "issued": date(2026, 11, 20),
        "sender": Correspondent("Example Trading GmbH", Endpoint("0088", "4012345000009")),
        "receiver": Correspondent("Hartmann GmbH", Endpoint("9930", "DE136695976")),
        "status": status,
        "refers_to": "INV-1",
        "clarifications": clarifications,
    }
    return InvoiceResponse(**plain | changes)


def reason(code: str = "REF", text: str = "", *conditions: tuple[str, str]) -> Clarification:
    return Clarification(REASONS, code, text, conditions)


def action(code: str = "PIN") -> Clarification:
    return Clarification(ACTIONS, code)


def answer(content: bytes) -> Answer:
    return only(read(content), Answer)


# --- the specification's own messages ---------------------------------------------------------------


def found(root: etree._Element, path: str) -> str:
    return "".join(root.xpath(f"string({path})", namespaces=NS))


def as_response(content: bytes) -> InvoiceResponse:
    """What a message of the specification says, in our shape."""
    root = etree.fromstring(content)

    def party(name: str) -> Correspondent:
        at = f"cac:{name}/cbc:EndpointID"
        return Correspondent(
            found(root, f"cac:{name}//cbc:RegistrationName"),
            Endpoint(found(root, f"{at}/@schemeID"), found(root, at)),
        )

    def clarification(node: etree._Element) -> Clarification:
        return Clarification(
            found(node, "cbc:StatusReasonCode/@listID"),
            found(node, "cbc:StatusReasonCode"),
            found(node, "cbc:StatusReason"),
            tuple(
                (found(c, "cbc:AttributeID"), found(c, "cbc:Description"))
                for c in node.iterfind("cac:Condition", NS)
            ),
        )

    effective = found(root, "//cbc:EffectiveDate")
    return InvoiceResponse(
        number=found(root, "cbc:ID"),
        issued=date.fromisoformat(found(root, "cbc:IssueDate")),
        sender=party("SenderParty"),
        receiver=party("ReceiverParty"),
        status=found(root, "//cbc:ResponseCode"),
        refers_to=found(root, "//cac:DocumentReference/cbc:ID"),
        type_code=found(root, "//cbc:DocumentTypeCode"),
        effective=date.fromisoformat(effective) if effective else None,
        clarifications=tuple(clarification(n) for n in root.iterfind(".//cac:Status", NS)),
    )


def shape(content: bytes) -> list[tuple[str, dict[str, str], str]]:
    """Elements in order with attributes and text; comments and indentation do not count."""
    root = etree.fromstring(content)
    elements = (e for e in root.iter("{*}*") if e is not root)
    return [(str(e.tag), dict(e.attrib), (e.text or "").strip()) for e in elements]


@pytest.mark.golden
@pytest.mark.parametrize("name", [f for f in FILES if f != THIRD_PARTY])
def test_we_can_say_every_use_case_of_the_specification_word_for_word(name: str, data: Path) -> None:
    content = (data / CASES / name).read_bytes()
    assert shape(write(as_response(content))) == shape(content)


@pytest.mark.golden
@pytest.mark.parametrize("name", FILES)
def test_our_reader_reads_the_specification_s_messages_and_ours_alike(name: str, data: Path) -> None:
    content = (data / CASES / name).read_bytes()
    theirs, ours = answer(content), answer(write(as_response(content)))
    assert theirs == ours
    assert theirs.refers_to == "inv021"


@pytest.mark.golden
@pytest.mark.parametrize(
    ("name", "hold", "status", "codes"),
    [
        ("uc006b-Missing_PO", "po_unknown", "UQ", ("REF", "PIN")),
        ("uc006c-Wrong_detail_partial_credit", "qty_over_received", "UQ", ("DEL", "CNP")),
        ("uc007-Payment_has_been_initiated", "", "PD", ()),
        ("uc003-Invoice_is_accepted", "", "AP", ()),
        ("uc001-Invoice_in_process", "", "IP", ()),
    ],
)
def test_our_codes_are_those_of_the_use_case(
    name: str, hold: str, status: str, codes: tuple[str, ...], data: Path
) -> None:
    told = answer((data / CASES / f"T111-{name}.xml").read_bytes())
    assert (told.response_code, told.reasons) == (status, codes)
    if hold:
        told_of = CATALOGUE[hold].vendor
        assert told_of is not None
        assert (told_of.response, (told_of.reason, told_of.action)) == (status, codes)
    else:
        assert status in {response for response, _ in BY_STATE.values()}


# --- what is written --------------------------------------------------------------------------------


def test_a_response_names_specification_parties_status_and_invoice() -> None:
    content = write(
        response(
            "UQ",
            reason("REF", "Order PO-9 is not known to us.", ("BT-13", "PO-1")),
            action("PIN"),
            effective=date(2026, 11, 18),
            refers_on=date(2026, 11, 1),
        )
    )
    root = etree.fromstring(content)
    assert (found(root, "cbc:CustomizationID"), found(root, "cbc:ProfileID")) == (CUSTOMIZATION, PROFILE)
    assert found(root, "cac:SenderParty/cbc:EndpointID/@schemeID") == "0088"
    assert found(root, "cac:ReceiverParty//cbc:RegistrationName") == "Hartmann GmbH"
    assert found(root, "//cbc:EffectiveDate") == "2026-11-18"
    assert found(root, "//cac:Condition/cbc:AttributeID") == "BT-13"
    assert found(root, "//cac:Condition/cbc:Description") == "PO-1"
    assert found(root, "//cac:DocumentReference/cbc:IssueDate") == "2026-11-01"
    told = answer(content)
    assert (told.number, told.refers_to, told.refers_type) == ("IR-1", "INV-1", "380")
    assert (told.response_code, told.reasons, told.text) == (
        "UQ",
        ("REF", "PIN"),
        "Order PO-9 is not known to us.",
    )
    assert told.sender.name == "Example Trading GmbH"


def test_nothing_is_said_twice_or_empty() -> None:
    text = write(response("IP", Clarification(text="Waiting."), refers_on=None)).decode()
    assert "<cbc:StatusReasonCode" not in text
    assert "/>" not in text
    assert "EffectiveDate" not in text


@pytest.mark.parametrize(
    "wrong",
    [
        response("XX"),
        response("UQ"),
        response("RE", Clarification(text="No.")),
        response("CA", Clarification(REASONS, "")),
        response("UQ", reason("PIN")),
        response("UQ", action("REF")),
        response("UQ", reason("REF"), Clarification("OPSomething", "REF")),
        response("IP", Clarification()),
        response("IP", reason("PPD", "Half of it.")),
        response("PD", reason("PPD")),
        response(number=" "),
        response(refers_to=""),
        response(refers_to="\x01"),
    ],
)
def test_what_breaks_a_rule_of_the_specification_is_not_written(wrong: InvoiceResponse) -> None:
    with pytest.raises(NotSendable):
        write(wrong)


def test_part_payment_says_what_was_paid() -> None:
    told = answer(write(response("PD", reason("PPD", "EUR 100.00 of EUR 119.00."))))
    assert (told.response_code, told.reasons, told.text) == ("PD", ("PPD",), "EUR 100.00 of EUR 119.00.")


def test_markup_in_a_name_stays_text_and_control_characters_go() -> None:
    hostile = "<b>A&B</b>]]>\x00\x0b\ufffe" + "\ud800"
    content = write(
        response(
            "UQ", reason("OTH", hostile), receiver=Correspondent(hostile, Endpoint("9930", "DE136695976"))
        )
    )
    told = answer(content)
    assert told.receiver.name == told.text == "<b>A&B</b>]]>"


WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
NAMES = st.text(st.sampled_from("AZaz09-_/. äß"), min_size=1, max_size=30).filter(str.strip)


@given(
    st.sampled_from(sorted(STATUSES)),
    st.lists(
        st.builds(reason, st.sampled_from(sorted(REASON_CODES - {"PPD"})), WORDS), min_size=1, max_size=3
    ),
    st.lists(st.builds(action, st.sampled_from(sorted(ACTION_CODES))), max_size=3),
    NAMES,
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
)
def test_what_is_written_is_what_is_read(
    status: str, reasons: list[Clarification], actions: list[Clarification], name: str, on: date
) -> None:
    content = write(response(status, *reasons, *actions, refers_to=f"I{name}", issued=on))
    told = answer(content)
    assert told.unreadable == ()
    assert (told.response_code, told.issue_date, told.refers_to) == (status, on, f"I{name}".strip())
    assert told.reasons == tuple(dict.fromkeys(c.code for c in (*reasons, *actions)))


# --- what the vendor is told of a hold --------------------------------------------------------------


@pytest.mark.parametrize("told_of", [r.vendor for r in ROWS if r.vendor], ids=lambda v: v.words)
def test_every_hold_that_is_told_has_codes_of_the_lists_and_words(told_of: VendorWords) -> None:
    assert told_of.response in STATUSES
    assert told_of.reason in REASON_CODES
    assert told_of.action in ACTION_CODES
    assert told_of.action in REQUESTS
    assert told_of.words.endswith(".")
    write(response("UQ", reason(told_of.reason, told_of.words), action(told_of.action)))


@pytest.mark.parametrize(
    "code",
    [
        "duplicate_suspect",
        "split_suspect",
        "suspicious_text",
        "supplier_blocked",
        "supplier_unknown",
        "manual_hold",
        "bank_change_unverified",
        "over_threshold",
        "random_audit",
        "supplier_mismatch",
        "agents_disagree",
    ],
)
def test_of_fraud_sanctions_and_our_own_rules_nothing_is_told(code: str) -> None:
    assert asked(code, 1, {"sentence": "secret", "expected": "a", "found": "b"}, "c") is None


def test_a_sentence_has_the_figures_and_neither_tolerance_nor_account() -> None:
    detail = {"found": "11.00", "expected": "10.00", "tolerance": "2 % or 100.00", "sentence": "ours"}
    told = asked("price_over", 1, detail)
    assert told is not None
    assert told.sentence == "Line 1: the unit price is 11.00, ordered at 10.00."
    bank = asked("bank_mismatch", None, {"expected": "DE89…3000", "found": "DE75…6199"})
    assert bank is not None
    assert bank.sentence == "The bank account needs to be confirmed."
    assert bank.term == bank.value == ""


@pytest.mark.parametrize("broken", [{"found": ""}, {"found": "x" * 81}, {"found": "a\nb"}, {}])
def test_a_sentence_without_its_figures_falls_back_to_plain_words(broken: dict[str, str]) -> None:
    told = asked("po_unknown", None, broken)
    assert told is not None
    assert (told.sentence, told.term) == ("The order number is not known to us.", "BT-13")


def test_braces_in_a_vendors_text_are_text() -> None:
    told = asked("item_not_ordered", 2, {"found": "{line.__class__} {expected}"})
    assert told is not None
    assert told.sentence == "Line 2: {line.__class__} {expected} was not ordered."


# --- electronic addresses ---------------------------------------------------------------------------


@pytest.mark.golden
def test_addresses_are_read_from_ubl_and_cii(data: Path) -> None:
    ubl = (data / "peppol-bundle-2026.5/billing/base-example.xml").read_bytes()
    stated = of_document(ubl, "Snippet1")
    assert (str(stated["seller"]), str(stated["buyer"])) == ("0088:9482348239847239874", "0002:FR23342")
    assert of_document(ubl, "another") == {}
    cii = (data / "en16931-cef/cii/examples/CII_example5.xml").read_bytes()
    assert all(e.scheme.isdecimal() for e in of_document(cii, "TOSL110").values())


def envelope(party: str, endpoint: str) -> bytes:
    """An invoice in a StandardBusinessDocument."""
    return f"""<s:StandardBusinessDocument xmlns:s="http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader">
      <Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cbc="{NS["cbc"]}" xmlns:cac="{NS["cac"]}">
      <cbc:ID>INV-1</cbc:ID><cac:{party}><cac:Party>{endpoint}</cac:Party></cac:{party}></Invoice>
      </s:StandardBusinessDocument>""".encode()


def test_addresses_are_found_in_an_envelope_and_only_whole_ones_count() -> None:
    good = envelope("AccountingSupplierParty", '<cbc:EndpointID schemeID="0192">987654325</cbc:EndpointID>')
    assert of_document(good, "INV-1") == {"seller": Endpoint("0192", "987654325")}
    for bad in (
        "<cbc:EndpointID>1</cbc:EndpointID>",
        '<cbc:EndpointID schemeID="EM">a@b.example</cbc:EndpointID>',
        '<cbc:EndpointID schemeID="0192"> </cbc:EndpointID>',
        '<cbc:EndpointID schemeID="0192">a b</cbc:EndpointID>',
    ):
        assert of_document(envelope("AccountingSupplierParty", bad), "INV-1") == {}


@pytest.mark.parametrize(
    "content", [b"", b"invoice_number,type\n", b"<Invoice>", b"%PDF-1.7", b"<!DOCTYPE a><a/>"]
)
def test_a_file_that_is_no_invoice_in_xml_has_no_address(content: bytes) -> None:
    assert of_document(content, "INV-1") == {}


@pytest.mark.parametrize(
    ("vat_id", "address"),
    [
        ("DE136695976", "9930:DE136695976"),
        ("de 136.695.976", "9930:DE136695976"),
        ("SE556036079301", "0007:5560360793"),
        ("NL123456789B01", "9944:NL123456789B01"),
        ("US123", None),
        ("", None),
        ("DE<x>", None),
    ],
)
def test_a_vat_id_is_an_address_where_its_country_says_so(vat_id: str, address: str | None) -> None:
    endpoint = of_vat_id(vat_id)
    assert (str(endpoint) if endpoint else None) == address


@pytest.mark.parametrize("text", ["", "9930", "993:DE1", "9930:", "9930:a b", "x9930:DE1"])
def test_what_is_no_participant_id_is_none(text: str) -> None:
    assert participant(text) is None
    assert participant("0088:7300010000001") == Endpoint("0088", "7300010000001")


def test_the_same_response_is_the_same_bytes() -> None:
    one = response("UQ", reason("PRI", "Too dear."), action("CNP"))
    assert write(one) == write(replace(one))
