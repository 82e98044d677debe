"""What stands in an address or a form is read, gives way to what is usual, or is refused in words; lists are
read a page at a time; and options of commands are days, amounts and shares."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import orjson
import pytest
from django.core.management.base import CommandError, CommandParser
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import CountersignError
from coordination.management.base import (
    Misused,
    Report,
    ReportingCommand,
    Unreachable,
    Unusable,
    day,
    dumps,
)
from coordination.management.commands.payments import amount_argument
from coordination.management.commands.world import Command as WorldCommand
from coordination.selectors.paging import PER_PAGE, Lines, ListPaginator, UncountedPaginator
from coordination.views.filter_forms import FlowForm, InvoiceFilterForm
from coordination.views.form_fields import (
    AmountField,
    CutField,
    DayField,
    NoSuchDay,
    OneOfField,
    PageForm,
    ReadField,
    SentField,
    SizeField,
    WholeField,
    WordsField,
)
from reviews.fields import TooLong


class NoAmount(CountersignError):
    """This is no amount."""


class NotSent(CountersignError):
    """Something has to be sent."""


def _even(text: str) -> int:
    if text and len(text) % 2:
        raise NoAmount
    return len(text)


class EveryField(PageForm):
    """One field of each kind."""

    cut = CutField(5, otherwise="none")
    words = WordsField(10, "The reason")
    sent = SentField(NotSent)
    whole = WholeField(1, digits=3)
    size = SizeField()
    one = OneOfField({"week": 7, "month": 30}, 30)
    day = DayField(required=False)
    amount = AmountField(NoAmount, Decimal(5))
    read = ReadField(_even, cut=4)


def cleaned(**data: str) -> dict[str, Any]:
    return dict(EveryField.accept({"sent": "", **data}).cleaned_data)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("cut", "abcdefgh", "abcde"),
        ("cut", "  ab  ", "ab"),
        ("cut", "", ""),
        ("words", " ten signs.  "[:11], "ten signs."),
        ("words", "", ""),
        ("sent", " as it is ", " as it is "),
        ("whole", "42", 42),
        ("whole", "0042", 1),
        ("whole", "-1", 1),
        ("whole", " 7", 1),
        ("whole", "seven", 1),
        ("whole", "0", 0),
        ("size", "", None),
        ("size", "12", 12),
        ("size", "twelve", -1),
        ("size", "9" * 16, -1),
        ("one", "week", 7),
        ("one", "Week", 30),
        ("one", "year", 30),
        ("one", "", 30),
        ("day", "2026-02-28", date(2026, 2, 28)),
        ("day", "", None),
        ("amount", "1,190.00", Decimal("1190.00")),
        ("amount", "  ", Decimal(5)),
        ("amount", "0", Decimal(0)),
        ("read", "abcd", 4),
        ("read", "abcdefghi", 4),
        ("read", "", 0),
    ],
)
def test_what_is_typed_into_a_field_is_read(field: str, value: str, expected: Any) -> None:
    found = cleaned(**{field: value})[field]
    assert (found, type(found)) == (expected, type(expected))


def test_what_was_not_sent_is_what_is_usual() -> None:
    assert cleaned() == {
        "cut": "none",
        "words": "",
        "sent": "",
        "whole": 1,
        "size": None,
        "one": 30,
        "day": None,
        "amount": Decimal(5),
        "read": 0,
    }


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"sent": "", "words": "eleven sign"}, TooLong),
        ({}, NotSent),
        ({"sent": "", "day": "2026-02-30"}, NoSuchDay),
        ({"sent": "", "day": "28.02.2026"}, NoSuchDay),
        ({"sent": "", "amount": "five"}, NoAmount),
        ({"sent": "", "amount": "NaN"}, NoAmount),
        ({"sent": "", "amount": "0" * 101}, NoAmount),
        ({"sent": "", "read": "abc"}, NoAmount),
    ],
)
def test_a_field_that_cannot_be_read_refuses_in_its_own_words(
    data: dict[str, str], error: type[CountersignError]
) -> None:
    with pytest.raises(error):
        EveryField.accept(data)


def test_what_was_typed_is_shown_again_where_another_field_refused() -> None:
    form = EveryField({"sent": "kept", "amount": "five", "words": "because"})
    with pytest.raises(NoAmount):
        form.check_fields()
    assert (form.typed["sent"], form.typed["amount"], form.typed["words"]) == ("kept", "five", "because")
    assert form.cleaned_data["sent"] == "kept"
    assert "amount" not in form.cleaned_data


ADDRESS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=150)


@given(ADDRESS, ADDRESS, ADDRESS, ADDRESS)
def test_whatever_an_address_says_a_list_is_shown(q: str, state: str, lane: str, page: str) -> None:
    found = InvoiceFilterForm.accept({"q": q, "state": state, "lane": lane, "page": page}).cleaned_data
    assert found["q"] == q.strip()[:100]
    assert (found["state"], found["lane"]) == (state[:40], lane[:40])
    assert 0 <= found["page"] < 100_000


@pytest.mark.parametrize(("days", "period"), [("7", 7), ("", 30), ("0", 30), ("-7", 30), ("7.0", 30)])
def test_a_period_is_one_of_those_there_are(days: str, period: int | None) -> None:
    assert FlowForm.accept({"days": days}).cleaned_data["days"] == period


# --- paging -------------------------------------------------------------------------------------------------


def lines(count: int, reads: list[tuple[int, int]] | None = None, *, counted: bool = True) -> Lines[int]:
    """Lines 0, 1, 2 and so on; what is read of them is noted."""

    def read(start: int, many: int) -> range:
        if reads is not None:
            reads.append((start, many))
        return range(count)[start : start + many]

    return Lines(read, (lambda: count) if counted else None)


@given(st.integers(0, 400), st.integers(1, 12))
def test_a_page_shows_fifty_lines_and_says_whether_more_follow(count: int, number: int) -> None:
    wanted = list(range(count))[(number - 1) * PER_PAGE : number * PER_PAGE]
    for paginator in (ListPaginator(lines(count)), UncountedPaginator(lines(count, counted=False))):
        page = paginator.page(number)
        assert list(page) == wanted
        assert page.has_previous() is (number > 1)
        if wanted:
            assert page.has_next() is (count > number * PER_PAGE)
            assert (page.start_index(), page.end_index()) == (wanted[0] + 1, wanted[-1] + 1)


@given(st.integers(0, 300))
def test_pages_together_are_the_list_with_nothing_twice(count: int) -> None:
    paginator, found, number = UncountedPaginator(lines(count, counted=False)), [], 1
    while True:
        page = paginator.page(number)
        found += list(page)
        if not page.has_next():
            break
        number += 1
    assert found == list(range(count))
    assert number == max(1, -(-count // PER_PAGE))


def test_a_list_that_is_not_counted_is_read_one_line_beyond_its_page() -> None:
    reads: list[tuple[int, int]] = []
    UncountedPaginator(lines(500, reads, counted=False)).page(3)
    assert reads == [(2 * PER_PAGE, PER_PAGE + 1)]


def test_a_page_beyond_the_last_is_empty_and_none_before_the_first() -> None:
    paginator = UncountedPaginator(lines(10, counted=False))
    beyond = paginator.page(9)
    assert (list(beyond), beyond.has_next(), beyond.start_index(), beyond.end_index()) == ([], False, 0, 0)
    assert list(paginator.page(0)) == list(paginator.page(-5)) == list(range(10))
    assert list(ListPaginator(lines(10)).page(9)) == []


def test_lines_that_are_not_counted_have_no_length() -> None:
    with pytest.raises(TypeError, match="not counted"):
        len(lines(3, counted=False))
    assert (len(lines(3)), list(lines(3)), lines(3)[2:2]) == (3, [0, 1, 2], [])


# --- options of commands ------------------------------------------------------------------------------------


@given(st.dates())
def test_a_day_is_read_as_it_stands_in_the_calendar(on: date) -> None:
    assert day(on.isoformat()) == on


@pytest.mark.parametrize("text", ["2026-02-30", "28.02.2026", "today", "", "2026-2-3", "2026-02-28T10:00"])
def test_what_is_no_day_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is no day; write it like 2026-03-02"):
        day(text)


@pytest.mark.parametrize(
    ("text", "amount"), [("1190.00", "1190.00"), ("1190", "1190"), ("0.5", "0.5"), ("5.000", "5")]
)
def test_an_amount_of_a_command_has_two_decimals_at_most(text: str, amount: str) -> None:
    assert amount_argument(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["1190.001", "1,190.00", "EUR 5", "", "NaN", "Infinity", "1e99"])
def test_what_is_no_amount_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=r"is no amount: write it like 1190\.00"):
        amount_argument(text)


def world_options(*arguments: str) -> dict[str, Any]:
    parser = WorldCommand(stderr=StringIO()).create_parser("manage.py", "world")
    return vars(parser.parse_args(["--out", "x", *arguments]))


def test_options_of_a_world_are_read_with_their_kinds() -> None:
    found = world_options("--defect-share", "0.5", "--formats", "csv,ubl,csv", "--today", "2026-03-02")
    assert (found["defect_share"], found["formats"], found["today"]) == (
        0.5,
        ("csv", "ubl"),
        date(2026, 3, 2),
    )
    assert world_options()["n"] == 200


@pytest.mark.parametrize(
    "arguments",
    [
        ("--defect-share", "1.01"),
        ("--defect-share", "-0.1"),
        ("--defect-share", "nan"),
        ("--defect-share", "half"),
        ("--formats", "pdf"),
        ("--formats", ""),
        ("--today", "tomorrow"),
        ("--n", "many"),
    ],
)
def test_options_that_a_world_cannot_use_are_refused_by_their_name(arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match=arguments[0]):
        world_options(*arguments)


class Counting(ReportingCommand):
    """A command that needs no database."""

    prepares_database = False

    def __init__(self, outcome: Report | Exception) -> None:
        super().__init__(stdout=StringIO(), stderr=StringIO())
        self.outcome = outcome

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=day)

    def report(self, _: dict[str, Any]) -> Report:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def said(outcome: Report | Exception, *, json: bool = False) -> tuple[str, str, int]:
    """What a command prints, what it complains of, and how it ends."""
    command, code = Counting(outcome), 0
    try:
        command.handle(json=json)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return command.stdout.getvalue(), command.stderr.getvalue(), code  # type: ignore[attr-defined]


def test_a_report_is_text_for_people_and_one_object_for_programs() -> None:
    found = Report({"sum": Decimal("1.50"), "codes": {"b", "a"}, "on": date(2026, 3, 2)}, ["all well"])
    assert said(found) == ("all well\n", "", 0)
    out, complaint, code = said(found, json=True)
    assert orjson.loads(out) == {"sum": "1.50", "codes": ["a", "b"], "on": "2026-03-02"}
    assert (complaint, code, out.count("\n")) == ("", 0, 1)


def test_a_report_without_words_tells_its_data() -> None:
    assert said(Report({"held": 3, "cleared": 4})) == ("held: 3\ncleared: 4\n", "", 0)


@pytest.mark.parametrize("code", [0, 1, 3])
def test_a_report_ends_with_its_exit_code(code: int) -> None:
    assert said(Report({"a": 1}, exit_code=code))[2] == code


@pytest.mark.parametrize(
    ("error", "words", "code"),
    [
        (Misused("No such thing."), "No such thing.", 2),
        (Unusable("Not readable."), "Not readable.", 2),
        (Unreachable("Not there."), "Not there.", 1),
        (FileNotFoundError(2, "No such file or directory", "/x"), "/x: No such file or directory.", 2),
    ],
)
def test_what_goes_wrong_is_one_line_and_one_object(error: Exception, words: str, code: int) -> None:
    assert said(error) == ("", f"{words}\n", code)
    out, complaint, ended = said(error, json=True)
    assert (orjson.loads(out), complaint, ended) == ({"error": words}, f"{words}\n", code)


def test_an_amount_is_never_a_binary_fraction_and_what_has_no_form_is_refused() -> None:
    assert dumps({"a": Decimal("0.10")}) == '{"a":"0.10"}'
    with pytest.raises(TypeError, match="not JSON serializable"):
        dumps(object())
