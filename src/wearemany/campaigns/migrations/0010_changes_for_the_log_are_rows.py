"""Take away the version that went up when the log had something to say: each change leaves a row (`photos.Untold`)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0009_campaign_may_ask_for_a_word"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="campaign",
            name="log_version",
        ),
    ]
