from django.db import migrations, models
from django.utils import timezone

# The day a service was added was not kept: at the latest, it is the first that is known of it.
_ADDED_ON = """
UPDATE referrals_service SET added_on = LEAST(last_confirmed_on, capacity_set_on, listed_on, archived_at::date);
"""
# The columns cannot be empty again before what nobody has said or confirmed has a day.
_FILL_DAYS = """
UPDATE referrals_service SET
    capacity_set_on = coalesce(capacity_set_on, added_on), last_confirmed_on = coalesce(last_confirmed_on, added_on)
WHERE capacity_set_on IS NULL OR last_confirmed_on IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0015_plain_addresses")]

    operations = [
        migrations.AddField(
            "service", "added_on", models.DateField(default=timezone.localdate, editable=False)
        ),
        migrations.AlterField(
            "service",
            "capacity_set_on",
            models.DateField(blank=True, editable=False, help_text="Empty: nobody has said it yet.", null=True),
        ),
        migrations.AlterField(
            "service",
            "last_confirmed_on",
            models.DateField(blank=True, help_text="Empty: nobody has confirmed it yet.", null=True),
        ),
        migrations.RunSQL(_ADDED_ON, _FILL_DAYS),
    ]
