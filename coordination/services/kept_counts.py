"""Kept counts (`models.Tally`): one row of each, of the many that were added."""

from __future__ import annotations

from django.db import connection

FOLD = """
WITH gone AS (DELETE FROM coordination_tally RETURNING name, key, n, worth)
INSERT INTO coordination_tally (name, key, n, worth)
SELECT name, key, sum(n), sum(worth) FROM gone GROUP BY name, key HAVING sum(n) <> 0 OR sum(worth) <> 0
"""


def fold() -> None:
    """Make one row of all that count the same. Who does it beside another finds the other's rows gone."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)
