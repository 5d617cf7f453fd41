from django.db import migrations

FORBID = """
CREATE FUNCTION referrals_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An event is never changed: append another one.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER event_append_only BEFORE UPDATE ON referrals_event
    FOR EACH ROW EXECUTE FUNCTION referrals_refuse_change();
"""
ALLOW = """
DROP TRIGGER event_append_only ON referrals_event;
DROP FUNCTION referrals_refuse_change();
"""


class Migration(migrations.Migration):
    """Changes are refused, deletions are not: retention and erasure remove a referral with its events."""

    dependencies = [("referrals", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
