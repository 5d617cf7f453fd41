from django.db import migrations

NAME = "Stock gallery"  # referrals.services.pictures looks for it by this name
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # of a path in Wagtail's tree, four for each level


def make_gallery(apps, schema_editor):
    """Add the collection below the root, as the tree's own `add_child` would, which migrations do not have."""
    Collection = apps.get_model("wagtailcore", "Collection")
    root = Collection.objects.filter(depth=1).order_by("path").first()
    if root is None or Collection.objects.filter(name=NAME).exists():
        return
    last = Collection.objects.filter(depth=2, path__startswith=root.path).order_by("path").last()
    number = int(last.path[len(root.path):], 36) + 1 if last else 1
    step = ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        step = DIGITS[digit] + step
    Collection.objects.create(name=NAME, path=root.path + step, depth=2, numchild=0)
    root.numchild += 1
    root.save()


class Migration(migrations.Migration):
    dependencies = [
        ("directory_site", "0002_front_page"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("wagtailimages", "0027_image_description"),
    ]
    operations = [migrations.RunPython(make_gallery, migrations.RunPython.noop)]
