from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from backoffice.organisation_forms import OrganisationForm
from backoffice.workspace.candidates import Candidates
from referrals.enums import Outcome, RejectReason
from referrals.models import Assignment, Need, Network, Service
from referrals.workflow import LONGEST_WAIT

COORDINATOR = "coordinator"


class NoteForm(OrganisationForm):
    text = forms.CharField(
        label="Add a note",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Please write something first."},
    )
    readers = forms.ChoiceField(label="Who may read it", required=False, widget=forms.RadioSelect)

    def __init__(self, *args: object, networks: Iterable[Network] = (), **kwargs: object) -> None:
        """`networks`: those in which the user sees parts of the referral."""
        super().__init__(*args, **kwargs)
        open_to = [(str(network.pk), f"Every organisation of {network}") for network in networks]
        self.fields["readers"].choices = [("", "Who holds this referral, and coordinators"), *open_to]
        self.fields["readers"].initial = ""
        if "organisation" in self.fields:
            self.fields["organisation"].label = "As"

    @property
    def open_to(self) -> int | None:
        return int(self.cleaned_data["readers"]) if self.cleaned_data["readers"] else None


def note_field(label: str) -> forms.CharField:
    return forms.CharField(
        label=f"{label} (optional)", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RejectForm(forms.Form):
    reason = forms.ChoiceField(label="Why?", choices=RejectReason.choices, widget=forms.RadioSelect)
    capacity = forms.IntegerField(
        label="How many people can you take at a time from now on?",
        min_value=0,
        max_value=1_000_000,
        required=False,
        help_text="0 means that you are not suggested to anybody until you raise it again.",
    )
    note = note_field("Anything the next organisation or the coordinator should know")

    def __init__(self, *args: object, service: Service | None, **kwargs: object) -> None:
        """`service`: the one whose capacity the user may lower, if any."""
        super().__init__(*args, **kwargs)
        if service is None:
            del self.fields["capacity"]
        else:
            self.fields["capacity"].initial = service.capacity

    @property
    def new_capacity(self) -> int | None:
        is_given = self.cleaned_data["reason"] == RejectReason.NO_ROOM and "capacity" in self.changed_data
        return self.cleaned_data.get("capacity") if is_given else None


class WaitingListForm(forms.Form):
    place_from = forms.DateField(
        label="From which day do you expect to have a place?",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: object, chosen: date | None, **kwargs: object) -> None:
        """`chosen`: the day that was given before, if any."""
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        field = self.fields["place_from"]
        field.initial = chosen
        first, last = today + timedelta(days=1), today + LONGEST_WAIT
        field.widget.attrs |= {"min": first.isoformat(), "max": last.isoformat()}
        field.validators += [
            MinValueValidator(first, "Please choose a day after today. If you have a place now, accept it."),
            MaxValueValidator(
                last, "Please choose a day within the next year, or reject it: then somebody else is asked."
            ),
        ]


class NextActionForm(forms.Form):
    text = forms.CharField(
        label="What is to be done next?",
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": "Ring again", "autocomplete": "off"}),
        error_messages={"required": "Please write what is to be done."},
    )
    day = forms.DateField(
        label="When?",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Please choose a day.", "invalid": "Please choose a day."},
    )

    def __init__(self, *args: object, case: Assignment, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].initial, self.fields["day"].initial = case.next_action, case.next_action_on
        first = timezone.localdate()
        self.fields["day"].widget.attrs |= {"min": first.isoformat(), "max": (first + LONGEST_WAIT).isoformat()}
        self.fields["day"].validators += [
            MinValueValidator(first, "Please choose today or a later day."),
            MaxValueValidator(first + LONGEST_WAIT, "Please choose a day within the next year."),
        ]


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(label="How did it end?", choices=Outcome.choices, widget=forms.RadioSelect)
    note = note_field("What was done, for whoever opens this again")

    def __init__(self, *args: object, is_accepted: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not is_accepted:  # what nobody has accepted is closed as spam without telling anybody: bulk.py
            self.fields["outcome"].choices = [choice for choice in Outcome.choices if choice[0] != Outcome.SPAM]
            del self.fields["note"]


class ChooseServiceForm(forms.Form):
    """Choose a suggested service, any other one or, where that is offered, the coordinator."""

    service = forms.ChoiceField(label="Who should be asked?", required=False, widget=forms.RadioSelect)
    other = forms.ChoiceField(label="Or choose any other service that takes people", required=False)
    # Its value is the service: who is then chosen instead, has not been confirmed.
    ask_again = forms.CharField(required=False)

    def __init__(
        self, *args: object, candidates: Candidates, offers_coordinator: bool = False, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rejections = candidates.rejections
        self.rejected_service: int | None = None  # chosen, though its organisation has rejected this
        suggested = [(str(s.service_id), f"{s.organisation_name}: {s.activity_name}") for s in candidates.suggestions]
        missed = [
            (str(one.service_id), f"{one.organisation_name}: {one.activity_name}")
            for one in candidates.near_misses
            if one.takes_people
        ]
        coordinator = [(COORDINATOR, "The coordinator")] if offers_coordinator else []
        self.fields["service"].choices = [*suggested, *missed, *coordinator]
        others = [(name, [(str(pk), label) for pk, label in services]) for name, services in candidates.others]
        self.fields["other"].choices = [("", "Nobody else"), *others]
        if not others:
            del self.fields["other"]

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and bool(cleaned.get("service")) == bool(cleaned.get("other")):
            if cleaned.get("service"):
                self.add_error("service", "Choose one organisation, not two.")
            else:
                self.add_error("service", "Please choose who should be asked.")
        elif not self.errors and self.service_id in self.rejections:
            self.rejected_service = self.service_id
            if not self.knows_rejection:
                self.add_error("ask_again", f"{self.rejections[self.service_id]} Ask again?")
        return cleaned

    @property
    def service_id(self) -> int | None:
        """None is the coordinator."""
        chosen = self.cleaned_data["service"] or self.cleaned_data.get("other")
        return None if chosen == COORDINATOR else int(chosen)

    @property
    def knows_rejection(self) -> bool:
        return self.cleaned_data.get("ask_again") == str(self.service_id)


class ReferOnForm(ChooseServiceForm):
    note = note_field("What you have tried, and what whoever comes next should know")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, offers_coordinator=True, **kwargs)


class SplitForm(ChooseServiceForm):
    keep = forms.MultipleChoiceField(
        label="Which needs do you keep?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick the needs you keep. To keep none, reject instead."},
    )
    field_order = ["keep", "service", "other"]

    def __init__(self, *args: object, needs: list[Need], keep: Collection[int], **kwargs: object) -> None:
        """`keep`: the keys of the needs that are ticked at first."""
        super().__init__(*args, **kwargs)
        self.fields["keep"].initial = list(map(str, keep))
        self.fields["keep"].choices = [(str(need.category_id), need.category.name) for need in needs]
        self.fields["service"].label = "Who should be asked for the rest?"

    def clean_keep(self) -> frozenset[int]:
        kept = frozenset(map(int, self.cleaned_data["keep"]))
        if len(kept) == len(self.fields["keep"].choices):
            raise forms.ValidationError("You have ticked every need. To keep all of them, accept instead.")
        return kept
