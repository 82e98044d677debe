"""Each kind of question: who reads it, who takes it on, who answers it. To whom it is hidden, it is not
there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from coordination.services import payments
from coordination.services.payments.paid_elsewhere import Evidence
from reviews.models import Escalation
from tests.cast import table, take_in, vendor

from .asking import outcome
from .house import Answer, House, knock
from .table import ALL, DECIDERS, LEADERS, MANAGERS, READERS, STRANGERS, answer

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Kind:
    """Who may; `rejects`: with which reason it is turned down."""

    reads: frozenset[str]
    claims: frozenset[str]
    approves: frozenset[str]
    rejects: frozenset[str]
    approval: str
    rejection: str


def _invoice(department: str, approval: str, rejection: str) -> Kind:
    who = MANAGERS | {department, "ulla"}  # she works for the whole desk
    return Kind(READERS, who, who, who, approval, rejection)


KINDS = {
    "invoice procurement": _invoice("alice", "difference_accepted", "price_not_agreed"),
    "invoice operations": _invoice("olga", "goods_confirmed", "not_delivered"),
    "invoice finance": _invoice("bob", "account_confirmed", "account_not_confirmed"),
    "statement finance": _invoice("bob", "difference_accepted", "ask_for_documents"),
    # Dave proposed the run: he does not sign it, and may stop it
    "payment_run payments": Kind(
        LEADERS, MANAGERS, frozenset({"carol"}), MANAGERS, "payments_checked", "wrong_payee"
    ),
    # Dave stated it
    "paid_elsewhere payments": Kind(
        LEADERS, MANAGERS, frozenset({"carol"}), MANAGERS, "evidence_seen", "not_proven"
    ),
    "bank_message payments": Kind(
        LEADERS, MANAGERS, MANAGERS, MANAGERS, "evidence_complete", "wrong_document"
    ),
    "master_data finance": Kind(READERS, MANAGERS, MANAGERS, MANAGERS, "evidence_complete", "wrong_document"),
    # Dave brought the account: he neither approves nor rejects it
    "vendor_bank finance": Kind(
        READERS,
        MANAGERS,
        frozenset({"carol"}),
        frozenset({"carol"}),
        "account_confirmed",
        "account_not_confirmed",
    ),
}
HIDDEN = [name for name, kind in KINDS.items() if kind.reads != READERS]


@pytest.fixture(scope="module")
def asked(house: House) -> dict[str, Escalation]:
    """One question of each kind."""
    dave = house.people["dave"]
    payments.paid_elsewhere.claim(
        house.objects["abroad"], Evidence(date(2026, 10, 1), "From the dollar account"), by=dave
    )
    other = {"vendor_id": "V-3", "name": "Hartmann Services", "vat_id": ""}
    take_in(table("vendors", vendor(**other, iban="DE02120300000000202051")))
    take_in(table("vendors", vendor(**other, iban="DE02500105170137075030")), actor=f"human:{dave.pk}")
    rows = {f"{row.kind} {row.queue}": row for row in Escalation.objects.filter(status="open")}
    assert rows.keys() >= KINDS.keys()
    return {name: rows[name] for name in KINDS}


def verdict(house: House, row: Escalation, name: str, person: str, way: str) -> Answer:
    kind = KINDS[name]
    reason = kind.approval if way == "approve" else kind.rejection
    return knock(
        house,
        person,
        "POST",
        reverse("reviews:decide", args=[row.pk]),
        dict(answer(row, house, person, f"{way}:{reason}")),
    )


def said(person: str, who: frozenset[str], reads: frozenset[str]) -> str:
    if person in STRANGERS:
        return "sign in"
    return "done" if person in who else "refused" if person in reads or person not in READERS else "missing"


@pytest.mark.parametrize("name", KINDS)
def test_a_question_is_read_by_its_readers_and_is_not_there_for_others(
    name: str, house: House, asked: dict[str, Escalation]
) -> None:
    reads = KINDS[name].reads
    for page in ("reviews:case", "reviews:standing"):
        path, nowhere = (reverse(page, args=[key]) for key in (asked[name].pk, uuid4()))
        found = {p: knock(house, p, "GET", path, part=True) for p in ALL}
        assert {p: outcome(f) for p, f in found.items()} == {p: said(p, reads, reads) for p in ALL}
        for person in READERS - reads:
            assert found[person].body == knock(house, person, "GET", nowhere, part=True).body


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("way", ["approve", "reject"])
def test_a_question_is_answered_by_those_whom_it_is_for(
    name: str, way: str, house: House, asked: dict[str, Escalation]
) -> None:
    kind = KINDS[name]
    who = kind.approves if way == "approve" else kind.rejects
    found = {p: verdict(house, asked[name], name, p, way) for p in ALL}
    decides = {p: said(p, who, kind.reads) if p in DECIDERS | STRANGERS else "refused" for p in ALL}
    assert {p: outcome(f) for p, f in found.items()} == decides
    assert {p for p, f in found.items() if f.wrote} == who
    assert {p for p, f in found.items() if "reviews_verdict" in f.wrote} == who


@pytest.mark.parametrize("name", KINDS)
def test_a_question_is_taken_on_by_those_who_could_answer_it(
    name: str, house: House, asked: dict[str, Escalation]
) -> None:
    kind = KINDS[name]
    path = reverse("reviews:claim", args=[asked[name].pk])
    found = {p: knock(house, p, "POST", path) for p in ALL}
    decides = {p: said(p, kind.claims, kind.reads) if p in DECIDERS | STRANGERS else "refused" for p in ALL}
    assert {p: outcome(f) for p, f in found.items()} == decides
    assert {p for p, f in found.items() if f.wrote} == kind.claims


def test_a_list_holds_what_its_reader_may_open_and_nothing_else(
    house: House, asked: dict[str, Escalation]
) -> None:
    """The inbox, its count in the navigation, and the page that one begins with."""
    for person in READERS:
        for page in ("/inbox/", "/", "/inbox/?queue=payments", "/shell/nav/?at=inbox"):
            body = knock(house, person, "GET", page).body.decode()
            there = {name for name, row in asked.items() if str(row.pk) in body}
            assert there <= {name for name, kind in KINDS.items() if person in kind.reads}, (person, page)
        listed = knock(house, person, "GET", "/inbox/", part=True).body.decode()
        assert {n for n, row in asked.items() if str(row.pk) in listed} == {
            name for name, kind in KINDS.items() if person in kind.reads
        }, person


@pytest.mark.parametrize("name", HIDDEN)
def test_after_an_answer_one_is_led_on_to_a_question_that_one_may_read(
    name: str, house: House, asked: dict[str, Escalation]
) -> None:
    mine = asked["invoice procurement"]
    done = verdict(house, mine, "invoice procurement", "alice", "approve")
    assert str(asked[name].pk) not in done.location
    assert knock(house, "alice", "GET", done.location.partition("?")[0]).status == 200


def test_a_run_is_signed_as_it_was_shown_or_not_at_all(house: House, asked: dict[str, Escalation]) -> None:
    row = asked["payment_run payments"]
    path = reverse("reviews:decide", args=[row.pk])
    sent = dict(answer(row, house, "carol", "approve:payments_checked"))
    for changed in ({"seen_version": str(row.version + 1)}, {"payload_hash": "0" * 64}):
        found = knock(house, "carol", "POST", path, sent | changed)
        assert (found.status, found.wrote) == (409, {}), changed
    assert knock(house, "carol", "POST", path, sent).status == 302
