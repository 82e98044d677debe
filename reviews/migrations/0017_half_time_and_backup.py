"""When half of a question's time is over, as its calendar says, and who its backup is once all of it is."""

from django.db import migrations, models
from django.db.models import Q

FIELDS = {
    "warn_at": models.DateTimeField(null=True),
    "backup": models.CharField(blank=True, default="", max_length=40),
}


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0016_remedies"),
    ]

    operations = [
        *(
            migrations.AddField(model, name, field)
            for model in ("escalation", "historicalescalation")
            for name, field in FIELDS.items()
        ),
        migrations.AddIndex(
            "escalation",
            models.Index(
                fields=["backup"], condition=Q(status="open") & ~Q(backup=""), name="reviews_open_by_backup"
            ),
        ),
    ]
