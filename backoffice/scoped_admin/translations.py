"""A network's own texts in other languages, in the form of the row that they belong to: a fold for each language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.db.models import Model
from django.utils.html import format_html_join
from django.utils.text import capfirst

from backoffice.scoped_admin.field_display import FieldDisplay
from referrals.translations import Translations, check_translations, language_in_english, other_languages


@dataclass(frozen=True, slots=True)
class TextInput:
    """One text in one language. `id` and `name` are those of its input; `label` is the English field's."""

    id: str
    name: str
    label: str
    text: str
    is_long: bool
    max_length: int | None


@dataclass(frozen=True, slots=True)
class LanguageFold:
    code: str
    language: str
    inputs: list[TextInput]

    @property
    def is_filled(self) -> bool:
        return any(one.text for one in self.inputs)


class TranslationsWidget(forms.Widget):
    template_name = "backoffice/translations.html"
    use_fieldset = True

    def __init__(self, translated: list[models.Field]) -> None:
        super().__init__()
        self.translated = translated

    def get_context(self, name: str, value: Translations | None, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        key = context["widget"]["attrs"].get("id", f"id_{name}")
        folds = [
            LanguageFold(code, language_in_english(code), self._inputs(key, name, code, (value or {}).get(code, {})))
            for code, _ in other_languages()
        ]
        return context | {"folds": folds}

    def _inputs(self, key: str, name: str, code: str, texts: Mapping[str, str]) -> list[TextInput]:
        return [
            TextInput(
                id=f"{key}_{code}_{field.name}",
                name=f"{name}_{code}_{field.name}",
                label=str(capfirst(field.verbose_name)),
                text=texts.get(field.name, ""),
                is_long=isinstance(field, models.TextField),
                max_length=field.max_length,
            )
            for field in self.translated
        ]

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> dict[str, dict[str, str]]:
        given = {
            code: {field.name: data.get(f"{name}_{code}_{field.name}", "").strip() for field in self.translated}
            for code, _ in other_languages()
        }
        filled = {code: {name: text for name, text in texts.items() if text} for code, texts in given.items()}
        return {code: texts for code, texts in filled.items() if texts}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: object, name: str) -> bool:
        return not any(key.startswith(f"{name}_") for key in data)


class TranslationsField(forms.Field):
    """The form field of `TranslatedModel.translations`."""

    def __init__(self, model: type[Model], **options: Any) -> None:
        self.lengths = model.translation_lengths()
        widget = TranslationsWidget([model._meta.get_field(name) for name in model.translated_fields])
        super().__init__(required=False, widget=widget, **options)

    def prepare_value(self, value: object) -> object:
        return value if isinstance(value, dict) else {}  # the address of an empty form may fill in anything

    def validate(self, value: Translations) -> None:
        check_translations(value, self.lengths)


class ReadOnlyTranslations(FieldDisplay):
    def __call__(self, obj: Model) -> str:
        texts = [
            (language_in_english(code), text)
            for code, by_field in obj.translations.items()
            for text in by_field.values()
        ]
        return format_html_join("", "<p>{}: {}</p>", texts)
