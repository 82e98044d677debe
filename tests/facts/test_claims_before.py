"""Of very many claims under one number, or credits of one invoice, an agent is told what it can use, and
judges nothing otherwise for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.agents import claims, control_crosscheck
from coordination.domain.amounts import own_rank, rank
from coordination.domain.facts import Sibling, Snapshot
from coordination.facts import claims_before
from coordination.facts.claims_before import MANY, Asked, Claim, Credits, Numbered
from coordination.facts.taken import on_record, whole
from coordination.models import Decision
from coordination.translation import nature
from coordination.translation.identity import normalised_number, normalised_numbers
from tests import cast
from tests.agents.make import ISSUED, document, sibling, snapshot
from tests.cast import bill, credit_of, invoice, order, receipt, standing

OWN = UUID(int=5)


@st.composite
def others(draw: st.DrawFn) -> list[Sibling]:
    """Claims of one vendor; keys in the order of their arrival, numbers in several spellings."""
    return [
        sibling(
            draw(st.sampled_from(["INV-1", "INV 1", "inv1"])),
            id=str(UUID(int=n if n < 5 else n + 1)),
            type=draw(st.sampled_from(["invoice", "invoice", "credit_note"])),
            type_code=draw(st.sampled_from(["380", "380", "386", "325"])),
            issue_date=draw(st.sampled_from([None, *(ISSUED + timedelta(days=d) for d in (-2, -1, 0, 1))])),
            gross=draw(st.sampled_from([None, "1190.00", "500.00"])),
            currency=draw(st.sampled_from(["EUR", "EUR", "USD"])),
            state=draw(st.sampled_from(["received", "cleared", "paid", "rejected"])),
            preceding=draw(st.sampled_from([("INV-0",), ("INV-9",), ("INV-0", "INV-9"), ()])),
            digest=f"{draw(st.integers(0, 99)):012}",
        )
        for n in range(draw(st.integers(0, 9)))
    ]


def claim(one: Sibling) -> Claim:
    return Claim(
        UUID(one.id),
        rank(one.state, one.issue_date, one.number, one.digest),
        one.number,
        one.type,
        one.type_code,
        one.state == "rejected",
        one.currency,
        one.gross,
        frozenset(normalised_numbers(one.preceding)),
    )


def asked(snap: Snapshot) -> Asked:
    d = snap.document
    named = frozenset(normalised_numbers(d.preceding))
    return Asked(OWN, UUID(int=1), own_rank(snap), d.currency, d.gross, normalised_number(d.number), named)


def before(snap: Snapshot, known: list[Sibling]) -> list[Sibling]:
    """What an agent is shown of them one by one."""
    return [s for s in known if claims.earlier(snap, s) and not nature.claims_nothing(s.type_code)]


@given(others(), st.sampled_from(["INV-1", "inv 1"]), st.sampled_from(["invoice", "credit_note"]))
def test_a_duplicate_is_found_among_many_as_among_all(known: list[Sibling], number: str, kind: str) -> None:
    snap = replace(
        snapshot(document(number=number, type=kind)), id=str(OWN), digest="000000000050", state="received"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims_before, "MANY", 0)
        few = set(map(str, Numbered(map(claim, known)).before(asked(snap))))
    every = sorted(before(snap, known), key=lambda s: s.id)
    all_of_them = replace(snap, siblings=tuple(every))
    some = replace(snap, siblings=tuple(s for s in every if s.id in few))
    assert claims.duplicates(some) == claims.duplicates(all_of_them)
    assert control_crosscheck.seen_before(some) == control_crosscheck.seen_before(all_of_them)


@given(others(), st.sampled_from([("INV-0",), ("INV-0", "INV-9")]), st.sampled_from(["100.00", "1190.00"]))
def test_what_is_left_to_credit_is_the_same_by_sums_as_one_by_one(
    known: list[Sibling], named: tuple[str, ...], gross: str
) -> None:
    notes = [replace(s, type="credit_note") for s in known]
    snap = replace(
        snapshot(document(number="CN-1", type="credit_note", preceding=named, gross=gross)),
        id=str(OWN),
        digest="000000000050",
        state="received",
    )
    wanted = set(normalised_numbers(named))
    notes = [s for s in notes if wanted & set(normalised_numbers(s.preceding))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims_before, "MANY", 0)
        apart, sums = Credits(map(claim, notes)).before(asked(snap))
    origin = sibling("INV-0", id=str(UUID(int=99)))
    every = sorted(before(snap, notes), key=lambda s: s.id)
    one_by_one = replace(snap, siblings=(*every, origin))
    kept = [s for s in every if UUID(s.id) in apart]
    together = replace(snap, siblings=(*kept, origin), credit_groups=sums)
    assert claims.credit(together) == claims.credit(one_by_one)


def apart(n: int) -> str:
    """Numbers that do not resemble each other."""
    return f"{n:04}-{n * 7919 % 9973:04}-{n * 104729 % 9967:04}"


@pytest.mark.django_db
def test_of_very_many_credits_of_one_invoice_the_last_is_told_a_sum() -> None:
    count = MANY + 3
    pieces = str(count - 1)
    notes = [credit_of("INV-1", apart(n), "1", issue_date="2026-09-25") for n in range(count)]
    cast.trade(
        bill(quantity=pieces),
        *notes,
        orders=(order(quantity=pieces),),
        receipts=(receipt(quantity=pieces),),
    )
    last = max(str(c["invoice_number"]) for c in notes)
    assert standing(last)[2] == ["credit_over"]
    decided = Decision.objects.filter(invoice=invoice(last), agent="finance.validation").latest("at")
    data = cast.body_of(decided)["input"]
    assert [s["number"] for s in data["siblings"]] == ["INV-1"]
    [group] = data["credit_groups"]
    assert (group["named"], group["count"], group["gross"]) == (["INV1"], "52", "618.8")


@pytest.mark.django_db
def test_the_last_of_very_many_under_one_number_is_told_the_first() -> None:
    count = MANY + 3
    rows = [bill(unit_price=f"{n + 1}.00", issue_date="2026-09-05") for n in range(count)]
    cast.take_in(cast.table("vendors", cast.vendor()), *(cast.table("invoices", row) for row in rows))
    cast.drain()
    told = {}
    for decided in Decision.objects.filter(agent="finance.validation"):
        body = cast.body_of(decided)
        given = whole(body, on_record(decided.invoice.subject))
        told[len(given.get("siblings", []))] = body["reasons"]
    assert max(told) == MANY
    assert ["duplicate_suspect"] in [[r for r in found if "duplicate" in r] for found in told.values()]
