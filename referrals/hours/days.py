"""Days and dates for the public, in the language of the page.

Other languages inflect names of weekdays ("on Wednesday" is "w środę" in Polish) and months, so each use has its own
text for translators. Names may begin with a small letter: capitalise them at the start of a line.
"""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from referrals.enums import Weekday

_ON = {
    Weekday.MONDAY: pgettext_lazy("on that day", "Monday"),
    Weekday.TUESDAY: pgettext_lazy("on that day", "Tuesday"),
    Weekday.WEDNESDAY: pgettext_lazy("on that day", "Wednesday"),
    Weekday.THURSDAY: pgettext_lazy("on that day", "Thursday"),
    Weekday.FRIDAY: pgettext_lazy("on that day", "Friday"),
    Weekday.SATURDAY: pgettext_lazy("on that day", "Saturday"),
    Weekday.SUNDAY: pgettext_lazy("on that day", "Sunday"),
}


def weekday_name(day: date | int) -> str:
    return str(Weekday(day if isinstance(day, int) else day.weekday()).label)


def date_in_words(day: date, *, with_year: bool = True) -> str:
    return date_format(day, "j E Y" if with_year else "j E")  # E: the month as inflected after a number


def weekday_and_date(day: date, today: date) -> str:
    """Return "Friday 25 December", with the year if it is not this one."""
    written = {"weekday": weekday_name(day), "date": date_in_words(day, with_year=day.year != today.year)}
    return pgettext("a day", "%(weekday)s %(date)s") % written


def on_day(day: date, today: date) -> str:
    """Return "today", "tomorrow", "Wednesday", "Wednesday next week" (on a Wednesday), "Monday 4 January"."""
    days = (day - today).days
    if days < 2:
        return _("tomorrow") if days else _("today")
    name = str(_ON[Weekday(day.weekday())])
    if days > 7:
        written = {"weekday": name, "date": date_in_words(day, with_year=False)}
        return pgettext("on that day", "%(weekday)s %(date)s") % written
    return _("%(weekday)s next week") % {"weekday": name} if days == 7 else name
