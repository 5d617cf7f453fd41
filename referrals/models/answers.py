"""What a referral came with: consent to each network's wording, and answers to its questions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value

from referrals.models.networks import ConsentWording, Network
from referrals.models.questions import Question
from referrals.models.referrals import Referral
from referrals.translations import language_in_english


class Consent(models.Model):
    """What the person agreed to: the wording of each network that was asked, in the version that was shown.

    A foreign key over both columns (migration 0037) keeps the wording one of the network's own.
    """

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="consents")
    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="consents")
    wording = models.ForeignKey(ConsentWording, on_delete=models.PROTECT, related_name="consents")
    language = models.CharField(
        "language in which it was shown",
        max_length=15,
        default="",
        db_default="",
        blank=True,
        help_text="Empty = English.",
    )

    class Meta:
        ordering = ["referral", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "network"],
                name="consent_once_a_network",
                violation_error_message="Consent to sharing with this network is there already.",
            )
        ]

    def __str__(self) -> str:
        return str(self.wording)

    @property
    def language_in_words(self) -> str:
        return language_in_english(self.language)


class Answer(models.Model):
    """The answer to one question, with its wording at the time: the flow chart may change later."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="answers")
    network = models.ForeignKey(
        Network, on_delete=models.PROTECT, related_name="answers", help_text="Whose question it was."
    )
    question = models.ForeignKey(Question, on_delete=models.SET_NULL, null=True, blank=True, related_name="answers")
    question_text = models.CharField(max_length=300)
    text = models.TextField()
    option_ids = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=Value([], ArrayField(models.BigIntegerField())),
        blank=True,
        editable=False,
        help_text="The keys, in the version that was asked, of the options that were chosen.",
    )
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["referral", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "position"],
                name="answer_position_once",
                violation_error_message="Two answers have the same position.",
            )
        ]

    def __str__(self) -> str:
        return self.question_text
