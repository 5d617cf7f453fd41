"""Loading the demonstration: every state is there on any day of the week, and a second load is refused."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.test import override_settings
from django_q.models import OrmQ

from referrals.demo import AlreadyLoadedError, load_demo
from referrals.demo.files import Fixtures
from referrals.demo.referral_plan import REQUIRED_REFERRALS
from referrals.duplicates import find_duplicates
from referrals.enums import (
    AccessFeature,
    AssignmentStatus,
    Cost,
    EventKind,
    MessageKind,
    MessageState,
    Outcome,
    ReferralStatus,
    RejectReason,
    StrandStatus,
    WhyCoordinator,
)
from referrals.importers.progress import SilentProgress
from referrals.models import (
    Area,
    Assignment,
    CaseNote,
    Category,
    ConsentWording,
    Demographic,
    DemographicOption,
    Event,
    Invitation,
    Network,
    Note,
    Notification,
    Organisation,
    OrganisationMember,
    Person,
    Postcode,
    PublicMessage,
    Question,
    QuestionOption,
    Referral,
    Service,
    Strand,
    User,
    Venue,
)
from referrals.network import flow_effect
from referrals.network.flow_effect import measure_flow_effect
from referrals.notification_kinds import NotificationKind, NotificationStatus
from referrals.services.pictures import stock_gallery
from referrals.tests.demo.slow_replay import read_options, replay_slowly
from referrals.tests.depth import draw_cases, gate_or_all

pytestmark = pytest.mark.slow(reason="whichever comes first loads the demonstration")

# A Sunday at night, when half of what offices do has to wait, and an afternoon in the middle of the week.
MOMENTS = [datetime(2026, 11, 22, 2, 40, tzinfo=UTC), datetime(2027, 6, 16, 14, 5, tzinfo=UTC)]
CHANGED = ("Food", "Debts, or letters about debts", "Outside, or nowhere that is certain")
QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def quick_hashers(settings):
    settings.PASSWORD_HASHERS = QUICK_HASHERS


@pytest.fixture(
    scope="module", params=draw_cases("moments of the demonstration", MOMENTS, share=1 / 2), ids="{:%A}".format
)
def now(request, django_db_setup, django_db_blocker) -> Iterator[datetime]:
    """The demonstration, loaded once for the tests of this file that only read it."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(PASSWORD_HASHERS=QUICK_HASHERS):
        load_demo(referrals=gate_or_all(len(REQUIRED_REFERRALS), 210), now=request.param)
        yield request.param
        transaction.set_rollback(True)


def values(rows, field: str) -> set[str]:
    return set(rows.order_by().values_list(field, flat=True))


@pytest.mark.sampled
def test_every_status_is_there(now):
    assert values(Referral.objects, "status") == set(ReferralStatus.values)
    assert values(Strand.objects, "status") == set(StrandStatus.values)
    assert values(Assignment.objects, "status") == set(AssignmentStatus.values)


def test_every_reason_and_outcome_is_there(now):
    assert values(Assignment.objects, "reject_reason") == {"", *RejectReason.values}
    assert values(Strand.objects, "outcome") == {"", *Outcome.values}
    assert values(Assignment.objects, "outcome") == {"", *Outcome.values}
    lying = values(Strand.objects.filter(status=StrandStatus.WITH_COORDINATOR), "why_coordinator")
    assert lying == set(WhyCoordinator.values) - {
        WhyCoordinator.NO_ANSWER,
        WhyCoordinator.UNREACHABLE,
        WhyCoordinator.UNDO_ASKED,
    }
    assert Event.objects.filter(kind=EventKind.COORDINATOR_TOLD, data__why=WhyCoordinator.NO_ANSWER).exists()


OF_ACCOUNTS = {
    "access_changed",
    "invitation_waits",
    "owner_asked",
    "confirmation_asked",
    "invited",
    "joined",
    "membership_changed",
    "password_reset",
    "account_changed",
    "sign_in_locked",
}


def test_every_kind_of_event_is_there(now):
    for_a_minute = {EventKind.UNDONE}
    assert values(Event.objects, "kind") == set(EventKind.values) - for_a_minute
    others = set(NotificationKind.values) - OF_ACCOUNTS - {NotificationKind.CARD_SENT}  # forgotten once it is sent
    assert values(Notification.objects.filter(account_event=None), "kind") == others
    assert Note.objects.count() > 5
    assert CaseNote.objects.count() > 5


def test_visitors_have_written_and_some_messages_are_open(now):
    assert values(PublicMessage.objects, "state") == set(MessageState.values)
    assert values(PublicMessage.objects, "kind") == set(MessageKind.values)
    assert not PublicMessage.objects.filter(created_at__gt=now).exists()


def test_there_is_something_to_do_today(now):
    today = Assignment.objects.filter(status=AssignmentStatus.OFFERED, offered_at__gte=now - timedelta(hours=12))
    assert today.count() >= 8
    assert today.filter(strand__referral__is_urgent=True).exists()
    assert Assignment.objects.filter(status=AssignmentStatus.OFFERED, reminded_at__isnull=False).exists()
    assert Assignment.objects.filter(status=AssignmentStatus.OFFERED, lapsed_at__isnull=False).exists()
    assert Assignment.objects.filter(status=AssignmentStatus.ACCEPTED).count() >= 10


def test_the_schedule_finds_nothing_overdue(now):
    offered = Assignment.objects.filter(status=AssignmentStatus.OFFERED)
    assert not offered.filter(reminded_at=None, remind_at__lte=now).exists()
    assert not offered.filter(lapsed_at=None, lapse_at__lte=now).exists()


def test_nothing_happens_in_the_future_and_history_is_in_order(now):
    assert not Event.objects.filter(at__gt=now).exists()
    assert not Referral.objects.filter(created_at__gt=now).exists()
    times = list(Event.objects.order_by("pk").values_list("at", flat=True))
    assert times == sorted(times)


def test_notes_of_an_organisation_are_by_its_own_people(now):
    for written in (Note.objects.filter(organisation__isnull=False), CaseNote.objects.all()):
        assert written.exists()
        member = OrganisationMember.objects.filter(organisation=OuterRef("organisation"), user=OuterRef("author"))
        assert not written.exclude(Exists(member)).exists()


def test_old_messages_are_sent_and_new_ones_wait(now):
    recent = now - timedelta(hours=6)
    owed = Notification.objects.exclude(status=NotificationStatus.UNSAFE)
    assert values(owed.filter(created_at__lt=recent), "status") == {NotificationStatus.SENT}
    assert values(owed.filter(created_at__gte=recent), "status") == {NotificationStatus.PENDING}
    assert not Notification.objects.filter(due_at__gt=now).exists()


def test_the_queue_is_not_flooded(now):
    assert OrmQ.objects.count() == 0


def test_some_are_referred_twice_to_different_organisations_and_coordinators_have_said_what_they_think(now):
    coordinator = User.objects.get(email="tobias@northside.example")
    said = []
    for referral in Referral.objects.select_related("person"):
        for other in find_duplicates(coordinator, referral):
            said.append((other.said_same, other.is_merged))
            asked = [
                values(Assignment.objects.filter(strand__referral=one), "organisation")
                for one in (referral, other.referral)
            ]
            assert asked[0] != asked[1]
    assert Counter(said) == {(None, False): 6, (True, False): 2, (False, False): 2, (None, True): 2}


def test_the_networks_texts_are_there_in_every_language(now):
    for model in (Category, Demographic, DemographicOption, Question, QuestionOption, ConsentWording):
        for row in model.objects.all():
            filled = {name for name in model.translated_fields if getattr(row, name)}
            assert {code: texts.keys() for code, texts in row.translations.items()} == {"cy": filled, "pl": filled}
    assert (
        "Northside Legal Advice"
        in ConsentWording.objects.get(network__slug="northside-legal-advice").translations["pl"]["text"]
    )
    assert values(Person.objects, "language") == {"", "pl"}


def test_a_form_goes_into_two_networks(now):
    networks = [set(referral.strands.values_list("network", flat=True)) for referral in Referral.objects.all()]
    assert {1, 2} == {len(found) for found in networks}


def test_needs_come_from_the_answers(now):
    for referral in Referral.objects.all():
        assert referral.answers.count() >= 2
        assert referral.needs.count() >= 1
    assert Referral.objects.filter(is_urgent=True).exists()


def test_the_network_is_that_of_the_fixtures(now):
    fixtures = Fixtures()
    assert Organisation.objects.count() == len(fixtures.organisations)
    assert Service.objects.count() == sum(len(row["services"]) for row in fixtures.organisations)
    assert Area.objects.get(networks__slug="northside").is_simplified
    assert not Venue.objects.filter(point=None).exists()
    assert Service.objects.filter(paused_at__isnull=False, capacity__gt=0).count() == 3
    assert Invitation.objects.filter(expires_at__gt=now).count() == 1
    assert Network.objects.get(slug="northside").linked_networks.get().slug == "northside-legal-advice"


def test_services_have_pictures_of_the_stock_gallery_with_their_words(now):
    gallery = list(stock_gallery())
    assert len(gallery) == len(Fixtures().pictures)
    for image in gallery:
        shown_with = Service.objects.filter(stock_picture=image)
        assert set(shown_with.values_list("picture_alt", flat=True)) == {image.description}
    assert Service.objects.filter(stock_picture=None, picture_alt="").exists()


def test_the_last_referrals_asked_again_give_the_numbers_of_a_slow_recomputation_and_no_name(now, monkeypatch):
    monkeypatch.setattr(flow_effect, "SECONDS_AT_MOST", 60)
    network = Network.objects.get(slug="northside")
    with transaction.atomic():
        before = read_options(network)
        food, money, outside = (QuestionOption.objects.get(text=text) for text in CHANGED)
        food.reveals.clear()
        money.needs.set(Category.objects.filter(slug__in=["budgeting", "hardship-grants"]))
        QuestionOption.objects.filter(pk=outside.pk).update(is_urgent=False)
        effect = measure_flow_effect(network, at=now)
        assert effect == replay_slowly(network, before, read_options(network), at=now)
        transaction.set_rollback(True)
    assert effect.referrals >= gate_or_all(60, 200)
    assert min(effect.other_needs, effect.other_urgency, effect.other_first) > 0
    page = render_to_string("backoffice/questions/effect.html", {"effect": effect})
    assert not [name for name in values(Person.objects, "name") if name in page]


class InterruptedProgress(SilentProgress):
    def phase(self, *args: object, **kwargs: object) -> None:
        raise InterruptedError


@pytest.mark.django_db
def test_a_load_that_fails_leaves_no_files_behind():
    before = set(default_storage.listdir("original_images")[1]) if default_storage.exists("original_images") else set()
    with pytest.raises(InterruptedError):
        load_demo(referrals=1, progress=InterruptedProgress())
    assert not Network.objects.exists()
    assert not stock_gallery().exists()
    after = set(default_storage.listdir("original_images")[1])
    assert after == before


def test_the_fixtures_postcodes_can_be_looked_up_without_an_import(now):
    assert Postcode.objects.find("nw1 2db").point.coords == pytest.approx((-0.127, 51.530), abs=0.0005)
    assert Postcode.objects.count() == len(Fixtures().places)


def test_a_second_load_is_refused(now):
    with pytest.raises(AlreadyLoadedError, match="There is a network in this database already"), transaction.atomic():
        load_demo(now=now)


@pytest.mark.django_db
def test_users_with_its_addresses_prevent_a_load():
    User.objects.create_user("josephine@northside.example", "a password of her own")
    with pytest.raises(AlreadyLoadedError, match="e-mail addresses"):
        load_demo(referrals=0)


def load_and_list(*, referrals: int = 12, seed: int = 1) -> list[tuple]:
    """Load, return who was referred and what happened to them, and roll back."""
    with transaction.atomic():
        load_demo(referrals=referrals, seed=seed, now=MOMENTS[0])
        rows = Event.objects.order_by("pk").values_list(
            "at", "kind", "referral__person__name", "referral__details", "assignment__service__activity__name"
        )
        events = list(rows)
        transaction.set_rollback(True)
    return events


@pytest.mark.sampled
@pytest.mark.django_db
def test_the_same_seed_gives_the_same_referrals_and_another_seed_others():
    events = load_and_list()
    assert load_and_list() == events
    assert load_and_list(seed=2) != events


@pytest.mark.django_db
def test_a_larger_network_has_services_of_the_same_kind():
    smallest = sum(len(row["services"]) for row in Fixtures().organisations)
    loaded = load_demo(services=smallest + 40, referrals=3, now=MOMENTS[1])
    assert loaded.services == Service.objects.count() == smallest + 40
    assert loaded.referrals == Referral.objects.count() == 3
    added = Service.objects.filter(organisation__slug__regex=r"-\d+$")
    assert added.count() == 40
    assert not added.filter(venue__point=None, venue__isnull=False).exists()
    assert set(added.values_list("cost", flat=True)) >= {Cost.FREE, Cost.CHARGED}
    assert added.filter(venue__access_features__contains=[AccessFeature.STEP_FREE]).exists()
    assert set(added.values_list("network__slug", flat=True)) == {"northside"}
