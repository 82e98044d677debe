"""While a queue's catch rate has fallen, the policy's doses are in force there: from an entry that says so to
an entry that says that they are over."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import b62_encode
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.urls import reverse

from audit import canonical, clock
from audit.models import Entry
from coordination.domain.oversight import BLOCK, CAUGHT, MISSED, Defect
from coordination.models import CatchRateFall, KnownAnswer, KnownAnswerResult
from coordination.oversight import planting
from coordination.services import catch_rate_falls, keyed_draw
from coordination.workers import runner
from reviews import exposure
from reviews.errors import TooSoon
from reviews.models import Escalation, Verdict
from reviews.services import resolve
from tests import cast
from tests.cast import Cast
from tests.oversight.trade import answer, ended, planted, policy_says, trade
from tests.views.conftest import HTMX, client, read

pytestmark = pytest.mark.django_db

BURST = {"id": "D-1", "text": "more of them", "dose": "burst", "share": "0.50"}
SECOND = {
    "id": "D-2",
    "text": "two people approve what is over 500.00",
    "dose": "second_reader",
    "over": "500.00",
}
DWELL = {"id": "D-3", "text": "a look of 20 seconds", "dose": "dwell", "over": "500.00", "seconds": "20"}
FALLEN = [MISSED] * 10
QUEUE = "procurement"


@pytest.fixture(autouse=True)
def _measured(people: Cast) -> Iterator[None]:
    trade(8, wrong={3: "price"})
    with override_settings(COUNTERSIGN_OVERSIGHT=4):
        yield


@pytest.fixture
def known(people: Cast) -> KnownAnswer:
    """A case about a wrong price, answered rightly."""
    [found] = planted(Defect.PRICE)
    answer(found, "reject", people.carol)
    return found


def fallen(known: KnownAnswer, *doses: dict[str, str]) -> None:
    """Procurement has missed ten in a row, and these doses are in force."""
    policy_says(doses=list(doses))
    ended(known, FALLEN)
    assert catch_rate_falls.look(clock.now()) == 1


def reviewer(rate: float, cases: int, seed: int) -> list[str]:
    """What a reviewer who catches this share comes to."""
    chance = random.Random(seed)
    return [CAUGHT if chance.random() < rate else MISSED for _ in range(cases)]


def told(kind: str) -> list[dict[str, Any]]:
    entries = Entry.objects.filter(type=f"catch_rate.{kind}", subject=f"catch_rate/{QUEUE}").order_by("seq")
    return [canonical.loads(e.body)["data"] for e in entries]


# --- they begin and end -------------------------------------------------------------------------------------


def test_a_reviewer_of_70_per_cent_is_given_doses_and_one_of_90_is_let_off_again(known: KnownAnswer) -> None:
    policy_says(doses=[BURST, DWELL])
    ended(known, reviewer(0.7, BLOCK, 3))
    assert catch_rate_falls.look(clock.now()) == 1
    [began] = told("doses_began")
    assert (began["queue"], began["doses"]) == (QUEUE, [BURST, DWELL])
    assert int(began["caught"]) < 0.9 * int(began["cases"])
    assert catch_rate_falls.look(clock.now()) == 0
    ended(known, reviewer(0.7, BLOCK, 4))
    assert catch_rate_falls.look(clock.now()) == 0
    ended(known, reviewer(0.9, 2 * BLOCK, 5))
    assert catch_rate_falls.look(clock.now()) == 1
    [over] = told("doses_ended")
    assert over["why"] == "goal met"
    assert int(over["caught"]) >= 36
    assert not CatchRateFall.objects.filter(ended_at=None).exists()
    assert catch_rate_falls.look(clock.now()) == 0


def test_a_fall_and_what_is_asked_meanwhile_are_sound_to_an_auditor(people: Cast) -> None:
    trade(6, first=20)
    for case in planted(Defect.PRICE, 10):
        answer(case, "approve", people.carol)
    assert catch_rate_falls.look(clock.now()) == 1
    [began] = told("doses_began")
    assert [row["id"] for row in began["doses"]] == ["D-01", "D-02", "D-03", "D-04"]
    assert (began["policy"], began["cases"], began["caught"], began["goal"]) == ("v1", "10", "0", "0.90")
    trade(1, first=60, wrong={60: "price"}, times=5)
    row = Escalation.objects.filter(kind="invoice").latest("opened_at")
    assert row.quorum == 2
    with override_settings(COUNTERSIGN_OVERSIGHT=0):
        assert catch_rate_falls.look(clock.now()) == 1
    resolve(row.pk, "approve", by=people.dave, reason="difference_accepted")
    resolve(row.pk, "approve", by=people.carol, reason="difference_accepted")
    runner.drain()
    cast.assert_sound()


def test_a_reviewer_who_meets_the_goal_is_given_none(known: KnownAnswer) -> None:
    policy_says(doses=[BURST])
    ended(known, reviewer(0.9, 2 * BLOCK, 6))
    assert catch_rate_falls.look(clock.now()) == 0
    assert not CatchRateFall.objects.exists()


def test_answers_from_before_the_dose_began_do_not_end_it(known: KnownAnswer) -> None:
    policy_says(doses=[BURST])
    ended(known, [*FALLEN, *[CAUGHT] * (BLOCK - 2)])
    assert catch_rate_falls.look(clock.now()) == 1
    ended(known, [CAUGHT] * (BLOCK - 1))
    assert catch_rate_falls.look(clock.now()) == 0
    ended(known, [CAUGHT])
    assert catch_rate_falls.look(clock.now()) == 1


def test_a_second_fall_after_the_goal_was_met_is_dosed_anew(known: KnownAnswer) -> None:
    fallen(known, BURST)
    ended(known, [CAUGHT] * BLOCK)
    assert catch_rate_falls.look(clock.now()) == 1
    ended(known, FALLEN)
    assert catch_rate_falls.look(clock.now()) == 1
    assert CatchRateFall.objects.count() == 2


def test_another_queue_goes_on_as_before(known: KnownAnswer) -> None:
    fallen(known, BURST, SECOND, DWELL)
    assert list(CatchRateFall.objects.values_list("queue", flat=True)) == [QUEUE]


def test_the_database_keeps_one_fall_of_a_queue_at_a_time(known: KnownAnswer) -> None:
    fallen(known, BURST)
    twice = CatchRateFall.objects.get()
    twice.pk = None
    with pytest.raises(IntegrityError, match="coordination_one_fall_of_a_queue"), transaction.atomic():
        CatchRateFall.objects.bulk_create([twice])


def test_a_policy_that_names_no_doses_gives_none(known: KnownAnswer) -> None:
    policy_says()
    ended(known, FALLEN)
    assert catch_rate_falls.look(clock.now()) == 0


def test_while_nothing_is_measured_doses_end_for_nothing_could_end_them(known: KnownAnswer) -> None:
    fallen(known, DWELL)
    with override_settings(COUNTERSIGN_OVERSIGHT=0):
        assert catch_rate_falls.look(clock.now()) == 1
        assert catch_rate_falls.look(clock.now()) == 0
    assert told("doses_ended")[0]["why"] == "not measured"
    assert catch_rate_falls.look(clock.now()) == 1


def test_another_policy_ends_its_doses_and_begins_others_and_what_was_caught_since_counts(
    known: KnownAnswer,
) -> None:
    fallen(known, DWELL)
    ended(known, [CAUGHT] * 30)
    first = CatchRateFall.objects.get()
    policy_says(doses=[DWELL | {"seconds": "5"}])
    assert catch_rate_falls.look(clock.now()) == 2
    second = CatchRateFall.objects.get(ended_at=None)
    assert (second.since, second.cases, second.caught) == (first.since, first.cases, first.caught)
    assert second.began_at > first.began_at
    ended(known, [CAUGHT] * 10)
    assert catch_rate_falls.look(clock.now()) == 1
    policy_says()
    assert catch_rate_falls.look(clock.now()) == 0


# --- a burst ------------------------------------------------------------------------------------------------


def test_a_burst_draws_more_of_the_questions_of_that_queue_and_of_no_other(
    known: KnownAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyed_draw, "number", lambda what, *_: 0.3 if what == "drawn" else 0.99)
    assert planting.run(clock.now()).cases == []
    fallen(known, BURST)
    question = Escalation.objects.get(kind="invoice", status="open")
    [case] = planting.run(clock.now()).cases
    assert (question.queue, case.drawn_for, case.question.queue) == (QUEUE, question.id, QUEUE)
    assert planting.run(clock.now()).cases == []


def test_the_inbox_says_that_there_are_more_of_them_for_a_while(known: KnownAnswer, people: Cast) -> None:
    before = read(client(people.alice).get(reverse("reviews:inbox")))
    assert "4 of 100 questions about invoices bring a known-answer case:" in before
    fallen(known, BURST)
    found = read(client(people.alice).get(reverse("reviews:inbox")))
    assert "while the catch rate is below the goal 50 in Procurement" in found


# --- a second reader ----------------------------------------------------------------------------------------


def asked(first: int) -> Escalation:
    """A real question about a wrong price, asked now."""
    before = set(Escalation.objects.values_list("id", flat=True))
    trade(1, first=first, wrong={first: "price"})
    return Escalation.objects.exclude(id__in=before).get(kind="invoice")


def test_questions_opened_meanwhile_over_the_amount_need_two_people(known: KnownAnswer, people: Cast) -> None:
    before = Escalation.objects.get(kind="invoice", status="open")
    fallen(known, SECOND)
    row = asked(60)
    assert row.amount_company is not None
    assert row.amount_company > 500
    assert row.quorum == 2
    assert {"rule": "D-2", "text": SECOND["text"], "result": "2 people"} in row.case["rules"]
    assert "after a second signature" in row.case["consequences"][0]["text"]
    assert Escalation.objects.get(pk=before.pk).quorum == 1
    resolve(row.pk, "approve", by=people.alice, reason="difference_accepted")
    assert Escalation.objects.get(pk=row.pk).status == "open"
    resolve(row.pk, "approve", by=people.carol, reason="difference_accepted")
    assert Escalation.objects.get(pk=row.pk).status == "approved"


def test_one_person_rejects_and_below_the_amount_one_approves(known: KnownAnswer, people: Cast) -> None:
    fallen(known, SECOND | {"over": "100000.00"})
    assert asked(60).quorum == 1
    policy_says(doses=[SECOND])
    catch_rate_falls.look(clock.now())
    row = asked(61)
    assert row.quorum == 2
    resolve(row.pk, "reject", by=people.alice, reason="price_not_agreed", comment="Not agreed.")
    assert Escalation.objects.get(pk=row.pk).status == "rejected"


def test_a_dose_that_begins_or_ends_asks_no_open_question_anew(known: KnownAnswer, people: Cast) -> None:
    fallen(known, SECOND)
    row = asked(60)
    ended(known, [CAUGHT] * BLOCK)
    assert catch_rate_falls.look(clock.now()) == 1
    runner.drain()
    row.refresh_from_db()
    assert (row.status, row.quorum) == ("open", 2)
    assert asked(62).quorum == 1


def test_a_known_answer_case_needs_two_people_as_a_real_one_does(known: KnownAnswer, people: Cast) -> None:
    fallen(known, SECOND)
    [case] = planted(Defect.PRICE)
    assert case.question.quorum == 2
    answer(case, "approve", people.carol)
    assert not KnownAnswerResult.objects.filter(known=case).exists()
    answer(case, "reject", people.dave)
    assert KnownAnswerResult.objects.get(known=case).outcome == CAUGHT


# --- a least time -------------------------------------------------------------------------------------------


def shown(monkeypatch: pytest.MonkeyPatch, row: Escalation, who: object, seconds: float) -> str:
    """The stamp of a page that was shown so many seconds ago."""
    at = int(time.time() - seconds)
    with monkeypatch.context() as patch:
        patch.setattr(exposure._signer, "timestamp", lambda: b62_encode(at))
        return exposure.stamp(row, who)  # type: ignore[arg-type]


def form(row: Escalation, verdict: str, stamp: str) -> dict[str, str]:
    reason = {"approve": "difference_accepted", "reject": "price_not_agreed", "override": "agent_wrong"}
    return {
        "verdict": verdict,
        "reason": f"{verdict}:{reason[verdict]}",
        "comment": "As agreed by phone.",
        "seen_version": str(row.version),
        "payload_hash": row.payload_hash,
        "shown": stamp,
        "click": "click-1",
    }


@pytest.mark.parametrize("verdict", ["approve", "override"])
def test_money_is_let_go_no_sooner_and_the_refusal_says_what_is_missing(
    known: KnownAnswer, people: Cast, monkeypatch: pytest.MonkeyPatch, verdict: str
) -> None:
    fallen(known, DWELL)
    row, browser = asked(60), client(people.alice)
    url = reverse("reviews:decide", args=[row.pk])
    sent = form(row, verdict, shown(monkeypatch, row, people.alice, 12.0))
    refused = browser.post(url, sent, headers=HTMX)
    found = read(refused)
    assert refused.status_code == 422
    assert refused["HX-Retarget"] == "#refusal"
    assert "20 seconds after its page was shown" in found
    assert "seconds are missing" in found
    assert "D-3, while the catch rate of procurement is below the goal" in found
    assert "Your text is kept." in found
    assert not Verdict.objects.filter(escalation=row).exists()
    done = browser.post(url, sent | {"shown": shown(monkeypatch, row, people.alice, 21.0)}, headers=HTMX)
    assert done.status_code == 200
    assert Verdict.objects.filter(escalation=row).exists()


def test_rejecting_waits_for_nothing(known: KnownAnswer, people: Cast) -> None:
    fallen(known, DWELL)
    row = asked(60)
    sent = form(row, "reject", exposure.stamp(row, people.alice))
    done = client(people.alice).post(reverse("reviews:decide", args=[row.pk]), sent, headers=HTMX)
    assert done.status_code == 200


def test_below_the_amount_nothing_waits(known: KnownAnswer, people: Cast) -> None:
    fallen(known, DWELL | {"over": "100000.00"})
    row = asked(60)
    sent = form(row, "approve", exposure.stamp(row, people.alice))
    done = client(people.alice).post(reverse("reviews:decide", args=[row.pk]), sent, headers=HTMX)
    assert done.status_code == 200


def test_by_command_nothing_is_let_go_for_no_page_was_shown(known: KnownAnswer, people: Cast) -> None:
    fallen(known, DWELL)
    row = asked(60)
    with pytest.raises(TooSoon, match="from its page alone"):
        resolve(row.pk, "approve", by=people.alice, reason="difference_accepted")
    resolve(row.pk, "reject", by=people.alice, reason="price_not_agreed", comment="Not agreed.")


def test_without_scripts_a_refusal_shows_the_page_again_with_its_text_and_the_time_goes_on(
    known: KnownAnswer, people: Cast
) -> None:
    fallen(known, DWELL)
    row, browser = asked(60), client(people.alice)
    page = read(browser.get(reverse("reviews:case", args=[row.pk])))
    stamp = page.partition('name="shown" value="')[2].partition('"')[0]
    refused = browser.post(reverse("reviews:decide", args=[row.pk]), form(row, "approve", stamp))
    assert refused.status_code == 422
    found = refused.content.decode()
    assert "As agreed by phone." in found
    assert stamp in found


def test_the_page_says_beforehand_how_long_and_a_known_answer_case_says_the_same(
    known: KnownAnswer, people: Cast
) -> None:
    fallen(known, DWELL)
    row = asked(60)
    [case] = planted(Defect.PRICE)
    for key in (row.pk, case.question_id):
        found = read(client(people.alice).get(reverse("reviews:case", args=[key]), headers=HTMX))
        assert "taken 20 seconds after this page was shown, at the earliest" in found
        assert "Rejecting waits for nothing." in found


# --- the page -----------------------------------------------------------------------------------------------


def page(people: Cast) -> str:
    return read(client(people.erin).get(reverse("coordination:oversight")))


def test_the_page_says_since_when_which_doses_are_in_force_and_why(known: KnownAnswer, people: Cast) -> None:
    policy_says()
    assert "names no doses" in page(people)
    policy_says(doses=[DWELL])
    assert "No dose is in force." in page(people)
    ended(known, FALLEN)
    catch_rate_falls.look(clock.now())
    found = page(people)
    assert "Procurement, in force since" in found
    assert "<b>D-3</b> a look of 20 seconds" in found
    assert "Ends with 36 of a block of 40 caught. So far 0 of 0" in found
    ended(known, [CAUGHT] * BLOCK)
    catch_rate_falls.look(clock.now() + timedelta(seconds=1))
    assert "the goal was met" in page(people)


def test_an_answer_works_no_fall_out(
    known: KnownAnswer, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    fallen(known, DWELL)
    row = asked(60)

    def never(*_: object) -> None:
        raise AssertionError("a fall was worked out")

    monkeypatch.setattr(catch_rate_falls, "course", never)
    monkeypatch.setattr(catch_rate_falls, "recovery", never)
    monkeypatch.setattr(catch_rate_falls, "outcomes", never)
    sent = form(row, "approve", shown(monkeypatch, row, people.alice, 30.0))
    done = client(people.alice).post(reverse("reviews:decide", args=[row.pk]), sent, headers=HTMX)
    assert done.status_code == 200
