"""Rights, people and segregation of duties, for the procedure document: what is configured, and whether
anybody holds two duties that are meant to be apart."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import User
from django.db.models import Prefetch

from audit import roles
from reviews.grants import TABLE
from reviews.kinds import KINDS, Kind
from reviews.models import SigningProfile
from reviews.policy import TEXT_REQUIRED
from reviews.services import person
from reviews.signing import limit_of

from ..models import PolicyVersion
from ..reports.blocks import Block, Facts, Grid, Text
from . import access_matrix

DUTIES = (
    (
        "Propose a decision",
        "agents",
        "letting it take effect",
        "the rules rule on each proposal; an answer to another's question is refused",
    ),
    (
        "Answer a question about an invoice",
        "specialists of the department asked, managers",
        "having made what is asked about",
        (
            "the desk refuses a maker's answer and one for another department, administrators included; the"
            " signing limit is checked when it is given"
        ),
    ),
    ("Sign where two are needed", "two of them", "signing twice", "a unique row per question and person"),
    (
        "Propose a payment run",
        "managers",
        "approving the same run",
        "CHECK coordination_batch_four_eyes in the database",
    ),
    (
        "Verify a vendor's account",
        "managers",
        "agents and whoever brought it",
        "no agent owns the answer; a change is a proposal until a person verifies it",
    ),
    (
        "Unblock, rename or give other terms to a vendor",
        "managers",
        "having brought it",
        "a proposal until another manager agrees",
    ),
    (
        "Bring exchange rates",
        "managers",
        "one that is out of line taking effect",
        "a proposal until another manager agrees",
    ),
    ("Make a map of tables", "managers", "putting it in force", "a proposal until another manager agrees"),
    (
        "Hold an invoice by hand",
        "specialists, managers",
        "agents lifting it",
        "only who set the hold, or a manager, lifts it",
    ),
    (
        "Write a policy",
        "its author",
        "putting it in force",
        "a question until a manager answers who neither wrote it nor asked for it",
    ),
    ("Audit", "auditors", "changing anything", "auditors hold no right that changes something"),
    ("Keep accounts", "administrators", "deciding anything", "administrators hold no right to decide or pay"),
    (
        "Seal the ledger",
        "the sealer",
        "writing decisions",
        "a role of the database of its own, where the server has roles",
    ),
    (
        "Run the database",
        "its administrator",
        "rewriting what was sealed",
        "checkpoints kept elsewhere; verify compares",
    ),
)


def rights() -> Iterator[Block]:
    """Who may do what: each right and each group."""
    yield access_matrix.who()
    yield Text(
        "Specialists and managers of a department named in the last column have the right as well."
        " docs/access.md lists what each right opens."
    )
    yield Text("Who decides which kind of question", "h3")
    yield Facts([(kind.words, kind.answered_by) for kind in KINDS.values()])
    yield Text(
        "A specialist answers the queue of their department, and of a question what belongs to that"
        " department: the answer releases those holds and no others, and the question goes on to whose the"
        " rest is. A manager answers every queue and all of a question; the entry names each hold. Without a"
        " department a specialist answers every queue that is not reserved."
    )
    for kind in KINDS.values():
        yield Text(f"Reason codes of an answer: {kind.words}", "h3")
        yield Facts(
            [
                (
                    f"{verdict}{', with a text' if verdict in TEXT_REQUIRED else ''}",
                    "; ".join(f"{c.words} ({c.code})" for c in codes),
                )
                for verdict, codes in kind.reasons.items()
            ]
        )
        if causes := _causes(kind):
            yield Text(
                "Causes that a reason code can be true of; the others can be true of every cause", "h3"
            )
            yield Facts(causes)


def _causes(kind: Kind) -> list[tuple[str, str]]:
    return [
        (f"{c.words} ({c.code})", ", ".join(sorted(c.causes)))
        for codes in kind.reasons.values()
        for c in codes
        if c.causes is not None
    ]


def accounts() -> Iterator[Block]:
    """Everybody who can sign in."""
    rows = []
    for user in _users():
        limit = limit_of(user, frozenset(_groups(user)))
        profile: SigningProfile | None = getattr(user, "signing_profile", None)
        rows.append(
            (
                user.get_full_name() or user.get_username(),
                person(user),
                ", ".join(sorted(_groups(user))) or "no group",
                profile.department if profile else "",
                "–" if limit is None else f"{limit:,.2f}",
            )
        )
    if not rows:
        yield Text("Nobody has an account yet.")
        return
    yield Text(
        "Accounts that are open. The ledger keeps every change of group, limit and account (person.rights)."
    )
    yield Grid(
        ("Name", "Actor", "Groups", "Department", "Signs up to"),
        (30, 16, 22, 17, 15),
        rows,
        right=frozenset({4}),
    )


def _users() -> list[User]:
    return list(
        User.objects.filter(is_active=True)
        .select_related("signing_profile")
        .prefetch_related(Prefetch("groups"))
        .order_by("username")
    )


def _groups(user: User) -> set[str]:
    return {group.name for group in user.groups.all()}


def duties() -> Iterator[Block]:
    """The duties, and where they meet in one person now."""
    yield Grid(("Duty", "Done by", "Apart from", "Held to by"), (20, 16, 19, 45), DUTIES)
    yield Text("Policy versions", "h3")
    versions = PolicyVersion.objects.order_by("revision")
    yield Grid(
        ("Version", "Status", "Author", "Put in force by"),
        (12, 18, 35, 35),
        [(f"v{v.revision}", v.status, v.author, v.activated_by or "–") for v in versions],
    )
    yield Text("Where duties meet", "h3")
    found = list(conflicts())
    yield from [Text(line, "inset") for line in found] or [
        Text("Nobody holds two duties that are meant to be apart.")
    ]
    yield Text(_database())


def conflicts() -> Iterator[str]:
    """Duties that one group or person holds together and should not."""
    for group in ("auditor", "admin"):
        too_much = [right for right, who in TABLE.items() if right.changes and group in who.roles]
        if too_much:
            yield f"The group {group} may {', '.join(sorted(right.words for right in too_much))}."
    for user in _users():
        groups = _groups(user)
        name = f"{user.get_full_name() or user.get_username()} ({person(user)})"
        if "auditor" in groups and len(groups) > 1:
            yield f"{name} audits and is {', '.join(sorted(groups - {'auditor'}))}, too."
        if "admin" in groups and groups & {"specialist", "manager"}:
            yield f"{name} keeps accounts and decides, too."
        if user.is_superuser and groups & {"specialist", "manager", "auditor"}:
            yield f"{name} is a superuser of the accounts, too."
    for version in PolicyVersion.objects.exclude(activated_by=""):
        same = version.author == version.activated_by
        if same and version.author.startswith("human:"):
            yield f"Policy v{version.revision} was put in force by its author."


def _database() -> str:
    there = sorted(roles.existing())
    if not there:
        return (
            "The database has no roles of its own for product, sealer, auditor and migration; the product"
            " owns its tables."
        )
    return f"Roles of the database: {', '.join(roles.name(kind) for kind in there)}."
