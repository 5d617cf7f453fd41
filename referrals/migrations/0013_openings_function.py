from django.db import migrations

from referrals.hours.sql import CREATE_OPENINGS_FUNCTION, DROP_OPENINGS_FUNCTION


class Migration(migrations.Migration):
    # The function's text is imported on purpose: PostgreSQL reads the body only when it is called.
    dependencies = [("referrals", "0012_rate_limits_of_sign_in")]

    operations = [migrations.RunSQL(CREATE_OPENINGS_FUNCTION, DROP_OPENINGS_FUNCTION)]
