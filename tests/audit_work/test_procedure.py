"""The procedure document says what is configured, and another thing when something else is."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from audit import canonical
from coordination.agents import REGISTRY
from coordination.domain.hold_codes import CATALOGUE
from coordination.governance import policy as rules
from coordination.management.commands.procedure import NoSuchForm
from coordination.reports.blocks import Facts, Grid, Report, Section, Text
from coordination.reports.markdown import markdown, plain
from coordination.reports.policy_words import policy_blocks
from coordination.selectors.procedure import procedure
from coordination.selectors.procedure_people import conflicts
from coordination.services import agent_control
from reviews.grants import TABLE
from tests import cast
from tests.cast import Cast

from .reading import text_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DEFAULT: dict[str, Any] = json.loads(rules.default_text())


def said(data: dict[str, Any]) -> str:
    """A policy in words, without its digest."""
    text = canonical.dumps(data).decode()
    return repr(list(policy_blocks(rules.parse(text, 1), text)))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a text stands in the policy."""
    if isinstance(value, dict):
        return [p for k, v in value.items() for p in places(v, (*path, k))]
    if isinstance(value, list):
        return [p for n, v in enumerate(value) for p in places(v, (*path, n))]
    return [path]


def changed(path: tuple[Any, ...]) -> dict[str, Any]:
    """The default policy with another value at one place."""
    data = deepcopy(DEFAULT)
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step]
    old = str(inner[path[-1]])
    others = {
        "record": "hold",
        "A": "B",
        "B": "A",
        "Z": "B",
        "escalate": "block",
        "auto": "block",
        "sample": "block",
        "evidence": "drawn",
        "0.20": "0.30",
    }
    inner[path[-1]] = others.get(old) or (
        "3" if old in {"2", "4"} else "9" if old.isdecimal() else _other(old)
    )
    return data


def _other(old: str) -> str:
    return "77.50" if old.replace(".", "").isdecimal() else f"{old}x"


ALONE = [path for path in places(DEFAULT) if path[-1] != "dose"]
"""Places whose text can be another without anything else being another, too."""


@pytest.mark.parametrize("path", ALONE, ids=lambda p: ".".join(map(str, p)))
def test_every_setting_of_the_policy_is_said(path: tuple[Any, ...]) -> None:
    assert said(changed(path)) != said(DEFAULT)


def test_rules_and_tolerances_are_said_in_words() -> None:
    text = said(DEFAULT)
    for part in (
        "more than 2 % or more than 100.00 in the currency of the invoice",
        "the gross amount in company currency is over 50,000.00",
        "2 persons decide, reason over_threshold",
        "a share of 2 % is drawn",
        "it clears without a person",
        "is waited for 5 days",
        "four-way",
        "EUR 25,000.00",
    ):
        assert part in text


def test_nothing_configured_is_said_to_hold_everything() -> None:
    data = deepcopy(DEFAULT)
    del data["tolerances"]["price"]
    assert "anything: no tolerance is configured" in said(data)


# --- the document ----------------------------------------------------------------------------------


def document() -> str:
    return markdown(procedure(NOON).paper)


@pytest.mark.django_db
def test_it_names_every_agent_question_reason_right_and_person(people: Cast) -> None:
    text = document()
    for agent in REGISTRY.values():
        assert f"### {agent.name}, version {agent.version}" in text
        assert plain(agent.purpose) in text
        assert all(f"| {question} | {agent.name} |" in text for question in agent.contract.owns)
    assert [c for c in CATALOGUE if c not in text] == []
    assert [r for r in TABLE if plain(r.words) not in text] == []
    for name in ("Alice", "Bob", "Carol", "Erin"):
        assert f"| {name} |" in text
    assert "| 25,000.00 |" in text
    assert "invoice_number,type,line" in text
    assert "CrossIndustryInvoice" in text
    assert "8 years from the end of the year" in text


@pytest.mark.django_db
def test_the_digest_is_of_what_it_says_and_not_of_the_day(people: Cast) -> None:
    first = procedure(NOON)
    assert procedure(datetime(2027, 1, 1, tzinfo=UTC)).sha256 == first.sha256
    assert first.policy == "v1"
    agent_control.pause("procurement.matching", by=people.carol)
    now = procedure(NOON)
    assert now.sha256 != first.sha256
    assert "supervised, stopped" in markdown(now.paper)


@pytest.mark.django_db
def test_no_secret_is_in_it(people: Cast, settings: Any) -> None:
    settings.COUNTERSIGN_MAIL_PASSWORD = "hush-hush"
    settings.COUNTERSIGN_SINK_URL = "https://user:hush-hush@example.com"
    text = document()
    assert "hush-hush" not in text
    assert settings.SECRET_KEY not in text
    assert str(settings.COUNTERSIGN_DATA) not in text
    assert "COUNTERSIGN_CUTOFF | 14:00:00 Europe/Berlin" in text


@pytest.mark.django_db
def test_duties_that_meet_in_one_person_are_named(people: Cast) -> None:
    assert list(conflicts()) == []
    people.erin.groups.add(Group.objects.get(name="manager"))
    people.frank.groups.add(Group.objects.get(name="specialist"))
    people.dave.is_superuser = True
    people.dave.save()
    found = " ".join(conflicts())
    assert "Erin" in found
    assert "audits and is manager, too" in found
    assert "keeps accounts and decides, too" in found
    assert "superuser" in found
    assert "Nobody holds two duties" not in document()


@pytest.mark.django_db
def test_people_read_it_on_a_page_and_take_it_away(people: Cast, client: Client) -> None:
    client.force_login(people.erin)
    page = client.get(reverse("coordination:procedure"))
    assert page.status_code == 200
    assert "gross over 50,000.00 needs two people" in page.content.decode()
    text = client.get(reverse("coordination:procedure_md"))
    assert text.content.decode().startswith("# Procedure document")
    assert "attachment" in text["Content-Disposition"]
    pdf = client.get(reverse("coordination:procedure_pdf"))
    assert "Segregation of duties" in text_of(pdf.content)
    client.force_login(people.frank)
    for name in ("procedure", "procedure_md", "procedure_pdf"):
        assert client.get(reverse(f"coordination:{name}")).status_code == 403


@pytest.mark.django_db
def test_the_command_prints_or_writes_it(people: Cast, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("procedure", stdout=out)
    assert out.getvalue().startswith("# Procedure document")
    out = io.StringIO()
    call_command("procedure", "-o", str(tmp_path / "p.pdf"), "--json", stdout=out)
    assert json.loads(out.getvalue())["policy"] == "v1"
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF-")
    error = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("procedure", "-o", str(tmp_path / "p.docx"), stderr=error)
    assert caught.value.code == NoSuchForm.exit_code
    assert ".md or .pdf" in error.getvalue()


@pytest.mark.django_db
def test_hostile_names_stay_text_on_page_and_paper(people: Cast, client: Client) -> None:
    people.alice.last_name = "<script>x</script>|*a*"
    people.alice.save()
    client.force_login(people.erin)
    page = client.get(reverse("coordination:procedure")).content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page
    assert "\\<script\\>x\\</script\\>\\|\\*a\\*" in document()
    cast.assert_sound()


# --- markdown --------------------------------------------------------------------------------------


def test_markdown_has_every_kind_of_block() -> None:
    paper = Report(
        "T",
        "lead",
        "foot",
        [
            Section(
                "S",
                [
                    Text("# no head", "body"),
                    Text("Head", "h3"),
                    Facts([("a", "b|c")]),
                    Grid(("x", "n"), (1, 1), [("1. one", "2")], right=frozenset({1})),
                ],
            )
        ],
    )
    assert markdown(paper).splitlines() == [
        "# T",
        "",
        "lead",
        "",
        "## S",
        "",
        "\\# no head",
        "",
        "### Head",
        "",
        "|  |  |",
        "|---|---|",
        "| a | b\\|c |",
        "",
        "| x | n |",
        "|---|---:|",
        "| \\1. one | 2 |",
    ]
