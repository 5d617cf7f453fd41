"""Who a service is for: checkboxes for each of the network's demographics, and ages."""

from django import forms
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from referrals.models import Demographic, DemographicOption, Network, Restriction, Service

OLDEST = 120
PREFIX = "demographic_"


class AgeField(forms.IntegerField):
    def __init__(self, label: str) -> None:
        super().__init__(label=label, required=False, min_value=0, max_value=OLDEST)


class OptionsField(forms.TypedMultipleChoiceField):
    """The answers to one demographic that a service supports; none means all."""

    def __init__(self, demographic: Demographic) -> None:
        choices = [(option.pk, option.name) for option in demographic.options.all()]
        super().__init__(
            label=demographic.name,
            choices=choices,
            coerce=int,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "This is no longer one of the network's answers."},
        )


def demographic_fields(network: Network) -> dict[str, OptionsField]:
    """Return a field for each of the network's demographics that has options, in two queries.

    Those retired are there as long as some service is for them alone: saving another service leaves that as it is.
    """
    in_use = Q(retired_at=None, demographic__retired_at=None) | Exists(
        Restriction.objects.filter(option=OuterRef("pk"))
    )
    options = Prefetch("options", DemographicOption.objects.filter(in_use))
    demographics = Demographic.objects.filter(network=network).prefetch_related(options)
    return {f"{PREFIX}{row.pk}": OptionsField(row) for row in demographics if row.options.all()}


def restrictions_initial(restrictions: QuerySet) -> dict[str, object]:
    initial: dict[str, object] = {}
    for row in restrictions.select_related("option"):
        if row.option is None:
            initial |= {"age_from": row.age_from, "age_to": row.age_to}
        else:
            initial.setdefault(f"{PREFIX}{row.option.demographic_id}", []).append(row.option_id)
    return {key: sorted(value) if isinstance(value, list) else value for key, value in initial.items()}


def write_restrictions(service: Service, data: dict[str, object]) -> None:
    wanted = {pk for name, keys in data.items() if name.startswith(PREFIX) for pk in keys}
    kept = Restriction.objects.filter(service=service, option__isnull=False)
    kept.exclude(option__in=wanted).delete()
    stored = set(kept.values_list("option", flat=True))
    options = DemographicOption.objects.filter(pk__in=wanted - stored)
    Restriction.objects.bulk_create(Restriction(service=service, option=option) for option in options)
    ages = {"age_from": data.get("age_from"), "age_to": data.get("age_to")}
    if ages == {"age_from": None, "age_to": None}:
        Restriction.objects.filter(service=service, option=None).delete()
    else:
        Restriction.objects.update_or_create(service=service, option=None, defaults=ages)
