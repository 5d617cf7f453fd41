from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from referrals.enums import QuestionKind
from referrals.models.categories import Category
from referrals.models.networks import Network
from referrals.models.translated import TranslatedModel
from referrals.models.users import User


class Question(TranslatedModel):
    """A box of the network's flow chart. It is asked at the start unless some option reveals it.

    Questions and their options are a draft: the form asks the newest `FlowVersion`.
    """

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


class FlowVersion(models.Model):
    """The network's flow chart as it was published. The form asks the newest.

    A trigger (migration 0052) keeps network, number and content as they are.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="flow_versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(help_text="What referrals.questions.content writes and reads.")
    note = models.CharField(max_length=300, blank=True)
    published_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="published_flow_versions"
    )
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "published version of the questions"
        verbose_name_plural = "published versions of the questions"
        ordering = ["network", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "number"],
                name="flow_version_number_once",
                violation_error_message="The network has a version with this number already.",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="flow_version_from_one",
                violation_error_message="Versions are counted from 1.",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class FlowExample(models.Model):
    """Answers to a network's questions and what must come of them, which is looked at before the draft is published.

    Options are named by their keys in the draft, which outlive edits of their words.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="flow_examples")
    name = models.CharField(max_length=200, help_text="Whom it is about, as in “No food, two children”.")
    option_ids = ArrayField(models.BigIntegerField())
    need_ids = ArrayField(models.BigIntegerField())
    is_urgent = models.BooleanField("urgent", default=False)

    class Meta:
        verbose_name = "example of answers"
        verbose_name_plural = "examples of answers"
        ordering = ["network", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "name"],
                name="flow_example_once",
                violation_error_message="The network has an example of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name
