"""Counts by day: two agents' answers beside each other, and the ways of a week's invoices."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0037_review_plan"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgreementDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("first", models.CharField(db_collation="C", max_length=60)),
                ("second", models.CharField(db_collation="C", max_length=60)),
                ("both", models.IntegerField()),
                ("first_only", models.IntegerField()),
                ("second_only", models.IntegerField()),
                ("neither", models.IntegerField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "db_table": "coordination_agreementday",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "first", "second"), name="coordination_agreementday_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))),
                        name="coordination_agreementday_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WayDay",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("source", models.CharField(max_length=10)),
                ("target", models.CharField(blank=True, max_length=10)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("invoices", models.IntegerField()),
                ("gross", models.DecimalField(decimal_places=6, max_digits=32)),
                ("until", models.DateTimeField()),
            ],
            options={
                "db_table": "coordination_wayday",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "source", "target", "currency"), name="coordination_wayday_once"
                    )
                ],
            },
        ),
    ]
