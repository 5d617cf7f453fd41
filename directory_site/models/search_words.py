"""Words that editors keep for the search of every site: words of danger, and phrases that mean something else."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from directory_site.spelling import key_of

MAX_TERM_LENGTH = 60  # characters of one word or phrase


def split_terms(words: str) -> list[str]:
    """Return words and phrases as a search compares them: lower case, single spaces, each once."""
    terms = (re.sub(r"\s+", " ", word).strip(" .;").casefold() for word in re.split(r"[,\n]", words))
    return list(dict.fromkeys(term for term in terms if term))


def check_terms(words: str) -> None:
    terms = split_terms(words)
    if not terms:
        raise ValidationError(_("Write at least one word."))
    for term in terms:
        if len(term) > MAX_TERM_LENGTH:
            raise ValidationError(
                _("“%(term)s …” has more than %(most)s characters: nobody types that much."),
                params={"term": term[:30], "most": MAX_TERM_LENGTH},
            )
        if not re.search(r"\w", term):
            raise ValidationError(_("“%(term)s” has neither letter nor digit."), params={"term": term})


class DangerWords(models.Model):
    """Words of one danger. Whoever types them sees the urgent numbers first, on every site."""

    danger = models.CharField(_("danger"), max_length=80, unique=True, help_text=_("Suicide, violence at home"))
    words = models.TextField(
        _("words"),
        validators=[check_terms],
        help_text=_(
            "One a line, or with commas between them: want to die, suicidal. Typing mistakes are forgiven, and one "
            "word may stand between two of a phrase. If in doubt, add it: a false alarm only shows the numbers."
        ),
    )

    class Meta:
        ordering = ["danger"]
        verbose_name = _("words of danger")
        verbose_name_plural = _("words of danger")

    def __str__(self) -> str:
        return self.danger

    @property
    def terms(self) -> list[str]:
        return split_terms(self.words)


class PhraseMeaning(models.Model):
    """Phrases whose words mislead a search, such as "lost my baby", and what they stand for, which is found as well."""

    phrases = models.TextField(
        _("phrases"),
        validators=[check_terms],
        help_text=_("What people type, one a line or with commas between them: hearing voices, I hear voices."),
    )
    meaning = models.TextField(
        _("meaning"),
        validators=[check_terms],
        help_text=_(
            "What these stand for; services that have any of it are found first: mental health, support in a crisis."
        ),
    )

    class Meta:
        ordering = ["phrases", "pk"]
        verbose_name = _("phrases that mean something else")
        verbose_name_plural = _("phrases that mean something else")

    def __str__(self) -> str:
        return f"{', '.join(self.terms)} → {', '.join(self.meanings)}"

    @property
    def terms(self) -> list[str]:
        return split_terms(self.phrases)

    @property
    def meanings(self) -> list[str]:
        return split_terms(self.meaning)

    def clean(self) -> None:
        mine = {key_of(term): term for term in self.terms}
        for other in PhraseMeaning.objects.exclude(pk=self.pk):
            if shared := mine.keys() & set(map(key_of, other.terms)):
                raise ValidationError(
                    {
                        "phrases": ValidationError(
                            _("“%(term)s” has a meaning already: %(other)s."),
                            params={"term": mine[min(shared)], "other": str(other)},
                        )
                    }
                )
