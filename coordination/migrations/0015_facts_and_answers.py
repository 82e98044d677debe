from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coordination", "0014_consignment"),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE coordination_fact", "DROP SEQUENCE coordination_fact"),
        migrations.AlterField(model_name="task", name="cause", field=models.TextField()),
        migrations.AddField(model_name="task", name="fact", field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name="task", name="instead", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="wake", name="fact", field=models.BigIntegerField(default=0)),
        migrations.AddField(
            model_name="decision", name="stands_on", field=models.CharField(blank=True, max_length=64)
        ),
        migrations.AddField(model_name="decision", name="valid_until", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="decision", name="fact", field=models.BigIntegerField(default=0)),
        # what is open now counts as new: decisions made before are no reason to stop it
        migrations.RunSQL(
            "UPDATE coordination_task SET fact = nextval('coordination_fact');"
            " UPDATE coordination_wake SET fact = nextval('coordination_fact')",
            migrations.RunSQL.noop,
        ),
    ]
