"""Who may do what at which address: the one table. It is written by hand, from what is promised, not from the
code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from coordination.models import Invoice
from reviews import exposure
from reviews.bulk import Sent
from reviews.models import Escalation
from tests import cast
from tests.views.test_mappings import form_of

from .house import DRAW, House

SPECIALISTS = frozenset({"alice", "bob", "olga", "ulla"})  # procurement, finance, operations, the whole desk
MANAGERS = frozenset({"carol", "dave"})
AUDITORS = frozenset({"erin"})
ADMINISTRATORS = frozenset({"frank"})

DECIDERS = SPECIALISTS | MANAGERS
READERS = DECIDERS | AUDITORS
LEADERS = MANAGERS | AUDITORS
EVERYBODY = READERS | ADMINISTRATORS
WITHOUT_RIGHTS = frozenset({"gus", "root", "eve"})  # in no group, Django's superuser in no group, access over
SIGNED_IN = EVERYBODY | WITHOUT_RIGHTS
STRANGERS = frozenset({"nobody", "ivan"})  # not signed in, and with an account that is switched off
ALL = SIGNED_IN | STRANGERS
NOBODY: frozenset[str] = frozenset()

Form = Mapping[str, Any] | Callable[[House, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """`get` and `post`: who may; None: the address knows no such method.

    `sent`: a form that is right. `writes`: for whom rows change by it (default: all who may). `about`: which
    objects of the house, where not the usual ones. `reads`: who may read what it is about anyhow, so that a
    refusal may name it.
    """

    get: frozenset[str] | None = None
    post: frozenset[str] | None = None
    sent: Form = field(default_factory=dict)
    writes: frozenset[str] | None = None
    about: Mapping[str, str] = field(default_factory=dict)
    reads: frozenset[str] = NOBODY


def read(who: frozenset[str], **about: str) -> Row:
    return Row(get=who, about=about, reads=who)


def write(
    who: frozenset[str],
    sent: Form | None = None,
    *,
    reads: frozenset[str] = NOBODY,
    writes: frozenset[str] | None = None,
    **about: str,
) -> Row:
    return Row(post=who, sent=sent or {}, reads=reads, writes=writes, about=about)


# --- forms that need to know something ------------------------------------------------------------------


def _verdict(reason: str) -> Callable[[House, str], Mapping[str, str]]:
    def form(house: House, name: str) -> Mapping[str, str]:
        return answer(Escalation.objects.get(pk=house.objects["escalation_id"]), house, name, reason)

    return form


def _many(house: House, name: str) -> Mapping[str, str]:
    """The question as the page sends it on which many are answered together."""
    row = Escalation.objects.get(pk=house.objects["escalation_id"])
    user = house.people.get(name) or house.people["alice"]
    sent = Sent(row.pk, row.version, row.payload_hash, "click-1", exposure.stamp(row, user))
    return {"item": sent.packed, "verdict": "approve", "reason": "approve:difference_accepted"}


def _colleague(house: House, name: str) -> Mapping[str, str]:
    """A manager who is somebody else."""
    return {"to": str(house.people["dave" if name == "carol" else "carol"].pk)}


def _away(house: House, name: str) -> Mapping[str, str]:
    """Whoever asks is away tomorrow; a manager of as high a limit answers."""
    day = (cast.today() + timedelta(days=1)).isoformat()
    delegate = house.people["dave" if name == "carol" else "carol"]
    return {"delegate": str(delegate.pk), "first": day, "last": day}


def answer(row: Escalation, house: House, name: str, reason: str) -> Mapping[str, str]:
    """The verdict form of a question as it was made for a person."""
    user = house.people.get(name) or house.people["alice"]
    return {
        "verdict": reason.partition(":")[0],
        "reason": reason,
        "comment": "Agreed by phone.",
        "seen_version": str(row.version),
        "payload_hash": row.payload_hash,
        "shown": exposure.stamp(row, user),
        "click": "click-1",
    }


def _signature(house: House, name: str) -> Mapping[str, str]:
    asked = Escalation.objects.get(kind="payment_run", status="open")
    return answer(asked, house, name, "approve:payments_checked")


def _hold(house: House, _: str) -> Mapping[str, str]:
    version = Invoice.objects.get(pk=house.objects["cleared"]).version
    return {"version": str(version), "reason": "Something is wrong with it."}


def _next_version(house: House, _: str) -> Mapping[str, str]:
    page = house.browsers["carol"].get(reverse("coordination:map_change", args=[house.objects["map_id"]]))
    return form_of(page) | {"name": "Torx orders, by another name"}


def _document(_: House, __: str) -> Mapping[str, Any]:
    content = cast.table("invoices", cast.bill(invoice_number="RE-7788"))
    return {"files": SimpleUploadedFile("brought.csv", content)}


def _sample(_: House, __: str) -> Mapping[str, Any]:
    return {"sample": SimpleUploadedFile("sample.csv", b"Nr;Wer;Was\n1;V-9;Torx\n")}


def _filled_in(house: House, _: str) -> Mapping[str, str]:
    return house.map_form


WHY = {"reason": "Because it is so."}
DRILL = {"kind": "approves", "share": "0.3"}
TEXT = {"text": "Because it is so."}
PROPOSER = frozenset({"dave"})
OTHER_MANAGERS = MANAGERS - PROPOSER
TABLE: dict[str, Row] = {
    # the frame: for everybody who is signed in, and it shows nothing to those without rights
    "login": Row(get=STRANGERS, post=STRANGERS, writes=NOBODY),
    "continue-as": Row(post=NOBODY),  # outside the demonstration there is no such page
    "logout": Row(post=SIGNED_IN),
    "coordination:nav": Row(get=SIGNED_IN, reads=EVERYBODY),
    "coordination:preferences": Row(post=SIGNED_IN, sent={"theme": "dark"}, writes=NOBODY),
    # pages for everybody in a group
    "coordination:overview": read(EVERYBODY),
    "coordination:flow": read(EVERYBODY),
    "coordination:counts": read(EVERYBODY),
    "coordination:counts_csv": read(EVERYBODY),
    "coordination:counted": read(EVERYBODY),
    "coordination:counted_csv": read(EVERYBODY),
    "coordination:figure": read(EVERYBODY),
    "coordination:figure_csv": read(EVERYBODY),
    "coordination:holds": read(EVERYBODY),
    "coordination:holds_csv": read(EVERYBODY),
    "coordination:ways": read(EVERYBODY),
    "coordination:ways_csv": read(EVERYBODY),
    "coordination:way": read(EVERYBODY),
    "coordination:way_csv": read(EVERYBODY),
    "coordination:kpis": read(EVERYBODY),
    "coordination:invoices": read(EVERYBODY),
    "coordination:quarantine": read(EVERYBODY),
    "coordination:maps": read(EVERYBODY),
    "coordination:map": read(EVERYBODY),
    # agents
    "coordination:agents": read(EVERYBODY),
    "coordination:service_levels": read(EVERYBODY),
    "coordination:agents_csv": read(EVERYBODY),
    "coordination:disagreement": read(EVERYBODY),
    "coordination:differing": read(READERS),
    "coordination:differing_csv": read(READERS),
    "coordination:agent": read(EVERYBODY),
    "coordination:agent_series": read(EVERYBODY),
    "coordination:agent_series_csv": read(EVERYBODY),
    "coordination:agent_where_csv": read(EVERYBODY),
    "coordination:agent_decisions": read(EVERYBODY),
    "coordination:agent_decisions_csv": read(EVERYBODY),
    "coordination:agent_confidence": read(EVERYBODY),
    "coordination:confidence_replay": read(EVERYBODY),
    "coordination:calibration_csv": read(EVERYBODY),
    "coordination:confidence_draft": write(MANAGERS, {"threshold": "86"}, reads=EVERYBODY),
    "coordination:agent_pause": write(MANAGERS, WHY, reads=EVERYBODY),
    "coordination:agent_resume": write(MANAGERS, WHY, reads=EVERYBODY, name="stopped"),
    "coordination:agent_ask_people": write(MANAGERS, WHY, reads=EVERYBODY, name="stopped"),
    "coordination:agent_drill": write(MANAGERS, WHY | DRILL, reads=EVERYBODY),
    "coordination:agent_drill_end": write(MANAGERS, WHY, reads=EVERYBODY, name="drilled"),
    "coordination:agent_breaker": write(MANAGERS, WHY | {"state": "open"}, reads=EVERYBODY),
    "coordination:agent_on_critical": write(MANAGERS, WHY | {"choice": "ask"}, reads=EVERYBODY),
    "coordination:incidents": read(EVERYBODY),
    "coordination:incidents_csv": read(EVERYBODY),
    "coordination:incident": read(EVERYBODY, number="incident"),
    "coordination:incident_invoices": read(EVERYBODY, number="incident"),
    "coordination:incident_invoices_csv": read(EVERYBODY, number="incident"),
    "coordination:incident_examples": read(EVERYBODY, number="incident"),
    "coordination:incident_examples_csv": read(EVERYBODY, number="incident"),
    "coordination:incident_acknowledge": write(MANAGERS, reads=EVERYBODY, number="incident"),
    "coordination:incident_assign": write(MANAGERS, reads=EVERYBODY, number="incident"),
    "coordination:incident_close": write(
        MANAGERS, WHY | {"cause": "data"}, reads=EVERYBODY, number="incident"
    ),
    # one invoice
    "coordination:invoice": read(READERS),
    "coordination:invoice_hold": write(DECIDERS, _hold, reads=READERS, invoice_id="cleared"),
    "coordination:invoice_as_of": read(READERS),
    "coordination:invoice_again": read(READERS),
    "coordination:invoice_looks": Row(get=LEADERS, reads=READERS),
    "coordination:walkthrough": read(READERS),
    "coordination:evidence": write(LEADERS, reads=READERS),
    "coordination:invoice_note": write(AUDITORS, TEXT, reads=READERS),
    "coordination:entry": read(READERS),
    "coordination:document": read(READERS),
    "coordination:status": read(READERS),
    "coordination:status_of": read(READERS),
    "coordination:status_response": read(READERS),
    # what comes in
    "coordination:intake": Row(get=EVERYBODY, post=DECIDERS, sent=_document, reads=EVERYBODY),
    "coordination:quarantine_original": read(READERS),
    "coordination:quarantine_retry": write(DECIDERS, reads=EVERYBODY),
    "coordination:quarantine_dismiss": write(DECIDERS, reads=EVERYBODY),
    "coordination:map_sample": write(MANAGERS, _sample, reads=EVERYBODY),
    "coordination:map_new": read(MANAGERS),
    "coordination:map_preview": write(MANAGERS, _filled_in, writes=NOBODY),
    "coordination:map_save": write(MANAGERS, _next_version),
    "coordination:map_change": read(MANAGERS),
    "coordination:map_retire": write(MANAGERS, reads=EVERYBODY),
    "coordination:map_retry": write(DECIDERS, reads=EVERYBODY),
    # coding: finance and managers
    "coordination:coding": read(READERS),
    "coordination:coding_figures": read(READERS),
    "coordination:coding_confirm": write(
        MANAGERS | {"bob"},
        {"account": "4400", "cost_centre": "CC-1", "version": "0"},
        reads=READERS,
        invoice_id="cleared",
    ),
    # what documents are about, to be looked up
    "coordination:vendors": read(READERS),
    "coordination:vendor": read(READERS),
    "coordination:order": read(READERS),
    "coordination:receipt": read(READERS),
    "coordination:statements": read(READERS),
    "coordination:statement": read(READERS),
    # money
    "coordination:payments": read(LEADERS),
    "coordination:payment_batch": read(LEADERS),
    "coordination:payments_unpayable": read(LEADERS),
    "coordination:payments_propose": write(MANAGERS),
    "coordination:payment_approve": write(OTHER_MANAGERS, _signature, reads=LEADERS),
    "coordination:payment_withdraw": write(PROPOSER, TEXT, reads=LEADERS),
    "coordination:payment_take_out": write(PROPOSER, TEXT, reads=LEADERS),
    "coordination:payment_stop": write(MANAGERS, TEXT, reads=LEADERS, number="approved"),
    "coordination:payment_file": write(MANAGERS, reads=LEADERS, number="approved"),
    "coordination:payment_recall": write(
        MANAGERS, {"reason": "DUPL", "invoice": ""}, reads=LEADERS, number="exported"
    ),
    "coordination:payment_again": write(MANAGERS, TEXT, reads=LEADERS, number="exported"),
    "coordination:payment_confirm": write(MANAGERS, reads=LEADERS, number="exported"),
    "coordination:paid_elsewhere": write(
        MANAGERS, TEXT | {"paid_on": "2026-10-01", "reference": "X-1"}, reads=LEADERS, invoice_id="abroad"
    ),
    # the audit
    "coordination:audit": read(READERS),
    "coordination:search_keep": write(READERS, {"name": "mine", "query": "text=a"}),
    "coordination:search_drop": write(READERS, writes=AUDITORS),  # it is Erin's; of others it drops nothing
    "coordination:population_export": write(LEADERS, {"query": "", "format": "csv"}),
    "coordination:seals": read(READERS),
    "coordination:seals_verify": write(LEADERS),
    "coordination:checkpoint": read(READERS),
    "coordination:procedure": read(READERS),
    "coordination:procedure_md": read(READERS),
    "coordination:procedure_pdf": read(READERS),
    "coordination:samples": read(LEADERS),
    "coordination:sample": read(LEADERS),
    "coordination:sample_again": read(LEADERS),
    "coordination:sample_csv": read(LEADERS),
    "coordination:sample_new": read(AUDITORS),
    "coordination:sample_draw": write(AUDITORS, DRAW | {"size": "2", "seed": "t"}),
    "coordination:sample_record": write(
        AUDITORS,
        {"outcome": "right", "audited": "", "words": "", "seen": ""},
        reads=LEADERS,
        invoice_id="drawn",
    ),
    "coordination:retention": read(LEADERS),
    "coordination:legal_hold_place": write(MANAGERS, WHY | {"subject": "RE-7702"}),
    "coordination:legal_hold_lift": write(MANAGERS, WHY, reads=LEADERS),
    "coordination:quality": read(LEADERS),
    "coordination:mistakes": read(LEADERS),
    "coordination:mistakes_csv": read(LEADERS),
    "coordination:oversight": read(READERS),
    "coordination:oversight_csv": read(READERS),
    "coordination:oversight_statement": write(LEADERS, {"days": "30"}, writes=LEADERS),
    "coordination:known_answer_opening": read(READERS, key="known_answer"),
    "coordination:quality_review": read(LEADERS),
    "coordination:quality_reviewed": read(LEADERS),
    "coordination:quality_reviewed_csv": read(LEADERS),
    "coordination:quality_review_plan": write(MANAGERS, writes=NOBODY),  # there are too few reviews for one
    "coordination:conformance": read(LEADERS),
    "coordination:conformance_csv": read(LEADERS),
    "coordination:conformance_way": read(LEADERS),
    "coordination:conformance_way_csv": read(LEADERS),
    # the desk; the question here is one for procurement, the others are in `test_cases`
    "coordination:waiting": read(READERS),
    "coordination:waiting_csv": read(READERS),
    "coordination:inbox_csv": read(READERS),
    "coordination:inbox_xlsx": read(READERS),
    "reviews:list_keep": write(READERS, {"name": "mine"}),
    "reviews:list_drop": write(READERS, writes=frozenset({"alice"})),  # it is Alice's; others drop nothing
    "reviews:inbox": read(READERS),
    "reviews:case": read(READERS),
    "reviews:delegations": read(READERS),
    "reviews:delegation_arrange": write(DECIDERS, _away, reads=READERS),
    "reviews:delegation_end": write(MANAGERS | {"bob"}, reads=READERS),
    "reviews:standing": read(READERS),
    "reviews:decide": write(
        MANAGERS | {"alice", "ulla"}, _verdict("approve:difference_accepted"), reads=READERS
    ),
    "reviews:undo": write(  # no answer waits
        MANAGERS | SPECIALISTS, reads=READERS, writes=NOBODY
    ),
    "reviews:answered": read(READERS),
    "reviews:next": write(MANAGERS | SPECIALISTS, reads=READERS),
    "reviews:look": write(READERS, {"typing": ""}),
    "reviews:leave": write(READERS, writes=NOBODY),  # nobody has a case before them
    "reviews:looking": read(READERS),
    "reviews:together": read(DECIDERS),
    "reviews:together_changed": read(DECIDERS),
    "reviews:undo_together": write(DECIDERS, {"decision": ""}, reads=READERS, writes=NOBODY),  # none waits
    "reviews:answer_together": write(DECIDERS, _many, reads=READERS, writes=MANAGERS | {"alice", "ulla"}),
    "reviews:claim": write(MANAGERS | {"alice", "ulla"}, reads=READERS),
    "reviews:remark": write(READERS, {"text": "Seen."}),
    "reviews:hand_over": write(MANAGERS | {"alice", "ulla"}, _colleague, reads=READERS),
    "reviews:put_aside": write(MANAGERS | {"alice", "ulla"}, {"until": "hours"}, reads=READERS),
    "reviews:take_back": write(
        MANAGERS | {"alice", "ulla"}, reads=READERS, writes=NOBODY
    ),  # it stands in the list
    "reviews:release": write(MANAGERS | {"alice", "ulla"}, reads=READERS, writes=NOBODY),  # nobody has it
}
HOW_TO_ADD = (
    "addresses that the table of tests/access/table.py does not name. Add a row for each: who may open it"
    " (get), who may write by it (post), a form that is right (sent), and which objects of"
    " tests/access/house.py it is about"
)
