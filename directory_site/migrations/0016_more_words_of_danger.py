"""Sites in use get the words of danger that the starter list has gained. What editors have deleted stays away."""

from django.db import migrations

GAINED = {
    "Suicide": "sick of life, fed up of living, fed up with living, fed up of life, feel like ending it, "
    "can't do this no more, finish myself off, going to jump off",
    "Self-harm": "can't stop cutting",
    "Poisoning": "od on pills, od on tablets",
    "Violence at home": "i'm not safe, am not safe, wants me dead",
}


def add(apps, schema_editor):
    for row in apps.get_model("directory_site.DangerWords").objects.filter(danger__in=GAINED):
        known = [term.strip() for term in row.words.replace(",", "\n").splitlines() if term.strip()]
        row.words = "\n".join([*known, *(term for term in GAINED[row.danger].split(", ") if term not in known)])
        row.save(update_fields=["words"])


class Migration(migrations.Migration):
    dependencies = [("directory_site", "0015_site_words")]

    # Taken back, the words stay: nothing tells them from those of editors, and lives depend on them.
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
