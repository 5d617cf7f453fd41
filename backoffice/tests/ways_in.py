"""Attacks on every screen, found by walking the registry of admins and the configuration of addresses.

An Attack is one user against one tenant. Each request is one attempt, counted by its way in. The response must contain
none of the forbidden words, be no server error and keep to its content policy; no row of the tenant may change. With a
`share`, only so many of the lists, rows, forms, tables, fields and addresses are drawn.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from bs4 import BeautifulSoup
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from tablib import Dataset

from backoffice.tests.page_policy import refused_markup
from backoffice.tests.tenants import Tenant
from referrals import models as m
from referrals.access import visible_to
from referrals.tests.depth import draw_cases

OURS = [model for model in admin.site._registry if model._meta.app_label == "referrals"]
Case = TypeVar("Case")
ADMIN_PAGES = ("changelist", "add", "change", "delete", "history")
REFUSED = {301, 302, 400, 403, 404, 405, 410}


def admin_url(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"backoffice:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def signed_in_in_full(user: m.User) -> Client:
    """With a second factor: without one, every request would look for a network that requires it."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.create(user=user, name="App").persistent_id
    session.save()
    return client


class Attack:
    def __init__(
        self,
        client: Client,
        victim: Tenant,
        forbidden: tuple[str, ...],
        attempts: Counter,
        *,
        who: str = "",
        share: float = 1,
    ) -> None:
        self.client, self.victim, self.attempts, self.who, self.share = client, victim, attempts, who, share
        self.forbidden = tuple(word.lower() for word in forbidden)
        self.is_stranger = victim.word.lower() in self.forbidden  # of another network: it must find nothing at all
        self.rows = victim.rows()
        self.part_of_word = victim.word[1:-1]  # finds the tenant, yet a page may repeat it as the search term

    def get(self, way: str, address: str, data: dict | None = None) -> HttpResponse:
        return self._check(way, address, self.client.get(address, data or {}))

    def post(self, way: str, address: str, data: dict | None = None) -> HttpResponse:
        return self._check(way, address, self.client.post(address, data or {}))

    def _check(self, way: str, address: str, response: HttpResponse) -> HttpResponse:
        self.attempts[way] += 1
        assert response.status_code in {200, *REFUSED}, (way, address, response.status_code)
        said = (response.getvalue().decode(errors="replace") + response.headers.get("Location", "")).lower()
        found = [word for word in self.forbidden if word in said]
        assert not found, (way, address, found)
        assert refused_markup(response) == [], (way, address)
        return response

    def _drawn(self, what: str, cases: Iterable[Case]) -> list[Case]:
        return draw_cases(f"{what} for {self.who}", list(cases), share=self.share)

    def listed(self, response: HttpResponse) -> set:
        return {row.pk for row in response.context["cl"].result_list} if response.status_code == 200 else set()

    def every_list(self) -> None:
        """Lists, what their search finds, every option of every filter, and look-ups on every field."""
        for model in self._drawn("lists", [model for model in OURS if model not in PUBLIC_DATA]):
            address = admin_url(model, "changelist")
            first = self.get("list", address)
            self._search(model, address)
            if first.status_code == 200:
                self._filter(first, address)
            self._look_up(model, address, first)

    def _search(self, model: type[Model], address: str) -> None:
        row = self.rows.get(model)
        for word in (self.part_of_word if self.is_stranger else "ecre", self.victim.referral.reference):
            found = self.get("search", address, {"q": word})
            assert not (self.is_stranger and row and row.pk in self.listed(found)), (model, word)

    def _filter(self, first: HttpResponse, address: str) -> None:
        changelist = first.context["cl"]
        for spec in changelist.filter_specs:
            for choice in spec.choices(changelist):
                if choice["query_string"] != "?":  # that is the list itself again
                    self.get("filter", address + choice["query_string"])
            field = getattr(spec, "field", None)
            if field is not None and field.is_relation and (row := self.rows.get(field.related_model)):
                found = self.get("filter", address, {f"{spec.field_path}__{field.target_field.name}__exact": row.pk})
                assert not (self.is_stranger and self.listed(found)), (address, field)

    def _look_up(self, model: type[Model], address: str, first: HttpResponse) -> None:
        """Guess at values of fields, own and related. No filter asks how a value begins, so every guess is refused."""
        paths = list(field_paths(model))
        for path in draw_cases(f"look-ups on {model.__name__} for {self.who}", paths, share=min(1, 3 / len(paths))):
            found = self.get("look-up", address, {f"{path}__startswith": "1"})
            is_sent_to_sign_in = found.status_code == first.status_code == 302
            assert found.status_code in (400, 403) or is_sent_to_sign_in, (model, path, found.status_code)

    def every_row(self, may_open: Callable[[type[Model]], bool]) -> None:
        """Pages of the victim's rows, opened and sent; actions; pop-ups."""
        for model, row in self._drawn("rows", self.rows.items()):
            for page in ("change", "delete", "history"):
                address = admin_url(model, page, row.pk)
                opened = self.get(page, address)
                assert opened.status_code in REFUSED or (page == "change" and may_open(model)), (model, page)
                sent = self.post(page, address, {"post": "yes", **_filled(opened)})
                assert sent.status_code in REFUSED, (model, page)
            data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes", "index": 0}
            self.post("action", admin_url(model, "changelist"), data)
            self._pop_up(model, row)

    def _pop_up(self, model: type[Model], row: Model) -> None:
        """A pop-up is told which field's value to hand back: it must not be a row's password or reference."""
        self.get("pop-up", admin_url(model, "changelist"), {"_popup": "1", "_to_field": "id"})
        for to_field in ("password", "reference"):
            self.get("pop-up", admin_url(model, "change", row.pk), {"_popup": "1", "_to_field": to_field})

    def every_relation(self, own: Tenant) -> None:
        """Send the attacker's own forms with a row of the victim in each relation, one after the other."""
        for model, row in self._drawn("forms", own.rows().items()):
            for address in (admin_url(model, "add"), admin_url(model, "change", row.pk)):
                page = self.client.get(address)
                if page.status_code == 200 and page.context["has_change_permission"] | page.context["add"]:
                    self._replace_relations(model, address, page)

    def _replace_relations(self, model: type[Model], address: str, page: HttpResponse) -> None:
        data, all_names = _filled(page), _names(page)
        for prefix, related in _relations(page):
            foreign = self.rows.get(related)
            names = [name for name in all_names if re.fullmatch(prefix, name)]
            for name in names if foreign else ():
                before = model._base_manager.count()
                sent = self.post("foreign key", address, {**data, name: foreign.pk})
                assert sent.status_code == 200, (address, name, sent.headers.get("Location"), data)
                assert name.rpartition("-")[2] in _fields_with_errors(sent), (address, name)
                assert model._base_manager.count() == before

    def every_table(self) -> None:
        """Upload the victim's own export, to change its rows and to add others like them."""
        resources = {model: admin.site.get_model_admin(model).resource for model in OURS if model in self.rows}
        for model in self._drawn("tables", [model for model, resource in resources.items() if resource]):
            rows = model._base_manager.filter(pk=self.rows[model].pk)
            table = resources[model](self.victim.coordinator).export(rows)
            before = model._base_manager.count()
            for key in (str(self.rows[model].pk), ""):
                self._bring(model, Dataset([key, *_renamed(table)], headers=table.headers))
            assert model._base_manager.count() == before, model

    def _bring(self, model: type[Model], table: Dataset) -> None:
        """Upload, preview, confirm. The page repeats the file, so finding forbidden words in it would prove nothing."""
        file = SimpleUploadedFile("table.csv", table.csv.encode())
        answer = self.client.post(admin_url(model, "import"), {"file": file})
        self.attempts["import"] += 1
        if answer.status_code == 302 and "import" in answer.headers["Location"]:
            for send in (self.client.get, self.client.post):
                assert send(answer.headers["Location"]).status_code in {200, *REFUSED}
                self.attempts["import"] += 1

    def every_field(self) -> None:
        """Ask autocomplete for the victim's rows, for every relation of every model."""
        address = reverse("backoffice:autocomplete")
        for model in self._drawn("fields", OURS):
            for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
                if field.is_relation:
                    query = {"app_label": "referrals", "model_name": model._meta.model_name, "field_name": field.name}
                    for term in ("", self.part_of_word):
                        self.get("autocomplete", address, {**query, "term": term})

    def every_address(self, arguments: Callable[[str, Tenant], list | None], is_public: Callable[[str], bool]) -> None:
        """Open and send to every address there is, with the victim's keys in it."""
        for name, pattern in self._drawn("addresses", named_patterns()):
            if name in NOT_ATTACKED:
                continue
            found = arguments(name, self.victim)
            if found is None:
                assert not _takes_arguments(pattern), f"Add {name} to ARGUMENTS: what does it take?"
                found = []
            for args in found if found and isinstance(found[0], list) else [found]:
                address = reverse(name, args=args)
                for response in (self.get("address", address), self.post("address", address, {"post": "yes"})):
                    assert response.status_code in REFUSED or is_public(name), (name, response.status_code)


def _renamed(table: Dataset) -> list[str]:
    """Return the cells of the only row after its key, with the name changed."""
    return ["Stolen" if head == "Name" else cell for head, cell in zip(table.headers, table[0], strict=True)][1:]


PUBLIC_DATA = {m.Postcode, m.PostcodeDistrict}
# These hold nothing of a tenant. The first two would end the attacker's own session.
NOT_ATTACKED = {"backoffice:logout", "backoffice:sign_out_everywhere", "healthz"}


def field_paths(model: type[Model]) -> Iterator[str]:
    """Return the paths of look-ups: the model's own fields, and those of every model that it is related to."""
    for field in model._meta.get_fields():
        if field.is_relation:
            yield from (f"{field.name}__{related.name}" for related in field.related_model._meta.concrete_fields)
        else:
            yield field.name


def named_patterns(
    resolver: URLResolver | None = None, inside: tuple[str, ...] = ()
) -> Iterator[tuple[str, URLPattern]]:
    """Return every pattern with its full name, except those of Django's own admin pages and of Wagtail's admin."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            if not str(pattern.pattern).startswith("cms/"):
                yield from named_patterns(pattern, (*inside, pattern.namespace) if pattern.namespace else inside)
        elif pattern.name and not pattern.name.endswith(tuple(f"_{page}" for page in ADMIN_PAGES)):
            yield ":".join((*inside, pattern.name)), pattern


def addresses_of_cms() -> Iterator[str]:
    """Return an address for every pattern of Wagtail's admin, with a made-up value for each argument."""
    for route in dict.fromkeys(cms_routes()):
        yield re.sub(r"<(int:)?[^>]*>", lambda found: "1" if found[1] else "x", route)


def cms_routes() -> Iterator[str]:
    cms = next(
        one for one in get_resolver().url_patterns if isinstance(one, URLResolver) and str(one.pattern) == "cms/"
    )
    return _routes(cms, "/")


def _routes(resolver: URLResolver, start: str) -> Iterator[str]:
    here = start + str(resolver.pattern).lstrip("^")
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, here)
        elif "(" not in str(pattern.pattern):
            yield here + str(pattern.pattern).strip("^$")


def _takes_arguments(pattern: URLPattern) -> bool:
    return bool(pattern.pattern.regex.groups)


def _form(page: HttpResponse):
    return BeautifulSoup(page.content, "html.parser").select_one("#content-main form, #content form")


def _names(page: HttpResponse) -> list[str]:
    form = _form(page)
    fields = form.select("input[name], select[name], textarea[name]") if form else []
    return list(dict.fromkeys(field["name"] for field in fields))


def _filled(page: HttpResponse) -> dict[str, object]:
    """Return what a browser would send back if nothing were changed."""
    form = _form(page) if page.status_code == 200 else None
    data: dict[str, object] = {}
    for field in form.select("input[name], select[name], textarea[name]") if form else ():
        if field.name == "select":
            data[field["name"]] = [o.get("value", "") for o in field.select("option[selected]")]
        elif field.name == "textarea":
            data[field["name"]] = field.text
        elif field.get("type") not in ("checkbox", "radio", "submit", "file") or field.has_attr("checked"):
            data[field["name"]] = field.get("value", "on")
    return data


def _relations(page: HttpResponse) -> Iterator[tuple[str, type[Model]]]:
    """Yield, for each relation in the page's forms, a regular expression for its names, and the related model."""
    form = page.context["adminform"].form
    yield from _of_form(form, "")
    for inline in page.context.get("inline_admin_formsets", ()):
        formset = inline.formset
        if inline.has_change_permission:
            yield from _of_form(formset.empty_form, rf"{formset.prefix}-\d+-")


def _of_form(form, prefix: str) -> Iterator[tuple[str, type[Model]]]:
    for name, field in form.fields.items():
        if hasattr(field, "queryset"):
            yield prefix + re.escape(name), field.queryset.model


def _fields_with_errors(page: HttpResponse) -> set[str]:
    forms = [page.context["adminform"].form]
    for inline in page.context.get("inline_admin_formsets", ()):
        forms += inline.formset.forms
    return {name for form in forms for name in form.errors}


def everything_of(tenant: Tenant) -> dict[tuple[str, object], dict]:
    """Return every row that the tenant's own people may see, with its values: no attack may change these."""
    found = {}
    for model in OURS:
        for user in (tenant.coordinator, tenant.insider):
            for row in visible_to(user, model).order_by().values():
                row.pop("last_login", None)
                found[model.__name__, row.get("id", row.get("name"))] = row
    return found
