from django.db import migrations

MARKED_AT_FIRST = r"\yrefuge(?!s?\y)"
SENSITIVE_ANYHOW = r"abuse|violence|\yrefuges?\y|traffick|exploitation|forced marriage|stalking"


def unmark_refugees(apps, schema_editor):
    """0024 took "Refugees" for refuges at first, in databases that ran it then."""
    rows = apps.get_model("referrals", "Category").objects.filter(name__iregex=MARKED_AT_FIRST, is_sensitive=True)
    rows.exclude(name__iregex=SENSITIVE_ANYHOW).update(is_sensitive=False)


class Migration(migrations.Migration):

    dependencies = [
        ('referrals', '0027_merged_categories'),
    ]

    operations = [
        migrations.RunPython(unmark_refugees, migrations.RunPython.noop),
    ]
