"""Databases that ran an earlier form of 0010 get the words of danger that it gained afterwards."""

from importlib import import_module

from django.db import migrations

STARTER = import_module("directory_site.migrations.0010_search_words")
# A word of each danger that only the last form of 0010 had: where it is missing, an earlier form ran. Where it is
# there, what else is missing was taken out by an editor, and stays out.
ONLY_IN_THE_LAST = {
    "Suicide": "isn't worth living",
    "Self-harm": "relapsed and cut",
    "Poisoning": "rat poison",
    "Violence at home": "drugged me",
    "Threats to life": "acid attack",
    "Rape and sexual abuse": "sexual harassment",
    "Held and used": "sold for sex",
    "Ill, and it cannot wait": "not responding",
    "Samobójstwo (Polish)": "bez sensu żyć",
    "Samookaleczenie (Polish)": "wszystkie tabletki",
    "Przemoc (Polish)": "grozi że zabije",
    "Gwałt (Polish)": "dotyka mnie",
    "Stan nagły (Polish)": "boli w klatce",
}


def fill_up(apps, schema_editor):
    DangerWords, PublicSite, Network = (
        apps.get_model(name)
        for name in ("directory_site.DangerWords", "directory_site.PublicSite", "referrals.Network")
    )
    sites = list(PublicSite.objects.all())
    made = {key for site in sites for key in site.made}
    is_in_use = bool(sites) and Network.objects.exists()
    for danger, words in STARTER.DANGER.items():
        row, lines = DangerWords.objects.filter(danger=danger).first(), STARTER._lines(words).splitlines()
        if row is None:
            if is_in_use and f"danger:{danger}" not in made:  # else an editor has deleted it
                DangerWords.objects.create(danger=danger, words="\n".join(lines))
        else:
            known = [term.strip() for term in row.words.replace(",", "\n").splitlines() if term.strip()]
            if ONLY_IN_THE_LAST[danger] not in known:
                row.words = "\n".join([*known, *(term for term in lines if term not in known)])
                row.save(update_fields=["words"])
    if is_in_use:
        for site in sites:
            site.made = [*site.made, *(key for key in map("danger:{}".format, STARTER.DANGER) if key not in site.made)]
            site.save(update_fields=["made"])


class Migration(migrations.Migration):
    dependencies = [("directory_site", "0012_unfound_words")]

    # Taken back, the words stay: nothing tells them from those of editors, and lives depend on them.
    operations = [migrations.RunPython(fill_up, migrations.RunPython.noop)]
