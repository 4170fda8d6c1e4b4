import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0003_group_invitations"),
        ("wall", "0004_sightings_and_questions"),
    ]

    operations = [
        migrations.CreateModel(
            name="DayFigures",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("joined", models.PositiveBigIntegerField(default=0)),
                ("removed", models.PositiveBigIntegerField(default=0)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("checkpoint", models.TextField(blank=True, default="")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="day_figures",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "db_table": "day_figures",
                "ordering": ("campaign", "day"),
                "constraints": [models.UniqueConstraint(fields=("campaign", "day"), name="one_row_a_day")],
            },
        ),
    ]
