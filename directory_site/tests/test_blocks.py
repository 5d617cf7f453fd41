"""What pages are built of."""

import re
from datetime import time

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.utils import timezone
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.documents import get_document_model
from wagtail.models import Page

from directory_site.blocks.body import BodyBlock, RelatedBlock
from directory_site.blocks.services import CategoryBlock
from directory_site.blocks.urgent import UrgentLinesBlock
from directory_site.models import PlainPage
from directory_site.search import categories
from directory_site.tests.made_sites import listed, made_site
from referrals.models import Category, OpeningHours, Service
from referrals.tests import factories as f
from referrals.tests.pictures import upload
from referrals.tests.stock import stock_image

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded_site")]


def rendered(*blocks: tuple[str, object]) -> str:
    """Return a page's body as HTML: of raw values, as the database has them."""
    raw = [{"type": name, "value": value} for name, value in blocks]
    value = BodyBlock().to_python(raw)
    request = RequestFactory().get("/")
    return value.stream_block.render(value, context={"request": request})


def refused(block: type, name: str, value: object) -> str:
    """Return in words why an editor cannot publish a value; it is raw, as the database would have it."""
    stream = block()
    with pytest.raises(StreamBlockValidationError) as refusal:
        stream.clean(stream.to_python([{"type": name, "value": value}]))
    return str(refusal.value.as_json_data())


@pytest.mark.parametrize("name", BodyBlock().child_blocks)
def test_a_block_that_is_still_empty_can_be_looked_at(name):
    made_site()
    block = BodyBlock().child_blocks[name]
    html = block.render(block.get_default(), context={"request": RequestFactory().get("/")})
    assert not re.findall(r'(?:href|src)="(?!tel:")', html)


class TestWords:
    def test_headings_have_a_rank(self):
        html = rendered(("heading", {"text": "A", "level": "2"}), ("heading", {"text": "B", "level": "3"}))
        assert "<h2>A</h2>" in html
        assert "<h3>B</h3>" in html

    def test_text_is_escaped(self):
        html = rendered(("quote", {"text": "<script>1</script>", "name": "<b>", "role": "neighbour"}))
        assert "<script>" not in html
        assert "&lt;b&gt;, neighbour" in html

    def test_call_outs_say_whether_they_are_urgent(self):
        html = rendered(("call_out", {"kind": "urgent", "title": "Now", "text": "<p>Ring.</p>"}))
        assert '<div class="call-out urgent">' in html
        assert "<p>Ring.</p>" in html

    def test_steps_are_a_list_in_order(self):
        steps = [{"title": "First", "text": "<p>Ask.</p>"}, {"title": "Then", "text": ""}]
        assert re.search(r"<ol.*First.*Ask.*Then.*</ol>", rendered(("steps", {"steps": steps})), re.DOTALL)
        assert "minimum number of items is 2" in refused(BodyBlock, "steps", {"steps": steps[:1]})

    def test_parts_unfold_without_a_script(self):
        folds = [
            {"title": "Closed", "text": "<p>1</p>", "is_open": False},
            {"title": "Open", "text": "<p>2</p>", "is_open": True},
        ]
        html = rendered(("folds", {"folds": folds}))
        assert re.findall(r"<details( open)?>\s*<summary>(\w+)</summary>", html) == [("", "Closed"), (" open", "Open")]


class TestLinks:
    def test_they_follow_a_page_that_moves_and_vanish_with_it(self):
        made_site()
        page = Page.objects.get(slug="about")
        button = ("button", {"label": "", "page": page.pk, "address": None})
        assert '<a class="button" href="/about/">About this site</a>' in rendered(button)
        page.move(Page.objects.get(slug="privacy"), pos="last-child")
        assert 'href="/privacy/about/"' in rendered(button)
        page.refresh_from_db()
        page.unpublish()
        assert "<a" not in rendered(button)
        page.delete()
        assert "<a" not in rendered(button)

    @pytest.mark.parametrize(
        "address",
        ["https://example.org", "http://example.org/a?b=c", "/refer/northside/", "mailto:a@b.example", "tel:+44800"],
    )
    def test_addresses_of_these_kinds_are_taken(self, address):
        stream = BodyBlock()
        value = stream.to_python([{"type": "button", "value": {"label": "Go", "page": None, "address": address}}])
        stream.clean(value)
        assert f'href="{address}"' in rendered(("button", {"label": "Go", "page": None, "address": address}))

    @pytest.mark.parametrize("address", ["javascript:alert(1)", "example.org", "https://", "//example.org/", "/a b"])
    def test_others_are_not(self, address):
        assert "Start with https://" in refused(BodyBlock, "button", {"label": "Go", "page": None, "address": address})

    def test_a_link_leads_to_one_thing_and_has_words(self):
        made_site()
        page = Page.objects.get(slug="about").pk
        assert "not both" in refused(BodyBlock, "button", {"label": "", "page": None, "address": ""})
        assert "not both" in refused(BodyBlock, "button", {"label": "", "page": page, "address": "/about/"})
        assert "no title of its own" in refused(BodyBlock, "button", {"label": "", "page": None, "address": "/about/"})

    def test_a_draft_may_lead_nowhere_yet(self):
        stream = BodyBlock()
        value = stream.to_python([{"type": "button", "value": {"label": "", "page": None, "address": ""}}])
        stream.defer_required_validation()
        try:
            assert stream.clean(value)[0].value["address"] == ""
        finally:
            stream.restore_deferred_validation()  # blocks are shared

    def test_documents_say_what_they_are(self):
        document = get_document_model().objects.create(title="Form", file=upload(b"x", "form.pdf"), file_size=2048)
        html = rendered(("document", {"document": document.pk, "label": ""}))
        assert f'<a href="{document.url}">Form</a>' in html
        assert "PDF, 2.0\xa0KB" in html
        document.delete()
        assert "<a" not in rendered(("document", {"document": document.pk, "label": ""}))


class TestUrgentHelp:
    def test_numbers_are_tapped(self):
        line = {"when": "Danger", "name": "Helpline", "phone": "0808 2000 247", "note": "Free."}
        html = rendered(("urgent_help", {"title": "Now", "lines": [line]}))
        assert 'href="tel:08082000247">0808 2000 247</a>' in html

    @pytest.mark.parametrize("phone", ["ring us", "1", "0800 call me"])
    def test_what_is_no_number_is_refused(self, phone):
        line = {"when": "Danger", "name": "Helpline", "phone": phone, "note": ""}
        assert "Only the number" in refused(UrgentLinesBlock, "line", line)


class TestPictures:
    @pytest.mark.parametrize(("alt", "is_decoration"), [("A hall", False), ("", True)])
    def test_they_are_described_or_said_to_be_decoration(self, alt, is_decoration):
        image = {"image": stock_image().pk, "alt_text": alt, "decorative": is_decoration}
        stream = BodyBlock()
        stream.clean(stream.to_python([{"type": "picture", "value": {"image": image, "caption": ""}}]))
        html = rendered(("picture", {"image": image, "caption": "Our hall"}))
        assert f'alt="{alt}"' in html
        assert 'width="960" height="640"' in html
        assert "<figcaption>Our hall</figcaption>" in html

    def test_one_of_the_two_is_asked_for(self):
        image = {"image": stock_image().pk, "alt_text": "", "decorative": False}
        assert "alt text" in refused(BodyBlock, "picture", {"image": image, "caption": ""})

    def test_one_whose_file_is_gone_is_left_out(self):
        image = stock_image()
        image.file.storage.delete(image.file.name)
        value = {"image": image.pk, "alt_text": "A hall", "decorative": False}
        assert "<img" not in rendered(("picture", {"image": value, "caption": ""}))

    def test_queries_are_as_many_for_one_as_for_three(self, django_assert_num_queries):
        blocks = [
            (
                "picture",
                {"image": {"image": stock_image(str(n)).pk, "alt_text": "x", "decorative": False}, "caption": ""},
            )
            for n in range(3)
        ]
        rendered(*blocks)  # the sizes are made
        for number in (1, 3):
            with django_assert_num_queries(2):
                assert rendered(*blocks[:number]).count("<img ") == number


class TestServices:
    def names(self, **value: object) -> list[str]:
        html = rendered(("services", {"title": "", "category": "food", "network": "", "limit": 12} | value))
        return re.findall(r'<p class="service-line-name"><a href="/services/[^"]+">([^<]+)</a>', html)

    def test_they_are_those_of_the_category_and_below_it_at_this_moment(self):
        network = f.NetworkFactory()
        made_site(network)
        food = f.CategoryFactory(network=network, name="Food", slug="food")
        meals = f.CategoryFactory(network=network, name="Meals", slug="meals", parent=food)
        listed(network, "Pantry", categories=[food, meals])
        lunch = listed(network, "Lunch", categories=[meals])
        listed(network, "Debts", "money")
        assert self.names() == ["Lunch", "Pantry"]
        assert self.names(category="meals") == ["Lunch", "Pantry"]
        listed(network, "Anything to eat", categories=[food])  # it covers what is below, as in the directory
        assert self.names(category="meals") == ["Anything to eat", "Lunch", "Pantry"]
        Service.objects.get(activity__name="Anything to eat").delete()
        assert self.names(limit=1) == ["Lunch"]
        lunch.is_public = False
        lunch.save()
        assert self.names() == ["Pantry"]

    @pytest.mark.parametrize("state", ["unlisted", "paused", "archived", "suspended"])
    def test_what_the_public_may_not_see_is_not_among_them(self, state):
        network = f.NetworkFactory()
        made_site(network)
        service = listed(network, "Pantry")
        if state == "suspended":
            service.organisation.memberships.update(status="suspended")
        else:
            now = timezone.now()
            changes = {
                "unlisted": {"is_public": False},
                "paused": {"paused_at": now},
                "archived": {"archived_at": now, "is_public": False},
            }
            type(service).objects.filter(pk=service.pk).update(**changes[state])
        assert self.names() == []

    def test_a_secret_place_stays_secret(self):
        network = f.NetworkFactory(area__name="Northside")
        made_site(network)
        refuge = f.VenueFactory(name="SECRET HOUSE", address="1 SECRET LANE", postcode="NW5 2AA", is_confidential=True)
        listed(network, "Refuge", venue=refuge)
        html = rendered(("services", {"title": "", "category": "food", "network": "", "limit": 6}))
        assert "Refuge" in html
        assert "Northside" in html
        assert "SECRET" not in html
        assert "NW5" not in html

    def test_those_of_networks_that_the_site_does_not_show_are_not_among_them(self):
        ours, theirs, more = f.NetworkFactory(), f.NetworkFactory(), f.NetworkFactory()
        made_site(ours, more)
        for network, name in ((ours, "Ours"), (theirs, "Theirs"), (more, "More")):
            listed(network, name)
        assert self.names() == ["More", "Ours"]
        assert self.names(network=more.slug) == ["More"]
        assert self.names(network=theirs.slug) == []

    def test_editors_choose_from_what_some_site_shows(self):
        ours, theirs = f.NetworkFactory(name="Ours"), f.NetworkFactory(name="Theirs")
        made_site(ours)
        food = f.CategoryFactory(network=ours, name="Food", slug="food")
        f.CategoryFactory(network=ours, name="Meals", slug="meals", parent=food)
        f.CategoryFactory(network=theirs, name="Hidden", slug="hidden")
        block = BodyBlock().child_blocks["services"]
        choices = {
            name: [choice for choice in block.child_blocks[name].field.choices if choice[0]]
            for name in ("category", "network")
        }
        assert choices == {"category": [("food", "Food"), ("meals", "Food: Meals")], "network": [(ours.slug, "Ours")]}

    @pytest.mark.parametrize("limit", [0, 13])
    def test_the_list_stays_short(self, limit):
        value = {"title": "", "category": "food", "network": "", "limit": limit}
        assert "limit" in refused(BodyBlock, "services", value)

    def test_queries_are_as_many_for_one_service_as_for_three(self, django_assert_num_queries):
        network = f.NetworkFactory()
        made_site(network)
        self.names()  # what is remembered between requests
        for number in (1, 3):
            for n in range(number):
                service = listed(network, f"{number} {n}", venue=f.VenueFactory())
                OpeningHours.objects.create(service=service, weekday=n, opens=time(9), closes=time(17))
                f.RestrictionFactory(service=service, option=f.DemographicOptionFactory(demographic__network=network))
            # What editors may choose: 4. Site, settings, filters: 4. Services with what they show: 4. The directory: 2.
            with django_assert_num_queries(14):
                assert len(self.names()) == number + (number == 3)


class TestWaysOn:
    def test_at_most_eight_are_taken(self):
        link = {"type": "link", "value": {"label": "x", "page": None, "address": "/x/"}}
        stream = RelatedBlock()
        with pytest.raises(ValidationError):
            stream.clean(stream.to_python([link] * 9))


def test_migrations_hold_no_blocks():
    name, path, args, options = PlainPage._meta.get_field("body").deconstruct()
    assert (name, path, args) == ("body", "directory_site.blocks.field.BlocksField", [])
    assert options == {"blank": True}


def test_a_retired_category_stays_in_a_block_and_is_offered_for_no_other():
    network = f.NetworkFactory()
    site = made_site(network)
    old, new = (f.CategoryFactory(network=network, name=name, slug=name.lower()) for name in ("Parcels", "Groceries"))
    Category.objects.filter(pk=old.pk).update(retired_at=timezone.now(), merged_into=new)
    block = CategoryBlock().child_blocks["category"]
    html = block.field.widget.render("category", "groceries")
    assert ('<option value="parcels" hidden>' in html, '<option value="groceries" selected>' in html) == (True, True)
    assert block.clean("parcels") == "parcels"
    assert categories.names(site)["parcels"] == "Groceries"
