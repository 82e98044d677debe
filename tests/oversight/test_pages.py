"""What people see: cases that look like any other, what they are told after, and the page of what was
caught."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest
from django.test import override_settings
from django.urls import reverse

from audit import clock, sealing, trail
from audit.ids import new_id
from coordination.domain.oversight import Defect
from coordination.facts import documents
from coordination.models import AccessRecord, Invoice, KnownAnswer, KnownAnswerResult
from coordination.services import oversight as services
from reviews import exposure
from reviews.models import Escalation
from tests import cast
from tests.cast import Cast
from tests.oversight.trade import ACTOR, REASONS, answer, planted, trade
from tests.views.conftest import HTMX, client, read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _traded(people: Cast) -> None:
    trade(8, wrong={3: "price", 4: "bank"})


def real() -> Escalation:
    """The real question about a wrong price."""
    asked = Escalation.objects.filter(kind="invoice")
    return next(e for e in asked if {r["code"] for r in e.reasons} == {"price_over"})


def shape(page: str) -> str:
    """A page without what differs from case to case: keys, numbers, names of the alphabet in them, times."""
    page = re.sub(r'value="[^"]{24,}"', 'value=""', page)
    page = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "KEY", page)
    page = re.sub(r"[0-9a-f]{4}…[0-9a-f]{4}|[0-9a-f]{64}", "HASH", page)
    return re.sub(r"[\d.,:]+", "0", page)


def post(known: KnownAnswer, who: object, verdict: str) -> dict[str, str]:
    """The verdict form of a case, filled in."""
    row = known.question
    reason = REASONS["approve", Defect(known.defect)] if verdict == "approve" else "wrong_document"
    return {
        "verdict": verdict,
        "reason": f"{verdict}:{reason}",
        "comment": "As found in the documents.",
        "seen_version": str(row.version),
        "payload_hash": row.payload_hash,
        "shown": exposure.stamp(row, who),  # type: ignore[arg-type]
        "click": "click-1",
    }


# --- before the answer --------------------------------------------------------------------------------------


def test_its_page_has_the_shape_of_a_real_ones(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    browser = client(people.carol)
    pages = [
        shape(read(browser.get(reverse("reviews:case", args=[key]), headers=HTMX)))
        for key in (real().pk, known.question_id)
    ]
    assert pages[0] == pages[1]


def test_a_look_alike_has_the_shape_of_a_real_suspected_duplicate_beside_the_same_kind_of_invoice(
    people: Cast,
) -> None:
    [known] = planted(Defect.DUPLICATE)
    number = known.question.case["alike"]["found"][0]["number"]
    source = Invoice.objects.get(number=number)
    content = documents.contents([source.id])[source.id].invoice
    [line] = content.lines
    again = cast.bill(
        invoice_number=f"{number}B",
        order_number=source.order_numbers[0],
        quantity=str(int(line.quantity or 0)),
        unit_price=f"{line.price:.2f}",
        issue_date=str(source.issue_date),
        due_date=str(source.due_date or ""),
    )
    cast.intake([("invoices.csv", cast.table("invoices", again))], actor=ACTOR)
    cast.drain()
    browser = client(people.carol)
    found = []
    for key in (cast.question(f"{number}B").pk, known.question_id):
        page = read(browser.get(reverse("reviews:case", args=[key]), headers=HTMX))
        [part] = re.findall(r'<section class="card alike".*?</section>', page)
        found.append(shape(part.replace(f"{number}B", number)))
    assert found[0] == found[1]
    assert "it waits for this answer" in found[0]


def test_no_word_of_the_page_or_the_list_says_what_it_is(people: Cast) -> None:
    [known] = planted(Defect.BANK)
    browser = client(people.carol)
    for address in (reverse("reviews:case", args=[known.question_id]), reverse("reviews:inbox")):
        found = browser.get(address, headers=HTMX).content.decode().lower()
        assert known.question.case["number"].lower() in found or "inbox" in address
        for word in ("known_answer", "known-answer", "oversight", "twin", known.commitment, known.nonce):
            assert word not in found


def test_its_original_is_given_out_as_a_real_one_is(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    browser = client(people.carol)
    given = browser.get(reverse("coordination:document", args=[known.document]))
    assert given.status_code == 200
    assert hashlib.sha256(given.content).hexdigest() == known.sha256
    assert known.name in given["Content-Disposition"]
    other = browser.get(reverse("coordination:document", args=[real().case["documents"][0]["id"]]))
    assert set(given.headers) == set(other.headers)
    assert AccessRecord.objects.filter(subject=known.subject, what="original").exists()


def test_its_timeline_tells_the_story_of_an_invoice_and_nothing_of_the_seal(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    found = read(client(people.carol).get(reverse("reviews:case", args=[known.question_id]), headers=HTMX))
    for word in ("Received", "Held", "Escalated to procurement"):
        assert f"<b>{word}</b>" in found
    assert "committed" not in found


def test_whoever_looks_up_its_history_is_told_and_answers_for_nothing(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    browser = client(people.carol)
    found = read(browser.get(reverse("coordination:invoice", args=[known.id])))
    assert "This is a known-answer case" in found
    assert "your answer is not counted" in found
    done = browser.post(
        reverse("reviews:decide", args=[known.question_id]), post(known, people.carol, "reject"), headers=HTMX
    )
    assert "You had opened its history before, so it is not counted." in read(done)
    assert KnownAnswerResult.objects.get(known=known).outcome == "spent"


def test_its_opening_is_not_given_out_before_the_answer(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    address = reverse("coordination:known_answer_opening", args=[known.id])
    for who in (people.carol, people.erin):
        assert client(who).get(address).status_code == 404


# --- after the answer ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "told"), [("reject", "You caught it."), ("approve", "You did not catch it.")]
)
def test_after_the_answer_the_person_is_told_what_it_was(people: Cast, verdict: str, told: str) -> None:
    [known] = planted(Defect.PRICE)
    browser = client(people.carol)
    done = browser.post(
        reverse("reviews:decide", args=[known.question_id]), post(known, people.carol, verdict), headers=HTMX
    )
    found = read(done)
    assert done.status_code == 200
    assert "known-answer case</a>: price over the order." in found
    assert told in found
    again = read(browser.get(reverse("reviews:case", args=[known.question_id]), headers=HTMX))
    assert told in again
    assert KnownAnswerResult.objects.get(known=known).seconds is not None


def test_nobody_else_is_told_how_it_was_answered(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    answer(known, "approve", people.carol)
    for who in (people.dave, people.bob, people.erin):
        found = read(client(who).get(reverse("reviews:case", args=[known.question_id]), headers=HTMX))
        assert "known-answer case" in found
        for word in ("catch", "caught", "Carol", "Approved", "Difference accepted", "approved"):
            assert word not in found.replace("To approve", "")


def test_in_a_list_that_was_loaded_before_it_only_says_answered(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    before = clock.now()
    answer(known, "approve", people.carol)
    found = read(
        client(people.dave).get(reverse("reviews:inbox"), {"as_of": before.isoformat()}, headers=HTMX)
    )
    [row] = re.findall(rf'id="row-{known.question_id}".*?</a>', found)
    assert "Answered" in row
    for word in ("Carol", "pproved"):
        assert word not in row


def test_the_commitment_opens_offline_with_what_anybody_may_take_away(people: Cast) -> None:
    [known] = planted(Defect.DUPLICATE)
    answer(known, "reject", people.carol)
    given = client(people.dave).get(reverse("coordination:known_answer_opening", args=[known.id]))
    assert hashlib.sha256(given.content).hexdigest() == known.commitment


# --- the page -----------------------------------------------------------------------------------------------


def oversight(who: object, **query: str) -> str:
    return read(client(who).get(reverse("coordination:oversight"), query))  # type: ignore[arg-type]


def test_where_nothing_was_shown_the_page_says_so_and_gives_no_rate(people: Cast) -> None:
    found = oversight(people.carol)
    assert "Measuring is switched off" in found
    assert "no case answered yet" in found
    assert "100" not in re.sub(r"of 100|to 5 of 100", "", found.partition("<main")[2])


def test_one_of_one_is_too_few_and_not_100_per_cent(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    answer(known, "reject", people.carol)
    found = oversight(people.carol)
    assert "1 of 1: too few to speak of a rate" in found
    for shown in ('<p class="value">100', "<b>100", "at least 5.0 %"):
        assert shown not in found
    assert "Learning, 1 of 40 cases" in found


def filled(people: Cast, caught: int, missed: int) -> None:
    """So many answers to one case, as if there had been as many cases."""
    [known] = planted(Defect.PRICE)
    answer(known, "reject", people.carol)
    for n in range(caught + missed - 1):
        question = Escalation.objects.get(pk=known.question_id)
        question.pk, question.subject = None, f"known_answer/made-{n}"
        question.id = new_id()
        trail.insert([question], lambda _: trail.Stamp("system:test", clock.now(), "made"))
        copy = KnownAnswer.objects.get(pk=known.pk)
        copy.id, copy.document, copy.question = new_id(), new_id(), question
        trail.insert_facts([copy])
        trail.insert_facts(
            [
                KnownAnswerResult(
                    known=copy,
                    outcome="caught" if n < caught - 1 else "missed",
                    verdict="reject",
                    by="human:0",
                    let_go=0,
                    at=clock.now() + timedelta(microseconds=n),
                )
            ]
        )


def test_a_rate_stands_with_its_exact_bound_and_its_interval(people: Cast) -> None:
    filled(people, 54, 6)
    with override_settings(COUNTERSIGN_OVERSIGHT=4):
        found = oversight(people.carol)
    assert '90.0 <span class="unit">%</span>' in found
    assert "54 of 60 · 95 %: at least 81.2 %" in found
    assert '<b>90.0 %</b> of 60 <span class="faint">79–96</span>' in found
    assert 'x="79.5%"' in found
    assert "4 of 100 questions about invoices bring a twin" in found
    assert "Steady" in found


def test_a_falling_team_is_named_with_the_cases_after_which_it_was_seen(people: Cast) -> None:
    filled(people, 12, 8)
    assert "Falling, seen after 20 cases" in oversight(people.carol)


def test_each_person_sees_only_their_own_result(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    answer(known, "approve", people.carol)
    assert "You caught 0 of 1" in oversight(people.carol)
    for who in (people.dave, people.erin, people.alice):
        found = oversight(who)
        assert "You have answered no known-answer case in this period." in found
        assert "Carol" not in found.partition("<main")[2] or who is people.carol


def test_the_table_can_be_taken_away(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    answer(known, "reject", people.carol)
    given = client(people.erin).get(reverse("coordination:oversight_csv"))
    rows = given.content.decode().splitlines()
    assert rows[0] == "by,what,caught,shown,rate,at_least_95,low_95,high_95"
    assert "defect,Price over the order,1,1,1.0000,0.0500,0.0250,1.0000" in rows
    assert "defect,Another bank account,0,0,,,," in rows


def test_managers_and_auditors_take_the_signed_statement_from_the_page_and_others_do_not(
    people: Cast,
) -> None:
    sealing.seal()
    address = reverse("coordination:oversight_statement")
    for who, status in ((people.carol, 200), (people.erin, 200), (people.alice, 403)):
        assert client(who).post(address, {"days": "30"}).status_code == status
    assert "Statement, signed" not in oversight(people.alice)


@override_settings(COUNTERSIGN_OVERSIGHT=3)
def test_the_inbox_says_that_there_are_such_cases_while_it_is_measured(people: Cast) -> None:
    found = read(client(people.alice).get(reverse("reviews:inbox")))
    assert "3 of 100 questions about invoices bring a known-answer case" in found
    with override_settings(COUNTERSIGN_OVERSIGHT=0):
        assert "known-answer" not in read(client(people.alice).get(reverse("reviews:inbox")))


def test_what_was_taken_back_says_so_to_everybody(people: Cast) -> None:
    [known] = planted(Defect.PRICE)
    services.take_back(clock.now() + services.OPEN_FOR * 2)
    found = read(client(people.dave).get(reverse("reviews:case", args=[known.question_id]), headers=HTMX))
    assert "known-answer case" in found
