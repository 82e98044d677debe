"""Groups and departments that have to be among those who sign, and what each signature stands for."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


def names():
    return ArrayField(models.CharField(max_length=40), default=list, size=None)


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0018_delegation"),
    ]

    operations = [
        migrations.AddField("escalation", "signers", names()),
        migrations.AddField("historicalescalation", "signers", names()),
        migrations.AddField("verdict", "stands_as", names()),
    ]
