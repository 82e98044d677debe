"""The house: which room may import which, and no file that imports itself by a detour."""

from __future__ import annotations

import pytest

from tests.architecture.modules import modules

ALLOWED: dict[str, str] = {
    # the doors: what a person, a program or a clock comes in by
    "coordination.urls": "views selectors reviews",
    "coordination.apps": "rights project assurance services facts live translation audit",
    "coordination.jobs": "oversight services decisions assurance audit",
    "coordination.management": (
        "rights selectors oversight world workers assurance monitoring reports services decisions facts"
        " governance"
        " domain project models translation reviews audit"
    ),
    "coordination.views": (
        "rights selectors assurance reports services decisions facts domain models translation reviews audit"
    ),
    "coordination.templatetags": "selectors facts display monitoring domain models reviews audit",
    # who reads for pages, and the synthetic trade
    "coordination.selectors": (
        "rights oversight world assurance reports services decisions facts tasks monitoring display"
        " governance agents domain models translation reviews audit"
    ),
    "coordination.oversight": (
        "world services decisions facts tasks agents domain models translation reviews audit"
    ),
    "coordination.world": (
        "workers assurance services facts governance domain project models translation reviews audit"
    ),
    "coordination.project": "questions facts tasks live translation reviews audit",
    # each kind of question with whoever carries its answer out
    "coordination.questions": "rights services decisions facts agents domain models reviews audit",
    # who writes
    "coordination.workers": "services decisions tasks monitoring agents models reviews audit",
    "coordination.assurance": "rights services facts tasks reports domain models translation reviews audit",
    "coordination.services": (
        "rights decisions facts tasks monitoring governance agents domain models translation reviews audit"
    ),
    "coordination.decisions": "rights facts tasks governance agents domain models translation reviews audit",
    "coordination.facts": "tasks governance agents domain models translation reviews audit",
    "coordination.tasks": "agents audit",
    # pure rooms: no table, no clock
    "coordination.monitoring": "domain audit",
    "coordination.reports": "governance domain translation audit",
    "coordination.display": "agents domain reviews audit",
    "coordination.governance": "agents domain audit",
    "coordination.agents": "domain translation",
    "coordination.domain": "translation audit",
    "coordination.translation": "audit",
    # the ground
    "coordination.live": "rights reviews",
    "coordination.rights": "reviews",
    "coordination.models": "audit",
    "reviews": "audit",
    "audit": "",
}
"""Room -> the rooms it may import, those of `coordination` by their last name. A new room is a new row; a new
arrow is a word in a row, and has to point down."""


def room_of(name: str) -> str:
    """The room of a module: an app, a folder of `coordination`, or a single file at its top."""
    app, _, rest = name.partition(".")
    return f"{app}.{rest.partition('.')[0]}" if app == "coordination" and rest else app


def allowed(room: str) -> set[str]:
    return {w if w in {"reviews", "audit"} else f"coordination.{w}" for w in ALLOWED[room].split()}


@pytest.mark.parametrize("room", sorted({room_of(name) for name in modules()}))
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    if room == "coordination":
        return  # the package itself, which is empty
    assert room in ALLOWED, f"say in ALLOWED which rooms {room} may import"
    arrows = {
        f"{m.name} -> {name}"
        for m in modules().values()
        if room_of(m.name) == room
        for name in m.neighbours()
        if room_of(name) not in {room, "coordination", *allowed(room)}
    }
    assert arrows == set(), "an arrow that the table does not allow: move the code, or say why in the table"


def test_the_table_of_arrows_has_no_circle() -> None:
    order: list[str] = []
    rest = set(ALLOWED)
    while rest:
        free = {room for room in rest if not allowed(room) & rest}
        assert free, f"these rooms import each other: {sorted(rest)}"
        order += sorted(free)
        rest -= free
    assert order[0] == "audit"


def test_the_table_of_arrows_names_nothing_that_is_gone() -> None:
    used = {
        (room_of(m.name), room_of(name))
        for m in modules().values()
        for name in m.neighbours()
        if room_of(m.name) != room_of(name)
    }
    unused = {
        f"{room} -> {below}" for room in ALLOWED for below in allowed(room) if (room, below) not in used
    }
    assert unused == set(), "take these words out of the table"


def test_no_file_imports_itself_by_a_detour() -> None:
    rest = dict.fromkeys(modules().values())
    while True:
        names = {m.name for m in rest}
        free = [m for m in rest if not m.neighbours() & names]
        if not free:
            break
        for m in free:
            del rest[m]
    assert [m.name for m in rest] == [], "these files import each other"
