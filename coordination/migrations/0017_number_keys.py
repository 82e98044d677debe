"""Numbers that documents name, in the normal form that they are searched by; for rows already here as well."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from coordination.translation.identity import normalised_number, normalised_numbers

FACTS = ("coordination_invoicefacts", "coordination_receipt", "coordination_receiptline")


def fill(apps, schema_editor):
    """Write the keys of what was taken in before. These tables refuse every change, so their guards rest meanwhile."""
    guards = _guards(schema_editor)
    for table, trigger in guards:
        schema_editor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    _fill(apps)
    schema_editor.execute(
        "SET CONSTRAINTS ALL IMMEDIATE"
    )  # what is checked at commit would keep tables from changing
    for table, trigger in guards:
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def _guards(schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE c.relname = ANY(%s) AND t.tgname = 'audit_append_only'",
            [list(FACTS)],
        )
        return cursor.fetchall()


def _fill(apps):
    facts, names = apps.get_model("coordination", "InvoiceFacts"), apps.get_model("coordination", "OrderName")
    for row in facts.objects.select_related("invoice").iterator(chunk_size=2000):
        facts.objects.filter(pk=row.pk).update(
            order_keys=normalised_numbers(row.invoice.order_numbers),
            preceding_keys=normalised_numbers(row.invoice.preceding),
            sales_keys=normalised_numbers(row.sales_orders),
            delivery_keys=normalised_numbers([*row.despatch_numbers, *row.receipt_numbers]),
        )
    orders = apps.get_model("coordination", "Order").objects.only("id", "number", "sales_order")
    names.objects.bulk_create(
        (
            names(
                order=o,
                number_key=normalised_number(o.number),
                sales_key=normalised_number(o.sales_order),
            )
            for o in orders.iterator(chunk_size=2000)
        ),
        batch_size=2000,
    )
    for model, number, key in (
        ("Receipt", "number", "number_key"),
        ("ReceiptLine", "order_number", "order_key"),
    ):
        table = apps.get_model("coordination", model).objects
        for found in table.order_by().values_list(number, flat=True).distinct().iterator(chunk_size=2000):
            table.filter(**{number: found}).update(**{key: normalised_number(found)})


def _keys():
    return django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)


ARRAYS = (
    ("order_keys", "coordination_facts_orders"),
    ("preceding_keys", "coordination_facts_preceding"),
    ("sales_keys", "coordination_facts_sales"),
    ("delivery_keys", "coordination_facts_deliveries"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0016_second_person"),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderName",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="name",
                        serialize=False,
                        to="coordination.order",
                    ),
                ),
                ("number_key", models.TextField()),
                ("sales_key", models.TextField(blank=True)),
            ],
            options={"db_table": "coordination_ordername"},
        ),
        *(migrations.AddField(model_name="invoicefacts", name=name, field=_keys()) for name, _ in ARRAYS),
        migrations.AddField(model_name="receipt", name="number_key", field=models.TextField(default="")),
        migrations.AddField(model_name="receiptline", name="order_key", field=models.TextField(default="")),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="order", name="coordination_order_key"),
        migrations.RemoveIndex(model_name="order", name="coordination_order_sales"),
        migrations.RemoveIndex(model_name="receiptline", name="coordination_receipt_order"),
        migrations.AddIndex(
            model_name="ordername",
            index=models.Index(fields=["number_key"], name="coordination_ordername_key"),
        ),
        migrations.AddIndex(
            model_name="ordername",
            index=models.Index(
                condition=models.Q(("sales_key", ""), _negated=True),
                fields=["sales_key"],
                name="coordination_ordername_sales",
            ),
        ),
        *(
            migrations.AddIndex(
                model_name="invoicefacts",
                index=django.contrib.postgres.indexes.GinIndex(fields=[name], fastupdate=False, name=index),
            )
            for name, index in ARRAYS
        ),
        migrations.AddIndex(
            model_name="receipt",
            index=models.Index(fields=["number_key"], name="coordination_receipt_key"),
        ),
        migrations.AddIndex(
            model_name="receiptline",
            index=models.Index(fields=["order_key"], name="coordination_receipt_order_key"),
        ),
    ]
