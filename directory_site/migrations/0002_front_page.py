from django.db import migrations


def make_front_page(apps, schema_editor):
    """Put our front page in the place of Wagtail's welcome page, once."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    Locale = apps.get_model("wagtailcore", "Locale")
    HomePage = apps.get_model("directory_site", "HomePage")
    if HomePage.objects.exists():
        return
    Page.objects.filter(depth=2, slug="home").delete()
    content_type, _ = ContentType.objects.get_or_create(model="homepage", app_label="directory_site")
    home = HomePage.objects.create(
        title="Help near you, from people who work together",
        draft_title="Help near you, from people who work together",
        slug="home",
        content_type=content_type,
        path="00010001",
        depth=2,
        numchild=0,
        url_path="/home/",
        locale=Locale.objects.first(),
        introduction="<p>Councils and charities here share what they offer, so that one request reaches whoever can help.</p>",
    )
    Page.objects.filter(path="0001").update(numchild=Page.objects.filter(depth=2).count())
    Site.objects.all().delete()
    Site.objects.create(hostname="localhost", site_name="Referral Networks", root_page=home, is_default_site=True)


class Migration(migrations.Migration):
    dependencies = [("directory_site", "0001_initial"), ("wagtailcore", "0002_initial_data")]
    operations = [migrations.RunPython(make_front_page, migrations.RunPython.noop)]
