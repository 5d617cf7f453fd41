"""The form in other languages: none of our words stays English, what was typed stays, what is kept is in English."""

import re

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from referrals import notifications
from referrals.enums import AssignmentStatus
from referrals.models import (
    Answer,
    Assignment,
    Consent,
    ConsentWording,
    Network,
    Notification,
    Person,
    Referral,
    ReferralLink,
)
from referrals.questions.trying import try_url
from referrals.referral_form.progress import kept_url
from referrals.tests import factories as f
from referrals.tests.referral_form.conftest import Northside
from referrals.tests.referral_form.referrer import Referrer, words
from referrals.translations import EnglishText, translate_field

LANGUAGES = ["pl", "cy"]
OURS = "button, h1, h2, h3, h4, p, li, legend, label, dt, dd, summary, option, figcaption, span, a, time, b"
# The same in each language, or somebody's own words.
DATA = re.compile(
    r"Northside|Pantry|Larder|Baby Bank|Activity \d+|Maya|Okoro|07700|020 |NW5|^E-mail$|Cymraeg|Polski|English|Ctrl|"
    r"@example|http|999|SHOUT|Samaritan|NHS|Helpline|Copyright|©|Licence|[A-Z0-9]{4}-[A-Z0-9]{4}|Referral Networks"
)


# Templates of the form and of e-mails to the person, without what is marked, computed or a comment.
MARKED = re.compile(
    r"{% comment %}.*?{% endcomment %}|{% blocktranslate\b.*?{% endblocktranslate %}|{#.*?#}|{{.*?}}|{%.*?%}", re.DOTALL
)
SPOKEN = ("aria-label", "title", "alt", "placeholder", "data-copied", "data-by-keys")
TEMPLATES = settings.BASE_DIR / "templates"
OF_PERSON = ("person_told*", "also_asked.txt", "asked_to_help.txt", "how_they_are_asked.txt", "card_sent*")
SHOWN = [
    *sorted(TEMPLATES.glob("referral_form/**/*.html")),
    *(path for name in OF_PERSON for path in sorted(TEMPLATES.glob(f"emails/{name}"))),
]


def translations(**texts: str) -> dict[str, dict[str, str]]:
    return {code: {name: f"{text} ({code})" for name, text in texts.items()} for code in LANGUAGES}


def translate(row, **texts: str) -> None:
    row.translations = translations(**texts)
    row.save()


@pytest.fixture
def place(db) -> Northside:
    """A network that has written all its texts in both languages, and can be asked for food."""
    northside = Northside(details_length=60, urgent_advice="Night line", phone="020 7946 0100")
    for category in (northside.food, northside.parcels, northside.baby, northside.debt):
        translate(category, name=f"T {category.name}")
    translate(northside.network, urgent_advice="T night line")
    wording = {"text": "We share it.", "translations": translations(text="T we share it.")}
    f.ConsentWordingFactory(network=northside.network, version=2, **wording)
    question = f.QuestionFactory(network=northside.network, text="Since when?", help_text="Roughly.")
    translate(question, text="T since when?", text_to_self="T since when you?", help_text="T roughly.")
    for text, is_urgent in (("Today", True), ("Last week", False)):
        option = f.QuestionOptionFactory(question=question, text=text, is_urgent=is_urgent)
        translate(option, text=f"T {text}")
    gender = f.DemographicFactory(network=northside.network, name="Gender", is_required=True)
    translate(gender, name="T gender")
    woman = f.DemographicOptionFactory(demographic=gender, name="Woman", plural="women")
    translate(woman, name="T woman", plural="T women")
    northside.service("Kilburn Pantry", northside.parcels, capacity=10)
    northside.service("Larder Lane", northside.food, capacity=1)
    northside.service("Baby Bank", northside.baby)
    f.publish_drafts()
    return northside


def in_language(address: str, language: str) -> str:
    return address if language == "en" else f"{address}?lang={language}"


def press(referrer: Referrer, value: str) -> Referrer:
    """Press a button by its value, since its words differ."""
    button = next(tag for tag in referrer.page.select(f'button[value="{value}"]') if not tag.get("aria-hidden"))
    return referrer.press(words(button))


def go_to_consent(referrer: Referrer) -> Referrer:
    """From the needs, where something is ticked, past what else is asked."""
    referrer.fill(details="0 1 2 3 4 5 6 7 8 9 " * 4)
    while not referrer.page.select("[name=consent]"):
        press(referrer, "continue")
    return referrer


def walk(place: Northside, language: str) -> dict[str, BeautifulSoup]:
    """Return the pages of one referral, with everything that can go wrong on the way."""
    pages = {}
    referrer = Referrer(in_language("/refer/northside/", language))

    def see(name: str) -> None:
        pages[name] = referrer.page

    see("person")
    press(referrer, "continue")
    see("person, with errors")
    source = {"source_name": "Sam Okoro", "source_organisation": "Advice Shop", "source_email": "sam@example.org"}
    person = {"for_whom": "other", "name": "Maya Ferreira", "phone": "07700 9", "postcode": "M1 1AA"}
    referrer.fill(**person, **source, email="maya@gmial.com")
    press(referrer, "continue")
    see("person, with cautions")
    referrer.fill(phone="07700 900123", email="maya@example.org", postcode="nw5 2db")
    press(referrer, "continue")
    see("needs")
    press(referrer, "continue")
    see("needs, with errors")
    for tag in referrer.page.select('input[name^="answer_"]')[:1]:
        referrer.fill(**{tag["name"]: tag["value"]})
    referrer.fill(needs=[place.parcels.pk, place.baby.pk], born_day="1", born_month="2", born_year="1990", age="7")
    press(referrer, "continue")
    see("needs, with cautions")
    referrer.fill(age="", adults="1", children="2", details="0 1 2 3 4 5 6 7 8 9 " * 4)
    press(referrer, "continue")
    if not referrer.page.select(".shortlist"):
        press(referrer, "continue")
    see("suggestions")
    pantry = referrer.page.select_one('button[value^="remove:"]')["value"]
    press(referrer, pantry)
    see("suggestions, one taken off")
    press(referrer, "continue")
    see("consent")
    press(referrer, "continue")
    see("consent, with errors")
    referrer.fill(consent="declined")
    press(referrer, "continue")
    see("contacts")
    press(referrer, "change:consent")
    referrer.fill(consent="phone")
    press(referrer, "continue")
    see("sent")
    referral = Referral.objects.latest("pk")
    referrer.open(kept_url(referral, language="" if language == "en" else language))
    see("status button")
    press(referrer, "show")
    see("status")
    return pages


def own_words(page: BeautifulSoup) -> set[str]:
    """Return what the page says in its own language, besides names."""
    for tag in page.select("[lang], script, style, input, textarea, time, #status-link, .colophon"):
        if tag.name != "html":
            tag.decompose()
    texts = {" ".join(text.split()) for text in page.stripped_strings}
    texts |= {tag[name] for name in ("aria-label", "data-copied", "data-by-keys") for tag in page.select(f"[{name}]")}
    return {text for text in texts if re.search("[A-Za-z]{3}", text) and not DATA.search(text)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_form_keeps_an_english_word(place, language):
    english, other = walk(place, "en"), walk(place, language)
    same = {name: own_words(english[name]) & own_words(other[name]) for name in english}
    assert {name: texts for name, texts in same.items() if texts} == {}
    assert {page.html["lang"] for page in other.values()} == {language}


@pytest.mark.parametrize("template", SHOWN, ids=lambda path: path.name)
def test_no_template_has_a_word_that_is_not_marked(template):
    page = BeautifulSoup(MARKED.sub("", template.read_text()), "html.parser")
    texts = [*page.stripped_strings, *(tag[name] for name in SPOKEN for tag in page.select(f"[{name}]"))]
    unmarked = [text for text in texts if re.search("[A-Za-z]{3}", text) and not text.startswith("hx-")]
    assert [text for text in unmarked if not DATA.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_that_stand_in_for_the_form_are_in_the_language_too(place, language):
    link = ReferralLink.objects.create(network=place.network, name="Old", revoked_at=place.wording.created_at)
    Network.objects.filter(pk=place.network.pk).update(has_public_form=False)
    for address in ("/refer/northside/", f"/refer/link/{link.token}/", "/refer/nobody/"):
        pages = [Referrer(in_language(address, code)).page for code in ("en", language)]
        assert own_words(pages[0]) & own_words(pages[1]) == set(), address
        assert pages[1].html["lang"] == language


def try_draft(place: Northside, language: str) -> list[BeautifulSoup]:
    referrer = Referrer(in_language(try_url(place.network.pk), language))
    pages = [referrer.page]
    [answer] = [tag for tag in referrer.page.select('input[name^="answer_"]') if "Today" in tag.parent.get_text()]
    referrer.fill(**{answer["name"]: answer["value"]}, needs=[place.parcels.pk])
    press(referrer, "continue")
    if referrer.page.select('button[value="continue"]'):
        pages.append(referrer.page)
        press(referrer, "continue")
    return [*pages, referrer.page]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_is_tried_in_the_language_too(place, language):
    for english, other in zip(try_draft(place, "en"), try_draft(place, language), strict=True):
        assert own_words(english) & own_words(other) == set()
        assert other.html["lang"] == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_changing_the_language_in_the_middle_keeps_what_was_typed(place, language):
    referrer = place.refer_to_needs().fill(details="She has not eaten since Monday.", needs=[place.parcels.pk])
    switch = referrer.page.select_one(f".languages button[lang={language}]")
    referrer.press(words(switch))
    assert (referrer.page.html["lang"], referrer.fields["details"]) == (language, "She has not eaten since Monday.")
    assert referrer.fields.getlist("needs") == [str(place.parcels.pk)]
    press(referrer, "back")
    assert (referrer.page.html["lang"], referrer.fields["name"]) == (language, "Maya Ferreira")
    referrer.press("English")
    assert (referrer.title, referrer.fields["name"]) == ("Who needs support?", "Maya Ferreira")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_chosen_at_the_consent_stays_and_is_sent(place, language):
    referrer = go_to_consent(place.refer_to_needs().fill(needs=[place.debt.pk])).fill(consent="phone")
    referrer.press(words(referrer.page.select_one(f".languages button[lang={language}]")))
    assert (referrer.page.html["lang"], referrer.fields["consent"]) == (language, "phone")
    assert "T we share it." in referrer.page.main.get_text()
    press(referrer, "continue")
    assert Consent.objects.get().language == language


class TestWhichLanguage:
    def language(self, address: str, accept: str = "") -> str:
        return Referrer(address, headers={"Accept-Language": accept} if accept else {}).page.html["lang"]

    def test_the_browsers_is_the_first_guess_and_the_address_decides(self, place):
        assert self.language("/refer/northside/", "de,pl;q=0.8,en;q=0.5") == "pl"
        assert self.language("/refer/northside/", "en-US,pl;q=0.8") == "en-gb"
        assert self.language("/refer/northside/?lang=en-gb", "pl") == "en-gb"
        assert self.language("/refer/northside/?lang=cy", "pl") == "cy"
        assert self.language("/refer/northside/?lang=tlh", "") == "en-gb"

    def test_english_that_was_chosen_stays_though_the_browser_prefers_polish(self, place):
        referrer = Referrer("/refer/northside/", headers={"Accept-Language": "pl"}).press("English")
        assert press(referrer, "continue").page.html["lang"] == "en-gb"

    def test_a_language_that_the_network_does_not_offer_is_never_shown(self, place):
        Network.objects.filter(pk=place.network.pk).update(form_languages=["cy"])
        assert self.language("/refer/northside/?lang=pl", "pl") == "en-gb"
        assert Referrer("/refer/northside/").all(".languages li") == ["English", "Cymraeg"]
        Network.objects.filter(pk=place.network.pk).update(form_languages=[])
        referrer = Referrer("/refer/northside/")
        assert not referrer.page.select(".languages, [name=language]")

    def test_caches_are_told_that_it_depends_on_the_browser(self, place):
        response = Referrer("/refer/northside/?lang=pl").response
        assert (response["Content-Language"], "Accept-Language" in response["Vary"]) == ("pl", True)


class TestWhatIsKept:
    @pytest.fixture
    def referral(self, place) -> Referral:
        walk(place, "pl")
        return Referral.objects.latest("pk")

    def test_organisations_read_english(self, referral):
        assert [(row.question_text, row.text) for row in Answer.objects.filter(referral=referral)] == [
            ("Since when?", "Today")
        ]
        reasons = " ".join(Assignment.objects.filter(status=AssignmentStatus.OFFERED).first().reasons)
        assert "Covers NW5 2" in reasons
        [asked] = Notification.objects.filter(kind="organisation_asked", event__referral=referral)[:1]
        assert "Food parcels" in notifications.render(asked).text or "Baby supplies" in notifications.render(asked).text

    def test_the_wording_is_kept_with_the_language_in_which_it_was_shown(self, referral):
        assert Consent.objects.get(referral=referral).language == "pl"

    def test_the_person_gets_e_mails_in_it(self, referral):
        assert (referral.person.language, referral.person.language_in_words) == ("pl", "Polish")
        message = notifications.render(Notification.objects.get(kind="person_told", event__referral=referral))
        assert message.subject == f"Twoja prośba {referral.reference}"
        assert "Dzień dobry," in message.text
        assert "T Food parcels (pl)" in message.text
        assert 'lang="pl"' in message.html

    def test_another_language_can_be_asked_for(self, place):
        person = place.fill_in_person(email="maya@example.org", language="cy")
        referrer = go_to_consent(person.press("Continue").fill(needs=[place.debt.pk]))
        assert "It is written in this language: Cymraeg." in referrer.text
        press(referrer.fill(consent="phone"), "continue")
        assert Person.objects.get().language == "cy"

    def test_in_english_nothing_is_said_of_the_language(self, place):
        walk(place, "en")
        assert (Person.objects.get().language, Consent.objects.get().language) == ("", "")


class TestTexts:
    def test_english_takes_the_place_of_what_is_missing_and_says_so(self, northside):
        northside.food.translations = {"pl": {"name": "Żywność"}}
        with translation.override("pl"):
            assert translate_field(northside.food, "name") == "Żywność"
            english = translate_field(northside.debt, "name")
            assert (english, isinstance(english, EnglishText)) == ("Debt advice", True)
            assert english.__html__() == '<span lang="en-gb">Debt advice</span>'
        with translation.override(settings.LANGUAGE_CODE):
            assert translate_field(northside.food, "name") == "Food"

    def test_what_is_put_to_the_person_is_looked_for_in_the_language_first(self):
        question = f.QuestionFactory.build(text="Where?", text_to_self="Where do you?")
        question.translations = {"pl": {"text": "Gdzie?"}}
        with translation.override("pl"):
            assert translate_field(question, "text_to_self", "text") == "Gdzie?"
        assert translate_field(question, "text_to_self", "text") == "Where do you?"

    def test_a_wording_in_english_only_says_so_and_is_kept_as_english(self, place):
        ConsentWording.objects.all().delete()
        f.ConsentWordingFactory(network=place.network, text="We share it.")
        pages = walk(place, "pl")
        assert pages["consent"].select_one(".wording [lang=en-gb]").get_text(strip=True) == "We share it."
        assert "tylko po angielsku" in pages["consent"].main.get_text()
        assert Consent.objects.get().language == ""

    def test_the_translations_of_a_wording_stay_as_they_are(self, place):
        wording = ConsentWording.objects.get(version=2)
        wording.translations = wording.translations | {"pl": {"text": "Coś innego"}}
        with pytest.raises(ValidationError, match="stay as they are"):
            wording.full_clean()
        with pytest.raises(IntegrityError, match="stay as they are"), transaction.atomic():
            wording.save()

    @pytest.mark.parametrize(
        "wrong", [["pl"], {"pl": "x"}, {"de": {"name": "x"}}, {"pl": {"slug": "x"}}, {"pl": {"name": "x" * 121}}]
    )
    def test_only_texts_of_its_fields_in_known_languages_are_taken(self, northside, wrong):
        northside.food.translations = wrong
        with pytest.raises(ValidationError):
            northside.food.full_clean()
