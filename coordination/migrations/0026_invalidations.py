"""Models named after what they are; their tables keep their names."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("coordination", "0025_addressees")]

    operations = [
        migrations.RenameModel("Wake", "Invalidation"),
        migrations.RenameModel("StatementNote", "StatementChange"),
        migrations.AlterField(
            "invalidation",
            "invoice",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invalidations",
                to="coordination.invoice",
            ),
        ),
    ]
