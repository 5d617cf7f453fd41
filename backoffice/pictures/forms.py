from django import forms
from PIL import Image

from backoffice.pictures.choice import ABOUT_UPLOADS, ACCEPTED, PictureChoice, PictureField, code_of
from referrals.access.choices import choices_for
from referrals.models import Picture, Service, User
from referrals.services.pictures import UnusablePicture, name_of, read_picture, stock_gallery, store_picture

ALT_MISSING = "Say in a few words what the picture shows, for those who cannot see it."


class PictureFormMixin(forms.ModelForm):
    """Adds `picture_choice` to a form for services and sets the picture of the service. Make it the first base class.

    The code that makes the form class sets `user` on it. An uploaded picture is stored at once among the organisation's
    own and stays chosen if something else in the form is wrong, since browsers forget chosen files.
    """

    picture_choice = PictureField(label="Picture")
    user: User | None = None

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.initial["picture_choice"] = PictureChoice.of(self.instance)
        if "picture_choice" in self.fields:  # not for those who only read
            self._offer_pictures()

    def clean(self) -> dict:
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        if choice := cleaned.get("picture_choice"):
            self._set_picture(choice)
        return cleaned

    def _offer_pictures(self) -> None:
        stock = {row.pk: row for row in stock_gallery()}
        if row := self.instance.stock_picture:  # even if it is no longer in the gallery
            stock.setdefault(row.pk, row)
        uploads = self._choices(Picture, "organisation").filter(pk=self._organisation_id)
        own = self._choices(Service, "picture").filter(organisation=self._organisation_id)
        self.fields["picture_choice"].offer(list(own), list(stock.values()), may_upload=uploads.exists())

    def _choices(self, model: type, name: str):
        field = model._meta.get_field(name)
        return choices_for(field, self.user) if self.user else field.remote_field.model.objects.none()

    @property
    def _organisation_id(self) -> int | None:
        initial = self.initial.get("organisation")
        typed = str(self.data.get(self.add_prefix("organisation")) or getattr(initial, "pk", initial))
        return self.instance.organisation_id or (int(typed) if typed.isdecimal() and len(typed) < 19 else None)

    def _set_picture(self, choice: PictureChoice) -> None:
        picture, stock = choice.picture, choice.stock_picture
        if choice.upload:
            picture, stock = self._store_upload(choice), None
            if picture is None:
                return
        alt = choice.alt or (stock.description if stock else "")
        if (picture or stock) and not alt:
            self.add_error("picture_choice", ALT_MISSING)
        service = self.instance
        service.picture, service.stock_picture = picture, stock
        service.picture_alt = alt if picture or stock else ""

    def _store_upload(self, choice: PictureChoice) -> Picture | None:
        organisation = self._choices(Picture, "organisation").get(pk=self._organisation_id)
        try:
            picture = store_picture(choice.upload, organisation)
        except UnusablePicture as refusal:
            self.add_error("picture_choice", str(refusal))
            return None
        self.fields["picture_choice"].offer_kept(picture)
        self.data = self.data.copy()
        self.data[f"{self.add_prefix('picture_choice')}_choice"] = code_of(picture)
        return picture


class PictureUploadForm(forms.ModelForm):
    """Adds a picture. `upload` cleans to the image as it will be stored."""

    upload = forms.FileField(label="Picture", widget=forms.FileInput({"accept": ACCEPTED}), help_text=ABOUT_UPLOADS)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields[
            "name"
        ].help_text = "Helps you find it again; the public does not see it. If empty, the name of the file is used."

    def clean_upload(self) -> Image.Image:
        try:
            return read_picture(self.cleaned_data["upload"])
        except UnusablePicture as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def clean(self) -> dict:
        cleaned = super().clean()
        if "upload" in cleaned and not cleaned.get("name"):
            cleaned["name"] = name_of(self.files[self.add_prefix("upload")])
        return cleaned
