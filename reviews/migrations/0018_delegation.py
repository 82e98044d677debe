"""Delegation from a day to a day: whose questions a colleague answers, too, and for whom an answer was given."""

import simple_history.models
from django.conf import settings
from django.db import migrations, models
from django.db.models import DO_NOTHING, PROTECT, F, Q

import audit.ids


def columns():
    return [
        ("begins", models.DateTimeField()),
        ("ends", models.DateTimeField()),
        ("by", models.CharField(max_length=200)),
        ("at", models.DateTimeField()),
        ("begun_at", models.DateTimeField(null=True)),
        ("ended_at", models.DateTimeField(null=True)),
    ]


def past(name):
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        DO_NOTHING,
        blank=True,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    return name, person


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("reviews", "0017_half_time_and_backup"),
    ]

    operations = [
        migrations.AddField(
            "verdict", "on_behalf_of", models.CharField(blank=True, default="", max_length=200)
        ),
        migrations.CreateModel(
            "Delegation",
            [
                (
                    "id",
                    models.UUIDField(
                        default=audit.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                *columns(),
                ("delegate", models.ForeignKey(settings.AUTH_USER_MODEL, PROTECT, related_name="+")),
                ("delegator", models.ForeignKey(settings.AUTH_USER_MODEL, PROTECT, related_name="+")),
            ],
            {
                "db_table": "reviews_delegation",
                "constraints": [
                    models.CheckConstraint(
                        condition=~Q(delegator=F("delegate")), name="reviews_delegation_to_another"
                    ),
                    models.CheckConstraint(
                        condition=Q(begins__lt=F("ends")), name="reviews_delegation_from_until"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "HistoricalDelegation",
            [
                ("id", models.UUIDField(default=audit.ids.new_id, editable=False)),
                *columns(),
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
                past("delegate"),
                past("delegator"),
            ],
            {
                "verbose_name": "historical delegation",
                "verbose_name_plural": "historical delegations",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(fields=["history_date", "id"], name="reviews_his_history_44ae9f_idx")
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
