"""Attacks every admin from outside. It walks the registry, so that what is registered tomorrow is attacked tomorrow."""

from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField, model_to_dict
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import Failure

from backoffice.home.navigation import MODELS, SYSTEM
from backoffice.tests.tenants import SECRETS
from backoffice.tests.ways_in import field_paths, signed_in_in_full
from referrals import models as m
from referrals.access import visible_to
from referrals.models.notifications import Heartbeat
from referrals.tests import factories as f

pytestmark = pytest.mark.django_db

SHARED = {m.Postcode, m.PostcodeDistrict}  # public reference data
OF_THE_INSTALLATION = {Heartbeat, m.CardRequest, m.PasswordResetRequest, m.RateLimitCounter, m.UploadedTable}
OURS = [model for model in admin.site._registry if model._meta.app_label == "referrals"]
ATTACKED = [model for model in OURS if model not in SHARED | OF_THE_INSTALLATION]
FOR_OPERATORS = {model for model, shown in admin.site._registry.items() if shown.only_operators}
NEVER_FOR_COMMISSIONERS = {
    m.AccountEvent,
    m.Answer,
    m.Assignment,
    m.Consent,
    m.Event,
    m.Invitation,
    m.Need,
    m.NetworkRole,
    m.Note,
    m.Notification,
    m.AccessRecord,
    m.OrganisationMember,
    m.Person,
    m.PublicMessage,
    m.Referral,
    m.ReferralLink,
    m.Strand,
}


def url(model, page, *args) -> str:
    return reverse(f"backoffice:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def snapshot(row) -> dict:
    fresh = type(row)._base_manager.get(pk=row.pk)
    return {key: str(value) for key, value in model_to_dict(fresh).items()}


def request_of(user) -> object:
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.fixture
def strangers(ours, theirs) -> list:
    """Clients of people who have no part in `theirs`."""
    nobody = m.User.objects.create_user("nobody@example.org")
    people = (ours.coordinator, ours.insider, ours.commissioner, ours.outsider, nobody)
    return [signed_in_in_full(user) for user in people]


def test_every_model_has_a_row_to_attack(ours):
    assert set(ours.rows()) == set(ATTACKED)


def test_the_coordinator_sees_every_list_of_the_network(ours, signed_in):
    client = signed_in(ours.coordinator)
    for model, row in ours.rows().items():
        if model in FOR_OPERATORS:
            continue
        page = url(model, "change", row.pk)
        if model is m.Organisation:  # its list is a screen of its own, which leads to its page
            page = reverse("backoffice:network_organisation", args=[row.pk])
        if model is m.Person:
            page = reverse("backoffice:person", args=[row.pk])
        assert page in client.get(url(model, "changelist"), follow=True).text, model
        assert client.get(url(model, "change", row.pk)).status_code == 200, model


def test_raw_tables_are_for_operators_alone(ours, signed_in):
    """Not even their own rows are open to coordinators and organisations here: they have screens for these."""
    assert {m.Assignment, m.Event, m.Note, m.Referral, m.Strand, m.User, Heartbeat, Failure} <= FOR_OPERATORS
    assert set(MODELS[SYSTEM]) == FOR_OPERATORS
    operator, rows = signed_in(m.User.objects.create_superuser("operator@example.org")), ours.rows()
    people = {user: signed_in(user) for user in (ours.coordinator, ours.insider)}
    for model in FOR_OPERATORS:
        assert operator.get(url(model, "changelist")).status_code == 200, model
        for user, client in people.items():
            addresses = [url(model, "changelist"), url(model, "add")]
            if model in rows and visible_to(user, model).contains(rows[model]):
                addresses += [url(model, page, rows[model].pk) for page in ("change", "history")]
            for address in addresses:
                assert client.get(address).status_code == 403, (user, address)


@pytest.mark.sampled
@pytest.mark.slow(reason="a coordinator and an insider open every page that they are linked to")
def test_nobody_else_is_linked_to_the_tables_of_operators(ours, signed_in):
    closed = tuple(url(model, "changelist") for model in FOR_OPERATORS)
    for user in (ours.coordinator, ours.insider):
        for address, text in {**crawled(signed_in(user)), **screens(signed_in(user), ours)}.items():
            links = {link["href"] for link in BeautifulSoup(text, "html.parser").select("a[href]")}
            assert not [link for link in links if link.startswith(closed)], address


@pytest.mark.sampled
@pytest.mark.slow(reason="three strangers open every list and page of the admin")
def test_strangers_find_nothing_in_lists_and_open_no_page(theirs, strangers):
    """The coordinator and the insider of another network try all of this, and more, in test_every_way_in.py."""
    rows = theirs.rows()
    for model in OURS:
        row = rows.get(model)
        before = snapshot(row) if row else {}
        for client in strangers[2:]:
            response = client.get(url(model, "changelist"), follow=True)
            assert response.status_code in (200, 403), model
            assert row is None or url(model, "change", row.pk) not in response.text, model
            assert "Theirs" not in response.text, model
            for page in ("change", "delete", "history") if row else ():
                address = url(model, page, row.pk)
                assert client.get(address).status_code in (302, 403), address
                assert client.post(address, {"post": "yes", **before}).status_code in (302, 403), address
        assert row is None or snapshot(row) == before, model


def test_a_row_of_others_is_answered_like_one_that_does_not_exist(ours, theirs, signed_in):
    client = signed_in(ours.coordinator)
    for model, row in theirs.rows().items():
        for page in ("change", "delete", "history"):
            real, none = (client.get(url(model, page, key)) for key in (row.pk, 999_999_999))
            assert real.status_code == none.status_code, model
            assert real.headers.get("Location") == none.headers.get("Location"), model


def forms_of(model, user) -> list:
    """Return the form classes of the model's own page and its inlines, as `user` gets them."""
    request = request_of(user)
    shown = admin.site.get_model_admin(model)
    inlines = [inline.get_formset(request).form for inline in shown.get_inline_instances(request)]
    return [shown.get_form(request), *inlines] if shown.has_add_permission(request) else []


def test_forms_offer_and_accept_nothing_of_others(ours, theirs):
    foreign, tried = theirs.rows(), 0
    for model in OURS:
        for user in (ours.coordinator, ours.insider, ours.outsider):
            for form in forms_of(model, user):
                for name, field in form.base_fields.items():
                    if not isinstance(field, ModelChoiceField):
                        continue
                    row = foreign[field.queryset.model]
                    value = [row.pk] if isinstance(field, ModelMultipleChoiceField) else row.pk
                    with pytest.raises(ValidationError):
                        field.clean(value)
                    assert row not in field.queryset, (model, name)
                    tried += 1
    assert tried > 35


def screens_of(model) -> list:
    shown = admin.site.get_model_admin(model)
    return [shown, *shown.inlines]


def completions() -> Iterator[dict[str, str]]:
    """Return what a browser asks for each field that some form completes."""
    for model in OURS:
        for screen in screens_of(model):
            for name in screen.autocomplete_fields:
                yield {"app_label": "referrals", "model_name": screen.model._meta.model_name, "field_name": name}


def test_autocomplete_finds_nothing_of_others(ours, theirs, strangers):
    tried = 0
    for query in completions():
        for client in strangers:
            for term in ("", "theirs"):
                response = client.get(reverse("backoffice:autocomplete"), {**query, "term": term})
                assert response.status_code in (200, 403), query
                assert "Theirs" not in response.text, query
                tried += 1
    assert tried >= 60


def test_autocomplete_offers_only_what_may_be_chosen(ours, signed_in):
    """The outsider sees the other organisation and its services, and acts for none of them."""
    client, offered = signed_in(ours.outsider), set()
    for query in completions():
        response = client.get(reverse("backoffice:autocomplete"), {**query, "term": ""})
        if response.status_code == 200:
            offered |= {row["text"] for row in response.json()["results"]}
    assert offered == {ours.bystander.name}


def test_autocomplete_answers_only_for_fields_of_forms_that_use_it(ours, signed_in):
    client = signed_in(ours.coordinator)
    for model in OURS:
        completed = {name for screen in screens_of(model) for name in screen.autocomplete_fields}
        for field in model._meta.get_fields():
            if field.is_relation and field.name not in completed:
                query = {"app_label": "referrals", "model_name": model._meta.model_name, "field_name": field.name}
                response = client.get(reverse("backoffice:autocomplete"), query)
                assert response.status_code in (403, 404), (model, field)


def test_only_the_look_ups_of_filters_are_answered(ours, signed_in):
    client, request = signed_in(ours.coordinator), request_of(ours.coordinator)
    for model in OURS:
        shown = admin.site.get_model_admin(model)
        for path in [*field_paths(model), *(field.name for field in model._meta.get_fields())]:
            for look_up in ("startswith", "gt", "in", "id", "pk", "organisation__name"):
                key = f"{path}__{look_up}"
                assert not shown.lookup_allowed(key, "1", request), key
        response = client.get(url(model, "changelist"), {f"{model._meta.pk.name}__gt": "0"})
        is_sent_on = response.status_code == 302 and response.headers["Location"] == reverse("backoffice:network_list")
        assert response.status_code in (400, 403) or (is_sent_on and model is m.Organisation), model


def test_filters_neither_offer_nor_find_rows_of_others(ours, theirs, signed_in):
    client, foreign = signed_in(ours.coordinator), theirs.rows()
    for model in OURS:
        shown = admin.site.get_model_admin(model)
        for entry in shown.get_list_filter(request_of(ours.coordinator)):
            if not isinstance(entry, tuple):
                continue
            row = foreign[model._meta.get_field(entry[0]).related_model]
            response = client.get(url(model, "changelist"), {f"{entry[0]}__id__exact": row.pk}, follow=True)
            assert response.status_code in (200, 403)
            assert "Theirs" not in response.text, (model, entry)


def test_what_an_organisation_does_in_another_network_is_not_shown(ours, theirs, signed_in):
    """It is in both networks. The coordinator of one learns nothing about what it does in the other."""
    theirs.network.memberships.create(organisation=ours.asked)
    f.ServiceFactory(
        network=theirs.network, organisation=ours.asked, activity=ours.activity, categories=[theirs.category]
    )
    m.AccountEvent.objects.create(kind="suspended", organisation=ours.asked, network=theirs.network)
    client = signed_in(ours.coordinator)
    addresses = [url(model, "changelist") for model in OURS if model not in SHARED]
    addresses += [reverse(f"backoffice:network_{view}") for view in ("list", "capacity")]
    addresses += [reverse("backoffice:network_organisation", args=[ours.asked.pk])]
    for address in [*addresses, *(url(m.Organisation, page, ours.asked.pk) for page in ("change", "history"))]:
        assert "Theirs" not in client.get(address, follow=True).text, address
    assert "Theirs network" in signed_in(ours.insider).get(reverse("backoffice:network_list")).text


def screens(client, tenant) -> dict[str, str]:
    """Return by address what the Referrals screen shows: the list, the tenant's referral, and the files of both."""
    referral = tenant.referral.reference
    addresses = [f"{reverse('backoffice:referrals')}{query}" for query in ("", f"?view={referral}")]
    addresses.append(reverse("backoffice:workspace_export", args=["csv"]))
    addresses.append(reverse("backoffice:workspace_download", args=[referral]))
    return {address: client.get(address).getvalue().decode() for address in addresses}


def test_a_referral_does_not_name_the_other_network_whose_form_it_came_from(ours, theirs, signed_in):
    asked = {"network": theirs.network, "status": "seeking", "created_at": ours.referral.created_at}
    m.Strand.objects.create(referral=ours.referral, **asked)
    client = signed_in(theirs.coordinator)
    pages = screens(client, ours)
    assert len(pages) == 4
    for address, text in pages.items():
        assert ours.referral.reference in text, address
        assert "Ours network" not in text, address


def test_no_permission_is_given_on_a_row_of_others(ours, theirs):
    """The last wall: no page finds such a row, but if one did, it could be neither seen nor changed."""
    for model, row in theirs.rows().items():
        shown = admin.site.get_model_admin(model)
        for user in (ours.coordinator, ours.insider, ours.outsider, ours.commissioner):
            request = request_of(user)
            for permission in (shown.has_view_permission, shown.has_change_permission, shown.has_delete_permission):
                assert not permission(request, row), (model, user, permission.__name__)


@pytest.mark.sampled
def test_no_action_is_offered_or_done(ours, theirs, strangers):
    for model, row in theirs.rows().items():
        for client in strangers:
            data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
            assert client.post(url(model, "changelist"), data).status_code in (200, 302, 403)
        assert model._base_manager.filter(pk=row.pk).exists(), model


def test_the_signed_out_are_sent_to_sign_in(ours, client):
    for model, row in ours.rows().items():
        pages = [url(model, page) for page in ("changelist", "add")]
        pages += [url(model, page, row.pk) for page in ("change", "delete", "history")]
        for page in pages:
            for response in (client.get(page), client.post(page)):
                assert response.status_code == 302
                assert response.headers["Location"].startswith(reverse("backoffice:login"))


def test_commissioners_change_nothing_and_see_no_person(ours, signed_in):
    client = signed_in(ours.commissioner)
    for model, row in ours.rows().items():
        listed = client.get(url(model, "changelist"))
        if model in NEVER_FOR_COMMISSIONERS:
            assert listed.status_code == 403 or not listed.context["cl"].result_list, model
        assert client.get(url(model, "add")).status_code == 403, model
        before = snapshot(row)
        assert client.post(url(model, "change", row.pk), before).status_code in (302, 403), model
        assert client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code in (302, 403), model
        assert snapshot(row) == before, model


def crawled(client) -> dict[str, str]:
    """Open every list, and the page and the history of each of its rows; return their text by address."""
    pages = {}
    for model in set(OURS) - SHARED:
        address = url(model, "changelist")
        response = client.get(address)
        if response.status_code == 200:
            pages[address] = response.text
            rows = response.context["cl"].result_list
            addresses = [url(model, page, row.pk) for row in rows for page in ("change", "history")]
            pages |= {address: client.get(address).text for address in addresses}
    return pages


def test_another_organisation_of_the_network_reads_no_secret_anywhere(ours, signed_in):
    client = signed_in(ours.outsider)
    pages = crawled(client) | screens(client, ours)
    assert len(pages) > 40
    for address, text in pages.items():
        assert not any(secret in text for secret in SECRETS), address


def test_the_commissioner_reads_no_secret_anywhere(ours, signed_in):
    pages = crawled(signed_in(ours.commissioner))
    assert len(pages) > 30
    for address, text in pages.items():
        assert not any(secret in text for secret in (*SECRETS, "0 Person")), address


def test_operators_see_everything(ours, theirs, signed_in):
    client = signed_in(m.User.objects.create_superuser("operator@example.org"))
    for tenant in (ours, theirs):
        for model, row in tenant.rows().items():
            assert client.get(url(model, "change", row.pk)).status_code == 200, model


def test_lists_cost_the_same_at_one_and_at_three_rows(ours, signed_in):
    client = signed_in(m.User.objects.create_superuser("operator@example.org"))

    def costs() -> dict:
        found = {}
        for model in OURS:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url(model, "changelist")).status_code == 200, model
            found[model.__name__] = len(queries)
        return found

    costs()  # content types are looked up once for each process
    at_one = costs()
    ours.grow()
    ours.grow()
    assert costs() == at_one
    assert at_one.pop("Service") == 15  # with the counts beside the choices of its filters
    # Session, user, second factor, reach; the header's four; two counts, the rows, and what they refer to.
    assert max(at_one.values()) == 12


def test_view_on_site_reveals_no_link(ours, signed_in):
    kind = ContentType.objects.get_for_model(m.ReferralLink)
    response = signed_in(ours.outsider).get(f"/backoffice/r/{kind.pk}/{ours.link.pk}/")
    assert response.status_code == 404
    assert ours.link.token not in response.text


def test_the_log_of_a_row_is_for_those_who_may_change_it(ours, signed_in):
    address = url(m.Organisation, "history", ours.asked.pk)
    assert signed_in(ours.insider).get(address).status_code == 200
    assert signed_in(ours.coordinator).get(address).status_code == 200
    for user in (ours.outsider, ours.commissioner):
        assert signed_in(user).get(address).status_code == 403
        assert "/history/" not in signed_in(user).get(url(m.Organisation, "change", ours.asked.pk)).text
