"""Catalogues have exactly the words that visitors read, all of them translated, with nothing lost on the way."""

import gettext
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = settings.BASE_DIR
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+>")

each_catalogue = pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parent.parent.name)


def without_dates(text: str) -> str:
    return re.sub(r'^"POT-Creation-Date: .*\n', "", text, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def renewed(tmp_path_factory) -> Path:
    """A copy of the sources and of the catalogues, which are brought up to date there."""
    copy = tmp_path_factory.mktemp("sources")
    for folder in ("directory_site", "referrals", "templates", "locale"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("tests", "static", "*.pyc", "*.mo"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(copy)
        patch.setattr(settings, "LOCALE_PATHS", [copy / "locale"])
        call_command("makemessages", all=True, verbosity=0)
    return copy


def test_there_is_polish():
    assert "pl" in [path.parent.parent.name for path in CATALOGUES]
    assert ("pl", "Polski") in settings.LANGUAGES


@each_catalogue
def test_it_has_the_words_of_today(renewed, catalogue):
    """`make words` brings it up to date; what is new is then to be translated."""
    assert without_dates((renewed / catalogue.relative_to(ROOT)).read_text()) == without_dates(catalogue.read_text())


@each_catalogue
@pytest.mark.parametrize("lack", ["untranslated", "only-fuzzy", "only-obsolete"])
def test_nothing_is_left_to_do(catalogue, lack):
    found = subprocess.run(["msgattrib", f"--{lack}", str(catalogue)], capture_output=True, text=True, check=True)
    assert found.stdout == ""


def read_messages(catalogue: Path, folder: Path) -> list[tuple[str, str]]:
    """Return each text, and each plural form, with its translation."""
    compiled = folder / "django.mo"
    subprocess.run(["msgfmt", "--check", "-o", str(compiled), str(catalogue)], check=True, capture_output=True)
    with compiled.open("rb") as file:
        messages = gettext.GNUTranslations(file)._catalog
    assert len(messages) > 300
    return [
        ((key[0] if isinstance(key, tuple) else key).rpartition("\x04")[2], translated)
        for key, translated in messages.items()
    ]


@each_catalogue
def test_placeholders_and_markup_are_those_of_the_original(catalogue, tmp_path):
    for original, translated in read_messages(catalogue, tmp_path):
        if original:
            assert sorted(PLACEHOLDER.findall(translated)) == sorted(PLACEHOLDER.findall(original)), original


# One word each, so that nobody wonders whether two are meant. Matched where the English has the word.
TERMS = {
    r"\borganisations?\b": {"pl": "organizac", "cy": "sefydliad"},
    r"\bnetworks?\b": {"pl": "sie[cć]", "cy": "r[hw]*wydwaith|r[hw]*wydweithiau"},
    r"\bcoordinators?\b": {"pl": "koordynator", "cy": "ydlyn(ydd|wyr)"},
    r"\breferrals?\b": {"pl": "zgłosze", "cy": "tgyfeiri"},
    r"\breference\b": {"pl": "numer", "cy": "yfeirnod"},
    r"\bpostcodes?\b": {"pl": "kod", "cy": "[cg]h?od(au)? post"},
    r"\bdraft\b": {"pl": "szkic", "cy": "drafft"},
    r"\bconsent\b": {"pl": "zgod", "cy": "cydsyni"},
    r"\bforms?\b": {"pl": "formularz", "cy": "ffurflen"},
}


@each_catalogue
def test_each_term_is_translated_by_one_word(catalogue, tmp_path):
    language = catalogue.parent.parent.name
    found = [
        (term, original, translated)
        for original, translated in read_messages(catalogue, tmp_path)
        for term, words in TERMS.items()
        if re.search(term, re.sub(r"%\(\w+\)s", "", original), re.IGNORECASE)
        and not re.search(words[language], translated, re.IGNORECASE)
    ]
    assert found == []


def test_only_what_visitors_read_is_in_it():
    sources = {name for path in CATALOGUES for name in re.findall(r"(?m)^#: (.*)$", path.read_text())}
    files = {name for line in sources for name in line.split()}
    assert not [name for name in files if name.startswith(("backoffice/", "templates/backoffice/"))]
    assert not [name for name in files if name.startswith(("directory_site/models/", "directory_site/blocks/"))]
    assert {"templates/directory_site/service.html", "referrals/hours/words.py", "templates/404.html"} <= files
