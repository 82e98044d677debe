"""How long a page had been before whoever answered, with the answer; for answers already here as well."""

from django.db import migrations, models

FILL = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM reviews_verdict) THEN RETURN; END IF;
    ALTER TABLE reviews_verdict DISABLE TRIGGER audit_append_only;
    UPDATE reviews_verdict v SET seconds = (e.body::jsonb #>> '{data,seen,seconds}')::int
      FROM audit_entry e
     WHERE e.type = 'verdict.given' AND e.actor = v.by
       AND (e.body::jsonb #>> '{data,escalation}')::uuid = v.escalation_id
       AND e.body::jsonb #>> '{data,seen,seconds}' IS NOT NULL;
    SET CONSTRAINTS ALL IMMEDIATE;
    ALTER TABLE reviews_verdict ENABLE ALWAYS TRIGGER audit_append_only;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0009_what_lists_read"),
        ("audit", "0003_seals"),
    ]

    operations = [
        migrations.AddField(
            model_name="verdict",
            name="seconds",
            field=models.IntegerField(null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(fields=["at"], name="reviews_verdict_at"),
        ),
    ]
