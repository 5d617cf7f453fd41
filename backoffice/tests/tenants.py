"""A network with one row of every model, and words that nobody outside may ever read."""

import uuid
from datetime import date, time

from django.contrib.gis.geos import Point
from django.db.models import Model
from django.utils import timezone

from referrals import models as m
from referrals import workflow
from referrals.access.access_log import log_access
from referrals.enums import OrganisationRole, Role, Screen, WhatIsWrong
from referrals.models.safe_contact import SafeContact
from referrals.tests import factories as f
from referrals.visitor_messages.public_messages import ask_network, suggest_correction


def know_the_postcode() -> None:
    """All tenants' people live there."""
    m.Postcode.objects.get_or_create(code="NW52AA", defaults={"point": Point(-0.15, 51.54, srid=4326)})


class Tenant:
    """Everything is called after `word`. `asked` has been asked about `referral`; `bystander` never is."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.network = f.NetworkFactory(
            name=f"{word} network", slug=word.lower(), area__name=f"{word} area", undo_seconds=600
        )
        self.asked = f.OrganisationFactory(name=f"{word} pantry", network=self.network)
        self.bystander = f.OrganisationFactory(name=f"{word} bystander", network=self.network)
        self.coordinator = self._user("coordinator")
        self.role = m.NetworkRole.objects.create(network=self.network, user=self.coordinator, role=Role.COORDINATOR)
        self.commissioner = self._user("commissioner")
        m.NetworkRole.objects.create(network=self.network, user=self.commissioner, role=Role.COMMISSIONER)
        self.editor = self._user("editor")
        m.NetworkRole.objects.create(network=self.network, user=self.editor, role=Role.EDITOR)
        self.insider = self._member(self.asked, "insider")
        self.outsider = self._member(self.bystander, "outsider")
        self.wording = f.ConsentWordingFactory(network=self.network, text=f"{word} wording")
        know_the_postcode()
        self.grow()

    def grow(self) -> None:
        """Make one more row of whatever there can be several of."""
        number = m.Category.objects.filter(network=self.network).count()
        self._describe(number)
        self._serve(number)
        self._refer(number)
        self._write_from_outside()

    def _user(self, role: str) -> m.User:
        return f.UserFactory(email=f"{role}@{self.word}.example".lower(), name=f"{self.word} {role}")

    def _member(self, organisation: m.Organisation, name: str) -> m.User:
        user = self._user(name)
        m.OrganisationMember.objects.create(organisation=organisation, user=user, role=OrganisationRole.OWNER)
        return user

    def _describe(self, number: int) -> None:
        word = f"{self.word} {number}"
        self.category = f.CategoryFactory(network=self.network, name=f"{word} need")
        self.demographic = f.DemographicFactory(network=self.network, name=f"{word} demographic")
        self.option = f.DemographicOptionFactory(demographic=self.demographic, name=f"{word} option")
        self.question = f.QuestionFactory(network=self.network, text=f"{word} question?")
        self.question_option = f.QuestionOptionFactory(question=self.question, text=f"{word} choice")
        self.question_option.needs.add(self.category)
        self.question_option.reveals.add(f.QuestionFactory(network=self.network, text=f"{word} follow-up?"))
        f.publish_drafts(self.network)
        self.example = m.FlowExample.objects.create(
            network=self.network,
            name=f"{word} example",
            option_ids=[self.question_option.pk],
            need_ids=[self.category.pk],
        )
        self.link = m.ReferralLink.objects.create(network=self.network, name=f"{word} partner")
        self.invitation = f.InvitationFactory(
            network=self.network, email=f"{number}@invited.example", organisation_name=word, invited_by=self.coordinator
        )

    def _serve(self, number: int) -> None:
        word = f"{self.word} {number}"
        self.activity = f.ActivityFactory(organisation=self.asked, name=f"{word} activity")
        self.venue = f.VenueFactory(organisation=self.asked, name=f"{word} hall", postcode="NW1 2DB")
        self.refuge = f.VenueFactory(organisation=self.asked, name=f"{word} SECRET REFUGE", is_confidential=True)
        self.service = f.ServiceFactory(
            network=self.network,
            organisation=self.asked,
            activity=self.activity,
            venue=self.refuge,
            catchment=f.square(-0.15, 51.54),
            categories=[self.category],
        )
        self.hours = m.OpeningHours.objects.create(
            service=self.service, weekday=number % 7, opens=time(9), closes=time(17)
        )
        self.exception = m.OpeningException.objects.create(
            service=self.service, first_day=date(2026, 12, 25), last_day=date(2026, 12, 26), note=f"{word} feast"
        )
        self.picture = f.PictureFactory(organisation=self.asked, name=f"{word} picture")
        self.restriction = f.RestrictionFactory(service=self.service, option=self.option)

    def _refer(self, number: int) -> None:
        word = f"{self.word} {number}"
        person = workflow.PersonDetails(
            name=f"{word} Person",
            phone=f"{self.word} SECRET PHONE",
            email=f"{self.word.lower()}.secret@person.example",
            contact_note=f"{self.word} SECRET CONTACT",
            safe_contact=SafeContact(others=f"{self.word} SECRET OTHERS"),
            age=40,
            postcode="NW5 2AA",
            address=f"{self.word} SECRET ADDRESS",
            option_ids=frozenset({self.option.pk}),
        )
        self.referral = workflow.submit(
            workflow.Submission(
                key=uuid.uuid4(),
                network_id=self.network.pk,
                person=person,
                parts=[
                    workflow.Part(
                        network_id=self.network.pk,
                        need_ids=frozenset({self.category.pk}),
                        service_ids=[self.service.pk],
                    )
                ],
                consent_wording_ids=frozenset({self.wording.pk}),
                answers=[
                    workflow.AnswerGiven(
                        question_id=self.question.pk,
                        question_text=f"{self.word} SECRET Q?",
                        text=f"{self.word} SECRET ANSWER",
                    )
                ],
                details=f"{self.word} SECRET DETAILS",
                adults=17,
                source_name=f"{self.word} SECRET SOURCE",
                source_organisation=f"{self.word} SECRET SOURCE ORGANISATION",
                source_email=f"{self.word.lower()}.secret@source.example",
                source_phone=f"{self.word} SECRET SOURCE PHONE",
            )
        )
        self.assignment = m.Assignment.objects.get(strand__referral=self.referral)
        workflow.accept(self.assignment.pk, actor=self.insider)
        self.acceptance = m.Event.objects.get(assignment=self.assignment, kind="accepted")
        self.note = workflow.add_note(
            self.referral.pk, actor=self.insider, text=f"{self.word} SECRET NOTE", organisation_id=self.asked.pk
        )
        plan = {"text": f"{self.word} SECRET PLAN", "day": timezone.localdate(), "before": ""}
        workflow.plan_next_action(self.assignment.pk, actor=self.insider, **plan)
        self.tag = m.PersonTag.objects.get(person=self.referral.person)
        self.case_note = m.CaseNote.objects.create(
            person=self.referral.person,
            organisation=self.asked,
            author=self.insider,
            text=f"{self.word} SECRET CASE NOTE",
        )

        log_access(self.insider, [self.referral.pk], Screen.REFERRAL)
        self.role_change = m.AccountEvent.objects.create(
            kind="role_changed", user=self.insider, organisation=self.asked, actor=self.insider
        )

    def _write_from_outside(self) -> None:
        written = {"key": uuid.uuid4(), "text": f"{self.word} SECRET MESSAGE", "client": None}
        writer = {"name": f"{self.word} SECRET VISITOR", "contact": f"{self.word} SECRET WAY TO REACH THEM"}
        self.message = suggest_correction(self.service, wrong=WhatIsWrong.HOURS, **written, **writer)
        ask_network(self.network, **written, **writer)

    def rows(self) -> dict[type[Model], Model]:
        """Return a row of each model that belongs to this network or one of its organisations."""
        return {
            m.AccountEvent: self.role_change,
            m.Activity: self.activity,
            m.Answer: m.Answer.objects.get(referral=self.referral),
            m.Area: self.network.area,
            m.Assignment: self.assignment,
            m.Category: self.category,
            m.Consent: m.Consent.objects.get(referral=self.referral),
            m.ConsentWording: self.wording,
            m.Demographic: self.demographic,
            m.DemographicOption: self.option,
            m.Event: m.Event.objects.filter(referral=self.referral).first(),
            m.Invitation: self.invitation,
            m.Need: m.Need.objects.get(referral=self.referral),
            m.Network: self.network,
            m.NetworkMembership: m.NetworkMembership.objects.get(network=self.network, organisation=self.asked),
            m.NetworkRole: self.role,
            m.Note: self.note,
            m.Notification: m.Notification.objects.filter(event__referral=self.referral).first(),
            m.OpeningException: self.exception,
            m.OpeningHours: self.hours,
            m.AccessRecord: m.AccessRecord.objects.filter(network=self.network).first(),
            m.Organisation: self.asked,
            m.OrganisationMember: m.OrganisationMember.objects.get(organisation=self.asked),
            m.Person: self.referral.person,
            m.Picture: self.picture,
            m.PublicMessage: self.message,
            m.Referral: self.referral,
            m.ReferralLink: self.link,
            m.Restriction: self.restriction,
            m.Service: self.service,
            m.Strand: self.assignment.strand,
            m.User: self.insider,
            m.Venue: self.refuge,
        }


# What only those who may read full details, and whom else a row of its own concerns, ever find in a page.
SECRETS = ("SECRET ", "secret@", "17 adults", "NW5 2AA")

# Of these, what is said of the person, the household and the source.
SECRETS_OF_PEOPLE = (
    *(f"SECRET {what}" for what in ("PHONE", "CONTACT", "ADDRESS", "ANSWER", "DETAILS", "SOURCE", "NOTE")),
    "secret@",
    "17 adults",
    "NW5 2AA",
)
