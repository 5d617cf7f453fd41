"""One of each, with no more than the database demands; whatever matters to a test is said in the test."""

import uuid

import factory
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone

from referrals import models
from referrals.questions.content import write_content
from referrals.questions.draft import load_draft

NORTHSIDE = MultiPolygon(Polygon.from_bbox((-0.22, 51.50, -0.10, 51.58)))
INSIDE = Point(-0.15, 51.54)


def square(longitude: float, latitude: float, half: float = 0.01) -> MultiPolygon:
    """Return a square catchment round a point; `half` is half its side in degrees."""
    return MultiPolygon(
        Polygon.from_bbox((longitude - half, latitude - half, longitude + half, latitude + half)), srid=4326
    )


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"user{n}@example.org")
    name = factory.Sequence(lambda n: f"User {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, **kwargs)


class AreaFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Area

    code = factory.Sequence(lambda n: f"X{n:08}")
    name = factory.Sequence(lambda n: f"Area {n}")
    boundary = NORTHSIDE


class NetworkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Network

    name = factory.Sequence(lambda n: f"Network {n}")
    slug = factory.Sequence(lambda n: f"network-{n}")
    email = factory.LazyAttribute(lambda network: f"{network.slug}@example.org")
    area = factory.SubFactory(AreaFactory)
    undo_seconds = 0  # e-mails are due at once; test_undoing.py is about those that wait


class NetworkRoleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.NetworkRole

    network = factory.SubFactory(NetworkFactory)
    user = factory.SubFactory(UserFactory)


class ConsentWordingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ConsentWording

    network = factory.SubFactory(NetworkFactory)
    version = factory.Sequence(lambda n: n + 1)
    text = "We share what you tell us with the organisations named here."


class OrganisationFactory(factory.django.DjangoModelFactory):
    """An organisation; `network=` makes it an active member."""

    class Meta:
        model = models.Organisation
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Organisation {n}")
    slug = factory.Sequence(lambda n: f"organisation-{n}")
    email = factory.LazyAttribute(lambda organisation: f"{organisation.slug}@example.org")

    @factory.post_generation
    def network(self, create, extracted, **kwargs):
        if extracted:
            models.NetworkMembership.objects.create(network=extracted, organisation=self)


class OrganisationMemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.OrganisationMember

    organisation = factory.SubFactory(OrganisationFactory)
    user = factory.SubFactory(UserFactory)


class NetworkMembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.NetworkMembership

    network = factory.SubFactory(NetworkFactory)
    organisation = factory.SubFactory(OrganisationFactory)


class InvitationFactory(factory.django.DjangoModelFactory):
    """An invitation of a new organisation."""

    class Meta:
        model = models.Invitation

    network = factory.SubFactory(NetworkFactory)
    organisation_name = factory.Sequence(lambda n: f"New organisation {n}")
    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    role = "owner"
    invited_by = factory.SubFactory(UserFactory)


class CategoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Category

    network = factory.SubFactory(NetworkFactory)
    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")


class ActivityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Activity

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Activity {n}")


class VenueFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Venue

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Venue {n}")
    point = INSIDE


class PictureFactory(factory.django.DjangoModelFactory):
    """A row without its files."""

    class Meta:
        model = models.Picture

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Picture {n}")
    file = "pictures/none.jpg"
    small = "pictures/none-small.jpg"
    width = 1600
    height = 1200


class ServiceFactory(factory.django.DjangoModelFactory):
    """A service with room for ten, for the whole area, by a new active member; `categories=` lists what it offers."""

    class Meta:
        model = models.Service
        skip_postgeneration_save = True

    network = factory.SubFactory(NetworkFactory)
    organisation = factory.LazyAttribute(lambda service: OrganisationFactory(network=service.network))
    activity = factory.SubFactory(ActivityFactory, organisation=factory.SelfAttribute("..organisation"))
    capacity = 10

    @factory.post_generation
    def categories(self, create, extracted, **kwargs):
        if extracted:
            self.categories.set(extracted)


class DemographicFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Demographic

    network = factory.SubFactory(NetworkFactory)
    name = factory.Sequence(lambda n: f"Demographic {n}")


class DemographicOptionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.DemographicOption

    demographic = factory.SubFactory(DemographicFactory)
    name = factory.Sequence(lambda n: f"Option {n}")


class RestrictionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Restriction

    service = factory.SubFactory(ServiceFactory)


class QuestionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Question

    network = factory.SubFactory(NetworkFactory)
    text = factory.Sequence(lambda n: f"Question {n}?")


class QuestionOptionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.QuestionOption

    question = factory.SubFactory(QuestionFactory)
    text = factory.Sequence(lambda n: f"Answer {n}")


def publish_drafts(*networks: models.Network) -> None:
    """Publish what is new of the questions, of all networks unless some are named."""
    for network in networks or models.Network.objects.filter(questions__isnull=False).distinct():
        newest = models.FlowVersion.objects.filter(network=network).first()
        content = write_content(load_draft(network.pk))
        if newest is None or newest.content != content:
            number = newest.number + 1 if newest else 1
            models.FlowVersion.objects.create(network=network, number=number, content=content)


class PersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Person

    name = factory.Sequence(lambda n: f"Person {n}")


class ReferralFactory(factory.django.DjangoModelFactory):
    """A bare row for tests of lists and walls. Whatever has strands is made through `workflow.submit`."""

    class Meta:
        model = models.Referral

    submission_key = factory.LazyFunction(uuid.uuid4)
    network = factory.SubFactory(NetworkFactory)
    person = factory.SubFactory(PersonFactory)
    status = "seeking"
    consented_at = factory.LazyFunction(timezone.now)
