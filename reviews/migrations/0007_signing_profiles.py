"""The signing profile of a person, named after what it is; its table keeps its name."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("reviews", "0006_paid_elsewhere_questions"),
    ]

    operations = [
        migrations.RenameModel("Desk", "SigningProfile"),
        migrations.AlterField(
            "signingprofile",
            "user",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="signing_profile",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
