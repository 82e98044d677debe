"""Numbers written anew in the normal form as it is since: ẞ is SS, İ is I, digits of every script are digits.

Every key that tables are searched by is worked out again from the number beside it, with the function that
intake uses. What is new: the key of an invoice's own number stands in its facts, the number with its signs
beside it, and a message about an order
has the key of the order's number, so that one in another spelling finds it.

Chosen so because of what ledger entries bind. A tracked row equals its newest history row, whose digest is in
an entry: `number_key` and `skeleton` of `coordination_invoice` cannot be written anew without a history row
and an entry that says who changed the invoice, and nobody did. So these two stay as they were, are no longer
written nor read (as `stirred` before them), and every digest of every version stays provable. The facts,
receipts and messages are written once and have no history; no digest covers their keys, and nothing else of
them is touched here. Their guards rest meanwhile, as in 0017. `vat_key` of vendors is tracked, too: VAT ids
keep the form that they had (`identity.registered_number`).

Two orders that are here under two spellings stay two: invoices may have been matched with either.
"""

from django.db import migrations, models

from coordination.translation.identity import normalised_number, normalised_numbers, with_numbers_normal

GUARDED = (
    "coordination_invoicefacts",
    "coordination_ordermessage",
    "coordination_receipt",
    "coordination_receiptline",
)
BATCH = 2000


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
            [list(GUARDED)],
        )
        return cursor.fetchall()


def _fill(apps):
    _facts(apps.get_model("coordination", "InvoiceFacts").objects)
    _names(apps.get_model("coordination", "OrderName").objects)
    _columns(apps.get_model("coordination", "OrderMessage").objects, "order_number", "order_key")
    _columns(apps.get_model("coordination", "Receipt").objects, "number", "number_key")
    _columns(apps.get_model("coordination", "ReceiptLine").objects, "order_number", "order_key")
    _despatches(apps.get_model("coordination", "Receipt").objects)


def _facts(facts):
    for row in facts.select_related("invoice").iterator(chunk_size=BATCH):
        keys = {
            "number_key": normalised_number(row.invoice.number),
            "number_written": with_numbers_normal(row.invoice.number),
            "order_keys": normalised_numbers(row.invoice.order_numbers),
            "preceding_keys": normalised_numbers(row.invoice.preceding),
            "sales_keys": normalised_numbers(row.sales_orders),
            "delivery_keys": normalised_numbers([*row.despatch_numbers, *row.receipt_numbers]),
        }
        if any(getattr(row, name) != value for name, value in keys.items()):
            facts.filter(pk=row.pk).update(**keys)


def _names(names):
    for row in names.select_related("order").iterator(chunk_size=BATCH):
        keys = {
            "number_key": normalised_number(row.order.number),
            "sales_key": normalised_number(row.order.sales_order),
        }
        if any(getattr(row, name) != value for name, value in keys.items()):
            names.filter(pk=row.pk).update(**keys)


def _columns(rows, number, key):
    """One key of one number, for every number once."""
    for found, known in rows.order_by().values_list(number, key).distinct().iterator(chunk_size=BATCH):
        if normalised_number(found) != known:
            rows.filter(**{number: found}).update(**{key: normalised_number(found)})


def _despatches(receipts):
    """The despatch that a receipt confirms: its number stands in the document, its key beside the receipt."""
    rows = receipts.exclude(despatch_key="").select_related("document").iterator(chunk_size=BATCH)
    for row in rows:
        told = row.document.canonical.get("despatch_number", "")
        if told and normalised_number(told) != row.despatch_key:
            receipts.filter(pk=row.pk).update(despatch_key=normalised_number(told))


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0027_in_hand"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="invoice", name="coordination_inv_number"),
        migrations.RemoveIndex(model_name="receipt", name="coordination_receipt_number"),
        migrations.AddField(model_name="invoicefacts", name="number_key", field=models.TextField(default="")),
        migrations.AddField(
            model_name="invoicefacts", name="number_written", field=models.TextField(default="")
        ),
        migrations.AddField(model_name="ordermessage", name="order_key", field=models.TextField(default="")),
        *(
            migrations.AlterField(model_name=model, name=name, field=models.TextField(blank=True, default=""))
            for model in ("historicalinvoice", "invoice")
            for name in ("number_key", "skeleton")
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="invoicefacts",
            index=models.Index(fields=["number_key"], name="coordination_facts_number"),
        ),
        migrations.AddIndex(
            model_name="ordermessage",
            index=models.Index(fields=["order_key"], name="coordination_ordermessage_key"),
        ),
    ]
