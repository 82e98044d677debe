"""Open questions that nobody may answer any more, with why, and when that was looked at."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0019_who_has_to_sign"),
    ]

    operations = [
        migrations.AddField("openquestion", "nobody", models.TextField(blank=True, default="")),
        migrations.AddField("openquestion", "looked_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "openquestion",
            models.Index(F("looked_at").asc(nulls_first=True), F("question"), name="reviews_listed_by_look"),
        ),
        migrations.AddIndex(
            "openquestion",
            models.Index(fields=["question"], condition=~Q(nobody=""), name="reviews_listed_nobody"),
        ),
    ]
