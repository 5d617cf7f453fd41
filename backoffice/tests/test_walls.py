"""Every admin attacked from outside, by walking the registry: what is registered tomorrow is attacked tomorrow."""

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms.models import ModelChoiceField, model_to_dict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.tests.tenants import SECRETS, Tenant
from referrals import models as m
from referrals.models.notifications import Heartbeat

pytestmark = pytest.mark.django_db

OURS = [model for model in admin.site._registry if model._meta.app_label == "referrals"]
SHARED = {m.Postcode}  # public reference data
FOR_OPERATORS = {Heartbeat}
NEVER_FOR_COMMISSIONERS = {
    m.Answer,
    m.Assignment,
    m.CaseNote,
    m.Event,
    m.Invitation,
    m.Need,
    m.NetworkRole,
    m.Note,
    m.Notification,
    m.OrganisationMember,
    m.Person,
    m.PersonTag,
    m.Referral,
    m.ReferralLink,
    m.Strand,
}


def url(model, page, *args) -> str:
    return reverse(f"backoffice:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def snapshot(row) -> dict:
    fresh = type(row)._base_manager.get(pk=row.pk)
    return {key: str(value) for key, value in model_to_dict(fresh).items()}


def strangers(ours: Tenant, theirs: Tenant) -> list[m.User]:
    """Return those who have no part in `theirs` at all."""
    return [
        ours.coordinator,
        ours.commissioner,
        ours.insider,
        ours.outsider,
        m.User.objects.create_user("nobody@x.example"),
    ]


def request_of(user) -> object:
    request = RequestFactory().get("/")
    request.user = user
    return request


def test_every_model_has_a_row_to_attack(ours):
    assert set(ours.rows()) | SHARED | FOR_OPERATORS == set(OURS)


def test_the_coordinator_sees_every_list_of_the_network_and_the_organisation_its_own(ours, signed_in):
    own = {m.CaseNote, m.PersonTag}
    client = signed_in(ours.coordinator)
    for model, row in ours.rows().items():
        who = signed_in(ours.insider) if model in own else client
        response = who.get(url(model, "changelist"))
        assert response.status_code == 200, model
        assert url(model, "change", row.pk) in response.text, model
        assert who.get(url(model, "change", row.pk)).status_code == 200, model


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
class TestStrangers:
    def test_lists_show_nothing(self, model, ours, theirs, signed_in):
        row = theirs.rows().get(model)
        for user in strangers(ours, theirs):
            response = signed_in(user).get(url(model, "changelist"))
            assert response.status_code in (200, 403)
            if row:
                assert url(model, "change", row.pk) not in response.text
                assert "Theirs" not in response.text

    def test_no_page_of_a_row_opens_and_nothing_changes(self, model, ours, theirs, signed_in):
        if model in SHARED | FOR_OPERATORS:
            return
        row = theirs.rows()[model]
        before = snapshot(row)
        for user in strangers(ours, theirs):
            client = signed_in(user)
            for page in ("change", "delete", "history"):
                assert client.get(url(model, page, row.pk)).status_code in (302, 403), page
                answer = client.post(url(model, page, row.pk), {"post": "yes", **before})
                assert answer.status_code in (302, 403), page
                assert "Theirs" not in client.get(reverse("backoffice:index")).text
        assert snapshot(row) == before

    def test_a_row_of_others_answers_like_one_that_does_not_exist(self, model, ours, theirs, signed_in):
        if model in SHARED | FOR_OPERATORS:
            return
        row, client = theirs.rows()[model], signed_in(ours.coordinator)
        real, none = (client.get(url(model, "change", key)) for key in (row.pk, 999_999_999))
        assert (real.status_code, real.headers.get("Location")) == (none.status_code, none.headers.get("Location"))

    def test_forms_offer_and_accept_nothing(self, model, ours, theirs):
        for user in (ours.coordinator, ours.insider):
            for form in forms_of(model, user):
                for name, field in form.base_fields.items():
                    if not isinstance(field, ModelChoiceField):
                        continue
                    foreign = theirs.rows().get(field.queryset.model)
                    if foreign is None:
                        continue
                    assert not field.queryset.filter(pk=foreign.pk).exists(), name
                    value = [foreign.pk] if field.queryset.model is not None and is_several(field) else foreign.pk
                    with pytest.raises(ValidationError):
                        field.clean(value)

    def test_completing_a_field_finds_nothing(self, model, ours, theirs, signed_in):
        for screen in screens_of(model):
            for name in screen.autocomplete_fields:
                query = {"app_label": "referrals", "model_name": screen.model._meta.model_name, "field_name": name}
                for term in ("", "Theirs", "theirs"):
                    for user in strangers(ours, theirs):
                        response = signed_in(user).get(reverse("backoffice:autocomplete"), {**query, "term": term})
                        assert response.status_code in (200, 403)
                        assert "Theirs" not in response.text
                        assert "theirs" not in response.text

    def test_no_other_look_up_than_the_filters_is_answered(self, model, ours, theirs, signed_in):
        shown = admin.site.get_model_admin(model)
        client = signed_in(ours.coordinator)
        for field in model._meta.get_fields():
            for look_up in (f"{field.name}__startswith", f"{field.name}__gt", f"{field.name}__id", f"{field.name}__pk"):
                if shown.lookup_allowed(look_up, "1", request_of(ours.coordinator)):
                    pytest.fail(f"{look_up} is answered")
                assert client.get(url(model, "changelist"), {look_up: "1"}).status_code in (400, 403)

    def test_filters_offer_nothing_and_find_nothing(self, model, ours, theirs, signed_in):
        shown = admin.site.get_model_admin(model)
        client = signed_in(ours.coordinator)
        for entry in shown.get_list_filter(request_of(ours.coordinator)):
            if not isinstance(entry, tuple):
                continue
            field = model._meta.get_field(entry[0])
            foreign = theirs.rows().get(field.related_model)
            if foreign is None:
                continue
            response = client.get(url(model, "changelist"), {f"{entry[0]}__id__exact": foreign.pk})
            assert response.status_code in (200, 403)
            assert "Theirs" not in response.text
            if response.status_code == 200 and response.context["cl"].filter_specs:
                assert response.context["cl"].result_count in (
                    0,
                    shown.get_queryset(request_of(ours.coordinator)).count(),
                )

    def test_the_signed_out_are_sent_to_sign_in(self, model, ours, client):
        row = ours.rows().get(model)
        pages = [url(model, "changelist"), url(model, "add")]
        pages += [url(model, page, row.pk) for page in ("change", "delete", "history")] if row else []
        for page in pages:
            for response in (client.get(page), client.post(page)):
                assert response.status_code == 302
                assert response.headers["Location"].startswith(reverse("backoffice:login"))

    def test_commissioners_change_nothing_and_meet_no_person(self, model, ours, signed_in):
        client = signed_in(ours.commissioner)
        if model in NEVER_FOR_COMMISSIONERS:
            assert client.get(url(model, "changelist")).status_code == 403
        assert client.get(url(model, "add")).status_code == 403
        row = ours.rows().get(model)
        if row and row != ours.commissioner:
            before = snapshot(row)
            assert client.post(url(model, "change", row.pk), before).status_code in (302, 403)
            assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code in (302, 403)
            assert snapshot(row) == before


def screens_of(model) -> list:
    shown = admin.site.get_model_admin(model)
    return [shown, *(inline(model, admin.site) for inline in shown.inlines)]


def forms_of(model, user) -> list:
    """Return the form classes of the model's own page and its inlines, as `user` gets them."""
    request = request_of(user)
    shown = admin.site.get_model_admin(model)
    inlines = [inline.get_formset(request).form for inline in shown.get_inline_instances(request)]
    return [shown.get_form(request), *inlines] if shown.has_add_permission(request) else []


def is_several(field: ModelChoiceField) -> bool:
    return hasattr(field, "_check_values")


def test_another_organisation_of_the_network_reads_no_secret_anywhere(ours, signed_in):
    """Crawl all lists and all pages they link to, as somebody who only may know limited details."""
    client, opened = signed_in(ours.outsider), 0
    for model in OURS:
        response = client.get(url(model, "changelist"))
        if response.status_code == 403:
            continue
        for row in response.context["cl"].result_list:
            for page in ("change", "history"):
                shown = client.get(url(model, page, row.pk))
                opened += 1
                assert not any(secret in shown.text for secret in SECRETS), (model, page)
        assert not any(secret in response.text for secret in SECRETS), model
    assert opened > 40


def test_the_commissioner_reads_no_secret_anywhere(ours, signed_in):
    client = signed_in(ours.commissioner)
    for model in set(OURS) - NEVER_FOR_COMMISSIONERS:
        response = client.get(url(model, "changelist"))
        for row in response.context["cl"].result_list if response.status_code == 200 else ():
            text = client.get(url(model, "change", row.pk)).text
            assert not any(secret in text for secret in SECRETS), model
            assert "0 Person" not in text, model


def test_operators_see_everything(ours, theirs, signed_in):
    client = signed_in(m.User.objects.create_superuser("operator@example.org"))
    for tenant in (ours, theirs):
        for model, row in tenant.rows().items():
            assert client.get(url(model, "change", row.pk)).status_code == 200, model


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_lists_cost_the_same_at_one_and_at_three_rows(model, ours, signed_in):
    client = signed_in(m.User.objects.create_superuser("operator@example.org"))
    client.get(url(model, "changelist"))
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url(model, "changelist")).status_code == 200
        counts.append(len(queries))
        ours.grow()
        ours.grow()
    assert counts[0] == counts[1]


def test_view_on_site_tells_nobody_an_address(ours, signed_in):
    kind = ContentType.objects.get_for_model(m.ReferralLink)
    response = signed_in(ours.outsider).get(f"/backoffice/r/{kind.pk}/{ours.link.pk}/")
    assert response.status_code == 404
    assert ours.link.token not in response.text
