"""Which open questions ask the same of the same party: a digest beside each, and an index of it."""

from django.db import migrations, models
from django.db.models import Q

BATCH = 1_000


def fill(apps, _):
    """The digests of what is open now, as its kinds have them."""
    from reviews import listed

    questions = apps.get_model("reviews", "OpenQuestion").objects
    open_ = apps.get_model("reviews", "Escalation").objects.filter(status="open").order_by("pk")
    keys = list(open_.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        rows = questions.in_bulk(keys[start : start + BATCH])
        for e in open_.filter(pk__in=list(rows)):
            rows[e.pk].cause = listed.cause_of(e)
        questions.bulk_update(rows.values(), ["cause"])


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0013_presence_and_leases"),
    ]

    operations = [
        migrations.AddField("openquestion", "cause", models.CharField(blank=True, default="", max_length=64)),
        migrations.AlterField("openquestion", "cause", models.CharField(blank=True, max_length=64)),
        migrations.AddIndex(
            "openquestion",
            models.Index(
                fields=["cause", "due_at", "question"],
                condition=~Q(cause=""),
                name="reviews_listed_by_cause",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
