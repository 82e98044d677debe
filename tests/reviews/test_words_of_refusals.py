"""What the review queue refuses with: who, what and when, and a name for every actor."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User

from reviews import channel, errors, names, queues, selectors
from reviews.cases import _worded, grouped
from reviews.errors import LostRace
from reviews.grants import RegisteredTwice
from reviews.kinds import ReasonCode
from reviews.models import Escalation
from reviews.queues import Queue
from tests.cast import Cast

AT = datetime(2026, 11, 20, 14, 3, 7, 999_999, UTC)


# --- the second answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "kept", "words"),
    [
        ("approve", False, "Alice approved this at 14:03:07 UTC."),
        ("reject", False, "Alice rejected this at 14:03:07 UTC."),
        ("override", False, "Alice overrode this at 14:03:07 UTC."),
        ("approve", True, "Alice approved this at 14:03:07 UTC. Your text is kept."),
        ("sign", False, "Alice answered “sign” at 14:03:07 UTC."),  # a verdict of a kind of its own
        ("withdrawn", False, errors.ENDED["withdrawn"]),
        ("superseded", True, f"{errors.ENDED['superseded']} Your text is kept."),
        ("expired", False, "The time for an answer is over."),
    ],
)
def test_who_comes_second_hears_who_was_first_and_when(verdict: str, kept: bool, words: str) -> None:
    assert LostRace(verdict, "Alice", AT, kept=kept).message == words


def test_without_a_moment_none_is_said() -> None:
    assert LostRace("approve", "Alice", None).message == "Alice approved this."


@pytest.mark.parametrize(
    ("error", "status", "exit_code"),
    [
        (errors.NoSuchQuestion, 404, 2),
        (errors.Refused, 422, 4),
        (errors.NotAllowed, 403, 4),
        (errors.Stale, 409, 5),
        (errors.Unseen, 409, 5),
        (errors.Claimed, 409, 5),
    ],
)
def test_a_refusal_has_words_of_its_own_a_status_and_an_exit_code(
    error: type[errors.ReviewError], status: int, exit_code: int
) -> None:
    found = error()
    assert (found.status, found.exit_code) == (status, exit_code)
    assert found.message.endswith(".")
    assert "\n" not in found.message
    assert error("Said otherwise.").message == "Said otherwise."


# --- who ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        ("", "Someone"),
        ("system:intake", "system:intake"),
        ("agent:finance.payment/3", "agent:finance.payment/3"),
        ("human:", "human:"),
        ("human:alice", "human:alice"),
        ("human:-1", "human:-1"),
        ("human:²", "human:²"),  # a digit that is no number
        ("human", "human"),
    ],
)
def test_whoever_is_no_account_is_named_as_they_are_written(actor: str, name: str) -> None:
    """Without asking the database."""
    assert names.display(actor) == name


@pytest.mark.django_db
def test_a_person_is_named_in_full_else_as_they_sign_in_else_by_their_key(people: Cast) -> None:
    plain = User.objects.create_user("zoé")
    assert names.display(names.person(people.alice)) == "Alice"
    assert names.display(names.person(plain)) == "zoé"
    assert names.display("human:999999") == "human:999999"


@pytest.mark.django_db
def test_names_of_many_actors_are_those_of_each(people: Cast) -> None:
    asked = ["", f"human:{people.alice.pk}", "human:999999", "human:²", "agent:finance.payment/3", "system:"]
    found = selectors.people(asked)
    assert {actor: (p.name, p.kind) for actor, p in found.items()} == {
        f"human:{people.alice.pk}": ("Alice", "human"),
        "human:999999": ("999999", "human"),
        "human:²": ("²", "human"),
        "agent:finance.payment/3": ("finance.payment", "agent"),
        "system:": ("system:", "system"),
    }


@pytest.mark.django_db
def test_names_of_nobody_need_no_look(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert selectors.people(["", "system:intake", "agent:finance.payment/3"]).keys() == {
            "system:intake",
            "agent:finance.payment/3",
        }


# --- queues -------------------------------------------------------------------------------------------------


@pytest.fixture
def no_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "QUEUES", {})


@pytest.mark.usefixtures("no_queues")
def test_queues_stand_in_the_order_in_which_they_were_registered() -> None:
    queues.register(Queue("b", "Second letter"), Queue("a", "First letter"))
    queues.register(Queue("c", "Kept back", reserved=True))
    assert queues.titles() == [("b", "Second letter"), ("a", "First letter"), ("c", "Kept back")]
    assert [queues.is_reserved(key) for key in "abcd"] == [False, False, True, False]


@pytest.mark.usefixtures("no_queues")
def test_a_queue_is_registered_once() -> None:
    queues.register(Queue("a", "Letters"))
    with pytest.raises(RegisteredTwice, match="'a' is registered already"):
        queues.register(Queue("a", "Other letters", reserved=True))
    assert not queues.is_reserved("a")


# --- by which door ------------------------------------------------------------------------------------------


def test_a_command_says_who_ran_it_and_a_page_does_not() -> None:
    assert channel.door(channel.PAGE) == {"via": "page"}
    told = channel.door(channel.COMMAND)
    assert told["via"] == "command"
    assert told["operator"] == channel.operator()
    assert set(channel.operator()) == {"user", "uid"}


@pytest.mark.parametrize("pwd", [None, SimpleNamespace(getpwuid={}.__getitem__)])
def test_a_user_whom_the_system_does_not_know_is_told_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, pwd: Any
) -> None:
    monkeypatch.setattr(channel, "pwd", pwd)
    monkeypatch.setenv("USER", "clerk")
    assert channel.operator()["user"] == "clerk"
    monkeypatch.delenv("USER")
    assert channel.operator()["user"] == ""


# --- reasons in words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "tax differs"),
        ([""], "tax differs"),
        (["3"], "tax differs, line 3"),
        (["3", "1"], "tax differs, lines 3, 1"),  # in the order of the question
        (["3", "3"], "tax differs, line 3"),
        (["", "2"], "tax differs, line 2"),
    ],
)
def test_a_reason_on_several_lines_is_said_once_with_its_lines(lines: list[str], words: str) -> None:
    assert _worded("tax differs", lines) == words


def test_reasons_are_parted_by_whose_they_are_and_until_when_they_wait() -> None:
    until = "2026-11-25T00:00:00+00:00"
    reasons = [
        {"words": "price over", "line": "1"},
        {"words": "tax differs", "department": "finance"},
        {"words": "price over", "line": "2", "department": "procurement"},
        {"words": "no receipt", "line": "1", "department": "operations", "until": until},
        {"words": "no receipt", "line": "2", "department": "operations"},
    ]
    found = grouped(Escalation(queue="procurement"), reasons)
    assert [(s.department, list(s.words), s.waits) for s in found] == [
        ("procurement", ["price over, lines 1, 2"], None),
        ("finance", ["tax differs"], None),
        ("operations", ["no receipt, line 1"], datetime(2026, 11, 25, tzinfo=UTC)),
        ("operations", ["no receipt, line 2"], None),
    ]


@pytest.mark.parametrize(
    ("reasons", "chips"),
    [
        ([], []),
        ([{"code": "a", "excess": "+8"}, {"code": "a", "excess": "+8"}], [("a", "+8")]),
        ([{"code": "a", "excess": "+8"}, {"code": "a", "excess": "+9"}], [("a", "+8"), ("a", "+9")]),
        ([{"code": "b"}, {"code": "a"}, {"code": "b"}], [("b", None), ("a", None)]),  # the first place counts
    ],
)
def test_one_reason_of_one_size_is_one_chip(reasons: list[dict[str, Any]], chips: list[Any]) -> None:
    assert [(r["code"], r.get("excess")) for r in selectors.distinct(reasons)] == chips


@pytest.mark.parametrize(
    ("status", "verdict", "ended"),
    [
        ("approved", "approve", "approved"),
        ("approved", "override", "overridden"),
        ("rejected", "reject", "rejected"),
        ("withdrawn", "", "withdrawn"),
        ("open", "override", "open"),  # the first of two signatures ends nothing
    ],
)
def test_an_override_is_told_apart_from_an_approval(status: str, verdict: str, ended: str) -> None:
    assert selectors.ended(status, verdict) == ended


# --- reason codes -------------------------------------------------------------------------------------------

TRUE_OF_PRICES = ReasonCode("agreed", "Price was agreed", frozenset({"price_over", "price_under"}))
HARD = {"code": "bank_mismatch", "hard": True}
SOFT = {"code": "price_over"}
OTHER = {"code": "tax_mismatch"}


@pytest.mark.parametrize(
    ("verdict", "causes", "fits"),
    [
        ("approve", [], True),  # a question without reasons is offered all of them
        ("approve", [SOFT], True),
        ("approve", [OTHER], False),
        ("approve", [SOFT, OTHER], True),  # what is no hard stop may stay unsaid
        ("approve", [SOFT, HARD], False),  # a hard stop may not
        ("override", [SOFT, HARD], False),
        ("reject", [SOFT, HARD], True),  # one reason is enough not to go on
        ("reject", [OTHER, HARD], False),
    ],
)
def test_to_go_on_no_hard_stop_is_left_unsaid(verdict: str, causes: list[Any], fits: bool) -> None:
    assert TRUE_OF_PRICES.fits(verdict, causes) is fits


def test_a_code_that_is_true_of_everything_always_fits() -> None:
    always = ReasonCode("other", "Other")
    assert always.fits("approve", [HARD])
    assert always.is_true_of({"code": "anything"})


@pytest.mark.parametrize(
    ("code", "rule", "true"),
    [
        (ReasonCode("a", "A", rule="near"), "near", True),
        (ReasonCode("a", "A", rule="near"), "exact", False),
        (ReasonCode("a", "A", rule="near"), None, False),
        (ReasonCode("a", "A", unless_rule="near"), "near", False),
        (ReasonCode("a", "A", unless_rule="near"), "exact", True),
        (ReasonCode("a", "A", unless_rule="near"), None, True),
        (ReasonCode("a", "A", frozenset({"other"}), rule="near"), "near", False),  # the cause comes first
    ],
)
def test_of_two_codes_for_one_cause_the_rule_chooses(code: ReasonCode, rule: str | None, true: bool) -> None:
    cause = {"code": "duplicate_suspect"} | ({"rule": rule} if rule else {})
    assert code.is_true_of(cause) is true
