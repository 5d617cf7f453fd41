"""People and users: who changes them, and what the log keeps."""

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from backoffice.tests.forms import url
from referrals.models import Person, User

pytestmark = pytest.mark.django_db


class TestPeople:
    def test_an_operator_corrects_and_the_log_keeps_no_name(self, ours, signed_in):
        person = ours.referral.person
        data = {"name": "Right Name", "age_given": 41, "postcode": "NW5 2AA", "options": [ours.option.pk]}
        assert signed_in(ours.coordinator).post(url("person", "change", person.pk), data).status_code == 403
        client = signed_in(User.objects.create_superuser("operator@example.org"))
        assert client.post(url("person", "change", person.pk), data).status_code == 302
        person = Person.objects.get(pk=person.pk)
        assert (person.name, person.age_given, person.age_given_on) == ("Right Name", 41, timezone.localdate())
        assert LogEntry.objects.get().object_repr == f"Person {person.pk}"

    def test_an_operator_corrects_a_babys_age_in_months(self, ours, signed_in):
        person = ours.referral.person
        client = signed_in(User.objects.create_superuser("operator@example.org"))
        data = {"name": "Right Name", "age_given": 40, "months_given": 18, "postcode": "NW5 2AA"}
        assert client.post(url("person", "change", person.pk), data).status_code == 302
        person = Person.objects.get(pk=person.pk)
        assert (person.age_given, person.months_given, person.age_in_words(timezone.localdate())) == (
            1,
            18,
            "18 months",
        )
        client.post(url("person", "change", person.pk), data | {"age_given": 3})
        person = Person.objects.get(pk=person.pk)
        assert (person.age_given, person.months_given) == (3, None)

    def test_an_organisation_reads_and_cannot_change(self, ours, signed_in):
        address = url("person", "change", ours.referral.person_id)
        client = signed_in(ours.insider)
        assert "SECRET ADDRESS" in client.get(address).text
        assert client.post(address, {"name": "Wrong"}).status_code == 403


class TestUsers:
    def test_only_operators_change_anybody(self, ours, signed_in):
        address = url("user", "change", ours.insider.pk)
        data = {"name": "Renamed", "email": "new@example.org"}
        assert signed_in(ours.coordinator).post(address, data).status_code == 403
        operator = signed_in(User.objects.create_superuser("operator@example.org", "the operator's password"))
        data |= {"your_password": "the operator's password", "is_active": "on", "is_staff": "on"}
        weak = operator.post(address, data | {"new_password": "short"})
        assert "new_password" in weak.context["adminform"].form.errors
        data |= {"new_password": "a long enough password"}
        assert operator.post(address, data).status_code == 302
        user = User.objects.get(pk=ours.insider.pk)
        assert (user.name, user.check_password("a long enough password"), user.is_superuser) == ("Renamed", True, False)

    def test_nobody_sees_a_password_hash(self, ours, signed_in):
        operator = User.objects.create_superuser("operator@example.org", "a long enough password")
        text = signed_in(operator).get(url("user", "change", operator.pk)).text
        assert operator.password not in text
