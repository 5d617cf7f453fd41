from datetime import date

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.timezone import localtime

from referrals.mailboxes import PlainEmailField
from referrals.models.demographics import DemographicOption
from referrals.models.geography import outcode_of
from referrals.models.organisations import Organisation
from referrals.models.services import Activity
from referrals.user_input.phones import PhoneField


class Person(models.Model):
    """The person who needs support. Stored only with consent."""

    name = models.CharField(max_length=200)
    phone = PhoneField()
    email = PlainEmailField("e-mail", blank=True)
    contact_note = models.CharField("how and when to get in touch", max_length=200, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    age_given = models.PositiveSmallIntegerField("age, when the date of birth is not known", null=True, blank=True)
    age_given_on = models.DateField(null=True, blank=True, editable=False)
    postcode = models.CharField(max_length=8, blank=True)
    point = models.PointField(null=True, blank=True, editable=False)
    address = models.TextField(blank=True)
    options = models.ManyToManyField(
        DemographicOption, related_name="people", blank=True, verbose_name="demographic answers"
    )
    created_at = models.DateTimeField("first referred", default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "people"
        ordering = ["name", "pk"]
        indexes = [GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="person_name_search")]
        constraints = [
            models.CheckConstraint(
                condition=Q(age_given=None, age_given_on=None) | Q(age_given__isnull=False, age_given_on__isnull=False),
                name="person_age_has_its_date",
                violation_error_message="An age needs the day on which it was given.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def outcode(self) -> str:
        return outcode_of(self.postcode)

    def age_on(self, day: date) -> int | None:
        if self.date_of_birth:
            return age_between(self.date_of_birth, day)
        if self.age_given is not None and self.age_given_on:
            return self.age_given + max(0, age_between(self.age_given_on, day))
        return None


def age_between(born: date, day: date) -> int:
    """Return full years; a person born on 29 February turns older on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class PersonTag(models.Model):
    """An organisation's activity, put on a person it supports."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tags")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="person_tags")
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="person_tags")
    created_at = models.DateTimeField("since", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "tag"
        ordering = ["activity__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "activity"],
                name="person_tag_once",
                violation_error_message="The person has this tag already.",
            )
        ]

    def __str__(self) -> str:
        return str(self.activity)


class CaseNote(models.Model):
    """An organisation's own note on a person: no other organisation ever sees it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="case_notes")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="case_notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="case_notes")
    text = models.TextField()
    created_at = models.DateTimeField("written", default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"Case note of {localtime(self.created_at):%d %B %Y}"
