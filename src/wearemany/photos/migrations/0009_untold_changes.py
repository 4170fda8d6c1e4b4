"""Changes that the wall may have to tell of become rows. Of posts of before nobody knows: each is looked at once."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0006_campaign_may_be_shut"),
        ("photos", "0008_verdicts_can_be_explained"),
    ]

    operations = [
        migrations.CreateModel(
            name="Untold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("waits", models.BooleanField(default=False)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="untold",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="untold", to="photos.post"
                    ),
                ),
            ],
            options={
                "db_table": "untold",
                "indexes": [models.Index(fields=["campaign", "waits", "id"], name="untold_in_turn")],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO untold (post_id, campaign_id, waits) SELECT id, campaign_id, FALSE FROM post",
            migrations.RunSQL.noop,
        ),
    ]
