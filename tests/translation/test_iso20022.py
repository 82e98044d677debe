"""What is read of a bank's messages, in every version, and what is not believed."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.facts.serialization import decode, encode
from coordination.translation import QuarantineCode, Unreadable, translate
from coordination.translation.canonical import BankLine, BankReport
from coordination.translation.iso20022 import reasons
from tests import bank

from .conftest import only

KEY = "019388a0c0de7000800000000000beef"


def read(content: bytes) -> BankReport:
    return only(translate(content, "bank.xml"), BankReport)


def line(content: bytes) -> BankLine:
    [found] = read(content).lines
    return found


# --- pain.002 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [3, 8, 10, 14])
def test_a_status_report_is_read_in_every_version(version: int) -> None:
    content = bank.status_report(
        "CS-1", bank.answered(KEY, "RJCT", "AC04", "Konto erloschen", "12.50"), version=version
    )
    assert translate(content, "").source_format == f"pain.002.001.{version:02}"
    report = read(content)
    assert (report.number, report.kind) == ("PSR-1", "payment_status")
    assert report.created_at == datetime.fromisoformat(bank.WHEN)
    assert report.lines == (
        BankLine(
            "payment",
            "rejected",
            "RJCT",
            message_id="CS-1",
            group_id="CS-1",
            end_to_end_id=KEY,
            reason="AC04",
            text="Konto erloschen",
            amount=Decimal("12.50"),
            currency="EUR",
        ),
    )


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ACSC", "booked"),
        ("ACCC", "booked"),
        ("ACCP", "accepted"),
        ("ACTC", "accepted"),
        ("ACSP", "accepted"),
        ("PDNG", "pending"),
        ("RCVD", "pending"),
        ("XYZZ", "pending"),
        ("RJCT", "rejected"),
        ("CANC", "rejected"),
    ],
)
def test_only_a_completed_settlement_is_money_that_has_left(code: str, status: str) -> None:
    assert line(bank.status_report("CS-1", bank.answered(KEY, code))).status == status
    assert line(bank.status_report("CS-1", file=code)).status == status


def test_a_file_a_group_and_a_payment_are_told_apart() -> None:
    content = bank.status_report(
        "CS-1", bank.answered(KEY, "RJCT"), file="ACCP", group="ACSP", group_id="G-1"
    )
    assert [(x.scope, x.group_id, x.code) for x in read(content).lines] == [
        ("file", "", "ACCP"),
        ("group", "G-1", "ACSP"),
        ("payment", "G-1", "RJCT"),
    ]


def test_partly_accepted_says_nothing_of_any_payment() -> None:
    assert read(bank.status_report("CS-1", file="PART", group="PART")).lines == ()


def test_the_banks_own_reason_is_kept_where_it_has_no_external_one() -> None:
    own = (
        "<StsRsnInf><Rsn><Prtry>X17</Prtry></Rsn><AddtlInf>call"
        " us</AddtlInf><AddtlInf>soon</AddtlInf></StsRsnInf>"
    )
    content = bank.status_report("CS-1", bank.answered(KEY, "RJCT").replace("</TxSts>", f"</TxSts>{own}"))
    assert (line(content).reason, line(content).text) == ("X17", "call us soon")


def test_an_id_that_is_not_provided_is_no_id() -> None:
    assert line(bank.status_report("NOTPROVIDED", bank.answered("NOTPROVIDED", "ACSC"))).end_to_end_id == ""


# --- camt -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", range(2, 15))
def test_a_booked_payment_is_read_in_every_version(version: int) -> None:
    content = bank.notice(
        bank.entry("12.50", bank.detail(KEY, "12.50"), version=version), version=version, number="N"
    )
    report = read(content)
    assert (report.number, report.kind, report.account) == ("N", "bank_notice", "DE89370400440532013000")
    assert line(content) == BankLine(
        "payment",
        "booked",
        "BOOK",
        end_to_end_id=KEY,
        amount=Decimal("12.50"),
        currency="EUR",
        day=date.fromisoformat(bank.on()),
        entry=1,
    )


@pytest.mark.parametrize(
    ("changes", "back", "status"),
    [
        ({}, "", "booked"),
        ({"status": "PDNG"}, "", "pending"),
        ({"status": "INFO"}, "AC04", "pending"),
        ({"direction": "CRDT"}, "", "credited"),
        ({"direction": "CRDT"}, "AC04", "returned"),
        ({"direction": "CRDT", "reversal": True}, "", "returned"),
        ({}, "AC04", "unclear"),
        ({"reversal": True}, "", "unclear"),
    ],
)
def test_money_that_leaves_and_money_that_comes_back_are_told_apart(
    changes: dict[str, object], back: str, status: str
) -> None:
    made = bank.entry("1.00", bank.detail(KEY, back=back), **changes)  # type: ignore[arg-type]
    assert line(bank.notice(made)).status == status


def test_an_entry_that_says_debit_and_credit_at_once_is_unclear() -> None:
    assert line(bank.notice(bank.entry("1.00", bank.detail(KEY, direction="CRDT")))).status == "unclear"


def test_only_an_entry_of_one_payment_lends_it_its_amount() -> None:
    assert line(bank.notice(bank.entry("7.00", bank.detail(KEY)))).amount == Decimal("7.00")
    two = read(bank.notice(bank.entry("7.00", bank.detail(KEY), bank.detail("b" * 32))))
    assert [x.amount for x in two.lines] == [None, None]


@pytest.mark.parametrize(("group", "scope"), [("", "file"), ("G-1", "group")])
def test_a_sum_for_a_file_or_a_group_keeps_count_and_total(group: str, scope: str) -> None:
    found = line(
        bank.notice(bank.entry("30.00", bank.whole("CS-1", group=group, count=2, total=Decimal("30.00"))))
    )
    assert (found.scope, found.message_id, found.count, found.amount) == (scope, "CS-1", 2, Decimal("30.00"))


def test_an_entry_without_details_names_nothing() -> None:
    found = line(bank.notice(bank.entry("3.00")))
    assert (found.end_to_end_id, found.message_id, found.amount) == ("", "", Decimal("3.00"))


def test_an_amount_that_is_no_number_is_a_problem_and_never_a_guess() -> None:
    report = read(bank.notice(bank.entry("1,00", bank.detail(KEY))))
    assert report.lines[0].amount is None
    assert report.unreadable[0].raw == "1,00"


# --- in every country and version -----------------------------------------------------------------------

NATIONAL = (
    "urn:iso:std:iso:20022:tech:xsd:pain.002.003.03",
    "http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd",
    "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10.ch.02",
    "urn:swift:xsd:$pain.002.002.02",
    "",
)


def under(namespace: str, content: bytes) -> bytes:
    """The message in another namespace."""
    return re.sub(rb'xmlns="[^"]*"', f'xmlns="{namespace}"'.encode(), content, count=1)


@pytest.mark.parametrize("namespace", NATIONAL)
def test_a_status_report_is_read_in_the_namespace_of_any_country(namespace: str) -> None:
    content = bank.status_report("CS-1", bank.answered(KEY, "RJCT", "AC04"), file="PART")
    found = line(under(namespace, content))
    assert (found.status, found.end_to_end_id, found.reason) == ("rejected", KEY, "AC04")


def test_the_format_is_the_full_name_of_the_message() -> None:
    names = [translate(under(n, bank.status_report("CS-1", file="ACCP")), "").source_format for n in NATIONAL]
    assert names == [
        "pain.002.003.03",
        "pain.002.001.03.ch.02",
        "pain.002.001.10.ch.02",
        "pain.002.002.02",
        "pain.002",
    ]


@pytest.mark.parametrize("prefix", ["", "d"])
def test_a_statement_is_read_with_any_prefix_and_in_a_national_namespace(prefix: str) -> None:
    content = under(
        "urn:example:camt.053.001.04.se.01", bank.notice(bank.entry("1.00", bank.detail(KEY, "1.00")))
    )
    if prefix:
        content = re.sub(rb"<(/?)(\w)", rb"<\1d:\2", content.split(b"?>")[1]).replace(b"xmlns=", b"xmlns:d=")
    assert line(content).status == "booked"


@pytest.mark.parametrize("body", ["pain.002.001.02", "pain.002.002.02"])
def test_a_status_report_of_the_first_versions_is_read(body: str) -> None:
    why = "<StsRsnInf><StsRsn><Cd>AC01</Cd></StsRsn><AddtlStsRsnInf>Konto falsch</AddtlStsRsnInf></StsRsnInf>"
    amount = '<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">12.50</InstdAmt></Amt></OrgnlTxRef>'
    inside = (
        f"<{body}>{bank.header('P-1')}<OrgnlGrpInfAndSts><OrgnlMsgId>CS-1</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>"
        "<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><TxInfAndSts><OrgnlPmtInfId>G-1</OrgnlPmtInfId>"
        f"<OrgnlEndToEndId>{KEY}</OrgnlEndToEndId><TxSts>RJCT</TxSts>{why}{amount}</TxInfAndSts></{body}>"
    )
    assert line(under(f"urn:swift:xsd:${body}", bank.document("pain.002", 2, inside))) == BankLine(
        "payment",
        "rejected",
        "RJCT",
        message_id="CS-1",
        group_id="G-1",
        end_to_end_id=KEY,
        reason="AC01",
        text="Konto falsch",
        amount=Decimal("12.50"),
        currency="EUR",
    )


def test_an_interim_report_of_the_first_version_is_read() -> None:
    booked = (
        bank.entry("12.50", bank.detail(KEY, "12.50"), version=1)
        .replace("<NtryDtls>", "")
        .replace("</NtryDtls>", "")
    )
    inside = f"<BkToCstmrAcctRptV01>{bank.header('R-1')}<Rpt>{booked}</Rpt></BkToCstmrAcctRptV01>"
    assert (
        line(bank.document("camt.052", 1, inside)).status,
        line(bank.document("camt.052", 1, inside)).end_to_end_id,
    ) == ("booked", KEY)


@pytest.mark.parametrize(
    ("message", "body", "words"),
    [
        ("pain.001", "CstmrCdtTrfInitn", "is a payment order, which goes to the bank"),
        ("pain.008", "CstmrDrctDbtInitn", "is an order to collect direct debits"),
        ("camt.056", "FIToFIPmtCxlReq", "asks for a payment to be called back"),
        ("camt.029", "RsltnOfInvstgtn", "answers a recall in words and moves no money"),
        ("pacs.008", "FIToFICstmrCdtTrf", "goes from bank to bank"),
        ("camt.998", "Unheard", "is a message of ISO 20022 that is not read"),
    ],
)
def test_another_message_is_refused_with_what_it_is_and_what_to_bring(
    message: str, body: str, words: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        translate(bank.document(message, 1, f"<{body}/>"), "")
    assert message in refused.value.error
    assert words in refused.value.error
    assert "bring what the bank answers" in refused.value.error


# --- charges --------------------------------------------------------------------------------------------


def charged(*, entry: str = "", own: str = "", amounts: str = "") -> BankLine:
    """An entry of one payment over 1,526.00 with charges of the entry, of the payment, and what its details
    say."""
    node = bank.entry("1526.00", bank.detail(KEY).replace("</TxDtls>", f"{amounts}{own}</TxDtls>"))
    return line(bank.notice(node.replace("<NtryDtls>", f"{entry}<NtryDtls>")))


TOTAL = '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">26.00</TtlChrgsAndTaxAmt></Chrgs>'
EACH = (
    '<Chrgs><Amt Ccy="EUR">20.00</Amt></Chrgs><Chrgs><Amt'
    ' Ccy="EUR">6.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs>'
)
RECORDS = (
    '<Chrgs><Rcrd><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd>'
    '<Rcrd><Amt Ccy="EUR">4.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Rcrd></Chrgs>'
)
INSIDE = '<AmtDtls><TxAmt><Amt Ccy="EUR">1526.00</Amt></TxAmt>{}</AmtDtls>'


@pytest.mark.parametrize("shape", [TOTAL, EACH, RECORDS])
@pytest.mark.parametrize("place", ["entry", "own", "amounts"])
def test_charges_are_found_in_each_shape_and_place(shape: str, place: str) -> None:
    found = charged(**{place: INSIDE.format(shape) if place == "amounts" else shape})
    assert (found.amount, found.charges, found.charges_beside) == (Decimal("1526.00"), Decimal("26.00"), None)


@pytest.mark.parametrize(("said", "beside"), [("true", False), ("false", True)])
def test_whether_charges_are_in_the_amount_is_kept(said: str, beside: bool) -> None:
    shape = f'<Chrgs><Rcrd><Amt Ccy="EUR">26.00</Amt><ChrgInclInd>{said}</ChrgInclInd></Rcrd></Chrgs>'
    assert charged(entry=shape).charges_beside is beside


@pytest.mark.parametrize("direction", ["DBIT", "CRDT"])
def test_an_entry_that_is_a_charge_is_no_payment_and_no_return(direction: str) -> None:
    code = "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>{}</SubFmlyCd></Fmly></Domn></BkTxCd>"
    made = bank.entry("2.50", bank.detail(KEY, "2.50"), direction=direction)
    fee = made.replace("<NtryDtls>", f"{code.format('CHRG')}<NtryDtls>")
    assert line(bank.notice(fee)).status == "charged"
    own = fee.replace("</TxDtls>", f"{code.format('ESCT')}</TxDtls>")
    assert line(bank.notice(own)).status == ("booked" if direction == "DBIT" else "credited")


def test_charges_in_another_currency_explain_no_amount() -> None:
    assert charged(entry=TOTAL.replace("EUR", "USD")).charges is None


def test_what_was_instructed_is_kept_beside_what_moved() -> None:
    found = charged(
        amounts=(
            '<AmtDtls><InstdAmt><Amt Ccy="USD">1500.00</Amt></InstdAmt><TxAmt><Amt'
            ' Ccy="EUR">1526.00</Amt></TxAmt></AmtDtls>'
        )
    )
    assert (found.amount, found.currency) == (Decimal("1526.00"), "EUR")
    assert (found.instructed, found.instructed_currency) == (Decimal("1500.00"), "USD")


# --- what both have in common ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bank.notice(number=""), QuarantineCode.MISSING_ID),
        (bank.status_report("CS-1", number=""), QuarantineCode.MISSING_ID),
        (bank.document("camt.054", 8, "<Other/>"), QuarantineCode.MALFORMED),
        (bank.document("pain.002", 3, "<Other/>"), QuarantineCode.MALFORMED),
        (bank.document("pain.002", 1, "<CstmrPmtStsRpt/>"), QuarantineCode.MISSING_ID),
        (bank.document("camt.054", 1, "<BkToCstmrDbtCdtNtfctn/>"), QuarantineCode.MISSING_ID),
        (bank.document("abcd.001", 1, "<Unheard/>"), QuarantineCode.UNSUPPORTED),
        (b'<Document xmlns="urn:example:papers"><Chapter/></Document>', QuarantineCode.UNSUPPORTED),
        (bank.document("pain.001", 9, "<CstmrCdtTrfInitn/>"), QuarantineCode.UNSUPPORTED),
    ],
)
def test_what_is_no_message_of_a_bank_goes_to_quarantine(content: bytes, code: QuarantineCode) -> None:
    with pytest.raises(Unreadable) as refused:
        translate(content, "")
    assert refused.value.code == code


def test_a_doctype_is_refused_here_as_everywhere() -> None:
    content = bank.notice().replace(
        b"<Document", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document'
    )
    with pytest.raises(Unreadable) as refused:
        translate(content, "")
    assert refused.value.code == QuarantineCode.FORBIDDEN_DOCTYPE


def test_a_report_is_kept_whole_and_read_back() -> None:
    report = read(bank.status_report("CS-1", bank.answered(KEY, "RJCT", "AC01", "x", "1.00")))
    assert decode(BankReport, encode(report)) == report


@given(st.text(min_size=1, max_size=60), st.text(max_size=20))
def test_no_text_of_a_bank_breaks_the_reader(text: str, code: str) -> None:
    clean = "".join(
        c for c in text + code if c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff"
    )
    made = bank.status_report("CS-1", bank.answered(KEY, "RJCT", "NARR", clean))
    assert len(line(made).text) <= 500


# --- reasons in words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        ("AC04", "", "the vendor's account is closed (AC04)"),
        ("ac04", "", "the vendor's account is closed (AC04)"),
        ("AC01", "KONTO?", "the vendor's account number is wrong (AC01)"),
        ("AM04", "", "our account had not enough money (AM04)"),
        ("NARR", "call us", "the bank says why in its own words: call us (NARR)"),
        ("X17", "call us", "call us (X17)"),
        ("X17", "", "reason (X17)"),
        ("", "call us", "call us"),
        ("", "", "no reason was given"),
    ],
)
def test_a_code_is_said_in_plain_words(code: str, text: str, words: str) -> None:
    assert reasons.words(code, text) == words


@pytest.mark.parametrize(
    ("code", "account"),
    [("AC01", True), ("AC04", True), ("RC01", True), ("AM04", False), ("MS03", False), ("", False)],
)
def test_a_wrong_account_is_told_from_everything_else(code: str, account: bool) -> None:
    assert reasons.is_about_the_account(code) is account


# --- messages of real banks -----------------------------------------------------------------------------


def camt(folder: Path) -> list[Path]:
    return sorted((folder / "bank-statements" / "camt").glob("*.xml"))


@pytest.mark.golden
def test_every_public_sample_is_read(shared_data: Path) -> None:
    samples = camt(shared_data)
    assert len(samples) > 20
    for path in samples:
        report = read(path.read_bytes())
        assert report.number, path.name
        assert report.unreadable == (), path.name


@pytest.mark.golden
def test_a_public_notification_names_its_payments(shared_data: Path) -> None:
    [path] = [p for p in camt(shared_data) if p.name == "camt054.v8.xml"]
    found = read(path.read_bytes()).lines
    assert [(x.end_to_end_id, x.amount, x.currency) for x in found[:2]] == [
        ("UXC06170000006PI00001EE00001", Decimal("3.1"), "CHF"),
        ("UXC06170000006PI00001EE00002", Decimal("3.2"), "CHF"),
    ]
    assert {x.status for x in found} == {"unclear"}  # a debit entry whose details say credit


@pytest.mark.golden
def test_a_public_interim_report_sums_a_file(shared_data: Path) -> None:
    [path] = [p for p in camt(shared_data) if p.name == "camt052.v8.xml"]
    found = line(path.read_bytes())
    assert (found.scope, found.message_id, found.group_id, found.count) == (
        "group",
        "FINP-0055",
        "FINP-0055-001",
        20,
    )
