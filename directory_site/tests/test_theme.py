"""A site's own colour: what is refused, what is mixed from it, and where it is served."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from directory_site.tests.made_sites import made_site
from directory_site.theme import (
    DARK,
    LIGHT,
    brand_css,
    check_brand_colour,
    contrast,
    css_digest,
    lowest_contrast,
    parse_colour,
    to_hex,
)

COLOURS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda parts: "#{:02x}{:02x}{:02x}".format(*parts))
TOKENS = Path(settings.BASE_DIR, "referrals/static/referrals/tokens.css").read_text()


def properties(css: str) -> list[dict[str, tuple]]:
    """Return the custom properties for light and for dark."""
    parts = css.split("@media (prefers-color-scheme: dark)")
    return [{name: parse_colour(value) for name, value in re.findall(r"--([\w-]+): (#\w{6});", part)} for part in parts]


@given(COLOURS)
def test_whatever_is_chosen_all_that_is_mixed_from_it_can_be_read(words):
    for scheme, mixed in zip((LIGHT, DARK), properties(brand_css(words)), strict=True):
        for surface in (scheme.paper, scheme.mist, mixed["brand-soft"]):
            assert contrast(mixed["brand"], surface) >= 4.5
        assert contrast(mixed["on-brand"], mixed["brand"]) >= 4.5
        assert contrast(mixed["on-brand"], mixed["brand-strong"]) >= 4.5
        assert contrast(mixed["brand-strong"], mixed["brand-soft"]) >= 7


@given(COLOURS)
def test_a_colour_that_is_accepted_is_shown_as_it_is_in_the_light(words):
    try:
        check_brand_colour(words)
    except ValidationError:
        assert lowest_contrast(parse_colour(words)) < 4.5
    else:
        assert to_hex(properties(brand_css(words))[0]["brand"]) == words


def test_the_measure_is_that_of_the_guidelines():
    assert contrast(parse_colour("#000000"), parse_colour("#ffffff")) == 21
    assert round(contrast(parse_colour("#777777"), parse_colour("#ffffff")), 2) == 4.48


def test_the_surfaces_are_those_of_the_look():
    light, dark = properties(TOKENS)
    assert (light["paper"], light["mist"]) == (LIGHT.paper, LIGHT.mist)
    assert (dark["paper"], dark["mist"]) == (DARK.paper, DARK.mist)


def test_a_pale_colour_is_refused_with_its_contrast_and_a_shade_that_will_do():
    with pytest.raises(ValidationError) as refused:
        check_brand_colour("#f0b400")
    words = refused.value.messages[0]
    assert "1.7 to 1" in words
    nearest = re.search(r"#\w{6}", words)[0]
    check_brand_colour(nearest)


@pytest.mark.parametrize("words", ["", "green", "#0b5", "0b5d57", "#0b5d5g", "#0b5d57;}"])
def test_what_is_no_colour_is_refused(words):
    with pytest.raises(ValidationError, match="six digits"):
        check_brand_colour(words)


@pytest.mark.django_db
class TestServing:
    def test_a_site_without_a_colour_has_no_sheet(self, client):
        made_site()
        assert "branding" not in client.get("/").content.decode()
        assert client.get(reverse("branding", args=["made-up"])).status_code == 404

    def test_the_sheet_is_kept_for_good_under_the_address_that_pages_name(self, client):
        site = made_site()
        site.brand_colour = "#5b2a86"
        site.save()
        address = reverse("branding", args=[css_digest("#5b2a86")])
        assert f'<link rel="stylesheet" href="{address}">' in client.get("/").content.decode()
        answer = client.get(address)
        assert answer.content.decode() == brand_css("#5b2a86")
        assert answer["Content-Type"] == "text/css; charset=utf-8"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert not answer.has_header("Vary")

    def test_a_page_from_before_a_change_gets_the_new_colour_but_not_for_good(self, client):
        site = made_site()
        site.brand_colour = "#5b2a86"
        site.save()
        answer = client.get(reverse("branding", args=[css_digest("#0b5d57")]))
        assert answer.content.decode() == brand_css("#5b2a86")
        assert answer["Cache-Control"] == "public, max-age=60"
