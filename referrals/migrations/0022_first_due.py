from django.db import migrations, models
from django.utils import timezone

# Of what has been sent nobody asks.
FILL = """
UPDATE referrals_notification SET first_due_at = CASE WHEN attempts = 0 THEN due_at ELSE created_at END
WHERE status <> 'sent';
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0021_brake")]

    operations = [
        migrations.AddField(
            "notification",
            "first_due_at",
            models.DateTimeField(
                default=timezone.now, editable=False, help_text="A further try does not move it."
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
