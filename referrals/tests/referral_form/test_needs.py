"""The second step: the flow chart, the list and the free text."""

import pytest
from django.apps import apps

from referrals.models import Referral
from referrals.tests import factories as f
from referrals.tests.referral_form.referrer import SEND

RING_NOW = ["tel:999", "tel:111", "tel:116123", "tel:08082000247"]


@pytest.fixture
def chart(northside):
    """Food? no -> who, then (a baby -> which milk); and a question in words that is always asked."""
    network = northside.network
    northside.house = f.QuestionFactory(network=network, text="Is there food?", is_required=True, position=1)
    northside.who = f.QuestionFactory(network=network, text="Who is hungry?", kind="several", position=2)
    northside.milk = f.QuestionFactory(network=network, text="Which milk?", kind="text", is_required=True, position=3)
    northside.diet = f.QuestionFactory(network=network, text="Any diet?", kind="text", position=4)
    f.QuestionOptionFactory(question=northside.house, text="Yes", position=1)
    no = f.QuestionOptionFactory(question=northside.house, text="No", position=2)
    no.reveals.set([northside.who])
    no.needs.set([northside.parcels])
    baby = f.QuestionOptionFactory(question=northside.who, text="A baby", is_urgent=True, position=1)
    baby.reveals.set([northside.milk])
    baby.needs.set([northside.baby])
    f.QuestionOptionFactory(question=northside.who, text="A grown-up", position=2)
    return northside


def questions(referrer) -> list[str]:
    """Return the questions on the page, the list and the story left out."""
    tags = referrer.page.select("#questions > .field > legend, #questions > .field > label")
    return [tag.find(string=True).strip() for tag in tags]


def numbers_to_ring(referrer) -> list[str]:
    return [link["href"] for link in referrer.page.select(".ring-now a")]


def keep_words_of_danger(words: str) -> None:
    """As editors of a public site do, which the domain does not know."""
    apps.get_model("directory_site.DangerWords").objects.create(danger="Suicide", words=words)


def test_only_what_earlier_answers_call_for_is_asked(chart):
    referrer = chart.refer_to_needs()
    assert questions(referrer) == ["Is there food?", "Any diet?"]
    referrer.choose("No").press("Continue")
    assert referrer.step == "What is needed"
    assert referrer.attention == ["Who is hungry?"]
    assert "We have one more question" in referrer.text
    assert questions(referrer) == ["Is there food?", "Who is hungry?", "Any diet?"]
    referrer.choose("A baby").press("Continue")
    assert questions(referrer) == ["Is there food?", "Who is hungry?", "Which milk?", "Any diet?"]
    assert referrer.press("Continue").attention == ["Please answer: Which milk?"]


def test_a_required_question_is_not_demanded_before_it_was_on_the_page(chart):
    referrer = chart.refer_to_needs().press("Continue")
    assert referrer.attention == ["Please answer: Is there food?"]
    referrer.choose("No").press("Continue").choose("A baby").press("Continue")
    assert referrer.attention == ["Which milk?"]


def test_answers_needs_and_urgency_go_with_the_referral(chart):
    referrer = chart.refer_to_needs().choose("No").press("Continue").choose("A baby", "A grown-up").press("Continue")
    referrer.fill(**{f"answer_{chart.milk.pk}": "Oat", f"answer_{chart.diet.pk}": ""}).press("Continue")
    referrer.press("Continue to the coordinators").choose("Maya agrees").press(SEND)
    referral = Referral.objects.get()
    assert [(answer.question_id, answer.text) for answer in referral.answers.all()] == [
        (chart.house.pk, "No"),
        (chart.who.pk, "A baby, A grown-up"),
        (chart.milk.pk, "Oat"),
    ]
    assert {need.category for need in referral.needs.all()} == {chart.parcels, chart.baby}
    assert referral.is_urgent


def test_an_urgent_answer_shows_whom_to_ring_now_from_then_on(chart):
    referrer = chart.refer_to_needs().choose("No").press("Continue").choose("A grown-up").press("Continue")
    assert (referrer.step, numbers_to_ring(referrer)) == ("Who can help", [])
    referrer.press("Back").choose("A baby").press("Continue")
    assert (referrer.step, numbers_to_ring(referrer)) == ("What is needed", RING_NOW)
    referrer.fill(**{f"answer_{chart.milk.pk}": "Oat"}).press("Continue")
    assert (referrer.step, numbers_to_ring(referrer)) == ("Who can help", RING_NOW)
    referrer.press("Continue to the coordinators")
    assert (referrer.step, numbers_to_ring(referrer)) == ("Consent", RING_NOW)
    referrer.choose("Maya does not agree").press(SEND)
    assert "Nothing was sent" in referrer.text
    assert numbers_to_ring(referrer) == RING_NOW


@pytest.mark.parametrize("box", ["details", "diet"])
@pytest.mark.parametrize(("written", "shown"), [("She wnats to die. " * 100, RING_NOW), ("They need a meal.", [])])
def test_words_of_danger_in_what_is_written_show_whom_to_ring_and_change_nothing_else(chart, box, written, shown):
    keep_words_of_danger("want to die")
    name = "details" if box == "details" else f"answer_{chart.diet.pk}"
    referrer = chart.refer_to_needs().choose("Yes", "Debt advice").fill(details="A long story of bills. " * 20)
    referrer.fill(**{name: ("It is cold at home. " * 20 + written)[: 900 if box == "diet" else 4900]}).press("Continue")
    assert (referrer.step, numbers_to_ring(referrer)) == ("Who can help", shown)
    referrer.press("Continue to the coordinators")
    assert (referrer.step, numbers_to_ring(referrer)) == ("Consent", shown)
    referrer.choose("Maya agrees").press(SEND)
    assert not Referral.objects.get().is_urgent


def test_nobody_who_writes_of_danger_is_asked_for_a_longer_story(chart):
    keep_words_of_danger("want to die")
    referrer = chart.refer_to_needs().choose("Yes", "Debt advice").fill(details="I want to die").press("Continue")
    assert (referrer.step, numbers_to_ring(referrer)) == ("Who can help", RING_NOW)


@pytest.mark.parametrize(
    ("note", "dialled"),
    [
        ("In danger? Ring 999. Samaritans: 116 123.", ["tel:999", "tel:116123"]),
        ("Ring us on 020 7946 0010 & ask for <b>", ["tel:02079460010"]),
        ("100 places, NW1 1AA, 01 02 2026, since 1999, £111000", []),
    ],
)
def test_the_numbers_in_the_note_of_a_question_can_be_dialled(chart, note, dialled):
    chart.house.help_text = note
    chart.house.save()
    shown = chart.refer_to_needs().page.select_one(f"#id_answer_{chart.house.pk}_helptext")
    assert shown.get_text() == note
    assert [link["href"] for link in shown.select("a")] == dialled


def test_answers_that_are_no_longer_called_for_are_dropped(chart):
    referrer = chart.refer_to_needs().choose("No").press("Continue").choose("A baby").press("Continue")
    referrer.fill(**{f"answer_{chart.milk.pk}": "Oat"}).choose("Yes", "Debt advice").press("Continue")
    assert referrer.step == "Who can help"
    referrer.press("Continue to the coordinators").choose("Maya agrees").press(SEND)
    referral = Referral.objects.get()
    assert [answer.text for answer in referral.answers.all()] == ["Yes"]
    assert {need.category for need in referral.needs.all()} == {chart.debt}
    assert not referral.is_urgent


def test_the_answers_asked_for_so_far_are_shown(chart):
    referrer = chart.refer_to_needs().choose("No").press("Continue")
    assert referrer.all(".so-far .chip") == ["Food parcels"]


def test_going_back_and_forth_keeps_answers_and_story(chart):
    referrer = chart.refer_to_needs().choose("No").press("Continue").choose("A grown-up")
    referrer.fill(details="Half a sentence").press("Back").press("Continue")
    assert questions(referrer) == ["Is there food?", "Who is hungry?", "Any diet?"]
    assert referrer.fields["details"] == "Half a sentence"
    assert len(referrer.fields.getlist(f"answer_{chart.who.pk}")) == 1


def test_needs_can_always_be_ticked_on_the_list_by_parent(northside):
    referrer = northside.refer_to_needs()
    assert referrer.all(".branch-name") == ["Food"]
    assert referrer.all(".branch .tick") == [
        "Baby supplies",
        "Food parcels",
        "Something else of this kind",
        "Debt advice",
    ]
    assert referrer.choose("Something else of this kind").press("Continue").step == "Who can help"
    assert referrer.all(".so-far .chip") == ["Food"]


def test_the_list_is_folded_away_behind_questions_until_it_is_wanted(chart):
    referrer = chart.refer_to_needs()
    assert not referrer.page.details.has_attr("open")
    assert referrer.choose("Yes").press("Continue").page.details.has_attr("open")
    assert referrer.attention == ["Choose at least one kind of help, above or from the list."]


def test_at_least_one_need_is_chosen_for_each_network_that_was_ticked(northside):
    southside = northside.link_network("Southside Network")
    f.CategoryFactory(network=southside, name="Legal advice")
    referrer = northside.refer_to_needs(networks=[southside.pk])
    assert referrer.all(".branch-network") == ["Northside Network", "Southside Network"]
    referrer.choose("Debt advice").press("Continue")
    assert referrer.attention == ["Choose at least one kind of help for Southside Network too."]
    assert referrer.choose("Legal advice").press("Continue").step == "Who can help"


def test_a_need_of_a_network_that_is_not_asked_is_refused(northside):
    foreign = f.CategoryFactory(name="Foreign")
    referrer = northside.refer_to_needs().fill(needs=[foreign.pk]).press("Continue")
    assert referrer.attention == ["The list has changed. Choose again what is needed."]


def test_a_short_story_is_pointed_out_once_and_may_be_passed(northside):
    northside.network.details_length = 100
    northside.network.save()
    referrer = northside.refer_to_needs().choose("Debt advice").fill(details="Hungry.").press("Continue")
    assert referrer.attention[0].startswith("Can you say a little more?")
    assert referrer.page.select_one("#id_details_caution")
    assert referrer.press("Continue anyway").step == "Who can help"


def test_a_short_story_is_pointed_out_together_with_further_questions(chart):
    chart.network.details_length = 100
    chart.network.save()
    referrer = chart.refer_to_needs().choose("No").press("Continue")
    assert referrer.attention[0] == "Who is hungry?"
    assert referrer.attention[1].startswith("Can you say in a sentence or two what has happened?")


def test_the_first_answer_is_a_need_until_a_follow_up_tells_more(chart):
    no = chart.house.options.get(text="No")
    no.needs.set([chart.food])
    referrer = chart.refer_to_needs().choose("No").press("Continue").press("Continue")
    assert (referrer.step, referrer.all(".so-far .chip")) == ("Who can help", ["Food"])
    referrer.press("Back").fill(**{f"answer_{chart.who.pk}": "unsure"}).press("Continue")
    assert referrer.all(".so-far .chip") == ["Food"]
    referrer.press("Back").fill(**{f"answer_{chart.who.pk}": None}).choose("A baby").press("Continue")
    referrer.fill(**{f"answer_{chart.milk.pk}": "Oat"}).press("Continue")
    assert referrer.all(".so-far .chip") == ["Baby supplies", "Urgent"]


def test_something_else_answers_a_question_and_is_kept_in_words(chart):
    referrer = chart.refer_to_needs().choose("Something else, or not sure", "Debt advice").press("Continue")
    referrer.press("Continue to the coordinators").choose("Maya agrees").press(SEND)
    assert [answer.text for answer in Referral.objects.get().answers.all()] == ["Something else, or not sure"]


def test_a_network_whose_answers_say_so_themselves_can_leave_it_out(chart):
    chart.house.offers_not_sure = False
    chart.house.save()
    assert chart.refer_to_needs().all("#questions > .field .tick") == ["Yes", "No"]


def test_questions_are_put_to_the_person_as_you(chart):
    chart.house.text_to_self = "Do you have food?"
    chart.house.save()
    referrer = chart.refer_to_needs(for_whom="self", source_name="", source_organisation="", source_email="")
    assert questions(referrer)[0] == "Do you have food?"
    assert questions(chart.refer_to_needs())[0] == "Is there food?"


def test_after_an_urgent_answer_nobody_is_asked_for_a_longer_story(chart):
    chart.network.details_length = 100
    chart.network.save()
    referrer = chart.refer_to_needs().choose("No").press("Continue").choose("A baby").press("Continue anyway")
    referrer.fill(**{f"answer_{chart.milk.pk}": "Oat"}, details="Now.").press("Continue")
    assert referrer.step == "Who can help"


def test_needs_that_the_words_speak_of_are_offered_stop_nobody_and_are_never_added_by_themselves(northside):
    referrer = northside.refer_to_needs().choose("Food parcels").fill(details="Some debt advice would help too.")
    referrer.press("Continue")
    assert (referrer.step, referrer.all(".so-far .chip")) == ("Who can help", ["Food parcels"])
    referrer.press("Add Debt advice")
    assert set(referrer.all(".so-far .chip")) == {"Food parcels", "Debt advice"}
    assert not referrer.page.select("[value^=need]")
    referrer.press("Back")
    assert referrer.fields.getlist("needs") == [str(northside.parcels.pk), str(northside.debt.pk)]


def test_a_need_that_is_not_proposed_cannot_be_added_by_its_button(northside):
    referrer = northside.refer_to_suggestions()
    referrer.page.select_one(".actions .button")["value"] = f"need:{northside.debt.pk}"
    referrer.press(referrer.all(".actions .button")[0])
    assert "Debt advice" not in referrer.all(".so-far .chip")


def test_an_open_question_with_an_urgent_answer_is_pointed_out_once(chart):
    referrer = chart.refer_to_needs().choose("No").press("Continue")
    assert referrer.attention == ["Who is hungry?"]
    assert referrer.press("Continue").step == "Who can help"  # it was pointed out when it came
    no = chart.house.options.get(text="Yes")
    no.is_urgent = True
    no.save()
    referrer = chart.refer_to_needs().choose("Debt advice").press("Continue")
    assert referrer.attention == ["You have not answered: Is there food?"]
    assert referrer.press("Continue anyway").step == "Who can help"


def test_below_an_urgent_answer_stands_whom_to_ring(chart):
    referrer = chart.refer_to_needs().choose("No").press("Continue").choose("A baby").press("Continue")
    numbers = [link["href"] for link in referrer.page.select("#questions .ring-here a[href^=tel]")]
    assert numbers == RING_NOW
