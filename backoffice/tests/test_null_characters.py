"""A NUL, or what cannot be a key, in any address, query or form of the back office is no fault of ours."""

import pytest
from django.contrib import admin
from django.urls import reverse

from backoffice.tests.test_walls import OURS, url
from backoffice.tests.ways_in import named_patterns
from referrals import models as m
from referrals.tests.depth import draw_cases

pytestmark = pytest.mark.django_db

NUL = "a\0"


@pytest.fixture
def operator(signed_in):
    return signed_in(m.User.objects.create_superuser("operator@example.org"))


@pytest.mark.sampled
@pytest.mark.parametrize("model", draw_cases("null characters", OURS, share=0.3), ids=lambda model: model.__name__)
def test_no_page_of_the_admin_fails(model, ours, operator):
    shown = admin.site.get_model_admin(model)
    for page in ("change", "delete", "history"):
        address = url(model, page, NUL)
        assert "%00" in address
        for send in (operator.get, operator.post):
            assert send(address).status_code in (302, 400, 403, 404), address
    names = [field.name for field in model._meta.fields]
    for page in ("changelist", "add"):
        for query in ({"q": NUL, "next": NUL, "_changelist_filters": NUL}, *({name: NUL} for name in names)):
            response = operator.get(url(model, page), query)
            assert response.status_code in (200, 302, 400, 403), (model, page, query)
    if shown.has_add_permission(operator.get(url(model, "changelist")).wsgi_request):
        sent = operator.post(url(model, "add"), dict.fromkeys([*names, "_to_field", "_popup"], NUL))
        assert sent.status_code in (200, 400), model


@pytest.mark.sampled
@pytest.mark.parametrize("key", ["x", "9" * 30, "1.5"])
def test_no_form_fails_on_what_cannot_be_a_key(key, ours, operator):
    tried = 0
    for model in OURS:
        address = url(model, "add")
        if operator.get(address).status_code == 200:
            relations = [field.name for field in model._meta.fields if field.is_relation]
            assert operator.post(address, dict.fromkeys(relations, key)).status_code == 200, model
            tried += len(relations)
    assert tried > 15


def test_no_other_page_fails(ours, operator):
    tried = 0
    for name, pattern in named_patterns():
        if name.startswith("backoffice:") and "logout" not in name and not pattern.pattern.regex.groups:
            for send in (operator.get, operator.post):
                answer = send(
                    reverse(name), {"q": NUL, "view": NUL, "term": NUL, "field_name": NUL, "page": NUL, "next": NUL}
                )
                assert answer.status_code < 500, name
                tried += 1
    assert tried > 20


def test_no_name_to_sign_in_with_fails(client, db):
    response = client.post(reverse("backoffice:login"), {"username": NUL, "password": NUL})
    assert response.status_code == 200
    assert client.get("/backoffice/referrals/postcode/%00/change/").status_code == 302
