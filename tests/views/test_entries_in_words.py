"""Every entry of the ledger reads as one line of words, whatever is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.template import Context, Template
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Entry
from coordination.agents.operations_delivery import CONFIRMED
from coordination.display import ledger_entries
from coordination.display.ledger_entries import BY_BANK, DONE, KINDS, Moment, invoice_of, moment, statement_of
from coordination.domain.hold_codes import CATALOGUE

AS_CONFIRMED = "as confirmed by"


def entry(type_: str, data: dict[str, Any] | None = None) -> Entry:
    """An entry as the ledger keeps it, in no table."""
    return Entry(type=type_, body=json.dumps({"data": data or {}}))


def told(type_: str, data: dict[str, Any] | None = None) -> Moment:
    return moment(entry(type_, data))


def decided(**changes: Any) -> Moment:
    plain = {
        "agent": "finance.validation",
        "result": "act",
        "confidence": "0.99",
        "reasons": [],
        "state": {"from": "received", "to": "validated", "version": "2"},
    }
    return told("invoice.decided", plain | changes)


TOLD: list[tuple[str, dict[str, Any], Moment]] = [
    (
        "invoice.received",
        {"document": {"format": "ubl-2.1", "name": "RE-7.xml"}},
        Moment("document", "Received", "UBL 2.1, RE-7.xml"),
    ),
    (
        "statement.received",
        {"document": {"format": "csv-statements", "name": "may.csv"}},
        Moment("document", "Received", "CSV statements, may.csv"),
    ),
    (
        "invoice.decided",
        {"agent": "procurement.matching", "result": "hold", "confidence": "0.9", "reasons": ["price_over"]},
        Moment("agent", "Held", f"procurement.matching 0.90 · {CATALOGUE['price_over'].words}"),
    ),
    ("facts.changed", {"kinds": ["order/PO-1", "receipt/9"]}, Moment("turn", "New facts", "order, receipt")),
    (
        "facts.taken",
        {"facts": {"receipts": [], "orders": [], "digest": "d85b", "makers": []}},
        Moment("stack", "Facts taken", "orders, receipts, who brought the facts"),
    ),
    ("facts.taken", {"facts": {"digest": "d85b"}}, Moment("stack", "Facts taken", "the invoice's own")),
    ("invoice.restated", {}, Moment("stack", "Another document says the same claim", "")),
    (
        "escalation.opened",
        {"queue": "finance", "clock": "desk time"},
        Moment("tray", "Escalated to finance", "clock: desk time"),
    ),
    ("escalation.superseded", {"why": "new facts"}, Moment("stack", "Superseded", "new facts")),
    ("escalation.withdrawn", {"why": "all is well"}, Moment("return", "Withdrawn", "all is well")),
    ("escalation.claimed", {}, Moment("lock", "Claimed", "")),
    (
        "escalation.lease_ended",
        {"from": "human:1"},
        Moment("lock", "Claim ended: not seen on the case for long", ""),
    ),
    (
        "verdict.pending",
        {"verdict": "reject", "reason": "price_not_agreed", "comment": "Agreed was 10.00."},
        Moment("clock", "Rejected, not yet counted", "Price was not agreed · “Agreed was 10.00.”"),
    ),
    ("verdict.taken_back", {"pending": "7"}, Moment("return", "Answer taken back", "")),
    (
        "verdict.voided",
        {"why": "The case changed before the answer counted.", "by": "human:1"},
        Moment("octagon", "The answer does not count", "The case changed before the answer counted."),
    ),
    ("escalation.released", {}, Moment("lock", "Released", "")),
    ("escalation.taken_over", {}, Moment("lock", "Taken over", "")),
    ("escalation.handed_over", {"to": "system:x"}, Moment("person", "Handed over to system:x", "")),
    ("escalation.remarked", {"text": "Seen."}, Moment("comment", "Said", "Seen.")),
    (
        "escalation.put_aside",
        {"until": "2026-12-03T07:00:00+00:00", "for": "time"},
        Moment("pause", "Put aside", "until 3 December, 07:00"),
    ),
    (
        "escalation.put_aside",
        {"until": "2026-12-03T07:00:00+00:00", "for": "event"},
        Moment("pause", "Put aside", "until something arrives, to 3 December, 07:00 at the latest"),
    ),
    ("escalation.returned", {}, Moment("return", "Back in the list", "")),
    ("escalation.warned", {}, Moment("clock", "Half of its time is over", "")),
    ("escalation.overdue", {"why": "24 hours"}, Moment("clock", "Overdue", "24 hours")),
    (
        "delegation.arranged",
        {"delegate": "system:x", "until": "2026-12-03T23:00:00+00:00"},
        Moment("people", "Will be answered for by system:x", "until 3 Dec 2026, 23:00"),
    ),
    (
        "delegation.begun",
        {"delegate": "system:x", "until": "2026-12-03T23:00:00+00:00"},
        Moment("people", "Answered for by system:x", "until 3 Dec 2026, 23:00"),
    ),
    (
        "delegation.ended",
        {"delegate": "system:x", "until": "2026-12-03T23:00:00+00:00", "why": "taken back"},
        Moment("people", "No longer answered for by system:x", "taken back"),
    ),
    (
        "verdict.given",
        {"verdict": "approve", "reason": "evidence_complete", "for": "Marta"},
        Moment("check-ring", "Approved for Marta", "Evidence is complete"),
    ),
    (
        "verdict.given",
        {"verdict": "reject", "reason": "not_ordered", "comment": "Never ours."},
        Moment("cross-ring", "Rejected", "Not ordered · “Never ours.”"),
    ),
    (
        "verdict.given",
        {"verdict": "approve", "reason": "not_ordered", "together": {"id": "a", "size": "14"}},
        Moment("check-ring", "Approved", "Not ordered · one answer to 14 cases"),
    ),
    (
        "verdict.given",
        {
            "verdict": "edit",
            "remedy": "complete_field",
            "terms": {"issue_date": "2026-09-05"},
            "reason": "read_on_document",
            "status": "edited",
        },
        Moment("pencil", "Edited", "complete field, 2026-09-05 · Read on the original"),
    ),
    (
        "verdict.given",
        {"verdict": "edit", "remedy": "complete_field", "terms": {"gross": "5"}, "status": "open"},
        Moment("pencil", "Edited", "complete field, 5 · a second person answers the same"),
    ),
    (
        "fact.supplied",
        {
            "facts": [
                {"field": "lines/2/price", "was": "", "value": "10"},
                {"field": "currency", "was": "E", "value": "EUR"},
            ]
        },
        Moment("pencil", "Fact supplied", "unit price on line 2: nothing → 10 · currency: E → EUR"),
    ),
    ("fact.declared", {}, Moment("pencil", "Unit factor declared", "")),
    (
        "fact.supplied",
        {"facts": [{"field": "apart_from/01a2", "value": "INV-1"}]},
        Moment("pencil", "Fact supplied", "no duplicate of INV-1"),
    ),
    (
        "fact.supplied",
        {"facts": [], "document": {"id": "x"}},
        Moment("pencil", "Fact supplied", "the document says it now"),
    ),
    (
        "coding.confirmed",
        {"line": "2", "coding": "4400/10", "agreed": "yes"},
        Moment("check-ring", "Coding confirmed", "line 2: 4400/10"),
    ),
    ("agent.drill_started", {"reason": "To see it."}, Moment("gauge", "Drill started", "To see it.")),
    ("agent.drill_ended", {"reason": "Seen."}, Moment("gauge", "Drill ended", "Seen.")),
    (
        "catch_rate.doses_began",
        {"queue": "finance", "caught": "30", "cases": "40", "doses": [{"id": "D-01"}]},
        Moment("gauge", "Doses began: the catch rate fell", "finance · 30 of 40 caught · D-01"),
    ),
    (
        "catch_rate.doses_ended",
        {"queue": "finance", "caught": "37", "cases": "40", "doses": [], "why": "recovered"},
        Moment("gauge", "Doses ended", "finance · 37 of 40 caught · recovered"),
    ),
    ("invoice.held", {"reason": "Wait for Bob."}, Moment("pause", "Held by a person", "Wait for Bob.")),
    ("legal_hold.placed", {"reason": "Court."}, Moment("lock", "Legal hold set", "Court.")),
    ("legal_hold.lifted", {"reason": "Over."}, Moment("lock", "Legal hold lifted", "Over.")),
    ("personal.erased", {"why": "on request"}, Moment("cross-ring", "Personal text erased", "on request")),
    ("payment.proposed", {"run": "7"}, Moment("payment", "Payment proposed", "payment run 7")),
    ("payment.scheduled", {"number": "7"}, Moment("clock", "Scheduled", "payment run 7")),
    ("payment.approved", {"run": "7"}, Moment("check-ring", "Payment approved", "payment run 7")),
    ("payment.exported", {"run": "7"}, Moment("download", "Bank file written", "payment run 7")),
    ("payment.confirmed", {"run": "7"}, Moment("check-ring", "Confirmed as paid", "payment run 7")),
    (
        "payment.reported",
        {
            "document": {"number": "M-1"},
            "answers": [{"result": "refused"}, {"result": "paid"}, {"result": "paid"}],
        },
        Moment("document", "The bank answered", "M-1 · 2 paid, 1 refused", BY_BANK),
    ),
    (
        "payment.refused",
        {"run": "7", "bank": {"code": "AC04", "reason": "closed", "day": "2026-05-04"}, "document": "d"},
        Moment(
            "cross-ring",
            "The payment did not arrive",
            "payment run 7 · the bank says AC04 closed · 2026-05-04",
            BY_BANK,
        ),
    ),
    (
        "payment.returned",
        {"run": "7", "bank": {"code": "MS03"}},
        Moment("return", "A part of the payment came back", "payment run 7 · the bank says MS03"),
    ),
    ("payment.contradicted", {"run": "7"}, Moment("octagon", "The bank contradicts itself", "payment run 7")),
    (
        "payment.suspected",
        {"sentence": "Paid before."},
        Moment("stack", "Left out of a payment run", "Paid before."),
    ),
    ("payment.executed", {"run": "7"}, Moment("check-ring", "Paid", "payment run 7", AS_CONFIRMED)),
    (
        "payment.executed_in_part",
        {"run": "7"},
        Moment("check-ring", "Paid in part", "payment run 7", AS_CONFIRMED),
    ),
    ("payment.cancelled", {"run": "7"}, Moment("cross-ring", "Payment cancelled", "payment run 7")),
    (
        "payment.taken_out",
        {"number": "7", "invoice": "RE-1", "comment": "Not yet."},
        Moment("cross-ring", "Payment taken out", "payment run 7 · RE-1 · Not yet."),
    ),
    ("payment.withdrawn", {"number": "7"}, Moment("cross-ring", "Payment run withdrawn", "payment run 7")),
    ("payment.stopped", {"number": "7"}, Moment("cross-ring", "Payment run stopped", "payment run 7")),
    (
        "payment.left_out",
        {"left": [{"invoice": "RE-1", "why": "held"}]},
        Moment("cross-ring", "Left out before the file was written", "RE-1: held · to be signed again"),
    ),
    (
        "payment.unscheduled",
        {"run": "7", "why": "held"},
        Moment("return", "Not paid by this run", "payment run 7 · held"),
    ),
    (
        "payment.file_asked",
        {"number": "7", "comment": "Lost."},
        Moment("download", "Another bank file asked for", "payment run 7 · Lost."),
    ),
    (
        "payment.exported_again",
        {"run": "7"},
        Moment("download", "Another bank file written", "payment run 7"),
    ),
    (
        "payment.recall_asked",
        {"run": "7", "payments": [["RE-1", "x"], ["RE-2", "y"]], "reason": "DUPL"},
        Moment("return", "The bank is asked to call it back", "payment run 7 · RE-1, RE-2 · DUPL"),
    ),
    (
        "payment.stated",
        {"invoice": "RE-1", "currency": "EUR", "amount": "10.00", "paid_on": "2026-05-04", "reference": "K1"},
        Moment("payment", "Said to be paid elsewhere", "RE-1 · EUR 10.00 on 2026-05-04 · K1"),
    ),
    (
        "payment.elsewhere",
        {"currency": "EUR", "amount": "10.00", "paid_on": "2026-05-04", "evidence": "cash book"},
        Moment("check-ring", "Paid elsewhere", "EUR 10.00 on 2026-05-04 · cash book"),
    ),
    (
        "payment.confirmed_elsewhere",
        {"invoice": "RE-1", "currency": "EUR", "amount": "1.00", "paid_on": "2026-05-04"},
        Moment("check-ring", "Confirmed as paid elsewhere", "RE-1 · EUR 1.00 on 2026-05-04"),
    ),
    (
        "payment.refused_elsewhere",
        {"invoice": "RE-1", "currency": "EUR", "amount": "1.00", "paid_on": "2026-05-04"},
        Moment("cross-ring", "Not confirmed as paid elsewhere", "RE-1 · EUR 1.00 on 2026-05-04"),
    ),
    (
        "statement.reconciled",
        {"result": "open", "reasoning": "2 of 9 differ."},
        Moment("agent", "Compared: it differs", "2 of 9 differ."),
    ),
    (
        "statement.answered",
        {"status": "accepted", "reason": "difference_accepted"},
        Moment("person", "Differences accepted", "Difference accepted"),
    ),
    ("statement.failed", {"why": "no vendor"}, Moment("octagon", "Could not be reconciled", "no vendor")),
    (
        "catch_rate.doses_began",
        {"queue": "procurement", "caught": "5", "cases": "10", "doses": [{"id": "D-01"}, {"id": "D-02"}]},
        Moment(
            "gauge",
            "Doses began: the catch rate fell",
            "procurement · 5 of 10 caught · D-01, D-02",
        ),
    ),
    (
        "catch_rate.doses_ended",
        {"queue": "procurement", "caught": "36", "cases": "40", "why": "met"},
        Moment("gauge", "Doses ended", "procurement · 36 of 40 caught · met"),
    ),
]


@pytest.mark.parametrize(("type_", "data", "line"), TOLD, ids=[type_ for type_, _, _ in TOLD])
def test_an_entry_is_told_as_what_happened(type_: str, data: dict[str, Any], line: Moment) -> None:
    assert told(type_, data) == line


@pytest.mark.parametrize(
    ("type_", "title"),
    [("review_plan.computed", "Review plan computed"), ("calibration.measured", "Calibration measured")],
)
def test_a_type_without_words_of_its_own_is_read_as_words(type_: str, title: str) -> None:
    assert told(type_) == Moment("dashed", title, "")


def test_every_type_that_has_words_is_told_above() -> None:
    assert {type_ for type_, _, _ in TOLD} == set(KINDS)


@pytest.mark.parametrize("type_", sorted(KINDS))
def test_an_entry_that_says_nothing_more_is_a_line_all_the_same(type_: str) -> None:
    line = told(type_)
    assert line.icon
    assert isinstance(line.title, str)
    assert "None" not in line.title + line.detail


@pytest.mark.parametrize(
    ("type_", "title"),
    [
        ("agent.lowered", "Agent lowered"),
        ("seal.made", "Seal made"),
        ("policy.activated", "Policy activated"),
        ("a.b.c", "A b c"),
        ("", ""),
    ],
)
def test_a_type_without_words_reads_as_its_own_name(type_: str, title: str) -> None:
    assert told(type_, {"why": "nobody asks"}) == Moment("dashed", title, "")


# --- decisions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "title"),
    [
        ("act", "Validated"),
        ("note", "Validated"),
        ("hold", "Held"),
        ("wait", "Waits"),
        ("escalate", "Escalated"),
        ("block", "Block"),
    ],
)
def test_what_an_agent_came_to_is_the_title(result: str, title: str) -> None:
    assert decided(result=result).title == title


@pytest.mark.parametrize("agent", sorted(DONE.keys() - {"operations.delivery"}))
def test_an_agent_that_finds_nothing_says_what_it_has_done(agent: str) -> None:
    assert decided(agent=agent).title == DONE[agent]


@pytest.mark.parametrize(
    ("reasoning", "title"),
    [
        (CONFIRMED, "Delivery confirmed"),
        ("No line of it leads to an order.", "No delivery to confirm"),
        ("", "No delivery to confirm"),
    ],
)
def test_a_delivery_is_confirmed_only_where_one_was_found(reasoning: str, title: str) -> None:
    assert decided(agent="operations.delivery", reasoning=reasoning).title == title


def test_a_held_delivery_is_held_whatever_was_found() -> None:
    assert decided(agent="operations.delivery", result="hold").title == "Held"


def test_an_agent_that_nobody_knows_any_more_is_told_by_the_state_it_led_to() -> None:
    assert decided(agent="treasury.magic", state={"from": "received", "to": "cleared"}).title == "Cleared"
    assert decided(agent="treasury.magic", state={}).title == "Decided"


def test_the_reasons_of_a_decision_are_in_words_and_in_their_order() -> None:
    line = decided(result="hold", reasons=["tax_mismatch", "no_po", "from_the_future"])
    known = [CATALOGUE["tax_mismatch"].words, CATALOGUE["no_po"].words]
    assert line.detail == f"finance.validation 0.99 · {', '.join([*known, 'from_the_future'])}"


@pytest.mark.parametrize(
    ("confidence", "detail"),
    [
        ("0.9", "finance.validation 0.90"),
        ("1", "finance.validation 1.00"),
        ("", "finance.validation"),
        (None, "finance.validation"),
    ],
)
def test_a_confidence_stands_behind_its_agent_where_there_is_one(confidence: Any, detail: str) -> None:
    assert decided(confidence=confidence).detail == detail


def test_a_verdict_that_took_effect_says_from_where_to_where() -> None:
    line = decided(agent="person", outcome="approved", state={"from": "matched", "to": "cleared"})
    assert line == Moment("person", "Verdict took effect: approved", "matched → cleared")


@pytest.mark.parametrize(
    ("verdict", "icon", "title"),
    [
        ("approve", "check-ring", "Approved"),
        ("override", "check-ring", "Overridden"),
        ("reject", "cross-ring", "Rejected"),
        ("partial", "check-ring", "Answered"),
        ("", "check-ring", "Answered"),
    ],
)
def test_a_verdict_is_told_by_its_word(verdict: str, icon: str, title: str) -> None:
    line = told("verdict.given", {"verdict": verdict, "reason": "not_ordered"})
    assert (line.icon, line.title, line.detail) == (icon, title, "Not ordered")


def test_a_coding_that_a_person_changed_names_what_was_proposed() -> None:
    data = {"line": "1", "coding": "4400/10", "agreed": "no", "proposed": "4980/20"}
    line = told("coding.confirmed", data)
    assert (line.title, line.detail) == ("Coding corrected", "line 1: 4400/10, proposed was 4980/20")


@pytest.mark.parametrize(
    ("result", "title"),
    [
        ("agreed", "Compared: it agrees"),
        ("open", "Compared: it differs"),
        ("failed", "Compared: failed"),
    ],
)
def test_a_statement_is_compared_and_the_title_says_how_it_went(result: str, title: str) -> None:
    assert told("statement.reconciled", {"result": result}).title == title


@pytest.mark.parametrize(
    ("status", "title"), [("accepted", "Differences accepted"), ("asked", "The vendor is asked")]
)
def test_an_answer_to_a_statement_says_what_is_done_about_it(status: str, title: str) -> None:
    assert told("statement.answered", {"status": status}).title == title


# --- many of one kind ---------------------------------------------------------------------------------------


def invoices(count: int) -> list[dict[str, str]]:
    return [{"invoice": f"RE-{n}", "why": "held"} for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("count", "detail"),
    [
        (0, "to be signed again"),
        (1, "RE-1: held · to be signed again"),
        (3, "RE-1: held · RE-2: held · RE-3: held · to be signed again"),
        (4, "RE-1: held · RE-2: held · RE-3: held · and 1 more · to be signed again"),
        (12, "RE-1: held · RE-2: held · RE-3: held · and 9 more · to be signed again"),
    ],
)
def test_of_many_that_were_left_out_the_first_three_are_named(count: int, detail: str) -> None:
    assert told("payment.left_out", {"left": invoices(count)}).detail == detail


def test_a_run_of_which_nothing_is_left_is_cancelled() -> None:
    line = told("payment.left_out", {"left": invoices(1), "status": "cancelled"})
    assert line.detail == "RE-1: held · the run is cancelled"


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "RE-0"), (3, "RE-0, RE-1, RE-2"), (4, "RE-0, RE-1, RE-2 and 1 more")],
)
def test_of_many_that_are_called_back_the_first_three_are_named(count: int, said: str) -> None:
    payments = [[f"RE-{n}", "10.00"] for n in range(count)]
    line = told("payment.recall_asked", {"number": "7", "payments": payments, "reason": "CUST"})
    assert line.detail == f"payment run 7 · {said} · CUST"


@given(st.lists(st.sampled_from(["paid", "refused", "returned", "unknown"]), max_size=30))
def test_the_answers_of_a_bank_are_counted_and_none_is_lost(results: list[str]) -> None:
    data = {"document": {"number": "M-1"}, "answers": [{"result": r} for r in results]}
    said = told("payment.reported", data).detail.removeprefix("M-1 · ")
    counts: dict[str, str] = dict(reversed(part.split(" ", 1)) for part in said.split(", ")) if said else {}
    assert {word: int(n) for word, n in counts.items()} == {w: results.count(w) for w in set(results)}


@pytest.mark.parametrize(
    "type_", sorted(t for t, read in KINDS.items() if read.__qualname__.startswith("_in_run"))
)
def test_nobody_who_brings_a_file_of_the_bank_is_said_to_have_done_what_it_says(type_: str) -> None:
    assert told(type_, {"run": "7", "document": {"number": "M-1"}}).by == BY_BANK
    assert told(type_, {"run": "7"}).by in {"by", AS_CONFIRMED}


# --- strangers ----------------------------------------------------------------------------------------------

HOSTILE = "<script>alert('x')</script><img src=x onerror=\"alert(1)\">&amp;"
TEXTS = {
    "invoice.received": {"document": {"format": HOSTILE, "name": HOSTILE}},
    "invoice.decided": {"agent": HOSTILE, "result": HOSTILE, "reasons": [HOSTILE]},
    "verdict.given": {"verdict": "approve", "reason": HOSTILE, "comment": HOSTILE},
    "coding.confirmed": {"line": HOSTILE, "coding": HOSTILE, "agreed": "no", "proposed": HOSTILE},
    "invoice.held": {"reason": HOSTILE},
    "payment.refused": {"run": HOSTILE, "bank": {"code": HOSTILE, "reason": HOSTILE, "day": HOSTILE}},
    "payment.taken_out": {"number": HOSTILE, "invoice": HOSTILE, "comment": HOSTILE},
    "payment.left_out": {"left": [{"invoice": HOSTILE, "why": HOSTILE}]},
    "payment.stated": {"invoice": HOSTILE, "reference": HOSTILE, "evidence": HOSTILE, "amount": HOSTILE},
    "payment.reported": {"document": {"number": HOSTILE}, "answers": [{"result": HOSTILE}]},
    "payment.recall_asked": {"payments": [[HOSTILE]], "reason": HOSTILE},
    "facts.changed": {"kinds": [HOSTILE]},
    "statement.reconciled": {"result": HOSTILE, "reasoning": HOSTILE},
    HOSTILE: {},
}
LINE = Template("{{ m.icon }}{{ m.title }} {{ m.detail }} {{ m.by }}")


@pytest.mark.parametrize("type_", sorted(TEXTS))
def test_no_text_of_a_stranger_becomes_markup(type_: str) -> None:
    line = told(type_, TEXTS[type_])
    assert not any(isinstance(text, SafeString) for text in (line.title, line.detail, line.by))
    page = LINE.render(Context({"m": line}))
    assert "<" not in page
    assert "script" in page.casefold()


@given(st.text(max_size=80))
def test_what_a_person_wrote_stands_in_the_line_to_the_letter(text: str) -> None:
    assert told("payment.suspected", {"sentence": text}).detail == text
    assert told("invoice.held", {"reason": text}).detail == text


# --- subjects -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "invoice", "statement"),
    [
        ("invoice/1", "1", ""),
        ("statement/1", "", "1"),
        ("invoice/a/b", "a/b", ""),
        ("invoices/1", "", ""),
        ("policy/3", "", ""),
        ("invoice", "", ""),
        ("", "", ""),
    ],
)
def test_a_subject_leads_to_its_own_page_and_to_no_other(subject: str, invoice: str, statement: str) -> None:
    assert (invoice_of(subject), statement_of(subject)) == (invoice, statement)


def test_a_body_is_parsed_once_and_stays_what_it_is() -> None:
    body = json.dumps({"data": {"why": "once"}})
    first = ledger_entries.body_of(body)
    assert ledger_entries.body_of(body) is first
    assert ledger_entries.body_of(body.replace("once", "twice"))["data"] == {"why": "twice"}
