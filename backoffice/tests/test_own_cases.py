"""Who looks after a case and what is next, on the Referrals screen: for the organisation that has it alone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.tests.verbs import address, messages_of
from referrals import workflow
from referrals.enums import Outcome
from referrals.models import Assignment, Event, OrganisationMember
from referrals.tests import factories as f
from referrals.tests.worlds import World, live_on, only_strand

pytestmark = pytest.mark.django_db
SCREEN = "/backoffice/referrals/"
SECRET = "Ring the sister in Leith"


@pytest.fixture
def case(world) -> Assignment:
    return accepted(world)


def accepted(world: World) -> Assignment:
    strand = only_strand(world.submit())
    workflow.accept(live_on(strand).pk, actor=world.owners[0])
    return live_on(strand)


def plan(case: Assignment, world: World, days: int = 0) -> None:
    day = timezone.localdate() + timedelta(days=days)
    workflow.plan_next_action(case.pk, actor=world.owners[0], text=SECRET, day=day, before="")


def own(case: Assignment, action: str) -> str:
    return address(action, case.strand.referral, case.pk)


def view(client, case: Assignment, **query: str) -> str:
    return client.get(SCREEN, {"tab": "all", "view": case.strand.referral.reference, **query}).text


def listed(client, **query: object) -> list[str]:
    rows = client.get(SCREEN, {"tab": "all", **query}).context["listing"]["rows"]
    return [row["referral"].reference for row in rows]


def test_a_case_is_taken_given_to_a_colleague_and_given_back(world, case, signed_in):
    mine = OrganisationMember.objects.get(user=world.owners[0])
    colleague = f.OrganisationMemberFactory(organisation=world.organisations[0], user__name="Ada Colleague")
    client, events = signed_in(world.owners[0]), Event.objects.count()
    assert "Nobody looks after this case yet." in view(client, case)
    taken = client.post(own(case, "owner"), {"owner": mine.pk, "before": ""}, follow=True)
    assert messages_of(taken) == [("success", "You look after this case now.")]
    assert "Looked after by you" in view(client, case)
    client.post(own(case, "owner"), {"owner": colleague.pk, "before": mine.pk})
    assert "Looked after by Ada Colleague" in view(client, case)
    late = client.post(own(case, "owner"), {"owner": mine.pk, "before": mine.pk}, follow=True)
    [(tone, words)] = messages_of(late)
    assert (tone, words.startswith("Ada Colleague looks after this case.")) == ("error", True)
    back = signed_in(colleague.user).post(own(case, "owner"), {"owner": "", "before": colleague.pk}, follow=True)
    assert messages_of(back) == [("success", "Nobody looks after this case now.")]
    assert Event.objects.count() == events, "the history is read by others"


def test_what_is_next_is_planned_changed_and_done(world, case, signed_in):
    client, page = signed_in(world.owners[0]), own(case, "next_action")
    today = timezone.localdate()
    asked = client.post(page, {"text": "", "day": today - timedelta(days=1)})
    assert "Please write what is to be done." in asked.text
    assert "Please choose today or a later day." in asked.text
    done = client.post(page, {"text": SECRET, "day": today, "before": ""}, follow=True)
    assert messages_of(done)[0][0] == "success"
    assert SECRET in view(client, case)
    late = client.post(page, {"text": "Write to the landlord", "day": today, "before": ""})
    assert "A colleague has just changed this." in late.text
    assert 'value="Write to the landlord"' in late.text
    case.refresh_from_db()
    client.post(page, {"text": "Write to the landlord", "day": today, "before": case.plan})
    case.refresh_from_db()
    finished = client.post(own(case, "action_done"), {"before": case.plan}, follow=True)
    assert messages_of(finished)[-1] == ("success", "Done. Nothing else is planned for this case.")
    assert "Plan the next action" in view(client, case)


def test_what_was_typed_stays_where_the_case_was_closed_meanwhile(world, case, signed_in):
    workflow.close(case.strand_id, actor=world.coordinator, outcome=Outcome.SUPPORTED)
    typed = {"text": SECRET, "day": timezone.localdate(), "before": ""}
    page = signed_in(world.owners[0]).post(own(case, "next_action"), typed)
    assert (page.status_code, SECRET in page.text, "closed this case already" in page.text) == (200, True, True)


def test_nobody_else_reads_or_finds_either(world, case, signed_in):
    plan(case, world)
    mine = OrganisationMember.objects.get(user=world.owners[0])
    workflow.set_case_owner(case.pk, actor=world.owners[0], owner_id=mine.pk, before=None)
    reference, operator = case.strand.referral.reference, f.UserFactory(is_superuser=True)
    for reader in (world.owners[1], world.coordinator, operator):
        client = signed_in(reader)
        page = view(client, case)
        assert SECRET not in page, reader
        assert "looks after this case" not in page, reader
        assert f"Looked after by {mine.user.get_full_name()}" not in page, reader
        assert own(case, "owner") not in page, reader
        assert client.get(own(case, "next_action"), follow=True).text.count(SECRET) == 0, reader
    client = signed_in(world.owners[1])
    for query in ({"owner": "nobody"}, {"owner": "mine"}, {"owner": mine.user_id}, {"next_action": "planned"}):
        assert reference not in listed(client, **query), query
    for query in ({"owner": "nobody"}, {"next_action": "due"}):
        assert "owner" not in signed_in(world.coordinator).get(SCREEN, query).context["listing"]["filter"].form.fields


def test_cases_are_found_by_who_has_them_and_by_what_is_due(world, signed_in):
    mine = OrganisationMember.objects.get(user=world.owners[0])
    colleague = f.OrganisationMemberFactory(organisation=world.organisations[0])
    taken, given, nobodys = (accepted(world) for _ in range(3))
    ended = accepted(world)
    for case, owner in ((taken, mine), (given, colleague), (ended, mine)):
        workflow.set_case_owner(case.pk, actor=world.owners[0], owner_id=owner.pk, before=None)
    workflow.close(ended.strand_id, actor=world.owners[0], outcome=Outcome.SUPPORTED)
    plan(taken, world)
    plan(given, world, days=3)
    client = signed_in(world.owners[0])
    for query, found in (
        ({"owner": "mine"}, [taken]),
        ({"owner": colleague.user_id}, [given]),
        ({"owner": "nobody"}, [nobodys]),
        ({"next_action": "due"}, [taken]),
        ({"next_action": "planned"}, [given, taken]),
        ({"owner": "9" * 30}, []),
    ):
        assert listed(client, **query) == [case.strand.referral.reference for case in found], query
    page = client.get(SCREEN, {"tab": "all"}).text
    assert page.count(SECRET) == 1, "what is not due yet is not in the list"


def test_the_screen_costs_the_same_at_one_and_at_three_cases(world, signed_in):
    client, costs = signed_in(world.owners[0]), []
    case = accepted(world)
    for _ in range(2):
        plan(case, world)
        view(client, case)
        with CaptureQueriesContext(connection) as queries:
            view(client, case)
        costs.append(len(queries))
        f.OrganisationMemberFactory(organisation=world.organisations[0])
        case = accepted(world)
    assert costs[0] == costs[1]
