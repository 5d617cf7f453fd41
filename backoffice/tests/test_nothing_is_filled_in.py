"""Nothing that only a person can know is filled in beforehand, by a form or by a default of a model."""

from datetime import date

from django import forms
from django.apps import apps
from django.db.models import DateField, DateTimeField
from django.utils import timezone

from backoffice.workspace.forms import NoteForm
from referrals.models import Service
from referrals.services.public_card import card_of, with_card_rows
from referrals.tests import factories as f

TRIED_OUT = ("TrialForm", "need")  # stores nothing
# How a new question is asked until somebody says otherwise: no fact that only a person knows.
USUAL = [("QuestionForm", name) for name in ("kind", "offers_not_sure", "is_active")]
SET_BY_ITSELF = {"referrals.Service.added_on"}  # a fact of the row, which nobody vouches for


def form_classes(parent: type = forms.BaseForm) -> set[type]:
    return {parent, *(found for child in parent.__subclasses__() for found in form_classes(child))}


def test_no_form_of_ours_is_ticked_or_chosen_in_beforehand(client):
    client.get("/backoffice/")  # imports every screen
    ours = [form for form in form_classes() if form.__module__.startswith("backoffice.")]
    fields = [(form, name, field) for form in ours for name, field in getattr(form, "base_fields", {}).items()]
    assert len(fields) > 60
    ticked = [
        (form.__name__, name)
        for form, name, field in fields
        if isinstance(field, forms.BooleanField | forms.ChoiceField) and field.initial
    ]
    several = forms.ModelMultipleChoiceField
    first_of_a_list = [
        (form.__name__, name)
        for form, name, field in fields
        if isinstance(field, forms.ModelChoiceField) and field.empty_label is None and not isinstance(field, several)
    ]
    assert (ticked, first_of_a_list) == (USUAL, [TRIED_OUT])


def test_no_row_is_dated_as_if_somebody_had_looked_at_it():
    begun = {
        field.model._meta.label + "." + field.name
        for model in apps.get_models()
        if model._meta.app_label in ("referrals", "directory_site")
        for field in model._meta.fields
        if isinstance(field, DateField) and not isinstance(field, DateTimeField) and field.has_default()
    }
    assert begun == SET_BY_ITSELF


def test_a_member_of_several_organisations_chooses_whose_note_it_is(db):
    form = NoteForm({"text": "Rang twice."}, organisations=(f.OrganisationFactory(), f.OrganisationFactory()))
    assert list(form.errors) == ["organisation"]


def test_the_public_reads_that_nobody_has_confirmed_a_service(db):
    service = f.ServiceFactory(last_confirmed_on=None, added_on=date(2020, 1, 1))
    card = card_of(with_card_rows(Service.objects.all()).get(pk=service.pk), now=timezone.now())
    assert (card.confirmed, card.is_stale) == ("Nobody has confirmed this yet", True)
