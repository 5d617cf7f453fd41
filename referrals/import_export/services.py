"""The tables of services, one row each, whole, and of their opening hours, one row for each spell."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from referrals.catchments import read_catchment
from referrals.enums import Cost, ReferralPathway
from referrals.hours.notation import (
    EXAMPLE_OF_EXCEPTIONS,
    EXAMPLE_OF_HOURS,
    read_exceptions,
    read_hours,
    write_exceptions,
    write_hours,
)
from referrals.import_export.cells import WholeNumber, as_one_line_end
from referrals.import_export.choice_index import Offered
from referrals.import_export.related_rows import RowsInCells
from referrals.import_export.resource import ScopedResource
from referrals.models import (
    Area,
    DemographicOption,
    NetworkMembership,
    OpeningException,
    OpeningHours,
    Restriction,
    Service,
)
from referrals.models.services import COST_NOT_SAID
from referrals.services.fields import OWNER_FIELDS, TABLE_FIELDS


class HoursInCell(RowsInCells):
    model, relation, parent = OpeningHours, "opening_hours", "service"
    heads = {"opening_hours": "Opening hours"}
    facts = ("weekday", "opens", "closes", "valid_from", "valid_to")

    def write(self, name: str, rows: Sequence[OpeningHours]) -> str:
        return write_hours(rows)

    def read(self, name: str, cell: str, instance: Service) -> list:
        return read_hours(cell)

    def rows(self, values: dict[str, Any]) -> list[OpeningHours]:
        return [OpeningHours(**spell._asdict()) for spell in values["opening_hours"]]


class ExceptionsInCell(RowsInCells):
    model, relation, parent = OpeningException, "opening_exceptions", "service"
    heads = {"opening_exceptions": "Exceptions"}
    facts = ("first_day", "last_day", "opens", "closes", "note")

    def write(self, name: str, rows: Sequence[OpeningException]) -> str:
        return write_exceptions(rows)

    def read(self, name: str, cell: str, instance: Service) -> list:
        return read_exceptions(cell)

    def rows(self, values: dict[str, Any]) -> list[OpeningException]:
        return [OpeningException(**days._asdict()) for days in values["opening_exceptions"]]


def _answer(option: DemographicOption) -> str:
    """Call an answer in one line that no other could be meant by, "Gender: Woman"; or nothing, when it has none."""
    label = f"{option.demographic.name}: {option.name}"
    return "" if "\n" in as_one_line_end(label) or label != as_one_line_end(label).strip() else label


class RestrictionsInCells(RowsInCells):
    """Supported answers, one a line, and ages from and to: blank means everyone."""

    model, relation, parent = Restriction, "restrictions", "service"
    heads = {"answers": "Supported answers", "age_from": "Age from", "age_to": "Age to"}
    facts = ("option", "age_from", "age_to")

    def with_names(self, rows: QuerySet) -> QuerySet:
        return rows.select_related("option__demographic")

    def write(self, name: str, rows: Sequence[Restriction]) -> str:
        if name == "answers":
            options = [row.option for row in rows if row.option]
            options.sort(
                key=lambda option: (option.demographic.position, option.demographic_id, option.position, option.pk)
            )
            return "\n".join(self._options.label(option) for option in options)
        ages = next((row for row in rows if not row.option_id), None)
        age = getattr(ages, name) if ages else None
        return "" if age is None else str(age)

    def read(self, name: str, cell: str, instance: Service) -> Any:
        if name != "answers":
            return WholeNumber().read(cell.strip()) if cell.strip() else None
        lines = (line.strip() for line in as_one_line_end(cell).split("\n"))
        return list(dict.fromkeys(self._option(line, instance) for line in lines if line))

    def _option(self, line: str, instance: Service) -> DemographicOption:
        found = self._options.called(line, instance.network_id)
        if not found:
            raise ValueError(
                f"“{line[:60]}” is no answer that this network knows. Write one a line, as in Gender: Woman."
            )
        if len(found) > 1:
            raise ValueError(f"There is more than one answer “{line[:60]}”. Write its ID instead.")
        return found[0]

    @property
    def _options(self) -> Offered:
        of_network = attrgetter("demographic.network_id")
        return self.resource.offered(Restriction._meta.get_field("option"), named=_answer, group=of_network)

    def rows(self, values: dict[str, Any]) -> list[Restriction]:
        age_from, age_to = values["age_from"], values["age_to"]
        if age_from is not None and age_to is not None and age_to < age_from:
            raise ValueError("The upper age is below the lower.")
        found = [Restriction(option=option) for option in values["answers"]]
        if age_from is not None or age_to is not None:
            found.append(Restriction(age_from=age_from, age_to=age_to))
        return found


_ROW_SETS = (HoursInCell, ExceptionsInCell, RestrictionsInCells)
_HEADS = {rows.relation: tuple(rows.heads) for rows in _ROW_SETS}


class ServiceResource(ScopedResource):
    columns = tuple(column for name in TABLE_FIELDS for column in _HEADS.get(name, (name,)))
    fixed = OWNER_FIELDS
    inside = {"activity": "organisation", "venue": "organisation", "categories": "network"}
    makes = ("activity",)
    beside = _ROW_SETS
    called_after = "activity"
    written_as = (
        ("Activity", "Your own name for it. A new name is added."),
        ("Categories", "food-parcels; debt-advice: the short names, parted by semicolons"),
        ("Venue", "The name of one of your venues. Add new ones first."),
        ("Catchment", "GeoJSON text. Empty: the whole area. It is easier drawn in the form."),
        ("Opening hours", EXAMPLE_OF_HOURS),
        ("Exceptions", EXAMPLE_OF_EXCEPTIONS),
        ("How to be referred", "; ".join(map(str, ReferralPathway.labels))),
        ("Cost", f"{Cost.FREE.label} or {Cost.CHARGED.label}; empty: not said"),
        ("Cost note", "£3 a bag, the first one is free"),
        ("Supported answers", "Gender: Woman (one a line; empty: everyone)"),
    )

    class Meta:
        model = Service

    def read_cell(self, name: str, instance: Service, cell: str) -> Any:
        if name != "catchment" or not cell.strip():
            return super().read_cell(name, instance, cell)
        area = self._area_of(instance.network_id)
        if area is None:
            raise ValueError("A catchment needs its network to be known.")
        found = read_catchment(cell, area)
        for told in found.told:
            self.note(name, told)
        return found.shape

    def settle(self, instance: Service, changed: set[str]) -> dict[str, str]:
        if instance.pk is None and (instance.organisation_id, instance.network_id) not in self._memberships:
            return {"organisation": "This organisation is not an active member of this network."}
        if instance.last_confirmed_on > timezone.localdate():
            return {"last_confirmed_on": "This day has not come yet."}
        if instance.cost_note and not instance.cost:
            return {"cost": COST_NOT_SAID}
        if "capacity" in changed:
            instance.capacity_set_on = timezone.localdate()
        if "last_confirmed_on" in changed:
            instance.confirmation_asked_on, instance.confirmations_asked = None, 0
        return {}

    def _area_of(self, network: int | None) -> Area | None:
        if network not in self._areas:
            self._areas[network] = Area.objects.filter(networks=network).first()
        return self._areas[network]

    def before_import(self, dataset: object, **kwargs: object) -> None:
        """Read once what every row asks."""
        self._areas: dict[int | None, Area | None] = {None: None}
        active = NetworkMembership.objects.active()
        self._memberships = set(active.values_list("organisation", "network"))


class OpeningHoursResource(ScopedResource):
    """Adds spells and changes them. To take one away, the cell of its service in the table of services says it."""

    columns = ("service", "weekday", "opens", "closes", "valid_from", "valid_to")
    fixed = ("service",)
    called_after = "service"
    hint = "To take hours away, change the column “Opening hours” in the table of services."

    class Meta:
        model = OpeningHours
