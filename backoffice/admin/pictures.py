from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.pictures.forms import PictureUploadForm
from backoffice.scoped_admin.admin import ScopedAdmin
from backoffice.scoped_admin.organisation_filter import OrganisationFilter
from referrals.access import visible_to
from referrals.models import Picture, Service
from referrals.services.pictures import store_image


@admin.register(Picture)
class PictureAdmin(ScopedAdmin):
    """A picture is uploaded once and can only be renamed: another file is another picture."""

    visible_when_empty = True
    deletable = True
    fixed = ("organisation",)
    fields = ["organisation", "name", "as_shown", "used_by", "uploaded_at"]
    readonly_fields = ["as_shown", "used_by", "uploaded_at"]
    autocomplete_fields = ["organisation"]
    delete_confirmation_template = "backoffice/delete_picture.html"
    export_columns = ["organisation", "name"]
    list_display = ["thumbnail", "name", "organisation", "uploaded_at"]
    list_display_links = ["thumbnail", "name"]
    list_filter = [OrganisationFilter]
    list_select_related = ["organisation"]
    search_fields = ["name", "organisation__name"]

    class Media:
        css = {"all": ["backoffice/pictures.css"]}

    def get_fields(self, request: HttpRequest, obj: Picture | None = None) -> list[str]:
        return self.fields if obj else ["organisation", "name", "upload"]

    def get_form(
        self, request: HttpRequest, obj: Picture | None = None, change: bool = False, **kwargs: object
    ) -> type:
        return super().get_form(request, obj, change, **{"form": ModelForm if obj else PictureUploadForm, **kwargs})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Picture | None:
        picture = super().get_object(request, object_id, from_field)
        if picture is not None:
            services = Service.objects.filter(picture=picture).select_related("activity", "organisation")
            picture.known_uses = list(visible_to(request.user, services))
        return picture

    def save_model(self, request: HttpRequest, obj: Picture, form: ModelForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            store_image(obj, form.cleaned_data["upload"])

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        picture = self.get_object(request, object_id)
        return super().delete_view(
            request, object_id, {"uses": picture.known_uses if picture else [], **(extra_context or {})}
        )

    @admin.display(description="picture")
    def thumbnail(self, picture: Picture) -> SafeString:
        return format_html('<img class="thumbnail" src="{}" alt="{}" loading="lazy">', picture.small.url, picture.name)

    @admin.display(description="picture")
    def as_shown(self, picture: Picture) -> SafeString:
        return format_html(
            '<img class="picture-large" src="{}" width="{}" height="{}" alt="">',
            picture.file.url,
            picture.width,
            picture.height,
        )

    @admin.display(description="shown with")
    def used_by(self, picture: Picture) -> str:
        uses = getattr(picture, "known_uses", [])
        return format_html_join(", ", "{}", ([service.activity] for service in uses)) or "No service"
