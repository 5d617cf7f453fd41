"""A small network to send referrals into, for tests of everything that stands on the workflow."""

import uuid
from collections.abc import Collection, Mapping, Sequence

from referrals import workflow
from referrals.enums import OrganisationRole, Role
from referrals.models import Assignment, Category, ConsentWording, Referral, Service, Strand, User
from referrals.tests import factories as f


class World:
    """Services `services[i]` belong to `organisations[i]`, whose owner is `owners[i]`; all offer every need."""

    def __init__(self, *, organisations: int = 3, needs: int = 2, **network: object) -> None:
        self.network = f.NetworkFactory(**network)
        self.wording = f.ConsentWordingFactory(network=self.network)
        self.needs = [f.CategoryFactory(network=self.network) for _ in range(needs)]
        self.coordinator = f.NetworkRoleFactory(network=self.network, role=Role.COORDINATOR).user
        self.commissioner = f.NetworkRoleFactory(network=self.network, role=Role.COMMISSIONER).user
        self.organisations, self.services, self.owners = [], [], []
        for _ in range(organisations):
            self.add_organisation()

    def add_organisation(self, **service: object) -> Service:
        organisation = f.OrganisationFactory(network=self.network)
        self.organisations.append(organisation)
        self.owners.append(f.OrganisationMemberFactory(organisation=organisation, role=OrganisationRole.OWNER).user)
        self.services.append(
            f.ServiceFactory(network=self.network, organisation=organisation, categories=self.needs, **service)
        )
        return self.services[-1]

    def submission(
        self,
        *,
        services: Sequence[Service] | None = None,
        choices: Mapping[int, Sequence[int]] | None = None,
        need_ids: Collection[int] | None = None,
        **fields: object,
    ) -> workflow.Submission:
        """One part for each network: `choices` has the keys of services by network, instead of `services`."""
        chosen = self.services if services is None else services
        choices = choices or {self.network.pk: [service.pk for service in chosen]}
        needs = [need.pk for need in self.needs] if need_ids is None else need_ids
        network_of = dict(Category.objects.filter(pk__in=needs).values_list("pk", "network"))
        parts = [
            workflow.Part(
                network_id=network_id,
                need_ids=frozenset(pk for pk in needs if network_of[pk] == network_id or network_of[pk] not in choices),
                service_ids=service_ids,
            )
            for network_id, service_ids in choices.items()
        ]
        asked = {part.network_id for part in fields.get("parts", parts)}
        wordings = ConsentWording.objects.filter(network__in=asked).order_by("network_id", "-version")
        person = workflow.PersonDetails(name="Maya Ferreira", email="maya@example.org", phone="07700 900123")
        defaults = {
            "key": uuid.uuid4(),
            "network_id": self.network.pk,
            "person": person,
            "parts": parts,
            "consent_wording_ids": frozenset(wordings.distinct("network_id").values_list("pk", flat=True)),
            "details": "No food in the house from tomorrow.",
        }
        return workflow.Submission(**defaults | fields)

    def submit(self, *, services: Sequence[Service] | None = None, at=None, **fields: object) -> Referral:
        return workflow.submit(self.submission(services=services, **fields), at=at)

    def owner_of(self, assignment: Assignment) -> User:
        return self.owners[self.organisations.index(assignment.organisation)]


def only_strand(referral: Referral) -> Strand:
    return Strand.objects.get(referral=referral)


def live_on(strand: Strand) -> Assignment:
    """Return the strand's offered or accepted assignment, fresh from the database."""
    return Assignment.objects.select_related("organisation", "service").get(
        strand=strand, status__in=("offered", "accepted")
    )
