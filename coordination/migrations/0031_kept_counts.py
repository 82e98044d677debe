"""Kept counts of invoices, documents and proposed codings, and indexes in the order of lists."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import Q

INVOICE = (
    "ARRAY[{0}.state, {0}.lane, {0}.currency, {0}.type, ({0}.received_at AT TIME ZONE 'UTC')::date::text]"
)
BOOKED = "{0}.state IN ('cleared', 'scheduled', 'paid')"
PROPOSED = (
    "SELECT count(*) FROM public.coordination_coding c WHERE c.invoice_id = {0}.id AND c.status = 'proposed'"
)

CODING = "ARRAY['proposed', coalesce(i.vendor_id::text, '')]"
MOVED = "(r.state, r.vendor_id) IS DISTINCT FROM (w.state, w.vendor_id)"

FUNCTIONS = f"""
CREATE FUNCTION coordination_tally_invoices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO public.coordination_tally (name, key, n, worth)
    SELECT 'invoices', {INVOICE.format("r")}, count(*), coalesce(sum(r.gross), 0) FROM came r GROUP BY 2;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO public.coordination_tally (name, key, n, worth)
    SELECT 'invoices', {INVOICE.format("r")}, -count(*), -coalesce(sum(r.gross), 0) FROM went r GROUP BY 2;
  ELSE
    INSERT INTO public.coordination_tally (name, key, n, worth)
    SELECT 'invoices', x.key, sum(x.n), sum(x.worth) FROM (
        SELECT {INVOICE.format("r")} AS key, 1 AS n, coalesce(r.gross, 0) AS worth FROM came r
        UNION ALL SELECT {INVOICE.format("r")}, -1, -coalesce(r.gross, 0) FROM went r) x
     GROUP BY x.key HAVING sum(x.n) <> 0 OR sum(x.worth) <> 0;
    INSERT INTO public.coordination_tally (name, key, n, worth)
    SELECT 'codings', ARRAY['proposed', x.vendor], sum(x.n), 0 FROM (
        SELECT coalesce(r.vendor_id::text, '') AS vendor, ({PROPOSED.format("r")}) AS n
          FROM came r JOIN went w ON w.id = r.id WHERE {BOOKED.format("r")} AND {MOVED}
        UNION ALL SELECT coalesce(w.vendor_id::text, ''), -({PROPOSED.format("w")})
          FROM came r JOIN went w ON w.id = r.id WHERE {BOOKED.format("w")} AND {MOVED}) x
     GROUP BY x.vendor HAVING sum(x.n) <> 0;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION coordination_tally_codings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO public.coordination_tally (name, key, n, worth)
    SELECT 'codings', {CODING}, -count(*), 0 FROM went r JOIN public.coordination_invoice i
        ON i.id = r.invoice_id
     WHERE r.status = 'proposed' AND {BOOKED.format("i")} GROUP BY 2;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO public.coordination_tally (name, key, n, worth)
    SELECT 'codings', {CODING}, count(*), 0 FROM came r JOIN public.coordination_invoice i
        ON i.id = r.invoice_id
     WHERE r.status = 'proposed' AND {BOOKED.format("i")} GROUP BY 2;
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION coordination_tally_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO public.coordination_tally (name, key, n, worth)
    SELECT 'documents', ARRAY[r.kind], count(*), 0 FROM came r GROUP BY 2;
  ELSE
    INSERT INTO public.coordination_tally (name, key, n, worth)
    SELECT 'documents', ARRAY[r.kind], -count(*), 0 FROM went r GROUP BY 2;
  END IF;
  RETURN NULL;
END $$;
"""  # noqa: S608 - our own constants
TABLES = {
    "invoices": ("coordination_invoice", ("INSERT", "UPDATE", "DELETE")),
    "codings": ("coordination_coding", ("INSERT", "UPDATE", "DELETE")),
    "documents": ("coordination_document", ("INSERT", "DELETE")),
}
ROWS = {
    "INSERT": "NEW TABLE AS came",
    "UPDATE": "OLD TABLE AS went NEW TABLE AS came",
    "DELETE": "OLD TABLE AS went",
}
TRIGGERS = "".join(
    f"CREATE TRIGGER coordination_tally_{event.lower()} AFTER {event} ON {table} REFERENCING {ROWS[event]}"
    f" FOR EACH STATEMENT EXECUTE FUNCTION coordination_tally_{name}();\n"
    for name, (table, events) in TABLES.items()
    for event in events
)
UNDO = "".join(
    f"DROP TRIGGER coordination_tally_{event.lower()} ON {table};\n"
    for table, events in TABLES.values()
    for event in events
) + "".join(f"DROP FUNCTION coordination_tally_{name}();\n" for name in TABLES)
FILL = f"""
INSERT INTO coordination_tally (name, key, n, worth)
SELECT 'invoices', {INVOICE.format("r")}, count(*), coalesce(sum(r.gross), 0) FROM coordination_invoice r
 GROUP BY 2
UNION ALL SELECT 'codings', {CODING}, count(*), 0 FROM coordination_coding c
  JOIN coordination_invoice i ON i.id = c.invoice_id WHERE c.status = 'proposed' AND {BOOKED.format("i")} GROUP BY 2
UNION ALL SELECT 'documents', ARRAY[r.kind], count(*), 0 FROM coordination_document r GROUP BY 2
"""  # noqa: S608 - our own constants


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0030_next_run"),
    ]

    operations = [
        migrations.CreateModel(
            "Tally",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=20)),
                ("key", ArrayField(models.TextField(), size=None)),
                ("n", models.BigIntegerField()),
                ("worth", models.DecimalField(decimal_places=6, max_digits=32)),
            ],
            {
                "db_table": "coordination_tally",
                "indexes": [models.Index(fields=["name"], name="coordination_tally_name")],
            },
        ),
        migrations.AddIndex(
            "invoice", models.Index(fields=["-received_at", "-id"], name="coordination_inv_newest")
        ),
        migrations.AddIndex(
            "invoice", models.Index(fields=["state", "-received_at", "-id"], name="coordination_inv_state")
        ),
        migrations.AddIndex(
            "invoice", models.Index(fields=["lane", "-received_at", "-id"], name="coordination_inv_lane")
        ),
        migrations.AddIndex(
            "invoice", models.Index(fields=["state", "state_since"], name="coordination_inv_since")
        ),
        migrations.RemoveIndex("invoice", "coordination_inv_stage"),
        migrations.RemoveIndex("invoice", "coordination_inv_amount"),
        migrations.AddIndex(
            "invoice",
            models.Index(
                fields=["vendor", "currency", "gross", "issue_date"], name="coordination_inv_amount"
            ),
        ),
        migrations.AddIndex(
            "document", models.Index(fields=["kind", "received_at"], name="coordination_doc_newest")
        ),
        migrations.AddIndex(
            "document", models.Index(fields=["source", "kind", "id"], name="coordination_doc_source")
        ),
        migrations.AddIndex(
            "coding",
            models.Index(
                fields=["invoice"], condition=Q(status="confirmed"), name="coordination_coding_confirmed"
            ),
        ),
        migrations.AddIndex(
            "hold",
            models.Index(
                fields=["code", "opened_at"], condition=~Q(status="released"), name="coordination_hold_code"
            ),
        ),
        migrations.RunSQL(FUNCTIONS + TRIGGERS, UNDO),
        migrations.RunSQL(FILL, "DELETE FROM coordination_tally"),
    ]
