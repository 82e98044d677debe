"""What people supply above the document of an invoice."""

import django.db.models.deletion
from django.db import migrations, models

import audit.ids


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0039_doses_and_display_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="SuppliedFact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=audit.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("field", models.CharField(max_length=80)),
                ("number", models.SmallIntegerField()),
                ("value", models.TextField()),
                ("was", models.TextField(blank=True)),
                ("place", models.TextField(blank=True)),
                ("question", models.UUIDField(null=True)),
                ("by", models.CharField(max_length=200)),
                ("confirmed_by", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("why", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="coordination.document",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="supplied",
                        to="coordination.invoice",
                    ),
                ),
            ],
            options={
                "db_table": "coordination_suppliedfact",
                "indexes": [models.Index(fields=["field"], name="coordination_supplied_field")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("invoice", "field", "number"), name="coordination_one_fact_in_force"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="coordination_suppliedfact_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("by__startswith", "human:"),
                                ("document__isnull", True),
                                ("question__isnull", False),
                            ),
                            models.Q(("document__isnull", False), ("question__isnull", True)),
                            _connector="OR",
                        ),
                        name="coordination_suppliedfact_origin",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_by", models.F("by")), _negated=True),
                        name="coordination_suppliedfact_second",
                    ),
                ],
            },
        ),
    ]
