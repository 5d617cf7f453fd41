from django.db import migrations

# What the referral form asks for is kept in each process for one content version, as what the public site shows is.
TABLES = [
    "referrals_question",
    "referrals_questionoption",
    "referrals_questionoption_needs",
    "referrals_questionoption_reveals",
    "referrals_network_linked_networks",
]


class Migration(migrations.Migration):
    dependencies = [("referrals", "0047_leaving_by_http")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_is_shown AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION referrals_note_public_change();",
            f"DROP TRIGGER {table}_is_shown ON {table};",
        )
        for table in TABLES
    ]
