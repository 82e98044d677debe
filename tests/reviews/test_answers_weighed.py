"""An answer is weighed from every side, in the order in which a person would want to hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils import timezone

from coordination import rights
from reviews import exposure, fields, kinds, weighing
from reviews.cases import CaseView, Signed
from reviews.channel import COMMAND, PAGE
from reviews.errors import LostRace, NotAllowed, Refused, Stale, Unseen
from reviews.kinds import KINDS, Kind, ReasonCode
from reviews.models import Escalation
from reviews.selectors import Clock, Person
from reviews.weighing import NOTHING, Answer, Seen
from tests.cast import Cast

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HASH = "a" * 64
WARM = {"hold": "h-1", "code": "warm", "department": "procurement"}
DUSTY = {"hold": "h-2", "code": "dusty", "department": "procurement"}
CORKED = {"hold": "h-3", "code": "corked", "department": "finance"}


@pytest.fixture
def wine() -> Iterator[Kind]:
    """A kind of another trade, gone after the test."""
    before = dict(KINDS)
    kind = Kind(
        name="wine",
        words="wine",
        answers=rights.DECIDE,
        carry_out=lambda *_: None,
        reasons={
            "approve": (
                ReasonCode("tasted", "Tasted"),
                ReasonCode("cold", "Cold enough", frozenset({"warm"})),
                ReasonCode("other", "Other"),
            ),
            "reject": (ReasonCode("bad", "Bad"),),
            "override": (ReasonCode("guest", "The guest likes it"),),
        },
        verbs={"override": "Pour it anyway"},
        without_reason=frozenset({"approve"}),
    )
    kinds.register(kind)
    yield kind
    KINDS.clear()
    KINDS.update(before)


def question(*reasons: dict[str, Any], **changes: Any) -> Escalation:
    plain: dict[str, Any] = {
        "subject": "bottle/7",
        "kind": "wine",
        "queue": "procurement",
        "reasons": list(reasons),
        "options": ["approve", "reject", "override"],
        "payload_hash": HASH,
        "version": 3,
        "status": "open",
        "makers": [],
    }
    return Escalation(**plain | changes)


def given(
    verdict: str = "approve",
    reason: str = "tasted",
    comment: str = "",
    overrides: tuple[str, ...] = (),
    seen: Seen = NOTHING,
    via: str = COMMAND,
) -> Answer:
    return Answer(verdict, reason, comment, overrides, seen, "", via)


def covered(row: Escalation, answer: Answer, by: User) -> list[str]:
    return [c["code"] for c in weighing.weigh(row, answer, by).covers]


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wine")]


# --- what is said first -------------------------------------------------------------------------------------


def test_each_thing_in_the_way_is_said_before_those_that_matter_less(people: Cast) -> None:
    """An answer of which everything is wrong, put right one thing after the other."""
    row = question(WARM, status="approved", verdict="approve", decided_by="system:x", decided_at=AT)
    page = Seen(version=2, payload_hash="b" * 64, shown="forged")
    answer = given("dance", "why", overrides=("dusty",), seen=page, via=PAGE)
    with pytest.raises(LostRace, match="system:x approved this at 12:00:00 UTC"):
        weighing.weigh(row, answer, people.bob)
    row = question(WARM)
    with pytest.raises(Stale):
        weighing.weigh(row, answer, people.bob)
    answer = replace(answer, seen=Seen(version=3, payload_hash=HASH, shown="forged"))
    with pytest.raises(NotAllowed, match="one for procurement"):
        weighing.weigh(row, answer, people.bob)
    with pytest.raises(Unseen):
        weighing.weigh(row, answer, people.alice)
    answer = replace(answer, seen=replace(answer.seen, shown=exposure.stamp(row, people.alice)))
    with pytest.raises(
        Refused, match="dusty is not a reason of this case that you answer; name one of: warm"
    ):
        weighing.weigh(row, answer, people.alice)
    answer = replace(answer, overrides=())
    with pytest.raises(Refused, match="Choose one of: approve, reject, override"):
        weighing.weigh(row, answer, people.alice)
    answer = replace(answer, verdict="override")
    with pytest.raises(Refused, match="Choose a reason code: The guest likes it"):
        weighing.weigh(row, answer, people.alice)
    answer = replace(answer, reason="guest")
    with pytest.raises(Refused, match="Say in your own words why you pour it anyway"):
        weighing.weigh(row, answer, people.alice)
    answer = replace(answer, comment="She asked for it.")
    assert covered(row, answer, people.alice) == ["warm"]


# --- what had been seen -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seen",
    [Seen(version=2), Seen(version=4), Seen(payload_hash="b" * 64), Seen(version=3, payload_hash="b" * 64)],
)
def test_an_answer_to_something_else_than_this_is_stale(people: Cast, seen: Seen) -> None:
    with pytest.raises(Stale):
        weighing.weigh(question(), given(seen=seen), people.alice)


@pytest.mark.parametrize("seen", [NOTHING, Seen(version=3), Seen(payload_hash=HASH), Seen(3, HASH)])
def test_a_command_says_as_much_of_what_was_seen_as_it_wants(people: Cast, seen: Seen) -> None:
    assert weighing.weigh(question(), given(seen=seen), people.alice).shown_at is None


@pytest.mark.parametrize("lacks", ["version", "payload_hash", "shown"])
def test_a_page_says_all_of_it(people: Cast, lacks: str) -> None:
    row = question()
    whole = Seen(3, HASH, exposure.stamp(row, people.alice))
    assert weighing.weigh(row, given(seen=whole, via=PAGE), people.alice).shown_at is not None
    less = replace(whole, **{lacks: None if lacks == "version" else ""})
    with pytest.raises(Unseen):
        weighing.weigh(row, given(seen=less, via=PAGE), people.alice)


# --- what it covers -----------------------------------------------------------------------------------------


def test_an_approval_covers_what_is_ones_own_and_a_rejection_the_whole(people: Cast) -> None:
    row = question(WARM, CORKED, DUSTY)
    assert covered(row, given(), people.alice) == ["warm", "dusty"]
    assert covered(row, given("reject", "bad", "Sour."), people.alice) == ["warm", "corked", "dusty"]
    assert covered(row, given(), people.carol) == ["warm", "corked", "dusty"]


@pytest.mark.parametrize(
    ("names", "codes"),
    [(("dusty",), ["dusty"]), (("dusty", "warm"), ["warm", "dusty"]), ((), ["warm", "dusty"])],
)
def test_an_override_covers_what_it_names_in_the_order_of_the_question(
    people: Cast, names: tuple[str, ...], codes: list[str]
) -> None:
    row = question(WARM, CORKED, DUSTY)
    answer = given("override", "guest", "She asked for it.", overrides=names)
    assert covered(row, answer, people.alice) == codes


def test_what_belongs_to_another_department_cannot_be_named(people: Cast) -> None:
    answer = given("override", "guest", "She asked for it.", overrides=("warm", "corked"))
    with pytest.raises(
        Refused, match="corked is not a reason of this case that you answer; name one of: warm"
    ):
        weighing.weigh(question(WARM, CORKED), answer, people.alice)
    assert covered(question(WARM, CORKED), answer, people.carol) == ["warm", "corked"]


# --- is it complete -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "reason", "comment", "says"),
    [
        ("approve", "tasted", "", ""),
        ("approve", "cold", "", "Choose a reason code: tasted, other"),  # true of no cause here
        ("approve", "bad", "", "Choose a reason code"),  # one of another verdict
        ("approve", "other", "", "Say in your own words why you approve"),
        ("approve", "other", "I know it.", ""),
        ("reject", "bad", "", "Say in your own words why you reject"),
        ("reject", "bad", "Sour.", ""),
        ("sign", "tasted", "", "Choose one of"),
        ("", "", "", "Choose one of"),
        ("approve", "not_stated", "", ""),  # by command, where the kind allows it
        ("reject", "not_stated", "Sour.", "Choose a reason code: bad"),
    ],
)
def test_an_answer_has_a_verdict_a_reason_that_is_true_and_words_where_they_are_wanted(
    people: Cast, verdict: str, reason: str, comment: str, says: str
) -> None:
    answer = given(verdict, reason, comment)
    if not says:
        assert covered(question(DUSTY), answer, people.alice) == ["dusty"]
    else:
        with pytest.raises(Refused, match=says):
            weighing.weigh(question(DUSTY), answer, people.alice)


def test_no_page_may_leave_the_reason_out(people: Cast) -> None:
    row = question()
    seen = Seen(3, HASH, exposure.stamp(row, people.alice))
    with pytest.raises(Refused, match="Choose a reason code: Tasted, Cold enough, Other"):
        weighing.weigh(row, given(reason="not_stated", seen=seen, via=PAGE), people.alice)


def test_a_verdict_that_a_question_does_not_offer_is_none_of_it(people: Cast) -> None:
    row = question(options=["approve", "reject"])
    with pytest.raises(Refused, match=r"Choose one of: approve, reject\."):
        weighing.weigh(row, given("override", "guest", "Because."), people.alice)


@pytest.mark.parametrize(
    ("field", "most"), [("comment", fields.MOST_WORDS), ("click", 64)], ids=["a comment", "a click"]
)
def test_what_is_sent_along_may_be_so_long_and_no_longer(field: str, most: int) -> None:
    weighing.check_lengths(replace(given(), **{field: "ü" * most}))
    with pytest.raises(fields.TooLong, match=f"may have {most:,} characters; this has {most + 1:,}"):
        weighing.check_lengths(replace(given(), **{field: "ü" * (most + 1)}))


def test_names_of_rules_are_measured_together() -> None:
    weighing.check_lengths(given(overrides=("x" * 1000, "y" * 999)))
    with pytest.raises(fields.TooLong, match="2,001"):
        weighing.check_lengths(given(overrides=("x" * 1000, "y" * 1000)))


# --- who still has to sign ----------------------------------------------------------------------------------


def view(quorum: int, signed: int, status: str = "open") -> CaseView:
    row = question(quorum=quorum, status=status, case={"number": "1787"})
    one = Signed("approve", "Alice", AT, "tasted", "")
    return CaseView(row, "Riesling", Clock(AT, "", ""), None, None, [one] * signed, None, False)


@pytest.mark.parametrize(
    ("quorum", "signed", "status", "awaited"),
    [
        (1, 0, "open", 1),
        (2, 1, "open", 1),
        (3, 1, "open", 2),
        (5, 1, "open", 4),
        (2, 2, "approved", 0),
        (3, 1, "rejected", 0),
    ],
)
def test_so_many_more_have_to_sign(quorum: int, signed: int, status: str, awaited: int) -> None:
    assert view(quorum, signed, status).awaited == awaited


@pytest.mark.parametrize(
    ("quorum", "words"),
    [
        (2, "signed, one more person has to countersign."),
        (3, "signed, 2 more people have to countersign."),
        (5, "signed, 4 more people have to countersign."),
    ],
)
def test_who_has_signed_is_told_how_many_are_missing(quorum: int, words: str) -> None:
    said = render_to_string("reviews/_done.html", {"done": view(quorum, 1)})
    assert words in " ".join(said.split())


# --- what became of it --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "by", "words"),
    [
        ("approved", "Alice", "Alice: approved on 21 Nov 2026 at 00:30:07"),
        ("withdrawn", "", "Withdrawn on 21 Nov 2026 at 00:30:07: the question is gone."),
        ("superseded", "", "Evidence changed on 21 Nov 2026 at 00:30:07."),
    ],
)
def test_a_question_that_has_ended_says_on_which_day_in_the_zone_of_the_page(
    status: str, by: str, words: str
) -> None:
    ended = replace(view(1, 0, status), decided_by=Person("human:1", by, "human") if by else None)
    ended.escalation.decided_at = datetime(2026, 11, 20, 23, 30, 7, tzinfo=UTC)
    with timezone.override("Europe/Berlin"):
        said = render_to_string("reviews/_standing.html", {"case": ended})
    assert words in " ".join(said.split())
