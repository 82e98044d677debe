"""The one table of rights: what a person may do, and who may.

Whoever owns a page or an act registers its right here with those who have it. Pages, acts, sockets, exports,
navigation and kinds of question name a right and ask `holds`; nothing else knows who may do what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

ROLES: dict[str, str] = {
    "specialist": "Specialist",
    "manager": "Manager",
    "auditor": "Auditor, read only",
    "admin": "Administrator",
}
"""Groups of accounts with their titles. Specialists decide, managers decide what specialists may not,
auditors read everything and change nothing, administrators keep accounts and decide nothing."""

PLURALS = {
    "specialist": "specialists",
    "manager": "managers",
    "auditor": "auditors",
    "admin": "administrators",
}

OF_DEPARTMENTS = frozenset({"specialist", "manager"})
"""Groups whose members have the rights of their department besides."""


@dataclass(frozen=True, slots=True)
class Right:
    """What a person may do. `words` complete "You may not ...", `changes` says whether decisions, agents or
    money are different after it."""

    name: str
    words: str
    changes: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Holders:
    """Who has a right: groups, and departments whose specialists and managers have it besides."""

    roles: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """Return them in a sentence: "specialists and managers"; "nobody" where the right is nobody's."""
        named = [plural for role, plural in PLURALS.items() if role in self.roles]
        if self.departments:
            named.append(f"people of {in_a_row(sorted(self.departments))}")
        return in_a_row(named) or "nobody"


TABLE: dict[Right, Holders] = {}
"""Every right of the product with who has it, in the order in which they were registered."""

NOBODY = Holders()


class RegisteredTwice(ValueError):
    """Two owners registered something under one name."""


def register(
    name: str, words: str, *, roles: str = "", departments: str = "", changes: bool = False
) -> Right:
    """Enter a right into the table and return it. `roles` and `departments` are names with spaces between.

    Raises `RegisteredTwice` for a name that is taken, and `ValueError` for a group that does not exist.
    """
    right = Right(name, words, changes)
    if any(known.name == name for known in TABLE):
        raise RegisteredTwice(f"The right {name!r} is registered already. Choose another name.")
    if unknown := set(roles.split()) - set(ROLES):
        raise ValueError(f"There is no group {sorted(unknown)[0]!r}; there are {', '.join(ROLES)}.")
    TABLE[right] = Holders(frozenset(roles.split()), frozenset(departments.split()))
    return right


def holders(right: Right) -> Holders:
    """Return who has the right; nobody has one that is not in the table."""
    return TABLE.get(right, NOBODY)


def holds(right: Right, groups: Iterable[str], department: Callable[[], str] = str) -> bool:
    """Tell whether a member of the groups has the right. `department` is only asked where it matters."""
    who, held = holders(right), frozenset(groups)
    if who.roles & held:
        return True
    return bool(who.departments and held & OF_DEPARTMENTS) and department() in who.departments


def is_everybodys(right: Right) -> bool:
    """Tell whether all groups have the right, so that who has it need not be said."""
    return holders(right).roles >= set(ROLES)


def in_a_row(words: list[str]) -> str:
    """Return words as they stand in a sentence: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


SEE = register("see", "see this page", roles="specialist manager auditor admin")
READ_CASES = register("read_cases", "read cases", roles="specialist manager auditor")
DELEGATE_FOR = register(
    "delegate_for", "arrange who answers for somebody else", roles="manager", changes=True
)
DECIDE = register("decide", "decide cases", roles="specialist manager", changes=True)
