"""What the import contracts in pyproject.toml cannot say: external packages, names in strings."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.forms import BaseForm
from django.utils.module_loading import import_string

from referrals.notifications.links import check_message_links, message_links
from referrals.schedules import SCHEDULES

PACKAGES = ("referrals", "backoffice", "directory_site")
SURFACES = ("referral_form", "api", "demo", "bench", "management")
DOTTED_TASK = re.compile(r'"(referrals\.tasks\.\w+)"')


def modules(package: str) -> dict[str, str]:
    """Return path and source of every module of a package but its tests."""
    root = settings.BASE_DIR / package
    paths = [path for path in root.rglob("*.py") if "tests" not in path.relative_to(root).parts]
    return {str(path.relative_to(settings.BASE_DIR)): path.read_text() for path in paths}


def imports_of(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{alias.name}" for alias in node.names)


def domain() -> dict[str, str]:
    sources = modules("referrals")
    return {path: source for path, source in sources.items() if Path(path).parts[1] not in SURFACES}


def test_every_dotted_name_of_a_task_resolves():
    sources = [source for package in PACKAGES for source in modules(package).values()]
    names = {name for source in sources for name in DOTTED_TASK.findall(source)}
    assert names >= {schedule.task for schedule in SCHEDULES}
    assert all(callable(import_string(name)) for name in names)


def test_the_domain_reverses_no_address_of_the_back_office():
    assert [path for path, source in modules("referrals").items() if re.search(r"['\"]backoffice:", source)] == []


@pytest.mark.parametrize("name", ["django.shortcuts", "django.template.response"])
def test_the_domain_renders_no_page(name):
    assert [
        path for path, source in domain().items() if any(each.startswith(name) for each in imports_of(source))
    ] == []


@pytest.mark.parametrize("path", ["", "backoffice.nowhere.Links", "referrals.notifications.links.MessageLinks"])
def test_links_that_the_project_has_not_filled_in_are_an_error(settings, path):
    settings.MESSAGE_LINKS = path
    with pytest.raises(ImproperlyConfigured, match="MESSAGE_LINKS"):
        message_links()
    assert [error.id for error in check_message_links(None)] == ["referrals.E001"]


def forms_of_ours(base: type[BaseForm] = BaseForm) -> Iterator[type[BaseForm]]:
    for form in base.__subclasses__():
        if form.__module__.partition(".")[0] in PACKAGES and ".tests" not in form.__module__:
            yield form
        yield from forms_of_ours(form)


def names_of_fields(form: type[BaseForm], source: str) -> set[str]:
    of_admins = {shown.form: model for model, shown in admin.site._registry.items()}
    added = re.findall(r'\bfields\["(\w+)"\]', source)
    of_model = [field.name for field in of_admins[form]._meta.get_fields()] if form in of_admins else []
    return {*form.base_fields, *added, *of_model}


def test_no_attribute_of_a_form_has_the_name_of_a_field():
    """A template that asks for it gets the field, and where the form has dropped the field, something that is none."""
    import_string("backoffice.urls.urlpatterns")  # imports every form
    looked_at, shadowed = 0, []
    for form in set(forms_of_ours()):
        source = textwrap.dedent(inspect.getsource(form))
        own = {*vars(form), *re.findall(r"self\.(\w+)(?=(?:, self\.\w+)* = )", source)}
        shadowed += [f"{form.__qualname__}.{name}" for name in own & names_of_fields(form, source)]
        looked_at += 1
    assert shadowed == []
    assert looked_at > 40
