"""The database of a command: started where it is ours, and migrated."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management import call_command
from django.db import connection


def prepare_database(say: Callable[[str], None]) -> None:
    """Make the tables of an empty database, so that the first command on a fresh data folder just works."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if cursor.fetchone()[0]:
            return
    say("preparing an empty database")
    call_command("migrate", verbosity=0, skip_checks=True)
