"""The person's page: what an organisation keeps of those it supports, and who may read it."""

import csv
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from backoffice.tests.verbs import messages_of
from referrals import workflow
from referrals.models import AccessRecord, CaseNote, PersonTag
from referrals.tests import factories as f
from referrals.tests.threads import at_once
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(world):
    referral = world.submit()
    workflow.accept(live_on(only_strand(referral)).pk, actor=world.owners[0])
    return referral


def url(page: str, person: int, *more: int) -> str:
    return reverse(f"backoffice:person{page}", args=[person, *more])


def test_whoever_has_accepted_comes_to_the_page_from_the_referral_and_back(world, referral, signed_in):
    client = signed_in(world.owners[0])
    viewing = client.get("/backoffice/referrals/", {"view": referral.reference}).text
    assert url("", referral.person_id) in viewing
    page = client.get(url("", referral.person_id)).text
    assert "07700 900123" in page
    assert f"view={referral.reference}" in page
    assert AccessRecord.objects.filter(user=world.owners[0], screen="person", referral=referral).exists()


def test_other_referrals_are_there_as_far_as_one_may_know_of_them(world, referral, signed_in):
    foreign = World()
    others = [world.submit(services=world.services[1:]), foreign.submit()]
    for other in others:
        type(other).objects.filter(pk=other.pk).update(person=referral.person)
    page = signed_in(world.owners[0]).get(url("", referral.person_id)).text
    assert others[0].reference in page
    assert world.organisations[1].name not in page, "who has it is one of its details"
    assert others[1].reference not in page
    assert world.organisations[1].name in signed_in(world.coordinator).get(url("", referral.person_id)).text


def test_a_case_note_is_for_the_own_organisation_alone(world, referral, signed_in):
    client = signed_in(world.owners[0])
    note = {"text": "Owes the landlord £300."}
    assert messages_of(client.post(url("_note", referral.person_id), note, follow=True)) == [
        ("success", "Your case note was added."),
    ]
    again = messages_of(client.post(url("_note", referral.person_id), note, follow=True))
    assert again == [("info", "Your note was added. It is there once, however often you pressed.")]
    assert CaseNote.objects.count() == 1
    colleague = f.OrganisationMemberFactory(organisation=world.organisations[0]).user
    assert "Owes the landlord" in signed_in(colleague).get(url("", referral.person_id)).text
    page = signed_in(world.coordinator).get(url("", referral.person_id))
    assert (page.status_code, "Owes the landlord" in page.text, "Add a case note" in page.text) == (200, False, False)
    assert signed_in(world.owners[1]).get(url("", referral.person_id)).status_code == 404


def test_a_note_is_struck_through_by_its_author_alone(world, referral, signed_in):
    mine = {"organisation_id": world.organisations[0].pk, "text": "Owes the landlord £300."}
    note = workflow.add_case_note(referral.person_id, actor=world.owners[0], **mine)
    colleague = f.OrganisationMemberFactory(organisation=world.organisations[0]).user
    client, strike = signed_in(world.owners[0]), url("_strike", referral.person_id, note.pk)
    for other in (colleague, world.owners[1], world.coordinator):
        assert signed_in(other).post(strike).status_code == 404
        with pytest.raises(workflow.NotAllowed):
            workflow.strike_case_note(referral.person_id, note.pk, actor=other)
    assert strike not in signed_in(colleague).get(url("", referral.person_id)).text
    assert "Owes the landlord" in client.get(strike).text
    assert messages_of(client.post(strike, follow=True)) == [("success", "Your case note was struck through.")]
    assert messages_of(client.post(strike, follow=True)) == [
        ("info", "This case note has been struck through already."),
    ]
    page = signed_in(colleague).get(url("", referral.person_id)).text
    assert f"Struck through by {world.owners[0].get_full_name()}," in page
    assert "Owes the landlord" not in page
    with pytest.raises(IntegrityError, match="case_note_says_something_unless_struck"), transaction.atomic():
        CaseNote.objects.update(text="Again")


def test_notes_come_by_twenty_newest_first(world, referral, signed_in):
    at, client = timezone.now(), signed_in(world.owners[0])
    CaseNote.objects.bulk_create(
        CaseNote(
            person=referral.person,
            organisation=world.organisations[0],
            author=world.owners[0],
            text=f"Note {number:02}.",
            created_at=at - timedelta(minutes=number // 2),
        )
        for number in range(41)
    )
    numbers, address = [], url("", referral.person_id)
    while address:
        page = BeautifulSoup(client.get(address).content, "html.parser")
        numbers.append(len(page.select(".note")))
        address = (page.select_one("a[rel=next]") or {}).get("href")
    assert numbers == [20, 20, 1]
    assert client.get(url("", referral.person_id), {"older": "9" * 30}).status_code == 200


def test_what_was_typed_is_kept_where_it_cannot_be_added(world, referral, signed_in):
    second = f.OrganisationMemberFactory(organisation=world.organisations[1], user=world.owners[0])
    other = world.submit(services=world.services[1:])
    type(other).objects.filter(pk=other.pk).update(person=referral.person)
    workflow.accept(live_on(only_strand(other)).pk, actor=second.user)
    client = signed_in(world.owners[0])
    page = client.post(url("_note", referral.person_id), {"text": "Rang twice."})
    assert "Please choose for which organisation." in page.text
    assert "Rang twice." in page.text
    client.post(url("_note", referral.person_id), {"text": "Rang twice.", "organisation": second.organisation_id})
    assert CaseNote.objects.get().organisation == second.organisation


def test_tags_are_the_organisations_activities(world, referral, signed_in):
    client, activity = signed_in(world.owners[0]), f.ActivityFactory(organisation=world.organisations[0])
    [given] = PersonTag.objects.all()
    page = client.get(url("", referral.person_id)).text
    assert f'<span class="chip need">{given.activity.name}</span>' in page
    done = client.post(url("_tag", referral.person_id), {"activity": activity.pk}, follow=True)
    assert messages_of(done) == [("success", f"The tag {activity} was put on.")]
    foreign = world.services[1].activity
    refused = client.post(url("_tag", referral.person_id), {"activity": foreign.pk})
    assert "Select a valid choice" in refused.text
    tag = PersonTag.objects.get(activity=activity)
    client.post(url("_untag", referral.person_id, tag.pk))
    again = client.post(url("_untag", referral.person_id, tag.pk), follow=True)
    assert messages_of(again)[-1] == ("info", "This tag has been taken off already.")
    assert list(PersonTag.objects.all()) == [given]


def test_others_neither_read_tags_nor_take_them_off(world, referral, signed_in):
    [tag] = PersonTag.objects.all()
    page = signed_in(world.coordinator).get(url("", referral.person_id))
    assert f'<span class="chip need">{tag.activity.name}</span>' not in page.text
    signed_in(world.coordinator).post(url("_untag", referral.person_id, tag.pk))
    assert signed_in(world.owners[1]).post(url("_untag", referral.person_id, tag.pk)).status_code == 404
    for actor in (world.coordinator, world.owners[1], world.commissioner):
        with pytest.raises(workflow.AlreadyDone):
            workflow.untag_person(referral.person_id, tag.pk, actor=actor)
        with pytest.raises(workflow.NotAllowed):
            workflow.tag_person(referral.person_id, actor=actor, activity_id=tag.activity_id)
        with pytest.raises(workflow.NotAllowed):
            workflow.add_case_note(
                referral.person_id, actor=actor, organisation_id=world.organisations[0].pk, text="Mine"
            )
    assert PersonTag.objects.filter(pk=tag.pk).exists()


def test_whoever_was_only_asked_keeps_nothing_of_the_person(world, signed_in):
    referral = world.submit()
    page = signed_in(world.owners[0]).get(url("", referral.person_id))
    assert (page.status_code, "Add a case note" in page.text) == (200, False)
    with pytest.raises(workflow.NotAllowed):
        workflow.add_case_note(
            referral.person_id, actor=world.owners[0], organisation_id=world.organisations[0].pk, text="Mine"
        )


def test_what_is_taken_away_takes_the_page_along(world, referral, signed_in):
    workflow.withdraw(live_on(only_strand(referral)).pk, actor=world.coordinator)
    assert signed_in(world.owners[0]).get(url("", referral.person_id)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_note_pressed_twice_at_once_is_there_once():
    world = World()
    referral = world.submit()
    workflow.accept(live_on(only_strand(referral)).pk, actor=world.owners[0])
    mine = {"actor": world.owners[0], "organisation_id": world.organisations[0].pk, "text": "Rang."}
    at_once(*[lambda: workflow.add_case_note(referral.person_id, **mine)] * 4)
    assert CaseNote.objects.count() == 1


def test_people_and_referrals_are_found_by_the_own_tags(world, referral, signed_in):
    other = world.submit(person=workflow.PersonDetails(name="Hana Suzuki"))
    [tag] = PersonTag.objects.all()
    client = signed_in(world.owners[0])
    people = client.get(reverse("backoffice:referrals_person_changelist"), {"tag": tag.activity_id}).text
    assert ("Maya Ferreira" in people, "Hana Suzuki" in people) == (True, False)
    assert f'<a href="{url("", referral.person_id)}">Maya Ferreira</a>' in people
    query = {"tab": "all", "tag": tag.activity_id}
    listed = client.get(reverse("backoffice:referrals"), query).context["listing"]["rows"]
    assert [row["referral"] for row in listed] == [referral]
    exported = client.get(reverse("backoffice:workspace_export", args=["csv"]), query).text
    assert (referral.reference in exported, other.reference in exported) == (True, False)


def test_people_by_tag_leave_as_a_file_that_is_recorded(world, referral, signed_in):
    world.submit(person=workflow.PersonDetails(name="Hana Suzuki"))
    [tag] = PersonTag.objects.select_related("activity")
    address = reverse("backoffice:referrals_person_download", args=["csv"])
    [line] = csv.DictReader(signed_in(world.owners[0]).get(address, {"tag": tag.activity_id}).text[1:].splitlines())
    assert [line[head] for head in ("Name", "Tags", "Phone")] == ["Maya Ferreira", tag.activity.name, "07700 900123"]
    assert AccessRecord.objects.filter(user=world.owners[0], screen="export", referral=referral).count() == 1
    everybody = signed_in(world.coordinator).get(address).text
    assert ("Hana Suzuki" in everybody, tag.activity.name in everybody) == (True, False)
    assert "Ferreira" not in signed_in(world.owners[1]).get(address).text


def test_nobody_finds_anybody_by_the_tags_of_others(world, referral, signed_in):
    [tag] = PersonTag.objects.all()
    people = signed_in(world.owners[1]).get(reverse("backoffice:referrals_person_changelist"), {"tag": tag.activity_id})
    assert "Maya Ferreira" not in people.text
    listed = signed_in(world.owners[1]).get(reverse("backoffice:referrals"), {"tab": "all", "tag": tag.activity_id})
    assert listed.context["listing"]["rows"] == []
    page = signed_in(world.coordinator).get(reverse("backoffice:referrals"))
    assert "tag" not in page.context["listing"]["filter"].form.fields


@pytest.mark.parametrize("tag", ["x", "0", "", "9" * 30])
def test_a_tag_that_is_none_finds_nobody(world, referral, signed_in, tag):
    response = signed_in(world.owners[0]).get(
        reverse("backoffice:referrals_person_changelist"), {"tag": tag}, follow=True
    )
    assert response.status_code == 200


def test_the_page_costs_the_same_at_one_and_at_three(world, referral, signed_in, django_assert_num_queries):
    client = signed_in(world.owners[0])
    client.get(url("", referral.person_id))
    for number in range(2):
        with django_assert_num_queries(QUERIES_OF_THE_PAGE):
            assert client.get(url("", referral.person_id)).status_code == 200
        other = world.submit()
        type(other).objects.filter(pk=other.pk).update(person=referral.person)
        activity = f.ActivityFactory(organisation=world.organisations[0])
        workflow.tag_person(referral.person_id, actor=world.owners[0], activity_id=activity.pk)
        mine = {"organisation_id": world.organisations[0].pk, "text": f"Note {number}"}
        workflow.add_case_note(referral.person_id, actor=world.owners[0], **mine)


QUERIES_OF_THE_PAGE = 22
