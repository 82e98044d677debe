"""Which remedy an answer is, and what was supplied with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0015_saved_lists"),
    ]

    operations = [
        migrations.AddField(
            "verdict",
            "remedy",
            models.CharField(blank=True, default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField("verdict", "terms", models.JSONField(default=dict)),
    ]
