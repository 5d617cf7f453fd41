"""What holds for the fields of every form: Django's, Wagtail's and ours, also those made before our code was ready."""

import pytest
from django import forms
from wagtail import blocks
from wagtail.forms import PasswordViewRestrictionForm
from wagtail.models import Page

from directory_site.models import HomePage
from referrals.models import Organisation, Venue

TYPED = "Food\r\nbank\x07\t\u2028open"


def field_of(model, name: str) -> forms.Field:
    return model._meta.get_field(name).formfield()


def blocks_of(block: blocks.Block) -> list[blocks.FieldBlock]:
    if isinstance(block, blocks.FieldBlock):
        return [block]
    children = getattr(block, "child_blocks", {}).values()
    return [leaf for child in (*children, getattr(block, "child_block", None)) if child for leaf in blocks_of(child)]


LEAVES = blocks_of(HomePage._meta.get_field("body").stream_block)


@pytest.mark.parametrize(
    "field",
    [
        forms.CharField(),
        forms.CharField(widget=forms.EmailInput),
        field_of(Organisation, "name"),
        field_of(Page, "title"),
        next(leaf.field for leaf in LEAVES if type(leaf) is blocks.CharBlock),
    ],
)
def test_a_text_of_one_line_stays_on_it(field):
    assert field.clean(TYPED) == "Food bank open"


@pytest.mark.parametrize(
    "field",
    [
        forms.CharField(widget=forms.Textarea),
        forms.CharField(widget=forms.PasswordInput),
        forms.CharField(widget=forms.HiddenInput),
        field_of(Venue, "address"),
    ],
)
def test_several_lines_and_passwords_stay_as_they_are(field):
    assert field.clean(TYPED) == TYPED


def test_a_null_character_is_refused():
    with pytest.raises(forms.ValidationError, match="Null characters"):
        forms.CharField().clean("Food\x00bank")


def test_what_is_missing_is_asked_for_in_our_words():
    asked = {str(leaf.field.error_messages["required"]) for leaf in LEAVES if type(leaf) is blocks.CharBlock}
    assert asked == {"Please fill this in."}
    assert PasswordViewRestrictionForm.base_fields["password"].error_messages["required"] == "Please fill this in."
