from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    """The access log and the rate limits under names that say what they are. No row changes."""

    dependencies = [
        ("referrals", "0010_listed_on"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("Opening", "AccessRecord"),
        migrations.RenameModel("Tally", "RateLimitCounter"),
        migrations.RenameIndex("AccessRecord", new_name="access_record_newest", old_name="opening_newest"),
        migrations.RenameIndex("AccessRecord", new_name="access_record_of_person", old_name="opening_of_person"),
        migrations.RenameIndex("RateLimitCounter", new_name="rate_limit_oldest", old_name="tally_oldest"),
        migrations.RemoveConstraint("RateLimitCounter", "tally_once"),
        migrations.AlterModelOptions(
            name='accessrecord',
            options={'ordering': ['-at', '-pk'], 'verbose_name_plural': 'access records'},
        ),
        migrations.AlterModelOptions(
            name='ratelimitcounter',
            options={'ordering': ['what', 'whom'], 'verbose_name_plural': 'rate limit counters'},
        ),
        migrations.AlterField(
            model_name='accessrecord',
            name='network',
            field=models.ForeignKey(help_text='Through which the user had the right.', on_delete=django.db.models.deletion.CASCADE, related_name='access_records', to='referrals.network'),
        ),
        migrations.AlterField(
            model_name='accessrecord',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='access_records', to='referrals.person'),
        ),
        migrations.AlterField(
            model_name='accessrecord',
            name='referral',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='access_records', to='referrals.referral'),
        ),
        migrations.AlterField(
            model_name='accessrecord',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='access_records', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='ratelimitcounter',
            constraint=models.UniqueConstraint(fields=('what', 'whom'), name='rate_limit_once', violation_error_message='This is counted already.'),
        ),
    ]
