"""What coordinators decide about a network, in parts that are saved each by itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db import models
from django.forms import modelform_factory
from django.utils.text import capfirst

from backoffice.scoped_admin.translations import TranslationsField
from referrals.access.choices import choices_for
from referrals.models import Network, User
from referrals.translations import languages_in_english
from referrals.user_input.dates import DaysField


@dataclass(frozen=True, slots=True)
class PartOfSettings:
    """`about` says what it changes, and for whom."""

    key: str
    title: str
    about: str
    fields: Collection[str]
    widgets: Mapping[str, forms.Widget] = field(default_factory=dict)


PARTS = (
    PartOfSettings(
        "contact",
        "Name and contact",
        "Referrers and people who were referred read these on the form and in e-mails; visitors on the public site. "
        "Messages to the coordinators go to the e-mail address; a change is told to the old and the new one.",
        ("name", "email", "phone"),
    ),
    PartOfSettings(
        "area",
        "The area",
        "A referrer whose person lives outside the area reads a warning beside the postcode and can go on.",
        ("warns_outside_area",),
    ),
    PartOfSettings(
        "form",
        "The referral form",
        "Who can open the form, how much it asks for, and how many organisations it suggests. Forms that are being "
        "filled in follow at their next step.",
        ("has_public_form", "form_languages", "details_length", "suggestion_count"),
    ),
    PartOfSettings(
        "safety",
        "Safety",
        "Every referrer meets these: whom to ring when it cannot wait, and the button that leaves the form at once.",
        ("urgent_advice", "translations", "leave_address"),
        {"urgent_advice": forms.Textarea(attrs={"rows": 4})},
    ),
    PartOfSettings(
        "waiting",
        "Waiting for an answer",
        "When organisations are reminded, and when you are told. It counts for what is asked from now on.",
        (
            "day_counting",
            "country",
            "closed_days",
            "reminder_days",
            "lapse_days",
            "urgent_reminder_days",
            "urgent_lapse_days",
            "lapse_asks_next",
            "undo_seconds",
        ),
        {"closed_days": forms.Textarea(attrs={"rows": 3})},
    ),
    PartOfSettings(
        "services",
        "Services",
        "When organisations are asked whether their services are still right, and what they see of each other.",
        ("confirm_after_months", "shares_load"),
    ),
    PartOfSettings(
        "sign-in",
        "Signing in",
        "For everybody who works with this network's referrals. All of them are told when it changes.",
        ("requires_second_factor",),
    ),
    PartOfSettings(
        "linked",
        "Linked networks",
        "One form then refers into these networks too, and theirs into this one: a link counts in both directions. "
        "Both networks are told when it changes. You can link networks that you coordinate.",
        ("linked_networks",),
        {"linked_networks": forms.CheckboxSelectMultiple()},
    ),
)


# Lists and texts by language, which a hidden field does not hold.
_NOT_HIDDEN = {"linked_networks", "closed_days", "form_languages", "translations"}


def _form_field(field: models.Field, **options: Any) -> forms.Field | None:
    if field.name == "translations":
        return TranslationsField(Network, label="When it cannot wait, in other languages", help_text=field.help_text)
    if field.name == "form_languages":
        return forms.MultipleChoiceField(
            label=capfirst(field.verbose_name),
            required=False,
            choices=languages_in_english()[1:],
            widget=forms.CheckboxSelectMultiple,
            help_text=field.help_text,
        )
    if field.name == "closed_days":
        options["form_class"] = DaysField
    elif isinstance(field, models.URLField):
        options["assume_scheme"] = "https"
    return field.formfield(**options)


def form_of_part(part: PartOfSettings, network: Network, user: User, data: Mapping | None = None) -> forms.ModelForm:
    """Return the part's form. What it showed travels with it, so that only what was changed on this page is saved."""
    form_class = modelform_factory(Network, fields=part.fields, widgets=part.widgets, formfield_callback=_form_field)
    form = form_class(data, instance=network, prefix=part.key)
    form.label_suffix = ""
    for name, one in form.fields.items():
        one.show_hidden_initial = name not in _NOT_HIDDEN
    if linked := form.fields.get("linked_networks"):
        linked.queryset = choices_for(Network._meta.get_field("linked_networks"), user).exclude(pk=network.pk)
    return form
