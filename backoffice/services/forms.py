"""The form of a service with its hours and restrictions, which are checked and saved together."""

import json
from hashlib import sha256

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.forms.models import model_to_dict
from django.utils.functional import cached_property

from backoffice.catchments.fields import CatchmentField
from backoffice.pictures.choice import PictureChoice
from backoffice.pictures.forms import PictureFormMixin
from backoffice.services import hours, restrictions
from backoffice.services.activity import ActivityField
from referrals.access.choices import choices_for
from referrals.enums import Cost, ReferralPathway
from referrals.freshness import mark_confirmed
from referrals.models import (
    Activity,
    NetworkMembership,
    OpeningException,
    OpeningHours,
    Service,
)
from referrals.models.services import COST_NOT_SAID
from referrals.services.fields import COPIED_FIELDS, MEMBERSHIP_FIELDS

CHANGED_MEANWHILE = (
    "{} changed this service after you opened this page. What you typed here is not saved yet. Open the service in "
    "another window to see what is different. If you save this page again, it replaces that version."
)


class ServiceForm(PictureFormMixin, forms.ModelForm):
    """Offers what the user may choose, narrowed to the service's organisation and network.

    For a new service it first asks for these two and nothing else.
    """

    activity = ActivityField()
    catchment = CatchmentField()
    pathways = forms.MultipleChoiceField(
        label="How to be referred",
        choices=ReferralPathway.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    cost = forms.ChoiceField(
        label="What does it cost those who come?", choices=Cost.choices, required=False, widget=forms.RadioSelect
    )
    age_from = restrictions.AgeField("From age")
    age_to = restrictions.AgeField("To age")
    is_confirmed = forms.BooleanField(label="Confirmation", required=False)
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        # Not called `organisation` and `network`: in a template, those names find the form's fields.
        self.chosen_organisation = self._find_chosen("organisation")
        self.chosen_network = self._find_chosen("network")
        if not self.has_membership:
            self.fields = {name: self.fields[name] for name in MEMBERSHIP_FIELDS}
            for field in self.fields.values():
                getattr(field.widget, "widget", field.widget).attrs["form"] = "place"
            return
        if not self.instance.pk:
            self.instance.organisation, self.instance.network = self.chosen_organisation, self.chosen_network
        for name in set(MEMBERSHIP_FIELDS) & set(self.fields):
            self.fields[name].widget = forms.HiddenInput()
        self._narrow_choices()
        self.fields |= restrictions.demographic_fields(self.chosen_network)
        self._fill_in_stored()
        self._build_formsets()

    def _build_formsets(self) -> None:
        """A bound formset gets no initial data: Django would take an unchanged line for an empty one."""
        if self.is_bound:
            self.hours = hours.WeeklyFormSet(self.data, prefix="hours")
            self.exceptions = hours.ExceptionFormSet(self.data, prefix="exceptions")
            return
        stored = self.source
        openings = stored.opening_hours.all() if stored else ()
        exceptions = stored.opening_exceptions.all() if stored else ()
        self.hours = hours.WeeklyFormSet(prefix="hours", initial=hours.hours_initial(openings))
        self.exceptions = hours.ExceptionFormSet(prefix="exceptions", initial=hours.exceptions_initial(exceptions))

    @cached_property
    def has_membership(self) -> bool:
        """Whether it is known whose service it is: an organisation, in a network of which it is an active member."""
        if self.instance.pk:
            return True
        if self.chosen_organisation is None or self.chosen_network is None:
            return False
        chosen = {"network": self.chosen_network, "organisation": self.chosen_organisation}
        return NetworkMembership.objects.active().filter(**chosen).exists()

    @property
    def source(self) -> Service | None:
        """The stored service, or the one that a new service is a copy of."""
        copied = self.initial.get("copied")
        return self.instance if self.instance.pk else copied if isinstance(copied, Service) else None

    @property
    def demographics(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(restrictions.PREFIX)]

    def _find_chosen(self, name: str) -> object | None:
        """Return the organisation or network of the row, or the chosen one if the user may choose it."""
        if self.instance.pk:
            return getattr(self.instance, name)
        chosen = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        try:
            return self.fields[name].clean(getattr(chosen, "pk", chosen))
        except forms.ValidationError:
            return None

    def _narrow_choices(self) -> None:
        if "venue" in self.fields:
            self.fields["venue"].queryset = self.fields["venue"].queryset.filter(organisation=self.chosen_organisation)
            self.fields["venue"].widget.organisation = self.chosen_organisation.pk
            self.fields["venue"].empty_label = "No venue: we visit, phone or meet online"
        if "categories" in self.fields:
            offered = self.fields["categories"].queryset.filter(network=self.chosen_network)
            in_use = self.instance.categories.values("pk") if self.instance.pk else ()
            self.fields["categories"].queryset = offered.offered(also=in_use)
        self.fields["activity"].organisation = self.chosen_organisation
        if "cost_note" in self.fields:
            self.fields["cost_note"].label = "More about the cost"
        self.fields["activity"].help_text = "Your own name for it, such as “Friday lunch club”."
        if "summary" in self.fields:
            self.fields["summary"].help_text = "One sentence, at most 200 characters: it appears in every list."
            self.fields["description"].help_text = (
                "An empty line begins a paragraph, a line that begins with - is a point of a list, **two stars** make "
                "words bold, [words](https://...) a link."
            )

    def _fill_in_stored(self) -> None:
        stored = self.source
        if stored is None:
            return
        self.initial |= restrictions.restrictions_initial(stored.restrictions.all())
        self.initial["activity"] = stored.activity.name
        self.initial["picture_choice"] = PictureChoice.of(stored)
        if self.instance.pk:
            self.initial["version"] = version_of(stored)

    def is_valid(self) -> bool:
        parts = [self.hours, self.exceptions] if self.has_membership else []
        return all([super().is_valid(), *(part.is_valid() for part in parts)])

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.has_membership:
            self._require_membership(cleaned)
            return cleaned
        self._refuse_new_activity_of_others(cleaned)
        if self.instance.archived_at and cleaned.get("is_public"):
            self.add_error("is_public", "An archived service is not listed. Bring it back first.")
        if cleaned.get("cost_note") and cleaned.get("cost") == Cost.NOT_SAID:
            self.add_error("cost", COST_NOT_SAID)
        youngest, oldest = cleaned.get("age_from"), cleaned.get("age_to")
        if youngest is not None and oldest is not None and oldest < youngest:
            self.add_error("age_to", "The upper age is below the lower.")
        if self.instance.pk:
            self._refuse_older_version(cleaned)
        return cleaned

    def _require_membership(self, cleaned: dict) -> None:
        for name in MEMBERSHIP_FIELDS:
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, "Please choose.")
        if not self.errors:
            self.add_error(
                "organisation", f"{self.chosen_organisation} is not an active member of {self.chosen_network}."
            )

    def _refuse_new_activity_of_others(self, cleaned: dict) -> None:
        """Only those who act for the organisation may add an activity, not everybody who may change a service of it."""
        activity = cleaned.get("activity")
        if activity is None or activity.pk:
            return
        kept = choices_for(Activity._meta.get_field("organisation"), self.user)
        if not kept.filter(pk=self.chosen_organisation.pk).exists():
            names = ", ".join(self.fields["activity"].names) or "none yet"
            message = f"Only {self.chosen_organisation} itself can add a name. Choose one of its names: {names}."
            self.add_error("activity", message)

    def _refuse_older_version(self, cleaned: dict) -> None:
        """Warn the second of two people who edit at once. If they save again, they replace the other's version."""
        rows = Service.objects.select_for_update(of=("self",), no_key=True).select_related("activity")
        stored = rows.get(pk=self.instance.pk)
        current = version_of(stored)
        if cleaned.get("version") and cleaned["version"] != current:
            self.data = self.data.copy()
            self.data[self.add_prefix("version")] = current
            log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Service), object_id=stored.pk)
            last = log.order_by("-action_time").first()
            who = "You yourself, in another window," if last and last.user_id == self.user.pk else "Somebody else"
            self.add_error(None, CHANGED_MEANWHILE.format(who))

    def _get_validation_exclusions(self) -> set[str]:
        # A new activity has no key until the service is saved.
        return super()._get_validation_exclusions() | {"activity"}

    def save(self, commit: bool = True) -> Service:
        activity = self.cleaned_data["activity"]
        if activity.pk is None:
            activity, _ = Activity.objects.get_or_create(
                organisation=activity.organisation, name__iexact=activity.name, defaults={"name": activity.name}
            )
        self.instance.activity = activity
        if self.cleaned_data["is_confirmed"]:
            mark_confirmed(self.instance)
        return super().save(commit)

    def _save_m2m(self) -> None:
        super()._save_m2m()
        hours.write_rows(self.instance, OpeningHours, hours.WEEKLY, self.hours.openings())
        hours.write_rows(self.instance, OpeningException, hours.EXCEPTION, self.exceptions.exceptions())
        restrictions.write_restrictions(self.instance, self.cleaned_data)


def version_of(service: Service) -> str:
    """Return a digest of what the form can change: pausing, confirming or an offer does not alter it."""
    fields = [field for field in service._meta.concrete_fields if field.editable and field.name != "last_confirmed_on"]
    values = {field.attname: field.value_from_object(service) for field in fields}
    values["catchment"] = service.catchment.hex.decode() if service.catchment else None
    related = {
        "categories": _keys(service.categories.order_by("pk"), "pk"),
        "hours": _keys(service.opening_hours.order_by("pk"), *hours.WEEKLY),
        "exceptions": _keys(service.opening_exceptions.order_by("pk"), *hours.EXCEPTION),
        "restrictions": _keys(service.restrictions.order_by("pk"), "option", "age_from", "age_to"),
    }
    return sha256(json.dumps(values | related, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def initial_of_copy(service: Service) -> dict[str, object]:
    # COPIED_FIELDS leaves out the capacity, and whether it is public: these must be set for the copy itself.
    return model_to_dict(service, fields=[*MEMBERSHIP_FIELDS, *COPIED_FIELDS]) | {"copied": service}


def _keys(rows: QuerySet, *names: str) -> list[list]:
    return [list(row) for row in rows.values_list(*names)]
