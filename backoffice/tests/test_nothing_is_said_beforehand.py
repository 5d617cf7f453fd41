"""No form and no model says, by what it begins with, what only a person can say."""

from datetime import date

from django import forms
from django.apps import apps
from django.db.models import DateField, DateTimeField
from django.utils import timezone

from backoffice.workspace.forms import NoteForm
from referrals.models import Service
from referrals.services.public_card import card_of, with_card_rows
from referrals.tests import factories as f

# The days that a row keeps by itself; nobody's word stands behind them.
TRIED_OUT = ("TrialForm", "need")  # keeps nothing
KEPT_BY_ITSELF = {"referrals.Service.added_on"}


def form_classes(parent: type = forms.BaseForm) -> set[type]:
    return {parent, *(found for child in parent.__subclasses__() for found in form_classes(child))}


def test_no_form_of_ours_begins_with_a_tick_or_a_choice(client):
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
    assert (ticked, first_of_a_list) == ([], [TRIED_OUT])


def test_no_row_begins_with_a_day_on_which_somebody_is_said_to_have_looked():
    begun = {
        field.model._meta.label + "." + field.name
        for model in apps.get_models()
        if model._meta.app_label in ("referrals", "directory_site")
        for field in model._meta.fields
        if isinstance(field, DateField) and not isinstance(field, DateTimeField) and field.has_default()
    }
    assert begun == KEPT_BY_ITSELF


def test_whoever_acts_for_several_organisations_chooses_for_which_they_write(db):
    form = NoteForm({"text": "Rang twice."}, organisations=(f.OrganisationFactory(), f.OrganisationFactory()))
    assert list(form.errors) == ["organisation"]


def test_the_public_reads_that_nobody_has_confirmed_it(db):
    service = f.ServiceFactory(last_confirmed_on=None, added_on=date(2020, 1, 1))
    card = card_of(with_card_rows(Service.objects.all()).get(pk=service.pk), now=timezone.now())
    assert (card.confirmed, card.is_stale) == ("Nobody has confirmed this yet", True)
