"""Take away the version that went up when the log had something to say: each change leaves a row (`photos.Untold`)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0010_no_rule_of_a_place"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="campaign",
            name="log_version",
        ),
    ]
