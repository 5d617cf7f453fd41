"""Referrals as a table, for whoever may know of them."""

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from import_export import fields, resources
from tablib import Dataset

from referrals.access import fully_visible_to, visible_to
from referrals.access.access_log import log_access
from referrals.enums import LIVE_ASSIGNMENT, Screen
from referrals.import_export.formulas import shown_not_run
from referrals.models import Assignment, Need, Referral, Strand, User


class ReferralResource(resources.Resource):
    """Referrals as a table: limited columns for all, the others filled only where the user may read full details.

    Each of those is written down as opened, from `screen`.

    No model resource: referrals come in through the form alone, never from a file.
    """

    reference = fields.Field("reference", "Reference")
    sent = fields.Field(column_name="Sent")
    status = fields.Field(column_name="Status")
    urgent = fields.Field(column_name="Urgent")
    name = fields.Field("person__name", "Name")
    outcode = fields.Field("outcode", "Outcode")
    needs = fields.Field(column_name="Needs")
    organisations = fields.Field(column_name="Asked or accepted")
    closed = fields.Field(column_name="Closed")
    phone = fields.Field(column_name="Phone")
    email = fields.Field(column_name="E-mail")
    contact_note = fields.Field(column_name="How to get in touch")
    date_of_birth = fields.Field(column_name="Date of birth")
    age = fields.Field(column_name="Age")
    postcode = fields.Field(column_name="Postcode")
    address = fields.Field(column_name="Address")
    demographics = fields.Field(column_name="About the person")
    adults = fields.Field(column_name="Adults")
    children = fields.Field(column_name="Children")
    details = fields.Field(column_name="Details")
    answers = fields.Field(column_name="Answers")
    source = fields.Field(column_name="Referred by")

    class Meta:
        chunk_size = 1000  # rows for each round of prefetching

    def __init__(self, user: User, screen: Screen = Screen.EXPORT) -> None:
        super().__init__()
        self.user, self.screen = user, screen
        self._full: frozenset[int] = frozenset()

    def export(self, queryset: QuerySet | None = None, **kwargs: object) -> Dataset:
        """Return the rows of `queryset` that the user may know of."""
        seen = visible_to(self.user, Referral if queryset is None else queryset)
        self._full = frozenset(
            fully_visible_to(self.user).filter(pk__in=seen.order_by().values("pk")).values_list("pk", flat=True)
        )
        log_access(self.user, self._full, self.screen)
        live = Assignment.objects.filter(status__in=LIVE_ASSIGNMENT).select_related("organisation")
        strands = visible_to(self.user, Strand).prefetch_related(Prefetch("assignments", live, to_attr="live"))
        needs = visible_to(self.user, Need).select_related("category")
        rows = seen.select_related("person").prefetch_related(
            Prefetch("strands", strands), Prefetch("needs", needs), "answers", "person__options__demographic"
        )
        return super().export(rows, **kwargs)

    def export_resource(self, instance: Referral, **kwargs: object) -> list[object]:
        return [shown_not_run(value) for value in super().export_resource(instance, **kwargs)]

    def export_field(self, field: fields.Field, instance: Referral, **kwargs: object) -> object:
        """Ask for a column: the limited ones by their own method or attribute, the full ones only where allowed."""
        name = self.get_field_name(field)
        if name in _FULL:
            return _FULL[name](instance) if instance.pk in self._full else ""
        return super().export_field(field, instance, **kwargs)

    def dehydrate_sent(self, referral: Referral) -> str:
        return _minute(referral.created_at)

    def dehydrate_closed(self, referral: Referral) -> str:
        return _minute(referral.closed_at) if referral.closed_at else ""

    def dehydrate_status(self, referral: Referral) -> str:
        return referral.get_status_display()

    def dehydrate_urgent(self, referral: Referral) -> str:
        return "Yes" if referral.is_urgent else "No"

    def dehydrate_needs(self, referral: Referral) -> str:
        return ", ".join(need.category.name for need in referral.needs.all())

    def dehydrate_organisations(self, referral: Referral) -> str:
        held = [assignment for strand in referral.strands.all() for assignment in strand.live]
        return ", ".join(
            f"{assignment.organisation} ({assignment.get_status_display().lower()})" for assignment in held
        )


def _minute(moment) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def _age(referral: Referral) -> str:
    age = referral.person.age_on(timezone.localdate())
    return "" if age is None else str(age)


def _demographics(referral: Referral) -> str:
    return "; ".join(f"{option.demographic}: {option}" for option in referral.person.options.all())


def _answers(referral: Referral) -> str:
    return "; ".join(f"{answer.question_text} {answer.text}" for answer in referral.answers.all())


def _source(referral: Referral) -> str:
    told = (referral.source_name, referral.source_organisation, referral.source_email, referral.source_phone)
    return ", ".join(filter(None, told))


_FULL = {
    "phone": lambda referral: referral.person.phone,
    "email": lambda referral: referral.person.email,
    "contact_note": lambda referral: referral.person.contact_note,
    "date_of_birth": lambda referral: str(referral.person.date_of_birth or ""),
    "age": _age,
    "postcode": lambda referral: referral.person.postcode,
    "address": lambda referral: referral.person.address,
    "demographics": _demographics,
    "adults": lambda referral: _number(referral.adults),
    "children": lambda referral: _number(referral.children),
    "details": lambda referral: referral.details,
    "answers": _answers,
    "source": _source,
}


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
