"""Falls of a catch rate with the doses in force, and what stood first on the page of a known-answer case."""

import simple_history.models
from django.db import migrations, models

import audit.ids


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0038_day_counts"),
    ]

    operations = [
        migrations.AddField(
            model_name="knownanswerresult",
            name="drawn_order",
            field=models.CharField(blank=True, max_length=14),
        ),
        migrations.CreateModel(
            name="CatchRateFall",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=audit.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("queue", models.CharField(max_length=40)),
                ("policy", models.CharField(max_length=20)),
                ("doses", models.JSONField(default=list)),
                ("cases", models.SmallIntegerField()),
                ("caught", models.SmallIntegerField()),
                ("since", models.DateTimeField()),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=20)),
            ],
            options={
                "db_table": "coordination_catchratefall",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("queue",),
                        name="coordination_one_fall_of_a_queue",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCatchRateFall",
            fields=[
                ("id", models.UUIDField(default=audit.ids.new_id, editable=False)),
                ("queue", models.CharField(max_length=40)),
                ("policy", models.CharField(max_length=20)),
                ("doses", models.JSONField(default=list)),
                ("cases", models.SmallIntegerField()),
                ("caught", models.SmallIntegerField()),
                ("since", models.DateTimeField()),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=20)),
                ("history_user_id", models.CharField(max_length=200)),
                ("history_change_reason", models.TextField()),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField()),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
            ],
            options={
                "verbose_name": "historical catch rate fall",
                "verbose_name_plural": "historical catch rate falls",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["history_date", "id"], name="coordinatio_history_83a717_idx")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
