import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from referrals.enums import Country, DayCounting, Importance, Role
from referrals.mailboxes import PlainEmailField
from referrals.models.geography import Area
from referrals.models.mail_groups import all_mail_groups, mail_groups_field
from referrals.models.translated import TranslatedModel
from referrals.translations import languages_in_english, other_languages
from referrals.user_input.embedding import check_embed_origins, read_origins
from referrals.user_input.phones import PhoneField

WEIGHT_AT_MOST = 1000


def all_other_languages() -> list[str]:
    return [code for code, _ in other_languages()]


def _days(name: str, default: int | None, text: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        name,
        default=default,
        null=True,
        blank=True,
        validators=[MaxValueValidator(90)],
        help_text=f"{text} Empty = never.",
    )


def _weight(name: str, default: Importance, text: str) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(
        name, default=default.value, validators=[MaxValueValidator(WEIGHT_AT_MOST)], help_text=text
    )


class Network(TranslatedModel):
    """Organisations that share referrals in one area. The fields after `area` are its settings."""

    translated_fields = ("urgent_advice",)

    name = models.CharField(max_length=200)
    slug = models.SlugField("short name in addresses", unique=True, help_text="In the address of the referral form.")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="networks")
    country = models.CharField(
        max_length=3, choices=Country, default=Country.ENGLAND, help_text="Whose bank holidays count."
    )
    email = PlainEmailField(
        "coordinators' e-mail", help_text="Messages to the coordinators go here. The public can see it."
    )
    phone = PhoneField()
    mail_groups = mail_groups_field(all_mail_groups, "What goes to the coordinators' common address.")
    linked_networks = models.ManyToManyField(
        "self", blank=True, help_text="Networks that this network's form can refer into as well."
    )

    urgent_advice = models.TextField(
        "when it cannot wait",
        max_length=500,
        blank=True,
        help_text="Whom to ring here, and when, each on a line. The form shows it below 999 and the like.",
    )
    has_public_form = models.BooleanField(
        "the public form is open",
        default=True,
        help_text="If not, only referral links open the form; its public address says so, and how to reach you.",
    )
    form_languages = ArrayField(
        models.CharField(max_length=15, choices=languages_in_english),
        verbose_name="other languages of the form",
        default=all_other_languages,
        blank=True,
        help_text="Who fills it in can change to them. No native speaker has checked our words yet, and the form says "
        "so. Your own questions and lists stay in English until you write them “In other languages”.",
    )
    leave_address = models.URLField(
        "where leaving quickly leads",
        default="https://www.bbc.co.uk/weather",
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text="A button on the form opens this page at once: one that anybody may be reading. Empty = no button.",
    )
    day_counting = models.CharField(
        "how days are counted", max_length=10, choices=DayCounting, default=DayCounting.CALENDAR
    )
    closed_days = ArrayField(
        models.DateField(),
        verbose_name="days when nobody answers",
        default=list,
        blank=True,
        help_text="Besides weekends and bank holidays, where working days count: one on each line, like 2026-12-24.",
    )
    reminder_days = _days("remind after (days)", 2, "Days without an answer before a reminder.")
    lapse_days = _days("tell the coordinator after (days)", 2, "Further days before the coordinator is told.")
    urgent_reminder_days = _days("if urgent, remind after (days)", 1, "The same for urgent referrals.")
    urgent_lapse_days = _days("if urgent, tell the coordinator after (days)", 1, "The same for urgent referrals.")
    undo_seconds = models.PositiveSmallIntegerField(
        "time to undo an answer (seconds)",
        default=60,
        db_default=60,
        validators=[MaxValueValidator(600)],
        help_text="The e-mails that an answer brings about wait that long. 0 = answers cannot be undone.",
    )
    lapse_asks_next = models.BooleanField(
        "ask the next organisation when one does not answer",
        default=False,
        help_text="Otherwise the coordinator is told and the offer stays open.",
    )
    warns_outside_area = models.BooleanField(
        "warn when a postcode lies outside the area", default=True, help_text="The referrer may go on all the same."
    )
    details_length = models.PositiveSmallIntegerField(
        "shortest description without a warning", default=100, help_text="Characters. 0 = never warn."
    )
    confirm_after_months = models.PositiveSmallIntegerField(
        "months before a service has to be confirmed again", default=6, null=True, blank=True
    )
    shares_load = models.BooleanField(
        "organisations see how full each other's services are",
        default=True,
        help_text="If not, only coordinators and commissioners do, and each organisation for its own.",
    )
    suggestion_count = models.PositiveSmallIntegerField(
        "most organisations suggested", default=10, validators=[MaxValueValidator(50)]
    )

    requires_second_factor = models.BooleanField(
        "everybody signs in with a second factor",
        default=False,
        help_text="A code from an app, as well as the password. Anyone without one is asked to set it up at once.",
    )

    weight_needs = _weight("needs met", Importance.MOST, "How many of the person's needs it helps with.")
    weight_room = _weight("free places", Importance.A_LOT, "What share of its places is free.")
    weight_made_for = _weight(
        "made for people like them",
        Importance.SOME,
        "Whether it is meant for people like this person, as a women's service is for a woman. While that still has to "
        "be checked, it counts against it.",
    )
    weight_distance = _weight("distance", Importance.SOME, "How near the venue is to where the person lives.")
    weight_opening = _weight(
        "opening soon",
        Importance.A_LITTLE,
        "How soon it opens: now is best, a week from now counts for nothing.",
    )
    weight_answers = _weight(
        "quick answers", Importance.SOME, "How soon the organisation usually answers, and how often it says yes."
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(email=""),
                name="network_has_email",
                violation_error_message="A network needs an e-mail address for its coordinators.",
            ),
            models.CheckConstraint(
                condition=Q(suggestion_count__gte=1),
                name="network_suggests_someone",
                violation_error_message="At least one organisation has to be suggested.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def weights(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in DEFAULT_WEIGHTS}

    def answer_days(self, *, urgent: bool) -> tuple[int | None, int | None]:
        """Return days until the reminder, then further days until the offer lapses; None = never."""
        if urgent:
            return self.urgent_reminder_days, self.urgent_lapse_days
        return self.reminder_days, self.lapse_days


DEFAULT_WEIGHTS: dict[str, int] = {
    field.name: field.default for field in Network._meta.concrete_fields if field.name.startswith("weight_")
}


class NetworkRole(models.Model):
    """Makes a user coordinator or commissioner of a network."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="roles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="network_roles")
    role = models.CharField(max_length=15, choices=Role, default=Role.COORDINATOR)
    mail_groups = mail_groups_field(list, "What goes to this coordinator's address too.")

    class Meta:
        verbose_name = "role in a network"
        verbose_name_plural = "roles in networks"
        ordering = ["network", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "network", "role"],
                name="network_role_once",
                violation_error_message="This user has that role in the network already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()} of {self.network}"


class ConsentWording(TranslatedModel):
    """What a person agrees to, by version: a referral keeps the version that was shown, and in which language.

    A trigger (migration 0056) keeps its translations as they are: another one is a new version.
    """

    translated_fields = ("text",)

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="consent_wordings")
    version = models.PositiveIntegerField()
    text = models.TextField(help_text="Plain words: what is shared, with whom, for how long, how to object.")
    created_at = models.DateTimeField("added", default=timezone.now, editable=False)

    class Meta:
        ordering = ["network", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "version"],
                name="consent_version_once",
                violation_error_message="The network has this version of the wording already.",
            ),
            models.UniqueConstraint(  # what the foreign key of Consent needs
                fields=["network", "id"],
                name="consent_wording_in_network",
                violation_error_message="The network has this wording already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network}, version {self.version}"

    def clean(self) -> None:
        super().clean()
        before = ConsentWording.objects.filter(pk=self.pk).values_list("translations", flat=True).first()
        if before is not None and before != self.translations:
            words = "The translations of a wording stay as they are, since people agreed to them. Add a new version."
            raise ValidationError({"translations": words})


def new_link_token() -> str:
    return secrets.token_urlsafe(16)


class ReferralLink(models.Model):
    """A coordinator's link to the form for one partner: named, prefilled, counted, revocable."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="referral_links")
    name = models.CharField(max_length=200, help_text="Who the link is for.")
    token = models.CharField(max_length=40, unique=True, default=new_link_token, editable=False)
    source_name = models.CharField(
        max_length=200,
        blank=True,
        help_text="Filled in on the form, like the fields below. With a name, and an e-mail address or "
        "a phone number, the form does not ask who refers.",
    )
    source_organisation = models.CharField(max_length=200, blank=True)
    source_email = PlainEmailField("source e-mail", blank=True)
    source_phone = PhoneField()
    embed_origins = models.TextField(
        "pages that may embed it",
        blank=True,
        validators=[check_embed_origins],
        help_text="One address per line, such as https://www.example.org. All pages of that site may then.",
    )
    openings = models.PositiveIntegerField("opened", default=0, db_default=0, editable=False)
    revoked_at = models.DateTimeField("revoked", null=True, blank=True)
    created_at = models.DateTimeField("added", default=timezone.now, editable=False)

    class Meta:
        ordering = ["network", "name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def framing_origins(self) -> list[str]:
        """The origins of the pages that may embed the form, as a header takes them."""
        return read_origins(self.embed_origins)

    def get_absolute_url(self) -> str:
        return reverse("referral_form_link", args=[self.token])

    @property
    def names_referrer(self) -> bool:
        """Whether the form need not ask who refers."""
        return bool(self.source_name and (self.source_email or self.source_phone))
