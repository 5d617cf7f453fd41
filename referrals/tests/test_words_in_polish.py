"""Hours, ages and days in a language that bends its words; the English is tested where it is made."""

from datetime import date, datetime, time

import pytest
from django.utils import translation

from referrals.enums import ReferralPathway, Weekday
from referrals.hours import (
    ExceptionalDays,
    Timetable,
    WeeklyOpening,
    coming_days,
    open_now_in_words,
    unusual_days,
    week_in_words,
)
from referrals.hours.bank_holidays import NAMES, bank_holiday_name
from referrals.matching.wording import groups_in_words, years_in_words
from referrals.services.public_card import confirmed_in_words

TUESDAY = date(2026, 11, 24)
NINE = time(9)


@pytest.fixture(autouse=True)
def polish():
    with translation.override("pl"):
        yield


def on(*days: int, opens: time = time(10), closes: time = time(16)) -> tuple[WeeklyOpening, ...]:
    return tuple(WeeklyOpening(day, opens, closes) for day in days)


@pytest.mark.parametrize(
    ("timetable", "words"),
    [
        (Timetable(on(1)), "Otwarcie dziś o 10:00"),
        (Timetable(on(2)), "Otwarcie jutro o 10:00"),
        (Timetable(on(4)), "Otwarcie w piątek o 10:00"),
        (Timetable(on(1, opens=time(8))), "Otwarte dziś do 16:00"),
        (Timetable(on(1, opens=time(8), closes=time())), "Otwarte dziś do północy"),
        (Timetable(on(1, opens=time(8), closes=time(2))), "Otwarte, zamknięcie jutro o 02:00"),
        (Timetable(on(1, opens=time(6), closes=time(8))), "Otwarcie we wtorek za tydzień o 06:00"),
        (Timetable(on(3), by_appointment=True), "Otwarcie w czwartek o 10:00, po umówieniu się"),
        (
            Timetable(on(1, 3), (ExceptionalDays(TUESDAY, TUESDAY, note="flood"),)),
            "Dziś zamknięte (flood), otwarcie w czwartek o 10:00",
        ),
    ],
)
def test_whether_it_is_open(timetable, words):
    assert open_now_in_words(timetable, datetime.combine(TUESDAY, NINE)) == words


def test_a_week():
    timetable = Timetable(
        (*on(0, 1, 2, 3, 4), *on(5, 6, closes=time())),
        (
            ExceptionalDays(date(2026, 12, 25), date(2026, 12, 26)),
            ExceptionalDays(date(2026, 12, 31), date(2027, 1, 2)),
        ),
        by_appointment=True,
    )
    assert week_in_words(timetable, TUESDAY) == [
        "Poniedziałek – piątek: 10:00 – 16:00",
        "Sobota i niedziela: 10:00 – północ",
        "25 i 26 grudnia 2026: zamknięte",
        "31 grudnia 2026 – 2 stycznia 2027: zamknięte",
        "Po umówieniu się",
    ]
    assert [one.name for one in coming_days(timetable, TUESDAY)][:2] == ["Wtorek", "Środa"]
    assert [one.days for one in unusual_days(timetable, TUESDAY)] == [
        "Piątek 25 grudnia i sobota 26 grudnia",
        "Czwartek 31 grudnia – sobota 2 stycznia 2027",
    ]


@pytest.mark.parametrize(
    ("confirmed_on", "words"),
    [
        (TUESDAY, "Potwierdzono dzisiaj"),
        (date(2026, 11, 23), "Potwierdzono 23 listopada 2026, wczoraj"),
        (date(2026, 11, 22), "Potwierdzono 22 listopada 2026, 2 dni temu"),
        (date(2026, 10, 1), "Październik 2026: potwierdzono 1 miesiąc temu"),
        (date(2026, 8, 1), "Sierpień 2026: potwierdzono 3 miesiące temu"),
        (date(2026, 5, 1), "Maj 2026: potwierdzono 6 miesięcy temu"),
        (date(2024, 11, 1), "Listopad 2024: potwierdzono 2 lata temu"),
        (date(2021, 11, 1), "Listopad 2021: potwierdzono 5 lat temu"),
    ],
)
def test_how_long_ago_it_was_confirmed(confirmed_on, words):
    assert confirmed_in_words(confirmed_on, TUESDAY) == words


def test_whom_it_is_for():
    assert years_in_words(60, None) == "w wieku 60 lat i więcej"
    assert years_in_words(None, 17) == "w wieku do 17 lat"
    assert years_in_words(18, 25) == "w wieku od 18 do 25 lat"
    assert years_in_words(18, 18) == "w wieku 18 lat"
    assert groups_in_words(["women", "men"]) == "women i men"
    assert groups_in_words([*"abcd"], "or") == "a, b lub 2 inne grupy"
    assert groups_in_words([*"abcdefg"]) == "a, b i 5 innych grup"


def test_bank_holidays_have_names():
    assert bank_holiday_name(date(2026, 12, 25), "ENG") == "Boże Narodzenie"
    assert bank_holiday_name(date(2026, 12, 28), "ENG") == "drugi dzień Bożego Narodzenia – dzień zastępczy"
    assert {name for name in NAMES if translation.gettext(name) == name} == set()


def test_names_of_choices_are_words_of_the_page():
    assert Weekday.WEDNESDAY.label == "środa"
    assert ReferralPathway.GP.label == "Przez lekarza rodzinnego (GP)"
    with translation.override("en-gb"):
        assert (Weekday.WEDNESDAY.label, ReferralPathway.GP.label) == ("Wednesday", "Through a GP")
