"""What an old verdict was made by: call spec, network, rule, likelihoods. Rows of before have none of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("photos", "0007_opening_posts_are_found")]

    operations = [
        migrations.AddField("development", "judged_by", models.JSONField(default=dict)),
    ]
