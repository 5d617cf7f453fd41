from django.db import migrations

# Beside pages, images and documents, which Wagtail lets this group keep: what a site looks like, which words mean the
# same, and where old addresses lead.
RIGHTS = {
    ("directory_site", "publicsite"): ["change"],
    ("directory_site", "synonymgroup"): ["add", "change", "delete", "view"],
    ("wagtailredirects", "redirect"): ["add", "change", "delete", "view"],
}


def give_editors_their_rights(apps, schema_editor):
    """Once: whoever takes a right away later keeps it away. Django makes permissions only after all migrations."""
    group = apps.get_model("auth", "Group").objects.filter(name="Moderators").first()
    if group is None:
        return
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    for (app, model), verbs in RIGHTS.items():
        content_type, _ = ContentType.objects.get_or_create(app_label=app, model=model)
        name = apps.get_model(app, model)._meta.verbose_name
        for verb in verbs:
            permission, _ = Permission.objects.get_or_create(
                content_type=content_type, codename=f"{verb}_{model}", defaults={"name": f"Can {verb} {name}"}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("directory_site", "0005_pages_and_look"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
        ("wagtailcore", "0002_initial_data"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(give_editors_their_rights, migrations.RunPython.noop)]
