"""The page of the quality review: what was drawn, what was found, and what that says of the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from audit import clock
from coordination.models import Agent
from coordination.selectors import quality_review
from coordination.services.behaviour import breaker, plan_review
from coordination.services.policy_versions import ensure_defaults
from reviews.models import Escalation
from reviews.services import resolve
from tests.behaviour.reviewed import AGENT, Went, write
from tests.cast import Cast

from .conftest import client, read

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def page(person: object) -> str:
    with clock.simulated(NOW):
        return read(client(person).get(reverse("coordination:quality_review")))  # type: ignore[arg-type]


def test_every_figure_stands_beside_what_it_is_told_from(people: Cast) -> None:
    ways = [Went("0.98", amount="500.00") for _ in range(40)]
    ways += [Went("0.85", amount="6000.00") for _ in range(4)]
    ways += [Went("0.98", ("random_audit",), "approve", amount="500.00") for _ in range(9)]
    ways += [Went("0.98", ("random_audit",), "reject", amount="500.00"), Went("0.98", ("random_audit",))]
    ways += [Went("0.98", ("over_threshold",), "reject"), Went("0.70", ("low_confidence",), "reject")]
    write(ways, NOW)
    found = quality_review.load(NOW)
    assert (found.decided, found.drawn, found.answered, found.wrong) == (55, 11, 10, 1)
    kinds = {(f.confidence, f.value[0]): f.stratum for f in found.strata if f.stratum.decided}
    assert kinds["0.97 and more", None].wrong == 1
    assert kinds["under 0.90", Decimal(5_000)].reviewed == 0
    assert found.overall.wrong == pytest.approx(0.1)
    assert found.released == Decimal("44000.00")
    assert Decimal("24000.00") < found.limit < found.released, "of the large ones nothing was seen"
    told = page(people.carol)
    assert "Rule B-04 of policy v1 draws 2.0 % of what would go by itself" in told
    assert "of 11 drawn, 55 eligible" in told
    assert "as many reviews as the rule's rate comes to, 1 of these 55" in told.replace("&#x27;", "'")
    assert "not known" in told


def test_a_number_of_the_review_opens_the_invoices_that_it_counts(people: Cast) -> None:
    ways = [Went("0.98", ("random_audit",), "approve", amount="500.00") for _ in range(9)]
    ways += [Went("0.85", ("random_audit",), "reject", amount="6000.00"), Went("0.98", ("random_audit",))]
    write(ways, NOW)
    told = page(people.erin)
    browser = client(people.erin)
    for which, stratum, count in (
        ("reviewed", {"confidence": 2, "value": 0}, 9),
        ("reviewed", {}, 10),
        ("wrong", {"confidence": 0, "value": 2}, 1),
        ("wrong", {"confidence": 2, "value": 0}, 0),
    ):
        address = reverse("coordination:quality_reviewed", args=[which])
        query = "&amp;".join(f"{name}={band}" for name, band in stratum.items())
        assert (f'{address}?{query}">' if query else f'{address}">') in told or not count
        with clock.simulated(NOW):
            found = browser.get(reverse("coordination:quality_reviewed_csv", args=[which]), stratum)
            listed = read(browser.get(address, stratum))
        assert len(found.content.decode().splitlines()) == count + 1
        assert (f"of {count}<" in listed) if count else ("Nothing is counted here." in listed)
    assert browser.get(reverse("coordination:quality_reviewed", args=["no-such"])).status_code == 404


def test_more_that_is_reviewed_of_an_agent_is_told_and_counts_for_less(people: Cast) -> None:
    with transaction.atomic():
        breaker.boost(Agent.objects.select_for_update().get(pk=AGENT), "a warning")
    raised = (f"{AGENT} 0.300",)
    ways = [Went("0.98", ("random_audit",), "reject", reviewed=raised) for _ in range(3)]
    ways += [Went("0.98", ("random_audit",), "approve") for _ in range(3)]
    write(ways, NOW)
    overall = quality_review.load(NOW).overall
    assert overall.wrong == pytest.approx(10 / (10 + 150)), (
        "each of these stands for ten thirds, of those for 50"
    )
    told = page(people.carol)
    assert "raised to 30.0 %" in told
    assert "Drawn were 6, 100.0 %: 3 of them by a greater chance than the rule's" in told.replace(
        "&#x27;", "'"
    )


def test_before_anybody_reviewed_nothing_is_known(people: Cast) -> None:
    ensure_defaults()
    told = page(people.erin)
    assert "not known: nobody has answered yet" in told
    assert "0 drawn, 0 eligible" in told


def test_it_is_for_managers_and_auditors(people: Cast) -> None:
    address = reverse("coordination:quality_review")
    seen = {who: client(getattr(people, who)).get(address).status_code for who in ("alice", "carol", "erin")}
    assert seen == {"alice": 403, "carol": 200, "erin": 200}
    assert address in read(client(people.erin).get(reverse("coordination:quality")))


def test_a_manager_sees_the_button_and_then_what_the_plan_waits_for(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_review, "LEAST", 1)
    ways = [Went("0.98", amount="500.00") for _ in range(90)]
    write([*ways, *(Went("0.98", ("random_audit",), "approve") for _ in range(20))], NOW)
    assert "Make a plan" in page(people.carol)
    assert "Make a plan" not in page(people.erin)
    with clock.simulated(NOW):
        plan_review.make(by=people.carol)
    told = page(people.dave)
    assert "Make a plan" not in told
    assert "waits for the answer of a manager, another than the one who had it made" in told
    asked = Escalation.objects.get(kind="review_plan")
    assert reverse("reviews:case", args=[asked.pk]) in told


def test_a_draft_that_made_way_waits_for_nobody(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_review, "LEAST", 1)
    write([Went("0.98", amount="500.00") for _ in range(110)], NOW)
    with clock.simulated(NOW):
        plan_review.propose()
        write([Went("0.98", amount="90000.00")], NOW)
        plan_review.propose()
    resolve(
        Escalation.objects.get(kind="review_plan", status="open").pk,
        "reject",
        by=people.carol,
        reason="not_wanted",
        comment="Not now.",
    )
    assert quality_review.load(NOW).waiting is None
    assert "Make a plan" in page(people.carol)
