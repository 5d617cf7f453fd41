import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_TERM_LENGTH = 60  # characters of one word or phrase


class SynonymGroup(models.Model):
    """Words that mean the same in a search, on every site: typing one of them finds services that have another."""

    words = models.TextField(
        help_text=_(
            "One a line, or with commas between them: food bank, foodbank, food parcel. Capitals do not matter."
        )
    )

    class Meta:
        ordering = ["words", "pk"]
        verbose_name = _("words that mean the same")
        verbose_name_plural = _("words that mean the same")
        constraints = [
            models.UniqueConstraint(
                fields=["words"],
                name="synonym_group_once",
                violation_error_message=_("There is a group of just these words already."),
            )
        ]

    def __str__(self) -> str:
        return ", ".join(self.terms)

    @property
    def terms(self) -> list[str]:
        """Return the words and phrases as a search compares them: lower case, single spaces, each once."""
        words = (re.sub(r"\s+", " ", word).strip(" .;").casefold() for word in re.split(r"[,\n]", self.words))
        return list(dict.fromkeys(word for word in words if word))

    def clean(self) -> None:
        terms = self.terms
        if len(terms) < 2:
            raise ValidationError({"words": _("Write at least two words that mean the same.")})
        if too_long := next((term for term in terms if len(term) > MAX_TERM_LENGTH), None):
            raise ValidationError(
                {
                    "words": ValidationError(
                        _("“%(term)s …” has more than %(most)s characters: nobody types that much."),
                        params={"term": too_long[:30], "most": MAX_TERM_LENGTH},
                    )
                }
            )
        if without := next((term for term in terms if not re.search(r"\w", term)), None):
            raise ValidationError(
                {"words": ValidationError(_("“%(term)s” has neither letter nor digit."), params={"term": without})}
            )
        self._check_other_groups(terms)
        self.words = "\n".join(terms)

    def _check_other_groups(self, terms: list[str]) -> None:
        """Refuse a word of another group: a search would use only one of the two."""
        for group in SynonymGroup.objects.exclude(pk=self.pk):
            others = set(group.terms)
            if shared := next((term for term in terms if term in others), None):
                raise ValidationError(
                    {
                        "words": ValidationError(
                            _("“%(term)s” is in another group already: %(group)s. Add your words there."),
                            params={"term": shared, "group": str(group)},
                        )
                    }
                )
