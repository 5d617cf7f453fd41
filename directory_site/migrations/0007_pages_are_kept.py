from django.db import migrations

# Whatever of the CMS a page of the public site may show, or that decides who sees it.
SHOWN = [
    "directory_site_contactpage",
    "directory_site_directorypage",
    "directory_site_guidanceindexpage",
    "directory_site_guidancepage",
    "directory_site_homepage",
    "directory_site_plainpage",
    "directory_site_publicsite",
    "directory_site_publicsite_networks",
    "directory_site_synonymgroup",
    "wagtailcore_page",
    "wagtailcore_pageviewrestriction",
    "wagtailcore_site",
    "wagtaildocs_document",
    "wagtailimages_image",
]
WATCH = "".join(
    f"CREATE TRIGGER {table}_is_shown AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION referrals_note_public_change();\n"
    for table in SHOWN
)
LEAVE = "".join(f"DROP TRIGGER {table}_is_shown ON {table};\n" for table in SHOWN)


class Migration(migrations.Migration):
    dependencies = [
        ("directory_site", "0006_editors_rights"),
        ("referrals", "0008_public_listing"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailimages", "0027_image_description"),
    ]
    operations = [migrations.RunSQL(WATCH, LEAVE)]
