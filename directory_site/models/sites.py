from django import forms
from django.db import models
from django.db.models import QuerySet
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from referrals.models import Network, Service
from referrals.visibility import publicly_listed


@register_setting(icon="site")
class PublicSite(BaseSiteSetting):
    """What a site shows, and how it looks. `PublicSite.for_request(request)` is the one of the site that is visited."""

    shows_all_networks = models.BooleanField(
        default=False, help_text="Every network, those to come too. Otherwise those that are chosen below."
    )
    networks = models.ManyToManyField(Network, blank=True, related_name="+", help_text="Whose services are shown here.")

    select_related = ("site",)
    panels = [FieldPanel("shows_all_networks"), FieldPanel("networks", widget=forms.CheckboxSelectMultiple)]

    class Meta:
        verbose_name = "public site"

    def __str__(self) -> str:
        return f"Public site of {self.site}"

    @property
    def name(self) -> str:
        return self.site.site_name

    @property
    def shown_networks(self) -> QuerySet[Network]:
        return Network.objects.all() if self.shows_all_networks else self.networks.all()

    @property
    def shown_services(self) -> QuerySet[Service]:
        """Whatever of services a page of this site shows starts from here."""
        return publicly_listed(Service.objects.filter(network__in=self.shown_networks))
