"""Entries of our account as banks write them: which day, whose amount, what of it is a charge, what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.translation import QuarantineCode, Unreadable, translate
from coordination.translation.canonical import BankLine, BankReport
from tests import bank
from tests.bank import tag

from .conftest import only

OURS, OTHER = "DE89370400440532013000", "DE75512108001245126199"
D = Decimal


def read(content: bytes) -> BankReport:
    return only(translate(content, "bank.xml"), BankReport)


def entry(*inside: str, amount: str = "30.00", currency: str = "EUR", **changes: str) -> str:
    """A booked debit of 30.00, unless said otherwise; `inside` stands behind its header."""
    said = {"direction": "DBIT", "status": "BOOK", "day": tag("BookgDt", tag("Dt", "2026-11-24"))} | changes
    return tag(
        "Ntry",
        tag("Amt", amount, Ccy=currency),
        tag("CdtDbtInd", said["direction"]),
        tag("Sts", tag("Cd", said["status"])),
        said["day"],
        *inside,
    )


def details(*transactions: str) -> str:
    return tag("NtryDtls", *transactions)


def payment(key: str, *inside: str, refs: str = "") -> str:
    return tag("TxDtls", tag("Refs", refs, tag("EndToEndId", key)), *inside)


def money(name: str, amount: str, currency: str = "EUR") -> str:
    return tag(name, tag("Amt", amount, Ccy=currency))


def lines(*entries: str) -> tuple[BankLine, ...]:
    return read(bank.notice(*entries)).lines


def line(*entries: str) -> BankLine:
    [found] = lines(*entries)
    return found


# --- the message --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "body", "part", "kind"),
    [
        ("camt.052", "BkToCstmrAcctRpt", "Rpt", "bank_notice"),
        ("camt.053", "BkToCstmrStmt", "Stmt", "bank_statement"),
        ("camt.054", "BkToCstmrDbtCdtNtfctn", "Ntfctn", "bank_notice"),
    ],
)
def test_a_report_a_statement_and_a_notification_are_read_alike_and_kept_apart(
    message: str, body: str, part: str, kind: str
) -> None:
    account = tag("Acct", tag("Id", tag("IBAN", OURS)))
    inside = tag(body, bank.header("M-1"), tag(part, account, entry(details(payment("pay-1")))))
    found = read(bank.document(message, 8, inside))
    assert (found.kind, found.number, found.account) == (kind, "M-1", OURS)
    assert [(x.end_to_end_id, x.amount) for x in found.lines] == [("pay-1", D("30.00"))]


def several(*accounts: str) -> BankReport:
    parts = [
        tag("Ntfctn", tag("Acct", tag("Id", tag("IBAN", iban))), entry(details(payment(f"pay-{n}"))))
        for n, iban in enumerate(accounts, 1)
    ]
    return read(bank.document("camt.054", 8, tag("BkToCstmrDbtCdtNtfctn", bank.header("M-1"), *parts)))


def test_a_message_about_several_accounts_names_each_once_and_counts_entries_on() -> None:
    found = several(OURS, OTHER, OURS)
    assert found.account == f"{OURS}, {OTHER}"
    assert [(x.end_to_end_id, x.entry) for x in found.lines] == [("pay-1", 1), ("pay-2", 2), ("pay-3", 3)]


def test_an_account_without_an_iban_is_not_named() -> None:
    assert several("", OTHER).account == OTHER


def test_a_message_without_entries_says_nothing() -> None:
    found = read(bank.notice())
    assert (found.lines, found.unreadable) == ((), ())


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T10:00:00Z", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("2026-11-24T10:00:00+01:00", datetime(2026, 11, 24, 9, tzinfo=UTC)),
        ("2026-11-24T10:00:00.123-05:00", datetime(2026, 11, 24, 15, 0, 0, 123000, tzinfo=UTC)),
        ("2026-11-24T10:00:00", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("2026-12-31T23:59:59-12:00", datetime(2027, 1, 1, 11, 59, 59, tzinfo=UTC)),
    ],
)
def test_when_a_message_was_made_is_a_moment_and_without_a_zone_it_is_utc(
    text: str, moment: datetime
) -> None:
    assert read(bank.notice(when=text)).created_at == moment


@pytest.mark.parametrize(
    "text", ["yesterday", "24.11.2026 10:00", "2026-11-31T10:00:00", "2026-11-24T25:00:00"]
)
def test_a_moment_that_nobody_can_read_is_named_and_the_message_is_kept(text: str) -> None:
    found = read(bank.notice(when=text))
    assert found.created_at is None
    assert [(p.field, p.raw) for p in found.unreadable] == [("created_at", text)]


# --- days ---------------------------------------------------------------------------------------------------

BOOKED, VALUED = tag("BookgDt", tag("Dt", "2026-11-24")), tag("ValDt", tag("Dt", "2026-11-26"))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        (BOOKED, date(2026, 11, 24)),
        (VALUED, date(2026, 11, 26)),
        (BOOKED + VALUED, date(2026, 11, 24)),
        ("", None),
        (tag("BookgDt", tag("DtTm", "2026-11-24T23:30:00-05:00")), date(2026, 11, 24)),
        (tag("BookgDt", tag("DtTm", "2026-11-24T00:10:00+13:00")), date(2026, 11, 24)),
        (tag("BookgDt", tag("Dt", "2026-11-24+01:00")), date(2026, 11, 24)),
    ],
)
def test_an_entry_is_of_the_day_on_which_it_was_booked_as_the_bank_counts_days(
    said: str, day: date | None
) -> None:
    assert line(entry(details(payment("pay-1")), day=said)).day == day


def test_a_day_that_cannot_be_read_is_named_and_the_value_day_stands_in() -> None:
    content = bank.notice(entry(day=tag("BookgDt", tag("Dt", "24.11.2026")) + VALUED))
    found = read(content)
    assert found.lines[0].day == date(2026, 11, 26)
    assert [(p.field, p.raw) for p in found.unreadable] == [("lines/1/day", "24.11.2026")]


# --- what an entry means ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (tag("Sts", "BOOK"), "BOOK"),
        (tag("Sts", tag("Cd", "book")), "BOOK"),
        (tag("Sts", tag("Prtry", "WAITING")), "WAIT"),
        (tag("Sts", tag("Cd", "FUTR")), "FUTR"),
        ("", ""),
    ],
)
def test_only_what_is_booked_has_moved(status: str, code: str) -> None:
    made = entry(details(payment("pay-1"))).replace(tag("Sts", tag("Cd", "BOOK")), status)
    found = line(made)
    assert found.code == code
    assert found.status == ("booked" if code == "BOOK" else "pending")


@pytest.mark.parametrize(
    ("reversal", "direction", "status"),
    [
        ("true", "CRDT", "returned"),
        ("1", "CRDT", "returned"),
        ("false", "CRDT", "credited"),
        ("0", "CRDT", "credited"),
        ("TRUE", "CRDT", "credited"),
        ("1", "DBIT", "unclear"),
        ("0", "DBIT", "booked"),
    ],
)
def test_a_reversal_is_what_an_xml_boolean_says(reversal: str, direction: str, status: str) -> None:
    made = entry(tag("RvslInd", reversal), details(payment("pay-1")), direction=direction)
    assert line(made).status == status


@pytest.mark.parametrize("direction", ["", "DEBIT", "debt", "C"])
def test_an_entry_that_does_not_say_whether_money_left_or_came_in_is_unclear(direction: str) -> None:
    for inside in ((), (details(payment("pay-1")),), (batch(tag("MsgId", "CS-1")),)):
        assert line(entry(*inside, direction=direction)).status == "unclear"


def test_an_entry_without_a_direction_is_unclear_whatever_its_payment_says() -> None:
    for own in ("DBIT", "CRDT"):
        made = entry(details(payment("pay-1", tag("CdtDbtInd", own))), direction="")
        assert line(made).status == "unclear"


def test_what_is_not_booked_is_pending_and_a_price_is_a_charge_without_a_direction_too() -> None:
    assert line(entry(details(payment("pay-1")), direction="", status="PDNG")).status == "pending"
    assert line(entry(fee("CHRG"), details(payment("pay-1")), direction="")).status == "charged"


@pytest.mark.parametrize(
    ("code", "own", "status"),
    [
        ("BOOK", "DBIT", "booked"),
        ("BOOK", "CRDT", "unclear"),
        ("PDNG", "CRDT", "pending"),
        ("INFO", "CRDT", "pending"),
    ],
)
def test_a_payment_that_contradicts_its_entry_is_unclear_once_it_is_booked(
    code: str, own: str, status: str
) -> None:
    made = entry(details(payment("pay-1", tag("CdtDbtInd", own))), status=code)
    assert line(made).status == status


def fee(code: str) -> str:
    family = tag("Fmly", tag("Cd", "ICDT"), tag("SubFmlyCd", code))
    return tag("BkTxCd", tag("Domn", tag("Cd", "PMNT"), family))


def test_every_price_of_a_bank_is_a_charge_and_no_payment() -> None:
    """ExternalBankTransactionSubFamily1Code: charges, fees and the four commissions."""
    prices = ["CHRG", "FEES", "COMM", "COME", "COMI", "COMT", "chrg"]
    found = {code: line(entry(fee(code), details(payment("pay-1")))).status for code in [*prices, "ESCT"]}
    assert found == dict.fromkeys(prices, "charged") | {"ESCT": "booked"}


def test_a_charge_that_contradicts_its_entry_is_still_a_charge() -> None:
    made = entry(details(payment("pay-1", tag("CdtDbtInd", "CRDT"), fee("CHRG"))))
    assert line(made).status == "charged"


def test_a_payment_among_charges_is_none_by_its_own_code() -> None:
    found = lines(entry(fee("CHRG"), details(payment("pay-1"), payment("pay-2", fee("ESCT")))))
    assert [x.status for x in found] == ["charged", "booked"]


# --- whose amount -------------------------------------------------------------------------------------------


def test_each_of_several_payments_has_its_own_amount_and_the_entry_that_of_all() -> None:
    found = lines(
        entry(
            details(
                payment("pay-1", tag("Amt", "10.00", Ccy="EUR")),
                payment("pay-2", tag("AmtDtls", money("TxAmt", "20.00"))),
            )
        )
    )
    assert [(x.amount, x.entry_amount) for x in found] == [
        (D("10.00"), D("30.00")),
        (D("20.00"), D("30.00")),
    ]
    assert [x.entry for x in found] == [1, 1]


def test_one_payment_that_says_no_amount_has_that_of_its_entry() -> None:
    found = line(entry(details(payment("pay-1"))))
    assert (found.amount, found.currency, found.entry_amount) == (D("30.00"), "EUR", None)


def test_what_was_ordered_is_what_moved_only_where_nothing_else_is_said() -> None:
    ordered = tag("AmtDtls", money("InstdAmt", "25.00"))
    alone = line(entry(details(payment("pay-1", ordered))))
    assert (alone.amount, alone.instructed) == (D("30.00"), D("25.00"))
    one_of_two = lines(entry(details(payment("pay-1", ordered), payment("pay-2"))))[0]
    assert (one_of_two.amount, one_of_two.instructed) == (D("25.00"), D("25.00"))


def test_an_entry_whose_amount_cannot_be_read_lends_none() -> None:
    ordered = tag("AmtDtls", money("InstdAmt", "25.00"))
    content = bank.notice(entry(details(payment("pay-1", ordered)), amount="30,00"))
    found = read(content)
    assert found.lines[0].amount == D("25.00")
    assert [p.field for p in found.unreadable] == ["lines/1/amount"]


def test_the_nearest_amount_counts() -> None:
    both = tag("Amt", "9.00", Ccy="EUR") + tag("AmtDtls", money("TxAmt", "8.00"), money("InstdAmt", "7.00"))
    found = line(entry(details(payment("pay-1", both)), amount="9.00"))
    assert (found.amount, found.instructed) == (D("9.00"), D("7.00"))


def test_what_a_bank_exchanged_is_what_was_ordered_where_it_says_no_more() -> None:
    exchanged = tag("AmtDtls", money("TxAmt", "30.00"), money("CntrValAmt", "33.10", "USD"))
    found = line(entry(details(payment("pay-1", exchanged))))
    assert (found.amount, found.currency) == (D("30.00"), "EUR")
    assert (found.instructed, found.instructed_currency) == (D("33.10"), "USD")


@pytest.mark.parametrize(
    ("amount", "currency", "exact"),
    [
        ("1000", "JPY", "1000"),
        ("107.505", "KWD", "107.505"),
        ("0.00001", "EUR", "0.00001"),
        ("0", "EUR", "0"),
    ],
)
def test_amounts_are_read_to_the_last_decimal_in_any_currency(amount: str, currency: str, exact: str) -> None:
    found = line(entry(details(payment("pay-1")), amount=amount, currency=currency))
    assert (found.amount, found.currency) == (D(exact), currency)


@pytest.mark.parametrize("amount", ["1,00", "1.000,00", "1e3", "NaN", "", "EUR 5"])
def test_an_amount_that_is_none_has_no_currency_either(amount: str) -> None:
    found = line(entry(details(payment("pay-1")), amount=amount))
    assert (found.amount, found.currency) == (None, "")


def test_what_cannot_be_read_is_named_by_its_place_among_the_lines() -> None:
    first = entry(details(payment("pay-1"), payment("pay-2")))
    second = entry(details(payment("pay-3")), amount="x")
    found = read(bank.notice(first, second))
    assert [p.field for p in found.unreadable] == ["lines/3/amount"]


# --- sums ---------------------------------------------------------------------------------------------------


def batch(*inside: str) -> str:
    return details(tag("Btch", *inside))


def test_a_sum_says_how_many_payments_it_is_of_and_what_they_come_to() -> None:
    found = line(
        entry(
            batch(
                tag("MsgId", "CS-1"),
                tag("PmtInfId", "G-1"),
                tag("NbOfTxs", "3"),
                tag("TtlAmt", "29.50", Ccy="EUR"),
            )
        )
    )
    assert (found.scope, found.message_id, found.group_id) == ("group", "CS-1", "G-1")
    assert (found.count, found.amount, found.status) == (3, D("29.50"), "booked")


def test_a_sum_without_a_total_is_that_of_its_entry_with_the_charges_of_it() -> None:
    charges = tag("Chrgs", tag("Rcrd", tag("Amt", "1.50", Ccy="EUR"), tag("ChrgInclInd", "false")))
    plain = line(entry(charges, batch(tag("MsgId", "CS-1"))))
    assert (plain.amount, plain.currency) == (D("30.00"), "EUR")
    assert (plain.charges, plain.charges_beside) == (D("1.50"), True)
    stated = line(entry(charges, batch(tag("MsgId", "CS-1"), tag("TtlAmt", "28.50", Ccy="EUR"))))
    assert (stated.amount, stated.charges, stated.charges_beside) == (D("28.50"), None, None)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1", 1),
        ("0", 0),
        ("007", 7),
        ("999999999", 999_999_999),
        ("1000000000", None),
        ("-1", None),
        ("2.0", None),
        ("²", None),
        ("٣", None),
        ("many", None),
        ("", None),
    ],
)
def test_a_count_is_a_number_of_at_most_nine_digits(text: str, count: int | None) -> None:
    assert line(entry(batch(tag("MsgId", "CS-1"), tag("NbOfTxs", text)))).count == count


def test_a_sum_that_comes_back_is_money_that_comes_in_and_no_return() -> None:
    assert line(entry(batch(tag("MsgId", "CS-1")), direction="CRDT")).status == "credited"


def test_payments_count_more_than_a_sum_beside_them() -> None:
    found = lines(entry(details(tag("Btch", tag("NbOfTxs", "2")), payment("pay-1"), payment("pay-2"))))
    assert [x.scope for x in found] == ["payment", "payment"]


# --- references ---------------------------------------------------------------------------------------------


def test_a_payment_has_its_own_reference_of_the_bank_or_that_of_its_entry() -> None:
    of_entry = tag("AcctSvcrRef", "BANK-0")
    own = payment("pay-2", refs=tag("AcctSvcrRef", "BANK-2"))
    found = lines(entry(of_entry, details(payment("pay-1"), own)), entry(of_entry))
    assert [x.bank_reference for x in found] == ["BANK-0", "BANK-2", "BANK-0"]


@pytest.mark.parametrize("absent", ["NOTPROVIDED", "notprovided", "NONREF", "NOTAVAILABLE", "-", "n/a"])
def test_what_stands_for_no_reference_is_none(absent: str) -> None:
    refs = tag("MsgId", absent) + tag("AcctSvcrRef", absent) + tag("PmtInfId", absent)
    found = line(entry(details(payment(absent, refs=refs))))
    assert (found.end_to_end_id, found.message_id, found.group_id, found.bank_reference) == ("", "", "", "")


def test_why_a_payment_came_back_is_kept_with_the_banks_words_on_one_line() -> None:
    back = tag(
        "RtrInf",
        tag("Rsn", tag("Cd", "AC04")),
        tag("AddtlInf", "Konto\n   erloschen"),
        tag("AddtlInf", "zum 1. 11."),
    )
    found = line(entry(details(payment("pay-1", back)), direction="CRDT"))
    assert (found.status, found.reason, found.text) == ("returned", "AC04", "Konto erloschen zum 1. 11.")


@pytest.mark.parametrize(("length", "kept"), [(500, 500), (501, 500)])
def test_the_words_of_a_bank_are_kept_up_to_500_signs(length: int, kept: int) -> None:
    back = tag("RtrInf", tag("Rsn", tag("Cd", "NARR")), tag("AddtlInf", "x" * length))
    assert len(line(entry(details(payment("pay-1", back)), direction="CRDT")).text) == kept


@pytest.mark.parametrize(("length", "kept"), [(35, 35), (36, 35)])
def test_a_banks_own_reason_is_kept_up_to_35_signs(length: int, kept: int) -> None:
    back = tag("RtrInf", tag("Rsn", tag("Prtry", "x" * length)))
    assert len(line(entry(details(payment("pay-1", back)), direction="CRDT")).reason) == kept


# --- charges ------------------------------------------------------------------------------------------------


def record(amount: str, currency: str = "EUR", **said: str) -> str:
    return tag(
        "Rcrd",
        tag("Amt", amount, Ccy=currency),
        tag("CdtDbtInd", said.get("way", "")),
        tag("ChrgInclInd", said.get("inside", "")),
    )


def charged(*shapes: str) -> tuple[Decimal | None, bool | None]:
    found = line(entry(*shapes, details(payment("pay-1"))))
    return found.charges, found.charges_beside


TOTAL = tag("TtlChrgsAndTaxAmt", "9.00", Ccy="EUR")


@pytest.mark.parametrize(
    ("shapes", "amount"),
    [
        ([tag("Chrgs", record("2.00"), record("3.00"))], "5.00"),
        ([tag("Chrgs", TOTAL, record("2.00"), record("3.00"))], "9.00"),
        ([tag("Chrgs", record("2.00")), tag("Chrgs", record("3.00"))], "5.00"),
        ([tag("Chrgs", TOTAL, record("2.00")), tag("Chrgs", TOTAL, record("3.00"))], "5.00"),
        ([tag("Chrgs", TOTAL), tag("Chrgs", TOTAL)], "18.00"),
        ([tag("Chrgs", record("5.00"), record("5.00", way="CRDT"))], "0.00"),
        ([tag("Chrgs", record("2.00", way="CRDT"))], "-2.00"),
        ([tag("Chrgs", tag("TtlChrgsAndTaxAmt", "9.00"))], "9.00"),
    ],
)
def test_charges_are_their_total_or_the_sum_of_their_records(shapes: list[str], amount: str) -> None:
    assert charged(*shapes)[0] == D(amount)


@pytest.mark.parametrize(
    "shapes",
    [
        [],
        [tag("Chrgs", record("2.00"), record("3.00", "USD"))],
        [tag("Chrgs", record("2.00"), record("x"))],
        [tag("Chrgs", record("2.00", "USD"))],
        [tag("Chrgs", TOTAL), tag("Chrgs", record("3.00", "USD"))],
    ],
)
def test_charges_of_which_a_part_is_unknown_are_not_said_at_all(shapes: list[str]) -> None:
    assert charged(*shapes) == (None, None)


@pytest.mark.parametrize(
    ("said", "beside"),
    [
        (["true"], False),
        (["1"], False),
        (["false"], True),
        (["0"], True),
        (["false", "0"], True),
        (["false", ""], True),
        (["true", "false"], None),
        ([""], None),
    ],
)
def test_charges_stand_in_the_amount_or_beside_it_where_all_records_agree(
    said: list[str], beside: bool | None
) -> None:
    assert charged(tag("Chrgs", *(record("1.00", inside=one) for one in said)))[1] is beside


def test_a_payment_has_its_own_charges_before_those_of_its_entry() -> None:
    of_entry, own = tag("Chrgs", record("5.00")), tag("Chrgs", record("2.00", inside="false"))
    with_amount = payment("pay-1", tag("Amt", "30.00", Ccy="EUR"), own)
    found = line(entry(of_entry, details(with_amount)))
    assert (found.charges, found.charges_beside) == (D("2.00"), True)
    bare = line(entry(of_entry, details(payment("pay-1", tag("Amt", "30.00", Ccy="EUR")))))
    assert bare.charges == D("5.00")


def test_charges_of_an_entry_of_several_payments_belong_to_none_that_has_its_own_amount() -> None:
    of_entry = tag("Chrgs", record("5.00"))
    own = payment("pay-1", tag("Amt", "10.00", Ccy="EUR"))
    found = lines(entry(of_entry, details(own, payment("pay-2"))))
    assert [x.charges for x in found] == [None, D("5.00")]


# --- answers to a file --------------------------------------------------------------------------------------


def answers(*originals: str, groups: str = "") -> tuple[BankLine, ...]:
    inside = tag("CstmrPmtStsRpt", bank.header("P-1"), *originals, groups)
    return read(bank.document("pain.002", 3, inside)).lines


def original(status: str, *inside: str) -> str:
    return tag("OrgnlGrpInfAndSts", tag("OrgnlMsgId", "CS-1"), tag("GrpSts", status), *inside)


def group(name: str, status: str, *inside: str) -> str:
    return tag("OrgnlPmtInfAndSts", tag("OrgnlPmtInfId", name), tag("PmtInfSts", status), *inside)


@pytest.mark.parametrize("status", ["PART", "PATC", "part", ""])
def test_a_status_that_says_only_that_parts_differ_makes_no_line(status: str) -> None:
    assert answers(original(status)) == ()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ACWC", "accepted"),
        ("ACWP", "accepted"),
        ("ACFC", "accepted"),
        ("BLCK", "rejected"),
        ("rjct", "rejected"),
        ("ACSCX", "booked"),
        ("RCVD", "pending"),
    ],
)
def test_a_promise_is_no_settlement_and_what_is_blocked_is_refused(code: str, status: str) -> None:
    [found] = answers(original(code))
    assert (found.status, found.scope) == (status, "file")


def test_each_payment_stands_in_the_group_that_names_it() -> None:
    two = group("G-1", "RJCT") + group(
        "G-2", "", bank.answered("pay-1", "ACSC"), bank.answered("pay-2", "RJCT")
    )
    found = answers(original("PART"), groups=two)
    assert [(x.scope, x.group_id, x.end_to_end_id, x.status) for x in found] == [
        ("group", "G-1", "", "rejected"),
        ("payment", "G-2", "pay-1", "booked"),
        ("payment", "G-2", "pay-2", "rejected"),
    ]
    assert {x.message_id for x in found} == {"CS-1"}


def test_a_group_without_a_number_speaks_of_the_whole_file() -> None:
    [found] = answers(original("PART"), groups=tag("OrgnlPmtInfAndSts", tag("PmtInfSts", "RJCT")))
    assert found.scope == "file"


def test_a_status_of_the_file_has_its_reason_and_every_word_of_the_bank() -> None:
    more = bank.why("AM05", "paid before") + tag("StsRsnInf", tag("AddtlInf", "on 1 November"))
    [found] = answers(original("RJCT", more))
    assert (found.reason, found.text) == ("AM05", "paid before on 1 November")


def test_a_payment_whose_amount_cannot_be_read_is_named_by_its_place() -> None:
    transactions = [bank.answered("pay-1", "ACSC", amount="1.00"), bank.answered("pay-2", "RJCT", amount="x")]
    inside = tag("CstmrPmtStsRpt", bank.header("P-1"), original("PART"), group("G-1", "", *transactions))
    found = read(bank.document("pain.002", 3, inside))
    assert [x.amount for x in found.lines] == [D("1.00"), None]
    assert [p.field for p in found.unreadable] == ["lines/2/amount"]


# --- what holds of every message ----------------------------------------------------------------------------

CENTS = st.integers(1, 10**9).map(lambda n: D(n) / 100)


@given(st.lists(CENTS, min_size=2, max_size=6))
def test_payments_of_an_entry_keep_their_amounts_and_their_order(amounts: list[Decimal]) -> None:
    total = sum(amounts, D(0))
    inside = details(*(payment(f"pay-{n}", tag("Amt", f"{a:.2f}", Ccy="EUR")) for n, a in enumerate(amounts)))
    found = lines(entry(inside, amount=f"{total:.2f}"))
    assert [x.amount for x in found] == amounts
    assert [x.end_to_end_id for x in found] == [f"pay-{n}" for n in range(len(amounts))]
    assert {x.entry_amount for x in found} == {total}


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_a_moment_of_any_zone_is_the_same_moment(at: datetime, minutes: int) -> None:
    there = at.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert read(bank.notice(when=there.isoformat())).created_at == there


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("BkToCstmrStmt", "camt.053"),
        ("BkToCstmrAcctRpt", "camt.052"),
        ("CstmrPmtStsRpt", "pain.002"),
    ],
)
def test_a_message_without_its_body_says_which_one_is_missing(body: str, named: str) -> None:
    with pytest.raises(Unreadable) as refused:
        translate(bank.document(named, 8, "<Other/>"), "")
    assert refused.value.code == QuarantineCode.MALFORMED
    assert refused.value.error == f"the {named} holds no {body}: ask the bank for the file again"


def test_the_number_of_a_message_is_its_own_and_not_that_of_a_statement_in_it() -> None:
    inside = tag("BkToCstmrStmt", bank.header("M-1"), tag("Stmt", tag("Id", "STATEMENT-7")))
    assert read(bank.document("camt.053", 8, inside)).number == "M-1"
