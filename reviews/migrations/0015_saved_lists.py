"""Filters of the list that people keep under a name, for themselves or their department."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import audit.ids


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("reviews", "0014_what_asks_the_same"),
    ]

    operations = [
        migrations.CreateModel(
            "SavedList",
            [
                (
                    "id",
                    models.UUIDField(
                        default=audit.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("queue", models.CharField(blank=True, max_length=40)),
                ("cause", models.CharField(blank=True, max_length=40)),
                ("sort", models.CharField(max_length=10)),
                ("aside", models.BooleanField(default=False)),
                ("shared", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_lists",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            {
                "db_table": "reviews_savedlist",
                "constraints": [
                    models.UniqueConstraint(fields=["owner", "name"], name="reviews_list_name"),
                    models.CheckConstraint(condition=~Q(name=""), name="reviews_list_named"),
                    models.CheckConstraint(
                        condition=Q(sort__in=["clock", "amount", "age"]), name="reviews_list_sort"
                    ),
                ],
            },
        ),
    ]
