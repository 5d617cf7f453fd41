"""The page of a sent referral: what happens next and by when, and the link by which the referrer sees it later."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from referrals import workflow
from referrals.models import Category, Event, Person, Referral, ReferralLink
from referrals.referral_form.progress import JUST_SENT, kept_url, sent_url
from referrals.tests import factories as f
from referrals.tests.referral_form.browsing import Inspector
from referrals.tests.referral_form.referrer import SEND, Referrer

SHOW = "Show how it stands"


def send(northside, *needs: str) -> Referrer:
    return northside.refer_to_consent(*needs).choose("Maya agrees").press(SEND)


def test_the_page_of_a_sent_referral_follows_it_and_ends_with_it(northside):
    northside.service("Kilburn Pantry", northside.parcels)
    referrer = northside.refer_to_consent().choose("Maya agrees").press(SEND)
    referral = Referral.objects.get()
    address = sent_url(referral)
    assert "If it can't help, the coordinators of Northside Network are told at once." in referrer.text
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        assert Referrer(address).response.status_code == 410
    assert Referrer(sent_url(Referral(pk=0))).response.status_code == 404


def test_the_page_of_a_sent_referral_says_who_accepted_and_when_it_is_finished(northside):
    service = northside.service("Kilburn Pantry", northside.parcels)
    user = f.OrganisationMemberFactory(organisation=service.organisation).user
    northside.refer_to_consent().choose("Maya agrees").press(SEND)
    referral = Referral.objects.get()
    assignment = referral.strands.get().assignments.get()
    workflow.accept(assignment.pk, actor=user)
    referrer = Referrer(sent_url(referral))
    assert "Kilburn Pantry has said yes. It gets in touch directly." in referrer.text
    workflow.close(assignment.strand_id, actor=user, outcome="supported")
    assert "This is finished." in Referrer(sent_url(referral)).text


def test_the_page_of_a_sent_referral_says_that_the_answer_is_late_and_that_the_coordinators_know(northside):
    northside.service("Kilburn Pantry", northside.parcels)
    northside.refer_to_consent().choose("Maya agrees").press(SEND)
    referral = Referral.objects.get()
    assignment = referral.strands.get().assignments.get()
    workflow.remind(assignment.pk, at=assignment.remind_at)
    workflow.lapse(assignment.pk, at=assignment.lapse_at + timedelta(days=1))
    text = Referrer(sent_url(referral)).text
    assert "Kilburn Pantry was asked and has not answered in time." in text
    assert "It still can, and the coordinators of Northside Network know." in text
    assert "should answer by" not in text


def test_later_the_page_leads_to_no_partners_link_and_is_framed_nowhere(northside):
    link = ReferralLink.objects.create(network=northside.network, name="Desk", embed_origins="https://www.example.org")
    send(northside)
    Referral.objects.update(referral_link=link)
    referral = Referral.objects.get()
    for referrer in (Referrer(kept_url(referral) + "?embed=1"), Referrer(kept_url(referral)).press(SHOW)):
        assert link.token not in referrer.response.text
        assert referrer.response["X-Frame-Options"] == "DENY"
    assert link.token in Referrer(sent_url(referral)).response.text


def test_a_page_that_was_kept_and_sent_again_leads_to_the_link_that_ends(northside):
    referrer = northside.refer_to_consent().choose("Maya agrees")
    page, fields = referrer.page, referrer.fields.copy()
    referrer.press(SEND)
    referrer.page, referrer.fields = page, fields
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert SHOW in referrer.press(SEND).text


def test_the_network_that_is_asked_for_what_is_sensitive_is_not_named_later(northside):
    law = northside.link_network("Refuge Network")
    refuge = f.CategoryFactory(network=law, name="A safe place", is_sensitive=True)
    referrer = northside.refer_to_needs(networks=[law.pk]).fill(needs=[northside.parcels.pk, refuge.pk])
    referrer.press("Continue").press(referrer.all(".actions .button")[0]).choose("Maya agrees").press(SEND)
    assert "Refuge Network" in referrer.text
    later = Referrer(kept_url(Referral.objects.get())).press(SHOW)
    assert "Refuge Network" not in later.response.text
    assert len(later.page.select(".strand")) == 2


@pytest.mark.parametrize(
    ("is_urgent", "is_public", "is_confidential", "is_shown"),
    [(True, True, False, True), (False, True, False, False), (True, False, False, False), (True, True, True, False)],
)
def test_of_an_urgent_referral_the_organisations_public_phone_is_shown(
    northside, is_urgent, is_public, is_confidential, is_shown
):
    asked = northside.service("Kilburn Pantry", northside.parcels, phone="020 7946 0055", is_public=is_public)
    f.VenueFactory(organisation=asked.organisation, is_confidential=is_confidential)
    send(northside)
    Referral.objects.update(is_urgent=is_urgent)
    referrer = Referrer(sent_url(Referral.objects.get()))
    assert bool(referrer.page.select('a[href="tel:02079460055"]')) is is_shown
    assert ("If it cannot wait, ring Kilburn Pantry:" in referrer.text) is is_shown


@pytest.mark.parametrize(
    ("is_urgent", "details", "is_first"),
    [(True, "", True), (False, "He said he would hit me.", True), (False, "Bread.", False)],
)
def test_whom_to_ring_comes_first_where_it_cannot_wait(northside, monkeypatch, is_urgent, details, is_first):
    monkeypatch.setattr(
        "referrals.referral_form.sent.tells_of_danger", lambda *texts: any("hit" in text for text in texts)
    )
    send(northside)
    Referral.objects.update(is_urgent=is_urgent, details=details)
    referral = Referral.objects.get()
    headings = Referrer(sent_url(referral)).all("h2")
    assert headings.index("If it cannot wait, ring now") == (0 if is_first else 1)
    assert headings.count("If it cannot wait, ring now") == 1
    # By the link, nobody reads off the page that it is urgent.
    later = Referrer(kept_url(referral)).press("Show how it stands")
    assert later.all("h2")[1] == "If it cannot wait, ring now"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "maya@example.org"}, "We write to your e-mail address once somebody is asked"),
        ({"email": "maya@example.org", "safe_to_write": "unsafe"}, "gets in touch with you as you said is safe."),
        ({"phone": "07700 900123"}, "An organisation that says yes gets in touch with you by phone."),
        ({"phone": ""}, "gets in touch with you in the way you wrote down."),
    ],
)
def test_who_asks_for_themselves_is_told_how_they_will_hear(northside, fields, said):
    referrer = northside.refer_to_needs(for_whom="self", source_name="", source_organisation="", source_email="")
    referrer.choose("Food parcels").press("Continue").press("Continue to the coordinators")
    referrer.choose("I agree").press(SEND)
    Person.objects.update(**fields)
    text = Referrer(sent_url(Referral.objects.get())).text
    assert said in text
    assert ("e-mail" in text) is said.startswith("We write")
    assert "the person" not in text


def test_a_referrer_is_told_how_the_person_will_hear_and_how_to_correct_something(northside):
    text = send(northside).text
    assert "An organisation that says yes gets in touch with the person by phone." in text
    assert "Is something wrong, or has it changed? Tell the coordinators of Northside Network: " in text
    assert northside.network.email in text
    Person.objects.update(email="maya@example.org")
    text = Referrer(sent_url(Referral.objects.get())).text
    assert "We write to the person's e-mail address once somebody is asked" in text
    assert "names neither them nor you" in text


def test_the_link_to_keep_is_discreet_from_the_first_minute(northside):
    northside.service("Kilburn Pantry", northside.parcels)
    Category.objects.filter(pk=northside.parcels.pk).update(is_sensitive=True)
    link = send(northside).page.find(id="status-link").get_text().removeprefix("http://testserver")
    referrer = Referrer(link)
    assert "Kilburn Pantry" not in referrer.text
    text = referrer.press("Show how it stands").text
    assert not [word for word in ("Kilburn", "parcels", "e-mail address", "by phone") if word in text]


def test_each_part_says_who_is_asked_for_what_and_what_comes_after_a_refusal(northside):
    service = northside.service("Kilburn Pantry", northside.parcels)
    user = f.OrganisationMemberFactory(organisation=service.organisation).user
    text = send(northside).text
    assert "If it does not answer by then, it is reminded, and 2 days later the coordinators" in text
    referral = Referral.objects.get()
    workflow.reject(referral.strands.get().assignments.get().pk, actor=user, reason="no_room")
    assert "Nobody who was asked can help. The coordinators of Northside Network have been told" in (
        Referrer(sent_url(referral)).text
    )


def test_each_of_several_parts_says_what_it_asks_for_until_others_may_read_it(northside):
    law = northside.link_network("Northside Law")
    f.CategoryFactory(network=law, name="Legal advice")
    northside.service("Kilburn Pantry", northside.parcels)
    referrer = northside.fill_in_person().choose("Northside Law").press("Continue")
    referrer.choose("Food parcels", "Legal advice").press("Continue").press("Continue")
    referrer.choose("Maya agrees").press(SEND)
    assert referrer.all(".strand h3") == ["Food parcels Northside Network", "Legal advice Northside Law"]
    address = sent_url(Referral.objects.get())
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        later = Referrer(address).press("Show how it stands")
    assert later.all(".strand h3") == ["Part 1 of 2: Northside Network", "Part 2 of 2: Northside Law"]
    assert "The coordinators of Northside Law have been told and are looking for help." in later.text


class TestTheLinkLater:
    @pytest.fixture
    def address(self, northside) -> str:
        northside.service("Kilburn Pantry", northside.parcels)
        send(northside)
        return sent_url(Referral.objects.get())

    @pytest.fixture
    def later(self, address):
        with time_machine.travel(timezone.now() + JUST_SENT + timedelta(minutes=1)) as travel:
            yield travel

    def test_opening_it_tells_nothing_and_uses_nothing_up_and_its_button_shows_how_it_stands(self, address, later):
        for _ in range(3):
            referrer = Referrer(address)
            assert "Kilburn Pantry" not in referrer.text
        assert Referral.objects.get().status_openings == 0
        referrer.press("Show how it stands")
        assert (referrer.title, "Kilburn Pantry" in referrer.text) == ("How the referral stands", True)
        assert Referral.objects.get().status_openings == 1
        assert Event.objects.filter(kind="submitted").count() == 1

    def test_nobody_learns_from_it_what_is_needed(self, northside, address, later):
        northside.service("Advice Shop", northside.debt)
        text = Referrer(address).press("Show how it stands").text
        assert not [word for word in ("Maya", "parcels", "07700", "NW5") if word in text]

    def test_nor_of_an_organisation_whose_name_tells_it(self, northside, address, later):
        Category.objects.filter(pk=northside.parcels.pk).update(is_sensitive=True)
        text = Referrer(address).press("Show how it stands").text
        assert "Kilburn Pantry" not in text
        assert "An organisation has been asked and should answer by" in text

    def test_it_shows_so_often_and_then_says_how_to_ask(self, address, later, settings):
        settings.REFERRAL_STATUS_OPENINGS = 2
        pages = [Referrer(address) for _ in range(3)]  # three open it before anybody presses
        titles = [page.press("Show how it stands").title for page in pages]
        closed = "This link no longer shows how the referral stands"
        assert titles == ["How the referral stands", "How the referral stands", closed]
        again = Referrer(address)
        assert (again.title, again.response.status_code) == (closed, 410)
        assert Referral.objects.get().reference in again.text
        assert "give the reference" in again.text

    def test_it_ends_after_its_days(self, address, later, settings):
        later.shift(timedelta(days=settings.REFERRAL_STATUS_DAYS))
        assert Referrer(address).response.status_code == 410

    def test_the_database_counts_no_further(self, address):
        with pytest.raises(IntegrityError, match="referral_status_opened_at_most"):
            Referral.objects.update(status_openings=1001)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [390, 1280])
def test_the_link_is_accessible_in_each_of_its_states_and_the_reference_is_copied(
    live_server, new_context, northside, width
):
    northside.service("Kilburn Pantry", northside.parcels)
    send(northside)
    referral = Referral.objects.get()
    page = new_context(viewport={"width": width, "height": 800}, permissions=["clipboard-read"]).new_page()
    inspector = Inspector(page)
    with time_machine.travel(timezone.now() - JUST_SENT - timedelta(minutes=1), tick=True):
        address = live_server.url + sent_url(referral)
    page.goto(address)
    inspector.look("with a button")
    page.get_by_role("button", name="Show how it stands").click()
    page.get_by_role("heading", name="How the referral stands").wait_for()
    inspector.look("how it stands")
    page.get_by_role("button", name="Copy the reference").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == referral.reference
    Referral.objects.update(status_openings=1000)
    page.goto(address)
    inspector.look("expired")
    assert [problem for problem in inspector.found if "410 (Gone)" not in problem] == []
