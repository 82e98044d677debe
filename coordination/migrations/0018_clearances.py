import django.db.models.deletion
from django.db import migrations, models

import audit.ids

KNOWN = """
INSERT INTO coordination_clearance (id, invoice_id, decision_id, amount, currency, at)
SELECT gen_random_uuid(), i.id, d.id, round(coalesce(f.payable, i.gross), 2), i.currency, d.at
  FROM coordination_invoice i JOIN coordination_invoicefacts f ON f.invoice_id = i.id
  JOIN LATERAL (SELECT id, at FROM coordination_decision WHERE invoice_id = i.id AND state_to = 'cleared'
                   AND agent IN ('finance.payment', 'person') ORDER BY state_version DESC, at DESC LIMIT 1) d ON true
 WHERE i.state IN ('cleared', 'scheduled', 'paid') AND coalesce(f.payable, i.gross) IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0017_number_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Clearance",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=audit.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=26)),
                ("currency", models.CharField(max_length=3)),
                ("at", models.DateTimeField()),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearance",
                        to="coordination.decision",
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clearances",
                        to="coordination.invoice",
                    ),
                ),
            ],
            options={"db_table": "coordination_clearance"},
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
    ]
