"""How it is safe to get in touch is shown wherever a phone number or an e-mail address is, and to nobody else."""

import pytest
from django.urls import reverse

from backoffice.tests.test_downloads import rows
from referrals import workflow
from referrals.enums import Accommodation, ContactSafety
from referrals.models import Notification
from referrals.models.safe_contact import SafeContact
from referrals.tests.worlds import live_on, only_strand

pytestmark = pytest.mark.django_db

UNSAFE = SafeContact(ContactSafety.UNSAFE, ContactSafety.UNSAFE, ContactSafety.SAFE, others="her husband")
MAYA = workflow.PersonDetails(
    name="Maya Ferreira",
    phone="07700 900123",
    email="maya@example.org",
    safe_contact=UNSAFE,
    accommodation=Accommodation.SOFA_SURFING,
)
IN_WORDS = "Not safe to ring or write. Safe to leave a message."


def test_an_organisation_is_warned_and_offered_no_link_that_rings_or_writes(world, signed_in):
    referral = world.submit(person=MAYA)
    page = signed_in(world.owners[0]).get(referral.get_absolute_url(), follow=True).text
    for words in (IN_WORDS, "her husband", "Not safe to ring</span> 07700 900123", "Not safe to write</span> maya@"):
        assert words in page
    assert "tel:07700" not in page
    assert "mailto:maya" not in page
    assert "Sofa surfing" in page


def test_what_is_safe_has_its_links(world, signed_in):
    safe = SafeContact(ring=ContactSafety.SAFE)
    person = workflow.PersonDetails(name="Maya", phone="07700 900123", email="maya@example.org", safe_contact=safe)
    page = signed_in(world.owners[0]).get(world.submit(person=person).get_absolute_url(), follow=True).text
    for words in ("Safe to ring.", 'href="tel:07700900123"', 'href="mailto:maya@example.org"'):
        assert words in page


def test_others_of_the_network_read_none_of_it(world, signed_in):
    referral = world.submit(person=MAYA)
    page = signed_in(world.owners[1]).get(referral.get_absolute_url(), follow=True).text
    assert "Maya Ferreira" in page
    for words in ("Not safe", "her husband", "Sofa surfing"):
        assert words not in page


def test_whoever_accepts_is_told_at_once(world, signed_in):
    referral = world.submit(person=MAYA)
    offer = live_on(only_strand(referral))
    address = reverse("backoffice:workspace_accept", args=[referral.reference, offer.pk])
    assert f"You can now get in touch. {IN_WORDS}" in signed_in(world.owners[0]).post(address, follow=True).text


def test_the_history_and_the_outbox_say_that_no_message_went_to_the_person(world, signed_in):
    referral = world.submit(person=MAYA)
    client = signed_in(world.coordinator)
    words = "No message: writing to them is not safe"
    assert f"sent the referral. {words}" in client.get(referral.get_absolute_url(), follow=True).text
    unsent = Notification.objects.get(event__referral=referral, kind="person_told")
    assert words in client.get(reverse("backoffice:referrals_notification_change", args=[unsent.pk])).text


def test_a_download_has_it_in_words(world, signed_in):
    referral = world.submit(person=MAYA)
    address = reverse("backoffice:workspace_download", args=[referral.reference])
    (row,) = rows(signed_in(world.owners[0]).get(address))
    assert row["Safe to get in touch"] == IN_WORDS
    assert row["Who else may see or hear it"] == "her husband"
    assert row["Where they sleep, without a home"] == Accommodation.SOFA_SURFING.label
