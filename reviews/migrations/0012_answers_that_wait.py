"""Answers of a page wait some seconds before they count. What stands beside an open question stays when lists
are written anew."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

FOLLOW = """
CREATE OR REPLACE FUNCTION reviews_listed_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> 'open' THEN
    IF EXISTS (SELECT 1 FROM public.reviews_pendinganswer WHERE question_id = OLD.id) THEN
      RAISE EXCEPTION 'reviews_escalation %: an answer of it waits to count', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'reviews_answer_waits',
              HINT = 'Say first that the answer is void (reviews.pending.void).';
    END IF;
    DELETE FROM public.reviews_mention WHERE question_id = OLD.id;
    DELETE FROM public.reviews_lossday WHERE question_id = OLD.id;
    DELETE FROM public.reviews_openquestion WHERE question_id = OLD.id;
  ELSE
    UPDATE public.reviews_openquestion SET owner = NEW.owner, aside_until = NEW.aside_until
     WHERE question_id = OLD.id;
  END IF;
  RETURN NULL;
END $$;
"""
NOTHING = django.db.models.deletion.DO_NOTHING


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0011_handling"),
    ]

    operations = [
        migrations.CreateModel(
            "PendingAnswer",
            [
                (
                    "question",
                    models.OneToOneField(
                        "reviews.OpenQuestion",
                        NOTHING,
                        primary_key=True,
                        serialize=False,
                        related_name="pending",
                    ),
                ),
                ("verdict", models.CharField(max_length=20)),
                ("by", models.CharField(max_length=200)),
                ("click", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField(db_index=True)),
                ("entry", models.BigIntegerField(unique=True)),
                ("together", models.CharField(blank=True, db_index=True, max_length=64)),
            ],
            {
                "db_table": "reviews_pendinganswer",
                "constraints": [
                    models.CheckConstraint(condition=Q(until__gte=F("at")), name="reviews_pending_until")
                ],
            },
        ),
        migrations.AlterField(
            "mention", "question", models.ForeignKey("reviews.OpenQuestion", NOTHING, related_name="mentions")
        ),
        migrations.RunSQL(FOLLOW, migrations.RunSQL.noop),
    ]
