"""Kinds of question are registered by their owners: the column no longer lists them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0007_signing_profiles"),
    ]

    operations = [
        migrations.AlterField("escalation", "kind", models.CharField(max_length=20)),
        migrations.AlterField("historicalescalation", "kind", models.CharField(max_length=20)),
    ]
