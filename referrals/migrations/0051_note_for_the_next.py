from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0050_people_found_again")]

    operations = [
        migrations.RenameField(model_name="assignment", old_name="reject_note", new_name="note_for_next"),
        migrations.AlterField(
            model_name="assignment",
            name="note_for_next",
            field=models.TextField(
                blank=True,
                editable=False,
                help_text="What who rejects, refers on or closes says to whoever comes next.",
            ),
        ),
    ]
