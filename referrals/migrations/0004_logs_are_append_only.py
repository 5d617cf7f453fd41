from django.db import migrations

FORBID = """
CREATE TRIGGER account_event_append_only BEFORE UPDATE ON referrals_accountevent
    FOR EACH ROW EXECUTE FUNCTION referrals_refuse_change();
CREATE TRIGGER opening_append_only BEFORE UPDATE ON referrals_opening
    FOR EACH ROW EXECUTE FUNCTION referrals_refuse_change();
"""
ALLOW = """
DROP TRIGGER account_event_append_only ON referrals_accountevent;
DROP TRIGGER opening_append_only ON referrals_opening;
"""


class Migration(migrations.Migration):
    """As the events of a referral: never changed; deleted only with the person or the account they speak of."""

    dependencies = [("referrals", "0003_accounts_and_openings")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
