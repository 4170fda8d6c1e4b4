"""The opening post of a campaign is found without looking at all its posts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("photos", "0006_post_knows_its_group")]

    operations = [
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("is_opening", True)), fields=["campaign"], name="post_is_opening"
            ),
        ),
    ]
