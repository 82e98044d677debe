"""What a person types is read or refused in words, what a question loses is told by the day, and who holds a
right is one table."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews import fields, grants
from reviews.kinds import Deadline
from reviews.urgency import Loss, loss_of

DAY = date(2026, 11, 20)

# --- fields -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1190.00", "1190.00"),
        (" 1,190.00 ", "1190.00"),
        ("1,234,567.89", "1234567.89"),
        ("-5", "-5"),
        ("−5.00", "-5.00"),
        ("0", "0"),
        ("1e3", "1000"),
        ("", None),
        ("  ", None),
        ("-", None),
        ("1.190,00.5", None),
        ("EUR 5", None),
        ("NaN", None),
        ("Infinity", None),
        ("-inf", None),
        ("1e18", None),
        ("1e17", "100000000000000000"),
        ("1e-18", "0.000000000000000001"),
        ("1e-19", None),
        ("1" * 18, "1" * 18),
        ("1" * 19, None),
        ("0" * 101, None),
        ("1e999999999", None),
    ],
)
def test_an_amount_is_read_as_it_is_written_or_not_at_all(written: str, amount: str | None) -> None:
    assert fields.amount(written) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize("written", ["5,00", "1190,00", "1.190,00", "12,34,567", ",5"])
def test_a_comma_that_parts_no_thousands_is_no_amount(written: str) -> None:
    assert fields.amount(written) is None


@given(st.decimals("-999999999999", "999999999999", places=2))
def test_an_amount_with_commas_is_the_amount(value: Decimal) -> None:
    for written in (f"{value:,.2f}", f"{value:f}", f" {value:,.2f}\t", f"{value:,.2f}".replace("-", "−")):
        assert fields.amount(written) == value


@given(st.text(max_size=120))
def test_whatever_is_typed_as_an_amount_is_finite_or_none(written: str) -> None:
    found = fields.amount(written)
    assert found is None or (found.is_finite() and abs(found) < 10**18)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7", 7),
        ("007", 7),
        ("12345678", 12345678),
        ("123456789", -1),
        ("", -1),
        ("-7", -1),
        ("+7", -1),
        (" 7", -1),
        ("7.0", -1),
        ("1_0", -1),
        ("٧", -1),
        ("²", -1),
    ],
)
def test_a_whole_number_is_a_few_plain_digits(text: str, found: int) -> None:
    assert fields.whole(text, -1) == found


def test_words_may_be_so_long_and_nothing_is_cut_off_unsaid() -> None:
    with pytest.raises(fields.TooLong, match="The reason may have 4,000 characters; this has 4,001"):
        fields.within("x" * 4001, fields.MOST_WORDS, "The reason")


@pytest.mark.parametrize(
    ("found", "meant"),
    [
        (datetime(1900, 1, 1, tzinfo=UTC), True),
        (datetime(1899, 12, 31, 23, 59, tzinfo=UTC), False),
        (datetime(2199, 12, 31, tzinfo=UTC), True),
        (datetime(2200, 1, 1, tzinfo=UTC), False),
        (datetime(1900, 1, 1, tzinfo=timezone(timedelta(hours=1))), False),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), False),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))), False),
    ],
)
def test_a_moment_is_one_that_somebody_may_mean(found: datetime, meant: bool) -> None:
    assert fields.moment(found) == (found if meant else None)


def test_a_moment_without_a_zone_is_none() -> None:
    with pytest.raises(ValueError, match="2026"):
        fields.moment(datetime(2026, 1, 1))


# --- what is lost when --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "due today"),
        (1, "due tomorrow"),
        (2, "due Sun 22 Nov"),
        (5, "due Wed 25 Nov"),
        (12, "due Wed 2 Dec"),
        (-1, "overdue 1 d · due 19 Nov"),
        (-20, "overdue 20 d · due 31 Oct"),
        (-300, "overdue 300 d · due 24 Jan"),
        (-301, "overdue 301 d · due 23 Jan 2026"),
        (-400, "overdue 400 d · due 16 Oct 2025"),
    ],
)
def test_a_loss_is_told_by_its_day_and_with_the_year_once_that_is_far(days: int, words: str) -> None:
    loss = Loss(DAY + timedelta(days=days), days, "due")
    assert loss.words == words
    assert loss.is_overdue is words.startswith("overdue")


def deadline(*path: str, ahead: int = 5, stays: bool = True, words: str = "due", **more: Any) -> Deadline:
    return Deadline(path=path or ("due",), ahead=timedelta(days=ahead), stays=stays, words=words, **more)


def lost(case: dict[str, Any], *deadlines: Deadline) -> tuple[str, int] | None:
    found = loss_of(deadlines or (deadline(),), case, DAY)
    return None if found is None else (found.what, found.days)


def on(days: int) -> str:
    return (DAY + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("days", "stays", "found"),
    [
        (0, True, ("due", 0)),
        (5, True, ("due", 5)),
        (6, True, None),
        (-1, True, ("due", -1)),
        (-900, True, ("due", -900)),
        (0, False, ("due", 0)),
        (5, False, ("due", 5)),
        (-1, False, None),
    ],
)
def test_a_day_counts_from_so_many_days_before_and_afterwards_only_if_it_stays(
    days: int, stays: bool, found: tuple[str, int] | None
) -> None:
    assert lost({"due": on(days)}, deadline(stays=stays)) == found


@pytest.mark.parametrize(
    "case", [{}, {"due": None}, {"due": ""}, {"due": "soon"}, {"due": "2026-02-30"}, {"other": "2026-11-20"}]
)
def test_a_case_without_a_day_loses_nothing(case: dict[str, Any]) -> None:
    assert lost(case) is None


def test_a_day_may_stand_deeper_in_a_case_or_nowhere() -> None:
    deep = deadline("offer", "until")
    assert lost({"offer": {"until": on(1)}}, deep) == ("due", 1)
    assert lost({"offer": None}, deep) is None
    assert lost({"offer": {}}, deep) is None


def test_a_day_does_not_count_where_the_case_says_so() -> None:
    one = deadline(unless=("state", "paid"))
    assert lost({"due": on(1), "state": "paid"}, one) is None
    assert lost({"due": on(1), "state": "held"}, one) == ("due", 1)
    assert lost({"due": on(1)}, one) == ("due", 1)


@given(st.lists(st.integers(-30, 30), min_size=1, max_size=4), st.randoms())
def test_of_several_days_the_first_that_counts_is_the_loss_in_any_order(days: list[int], chance: Any) -> None:
    deadlines = [deadline(str(n)) for n in range(len(days))]
    case = {str(n): on(d) for n, d in enumerate(days)}
    counted = [d for d in days if d <= 5]
    expected = ("due", min(counted)) if counted else None
    assert lost(case, *deadlines) == expected
    chance.shuffle(deadlines)
    assert lost(case, *deadlines) == expected


# --- rights -------------------------------------------------------------------------------------------------


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> dict[grants.Right, grants.Holders]:
    """A table of rights of its own."""
    found: dict[grants.Right, grants.Holders] = {}
    monkeypatch.setattr(grants, "TABLE", found)
    return found


@pytest.mark.usefixtures("table")
def test_a_right_is_held_by_its_groups_and_by_people_of_its_departments() -> None:
    right = grants.register("pay", "pay", roles="manager", departments="finance")
    assert grants.holds(right, ["manager"])
    assert grants.holds(right, ["specialist"], lambda: "finance")
    assert not grants.holds(right, ["specialist"], lambda: "procurement")
    assert not grants.holds(right, ["specialist"])
    assert not grants.holds(right, ["auditor"], lambda: "finance")
    assert not grants.holds(right, ["admin"], lambda: "finance")
    assert not grants.holds(right, [])


@pytest.mark.usefixtures("table")
def test_a_department_is_asked_for_only_where_it_matters() -> None:
    def asked() -> str:
        raise AssertionError("nobody needed to know")

    right = grants.register("pay", "pay", roles="manager", departments="finance")
    plain = grants.register("see", "see", roles="auditor")
    assert grants.holds(right, ["manager", "specialist"], asked)
    assert not grants.holds(right, ["auditor"], asked)
    assert not grants.holds(plain, ["specialist"], asked)


@pytest.mark.usefixtures("table")
def test_a_right_that_is_not_in_the_table_is_nobodys() -> None:
    right = grants.Right("fly", "fly")
    assert not grants.holds(right, list(grants.ROLES), lambda: "finance")
    assert grants.holders(right).words == "nobody"


def test_a_right_is_registered_once_and_for_groups_that_exist(
    table: dict[grants.Right, grants.Holders],
) -> None:
    grants.register("pay", "pay")
    with pytest.raises(grants.RegisteredTwice, match="'pay'"):
        grants.register("pay", "pay otherwise", roles="manager")
    with pytest.raises(ValueError, match="no group 'boss'"):
        grants.register("rule", "rule", roles="manager boss")
    assert [r.name for r in table] == ["pay"]


@pytest.mark.parametrize(
    ("roles", "departments", "words"),
    [
        ("", "", "nobody"),
        ("manager", "", "managers"),
        ("manager specialist", "", "specialists and managers"),
        ("admin auditor manager specialist", "", "specialists, managers, auditors and administrators"),
        ("manager", "finance", "managers and people of finance"),
        (
            "manager auditor",
            "procurement finance",
            "managers, auditors and people of finance and procurement",
        ),
    ],
)
def test_holders_are_told_in_a_sentence_in_the_order_of_their_groups(
    roles: str, departments: str, words: str
) -> None:
    who = grants.Holders(frozenset(roles.split()), frozenset(departments.split()))
    assert who.words == words


@pytest.mark.parametrize(
    ("words", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_words_stand_in_a_row_as_in_a_sentence(words: list[str], text: str) -> None:
    assert grants.in_a_row(words) == text


@pytest.mark.parametrize("right", list(grants.TABLE), ids=lambda r: r.name)
def test_more_groups_never_take_a_right_away(right: grants.Right) -> None:
    for group in grants.ROLES:
        if grants.holds(right, [group], lambda: "finance"):
            for other in grants.ROLES:
                assert grants.holds(right, [group, other], lambda: "finance")
    assert grants.is_everybodys(right) is all(grants.holds(right, [g]) for g in grants.ROLES)


@pytest.mark.parametrize("right", [r for r in grants.TABLE if r.changes], ids=lambda r: r.name)
def test_an_auditor_changes_no_decision_no_agent_and_no_money(right: grants.Right) -> None:
    assert not grants.holds(right, ["auditor"], lambda: "finance")
