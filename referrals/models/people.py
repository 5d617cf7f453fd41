import re
from datetime import date

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import Func, Q, Value
from django.db.models.functions import Left, Lower, Right, Upper
from django.utils import timezone
from django.utils.timezone import localtime

from referrals.enums import Accommodation, ContactSafety
from referrals.mailboxes import PlainEmailField
from referrals.models.demographics import DemographicOption
from referrals.models.geography import outcode_of, place_in_words
from referrals.models.organisations import Organisation
from referrals.models.safe_contact import SafeContact
from referrals.models.services import Activity
from referrals.translations import language_in_english, languages_in_english
from referrals.user_input.ages import MONTHS_COUNT_UNTIL, Age
from referrals.user_input.dates import months_between
from referrals.user_input.phones import PhoneField

# By what people are found who may be the same: see duplicates. Each has a function below that does the same in Python.
_PHONE_FIGURES, _ADDRESS_LETTERS = 9, 12
_ALL = Value("g")
PHONE_KEY = Right(Func("phone", Value("[^0-9]"), Value(""), _ALL, function="regexp_replace"), _PHONE_FIGURES)
ADDRESS_KEY = Left(
    Func(Lower("address"), Value("[^a-z0-9]"), Value(""), _ALL, function="regexp_replace"), _ADDRESS_LETTERS
)


class PlainName(Func):
    """A name in capitals, without accents and apostrophes, as an index has it: migration 0057."""

    function = "referrals_plain_name"
    output_field = models.TextField()


def phone_key(phone: str) -> str:
    """Return the last figures, which a number has with and without +44."""
    return re.sub("[^0-9]", "", phone)[-_PHONE_FIGURES:]


def address_key(address: str) -> str:
    """Return the beginning of the address, such as "12highstreet"."""
    return re.sub("[^a-z0-9]", "", address.lower())[:_ADDRESS_LETTERS]


def _safety(name: str, text: str) -> models.CharField:
    return models.CharField(name, max_length=6, choices=ContactSafety, blank=True, help_text=text)


class Person(models.Model):
    """The person who needs support. Stored only with consent."""

    name = models.CharField(max_length=200)
    phone = PhoneField()
    email = PlainEmailField("e-mail", blank=True)
    contact_note = models.CharField("how and when to get in touch", max_length=200, blank=True)
    language = models.CharField(
        "language for e-mails",
        max_length=15,
        choices=languages_in_english,
        default="",
        db_default="",
        blank=True,
        help_text="Empty = nobody has said; then we write in English.",
    )
    safe_to_ring = _safety("safe to ring", "Where it is not safe, nobody is offered a link that rings.")
    safe_to_write = _safety("safe to write", "E-mail, text and letters. Where it is not safe, we send no e-mail.")
    safe_to_leave_message = _safety("safe to leave a message", "With whoever answers, or on an answering machine.")
    others_may_see = models.CharField(
        "who else may see or hear it", max_length=200, blank=True, help_text="Somebody who shares the phone, say."
    )
    date_of_birth = models.DateField(null=True, blank=True)
    age_given = models.PositiveSmallIntegerField("age, when the date of birth is not known", null=True, blank=True)
    months_given = models.PositiveSmallIntegerField(
        "age in months, under two years", null=True, blank=True, help_text="The age in years follows from it."
    )
    age_given_on = models.DateField(null=True, blank=True, editable=False)
    postcode = models.CharField(max_length=8, blank=True)
    area_name = models.CharField(
        "area, without a postcode", max_length=200, blank=True, help_text="Where they mostly are: its middle counts."
    )
    point = models.PointField(null=True, blank=True, editable=False)
    address = models.TextField(blank=True)
    accommodation = models.CharField(
        "where they sleep, without a home", max_length=4, choices=Accommodation, blank=True
    )
    options = models.ManyToManyField(
        DemographicOption, related_name="people", blank=True, verbose_name="demographic answers"
    )
    created_at = models.DateTimeField("first referred", default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "people"
        ordering = ["name", "pk"]
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="person_name_search"),
            GinIndex(OpClass(PlainName("name"), name="gin_trgm_ops"), name="person_plain_name"),
            models.Index(Upper("name"), name="person_same_name"),
            models.Index("date_of_birth", name="person_same_birthday"),
            models.Index("postcode", name="person_same_postcode"),
            models.Index(PHONE_KEY, name="person_same_phone"),
            models.Index(Lower("email"), name="person_same_email"),
            models.Index(ADDRESS_KEY, name="person_same_address"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(age_given=None, age_given_on=None) | Q(age_given__isnull=False, age_given_on__isnull=False),
                name="person_age_has_its_date",
                violation_error_message="An age needs the day on which it was given.",
            ),
            models.CheckConstraint(
                condition=Q(months_given=None)
                | Q(months_given__lt=12, age_given=0)
                | Q(months_given__gte=12, months_given__lt=MONTHS_COUNT_UNTIL, age_given=1),
                name="person_age_in_months_agrees",
                violation_error_message="An age in months is under 24, and agrees with the age in years.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def outcode(self) -> str:
        return outcode_of(self.postcode)

    @property
    def place_in_words(self) -> str:
        return place_in_words(self.postcode, self.area_name)

    @property
    def language_in_words(self) -> str:
        return language_in_english(self.language)

    @property
    def safe_contact(self) -> SafeContact:
        return SafeContact(self.safe_to_ring, self.safe_to_write, self.safe_to_leave_message, self.others_may_see)

    @property
    def accommodation_in_words(self) -> str:
        """Return where somebody without a home sleeps; "" if nothing was said of it."""
        return self.get_accommodation_display() if self.accommodation else ""

    def age_on(self, day: date) -> int | None:
        if (months := self._months_on(day)) is not None:
            return months // 12
        if self.age_given is not None and self.age_given_on:
            return self.age_given + max(0, age_between(self.age_given_on, day))
        return None

    def age_in_words(self, day: date) -> str:
        """Return "41", "8 months"; empty if it is not known."""
        years = self.age_on(day)
        return "" if years is None else Age(years, self._months_on(day)).in_words

    def _months_on(self, day: date) -> int | None:
        """Return the age in months, where it is known so exactly."""
        if self.date_of_birth:
            return months_between(self.date_of_birth, day)
        if self.months_given is not None and self.age_given_on:
            return self.months_given + max(0, months_between(self.age_given_on, day))
        return None


def age_between(born: date, day: date) -> int:
    """Return full years; a person born on 29 February turns older on 1 March in other years."""
    return months_between(born, day) // 12


class Correction(models.Model):
    """What a detail of a person was before a coordinator corrected it, as it had been shared until then."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=30)
    before = models.TextField(blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.field} of {self.person}"

    @property
    def label(self) -> str:
        return Person._meta.get_field(self.field).verbose_name

    @property
    def before_in_words(self) -> str:
        return str(dict(Person._meta.get_field(self.field).flatchoices).get(self.before, self.before))


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
    struck_at = models.DateTimeField(
        "struck through", null=True, blank=True, editable=False, help_text="By its author: then nothing of it is left."
    )

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(struck_at__isnull=False, text="") | Q(struck_at=None) & ~Q(text=""),
                name="case_note_says_something_unless_struck",
                violation_error_message="A case note says something, and one that was struck through nothing.",
            )
        ]

    def __str__(self) -> str:
        return f"Case note of {localtime(self.created_at):%d %B %Y}"
