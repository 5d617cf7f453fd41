import django.db.models.deletion
from django.db import migrations, models

# Where the question is gone, it was most likely one of the network whose form was filled in.
FILL = """
UPDATE referrals_answer answer SET network_id = coalesce(
    (SELECT network_id FROM referrals_question WHERE id = answer.question_id),
    (SELECT network_id FROM referrals_referral WHERE id = answer.referral_id));
"""
# Not in one transaction, so that nobody is kept from reading answers while many are filled. If it breaks off, it can be
# run again: this removes what it had made.
REMOVE_LEFT = "ALTER TABLE referrals_answer DROP COLUMN IF EXISTS network_id;"


def network(**options):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="answers",
        to="referrals.network",
        help_text="Whose question it was.",
        **options,
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("referrals", "0019_invitations_agreed_to")]

    operations = [
        migrations.RunSQL(REMOVE_LEFT, migrations.RunSQL.noop),
        migrations.AddField("answer", "network", network(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("answer", "network", network()),
    ]
