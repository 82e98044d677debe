"""The table of rights as people read it: who has each right, and all that it opens.

Made of what asks for rights: views, topics of sockets, entries of the navigation, kinds of question and kinds
of fact. docs/access.md and the procedure document are written from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from reviews.grants import DECIDE, ROLES, TABLE, Holders, Right
from reviews.kinds import KINDS

from .. import rights
from ..reports.blocks import Block, Grid, Report, Section, Text
from ..services.intake import allowances
from .shell import PAGES


@dataclass(frozen=True, slots=True)
class Row:
    """One right: who has it, and by the names of their addresses, topics and kinds all that asks for it."""

    right: Right
    holders: Holders
    pages: tuple[str, ...]
    navigation: tuple[str, ...]
    topics: tuple[str, ...]
    sees: tuple[str, ...]
    answers: tuple[str, ...]
    brings: tuple[str, ...]

    @property
    def opens(self) -> str:
        """All of it in one line."""
        parts = (
            ("in the navigation", self.navigation),
            ("addresses", self.pages),
            ("topics", self.topics),
            ("sees questions", self.sees),
            ("answers questions", self.answers),
            ("brings", self.brings),
        )
        return "; ".join(f"{what}: {', '.join(names)}" for what, names in parts if names)


def views() -> dict[str, Right | None]:
    """Name of an address -> the right that its view asks for; None where it asks for none."""
    return dict(sorted(_views(get_resolver().url_patterns)))


def _views(
    patterns: Iterable[URLPattern | URLResolver], space: str = ""
) -> Iterator[tuple[str, Right | None]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}", getattr(pattern.callback, "right", None)


def rows() -> list[Row]:
    """Every right of the table, in its order."""
    asked = views()
    return [
        Row(
            right,
            held_by,
            pages=tuple(name.partition(":")[2] for name, asks in asked.items() if asks == right),
            navigation=tuple(page.title for page in PAGES if page.right == right),
            topics=tuple(topic for topic, asks in rights.TOPICS.items() if asks == right),
            sees=tuple(kind.words for kind in KINDS.values() if kind.sees == right),
            answers=tuple(kind.words for kind in KINDS.values() if kind.answers == right),
            brings=tuple(
                words for name, words in allowances.KINDS.items() if allowances.RIGHTS[name] == right
            ),
        )
        for right, held_by in TABLE.items()
    ]


def who() -> Grid:
    """Each right and each group; who has a right by their department stands in a column of its own."""
    found = [
        (
            right.words,
            *("yes" if role in held_by.roles else "" for role in ROLES),
            ", ".join(sorted(held_by.departments)),
        )
        for right, held_by in TABLE.items()
    ]
    return Grid(("Right", *ROLES.values(), "Department"), (36, *[13] * len(ROLES), 12), found)


def page() -> Report:
    """docs/access.md."""
    decides = f"Whoever answers a question has besides to be one who may {DECIDE.words}."
    return Report(
        "Who may do what",
        "Written by manage.py access -o docs/access.md from the table of rights in reviews/grants.py and"
        " coordination/rights.py; a test compares it. Every page, act, socket, export, entry of the"
        " navigation, kind of fact and kind of question asks this table and nothing else. Specialists and"
        " managers of a department named in the last column have the right as well.",
        "",
        [
            Section("Rights", [who()]),
            Section("What each right opens", list(_opened())),
            Section("Kinds of question", [_kinds(), Text(decides)]),
        ],
    )


def _opened() -> Iterator[Block]:
    yield Grid(
        ("Right", "Who has it", "What it opens"),
        (25, 25, 50),
        [(row.right.words, row.holders.words, row.opens or "acts of the services") for row in rows()],
    )


def _kinds() -> Grid:
    found = [
        (kind.words, TABLE[kind.sees].words, kind.answered_by, kind.answers.words) for kind in KINDS.values()
    ]
    return Grid(("Question", "Seen by", "Answered by", "By the right to"), (20, 30, 25, 25), found)
