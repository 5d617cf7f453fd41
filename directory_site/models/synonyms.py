from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from directory_site.models.search_words import check_terms, split_terms
from directory_site.spelling import key_of


class SynonymGroup(models.Model):
    """Words that mean the same in a search, on every site: typing one of them finds services that have another."""

    words = models.TextField(
        validators=[check_terms],
        help_text=_(
            "One a line, or with commas between them: food bank, foodbank, food parcel. Capitals do not matter."
        ),
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
        return split_terms(self.words)

    def clean(self) -> None:
        terms = self.terms
        if len(terms) < 2:
            raise ValidationError({"words": _("Write at least two words that mean the same.")})
        self._check_other_groups(terms)
        self.words = "\n".join(terms)

    def _check_other_groups(self, terms: list[str]) -> None:
        """Refuse a word of another group: a search would use only one of the two."""
        for group in SynonymGroup.objects.exclude(pk=self.pk):
            others = set(map(key_of, group.terms))
            if shared := next((term for term in terms if key_of(term) in others), None):
                raise ValidationError(
                    {
                        "words": ValidationError(
                            _("“%(term)s” is in another group already: %(group)s. Add your words there."),
                            params={"term": shared, "group": str(group)},
                        )
                    }
                )
