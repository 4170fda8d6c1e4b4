"""Takes out of every campaign's settings the rule `place`, behind which there never was anything."""

from django.db import migrations


def place_forgotten(apps, schema_editor):
    Campaign = apps.get_model("campaigns", "Campaign")
    for campaign in Campaign.objects.all():
        if "place" in campaign.settings:
            campaign.settings = {name: value for name, value in campaign.settings.items() if name != "place"}
            campaign.save(update_fields=["settings"])


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0009_campaign_may_ask_for_a_word"),
    ]

    operations = [migrations.RunPython(place_forgotten, migrations.RunPython.noop, elidable=True)]
