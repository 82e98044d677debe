"""Codings of invoice lines: what the agent may write, what people confirm, and what is learned from it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from audit import inspection
from audit.canonical import loads
from audit.models import Entry
from coordination.agents import REGISTRY
from coordination.agents.finance_coding import FinanceCoding
from coordination.decisions import changes as facts
from coordination.decisions import lease
from coordination.decisions.replay import reperform
from coordination.domain.facts import Snapshot
from coordination.domain.proposal import LineCoding, Proposal
from coordination.models import (
    Coding,
    CodingExample,
    Decision,
    Document,
    Hold,
    Invalidation,
    Quarantine,
    Task,
)
from coordination.services import agent_control
from coordination.services.coding import confirm as coding
from coordination.services.coding.confirm import Choice, CodedMeanwhile, NoSuchLine, NotBooked
from coordination.tasks import work_queue
from reviews.errors import NotAllowed, Refused
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db

AGENT = FinanceCoding.name


def learn(*groups: Iterable[cast.Row]) -> None:
    """Import how people coded lines."""
    cast.take_in(cast.table("codings", *[row for rows in groups for row in rows]))


def codings(number: str = "INV-1") -> list[tuple[int, str, str, str]]:
    rows = Coding.objects.filter(invoice__number=number).order_by("position")
    return [(c.position, c.account, c.cost_centre, c.status) for c in rows]


def confirm(
    by: User,
    account: str = "4400",
    cost_centre: str = "CC-1",
    *,
    seen: int | None = None,
    number: str = "INV-1",
    position: int = 1,
) -> Coding:
    row = Coding.objects.filter(invoice__number=number, position=position).first()
    version = seen if seen is not None else row.version if row else 0
    return coding.confirm(cast.invoice(number).id, position, Choice(account, cost_centre, version), by=by)


def decisions() -> int:
    return Decision.objects.filter(agent=AGENT).count()


def bolts(number: int, **changes: object) -> cast.Row:
    """Some of the hundred bolts, on an invoice of their own."""
    return cast.bill(
        invoice_number=f"INV-{number}",
        issue_date=f"2026-09-{number + 4:02}",
        quantity=str(10 + number),
        **changes,
    )


# --- asked when it is due, and only then -----------------------------------------------------------


def test_a_cleared_invoice_is_coded_from_the_vendors_history() -> None:
    learn(cast.coded(20))
    cast.trade()
    assert cast.standing() == ("cleared", "auto", [])
    assert codings() == [(1, "4400", "CC-1", "set")]
    row = Coding.objects.get()
    assert (row.basis, row.by) == ("20 of 20 lines of this item", "agent:finance.coding/1")
    cast.assert_sound()


def test_where_a_vendor_has_no_history_nobody_is_asked() -> None:
    cast.trade()
    assert cast.standing()[0] == "cleared"
    assert decisions() == 0
    assert not Task.objects.filter(agent=AGENT).exists()


def test_an_invoice_that_is_held_is_not_coded_until_a_person_clears_it(people: Cast) -> None:
    learn(cast.coded(20))
    cast.trade(cast.bill(unit_price="11.00"))
    assert decisions() == 0
    cast.answer(cast.question(), "approve", by=people.carol)
    cast.drain()
    assert codings() == [(1, "4400", "CC-1", "set")]


def test_one_that_is_rejected_is_not_coded(people: Cast) -> None:
    learn(cast.coded(20))
    cast.trade(cast.bill(unit_price="11.00"))
    cast.answer(cast.question(), "reject", by=people.carol)
    cast.drain()
    assert (decisions(), codings()) == (0, [])


def test_being_unsure_holds_nothing_up_and_is_recorded_once() -> None:
    learn(cast.coded(1))
    cast.trade()
    assert cast.standing() == ("cleared", "auto", [])
    assert codings() == [(1, "4400", "CC-1", "proposed")]
    assert not Hold.objects.live().exists()
    decided = Decision.objects.get(agent=AGENT)
    assert (decided.outcome, str(decided.confidence), decided.codes) == ("note", "0.206", [])
    assert (decided.state_from, decided.state_to) == ("cleared", "cleared")


def test_an_agent_that_fails_leaves_the_invoice_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: FinanceCoding, snapshot: Snapshot) -> Proposal:
        raise RuntimeError("out of order")

    monkeypatch.setattr(FinanceCoding, "propose", fail)
    learn(cast.coded(20))
    cast.trade()
    assert cast.standing() == ("cleared", "auto", [])
    entry = Entry.objects.get(pk=Decision.objects.get(agent=AGENT).entry_id)
    assert "out of order" in loads(entry.body)["data"]["reasoning"]
    assert reperform().different == []
    cast.assert_sound()


def test_its_doubt_is_none_of_the_release(people: Cast) -> None:
    """When an invoice is decided again, the coding of its release is no reason to ask a person, or to code
    again."""
    learn(cast.coded(1))
    cast.trade()
    cast.take_in(cast.table("vendors", cast.vendor(payment_terms="net 14")))
    cast.drain()
    assert cast.standing() == ("cleared", "auto", [])
    assert decisions() == 1


# --- autonomy --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "lines", "status"),
    [
        ("shadow", 40, None),
        ("advise", 40, "proposed"),
        ("supervised", 15, "proposed"),
        ("supervised", 16, "set"),
        ("autonomous", 15, "proposed"),
        ("autonomous", 16, "set"),
    ],
)
def test_it_writes_as_far_as_it_may_act(level: str, lines: int, status: str | None, people: Cast) -> None:
    agent_control.set_autonomy(AGENT, level, by=people.carol, reason="To see.")
    learn(cast.coded(lines))
    cast.trade()
    assert decisions() == 1
    assert [c[3] for c in codings()] == ([status] if status else [])
    cast.assert_sound()


def test_a_stopped_agent_proposes_when_it_goes_on(people: Cast) -> None:
    agent_control.pause(AGENT)
    learn(cast.coded(20))
    cast.trade()
    assert codings() == []
    agent_control.resume(AGENT, by=people.carol, reason="To see.")
    cast.drain()
    assert codings() == [(1, "4400", "CC-1", "set")]


def test_only_the_agent_that_owns_the_question_codes_lines() -> None:
    cast.trade()
    answer = LineCoding(1, "1000", "", Decimal("0.9"), "because")
    leased("support.status", (answer,))
    assert codings() == []
    leased(AGENT, (answer,))
    assert codings() == [(1, "1000", "", "set")]
    cast.assert_sound()


@pytest.mark.parametrize(
    "wrong", [{"position": 7}, {"account": "=1+1"}, {"account": "x" * 41}, {"cost_centre": "\n"}]
)
def test_a_coding_that_no_line_can_have_stays_in_the_record_of_who_said_so(wrong: dict[str, Any]) -> None:
    cast.trade()
    said: dict[str, Any] = {"position": 1, "account": "1000", "cost_centre": ""} | wrong
    leased(AGENT, (LineCoding(confidence=Decimal("0.9"), basis="because", **said),))
    assert (codings(), decisions()) == ([], 1)


def leased(name: str, answers: tuple[LineCoding, ...]) -> None:
    """An answer that comes from outside with a lease."""
    [kind] = REGISTRY[name].contract.reads
    work_queue.invalidate([cast.invoice().id], kind, "test")
    facts.process_changes()
    taken = lease.take(name, by="tests", seconds=60)
    assert taken is not None
    lease.submit(taken, Proposal(name, "1", "note", Decimal("0.9"), "From outside.", codings=answers))


# --- people ----------------------------------------------------------------------------------------


def test_a_person_confirms_what_was_proposed_and_it_becomes_an_example(people: Cast) -> None:
    learn(cast.coded(1))
    cast.trade()
    confirm(people.bob)
    row = Coding.objects.get()
    assert (row.status, row.by, row.proposed_account) == ("confirmed", f"human:{people.bob.pk}", "4400")
    example = CodingExample.objects.get(document=None)
    assert (example.item, example.account, example.cost_centre, example.by) == ("A-1", "4400", "CC-1", row.by)
    entry = Entry.objects.get(type="coding.confirmed")
    told = loads(entry.body)["data"]
    assert (entry.subject, told["coding"], told["proposed"], told["agreed"]) == (
        cast.invoice().subject,
        "4400 / CC-1",
        "4400 / CC-1",
        "yes",
    )
    cast.assert_sound()


def test_a_correction_is_kept_beside_what_the_agent_had_said(people: Cast) -> None:
    learn(cast.coded(20))
    cast.trade()
    confirm(people.bob, "4410", "")
    row = Coding.objects.get()
    assert (row.account, row.cost_centre, row.proposed_account, row.proposed_cost_centre) == (
        "4410",
        "",
        "4400",
        "CC-1",
    )
    assert loads(Entry.objects.get(type="coding.confirmed").body)["data"]["agreed"] == "no"


def test_in_shadow_people_are_compared_with_what_the_agent_would_have_said(people: Cast) -> None:
    agent_control.set_autonomy(AGENT, "shadow", by=people.carol, reason="To see.")
    learn(cast.coded(20))
    cast.trade()
    confirm(people.bob, "4410", "")
    row = Coding.objects.get()
    assert (row.account, row.proposed_account, str(row.confidence)) == ("4410", "4400", "0.838")


def test_a_line_without_a_proposal_is_coded_by_hand_and_counts_for_nobody(people: Cast) -> None:
    cast.trade()
    confirm(people.carol, "4400", "")
    row = Coding.objects.get()
    assert (row.status, row.proposed_account, row.confidence, row.basis) == ("confirmed", "", None, "")
    assert "agreed" not in loads(Entry.objects.get(type="coding.confirmed").body)["data"]


@pytest.mark.parametrize("who", ["alice", "erin", "frank"])
def test_only_finance_and_managers_code_lines(who: str, people: Cast) -> None:
    cast.trade()
    with pytest.raises(NotAllowed):
        confirm(getattr(people, who))
    people.carol.is_active = False
    with pytest.raises(NotAllowed):
        confirm(people.carol)
    assert not Coding.objects.exists()


@pytest.mark.parametrize(
    ("account", "cost_centre", "words"),
    [
        ("", "CC-1", "Name an account"),
        ("=1", "", "The account is not"),
        ("4400", "@x", "The cost centre is not"),
        ("4" * 41, "", "The account is not"),
        ("44\n00", "", "The account is not"),
    ],
)
def test_a_code_that_is_none_is_refused_in_words(
    account: str, cost_centre: str, words: str, people: Cast
) -> None:
    cast.trade()
    with pytest.raises(Refused, match=words):
        confirm(people.bob, account, cost_centre)


def test_who_comes_second_is_told_who_came_first(people: Cast) -> None:
    learn(cast.coded(1))
    cast.trade()
    confirm(people.carol, "4410", "", seen=1)
    with pytest.raises(CodedMeanwhile, match="Carol put it to 4410"):
        confirm(people.bob, seen=1)
    assert codings() == [(1, "4410", "", "confirmed")]


def test_a_second_click_changes_nothing(people: Cast) -> None:
    cast.trade()
    first = confirm(people.bob, seen=0)
    again = confirm(people.bob, seen=0)
    assert (first.id, first.version) == (again.id, again.version)
    assert CodingExample.objects.count() == 1
    assert cast.entries(cast.invoice().subject).count("coding.confirmed") == 1


def test_lines_of_an_invoice_that_is_not_cleared_are_not_coded(people: Cast) -> None:
    cast.trade(cast.bill(unit_price="11.00"))
    with pytest.raises(NotBooked):
        confirm(people.bob)
    cast.answer(cast.question(), "approve", by=people.carol)
    confirm(people.bob)
    with pytest.raises(NoSuchLine):
        confirm(people.bob, position=2)


def test_the_agent_never_overwrites_a_person(people: Cast) -> None:
    learn(cast.coded(20))
    cast.trade()
    confirm(people.bob, "4410", "")
    learn(cast.coded(40, date="2026-10-01"))
    cast.take_in(cast.table("vendors", cast.vendor(payment_terms="net 14")))
    cast.drain()
    assert codings() == [(1, "4410", "", "confirmed")]
    cast.assert_sound()


# --- learning --------------------------------------------------------------------------------------


def test_what_people_confirm_codes_the_next_invoice(people: Cast) -> None:
    cast.trade(bolts(1), bolts(2))
    assert decisions() == 0
    confirm(people.bob, "4711", "CC-9")
    cast.drain()
    assert codings("INV-2") == [(1, "4711", "CC-9", "proposed")]
    assert Coding.objects.get(invoice__number="INV-2").basis == "1 of 1 line of this item"
    cast.assert_sound()


def test_what_the_agent_set_teaches_it_nothing() -> None:
    learn(cast.coded(16))
    cast.trade(bolts(1), bolts(2), bolts(3))
    assert {c[3] for n in (1, 2, 3) for c in codings(f"INV-{n}")} == {"set"}
    assert CodingExample.objects.count() == 16
    assert {c.basis for c in Coding.objects.all()} == {"16 of 16 lines of this item"}


def test_a_correction_goes_to_open_proposals_of_the_vendor(people: Cast) -> None:
    learn(cast.coded(1))
    cast.trade(bolts(1), bolts(2))
    before = decisions()
    confirm(people.bob, "4410", "")
    cast.drain()
    assert codings("INV-2") == [(1, "4410", "", "proposed")]  # of one and one the newer
    assert decisions() == before + 1


def test_a_confirmation_that_changes_no_other_answer_asks_nobody(people: Cast) -> None:
    learn(cast.coded(20))
    cast.trade(bolts(1), bolts(2))
    before, entries = decisions(), Entry.objects.count()
    confirm(people.bob)
    cast.drain()
    assert (decisions(), Entry.objects.count()) == (before, entries + 1)


def test_history_that_comes_late_codes_what_was_cleared_and_paid(people: Cast) -> None:
    cast.trade()
    learn(cast.coded(20))
    cast.drain()
    assert codings() == [(1, "4400", "CC-1", "set")]
    assert cast.standing() == ("cleared", "auto", [])
    [decided] = Entry.objects.filter(type="invoice.decided", actor__startswith=f"agent:{AGENT}/")
    assert "codings" in loads(decided.body)["data"]["asked_because"]
    cast.assert_sound()


def test_other_vendors_history_is_not_looked_at() -> None:
    learn(cast.coded(20, vendor_id="V-2"))
    cast.trade()
    assert (codings(), decisions()) == ([], 0)


def test_a_second_thought_about_one_line_is_one_example_not_two(people: Cast) -> None:
    cast.trade(bolts(1), bolts(2))
    confirm(people.bob, "4410", "")
    confirm(people.bob, "4711", "")
    cast.drain()
    assert Coding.objects.get(invoice__number="INV-2").basis == "1 of 1 line of this item"
    assert codings("INV-2")[0][1] == "4711"


def test_old_ways_are_forgotten() -> None:
    learn(
        cast.coded(500, account="1", date="2020-01-01"),
        cast.coded(39),
        cast.coded(1, account="2", date="2026-07-01"),
    )
    cast.trade()
    assert Coding.objects.get().basis == "39 of 40 lines of this item"


def test_three_corrections_in_a_row_are_followed(people: Cast) -> None:
    learn(cast.coded(30, date="2026-01-01"), cast.coded(3, account="4410", date="2026-02-01"))
    cast.trade()
    row = Coding.objects.get()
    assert (row.account, row.status) == ("4410", "proposed")
    assert row.basis == "the last 3 lines of this item, which were coded otherwise before"


# --- the import ------------------------------------------------------------------------------------


def test_a_history_is_taken_in_once_vendor_by_vendor() -> None:
    rows = cast.table("codings", *cast.coded(3), *cast.coded(2, vendor_id="V-2"))
    report = cast.take_in(rows)
    assert [x.result for x in report.lines] == ["accepted", "accepted"]
    assert CodingExample.objects.count() == 5
    assert [x.result for x in cast.take_in(rows).lines] == ["unchanged", "unchanged"]
    assert CodingExample.objects.count() == 5
    assert Document.objects.filter(kind="codings").count() == 2
    cast.assert_sound()


def test_a_row_that_cannot_be_read_sets_its_vendor_aside_and_no_other() -> None:
    bad = cast.coded(1, vendor_id="V-2", account="")
    report = cast.take_in(cast.table("codings", *cast.coded(1), *bad))
    assert [x.result for x in report.lines] == ["quarantined", "accepted"]
    assert "row 3 account (empty)" in Quarantine.objects.get().error
    assert CodingExample.objects.count() == 1


def test_examples_cannot_be_changed_or_taken_away() -> None:
    learn(cast.coded(1))
    for statement in (
        "UPDATE coordination_codingexample SET account = '1'",
        "DELETE FROM coordination_codingexample",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_coding_written_past_the_services_is_found() -> None:
    learn(cast.coded(20))
    cast.trade()
    statement = "UPDATE coordination_coding SET account = '1'; SET CONSTRAINTS ALL IMMEDIATE"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert inspection.verify().findings == []


def test_an_agent_cannot_sign_as_a_person() -> None:
    learn(cast.coded(1))
    cast.trade()
    row = Coding.objects.get()
    row.status = "confirmed"
    with pytest.raises(IntegrityError, match="coordination_coding_people"), transaction.atomic():
        row.save(update_fields=["status"])


def test_codings_are_exported_line_by_line(people: Cast) -> None:
    learn(cast.coded(20))
    cast.trade()
    [line] = cast.EXPORTS["codings"]()
    assert line == {
        "invoice_number": "INV-1",
        "vendor_id": "V-1",
        "line": "1",
        "position": 1,
        "item": "A-1",
        "description": "Bolt M8",
        "net": "1000.00",
        "currency": "EUR",
        "account": "4400",
        "cost_centre": "CC-1",
        "status": "set",
        "confidence": "0.838",
        "basis": "20 of 20 lines of this item",
        "by": "agent:finance.coding/1",
        "at": line["at"],
    }


def test_every_coding_comes_out_the_same_when_run_again(people: Cast) -> None:
    learn(cast.coded(20), cast.coded(5, item="", description="Freight", account="6300"))
    cast.trade(bolts(1), bolts(2), bolts(3, item="F", description="Freight to Berlin"))
    confirm(people.bob, "4410", "")
    cast.drain()
    done = reperform()
    assert done.different == []
    assert done.decisions > 10
    assert not Invalidation.objects.exists()
