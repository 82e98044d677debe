"""What people do with a question short of answering it: putting it aside, and naming somebody in a remark."""

from django.db import migrations, models
from django.db.models import CASCADE, Q

FOLLOW = """
CREATE OR REPLACE FUNCTION reviews_listed_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> 'open' THEN
    DELETE FROM public.reviews_mention WHERE question_id = OLD.id;
    DELETE FROM public.reviews_lossday WHERE question_id = OLD.id;
    DELETE FROM public.reviews_openquestion WHERE question_id = OLD.id;
  ELSE
    UPDATE public.reviews_openquestion SET owner = NEW.owner, aside_until = NEW.aside_until
     WHERE question_id = OLD.id;
  END IF;
  RETURN NULL;
END $$;
DROP TRIGGER reviews_listed_follow ON reviews_escalation;
CREATE TRIGGER reviews_listed_follow AFTER UPDATE ON reviews_escalation FOR EACH ROW
  WHEN (OLD.status = 'open' AND (NEW.status <> 'open' OR NEW.owner IS DISTINCT FROM OLD.owner
                                 OR NEW.aside_until IS DISTINCT FROM OLD.aside_until))
  EXECUTE FUNCTION reviews_listed_follow();
"""
FIELDS = {
    "aside_for": models.CharField(blank=True, max_length=5),
    "aside_mark": models.BigIntegerField(null=True),
    "aside_until": models.DateTimeField(null=True),
}


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0010_seconds_on_the_page"),
    ]

    operations = [
        *(
            migrations.AddField(model, name, field)
            for model in ("escalation", "historicalescalation")
            for name, field in FIELDS.items()
        ),
        migrations.AddField("openquestion", "aside_until", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "openquestion",
            models.Index(
                fields=["aside_until"], condition=Q(aside_until__isnull=False), name="reviews_listed_aside"
            ),
        ),
        migrations.CreateModel(
            "Mention",
            [
                (
                    "id",
                    models.BigAutoField(
                        primary_key=True, serialize=False, auto_created=True, verbose_name="ID"
                    ),
                ),
                ("question", models.ForeignKey("reviews.OpenQuestion", CASCADE, related_name="mentions")),
                ("actor", models.CharField(max_length=200)),
                ("by", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
            ],
            {
                "db_table": "reviews_mention",
                "constraints": [
                    models.UniqueConstraint(fields=["actor", "question"], name="reviews_mentioned_once")
                ],
            },
        ),
        migrations.RunSQL(FOLLOW, migrations.RunSQL.noop),
    ]
