from django.db import migrations, models

# Forms, tables, verbs and statements that write many rows at once all come past here. A row that is saved as it was
# read before it was listed, or as it was made, brings no day along: the day that is there stays.
WRITE_DOWN = """
CREATE FUNCTION referrals_write_listed_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT NEW.is_public THEN
        NEW.listed_on := NULL;
    ELSIF TG_OP = 'UPDATE' AND OLD.is_public THEN
        NEW.listed_on := COALESCE(NEW.listed_on, OLD.listed_on);
    END IF;
    IF NEW.is_public AND NEW.listed_on IS NULL THEN
        NEW.listed_on := (now() AT TIME ZONE 'Europe/London')::date;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER service_listed_on BEFORE INSERT OR UPDATE ON referrals_service
    FOR EACH ROW EXECUTE FUNCTION referrals_write_listed_on();
"""
FORGET = """
DROP TRIGGER service_listed_on ON referrals_service;
DROP FUNCTION referrals_write_listed_on();
"""
# Nobody wrote down when those that are listed already were: by these days they were there.
KNOWN_SO_FAR = """
UPDATE referrals_service SET listed_on = LEAST(last_confirmed_on, capacity_set_on) WHERE is_public;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0009_messages_from_the_public")]
    operations = [
        migrations.AddField(
            model_name="service",
            name="listed_on",
            field=models.DateField(
                editable=False, help_text="Since when it has been listed; the database writes it down.", null=True
            ),
        ),
        migrations.RunSQL(KNOWN_SO_FAR, migrations.RunSQL.noop),
        migrations.RunSQL(WRITE_DOWN, FORGET),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(
                condition=models.Q(("archived_at", None), ("is_public", True), ("paused_at", None)),
                fields=["-listed_on", "-id"],
                name="service_newest",
            ),
        ),
    ]
