"""What organisations and coordinators do from the screen: each verb, its message, its refusals, its walls."""

import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from backoffice.tests.verbs import address, messages_of
from referrals import workflow
from referrals.enums import AssignmentStatus, Outcome, StrandStatus
from referrals.models import AccessRecord, Assignment, Note, Notification, Referral, Strand
from referrals.references import new_reference
from referrals.tests import factories as f
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db


def test_choosing_by_reasons_that_speak_of_the_person_is_written_down(world, signed_in):
    referral = world.submit(services=world.services[:1])
    assign = reverse("backoffice:workspace_assign", args=[referral.reference, only_strand(referral).pk])
    assert signed_in(world.coordinator).get(assign).status_code == 200
    assert [record.user for record in AccessRecord.objects.all()] == [world.coordinator]


ON_ASSIGNMENTS = ["accept", "reject", "waiting_list", "split", "refer_on", "withdraw", "remind"]
ON_STRANDS = ["close", "assign", "reopen"]
POST_ONLY = ["accept", "withdraw", "reopen", "remind"]


def text_without_token(response) -> str:
    """Return the page without the one thing in it that differs each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", response.text)


def back_to(referral: Referral) -> str:
    return f"{reverse('backoffice:referrals')}?view={referral.reference}"


@pytest.fixture
def referral(world) -> Referral:
    return world.submit()


class TestTheOrganisation:
    def test_accepts_with_one_click(self, world, referral, signed_in):
        offer = live_on(only_strand(referral))
        response = signed_in(world.owners[0]).post(address("accept", referral, offer.pk), follow=True)
        assert messages_of(response) == [
            ("success", "You accepted both needs of Maya Ferreira. You can now get in touch."),
        ]
        assert live_on(only_strand(referral)).status == AssignmentStatus.ACCEPTED

    def test_accepting_twice_is_explained_not_refused(self, world, referral, signed_in):
        offer, client = live_on(only_strand(referral)), signed_in(world.owners[0])
        client.post(address("accept", referral, offer.pk), follow=True)
        response = client.post(address("accept", referral, offer.pk), follow=True)
        told = "You have accepted this. It was done once, however often you pressed."
        assert messages_of(response) == [("info", told)]
        colleague = f.OrganisationMemberFactory(organisation=world.organisations[0]).user
        response = signed_in(colleague).post(address("accept", referral, offer.pk), follow=True)
        assert messages_of(response) == [("info", f"{world.organisations[0]} has accepted this already.")]

    def test_a_note_sent_twice_is_there_once(self, world, referral, signed_in):
        client = signed_in(world.owners[0])
        for _ in range(2):
            response = client.post(address("note", referral), {"text": "Rang twice."}, follow=True)
        assert messages_of(response) == [("info", "Your note was added. It is there once, however often you pressed.")]
        assert Note.objects.count() == 1

    def test_comes_back_to_the_list_as_it_was(self, world, referral, signed_in):
        offer = live_on(only_strand(referral))
        url = f"{address('accept', referral, offer.pk)}?tab=all&q=maya&page=1"
        response = signed_in(world.owners[0]).post(url)
        assert response.headers["Location"] == (
            f"/backoffice/referrals/?tab=all&q=maya&page=1&view={referral.reference}#viewing"
        )

    def test_rejects_and_is_told_who_is_asked_next(self, world, referral, signed_in):
        offer, client = live_on(only_strand(referral)), signed_in(world.owners[0])
        url = address("reject", referral, offer.pk)
        assert "The next organisation on the list is asked at once" in client.get(url).text
        response = client.post(url, {"reason": "not_offered", "note": "Try the pantry"}, follow=True)
        assert messages_of(response) == [("success", f"You rejected this. {world.organisations[1]} has been asked.")]
        offer.refresh_from_db()
        assert (offer.reject_reason, offer.note_for_next) == ("not_offered", "Try the pantry")

    def test_a_rejection_needs_a_reason(self, world, referral, signed_in):
        offer = live_on(only_strand(referral))
        response = signed_in(world.owners[0]).post(address("reject", referral, offer.pk), {"reason": ""})
        assert response.status_code == 200
        assert response.context["form"].errors == {"reason": ["Please choose one."]}
        assert live_on(only_strand(referral)) == offer

    def test_lowers_its_capacity_when_there_is_no_room(self, world, referral, signed_in):
        offer, client = live_on(only_strand(referral)), signed_in(world.owners[0])
        data = {"reason": "no_room", "capacity": "3"}
        response = client.post(address("reject", referral, offer.pk), data, follow=True)
        assert messages_of(response)[0][1].endswith("now takes 3 at a time.")
        offer.service.refresh_from_db()
        assert (offer.service.capacity, offer.service.capacity_set_on) == (3, timezone.localdate())

    def test_keeps_its_capacity_when_the_reason_is_another(self, world, referral, signed_in):
        offer = live_on(only_strand(referral))
        signed_in(world.owners[0]).post(address("reject", referral, offer.pk), {"reason": "other", "capacity": "3"})
        offer.service.refresh_from_db()
        assert offer.service.capacity == 10

    def test_the_last_rejection_tells_the_coordinator(self, world, signed_in):
        referral = world.submit(services=world.services[:1])
        offer = live_on(only_strand(referral))
        response = signed_in(world.owners[0]).post(
            address("reject", referral, offer.pk), {"reason": "other"}, follow=True
        )
        assert messages_of(response) == [
            ("success", "You rejected this. The coordinator has been told: nobody is left on the list."),
        ]

    def test_splits(self, world, referral, signed_in):
        offer, client = live_on(only_strand(referral)), signed_in(world.owners[0])
        url = address("split", referral, offer.pk)
        page = client.get(url)
        assert world.organisations[1].name in page.text
        assert "Meets both needs" in page.text
        data = {"keep": [world.needs[0].pk], "service": world.services[2].pk}
        response = client.post(url, data, follow=True)
        kept, third = world.needs[0].name.lower(), world.organisations[2]
        assert messages_of(response) == [("success", f"You accepted {kept}. For the rest: {third} has been asked.")]
        assert Strand.objects.filter(referral=referral).count() == 2

    @pytest.mark.parametrize(
        ("keep", "chosen", "complaint"),
        [([], "service", "Tick the needs you keep"), ("all", "service", "accept instead"), ([0], "", "who should be")],
    )
    def test_a_split_needs_something_to_keep_and_somebody_for_the_rest(
        self, keep, chosen, complaint, world, referral, signed_in
    ):
        offer = live_on(only_strand(referral))
        needs = world.needs if keep == "all" else [world.needs[index] for index in keep]
        data = {"keep": [need.pk for need in needs], **({chosen: world.services[1].pk} if chosen else {})}
        response = signed_in(world.owners[0]).post(address("split", referral, offer.pk), data)
        assert complaint in response.text
        assert Strand.objects.filter(referral=referral).count() == 1

    def test_refers_on_to_a_chosen_organisation(self, world, referral, signed_in):
        offer, client = live_on(only_strand(referral)), signed_in(world.owners[0])
        workflow.accept(offer.pk, actor=world.owners[0])
        data = {"service": world.services[2].pk}
        response = client.post(address("refer_on", referral, offer.pk), data, follow=True)
        assert messages_of(response) == [("success", f"You referred this on. {world.organisations[2]} has been asked.")]

    def test_refers_on_to_the_coordinator(self, world, referral, signed_in):
        offer = live_on(only_strand(referral))
        workflow.accept(offer.pk, actor=world.owners[0])
        url = address("refer_on", referral, offer.pk)
        signed_in(world.owners[0]).post(url, {"service": "coordinator"})
        assert only_strand(referral).status == StrandStatus.WITH_COORDINATOR

    def test_can_choose_an_organisation_that_was_not_suggested(self, world, referral, signed_in):
        unsuited = world.add_organisation(catchment=None)
        unsuited.categories.clear()
        offer, client = live_on(only_strand(referral)), signed_in(world.owners[0])
        workflow.accept(offer.pk, actor=world.owners[0])
        url = address("refer_on", referral, offer.pk)
        assert unsuited.organisation.name in client.get(url).text
        client.post(url, {"other": unsuited.pk})
        assert live_on(only_strand(referral)).service == unsuited

    def test_cannot_choose_a_service_of_another_network(self, world, referral, signed_in):
        stranger = World().services[0]
        offer = live_on(only_strand(referral))
        workflow.accept(offer.pk, actor=world.owners[0])
        for field in ("service", "other"):
            response = signed_in(world.owners[0]).post(address("refer_on", referral, offer.pk), {field: stranger.pk})
            assert response.context["form"].errors
        assert live_on(only_strand(referral)) == offer

    def test_closes_with_an_outcome(self, world, referral, signed_in):
        strand = only_strand(referral)
        workflow.accept(live_on(strand).pk, actor=world.owners[0])
        url = address("close", referral, strand.pk)
        response = signed_in(world.owners[0]).post(url, {"outcome": "supported"}, follow=True)
        assert messages_of(response) == [("success", "Closed: supported.")]
        assert only_strand(referral).outcome == Outcome.SUPPORTED

    def test_leaves_words_for_whoever_comes_next(self, world, referral, signed_in):
        strand, client = only_strand(referral), signed_in(world.owners[0])
        case = live_on(strand)
        workflow.accept(case.pk, actor=world.owners[0])
        data = {"service": world.services[2].pk, "note": "Rang three times, in vain."}
        client.post(address("refer_on", referral, case.pk), data)
        third = signed_in(world.owners[2])
        page = third.get("/backoffice/referrals/", {"view": referral.reference}).text
        assert "referred it on. “Rang three times, in vain.”" in page
        workflow.accept(live_on(strand).pk, actor=world.owners[2])
        third.post(address("close", referral, strand.pk), {"outcome": "supported", "note": "Has a place now."})
        page = signed_in(world.coordinator).get("/backoffice/referrals/", {"view": referral.reference}).text
        assert "closed the case: supported. “Has a place now.”" in page

    def test_still_reads_its_own_answer_and_nothing_else_of_it(self, world, referral, signed_in):
        client, offer = signed_in(world.owners[0]), live_on(only_strand(referral))
        client.post(address("reject", referral, offer.pk), {"reason": "no_room", "note": "Full until June."})
        page = client.get("/backoffice/referrals/", {"view": referral.reference}).text
        today = date_format(timezone.localdate(), "j F")
        assert f"On {today} you rejected this: no room. “Full until June.”" in page
        assert "07700 900123" not in page
        others = signed_in(world.owners[2]).get("/backoffice/referrals/", {"view": referral.reference}).text
        assert "Full until June." not in others

    def test_is_led_to_pass_on_what_its_service_does_not_offer(self, world, referral, signed_in):
        offer = live_on(only_strand(referral))
        food, debt = world.needs
        offer.service.categories.set([food])
        world.services[1].categories.set([food])
        client = signed_in(world.owners[0])
        page = BeautifulSoup(client.get("/backoffice/referrals/", {"view": referral.reference}).text, "html.parser")
        (lead, accept, *_) = page.select('[aria-label="Your answer"] .button')
        assert lead.get_text() == f"Accept {food.name.lower()}, pass on {debt.name.lower()}"
        assert "quiet" in accept["class"]
        choices = BeautifulSoup(client.get(lead["href"]).text, "html.parser")
        assert [box["value"] for box in choices.select('[name="keep"][checked]')] == [str(food.pk)]
        named = [option.b.get_text() for option in choices.select("fieldset > .candidate")]
        assert named == [world.organisations[2].name]  # the other offers nothing of what is passed on
        client.post(lead["href"], {"keep": [food.pk], "service": world.services[2].pk})
        assert {strand.status for strand in referral.strands.all()} == {"placed", "seeking"}

    def test_adds_a_note_in_its_own_name(self, world, referral, signed_in):
        url = address("note", referral)
        response = signed_in(world.owners[2]).post(url, {"text": "We know this family"}, follow=True)
        assert messages_of(response) == [("success", "Your note was added.")]
        note = Note.objects.get()
        assert (note.text, note.organisation, note.author) == (
            "We know this family",
            world.organisations[2],
            world.owners[2],
        )

    def test_an_empty_note_is_refused(self, world, referral, signed_in):
        page = signed_in(world.owners[0]).post(address("note", referral), {"text": "  "})
        refusal = BeautifulSoup(page.text, "html.parser").select_one(".note-form .errorlist")
        assert refusal.get_text(strip=True) == "Please write something first."
        assert not Note.objects.exists()


class TestTheCoordinator:
    def test_answers_for_an_organisation_and_is_told_for_which(self, world, referral, signed_in):
        client, offer = signed_in(world.coordinator), live_on(only_strand(referral))
        page = client.get("/backoffice/referrals/", {"view": referral.reference})
        assert f"You answer for {world.organisations[0]}" in page.text
        response = client.post(address("accept", referral, offer.pk), follow=True)
        assert messages_of(response)[0][1].startswith(f"{world.organisations[0]} accepted both needs")

    def test_has_an_organisation_reminded_at_once(self, world, signed_in):
        referral = world.submit(at=timezone.now() - timedelta(days=9))
        client, offer = signed_in(world.coordinator), live_on(only_strand(referral))
        workflow.remind(offer.pk)
        workflow.lapse(offer.pk, at=timezone.now() + timedelta(days=9))
        Assignment.objects.update(reminded_at=timezone.now() - timedelta(hours=2))
        page = client.get(back_to(referral))
        url = address("remind", referral, offer.pk)
        assert url in page.text
        assert f"No answer: {world.organisations[0]}" in page.text
        page = client.post(url, follow=True)
        assert messages_of(page) == [("success", f"{world.organisations[0]} is being reminded by e-mail.")]
        assert f"Asked: {world.organisations[0]}" in page.text
        offer.refresh_from_db()
        assert offer.lapse_at > timezone.now()
        assert workflow.lapse(offer.pk, at=offer.lapse_at)
        told = Notification.objects.filter(kind="organisation_reminded").values_list("recipient", flat=True)
        assert list(told) == [world.organisations[0].email] * 2
        page = client.post(url, follow=True)
        assert messages_of(page) == [
            ("info", f"{world.organisations[0]} has been written to within the last hour."),
        ]

    def test_assigns_and_reassigns(self, world, signed_in):
        referral = world.submit(services=[])
        strand, client = only_strand(referral), signed_in(world.coordinator)
        url = address("assign", referral, strand.pk)
        assert "Choose an organisation" in client.get(url).text
        client.post(url, {"service": world.services[0].pk})
        assert live_on(strand).organisation == world.organisations[0]
        assert f"{world.organisations[0]} has been asked" in client.get(url).text
        response = client.post(url, {"service": world.services[1].pk}, follow=True)
        assert messages_of(response) == [("success", f"{world.organisations[1]} has been asked.")]

    def test_withdraws(self, world, referral, signed_in):
        offer = live_on(only_strand(referral))
        response = signed_in(world.coordinator).post(address("withdraw", referral, offer.pk), follow=True)
        told = "The coordinator has been told: the offer was withdrawn."
        assert messages_of(response) == [("success", f"This was taken away from {world.organisations[0]}. {told}")]

    def test_takes_somebody_off_the_list(self, world, referral, signed_in):
        queued = Assignment.objects.get(strand__referral=referral, service=world.services[2])
        signed_in(world.coordinator).post(address("withdraw", referral, queued.pk))
        queued.refresh_from_db()
        assert queued.status == AssignmentStatus.WITHDRAWN
        assert live_on(only_strand(referral)).organisation == world.organisations[0]

    def test_closes_and_reopens(self, world, referral, signed_in):
        strand, client = only_strand(referral), signed_in(world.coordinator)
        client.post(address("close", referral, strand.pk), {"outcome": "no_longer_needed"}, follow=True)
        assert only_strand(referral).status == StrandStatus.CLOSED
        response = client.post(address("reopen", referral, strand.pk), follow=True)
        assert messages_of(response) == [
            ("success", "This is open again, and with you: choose an organisation for it.")
        ]
        assert only_strand(referral).status == StrandStatus.WITH_COORDINATOR


class TestRefusals:
    def test_another_organisation_of_the_network_can_do_none_of_it(self, world, referral, signed_in):
        offer, strand, client = live_on(only_strand(referral)), only_strand(referral), signed_in(world.owners[1])
        data = {"reason": "other", "keep": [world.needs[0].pk], "service": world.services[2].pk, "outcome": "supported"}
        for action in ON_ASSIGNMENTS:
            response = client.post(address(action, referral, offer.pk), data, follow=True)
            assert messages_of(response)[0][0] == "error", action
        for action in ON_STRANDS:
            response = client.post(address(action, referral, strand.pk), data, follow=True)
            assert messages_of(response)[0][0] == "error", action
        assert live_on(only_strand(referral)).status == AssignmentStatus.OFFERED

    def test_the_screen_offers_them_no_button(self, world, referral, signed_in):
        text = signed_in(world.owners[1]).get("/backoffice/referrals/", {"view": referral.reference}).text
        assert not any(f"/{action.replace('_', '-')}/" in text for action in (*ON_ASSIGNMENTS, *ON_STRANDS))

    def test_a_form_sent_too_late_is_answered_with_what_has_become_of_the_offer(self, world, referral, signed_in):
        offer, client = live_on(only_strand(referral)), signed_in(world.owners[0])
        workflow.withdraw(offer.pk, actor=world.coordinator)
        url = address("reject", referral, offer.pk)
        words = f"A coordinator has taken this away from {world.organisations[0]}."
        assert messages_of(client.get(url, follow=True)) == [("info", words)]
        assert messages_of(client.post(url, {"reason": "other"}, follow=True)) == [("info", words)]

    @pytest.mark.parametrize("action", ["reject", "waiting_list", "split", "refer_on"])
    def test_a_form_sent_empty_by_another_organisation_reveals_nothing(self, world, referral, signed_in, action):
        """The forms name services with reasons that speak of the person: they are for those who may answer."""
        url = address(action, referral, live_on(only_strand(referral)).pk)
        response = signed_in(world.owners[1]).post(url, {})
        assert response.status_code == 302
        assert world.services[2].activity.name not in response.text

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_referral_of_others_is_answered_like_one_that_does_not_exist(self, method, ours, theirs, signed_in):
        client = signed_in(ours.insider)
        own, foreign = ours.referral, theirs.referral
        unknown = Referral(reference=new_reference())
        tried = [(action, theirs.assignment.pk) for action in ON_ASSIGNMENTS]
        tried += [(action, theirs.assignment.strand_id) for action in ON_STRANDS]
        tried += [("note", None), ("download", None)]
        for action, pk in tried:
            nowhere = text_without_token(getattr(client, method)(address(action, unknown, pk)))
            for referral in (foreign, own) if pk else (foreign,):  # also a key of theirs, through a referral of ours
                response = getattr(client, method)(address(action, referral, pk), {"outcome": "supported"})
                assert response.status_code == 404
                assert text_without_token(response) == nowhere, action
        assert not Note.objects.filter(referral=foreign, author=ours.insider).exists()

    def test_every_change_is_a_post(self, world, referral, signed_in):
        offer, strand = live_on(only_strand(referral)), only_strand(referral)
        for action in POST_ONLY:
            pk = strand.pk if action in ON_STRANDS else offer.pk
            assert signed_in(world.coordinator).get(address(action, referral, pk)).status_code == 405
        assert live_on(only_strand(referral)).status == AssignmentStatus.OFFERED

    def test_the_signed_out_are_sent_to_sign_in(self, world, referral, client):
        offer = live_on(only_strand(referral))
        for action in ON_ASSIGNMENTS:
            response = client.post(address(action, referral, offer.pk))
            assert response.headers["Location"].startswith("/backoffice/login/"), action

    def test_an_overdue_answer_is_still_taken(self, world, referral, signed_in):
        offer = live_on(only_strand(referral))
        late = timezone.now() + timedelta(days=6)
        workflow.remind(offer.pk, at=late)
        workflow.lapse(offer.pk, at=late + timedelta(days=2))
        client = signed_in(world.owners[0])
        client.post(address("accept", referral, offer.pk))
        assert live_on(only_strand(referral)).status == AssignmentStatus.ACCEPTED
