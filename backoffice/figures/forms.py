"""What coordinators narrow exact figures by."""

from datetime import date, timedelta

from django import forms
from django.core.validators import MinValueValidator
from django.utils import timezone

from referrals.access import visible_to
from referrals.filters.tree import TreeField
from referrals.models import Category, Network, NetworkMembership, Organisation, ReferralLink, User
from referrals.models.geography import outcode_of
from referrals.network.figures import EARLIEST, SOURCES, Conditions, Period
from referrals.user_input.long_select import LongSelect

MOST_MONTHS = 36


def _day(label: str) -> forms.DateField:
    since = MinValueValidator(EARLIEST, f"Choose a day from {EARLIEST:%Y} on.")
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}), validators=[since]
    )


class FiguresForm(forms.Form):
    """Bound to the query. Without a first day, it starts 12 whole months before the month of the last one."""

    since = _day("Sent from")
    until = _day("Sent until")
    need = TreeField(
        label="Need", required=False, empty_label="Any need", queryset=Category.objects.none(), widget=LongSelect
    )
    organisation = forms.ModelChoiceField(
        label="Asked",
        required=False,
        empty_label="Any organisation",
        queryset=Organisation.objects.none(),
        widget=LongSelect,
    )
    urgent = forms.TypedChoiceField(
        label="Urgent",
        required=False,
        choices=[("", "Urgent or not"), ("yes", "Urgent"), ("no", "Not urgent")],
        coerce=lambda value: value == "yes",
        empty_value=None,
    )
    source = forms.ChoiceField(label="Sent through", required=False)
    district = forms.CharField(
        label="Postcode district",
        required=False,
        max_length=8,
        widget=forms.TextInput(attrs={"placeholder": "As in NW5", "size": 8}),
    )

    def __init__(self, data: object, *, network: Network, user: User, today: date | None = None) -> None:
        super().__init__(data)
        self.today = today or timezone.localdate()
        members = NetworkMembership.objects.filter(network=network).values("organisation")
        self.fields["need"].queryset = Category.objects.in_tree_order([network.pk])
        self.fields["organisation"].queryset = visible_to(user, Organisation).filter(pk__in=members).order_by("name")
        links = visible_to(user, ReferralLink).filter(network=network).order_by("name", "pk")
        self.fields["source"].choices = [
            ("", "Any way"),
            *SOURCES.items(),
            *((str(link.pk), link.name) for link in links),
        ]

    def clean_district(self) -> str:
        typed = self.cleaned_data["district"]
        district = outcode_of(typed)
        if typed and not district:
            raise forms.ValidationError("Write the first half of a postcode, such as NW5.")
        return district

    def clean(self) -> dict:
        if not self.errors:
            period = self.period
            if period.first >= period.end:
                raise forms.ValidationError("The first day is after the last one.")
            if len(period.months) > MOST_MONTHS:
                raise forms.ValidationError("Choose at most three years at once.")
        return self.cleaned_data

    @property
    def period(self) -> Period:
        last = min(self.cleaned_data.get("until") or self.today, self.today)
        first = self.cleaned_data.get("since") or last.replace(year=last.year - 1, day=1)
        return Period("days", f"{first:%-d %B %Y} to {last:%-d %B %Y}", first, last + timedelta(days=1))

    @property
    def conditions(self) -> Conditions:
        chosen = self.cleaned_data
        return Conditions(
            categories=tuple(Category.objects.keys_of_need(chosen["need"])) if chosen["need"] else (),
            organisation=chosen["organisation"].pk if chosen["organisation"] else None,
            is_urgent=chosen["urgent"],
            source=chosen["source"],
            district=chosen["district"] or None,
        )

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) not in ("", None) for name in self.fields)
