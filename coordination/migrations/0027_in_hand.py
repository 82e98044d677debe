"""What a worker has in hand outlives it; its tasks are run alone then."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0026_invalidations"),
    ]

    operations = [
        migrations.CreateModel(
            name="InHand",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tasks",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "coordination_inhand",
            },
        ),
        migrations.AddField(
            model_name="task",
            name="alone",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
