"""Which texts of the questions the form would show in English on a page in another language."""

from collections.abc import Iterable, Iterator

from referrals.enums import CHOICE_KINDS, QuestionKind
from referrals.models import Question, QuestionOption
from referrals.questions.chart import Box
from referrals.translations import Translations


def count_untranslated(boxes: Iterable[Box], code: str) -> tuple[int, int]:
    """Return how many texts have no translation into this language, and how many there are."""
    missing = [not translations.get(code, {}).get(name) for box in boxes for name, translations in _list_texts(box)]
    return sum(missing), len(missing)


def _list_texts(box: Box) -> Iterator[tuple[str, Translations]]:
    """Yield name and translations of each text that is filled in and asked. "Yes" and "No" are words of ours."""
    if not box.is_active:
        return
    for name in Question.translated_fields:
        if getattr(box, name):
            yield name, box.translations
    if box.kind in CHOICE_KINDS and box.kind != QuestionKind.YES_NO:
        for choice in box.choices:
            for name in QuestionOption.translated_fields:
                yield name, choice.translations
