"""Start-up checks of what would be unsafe or would not work."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

OLDEST_POSTGRES = 15


@register(Tags.security)
def hosts_are_named(**_: Any) -> list[CheckMessage]:
    """With a wildcard the socket's origin check accepts any origin, a missing one included."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ALLOWED_HOSTS contains '*'.",
            hint="Name the hosts by which the site is reached.",
            id="countersign.E001",
        )
    ]


@register(Tags.compatibility)
def official_rules_can_run(**_: Any) -> list[CheckMessage]:
    """Named stylesheets have to be there, and Saxon with them."""
    folder = settings.COUNTERSIGN_EN16931_XSLT
    if not folder:
        return []
    from ..translation.schematron import stylesheets_in

    problems = []
    if not stylesheets_in(Path(folder)):
        problems.append(f"{folder} holds no stylesheet with ubl or cii in its name")
    if find_spec("saxonche") is None:
        problems.append("saxonche is not installed: pip install saxonche")
    return [
        Error(
            f"COUNTERSIGN_EN16931_XSLT: {problem}.",
            hint="Correct it, or leave it unset.",
            id="countersign.E003",
        )
        for problem in problems
    ]


@register(Tags.compatibility)
def code_lists_can_be_read(**_: Any) -> list[CheckMessage]:
    """A list that takes the place of ours has its shape, and the folder that is named holds one."""
    folder = settings.COUNTERSIGN_LISTS
    if not folder:
        return []
    from ..translation import nature

    problems = []
    files = [Path(folder) / name for name in (nature.DOCUMENTS, nature.MEANS)]
    if not any(path.exists() for path in files):
        problems.append(f"{folder} holds neither {nature.DOCUMENTS} nor {nature.MEANS}")
    for path in files:
        try:
            if path.exists():
                nature.parse(path)
        except nature.ListError as error:
            problems.append(str(error))
    return [
        Error(f"COUNTERSIGN_LISTS: {problem}", hint="Correct it, or leave it unset.", id="countersign.E004")
        for problem in problems
    ]


@register(Tags.database)
def postgres_is_new_enough(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Runs where a database is at hand, before each migrate."""
    versions = {alias: connections[alias].get_database_version()[0] for alias in databases or ()}
    return [
        Error(
            f"The database {alias} is PostgreSQL {version}.",
            hint=f"Use PostgreSQL {OLDEST_POSTGRES} or newer.",
            id="countersign.E002",
        )
        for alias, version in versions.items()
        if version < OLDEST_POSTGRES
    ]
