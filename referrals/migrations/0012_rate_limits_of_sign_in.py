"""Wrong passwords are counted by RateLimitCounter. django-axes goes, and so do its tables: they name people who
mistyped a password, and nothing would delete those rows any more."""

from django.db import migrations, models

DROP = """
DROP TABLE IF EXISTS axes_accessattemptexpiration, axes_accessattempt, axes_accesslog, axes_accessfailurelog;
DELETE FROM django_migrations WHERE app = 'axes';
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0011_plain_names")]

    operations = [
        migrations.AlterField("ratelimitcounter", "whom", models.CharField(max_length=320)),
        migrations.RunSQL(DROP, "DELETE FROM referrals_ratelimitcounter"),  # names may be too long for the old column
    ]
