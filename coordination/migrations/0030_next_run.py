"""The plan of the next payment run, kept where it is dear to work out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0029_indexes_that_others_begin_with"),
    ]

    operations = [
        migrations.CreateModel(
            "NextRun",
            [
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("worked_out_at", models.DateTimeField()),
                ("seconds", models.FloatField()),
                ("acts", models.TextField()),
                ("earliest", models.DateField()),
                ("runs", models.JSONField()),
                ("left", models.JSONField()),
                ("others", models.JSONField()),
                ("unpayable", models.JSONField()),
            ],
            {"db_table": "coordination_nextrun"},
        ),
    ]
