"""Statements, searches, control totals, legal holds and the examination of agents, as pages show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from audit import trail
from audit.models import Entry
from coordination.assurance.search import Search
from coordination.domain.key_figures import Share
from coordination.models import AccessRecord, AuditNote, LegalHold, Quarantine, StatementLine
from coordination.selectors import access_matrix, auditing, quality, retention, shell, statements
from coordination.selectors.auditing import Control
from coordination.world.evaluation import Evaluation, Worth
from reviews.grants import Holders, Right
from tests import cast
from tests.cast import Cast
from tests.models import rows

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
undone = pytest.mark.usefixtures("undone")
database = pytest.mark.django_db


# --- statements of account ----------------------------------------------------------------------------------


@database
@undone
@pytest.mark.parametrize(
    ("theirs", "ours", "gap"),
    [
        ("1000.00", "900.00", "100.00"),  # they claim more than we owe
        ("900.00", "1000.00", "-100.00"),
        ("-50.00", "50.00", "-100.00"),
        ("0.00", "0.00", "0.00"),
        (None, "900.00", None),
        ("1000.00", None, None),
    ],
)
def test_a_gap_is_what_they_claim_beyond_what_we_owe(
    theirs: str | None, ours: str | None, gap: str | None
) -> None:
    row = rows.statement(
        their_sum=None if theirs is None else Decimal(theirs),
        our_balance=None if ours is None else Decimal(ours),
    )
    assert statements.detail(row).gap == (None if gap is None else Decimal(gap))


@database
@undone
def test_lines_stand_in_the_order_of_the_paper_with_what_each_differs_by() -> None:
    row, ours = rows.statement(), rows.invoice()
    for position, (amount, known, kind) in enumerate(
        [
            ("100.00", "90.00", "disputed"),
            ("-5.00", "-5.00", "matched"),
            (None, "7.00", ""),
            ("3.00", None, ""),
        ]
    ):
        rows.made(
            StatementLine,
            statement=row,
            position=9 - position,
            amount=None if amount is None else Decimal(amount),
            ours=None if known is None else Decimal(known),
            kind=kind,
            invoice=ours if position == 0 else None,
            suggestions=[{"document": str(ours.pk), "number": ours.number}, {"number": "gone"}],
        )
    found = statements.detail(row)
    assert [x.line.position for x in found.lines] == [6, 7, 8, 9]
    assert [x.difference for x in found.lines] == [None, Decimal("-7.00"), Decimal(0), Decimal("10.00")]
    assert [x.invoice for x in found.lines] == [None, None, None, ours]
    assert [s["invoice"] for s in found.lines[0].offered] == [ours, None]
    assert found.disputed == 1


@database
@undone
def test_what_the_statement_lacks_leads_to_our_invoice() -> None:
    ours = rows.invoice()
    own = [
        {"number": "INV-9", "amount": "12.50", "sentence": "It is not on it.", "document": str(ours.pk)},
        {"number": "INV-8", "amount": "-1.00", "sentence": "Nor is this.", "document": ""},
    ]
    found = statements.detail(rows.statement(own=own)).own
    assert [(o.number, o.amount, o.invoice) for o in found] == [
        ("INV-9", Decimal("12.50"), ours),
        ("INV-8", Decimal("-1.00"), None),
    ]


@database
@undone
def test_only_an_open_question_is_one_about_a_statement() -> None:
    row = rows.statement()
    assert statements.detail(row).question is None
    rows.question(subject=row.subject, kind="statement", status="withdrawn")
    assert statements.detail(row).question is None
    asked = rows.question(subject=row.subject, kind="statement")
    assert statements.detail(row).question == asked.pk


@database
@undone
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"open", "agreed"}),  # what was replaced no longer counts
        ({"status": "superseded"}, {"superseded"}),
        ({"status": "open"}, {"open"}),
        ({"status": "lost"}, {"open", "agreed"}),
        ({"text": "k-7"}, {"open", "agreed", "superseded"}),
        ({"text": "K7"}, {"open", "agreed", "superseded"}),  # in another spelling
        ({"text": "k-7", "status": "agreed"}, {"agreed"}),
        ({"text": "nothing like it"}, set()),
    ],
)
def test_statements_are_found_by_number_and_status(filters: dict[str, str], found: set[str]) -> None:
    for status in ("open", "agreed", "superseded"):
        rows.statement(status=status, number="K-7")
    page = statements.page(statements.Filters(**filters))
    assert {s.status for s in page.object_list} == found
    assert statements.open_count() == 1


# --- an auditor's search ------------------------------------------------------------------------------------


def searched(**wanted: str) -> set[str]:
    return {row.number for row in auditing.search(Search(**wanted)).rows}


@database
@undone
def test_amounts_of_a_search_are_within_and_both_ends_belong_to_it() -> None:
    for amount in ("99.99", "100.00", "150.00", "200.00", "200.01"):
        rows.invoice(number=amount, gross=Decimal(amount))
    rows.invoice(number="unknown", gross=None)
    assert searched(least="100", most="200.00") == {"100.00", "150.00", "200.00"}
    assert searched(least="200.01") == {"200.01"}
    assert searched(most="1,000.00") >= {"99.99", "200.01"}
    assert "unknown" not in searched(least="0")


@database
@undone
def test_days_of_a_search_are_those_of_the_zone_of_the_page() -> None:
    rows.invoice(number="late", received_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    with timezone.override("UTC"):
        assert searched(since="2026-11-20", until="2026-11-20") == {"late"}
        assert searched(since="2026-11-21") == set()
    with timezone.override("Europe/Berlin"):
        assert searched(since="2026-11-21") == {"late"}
        assert searched(until="2026-11-20") == set()


@database
@undone
@pytest.mark.parametrize(
    "wanted",
    [{"least": "5,00"}, {"most": "NaN"}, {"since": "20.11.2026"}, {"until": "2026-02-30"}, {"since": "soon"}],
)
def test_what_cannot_be_read_finds_nothing_and_says_how_to_write_it(wanted: dict[str, str]) -> None:
    rows.invoice()
    found = auditing.search(Search(**wanted))
    assert (list(found.rows), found.count, list(found.sums)) == ([], 0, [])
    assert "1000.00" in found.problem
    assert "2026-03-31" in found.problem


@database
@undone
def test_sums_of_a_search_are_by_currency_and_over_all_that_it_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "MOST", 1)
    for currency, gross in (("SEK", "5.00"), ("EUR", "1.00"), ("EUR", "2.50"), ("JPY", None)):
        rows.invoice(currency=currency, gross=None if gross is None else Decimal(gross))
    found = auditing.search(Search())
    assert (len(found.rows), found.count) == (1, 4)
    assert list(found.sums) == [("EUR", Decimal("3.50")), ("JPY", Decimal(0)), ("SEK", Decimal("5.00"))]


@database
@undone
def test_holds_are_searched_by_code_and_by_rule_also_once_they_are_released() -> None:
    row = rows.invoice(number="one")
    rows.hold(row, code="price_over", status="released", detail={"rule": "R7"})
    rows.invoice(number="other")
    assert searched(code="price_over") == searched(rule="r7") == {"one"}
    assert searched(code="price") == searched(rule="R70") == set()
    assert searched(code="price_over", rule="R8") == set()


# --- who looked, and what was noted -------------------------------------------------------------------------


@database
@undone
def test_looks_and_notes_stand_newest_first_and_of_one_subject_alone() -> None:
    for n, subject in enumerate(("invoice/1", "invoice/2", "invoice/1")):
        at = AT + timedelta(minutes=n)
        AccessRecord.objects.create(by="human:999", what=f"look {n}", subject=subject, at=at)
        AuditNote.objects.create(by="human:999", text=f"note {n}", subject=subject, at=at, seq=n or None)
    assert [e.what for e in auditing.access_entries()] == ["look 2", "look 1", "look 0"]
    assert [e.what for e in auditing.access_entries("invoice/1")] == ["look 2", "look 0"]
    assert [e.what for e in auditing.access_entries(most=1)] == ["look 2"]
    assert [(n.text, n.seq) for n in auditing.notes("invoice/1")] == [("note 2", 2), ("note 0", None)]
    assert [n.text for n in auditing.notes(most=2)] == ["note 2", "note 1"]
    assert {n.who.name if n.who else "" for n in auditing.notes()} == {"999"}  # an account that is gone


# --- control totals -----------------------------------------------------------------------------------------


def control(counted: tuple[int, str], there: tuple[int, str]) -> Control:
    return Control("folder", "invoice", "EUR", counted[0], Decimal(counted[1]), there[0], Decimal(there[1]))


@pytest.mark.parametrize(
    ("counted", "there", "agrees"),
    [
        ((2, "10.00"), (2, "10.00"), True),
        ((2, "10.00"), (2, "10"), True),
        ((2, "10.00"), (1, "10.00"), False),  # one for nothing is gone
        ((2, "10.00"), (2, "10.01"), False),
        ((0, "0"), (0, "0"), True),
    ],
)
def test_a_source_agrees_in_number_and_in_sum(
    counted: tuple[int, str], there: tuple[int, str], agrees: bool
) -> None:
    assert control(counted, there).agrees is agrees


@database
@undone
def test_entries_to_prove_are_counted_though_numbers_were_given_to_none() -> None:
    trail.allot("audit_entry_id_seq", 7)  # as a batch that was rolled back does
    cast.trade()
    newest = Entry.objects.order_by("-id")[0]
    assert auditing.figures()["entries"] == Entry.objects.count() < newest.id


def test_what_does_not_agree_stands_first_and_what_only_one_side_knows_is_there() -> None:
    told = {
        ("folder", "invoice", "invoice", "EUR"): (2, Decimal("10.00")),
        ("", "order", "", ""): (1, Decimal(0)),
        ("mail", "invoice", "credit_note", "SEK"): (1, Decimal("5.00")),
    }
    there = {
        ("folder", "invoice", "invoice", "EUR"): (2, Decimal("10.00")),
        ("", "order", "", ""): (1, Decimal(0)),
        ("zip", "invoice", "invoice", "EUR"): (1, Decimal("7.00")),
    }
    found = auditing.compared(told, there)
    assert [(c.source, c.kind, c.currency, c.counted, c.there, c.agrees) for c in found] == [
        ("mail", "credit_note", "SEK", 1, 0, False),
        ("zip", "invoice", "EUR", 0, 1, False),
        ("direct", "order", "", 1, 1, True),
        ("folder", "invoice", "EUR", 2, 2, True),
    ]


# --- legal holds --------------------------------------------------------------------------------------------


@database
@undone
def test_a_legal_hold_says_what_it_is_on_and_stands_apart_from_lifted_ones() -> None:
    vendor = rows.vendor(vendor_id="V-7", name="Hartmann GmbH")
    ours, strange = rows.invoice(number="INV-1", vendor=vendor), rows.invoice(number="INV-2")
    gone = UUID(int=5)

    def keep(subject: str, minutes: int, lifted: int | None = None) -> None:
        rows.made(
            LegalHold,
            subject=subject,
            reason="lawsuit",
            placed_by=rows.ALICE,
            placed_at=AT + timedelta(minutes=minutes),
            lifted_at=None if lifted is None else AT + timedelta(minutes=lifted),
            lift_reason="" if lifted is None else "settled",
        )

    keep(ours.subject, 1)
    keep(strange.subject, 2)
    keep(f"vendor/{vendor.pk}", 3)
    keep(f"invoice/{gone}", 4)
    keep(ours.subject, 0, lifted=9)
    keep(strange.subject, 0, lifted=10)
    found = retention.overview()
    assert [(h.name, h.invoice) for h in found.standing] == [
        (f"invoice/{gone}", None),
        ("Vendor V-7 Hartmann GmbH", None),
        ("Invoice INV-2", strange.pk),
        ("Invoice INV-1, Hartmann GmbH", ours.pk),
    ]
    assert [(h.name, h.lift_reason) for h in found.lifted] == [
        ("Invoice INV-2", "settled"),
        ("Invoice INV-1, Hartmann GmbH", "settled"),
    ]


# --- the navigation -----------------------------------------------------------------------------------------


@database
@undone
def test_each_entry_of_the_navigation_counts_what_is_to_be_done_there(people: Cast) -> None:
    rows.made(
        Quarantine,
        content=rows.content(),
        name="a.csv",
        code="malformed",
        error="x",
        received_by=rows.SYSTEM,
        received_at=AT,
    )
    rows.run()
    rows.run(status="approved")
    rows.statement(status="open")
    rows.statement(status="agreed")
    rows.coding(rows.invoice(state="cleared"))
    rows.coding(rows.invoice(state="received"))  # not booked yet: nothing waits
    rows.coding(rows.invoice(state="paid"), status="set")
    rows.question(queue="payments", kind="payment_run")
    rows.question()

    def counts(name: str) -> dict[str, tuple[int, str]]:
        found = shell.nav(getattr(people, name), "inbox", "")
        return {i.key: (i.count, i.about) for i in found.items if i.about}

    managers = {
        "inbox": (2, "open cases"),
        "agents": (0, "stopped"),
        "intake": (1, "in quarantine"),
        "coding": (1, "to confirm"),
        "statements": (1, "with differences"),
        "payments": (1, "proposed"),
    }
    assert counts("carol") == managers
    alices = managers | {"inbox": (1, "open cases")}  # of a run she is told nothing
    assert counts("alice") == {k: v for k, v in alices.items() if k != "payments"}
    assert counts("frank") == {"agents": (0, "stopped"), "intake": (1, "in quarantine")}
    assert shell.nav(people.frank, "overview", "").queues == []


def test_each_entry_of_the_navigation_has_a_key_a_letter_and_an_address_of_its_own() -> None:
    for of in ("key", "letter", "title", "url", "icon"):
        values = [getattr(page, of) for page in shell.PAGES]
        assert len(set(values)) == len(values), of
    assert [page.key for page in shell.PAGES if page.address == ""] == ["overview"]


# --- rights -------------------------------------------------------------------------------------------------


def row(**opens: tuple[str, ...]) -> access_matrix.Row:
    none: dict[str, tuple[str, ...]] = dict.fromkeys(
        ("pages", "navigation", "topics", "sees", "answers", "brings"), ()
    )
    return access_matrix.Row(Right("pay", "pay"), Holders(), **none | opens)


@pytest.mark.parametrize(
    ("opens", "words"),
    [
        ({}, ""),
        ({"pages": ("runs", "run")}, "addresses: runs, run"),
        (
            {"brings": ("rates",), "navigation": ("Payments",), "answers": ("payment run",)},
            "in the navigation: Payments; answers questions: payment run; brings: rates",
        ),
    ],
)
def test_what_a_right_opens_is_one_line_in_one_order(opens: Any, words: str) -> None:
    assert row(**opens).opens == words


# --- the examination of agents ------------------------------------------------------------------------------


def examined(**changes: Any) -> Evaluation:
    nothing = Share(0, 0)
    plain: dict[str, Any] = {
        "invoices": 0,
        "lanes_right": nothing,
        "all_right": nothing,
        "over_escalated": nothing,
        "false_clears": nothing,
        "false_clear_worth": Worth({}, Decimal(0)),
        "held_worth": Worth({}, Decimal(0)),
        "lost": 0,
        "unlabelled": 0,
        "codes": (),
        "lanes": {},
        "scenarios": {},
        "wrong": (),
    }
    return Evaluation(**plain | changes)


def test_kinds_that_always_came_out_right_are_not_named_and_the_worst_stands_first() -> None:
    scenarios = {
        "fine": Share(5, 5),
        "b": Share(1, 2),
        "a": Share(2, 4),
        "worst": Share(0, 3),
        "near": Share(9, 10),
    }
    found = quality._kinds(examined(scenarios=scenarios))
    assert [(k.name, k.share.part, k.share.base) for k in found] == [
        ("worst", 0, 3),
        ("a", 2, 4),
        ("b", 1, 2),
        ("near", 9, 10),
    ]


def test_a_row_of_lanes_counts_where_its_invoices_were_found() -> None:
    lanes = {("auto", "auto"): 7, ("auto", "escalated"): 2, ("escalated", "auto"): 1}
    found = quality._lane_rows(examined(lanes=lanes), ["auto", "escalated"])
    assert [(r.lane, [n for _, n in r.counts], r.total) for r in found] == [
        ("auto", [7, 2], 9),
        ("escalated", [1, 0], 1),  # a lane in which nothing should be is no row
    ]


@pytest.mark.parametrize(
    ("now", "then", "other"), [("v2", "v1", True), ("v1", "v1", False), ("", "v1", False)]
)
def test_rules_that_are_no_longer_in_force_are_said_to_be_others(now: str, then: str, other: bool) -> None:
    kept: Any = SimpleNamespace(policy=then)
    found = quality.Quality(kept, examined(), [], [], [], [], [], now, [])
    assert found.other_policy is other
