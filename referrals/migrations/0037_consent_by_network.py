import django.db.models.deletion
from django.db import migrations, models

WORDING_OF_NETWORK = """
ALTER TABLE referrals_consent ADD CONSTRAINT consent_wording_of_network
FOREIGN KEY (network_id, wording_id) REFERENCES referrals_consentwording (network_id, id);
"""
# Only the wording of the form's own network was shown, so no consent to any other network's can be filled in.
FILL = """
INSERT INTO referrals_consent (referral_id, network_id, wording_id)
SELECT referral.id, wording.network_id, wording.id
FROM referrals_referral referral JOIN referrals_consentwording wording ON wording.id = referral.consent_wording_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
# The wording of the form's own network, or else of any other that was asked.
KEEP_ONE = """
UPDATE referrals_referral referral SET consent_wording_id = (
    SELECT wording_id FROM referrals_consent consent WHERE consent.referral_id = referral.id
    ORDER BY consent.network_id <> referral.network_id, consent.id LIMIT 1);
SET CONSTRAINTS ALL IMMEDIATE;
"""


def wording(**options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="referrals",
        to="referrals.consentwording",
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("referrals", "0036_weights_in_words")]

    operations = [
        migrations.AddConstraint(
            "consentwording",
            models.UniqueConstraint(
                fields=("network", "id"),
                name="consent_wording_in_network",
                violation_error_message="The network has this wording already.",
            ),
        ),
        migrations.CreateModel(
            "Consent",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="referrals.network",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="referrals.referral",
                    ),
                ),
                (
                    "wording",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="referrals.consentwording",
                    ),
                ),
            ],
            options={
                "ordering": ["referral", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("referral", "network"),
                        name="consent_once_a_network",
                        violation_error_message="Consent to sharing with this network is there already.",
                    )
                ],
            },
        ),
        migrations.RunSQL(WORDING_OF_NETWORK, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        # Empty at first, so that it can be filled when this is reversed.
        migrations.AlterField("referral", "consent_wording", wording(null=True)),
        migrations.RunSQL(migrations.RunSQL.noop, KEEP_ONE),
        migrations.RemoveField("referral", "consent_wording"),
    ]
