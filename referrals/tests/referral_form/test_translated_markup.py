"""Whatever coordinators write into a text, in whatever language, is a text on every page of the form."""

from bs4 import BeautifulSoup

from referrals.models.translated import TranslatedModel
from referrals.tests import factories as f
from referrals.tests.referral_form.test_languages import place, walk  # noqa: F401 - a fixture

EVIL = """<img src="/x" onerror='1'>"' onfocus=1 {{ 7|add:7 }} {0}"""
NOT_IN_A_LIST = {"ConsentWording"}  # never changed: a new one has to be written


def poison() -> int:
    changed = 0
    for model in TranslatedModel.__subclasses__():
        for row in model.objects.all() if model.__name__ not in NOT_IN_A_LIST else ():
            for name in model.translated_fields:
                longest = model._meta.get_field(name).max_length or 300
                texts = [row.translations.get(code, {}) for code in ("pl", "cy")]
                for text in texts:
                    if text.get(name):
                        text[name] = (text[name] + EVIL)[:longest]
                        changed += 1
                if getattr(row, name):
                    setattr(row, name, (getattr(row, name) + EVIL)[:longest])
            row.save()
    return changed


def test_no_text_becomes_markup(place):  # noqa: F811
    assert poison() > 20
    newest = f.ConsentWordingFactory(
        network=place.network, version=9, text=EVIL, translations={"pl": {"text": f"Zgoda {EVIL}"}}
    )
    f.publish_drafts()
    pages = walk(place, "pl")
    for name, page in pages.items():
        assert not page.select('img[src="/x"], [onerror], [onfocus]'), name
        assert "14" not in [word for tag in page.select("label, legend, p") for word in tag.get_text().split()]
    assert " ".join(page.get_text() for page in pages.values()).count("<img") > 10
    assert BeautifulSoup(newest.text, "html.parser").img  # it would have been one
