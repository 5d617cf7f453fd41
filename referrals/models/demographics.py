from django.db import models

from referrals.models.networks import Network
from referrals.models.translated import TranslatedModel


class RetirableQuerySet(models.QuerySet):
    def offered(self) -> "RetirableQuerySet":
        """Leave out what is no longer asked. Who has answered keeps the answer."""
        return self.filter(retired_at=None)


class Demographic(TranslatedModel):
    """What a network asks about people besides their age: gender, language, ..."""

    translated_fields = ("name", "help_text")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="demographics")
    name = models.CharField(max_length=120)
    help_text = models.CharField(max_length=300, blank=True)
    is_required = models.BooleanField(
        "must be asked",
        default=False,
        help_text="Asked of everybody, even where no service suits only some people.",
    )
    takes_several = models.BooleanField("several answers", default=False)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField("retired", null=True, blank=True, editable=False)

    objects = RetirableQuerySet.as_manager()

    class Meta:
        ordering = ["network", "position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "name"],
                name="demographic_name_once",
                violation_error_message="The network asks about this already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DemographicOption(TranslatedModel):
    translated_fields = ("name", "plural")

    demographic = models.ForeignKey(Demographic, on_delete=models.CASCADE, related_name="options")
    name = models.CharField(max_length=120)
    plural = models.CharField(
        max_length=120, blank=True, help_text='What a group of them is called: "women" for "Woman". Used in reasons.'
    )
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField("retired", null=True, blank=True, editable=False)

    objects = RetirableQuerySet.as_manager()

    class Meta:
        verbose_name = "answer to choose from"
        verbose_name_plural = "answers to choose from"
        ordering = ["demographic", "position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["demographic", "name"],
                name="demographic_option_once",
                violation_error_message="This answer is there already.",
            )
        ]

    def __str__(self) -> str:
        return self.name
