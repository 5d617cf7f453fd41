"""Referrals as a table, for users who may see them."""

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from import_export import fields, resources
from tablib import Dataset

from referrals.access import fully_visible_to, visible_options, visible_to
from referrals.access.access_log import log_access
from referrals.enums import LIVE_ASSIGNMENT, Screen
from referrals.import_export.formulas import escape_formula
from referrals.import_export.widgets import MomentWidget, TextWidget, YesNoWidget
from referrals.models import Answer, Assignment, DemographicOption, Need, Referral, Strand, User


def _column(column_name: str, attribute: str | None = None, widget: type[TextWidget] = TextWidget) -> fields.Field:
    return fields.Field(attribute, column_name, widget())


class ReferralResource(resources.Resource):
    """Referrals as a table: limited columns for all, the others filled only where the user may read full details.

    Each referral exported in full is logged as read, on `screen`. Nothing is imported: referrals come in by the form.
    """

    LIMITED = ("reference", "sent", "status", "urgent", "name", "outcode", "needs", "organisations", "closed")

    reference = _column("Reference", "reference")
    sent = _column("Sent", "created_at", MomentWidget)
    status = _column("Status", "get_status_display")
    urgent = _column("Urgent", "is_urgent", YesNoWidget)
    name = _column("Name", "person__name")
    outcode = _column("Postcode district", "outcode")
    needs = _column("Needs")
    organisations = _column("Asked or accepted")
    closed = _column("Closed", "closed_at", MomentWidget)
    phone = _column("Phone", "person__phone")
    email = _column("E-mail", "person__email")
    contact_note = _column("How to get in touch", "person__contact_note")
    language = _column("Language of e-mails to them", "person__language_in_words")
    safe_contact = _column("Safe to get in touch", "person__safe_contact__in_words")
    others_may_see = _column("Who else may see or hear it", "person__others_may_see")
    date_of_birth = _column("Date of birth", "person__date_of_birth")
    age = _column("Age")
    postcode = _column("Postcode", "person__postcode")
    area = _column("Area, without a postcode", "person__area_name")
    address = _column("Address", "person__address")
    accommodation = _column("Where they sleep, without a home", "person__accommodation_in_words")
    demographics = _column("About the person")
    adults = _column("Adults", "adults")
    children = _column("Children", "children")
    details = _column("Details", "details")
    answers = _column("Answers")
    source = _column("Referred by")

    class Meta:
        chunk_size = 1000  # rows for each round of prefetching

    def __init__(self, user: User, screen: Screen = Screen.EXPORT) -> None:
        super().__init__()
        self.user, self.screen = user, screen
        self._full: frozenset[int] = frozenset()
        self._options: dict[int, list[DemographicOption]] = {}

    def export(self, queryset: QuerySet | None = None, **kwargs: object) -> Dataset:
        seen = visible_to(self.user, Referral if queryset is None else queryset)
        full = fully_visible_to(self.user).filter(pk__in=seen.order_by().values("pk"))
        self._full = frozenset(full.values_list("pk", flat=True))
        log_access(self.user, self._full, self.screen)
        live = Assignment.objects.filter(status__in=LIVE_ASSIGNMENT).select_related("organisation")
        strands = visible_to(self.user, Strand).prefetch_related(Prefetch("assignments", live, to_attr="live"))
        needs = visible_to(self.user, Need).select_related("category")
        answers = visible_to(self.user, Answer)
        rows = seen.select_related("person").prefetch_related(
            Prefetch("strands", strands), Prefetch("needs", needs), Prefetch("answers", answers)
        )
        self._options = visible_options(self.user, full.order_by().values("person"))
        return super().export(rows, **kwargs)

    def export_field(self, field: fields.Field, instance: Referral, **kwargs: object) -> object:
        is_limited = self.get_field_name(field) in self.LIMITED
        if not is_limited and instance.pk not in self._full:
            return ""
        return escape_formula(super().export_field(field, instance, **kwargs))

    def dehydrate_needs(self, referral: Referral) -> str:
        return ", ".join(need.category.name for need in referral.needs.all())

    def dehydrate_organisations(self, referral: Referral) -> str:
        assignments = [assignment for strand in referral.strands.all() for assignment in strand.live]
        return ", ".join(f"{row.organisation} ({row.get_status_display().lower()})" for row in assignments)

    def dehydrate_age(self, referral: Referral) -> str:
        return referral.person.age_in_words(timezone.localdate())

    def dehydrate_demographics(self, referral: Referral) -> str:
        return "; ".join(f"{option.demographic}: {option}" for option in self._options.get(referral.person_id, ()))

    def dehydrate_answers(self, referral: Referral) -> str:
        return "; ".join(f"{answer.question_text} {answer.text}" for answer in referral.answers.all())

    def dehydrate_source(self, referral: Referral) -> str:
        source = (referral.source_name, referral.source_organisation, referral.source_email, referral.source_phone)
        return ", ".join(filter(None, source))
