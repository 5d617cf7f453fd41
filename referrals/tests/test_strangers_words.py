"""No e-mail in the network's name quotes what a stranger has typed, neither to the person nor to a member."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import EmailField as ModelEmailField
from django.forms import EmailField, Form

from referrals import notifications
from referrals.models import Event, Notification
from referrals.notification_kinds import NotificationKind
from referrals.tests import factories as f
from referrals.visitor_messages.card_requests import ask_for_card
from referrals.visitor_messages.public_messages import ask_network, suggest_correction
from referrals.workflow import AnswerGiven, PersonDetails

pytestmark = pytest.mark.django_db

MARK = "Zyx"
TYPED = f"{MARK} your refund is ready: https://refund.example/{MARK}"
# About an account: all that a stranger can type there is an address, which must be known already.
ABOUT_ACCOUNTS = {
    NotificationKind.INVITED,
    NotificationKind.INVITATION_WAITS,
    NotificationKind.OWNER_ASKED,
    NotificationKind.ACCESS_CHANGED,
    NotificationKind.JOINED,
    NotificationKind.MEMBERSHIP_CHANGED,
    NotificationKind.PASSWORD_RESET,
    NotificationKind.ACCOUNT_CHANGED,
    NotificationKind.SIGN_IN_LOCKED,
    NotificationKind.CONFIRMATION_ASKED,
}


def submit_as_stranger(world, **fields):
    question = f.QuestionFactory(network=world.network)
    person = PersonDetails(
        name=TYPED, phone=TYPED[:40], email="victim@example.org", contact_note=TYPED, address=TYPED, postcode=MARK
    )
    words = {"details": TYPED, "source_name": TYPED, "source_organisation": TYPED, "source_phone": TYPED[:40]}
    answers = [AnswerGiven(question_id=question.pk, question_text=question.text, text=TYPED)]
    return world.submit(person=person, answers=answers, source_email="x@refund.example", **words | fields)


def causes(world) -> dict[str, list[dict]]:
    """Return, by name, the causes of messages that somebody without an account can bring about."""
    referral = submit_as_stranger(world)
    submit_as_stranger(world, services=[])  # goes to the coordinator
    service = world.services[0]
    service.is_public = True
    service.save()
    said = {"text": TYPED, "name": TYPED, "contact": TYPED, "client": None}
    messages = [
        suggest_correction(service, key=uuid4(), wrong="other", **said),
        ask_network(world.network, key=uuid4(), **said),
    ]
    page = "https://northside.example/services/1/"
    card = ask_for_card(service, key=uuid4(), recipient="victim@example.org", page=page, client=None)
    events = Event.objects.filter(referral=referral)
    assert events.count() > 1
    told = Event.objects.filter(kind="coordinator_told")
    return {
        "referral": [{"event": event} for event in events],
        "coordinator": [{"event": event} for event in told],
        "correction": [{"message": messages[0]}],
        "question": [{"message": messages[1]}],
        "card": [{"card_request": card}],
    }


CAUSED_BY = {
    NotificationKind.COORDINATOR_TOLD: "coordinator",
    NotificationKind.CORRECTION_SUGGESTED: "correction",
    NotificationKind.QUESTION_ASKED: "question",
    NotificationKind.CARD_SENT: "card",
}


def test_no_message_of_any_kind_quotes_what_a_stranger_typed(world):
    by_cause = causes(world)
    for kind in set(NotificationKind) - ABOUT_ACCOUNTS:
        for cause in by_cause[CAUSED_BY.get(kind, "referral")]:
            message = notifications.render(Notification(kind=kind, recipient="reader@example.org", **cause))
            for part in (message.subject, message.text, message.html):
                assert MARK.lower() not in part.lower(), kind
                assert "refund" not in part.lower(), kind


def test_the_person_is_greeted_without_a_name_and_told_of_no_referrer(world):
    submit_as_stranger(world)
    message = notifications.render(Notification.objects.get(kind="person_told"))
    assert message.text.startswith("Hello,")
    assert "<p>Hello,</p>" in message.html
    assert world.organisations[0].name in message.text


ADDRESSES = ["a@[127.0.0.1]", "a@[IPv6:::1]", "a@localhost", '"a b"@example.org']


def test_no_model_stores_an_address_that_leads_into_our_own_network():
    ours = [model for app in ("referrals", "directory_site") for model in apps.get_app_config(app).get_models()]
    fields = [field for model in ours for field in model._meta.fields if isinstance(field, ModelEmailField)]
    assert len(fields) > 8
    for field in fields:
        for address in ADDRESSES:
            with pytest.raises(ValidationError):
                field.run_validators(address)
            with pytest.raises(ValidationError):
                field.formfield().clean(address)


def _all_forms(form: type[Form]) -> set[type[Form]]:
    return {form}.union(*map(_all_forms, form.__subclasses__()))


def test_no_form_takes_an_address_that_leads_into_our_own_network():
    ours = [
        form
        for form in _all_forms(Form)
        if form.__module__.split(".")[0] in ("referrals", "backoffice", "directory_site")
    ]
    fields = [(form, field) for form in ours for field in form.base_fields.values() if isinstance(field, EmailField)]
    assert {form.__name__ for form, _ in fields} >= {"InviteForm", "InviteOrganisationForm", "SendForm"}
    for _, field in fields:
        for address in ADDRESSES:
            with pytest.raises(ValidationError):
                field.clean(address)
