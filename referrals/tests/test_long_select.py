from django import forms
from django.test.html import parse_html

from referrals.user_input.long_select import LongSelect

CHOICES = [("", "Any"), (1, "Fish & chips"), (12, "<b>")]


def test_it_renders_as_djangos_does():
    for value in (None, "", 1, "12", "x"):
        theirs = forms.Select(choices=CHOICES).render("kind", value, {"id": "id_kind"})
        ours = LongSelect(choices=CHOICES).render("kind", value, {"id": "id_kind"})
        assert parse_html(ours) == parse_html(theirs)
