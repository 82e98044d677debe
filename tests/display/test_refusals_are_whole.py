"""An error that is raised without words says its docstring to the last word: what to do stands at its end."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import pytest

import audit
import coordination
import reviews
from audit.errors import CountersignError

APART = ("migrations", "settings", "asgi", "supervisor", "world", "postgres", "cluster")
"""Modules that start something when they are imported, or that refuse nothing to people."""


def _refusals(of: type[CountersignError] = CountersignError) -> Iterator[type[CountersignError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _refusals(kind)


@pytest.fixture(scope="module")
def refusals() -> set[type[CountersignError]]:
    """Every class of refusal that the product has."""
    for package in (audit, coordination, reviews):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not set(APART) & set(module.name.split(".")):
                import_module(module.name)
    return {kind for kind in _refusals() if kind.__module__.partition(".")[0] != "tests"}


def test_no_refusal_ends_in_the_middle_of_its_sentence(refusals: set[type[CountersignError]]) -> None:
    assert len(refusals) > 60
    said = {}
    for kind in refusals:
        try:
            said[kind.__name__] = kind().message
        except TypeError:  # it asks for what it is about, and words itself from that
            continue
    assert len(said) > 50
    assert {name: words for name, words in said.items() if not words.endswith((".", "?"))} == {}
    assert [name for name, words in said.items() if "\n" in words or "  " in words] == []


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("Unseen", "Load it again."),
        ("TooLate", "Look at its payment run."),
        ("FileWritten", "call it, and write the recall for it."),
        ("NothingKept", "Take it in again."),
        ("Apart", "a manager has to sign."),
    ],
)
def test_what_to_do_is_said_where_the_sentence_is_long(
    refusals: set[type[CountersignError]], name: str, end: str
) -> None:
    [kind] = [kind for kind in refusals if kind.__name__ == name]
    assert kind().message.endswith(end)


class Explained(CountersignError):
    """This cannot be done. Do something
    else.

    Whoever reads the code learns more here.
    """


def test_what_is_for_readers_of_the_code_is_not_said_to_people() -> None:
    assert Explained().message == "This cannot be done. Do something else."
    assert Explained("In other words.").message == "In other words."
