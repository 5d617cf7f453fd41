"""Whatever a stranger sends: an answer in words, never an error page, and nothing stored that was not agreed to."""

from random import Random

import pytest
from django.test import Client
from django.utils.datastructures import MultiValueDict

from referrals.models import Need, Person, Referral
from referrals.tests import factories as f
from referrals.tests.depth import gate_or_all
from referrals.tests.referral_form.referrer import Referrer

SUBMISSIONS = gate_or_all(60, 500)
ADDRESS = "/refer/northside/"

HUGE = "x" * 300_000
NASTY = [
    HUGE,
    "\x00",
    "\x00" * 50,
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "'; DROP TABLE referrals_referral; --",
    "{{ settings.SECRET_KEY }}{% debug %}",
    "\u202egnp.exe",
    "\u2066\u2069\u200f\u061c" * 40,
    "Z\u0351\u0344" * 200,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 60,
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "-1",
    "99999999999999999999999999",
    "1e308",
    "NaN",
    "١٢٣",
    "\r\nBcc: victim@example.org",
    "../../../etc/passwd",
    "None",
    "",
    " " * 5000,
]


@pytest.fixture
def pages(northside) -> dict[str, MultiValueDict]:
    """A page of every step, as a browser would send it back; another network with everything that could be mixed in."""
    f.QuestionOptionFactory(question__network=northside.network).needs.set([northside.food])
    gender = f.DemographicFactory(network=northside.network)
    f.DemographicOptionFactory(demographic=gender)
    northside.service("Kilburn Pantry", northside.parcels)
    return {
        "person": northside.fill_in_person().fields,
        "needs": northside.refer_to_needs().choose("Food parcels").fields,
        "suggestions": northside.refer_to_suggestions().fields,
        "consent": northside.refer_to_consent().choose("Maya agrees").fields,
    }


@pytest.fixture
def foreign(pages) -> list[str]:
    """Keys of another network's rows."""
    stranger = f.NetworkFactory(slug="stranger")
    category = f.CategoryFactory(network=stranger)
    option = f.QuestionOptionFactory(question__network=stranger)
    answer = f.DemographicOptionFactory(demographic__network=stranger)
    service = f.ServiceFactory(network=stranger)
    return [str(row.pk) for row in (stranger, category, option, answer, service)]


def spoil(fields: MultiValueDict, foreign: list[str], random: Random) -> MultiValueDict:
    """Change one to four things of what an honest browser would send."""
    sent = fields.copy()
    names = [
        *(name for name in fields if name != "state"),
        "needs",
        "networks",
        "consent",
        "action",
        "answer_1",
        "about_1",
    ]
    for _ in range(random.randint(1, 4)):
        name = random.choice(names)
        match random.choice(["nasty", "nasty", "missing", "many", "foreign", "forged", "unknown", "button"]):
            case "nasty":
                sent.setlist(name, [random.choice(NASTY)])
            case "missing":
                sent.pop(name, None)
            case "many":
                sent.setlist(name, [random.choice([*foreign, "1", "x"]) for _ in range(random.choice([2, 50, 900]))])
            case "foreign":
                sent.setlist(name, [random.choice(foreign)])
            case "forged":
                state = fields["state"]
                at = random.randrange(len(state))
                sent["state"] = random.choice(
                    ["", state[:at], state[:at] + "A" + state[at + 1 :], random.choice(NASTY)]
                )
            case "unknown":
                sent.setlist(random.choice(["state[]", "__proto__", "csrfmiddlewaretoken", "\x00", "is_urgent"]), ["1"])
            case "button":
                service = random.choice(foreign)
                sent["action"] = random.choice(
                    ["look", "back", f"remove:{service}", f"add:{service}", f"change:{HUGE}", "renew", "find", "need:1"]
                )
    return sent


def test_hostile_submissions_get_an_answer_and_store_nothing_that_was_not_agreed_to(northside, pages, foreign):
    client = Client(enforce_csrf_checks=True)
    random = Random(SUBMISSIONS)
    seen = set()
    for number in range(SUBMISSIONS):
        step = random.choice(list(pages))
        sent = spoil(pages[step], foreign, random)
        before = Referral.objects.count()
        response = client.post(ADDRESS, dict(sent.lists()))
        seen.add(response.status_code)
        assert response.status_code in {200, 302, 400, 409, 413}, f"submission {number} of step {step}"
        assert b"Traceback" not in response.content
        assert b"<script>alert" not in response.content
        assert not response.cookies
        agreed = step == "consent" and sent.get("consent") in {"in_person", "phone", "on_behalf"}
        assert Referral.objects.count() == before or agreed, f"submission {number} of step {step}"
    assert {200, 400} <= seen
    assert Referral.objects.count() <= 1  # every page of the consent step holds the same key
    assert {person.name for person in Person.objects.all()} <= {"Maya Ferreira"}
    assert not Need.objects.exclude(category__network=northside.network).exists()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe\x00state", "application/x-www-form-urlencoded"),
        (b"state=%ff%fe&name=%00%ff", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"{not json", "application/json"),
        (b'--x\r\nContent-Disposition: form-data; name="state"\r\n', "multipart/form-data; boundary=x"),
        (b"anything", "multipart/form-data"),
        (b"&".join(b"a=%d" % number for number in range(5000)), "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded; charset=no-such-thing"),
    ],
)
def test_a_body_that_no_browser_sends_is_refused_in_words(northside, body, kind):
    response = Client().generic("POST", ADDRESS, body, content_type=kind)
    assert response.status_code in {400, 413, 415}
    assert "text/html" in response["Content-Type"]


def test_a_page_sent_again_after_it_made_a_referral_makes_no_second(northside, pages):
    client = Client()
    addresses = {client.post(ADDRESS, dict(pages["consent"].lists()))["Location"] for _ in range(5)}
    assert Referral.objects.count() == 1
    assert len({address.split("/")[3].split(":")[0] for address in addresses}) == 1
    assert Referrer(addresses.pop()).title == "The referral is sent"


@pytest.mark.parametrize("step", ["person", "needs", "suggestions", "consent"])
@pytest.mark.parametrize("action", ["find", "look", "renew", "need:1", "add:1", "remove:1", "restore:1", "back"])
def test_a_button_of_one_step_pressed_on_another_breaks_nothing(northside, pages, step, action):
    sent = pages[step].copy()
    sent["action"] = action
    # On the last step an unknown button counts as Send.
    assert Client().post(ADDRESS, dict(sent.lists())).status_code in {200, 302}


def test_a_nul_in_the_postcode_is_refused_at_its_field(northside):
    referrer = northside.fill_in_person(postcode="Kentish\0Town").press("Continue")
    assert referrer.page.select_one("#id_postcode")["aria-invalid"] == "true"
