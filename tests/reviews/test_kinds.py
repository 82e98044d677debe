"""A kind of question is registered, and then the review queue asks, lists, shows and answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

from coordination import questions, rights
from reviews import kinds, services, signing, urgency
from reviews.errors import NotAllowed, Refused
from reviews.grants import RegisteredTwice
from reviews.kinds import Deadline, Kind, ReasonCode, Summary
from reviews.models import Escalation
from reviews.open_lists import Filters, waiting_worth
from reviews.selectors import listing
from reviews.services import Question
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db

Carried = list[tuple[str, str]]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Whatever a test registers is gone after it."""
    before = dict(kinds.KINDS)
    yield
    kinds.KINDS.clear()
    kinds.KINDS.update(before)


@pytest.fixture
def carried() -> Carried:
    """What was carried out: subject and verdict."""
    return []


@pytest.fixture
def locked() -> list[str]:
    return []


@pytest.fixture
def wine(carried: Carried, locked: list[str]) -> Kind:
    """A kind of another trade: which bottle goes with the fish."""
    kind = Kind(
        name="wine",
        words="wine",
        answers=rights.DECIDE,
        carry_out=lambda row, verdict, _all, _at: carried.append((row.subject, verdict.verdict)),
        reasons={
            "approve": (ReasonCode("tasted", "Tasted"), ReasonCode("cold", "Cold", frozenset({"warm"}))),
            "reject": (ReasonCode("corked", "Corked"),),
        },
        locks={"bottle": locked.append},
        verbs={"approve": "Pour it"},
        excerpt=("grape", "best_until"),
        summary=lambda question, case: Summary(str(case.get("grape") or question), "1787"),
        deadlines=(Deadline(("best_until",), "best until", timedelta(days=2), stays=True),),
    )
    kinds.register(kind)
    return kind


class Sources:
    """A look at kinds of one's own, from nothing."""

    def __init__(self, *sources: Callable[[], list[Kind]]) -> None:
        self.kinds = kinds.Kinds()
        self.kinds.sources += sources


def test_a_source_that_fails_leaves_no_half_of_the_kinds_known_and_is_asked_again(wine: Kind) -> None:
    """Of a kind that is not known, nobody could say who may not see it."""
    tries = []

    def first() -> list[Kind]:
        return [wine]

    def second() -> list[Kind]:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("no such file")
        return [replace(wine, name="beer")]

    looked = Sources(first, second).kinds
    with pytest.raises(OSError, match="no such file"):
        list(looked)
    assert list(looked) == ["wine", "beer"]
    assert len(tries) == 2


def test_who_looks_while_another_thread_does_sees_all_kinds(wine: Kind) -> None:
    asked, goes_on = Event(), Event()

    def slow() -> list[Kind]:
        asked.set()
        assert goes_on.wait(10)
        return [wine]

    looked = Sources(slow).kinds
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(list, looked)
        assert asked.wait(10)
        second = threads.submit(list, looked)
        assert not second.done()
        goes_on.set()
        assert first.result(10) == second.result(10) == ["wine"]


def ask(**changes: Any) -> Escalation:
    now = cast.moment()
    given = {
        "subject": "bottle/7",
        "kind": "wine",
        "text": "Open it?",
        "reasons": [],
        "case": {"grape": "Riesling"},
        "policy": "v1",
        "queue": "finance",
        "due_at": now + timedelta(days=5),
        "clock": "desk time",
        "asked_by": "agent:cellar/1",
        "options": ("approve", "reject"),
    }
    [row] = services.ask([Question(**given | changes)], at=now)
    return row


def test_a_kind_of_ones_own_is_asked_listed_shown_and_answered(
    wine: Kind, carried: Carried, locked: list[str], people: Cast
) -> None:
    row = ask()
    [group] = listing(Filters(), "human:1").groups
    assert [(r.title, r.number) for r in group.rows] == [("Riesling", "1787")]
    browser = Client()
    browser.force_login(people.bob)
    page = browser.get(reverse("reviews:case", args=[row.pk])).content.decode()
    assert "Riesling" in page
    assert 'value="approve:tasted"' in page
    assert "Pour it" in page
    with pytest.raises(Refused, match="tasted"):
        services.resolve(row.pk, "approve", by=people.bob, reason="corked")
    services.resolve(row.pk, "approve", by=people.bob, reason="tasted")
    assert carried == [("bottle/7", "approve")]
    assert set(locked) == {"bottle/7"}


def test_an_owner_that_refuses_undoes_the_answer(wine: Kind, people: Cast) -> None:
    def refuse(*_: object) -> None:
        raise Refused("The bottle is empty.")

    kinds.KINDS["wine"] = replace(wine, carry_out=refuse)
    row = ask()
    with pytest.raises(Refused, match="empty"):
        services.resolve(row.pk, "approve", by=people.bob, reason="tasted")
    row.refresh_from_db()
    assert (row.status, row.verdicts.count()) == ("open", 0)


def test_a_kind_says_who_made_it_and_whether_they_may_stop_it(wine: Kind, people: Cast) -> None:
    me = f"human:{people.bob.pk}"
    made = replace(wine, makers=lambda _: {me: "the bottle"})
    kinds.KINDS["wine"] = made
    row = ask()
    assert "You made what is decided here (the bottle)" in signing.objection(row, people.bob, "approve")
    assert signing.objection(row, people.bob, "reject") != ""
    kinds.KINDS["wine"] = replace(made, makers_may_reject=True)
    assert signing.objection(row, people.bob, "reject") == ""


def test_a_kind_says_whether_its_amount_counts(wine: Kind, people: Cast) -> None:
    ask(amount=Decimal("5.00"), amount_company=Decimal("5.00"))
    assert waiting_worth(Escalation.objects.all()) == 5
    kinds.KINDS["wine"] = replace(wine, counts=False)
    assert waiting_worth(Escalation.objects.all()) == 0


def test_a_reason_fits_the_causes_that_its_kind_names(wine: Kind) -> None:
    assert [c.code for c in wine.offered("approve", [{"code": "warm"}])] == ["tasted", "cold"]
    assert [c.code for c in wine.offered("approve", [{"code": "dusty"}])] == ["tasted"]
    assert wine.offered("override") == ()


@pytest.mark.parametrize(
    ("days", "words", "first"),
    [(-1, "overdue 1 d · best until", True), (0, "best until today", True), (3, "", False)],
)
def test_days_that_a_kind_names_order_list_and_case_alike(
    wine: Kind, days: int, words: str, first: bool
) -> None:
    day = cast.today() + timedelta(days=days)
    ask()
    late = ask(subject="bottle/8", case={"grape": "Merlot", "best_until": day.isoformat()})
    loss = urgency.loss_of(wine.deadlines, late.case, cast.today())
    assert (loss.words if loss else "").startswith(words)
    rows = [row.id for group in listing(Filters(), "human:1").groups for row in group.rows]
    assert (rows[0] == late.pk) == first
    assert urgency.overdue(Escalation.objects.all(), cast.today()).count() == (days < 0)


# --- refusals ---------------------------------------------------------------------------------------


def test_a_question_of_an_unknown_kind_is_not_asked() -> None:
    with pytest.raises(kinds.UnknownKind, match=r"'wine'.*There are: invoice, .*reviews\.kinds\.register"):
        ask()


def test_a_kind_is_registered_once(wine: Kind) -> None:
    with pytest.raises(RegisteredTwice, match="'wine' is registered already"):
        kinds.register(wine)


def test_two_kinds_do_not_lock_a_subject_in_two_ways(wine: Kind) -> None:
    kinds.register(replace(wine, name="cork"))  # the same lock is no contradiction
    with pytest.raises(RegisteredTwice, match="wine locks subjects bottle/"):
        kinds.register(replace(wine, name="label", locks={"bottle": lambda _: None}))


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"name": ""}, "at most 20"), ({"name": "x" * 21}, "at most 20"), ({"reasons": {"maybe": ()}}, "maybe")],
)
def test_what_cannot_be_stored_or_answered_is_no_kind(wine: Kind, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        kinds.register(replace(wine, **{"name": "cork"} | changes))


def test_a_stored_question_whose_kind_is_gone_is_shown_and_nobody_answers_it(
    wine: Kind, people: Cast
) -> None:
    row = ask()
    del kinds.KINDS["wine"]
    browser = Client()
    browser.force_login(people.carol)
    assert "Open it?" in browser.get(reverse("reviews:inbox")).content.decode()
    with pytest.raises(NotAllowed, match="Wine questions are decided by nobody"):
        services.resolve(row.pk, "approve", by=people.carol, reason="tasted")


# --- those of the product ---------------------------------------------------------------------------


def test_every_kind_of_the_product_is_registered_and_its_templates_exist() -> None:
    assert len(kinds.KINDS) == len(questions.MODULES) > 5
    for kind in kinds.KINDS.values():
        for name in (kind.page.amount, kind.page.facts, kind.page.evidence):
            assert not name or get_template(name)


def test_a_new_kind_needs_no_migration() -> None:
    assert not Escalation._meta.get_field("kind").choices
