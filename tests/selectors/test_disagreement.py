"""Agents against agents: each cell says its base, and opens as many invoices as it counts as different."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from coordination.domain.key_figures import Share
from coordination.models import AgreementDay, Decision, Invoice
from coordination.selectors.disagreement import FEWEST, Pair, differing, first_day, matrix, pair_of
from coordination.services.behaviour.day_counts import count_back, count_recent
from tests import cast
from tests.cast import Cast
from tests.models import rows

MATCHING, VALIDATION = "procurement.matching", "finance.validation"


def answered(of: Invoice, agent: str, proposed: str, ago: timedelta = timedelta(0), **more: Any) -> Decision:
    version = Decision.objects.filter(invoice=of).count() + 1
    at = clock.now() - ago
    return rows.decision(of, agent=agent, proposed=proposed, at=at, state_version=version, **more)


def answered_by_both(count: int, one: str, other: str, ago: timedelta = timedelta(0)) -> list[Invoice]:
    found = [rows.invoice() for _ in range(count)]
    for of in found:
        answered(of, VALIDATION, one, ago, codes=["vat_wrong"] if one == "hold" else [])
        answered(
            of, MATCHING, other, ago, codes=["price_over", "qty_over_ordered"] if other == "hold" else []
        )
    return found


def the_pair(days: int = 30) -> Pair:
    found = pair_of(days, VALIDATION, MATCHING)
    assert found is not None
    return found


@pytest.mark.usefixtures("undone")
def test_a_pair_says_how_many_of_how_many_and_how_far_beyond_chance() -> None:
    for count, one, other in ((20, "approve", "approve"), (5, "approve", "hold"), (10, "hold", "approve")):
        answered_by_both(count, one, other)
    answered_by_both(15, "hold", "hold")
    count_recent()
    found = the_pair()
    assert (found.agree, found.differ, found.few, found.level) == (Share(35, 50), 15, False, "fair")
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(0.4)


@pytest.mark.usefixtures("undone")
@pytest.mark.parametrize(("count", "few"), [(FEWEST - 1, True), (FEWEST, False)])
def test_of_few_nothing_is_said(count: int, few: bool) -> None:
    answered_by_both(count, "approve", "approve")
    count_recent()
    assert the_pair().few is few
    assert the_pair().level == ("few" if few else "undefined"), "both always approved: chance alone does that"


@pytest.mark.usefixtures("undone")
def test_where_one_always_says_the_same_kappa_says_nothing() -> None:
    answered_by_both(FEWEST, "approve", "approve")
    answered_by_both(FEWEST, "approve", "hold")
    count_recent()
    assert (the_pair().constant, the_pair().level) == (True, "undefined")


@pytest.mark.usefixtures("undone")
def test_each_pair_stands_once_and_names_are_in_order() -> None:
    of = rows.invoice()
    for agent in (VALIDATION, MATCHING, "control.crosscheck"):
        answered(of, agent, "approve")
    count_recent()
    found = matrix(7)
    assert found.columns == ["control.crosscheck", VALIDATION]
    assert [(row.agent, len(row.pairs), len(row.after)) for row in found.rows] == [
        (VALIDATION, 1, 1),
        (MATCHING, 2, 0),
    ]
    assert len(found.pairs) == 3


@pytest.mark.usefixtures("undone")
def test_a_period_is_its_days_with_today() -> None:
    answered_by_both(1, "approve", "hold", timedelta(days=6))
    answered_by_both(2, "approve", "hold", timedelta(days=7))
    count_back(9)
    assert {days: the_pair(days).differ for days in (7, 30, 90)} == {7: 1, 30: 3, 90: 3}
    assert (clock.now().date() - first_day(7)).days == 6


@pytest.mark.usefixtures("undone")
def test_the_list_behind_a_cell_is_as_long_as_the_cell_says() -> None:
    answered_by_both(3, "approve", "hold")
    answered_by_both(2, "hold", "approve", timedelta(days=1))
    answered_by_both(4, "hold", "hold")
    twice = answered_by_both(1, "approve", "hold", timedelta(days=2))[0]
    answered(twice, VALIDATION, "approve")
    answered(twice, MATCHING, "hold")
    count_back(4)
    found = differing(30, the_pair())
    assert found.count() == len(list(found.all())) == the_pair().differ == 7
    listed = [x.invoice for x in found.all()]
    assert listed.count(twice.pk) == 2, "it differed on two days, and the cell counts both"
    # one that came after the count is in neither
    answered_by_both(5, "approve", "hold")
    assert found.count() == the_pair().differ == 7
    count_recent()
    assert found.count() == the_pair().differ == 12


@pytest.mark.usefixtures("undone")
def test_a_part_of_the_list_is_the_same_part_of_all_of_it() -> None:
    for days, count in ((0, 3), (2, 4), (5, 2)):
        answered_by_both(count, "approve", "hold", timedelta(days=days))
    answered_by_both(2, "hold", "hold", timedelta(days=3))
    count_back(7)
    found = differing(7, the_pair(7))
    whole = list(found.all())
    assert len(whole) == found.count() == 9
    assert [item.at for item in whole] == sorted((item.at for item in whole), reverse=True)
    for start in range(11):
        for most in (1, 2, 5, 20):
            assert found.read(start, most) == whole[start : start + most], (start, most)


@pytest.mark.usefixtures("undone")
def test_a_row_of_the_list_has_both_answers_with_their_reasons() -> None:
    answered_by_both(1, "approve", "hold")
    count_recent()
    [item] = differing(30, the_pair()).all()
    assert item.cells == ["approve", "hold: price over, qty over ordered"]


def cells_of(page: str) -> list[str]:
    return [
        " ".join(re.sub("<[^>]+>", " ", cell).split())
        for cell in re.findall(r"<td class=\"level.*?</td>", page, re.S)
    ]


@pytest.mark.django_db
def test_the_page_says_too_few_in_words_and_each_cell_opens_its_list(people: Cast, client: Client) -> None:
    cast.trade(cast.bill(quantity="120"))
    count_recent()
    client.force_login(people.erin)
    page = client.get(reverse("coordination:disagreement")).content.decode()
    assert set(cells_of(page)) == {"too few 1 invoice"}
    links = re.findall(r'href="(/agents/disagreement/[^"]+)"', page)
    assert len(links) == AgreementDay.objects.count() > 3
    for link in links:
        assert client.get(link).status_code == 200
    first = AgreementDay.objects.filter(first_only__gt=0).first() or AgreementDay.objects.get(
        second_only__gt=0
    )
    address = reverse("coordination:differing_csv", args=[first.first, first.second])
    answer = client.get(f"{address}?days=7")
    [line] = csv.DictReader(io.StringIO(answer.content.decode()))
    assert line["invoice_number"] == "INV-1"
    answers = sorted(line[name.replace(".", "_")] for name in (first.first, first.second))
    assert answers[0].startswith("approve: ")
    assert answers[1].startswith("hold: ")
    assert "120" in answers[1], "what the agent said of it, from its entry"
    page = client.get(reverse("coordination:differing", args=[first.first, first.second])).content.decode()
    assert f'href="/invoices/{cast.invoice().pk}/"' in page


@pytest.mark.django_db
def test_two_that_were_never_compared_have_no_list(people: Cast, client: Client) -> None:
    client.force_login(people.erin)
    assert client.get(reverse("coordination:differing", args=["no.such", "agent.here"])).status_code == 404
    page = client.get(reverse("coordination:disagreement")).content.decode()
    assert "No two agents answered on the same invoice" in page
