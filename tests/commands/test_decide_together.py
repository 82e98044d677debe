"""manage.py decide_together: a line for each case, and an exit code that says whether all were answered."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from django.core.management import call_command

from audit.ledger import data_of
from audit.models import Entry
from coordination.display.ledger_entries import moment
from reviews.models import Verdict
from tests import cast
from tests.cast import Cast
from tests.commands.test_commands import run
from tests.reviews.test_groups import open_questions, several

pytestmark = pytest.mark.django_db
ANSWER = ("--by", "alice", "--reason", "difference_accepted")


@pytest.fixture
def keys(people: Cast) -> list[str]:
    several(3)
    return [str(row.pk) for row in open_questions()]


def lines(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    out, code = io.StringIO(), 0
    try:
        call_command("decide_together", *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        code = int(end.code or 0)
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_case_is_a_line_and_all_answered_is_0(keys: list[str]) -> None:
    code, found = lines(*keys, *ANSWER, "--comment", "Agreed.", "approve")
    assert code == 0
    assert [(line["id"], line["status"], line["answered"]) for line in found] == [
        (key, "approved", True) for key in keys
    ]
    assert all("error" not in line for line in found)
    data = [data_of(e.body) for e in Entry.objects.filter(type="verdict.given")]
    assert len({d["together"]["id"] for d in data}) == 1
    assert {d["via"] for d in data} == {"command"}


def test_options_may_stand_anywhere(keys: list[str]) -> None:
    assert lines(*ANSWER, *keys, "approve")[0] == 0


def test_ids_may_come_from_standard_input(keys: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(keys[1:])))
    assert lines(keys[0], "-", "approve", *ANSWER)[0] == 0
    assert Verdict.objects.count() == 3


def test_one_that_lost_the_race_is_5_and_the_others_are_answered(keys: list[str], people: Cast) -> None:
    cast.answer(open_questions()[1], "reject", by=people.carol)
    code, found = lines(*keys, "approve", *ANSWER)
    assert code == 5
    assert [line["answered"] for line in found] == [True, False, True]
    assert found[1]["error"].startswith("Carol rejected this")
    assert found[1]["status"] == "rejected"


def test_one_that_is_refused_is_4(keys: list[str], people: Cast) -> None:
    cast.person("simon", "specialist", "procurement", limit="1330.00")
    cast.answer(open_questions()[2], "reject", by=people.carol)
    by = ("--by", "simon", "--reason", "difference_accepted")
    code, found = lines(*keys, "approve", *by)
    assert code == 4
    assert [line["answered"] for line in found] == [True, False, False]
    assert "over your limit" in found[1]["error"]


def test_what_is_not_complete_answers_nothing(keys: list[str]) -> None:
    assert run("decide_together", *keys, "reject", *ANSWER)[0] == 4
    assert run("decide_together", keys[0], keys[0], "approve", *ANSWER)[0] == 4
    assert run("decide_together", *keys, "no-id", "approve", *ANSWER)[0] == 2
    assert run("decide_together", *keys, "00000000-0000-0000-0000-000000000000", "approve", *ANSWER)[0] == 2
    assert not Verdict.objects.exists()


def test_as_one_object_it_says_how_many_were_answered(keys: list[str]) -> None:
    code, found = run("decide_together", *keys, "approve", *ANSWER)
    assert code == 0
    assert found["answered"] == 3
    assert [line["id"] for line in found["escalations"]] == keys


def test_the_history_says_that_it_was_one_answer_to_many(keys: list[str], people: Cast) -> None:
    lines(*keys, "approve", *ANSWER)
    entry = Entry.objects.filter(type="verdict.given").latest("id")
    assert "one answer to 3 cases" in moment(entry).detail
