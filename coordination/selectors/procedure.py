"""The procedure document (GoBD, Rz 151-155): how invoices are handled here, from the configuration in force.

Nothing in it is kept as prose that could be out of date: agents, contracts, rules, rights, people, formats
and settings are read from what decides. Its digest is over everything but the time of printing, so that two
prints can be compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from audit import canonical, guards, trail

from ..agents import ADVISORY, REGISTRY
from ..assurance import seal_status
from ..decisions.steps import ENGINE
from ..domain.hold_codes import CATALOGUE
from ..domain.stages import SETTLED_BY
from ..facts import policies
from ..governance import retention
from ..models import Agent, LegalHold, PolicyVersion, TranslationMap
from ..reports.blocks import Block, Facts, Grid, Report, Section, Text
from ..reports.markdown import markdown
from ..reports.policy_words import policy_blocks
from ..translation import iso20022
from ..translation.csv import LAYOUTS
from ..translation.registry import XML_READERS
from . import procedure_people as persons
from .printed import stamp

SECRET = ("KEY", "SECRET", "TOKEN", "PASSWORD", "DATA", "URL")
"""Parts of the names of settings whose values are nobody's business."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """The document, the policy version it was made under, and the digest of what it says."""

    paper: Report
    policy: str
    sha256: str
    at: datetime


def procedure(at: datetime) -> Procedure:
    """The document as of now."""
    policy = policies.active()
    row = PolicyVersion.objects.get(revision=policy.revision)
    sections = [
        Section("The way of an invoice", list(_way())),
        Section("Agents", list(_agents())),
        Section("Questions and who answers them", list(_questions())),
        Section("Reasons to hold", [_reasons()]),
        Section(f"Rules: policy {policy.name}", [_version(row), *policy_blocks(policy, row.text)]),
        Section("Roles and rights", list(persons.rights())),
        Section("People", list(persons.accounts())),
        Section("Segregation of duties", list(persons.duties())),
        Section("Formats taken in", list(_formats())),
        Section("Records, seals and how long they stay", list(_records())),
        Section("Settings", list(_settings())),
    ]
    paper = Report(
        "Procedure document",
        f"Accounts payable, policy {policy.name}",
        f"Procedure document, policy {policy.name}",
        sections,
    )
    digest = canonical.sha256(markdown(paper).encode())
    lead = (
        f"Accounts payable as configured on {stamp(at)}. Policy {policy.name}, engine {ENGINE}. SHA-256 of"
        f" what it says: {digest}."
    )
    return Procedure(
        Report(paper.title, lead, f"{paper.foot}, {digest[:16]}", sections), policy.name, digest, at
    )


def _way() -> Iterator[Block]:
    yield Text(
        "A document is kept as it came, addressed by its SHA-256, and read into exact values. Each question"
        " about it has one agent that answers it; none speaks to another. An answer is a proposal: the rules"
        " decide what it may do, and one service writes state, history and ledger entry in one transaction. A"
        " person's answer goes the same way."
    )
    stages = [
        (stage, agent, REGISTRY[agent].purpose) for stage, agent in SETTLED_BY.items() if agent in REGISTRY
    ]
    yield Grid(
        ("Stage", "Settled by", "Which"),
        (14, 26, 60),
        [
            *stages,
            ("cleared", "the rules, or a person", "Nothing is held, or a person has accepted what is."),
            (
                "scheduled, paid",
                "two persons, the bank",
                "One proposes a payment run, another approves it; the bank's answer ends it.",
            ),
            ("rejected, void", "a person", "An agent never rejects an invoice."),
        ],
    )


def _agents() -> Iterator[Block]:
    standing = {a.name: a for a in Agent.objects.all()}
    for name, agent in REGISTRY.items():
        row, contract = standing.get(name), agent.contract
        stand = f"{row.autonomy}{', stopped' if row.paused else ''}" if row else "not registered yet"
        yield Text(f"{name}, version {agent.version}", "h3")
        yield Text(agent.purpose)
        yield Facts(
            [
                (
                    "Department, standing",
                    (
                        f"{agent.department},"
                        f" {stand}{'; beside the chain that clears' if name in ADVISORY else ''}"
                    ),
                ),
                ("Contract", f"version {contract.version}"),
                ("Reads", ", ".join(sorted(contract.reads)) or "the document alone"),
                ("Needs answered first", ", ".join(sorted(contract.consumes)) or "nothing"),
                ("Answers", ", ".join(sorted(contract.owns))),
                ("Within", f"{agent.sla.total_seconds():.0f} seconds"),
            ]
        )


def _questions() -> Iterator[Block]:
    yield Text(
        "A question has one owner. An answer to another's question is refused and is itself a reason to look."
    )
    rows = [
        (
            question,
            name,
            ", ".join(sorted(n for n, a in REGISTRY.items() if question in a.contract.consumes)) or "–",
        )
        for name, agent in REGISTRY.items()
        for question in sorted(agent.contract.owns)
    ]
    yield Grid(("Question", "Owner", "Waited for by"), (26, 30, 44), rows)


def _reasons() -> Grid:
    ways = {True: "a new fact or a person", False: "a person only"}
    rows = [
        (kind.code, kind.words, kind.owner, kind.question, ways[kind.auto], "yes" if kind.hard else "")
        for kind in CATALOGUE.values()
    ]
    return Grid(
        ("Code", "In words", "Owner", "Question", "Closed by", "Hard stop"),
        (23, 23, 14, 17, 15, 8),
        rows,
        mono=frozenset({0}),
    )


def _version(row: PolicyVersion) -> Facts:
    return Facts(
        [
            ("Version", f"v{row.revision}, {row.status}"),
            ("SHA-256 of its text", row.sha256),
            ("Author", f"{row.author}, {stamp(row.created_at)}"),
            ("Put in force by", f"{row.activated_by}, {stamp(row.activated_at)}"),
        ]
    )


def _formats() -> Iterator[Block]:
    yield Text(
        "The kind of a document is found from its content. The file is kept as it came, whatever was read"
        " from it."
    )
    rows = [("XML", ", ".join(sorted(names)), space) for space, names in sorted(_roots().items())]
    rows += [("CSV", layout.name, ",".join(layout.columns)) for layout in LAYOUTS]
    maps = TranslationMap.objects.filter(status="active").order_by("name")
    rows += [("Map of a table", f"{m.name} v{m.revision}", f"{m.kind}, SHA-256 {m.sha256}") for m in maps]
    yield Grid(("Kind", "Documents", "Namespace or columns"), (14, 34, 52), rows, mono=frozenset({2}))
    yield Text(
        "Further read: PDF with an invoice in XML inside, PDF with printed text, UBL as JSON, EDIFACT,"
        " workbooks that a map is for. What cannot be read goes to quarantine with its place and reason, and"
        " nothing of it is lost."
    )


def _roots() -> dict[str, set[str]]:
    """Documents in XML by their namespaces; messages of a bank, which are read in every version, by the body
    they have."""
    found: dict[str, set[str]] = defaultdict(set)
    for tag in XML_READERS:
        space, _, name = tag[1:].partition("}")
        found[space.rpartition(":")[0]].add(name)
    for body, (message, _) in iso20022.BODIES.items():
        found[f"ISO 20022, by its element {body}, in every version and national namespace"].add(message)
    return found


def _records() -> Iterator[Block]:
    tracked, added = len(trail.tracked_models()), len(trail.append_only_models())
    missing = guards.missing()
    note = seal_status.checkpoint()
    seal = " ".join(note.split()) if note else "There is no checkpoint yet."
    yield Facts(
        [
            (
                "Ledger",
                "One chain of SHA-256 hashes per subject; the database refuses to change or remove an entry.",
            ),
            (
                "History",
                (
                    f"{tracked} tables keep every version of every row; at commit a row equals its newest"
                    " version."
                ),
            ),
            ("Only added to", f"{added} tables"),
            ("Triggers missing", ", ".join(missing) or "none"),
            ("Latest checkpoint", seal),
            ("Server", _server()),
            ("Legal holds in force", str(LegalHold.objects.in_force().count())),
        ]
    )
    schedule = retention.default()
    yield Text("How long it stays", "h3")
    yield Grid(
        ("Class", "Kept", "Then", "Because of"),
        (30, 24, 18, 28),
        [
            (c.title, c.words, "may be removed" if c.erasable else "stays, and is reported", c.basis)
            for c in schedule.classes
        ],
    )
    yield Text(f"SHA-256 of these classes: {schedule.sha256}", "quiet")


def _server() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return (
            f"PostgreSQL {cursor.fetchone()[0]}, {'embedded' if settings.EMBEDDED_POSTGRES else 'of its own'}"
        )


def _settings() -> Iterator[Block]:
    names = sorted(
        n for n in dir(settings) if n.startswith("COUNTERSIGN_") and not any(s in n for s in SECRET)
    )
    yield Text("Set from the environment. Keys, passwords and places on the machine are left out.")
    yield Grid(
        ("Name", "Value"), (40, 60), [(n, _value(getattr(settings, n))) for n in names], mono=frozenset({0})
    )


def _value(value: Any) -> str:
    if value is True or value is False:
        return "on" if value else "off"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_value(inner)}" for name, inner in value.items()) or "–"
    if isinstance(value, tuple | list):
        return " ".join(map(_value, value)) or "–"
    return "–" if value is None or value == "" else str(value)
