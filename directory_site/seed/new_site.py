"""The form of the CMS that adds a site, complete with its networks' services, menus and urgent numbers."""

from django import forms
from django.conf import settings
from django.contrib.admin.utils import quote
from django.db import transaction
from django.http.request import validate_host
from django.urls import reverse
from wagtail.admin.widgets import AdminPageChooser
from wagtail.models import Page, Site
from wagtail.permissions import site_permission_policy
from wagtail.sites.views import CreateView

from directory_site.models.pages import HomePage
from directory_site.models.sites import PublicSite
from directory_site.seed.seeding import make_site, translate_site
from directory_site.seed.wagtail_defaults import add_front_page
from referrals.models import Network


class NewSiteForm(forms.ModelForm):
    networks = forms.ModelMultipleChoiceField(
        Network.objects.order_by("name"),
        widget=forms.CheckboxSelectMultiple,
        help_text="Whose services the site shows. You can change this under Settings, Public site.",
    )
    root_page = forms.ModelChoiceField(
        HomePage.objects.all(),
        required=False,
        label="Front page",
        help_text="Leave it empty, and the site gets a front page, a directory, guidance and the other pages that a "
        "first site has. A front page that you choose keeps what it has and gets what it lacks.",
        widget=AdminPageChooser(target_models=[HomePage]),
    )

    class Meta:
        model = Site
        fields = ["site_name", "hostname", "port"]
        help_texts = {"site_name": "As visitors read it: Help in Westside."}

    field_order = ["site_name", "hostname", "port", "networks", "root_page"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site_name"].required = True

    def clean_hostname(self) -> str:
        host = self.cleaned_data["hostname"].strip().lower()
        if not validate_host(host, settings.ALLOWED_HOSTS):
            raise forms.ValidationError(
                "This installation does not answer at %(host)s. Have its operator add the name to ALLOWED_HOSTS first.",
                params={"host": host},
            )
        return host

    def clean_root_page(self) -> Page | None:
        page = self.cleaned_data["root_page"]
        if page and Site.objects.filter(root_page__translation_key=page.translation_key).exists():
            raise forms.ValidationError("This is the front page of another site already, or its translation.")
        return page

    @transaction.atomic
    def save(self, commit: bool = True) -> Site:
        site: Site = super().save(commit=False)
        site.root_page = self.cleaned_data["root_page"] or add_front_page()
        site.save()
        PublicSite.for_site(site).networks.set(self.cleaned_data["networks"])
        make_site(site)
        translate_site(site)
        return site


class NewSiteView(CreateView):
    model = Site
    form_class = NewSiteForm
    permission_policy = site_permission_policy
    index_url_name = "wagtailsites:index"
    add_url_name = "wagtailsites:add"
    edit_url_name = "wagtailsites:edit"
    success_message = "“%(object)s” has its pages, menus and urgent numbers. Read them, and choose how it looks."

    def get_success_url(self) -> str:
        return reverse("wagtailsettings:edit", args=["directory_site", "publicsite", quote(self.object.pk)])
