"""What lists read of open questions, in rows of their own, and a trigger that lets them follow."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import CASCADE, Q

DAYS = ["on", "due_at", "opened_at", "question"]
FOLLOW = """
CREATE FUNCTION reviews_listed_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> 'open' THEN
    DELETE FROM public.reviews_lossday WHERE question_id = OLD.id;
    DELETE FROM public.reviews_openquestion WHERE question_id = OLD.id;
  ELSE
    UPDATE public.reviews_openquestion SET owner = NEW.owner WHERE question_id = OLD.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER reviews_listed_follow AFTER UPDATE ON reviews_escalation FOR EACH ROW
  WHEN (OLD.status = 'open' AND (NEW.status <> 'open' OR NEW.owner IS DISTINCT FROM OLD.owner))
  EXECUTE FUNCTION reviews_listed_follow();
CREATE FUNCTION reviews_tally_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO public.reviews_opentally (queue, kind, n, worth)
    SELECT queue, kind, count(*), coalesce(sum(amount_company), 0) FROM came GROUP BY queue, kind;
  ELSE
    INSERT INTO public.reviews_opentally (queue, kind, n, worth)
    SELECT queue, kind, -count(*), -coalesce(sum(amount_company), 0) FROM went GROUP BY queue, kind;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER reviews_tally_insert AFTER INSERT ON reviews_openquestion REFERENCING NEW TABLE AS came
  FOR EACH STATEMENT EXECUTE FUNCTION reviews_tally_open();
CREATE TRIGGER reviews_tally_delete AFTER DELETE ON reviews_openquestion REFERENCING OLD TABLE AS went
  FOR EACH STATEMENT EXECUTE FUNCTION reviews_tally_open();
"""
LEAVE = """
DROP TRIGGER reviews_tally_insert ON reviews_openquestion;
DROP TRIGGER reviews_tally_delete ON reviews_openquestion;
DROP FUNCTION reviews_tally_open();
DROP TRIGGER reviews_listed_follow ON reviews_escalation;
DROP FUNCTION reviews_listed_follow();
DROP TRIGGER IF EXISTS reviews_listed ON reviews_escalation;
"""


def fill(apps, _):
    """Rows for what is open now. Kinds are asked as they are: what they read of a case is theirs to say."""
    from reviews import listed

    questions, days = apps.get_model("reviews", "OpenQuestion"), apps.get_model("reviews", "LossDay")
    open_ = apps.get_model("reviews", "Escalation").objects.filter(status="open").order_by("pk")
    keys = list(open_.values_list("pk", flat=True))
    for start in range(0, len(keys), listed.BATCH):
        found = [(e.pk, *listed.extract(e)) for e in open_.filter(pk__in=keys[start : start + listed.BATCH])]
        questions.objects.bulk_create(questions(question_id=key, **row) for key, row, _ in found)
        days.objects.bulk_create(days(question_id=key, **day) for key, _, many in found for day in many)


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0008_kinds_are_registered"),
    ]

    operations = [
        migrations.CreateModel(
            "OpenQuestion",
            [
                (
                    "question",
                    models.OneToOneField(
                        "reviews.Escalation", CASCADE, primary_key=True, serialize=False, related_name="+"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("queue", models.CharField(max_length=40)),
                ("owner", models.CharField(blank=True, max_length=200)),
                ("codes", ArrayField(models.TextField(), default=list, size=None)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("amount_company", models.DecimalField(decimal_places=2, max_digits=24, null=True)),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("excerpt", models.JSONField(default=dict)),
            ],
            {
                "db_table": "reviews_openquestion",
                "indexes": [
                    models.Index(fields=["due_at", "opened_at", "question"], name="reviews_listed_by_clock"),
                    models.Index(
                        fields=["-amount_company", "due_at", "question"], name="reviews_listed_by_amount"
                    ),
                    models.Index(fields=["opened_at", "question"], name="reviews_listed_by_age"),
                    models.Index(fields=["owner"], condition=~Q(owner=""), name="reviews_listed_by_owner"),
                    GinIndex(fields=["codes"], name="reviews_listed_by_code"),
                ],
            },
        ),
        migrations.CreateModel(
            "LossDay",
            [
                (
                    "id",
                    models.BigAutoField(
                        primary_key=True, serialize=False, auto_created=True, verbose_name="ID"
                    ),
                ),
                ("question", models.ForeignKey("reviews.OpenQuestion", CASCADE, related_name="days")),
                ("on", models.DateField()),
                ("counts_from", models.DateField()),
                ("stays", models.BooleanField()),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
            ],
            {
                "db_table": "reviews_lossday",
                "indexes": [
                    models.Index(fields=DAYS, condition=Q(stays=True), name="reviews_losses_that_stay"),
                    models.Index(fields=DAYS, condition=Q(stays=False), name="reviews_losses_that_pass"),
                ],
            },
        ),
        migrations.CreateModel(
            "OpenTally",
            [
                (
                    "id",
                    models.BigAutoField(
                        primary_key=True, serialize=False, auto_created=True, verbose_name="ID"
                    ),
                ),
                ("queue", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=20)),
                ("n", models.BigIntegerField()),
                ("worth", models.DecimalField(decimal_places=2, max_digits=32)),
            ],
            {"db_table": "reviews_opentally"},
        ),
        migrations.AddIndex("escalation", models.Index(fields=["decided_at"], name="reviews_by_end")),
        migrations.RunSQL(FOLLOW, LEAVE),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
