"""Remedies: typed answers of a question, checked on the server, given once, by a page or a command."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from audit import commitments
from audit.ledger import data_of
from audit.models import Entry
from coordination import rights
from reviews import kinds, remedies, services
from reviews.errors import LostRace, NotAllowed, Refused
from reviews.kinds import Kind, ReasonCode
from reviews.models import Escalation, Verdict
from reviews.remedies import Choice, Field, Remedy, Terms, TermsRefused
from reviews.services import Question
from tests import cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db

Carried = list[tuple[str, str, dict[str, str], int]]
BOTTLES = Field(
    "bottle",
    "bottle",
    "choice",
    choices=(Choice("1787", "Lafite", (("Year", "1787"),)), Choice("1990", "Merlot")),
)
YEAR = Field("year", "year", "number", was="17?7", place="on the label")


def check(_: Escalation, fields: Sequence[Field], typed: Terms) -> Terms:
    if not typed:
        raise TermsRefused({"": "Fill in a field."})
    if "year" in typed and not typed["year"].isdigit():
        raise TermsRefused({"year": f"Year: {typed['year']!r} is none."})
    return typed


def old(_: Escalation, terms: Terms, reaches: bool) -> str:
    return "" if reaches else f"{terms} is over your limit"


RELABEL = Remedy(
    name="relabel",
    words="Write the label anew",
    causes=frozenset({"torn"}),
    reasons=(("looked", "Looked at the bottle"),),
    check=check,
    consequence=lambda row: f"{row.case['grape']} gets a new label; pours nothing.",
    second=old,
)
SWAP = Remedy(
    name="swap",
    words="Take another bottle",
    causes=frozenset({"torn", "warm"}),
    reasons=(("tasted", "Tasted"),),
    check=check,
    consequence=lambda _: "Pours another.",
    status="partial",  # type: ignore[arg-type]
    within_limit=True,
    text_required=False,
)


@pytest.fixture
def carried() -> Carried:
    return []


@pytest.fixture(autouse=True)
def wine(carried: Carried) -> Iterator[Kind]:
    """A kind of another trade, with two remedies."""
    before = dict(kinds.KINDS)
    kind = Kind(
        name="wine",
        words="wine",
        answers=rights.DECIDE,
        carry_out=lambda row, v, every, _: carried.append((row.status, v.remedy, v.terms, len(every))),
        reasons={"approve": (ReasonCode("tasted", "Tasted"),), "reject": (ReasonCode("corked", "Corked"),)},
        locks={"bottle": lambda _: None},
        remedies=(RELABEL, SWAP),
    )
    kinds.register(kind)
    yield kind
    kinds.KINDS.clear()
    kinds.KINDS.update(before)


def ask(
    amount: str = "100.00", *, quorum: int = 1, reasons: tuple[str, ...] = ("torn",), **changes: Any
) -> Escalation:
    case = {
        "grape": "Merlot",
        "remedies": [
            {"name": "relabel", "fields": [YEAR.as_json()]},
            {"name": "swap", "fields": [BOTTLES.as_json()]},
        ],
    }
    fields: dict[str, Any] = {
        "subject": f"bottle/{uuid4()}",
        "kind": "wine",
        "text": "Which bottle?",
        "reasons": [{"code": code, "department": "finance"} for code in reasons],
        "case": case,
        "policy": "",
        "queue": "finance",
        "due_at": cast.moment() + timedelta(days=1),
        "clock": "desk time",
        "asked_by": "system:cellar",
        "quorum": quorum,
        "currency": "EUR",
        "amount": Decimal(amount),
        "amount_company": Decimal(amount),
        "options": ("approve", "reject", "relabel", "swap"),
    }
    [row] = services.ask([Question(**fields | changes)], at=cast.moment())
    return row


def edit(row: Escalation, by: Any, terms: dict[str, str], remedy: str = "relabel", **seen: Any) -> Escalation:
    reason = {"relabel": "looked", "swap": "tasted"}.get(remedy, "looked")
    given = {"reason": reason, "comment": "I looked."} | seen
    return services.resolve(row.id, "edit", by=by, remedy=remedy, terms=terms, **given)


# --- what an answer keeps ---------------------------------------------------------------------------


def test_a_remedy_ends_the_question_in_its_own_status_and_is_carried_out_by_its_kind(
    people: Cast, carried: Carried
) -> None:
    row = edit(ask(), people.bob, {"year": " 1787 "})
    assert (row.status, row.verdict) == ("edited", "edit")
    other = edit(ask(), people.bob, {"bottle": "1990"}, "swap", comment="")
    assert other.status == "partial"
    assert carried == [("edited", "relabel", {"year": "1787"}, 1), ("partial", "swap", {"bottle": "1990"}, 1)]


def test_row_and_entry_keep_which_answer_it_was_and_its_terms(people: Cast) -> None:
    row = edit(ask(), people.bob, {"year": "1787"})
    verdict = Verdict.objects.get()
    assert (verdict.remedy, verdict.terms) == ("relabel", {"year": "1787"})
    entry = Entry.objects.filter(subject=row.subject, type="verdict.given").get()
    data = data_of(entry.body)
    assert (data["verdict"], data["remedy"], data["terms"]) == ("edit", "relabel", {"year": "1787"})
    assert commitments.reveal(verdict.comment) == "I looked."


def test_an_answer_covers_the_reasons_that_the_remedy_is_for_and_no_others(people: Cast) -> None:
    edit(ask(reasons=("torn", "warm")), people.bob, {"year": "1787"})
    assert [c["code"] for c in Verdict.objects.get().covers] == ["torn"]


# --- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remedy", "terms", "seen", "error", "words"),
    [
        ("relabel", {}, {}, TermsRefused, "Fill in a field"),
        ("relabel", {"year": "old"}, {}, TermsRefused, "'old' is none"),
        ("relabel", {"colour": "red"}, {}, TermsRefused, "colour is no field of this answer; it has year"),
        ("swap", {"bottle": "1787", "bottle:typed": "1990"}, {}, TermsRefused, "choose one or type one"),
        ("pour", {"year": "1787"}, {}, Refused, "Choose one of: relabel, swap"),
        ("", {"year": "1787"}, {}, Refused, "Choose one of"),
        ("relabel", {"year": "1787"}, {"reason": "corked"}, Refused, "Choose a reason code: looked"),
        ("relabel", {"year": "1787"}, {"comment": ""}, Refused, "in your own words"),
    ],
)
def test_what_is_not_complete_is_refused_and_changes_nothing(
    people: Cast, carried: Carried, remedy: str, terms: dict[str, str], seen: dict[str, str],
    error: type[Exception], words: str,
) -> None:  # fmt: skip
    row = ask()
    before = Entry.objects.count()
    with pytest.raises(error, match=words):
        edit(row, people.bob, terms, remedy, **seen)
    row.refresh_from_db()
    assert (row.status, row.version, Verdict.objects.count(), carried) == ("open", 1, 0, [])
    assert Entry.objects.count() == before


def test_a_value_may_be_chosen_or_typed(people: Cast, carried: Carried) -> None:
    edit(ask(), people.bob, {"bottle:typed": "1811"}, "swap")
    edit(ask(), people.bob, {"bottle": "1787", "bottle:typed": ""}, "swap")
    assert [terms for _, _, terms, _ in carried] == [{"bottle": "1811"}, {"bottle": "1787"}]


def test_what_a_question_carries_is_what_it_carried_when_it_was_asked(people: Cast) -> None:
    bare = ask(options=("approve", "reject"))
    with pytest.raises(Refused, match="has no such answer"):
        edit(bare, people.bob, {"year": "1787"})
    unlisted = ask(case={"grape": "Merlot"})
    with pytest.raises(Refused, match="has no such answer"):
        edit(unlisted, people.bob, {"year": "1787"})


def test_who_may_not_answer_the_question_may_not_give_its_remedies(people: Cast) -> None:
    row = ask(makers=(f"human:{people.carol.pk}",))
    for who, why in (
        (people.erin, "are decided by"),
        (people.carol, "You made"),
        (people.alice, "one for finance"),
    ):
        with pytest.raises(NotAllowed, match=why):
            edit(row, who, {"year": "1787"})


def test_another_departments_cause_is_theirs(people: Cast) -> None:
    row = ask(reasons=("corked",))
    with pytest.raises(NotAllowed, match="another department's"):
        edit(row, people.bob, {"year": "1787"})


def test_a_second_answer_comes_too_late_and_a_repeated_click_is_one(people: Cast, carried: Carried) -> None:
    row = ask()
    edit(row, people.bob, {"year": "1787"}, click="k1")
    assert edit(row, people.bob, {"year": "1787"}, click="k1").status == "edited"
    with pytest.raises(LostRace, match=r"Bob edited this at"):
        edit(row, people.carol, {"year": "1788"})
    assert len(carried) == 1


# --- two people -------------------------------------------------------------------------------------


def test_over_the_persons_limit_a_second_person_gives_the_same_answer(people: Cast, carried: Carried) -> None:
    row = ask("30000.00")
    assert edit(row, people.bob, {"year": "1787"}).status == "open"
    with pytest.raises(Refused, match="a second person is needed"):
        edit(row, people.bob, {"year": "1787"}, seen_version=2)
    other = cast.person("ulla", "specialist", "finance")
    assert edit(row, other, {"year": "1787"}).status == "edited"
    assert carried == [("edited", "relabel", {"year": "1787"}, 2)]


def test_answers_that_differ_do_not_count_together(people: Cast, carried: Carried) -> None:
    row = ask("30000.00")
    edit(row, people.bob, {"year": "1787"})
    other, third = cast.person("ulla", "specialist", "finance"), cast.person("vera", "specialist", "finance")
    assert edit(row, other, {"year": "1788"}).status == "open"
    assert edit(row, third, {"year": "1787"}).status == "edited"
    assert carried == [("edited", "relabel", {"year": "1787"}, 2)]


def test_an_edit_that_waits_for_its_second_person_does_not_count_as_half_an_approval(
    people: Cast, carried: Carried
) -> None:
    row = ask("30000.00", quorum=2)
    edit(row, people.bob, {"year": "1787"})
    assert services.resolve(row.id, "approve", by=people.carol, reason="tasted").status == "open"
    assert services.resolve(row.id, "approve", by=people.dave, reason="tasted").status == "approved"
    assert carried == [("approved", "", {}, 2)]


def test_a_remedy_that_lets_something_go_is_bound_to_the_limit(people: Cast) -> None:
    row = ask("30000.00")
    with pytest.raises(NotAllowed, match="is over your limit"):
        edit(row, people.bob, {"bottle": "1787"}, "swap")


# --- page and command -------------------------------------------------------------------------------


def case_page(client: Client, row: Escalation) -> str:
    return client.get(reverse("reviews:case", args=[row.pk])).content.decode()


def test_the_page_has_a_form_for_each_with_its_consequence_and_nothing_chosen(
    people: Cast, client: Client
) -> None:
    client.force_login(people.bob)
    page = case_page(client, ask())
    assert page.count("<details") >= 2
    assert "Merlot gets a new label; pours nothing." in page
    assert "17?7" in page
    assert "on the label" in page
    assert 'name="set:bottle" value="1787"' in page
    assert " checked" not in page
    assert 'name="remedy" value="relabel"' in page


def test_nobody_sees_forms_of_answers_that_are_not_theirs(people: Cast, client: Client) -> None:
    row = ask("30000.00")
    client.force_login(people.erin)
    assert 'name="remedy"' not in case_page(client, row)
    client.force_login(people.bob)  # over his limit: he may write the label, and pours nothing
    page = case_page(client, row)
    assert 'value="relabel"' in page
    assert 'value="swap"' not in page


def sent(page: str, **fields: str) -> dict[str, str]:
    import re

    hidden = dict(
        re.findall(r'type="hidden" name="(seen_version|payload_hash|click|shown)" value="([^"]*)"', page)
    )
    return (
        hidden | {"verdict": "edit", "remedy": "relabel", "reason": "looked", "comment": "I looked."} | fields
    )


def test_a_plain_form_answers_and_what_was_typed_is_kept_when_it_is_refused(
    people: Cast, client: Client
) -> None:
    client.force_login(people.bob)
    row = ask()
    page = case_page(client, row)
    address = reverse("reviews:decide", args=[row.pk])
    refused = client.post(address, sent(page, **{"set:year": "ancient"}))
    assert refused.status_code == 422
    shown = refused.content.decode()
    assert 'value="ancient"' in shown
    assert 'aria-invalid="true"' in shown
    assert "I looked.</textarea>" in shown
    assert '<option value="looked" selected>' in shown
    done = client.post(address, sent(page, **{"set:year": "1787"}))
    assert done.status_code == 302
    row.refresh_from_db()
    assert row.status == "edited"


def test_a_page_shows_what_waits_for_its_second_person(people: Cast, client: Client) -> None:
    row = ask("30000.00")
    edit(row, people.bob, {"year": "1787"})
    client.force_login(people.carol)
    page = case_page(client, row)
    assert "Bob has answered: year 1787." in page
    assert "A second person has to answer the same." in page


def test_the_command_gives_the_same_answer(people: Cast) -> None:
    row, out = ask(), StringIO()
    given = ["decide", str(row.pk), "edit", "--remedy", "relabel", "--set", "year=1787", "--by", "bob"]
    call_command(*given, "--reason", "looked", "--comment", "Seen.", "--json", stdout=out)
    assert json.loads(out.getvalue())["status"] == "edited"
    with pytest.raises(CommandError, match="FIELD=VALUE"):
        call_command(*given, "--set", "year", "--reason", "looked")


def test_fields_come_back_from_a_case_as_they_went_into_it() -> None:
    for one in (YEAR, BOTTLES):
        assert Field.read(one.as_json()).as_json() == one.as_json()
    assert list(Field.read(BOTTLES.as_json()).fit) == ["Year"]


def test_bounds_of_what_is_typed() -> None:
    with pytest.raises(Refused, match="at most 60 fields"):
        remedies.within_bounds({str(n): "x" for n in range(61)})
