"""Opening hours as people fill them in: one line for days with the same hours, and lines for exceptions."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, time

from django import forms
from django.forms import BaseFormSet, formset_factory

from referrals.enums import Weekday
from referrals.hours import ExceptionalDays, WeeklyOpening
from referrals.hours.clashes import describe_overlap, describe_slip, overlapping_exceptions, overlapping_openings
from referrals.hours.notation import MOST_LINES
from referrals.models import OpeningException, OpeningHours, Service
from referrals.user_input.dates import DayField

SPARE_LINES = 3  # empty ones, for people without JavaScript

WEEKLY = ("weekday", "opens", "closes", "valid_from", "valid_to")
EXCEPTION = ("first_day", "last_day", "opens", "closes", "note")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def format_value(self, value: time | str | None) -> str | None:
        """Leave out zero seconds: browsers would show a third box for them."""
        if isinstance(value, time):
            return value.isoformat("minutes" if not value.second else "seconds")
        return value or None


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class _TimesForm(forms.Form):
    opens = forms.TimeField(required=False, widget=ClockInput)
    closes = forms.TimeField(required=False, widget=ClockInput)

    def _check_times(self, cleaned: dict) -> None:
        for name, other in (("opens", "closes"), ("closes", "opens")):
            if cleaned.get(other) is not None and cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, "Give both times.")
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if opens is not None and closes is not None and (slip := describe_slip(opens, closes)):
            self.add_error("closes", slip)


class WeeklyForm(_TimesForm):
    """One line: days, times and, if it has one, a season."""

    days = forms.TypedMultipleChoiceField(
        coerce=int, required=False, choices=Weekday.choices, widget=forms.CheckboxSelectMultiple
    )
    valid_from = DayField(label="from", required=False, widget=DayInput())
    valid_to = DayField(label="until", required=False, widget=DayInput())

    field_order = ["days", "opens", "closes", "valid_from", "valid_to"]

    def clean(self) -> dict:
        cleaned = super().clean()
        self._check_times(cleaned)
        has_times = cleaned.get("opens") is not None or cleaned.get("closes") is not None
        if has_times and not cleaned.get("days") and "days" not in self.errors:
            self.add_error("days", "On which days? Click them.")
        if cleaned.get("days") and not has_times and not {"opens", "closes"} & set(self.errors):
            self.add_error("opens", "From when to when?")
        first, last = cleaned.get("valid_from"), cleaned.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", "The season ends before it begins.")
        return cleaned

    def openings(self) -> list[WeeklyOpening]:
        """Return one for each day. An empty line has none."""
        data = self.cleaned_data
        if not data.get("days") or data.get("opens") is None:
            return []
        times = (data["opens"], data["closes"], data["valid_from"], data["valid_to"])
        return [WeeklyOpening(day, *times) for day in data["days"]]


class _LimitedFormSet(BaseFormSet):
    default_error_messages = {
        **BaseFormSet.default_error_messages,
        "too_many_forms": f"At most {MOST_LINES} lines can be given.",
    }


class _WeeklyFormSet(_LimitedFormSet):
    def clean(self) -> None:
        if any(self.errors):
            return
        counted = Counter((weekday, opens, valid_from) for weekday, opens, _, valid_from, _ in self.openings())
        twice = next((key for key, count in counted.items() if count > 1), None)
        if twice:
            day, opens, _ = twice
            raise forms.ValidationError(f"{Weekday(day).label} from {opens:%H:%M} is there twice.")
        if pair := next(overlapping_openings(self.openings()), None):
            raise forms.ValidationError(describe_overlap(*pair))

    def openings(self) -> list[WeeklyOpening]:
        return [opening for form in self.forms for opening in form.openings()]


class ExceptionForm(_TimesForm):
    """One line: days when it is closed, or open at other times."""

    first_day = DayField(label="Day", required=False, widget=DayInput())
    last_day = DayField(label="to (if several days)", required=False, widget=DayInput())
    note = forms.CharField(label="Why", required=False, max_length=120)

    field_order = ["first_day", "last_day", "opens", "closes", "note"]

    def clean(self) -> dict:
        cleaned = super().clean()
        self._check_times(cleaned)
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if not first and any(cleaned.get(name) not in (None, "") for name in ("last_day", "opens", "closes", "note")):
            self.add_error("first_day", "On which day?")
        if first and last and last < first:
            self.add_error("last_day", "The last day is before the first.")
        return cleaned

    def exception(self) -> ExceptionalDays | None:
        data = self.cleaned_data
        if not data.get("first_day"):
            return None
        last = data["last_day"] or data["first_day"]
        return ExceptionalDays(data["first_day"], last, data["opens"], data["closes"], data["note"])


class _ExceptionFormSet(_LimitedFormSet):
    def clean(self) -> None:
        if any(self.errors):
            return
        counted = Counter((first, last, opens or time()) for first, last, opens, _, _ in self.exceptions())
        twice = next((key for key, count in counted.items() if count > 1), None)
        if twice:
            raise forms.ValidationError(f"{twice[0]:%d %B %Y} is there twice.")
        if pair := next(overlapping_exceptions(self.exceptions()), None):
            raise forms.ValidationError(describe_overlap(*pair))

    def exceptions(self) -> list[ExceptionalDays]:
        return [row for form in self.forms if (row := form.exception())]


_limits = {"extra": SPARE_LINES, "max_num": MOST_LINES, "validate_max": True}
WeeklyFormSet = formset_factory(WeeklyForm, formset=_WeeklyFormSet, **_limits)
ExceptionFormSet = formset_factory(ExceptionForm, formset=_ExceptionFormSet, **_limits)


def hours_initial(openings: Iterable[OpeningHours]) -> list[dict]:
    days: dict[tuple, list[int]] = defaultdict(list)
    for opening in openings:
        days[opening.opens, opening.closes, opening.valid_from, opening.valid_to].append(opening.weekday)
    lines = [{"days": sorted(found), **dict(zip(WEEKLY[1:], times, strict=True))} for times, found in days.items()]
    return sorted(lines, key=lambda line: (line["valid_from"] or date.min, line["days"], line["opens"]))


def exceptions_initial(exceptions: Iterable[OpeningException]) -> list[dict]:
    lines = []
    for row in exceptions:
        line = {name: getattr(row, name) for name in EXCEPTION}
        lines.append(line | {"last_day": row.last_day if row.last_day != row.first_day else None})
    return lines


def write_rows(
    service: Service, model: type[OpeningHours | OpeningException], names: tuple[str, ...], wanted: list[tuple]
) -> None:
    """Make the service's rows of `model` exactly those `wanted`, leaving alone those that are right already."""
    stored = {tuple(getattr(row, name) for name in names): row.pk for row in model.objects.filter(service=service)}
    gone = [pk for values, pk in stored.items() if values not in wanted]
    if gone:
        model.objects.filter(pk__in=gone).delete()
    new = [values for values in dict.fromkeys(wanted) if values not in stored]
    model.objects.bulk_create(model(service=service, **dict(zip(names, values, strict=True))) for values in new)
