"""The parts of a service's form: opening hours, what it costs, and its catchment."""

import json

import pytest
from django.db import IntegrityError, transaction

from backoffice.tests.forms import lines, service_data, url
from referrals.enums import Cost
from referrals.models import Service, Venue

pytestmark = pytest.mark.django_db
NINE_TO_NOON = {"opens": "09:00", "closes": "12:00"}


class TestOpeningHours:
    @pytest.mark.parametrize(
        ("line", "field", "problem"),
        [
            (NINE_TO_NOON, "days", "On which days? Click them."),
            ({"days": [0]}, "opens", "From when to when?"),
            ({"days": [0], "opens": "09:00"}, "closes", "Give both times."),
            ({**NINE_TO_NOON, "days": [7]}, "days", "Select a valid choice. 7 is not one of the available choices."),
            (
                {**NINE_TO_NOON, "days": [0], "valid_from": "2026-05-01", "valid_to": "2026-04-01"},
                "valid_to",
                "The season ends before it begins.",
            ),
        ],
    )  # fmt: skip
    def test_incomplete_hours_are_pointed_out_beside_them(self, line, field, problem, ours, signed_in):
        data = {name: value for name, value in service_data(ours).items() if not name.startswith("hours-")}
        response = signed_in(ours.insider).post(url("service", "add"), data | lines("hours", line))
        form = response.context["adminform"].form
        assert form.hours.forms[0].errors[field] == [problem]
        assert (form.hours.forms[0][field].auto_id, problem) in [
            (at, told) for at, _, told in response.context["problems"]
        ]

    @pytest.mark.parametrize(
        ("first", "second", "problem"),
        [
            (("09:00", "12:00"), ("11:00", "15:00"), "Monday 09:00 to 12:00 and 11:00 to 15:00 overlap."),
            (("20:00", "08:00"), ("22:00", "23:00"), "Monday 20:00 to 08:00 and 22:00 to 23:00 overlap."),
            (("13:00", "12:00"), ("09:00", "10:00"), "That would be 23 hours, until 12:00 the next day."),
            (("09:00", "09:00"), ("", ""), "That would be 24 hours, until 09:00 the next day."),
            (("09:00", "12:00"), ("12:00", "15:00"), ""),
            (("00:00", "00:00"), ("", ""), ""),
        ],
    )
    def test_hours_that_look_like_a_slip_are_refused(self, first, second, problem, ours, signed_in):
        openings = [{"days": [0], "opens": opens, "closes": closes} for opens, closes in (first, second) if opens]
        data = {name: value for name, value in service_data(ours).items() if not name.startswith("hours-")}
        response = signed_in(ours.insider).post(url("service", "add"), data | lines("hours", *openings), follow=True)
        assert problem in response.text
        assert ("problems" in response.context and bool(response.context["problems"])) is bool(problem)

    def test_nights_that_run_into_the_next_days_hours_are_refused(self, ours, signed_in):
        night = {"days": [6], "opens": "22:00", "closes": "02:00"}
        early = {"days": [0], "opens": "01:00", "closes": "03:00"}
        christmas = {"first_day": "2026-12-24", "opens": "22:00", "closes": "03:00"}
        boxing_day = {"first_day": "2026-12-25", "opens": "02:00", "closes": "04:00"}
        slip = {"first_day": "2026-12-31", "opens": "13:00", "closes": "12:00"}
        data = {name: value for name, value in service_data(ours).items() if not name.startswith(("hours", "exc"))}
        post = signed_in(ours.insider).post
        text = post(url("service", "add"), data | lines("hours", night, early) | lines("exceptions", slip)).text
        assert "Monday 01:00 to 03:00 and Sunday 22:00 to 02:00 overlap." in text
        assert "That would be 23 hours" in text
        text = post(url("service", "add"), data | lines("hours") | lines("exceptions", christmas, boxing_day)).text
        assert "24 December 2026 22:00 to 03:00 and 25 December 2026 02:00 to 04:00 overlap." in text

    def test_seasons_that_do_not_meet_may_have_hours_that_do(self, ours, signed_in):
        winter = {"days": [0], "opens": "09:00", "closes": "12:00", "valid_to": "2027-03-31"}
        summer = {"days": [0], "opens": "10:00", "closes": "15:00", "valid_from": "2027-04-01"}
        data = service_data(ours) | lines("hours", winter, summer)
        assert signed_in(ours.insider).post(url("service", "add"), data).status_code == 302

    def test_the_same_hours_twice_are_refused(self, ours, signed_in):
        line = {"days": [0, 1], "opens": "09:00", "closes": "12:00"}
        data = service_data(ours) | lines("hours", line, line | {"days": [1], "closes": "13:00"})
        response = signed_in(ours.insider).post(url("service", "add"), data)
        assert "Tuesday from 09:00 is there twice." in response.text


class TestCost:
    def test_a_note_on_the_cost_needs_to_say_whether_it_is_free(self, ours, signed_in):
        client = signed_in(ours.insider)
        response = client.post(url("service", "add"), service_data(ours, cost="", cost_note="£3 a bag"))
        form = response.context["adminform"].form
        assert form.errors == {"cost": ["Say first whether it is free or there is a charge."]}
        assert form["cost_note"].value() == "£3 a bag"
        public = next(shown for shown in response.context["parts"] if shown.part.key == "public")
        assert public.state == "1 to correct"
        assert client.post(url("service", "add"), service_data(ours, cost="", cost_note="")).status_code == 302
        assert Service.objects.latest("pk").cost == Cost.NOT_SAID

    def test_the_database_itself_refuses_words_beside_nothing(self, ours):
        with pytest.raises(IntegrityError, match="service_cost_note_needs_cost"), transaction.atomic():
            Service.objects.filter(pk=ours.service.pk).update(cost="", cost_note="£3 a bag")

    def test_a_cost_that_nobody_has_given_is_shown_as_missing(self, ours, signed_in):
        def state() -> str:
            page = signed_in(ours.insider).get(url("service", "change", ours.service.pk))
            return next(shown.state for shown in page.context["parts"] if shown.part.key == "public")

        assert "what it costs" in state()
        Service.objects.update(cost=Cost.FREE)
        assert "what it costs" not in state()

    def test_others_of_the_network_read_cost_and_access(self, ours, signed_in):
        Venue.objects.filter(pk=ours.venue.pk).update(access_features=["step_free", "lift"], access="Ring at the door")
        Service.objects.update(venue=ours.venue, cost=Cost.CHARGED, cost_note="£3 a bag")
        text = signed_in(ours.outsider).get(url("service", "change", ours.service.pk)).text
        for told in ("There is a charge: £3 a bag", "Step-free access", "Lift", "Ring at the door"):
            assert told in text
        assert 'name="cost"' not in text


class TestCatchment:
    def test_a_shape_that_crosses_itself_is_mended_and_the_user_is_told(self, ours, signed_in):
        bow = [[[-0.2, 51.5], [-0.1, 51.6], [-0.1, 51.5], [-0.2, 51.6], [-0.2, 51.5]]]
        data = service_data(ours, catchment=json.dumps({"type": "Polygon", "coordinates": bow}))
        response = signed_in(ours.insider).post(url("service", "add"), data, follow=True)
        assert "crossed itself" in response.text
        assert Service.objects.latest("pk").catchment.valid

    def test_a_shape_elsewhere_is_refused_with_the_reason(self, ours, signed_in):
        at_zero = [[[0, 0], [1, 1], [1, 0], [0, 0]]]
        data = service_data(ours, catchment=json.dumps({"type": "Polygon", "coordinates": at_zero}))
        response = signed_in(ours.insider).post(url("service", "add"), data)
        assert "lies outside Ours area, about 3,4" in response.context["adminform"].form.errors["catchment"][0]

    @pytest.mark.parametrize(
        "text", ["{", "[]", "{}", "null", '{"type": "Point"}', '{"type":"Point","coordinates":[0]}']
    )
    def test_what_is_no_shape_is_refused_and_kept_for_mending(self, text, ours, signed_in):
        response = signed_in(ours.insider).post(url("service", "add"), service_data(ours, catchment=text))
        assert response.context["adminform"].form.errors["catchment"]
        assert response.context["adminform"].form["catchment"].value() == text
