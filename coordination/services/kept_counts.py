"""Kept counts (`models.Tally`, and those of open questions): one row of each, of the many that were
added."""

from __future__ import annotations

from django.db import connection, transaction

from reviews import listed

FOLD = listed.folding("coordination_tally", "name", "key")
COUNTED = """
SELECT 'invoices' AS name, ARRAY[state, lane, currency, type,
       (received_at AT TIME ZONE 'UTC')::date::text]::text[] AS key,
       count(*) AS n, coalesce(sum(gross), 0) AS worth FROM coordination_invoice GROUP BY 2
UNION ALL SELECT 'documents', ARRAY[kind]::text[], count(*), 0
    FROM coordination_document GROUP BY 2
UNION ALL SELECT 'codings', ARRAY['proposed', coalesce(i.vendor_id::text, '')], count(*), 0
    FROM coordination_coding c JOIN coordination_invoice i ON i.id = c.invoice_id
    WHERE c.status = 'proposed' AND i.state IN ('cleared', 'scheduled', 'paid')
    GROUP BY 2
"""


def rebuild() -> None:
    """Count anew what triggers keep, as after rows were written without them. Whoever writes what is counted
    meanwhile waits."""
    listed.rebuild()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE coordination_tally IN EXCLUSIVE MODE")
        cursor.execute("DELETE FROM coordination_tally")
        cursor.execute(f"INSERT INTO coordination_tally (name, key, n, worth) {COUNTED}")


def fold() -> None:
    """Make one row of all that count the same; a row that is alone stays. Who does it beside another finds
    the other's rows gone."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD)
    listed.fold()
