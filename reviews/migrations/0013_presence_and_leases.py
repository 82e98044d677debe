"""Who has a question before them now, and until when a claim lasts."""

from django.db import migrations, models
from django.db.models import CASCADE, Q


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0012_answers_that_wait"),
    ]

    operations = [
        migrations.AddField("openquestion", "leased_until", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "openquestion",
            models.Index(
                fields=["leased_until"],
                condition=Q(leased_until__isnull=False),
                name="reviews_listed_leases",
            ),
        ),
        migrations.CreateModel(
            "Presence",
            [
                ("actor", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("question", models.ForeignKey("reviews.Escalation", CASCADE, related_name="+")),
                ("typing", models.BooleanField(default=False)),
                ("at", models.DateTimeField(db_index=True)),
            ],
            {"db_table": "reviews_presence"},
        ),
    ]
