from django.db import models

from referrals.enums import QuestionKind
from referrals.models.categories import Category
from referrals.models.networks import Network
from referrals.models.translated import TranslatedModel


class Question(TranslatedModel):
    """A box of the network's flow chart. It is asked at the start unless some option reveals it."""

    translated_fields = ("text", "text_to_self", "help_text")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=300)
    text_to_self = models.CharField(
        "how it is put to the person",
        max_length=300,
        blank=True,
        help_text='For people who ask for themselves: "What do you need?" Empty = the same words.',
    )
    help_text = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=QuestionKind, default=QuestionKind.ONE)
    is_required = models.BooleanField("must be answered", default=False)
    offers_not_sure = models.BooleanField(
        "ends with “Something else, or not sure”",
        default=True,
        help_text="Turn it off where the answers have such words of their own.",
    )
    is_active = models.BooleanField("asked", default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["network", "position", "pk"]

    def __str__(self) -> str:
        return self.text


class QuestionOption(TranslatedModel):
    """An arrow of the flow chart: choosing it can reveal questions, add needs, mark the referral urgent."""

    translated_fields = ("text",)

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="options")
    text = models.CharField(max_length=200)
    reveals = models.ManyToManyField(
        Question, related_name="revealed_by", blank=True, verbose_name="questions that it leads to"
    )
    needs = models.ManyToManyField(
        Category, related_name="question_options", blank=True, verbose_name="needs that it adds"
    )
    is_urgent = models.BooleanField("marks the referral urgent", default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "answer to a question"
        verbose_name_plural = "answers to a question"
        ordering = ["question", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "text"],
                name="question_option_once",
                violation_error_message="The question has this answer already.",
            )
        ]

    def __str__(self) -> str:
        return self.text
