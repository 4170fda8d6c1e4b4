"""PostgreSQL keeps samples of every column for its planner, beyond any erasing; of these columns it must not."""

from django.db import migrations

COLUMNS = {
    "post": ("caption", "name", "edit", "elsewhere", "code_digest"),
    "photo": ("alt",),
    "development": ("fingerprint", "placeholder", "outline", "faces"),
    "comment": ("name", "text", "translations"),
    "claim": ("words", "number_digest"),
    "group_invitation": ("name", "token_digest"),
    "upload": ("form_digest",),
}


def keep_no_samples(apps, schema_editor):
    """Switch the samples off and delete those that there are."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, columns in COLUMNS.items():
        for column in columns:
            schema_editor.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" SET STATISTICS 0')
            schema_editor.execute(
                f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {_type(schema_editor, table, column)}'
            )


def _type(schema_editor, table, column):
    """Return the column's type: set to what it is, the samples of before are dropped."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = to_regclass(%s) AND attname = %s",
            [f'"{table}"', column],
        )
        return cursor.fetchone()[0]


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0005_looks_and_reversals"),
        ("photos", "0008_verdicts_can_be_explained"),
        ("conversations", "0001_initial"),
        ("campaigns", "0006_campaign_may_be_shut"),
    ]

    operations = [migrations.RunPython(keep_no_samples, migrations.RunPython.noop)]
