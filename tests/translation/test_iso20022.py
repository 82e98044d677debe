"""What is read of a bank's messages, in every version, and what is not believed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.engine.recording import decode, encode
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
            "payment", "rejected", "RJCT", message_id="CS-1", group_id="CS-1", end_to_end_id=KEY, reason="AC04",
            text="Konto erloschen", amount=Decimal("12.50"), currency="EUR",
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ACSC", "booked"), ("ACCC", "booked"), ("ACCP", "accepted"), ("ACTC", "accepted"), ("ACSP", "accepted"),
        ("PDNG", "pending"), ("RCVD", "pending"), ("XYZZ", "pending"), ("RJCT", "rejected"), ("CANC", "rejected"),
    ],
)  # fmt: skip
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
    own = "<StsRsnInf><Rsn><Prtry>X17</Prtry></Rsn><AddtlInf>call us</AddtlInf><AddtlInf>soon</AddtlInf></StsRsnInf>"
    content = bank.status_report("CS-1", bank.answered(KEY, "RJCT").replace("</TxSts>", f"</TxSts>{own}"))
    assert (line(content).reason, line(content).text) == ("X17", "call us soon")


def test_an_id_that_is_not_provided_is_no_id() -> None:
    assert line(bank.status_report("NOTPROVIDED", bank.answered("NOTPROVIDED", "ACSC"))).end_to_end_id == ""


# --- camt -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [2, 3, 4, 6, 8])
def test_a_booked_payment_is_read_in_every_version(version: int) -> None:
    content = bank.notice(
        bank.entry("12.50", bank.detail(KEY, "12.50"), version=version), version=version, number="N"
    )
    report = read(content)
    assert (report.number, report.kind, report.account) == ("N", "bank_notice", "DE89370400440532013000")
    assert line(content) == BankLine(
        "payment", "booked", "BOOK", end_to_end_id=KEY, amount=Decimal("12.50"), currency="EUR", day=date.fromisoformat(bank.on())
    )  # fmt: skip


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


# --- what both have in common ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bank.notice(number=""), QuarantineCode.MISSING_ID),
        (bank.status_report("CS-1", number=""), QuarantineCode.MISSING_ID),
        (bank.document("camt.054", 8, "<Other/>"), QuarantineCode.MALFORMED),
        (bank.document("pain.002", 3, "<Other/>"), QuarantineCode.MALFORMED),
        (bank.document("pain.002", 1, "<CstmrPmtStsRpt/>"), QuarantineCode.UNSUPPORTED),
        (bank.document("camt.054", 1, "<BkToCstmrDbtCdtNtfctn/>"), QuarantineCode.UNSUPPORTED),
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


@pytest.mark.parametrize(("code", "account"), [("AC01", True), ("AC04", True), ("RC01", True), ("AM04", False), ("MS03", False), ("", False)])  # fmt: skip
def test_a_wrong_account_is_told_from_everything_else(code: str, account: bool) -> None:
    assert reasons.is_about_the_account(code) is account


# --- messages of real banks -----------------------------------------------------------------------------


def camt(folder: Path) -> list[Path]:
    return sorted((folder / "bank-statements" / "camt").glob("*.xml"))


@pytest.mark.golden
def test_every_public_sample_from_version_2_on_is_read(shared_data: Path) -> None:
    samples = camt(shared_data)
    assert len(samples) > 20
    for path in samples:
        if path.name == "camt052.v1.xml":
            continue
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
        "group", "FINP-0055", "FINP-0055-001", 20,
    )  # fmt: skip
