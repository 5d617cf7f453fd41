from typing import ClassVar

from django.db import models
from django.db.models import Value

from referrals.translations import check_translations


class TranslatedModel(models.Model):
    """A row with texts of the network that its form shows. `translate_field` reads them, and falls back to English."""

    translated_fields: ClassVar[tuple[str, ...]]

    translations = models.JSONField(
        "in other languages",
        default=dict,
        db_default=Value({}, models.JSONField()),
        blank=True,
        help_text="What stays empty is shown in English.",
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        check_translations(self.translations, self.translation_lengths())

    @classmethod
    def translation_lengths(cls) -> dict[str, int | None]:
        return {name: cls._meta.get_field(name).max_length for name in cls.translated_fields}
