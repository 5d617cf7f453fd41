"""One form field for the picture of a service: choose one or upload one, and say what it shows."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.core.files.uploadedfile import UploadedFile
from wagtail.images.models import AbstractImage

from referrals.models import Picture, Service
from referrals.services.pictures import ShownPicture, shown_picture, shown_stock_picture

ACCEPTED = "image/jpeg,image/png,image/webp"
ABOUT_UPLOADS = (
    "JPEG, PNG or WebP, at most 15 MB. It is turned upright and made smaller; where and when it was taken is removed."
)


@dataclass(frozen=True, slots=True)
class PictureChoice:
    """Either picture, or none. An `upload` replaces both."""

    picture: Picture | None = None
    stock_picture: AbstractImage | None = None
    alt: str = ""
    upload: UploadedFile | None = None

    @classmethod
    def of(cls, service: Service) -> "PictureChoice":
        return cls(service.picture, service.stock_picture, service.picture_alt)

    @property
    def code(self) -> str:
        return code_of(self.picture or self.stock_picture)


@dataclass(frozen=True, slots=True)
class PictureCard:
    code: str
    name: str
    picture: ShownPicture


def code_of(row: Picture | AbstractImage | None) -> str:
    if row is None:
        return ""
    return f"own-{row.pk}" if isinstance(row, Picture) else f"stock-{row.pk}"


class PictureWidget(forms.MultiWidget):
    """Radio buttons with small pictures, a file and a line of text. The field sets the cards and `may_upload`."""

    template_name = "backoffice/picture_choice.html"
    use_fieldset = True

    class Media:
        css = {"all": ["backoffice/pictures.css"]}

    def __init__(self, attrs: dict | None = None) -> None:
        self.own_cards: list[PictureCard] = []
        self.stock_cards: list[PictureCard] = []
        self.may_upload = False
        self.kept = ""
        parts = {
            "choice": forms.TextInput(),
            "upload": forms.FileInput({"accept": ACCEPTED}),
            "alt": forms.TextInput({"maxlength": 200}),
        }
        super().__init__(parts, attrs)

    def decompress(self, value: PictureChoice | None) -> list:
        return [value.code, None, value.alt] if value else ["", None, ""]

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        choice, upload, alt = context["widget"]["subwidgets"]
        upload["attrs"].pop("required", None)
        return context | {
            "choice_name": choice["name"],
            "chosen": choice["value"] or "",
            "id": context["widget"]["attrs"].get("id", name),
            "upload": upload,
            "alt": alt,
            "own_cards": self.own_cards,
            "stock_cards": self.stock_cards,
            "may_upload": self.may_upload,
            "kept": self.kept,
            "about_uploads": ABOUT_UPLOADS,
        }


class PictureField(forms.MultiValueField):
    """Cleans to a PictureChoice. Nothing can be chosen before `offer` has been called."""

    widget = PictureWidget

    def __init__(self, **kwargs: object) -> None:
        parts = (
            forms.ChoiceField(required=False, choices=[("", "No picture")]),
            forms.FileField(required=False),
            forms.CharField(required=False, max_length=200),
        )
        super().__init__(parts, required=False, require_all_fields=False, **kwargs)
        self.offered: dict[str, Picture | AbstractImage] = {}

    def offer(self, own: Iterable[Picture], stock: Iterable[AbstractImage], *, may_upload: bool) -> None:
        """Set what can be chosen: the organisation's `own` pictures, the `stock` ones and, if allowed, an upload."""
        self.offered = {code_of(row): row for row in (*own, *stock)}
        self.fields[0].choices = [("", "No picture"), *((code, str(row)) for code, row in self.offered.items())]
        self.fields[1].disabled = not may_upload
        self.widget.may_upload = may_upload
        self.widget.own_cards = [PictureCard(code_of(row), row.name, shown_picture(row, "")) for row in own]
        sizes = ((row, shown_stock_picture(row, "")) for row in stock)
        self.widget.stock_cards = [PictureCard(code_of(row), row.title, size) for row, size in sizes if size]

    def offer_kept(self, picture: Picture) -> None:
        """Offer a picture that has just been uploaded as well, and say so."""
        self.offered[code_of(picture)] = picture
        self.widget.own_cards = [
            PictureCard(code_of(picture), picture.name, shown_picture(picture, "")),
            *self.widget.own_cards,
        ]
        self.widget.kept = picture.name

    def compress(self, values: list) -> PictureChoice:
        code, upload, alt = values or ("", None, "")
        row = self.offered.get(code)
        return PictureChoice(
            picture=row if isinstance(row, Picture) else None,
            stock_picture=None if isinstance(row, Picture) else row,
            alt=(alt or "").strip(),
            upload=upload if self.widget.may_upload else None,
        )
