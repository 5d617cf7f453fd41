"""Visitors' forms. They require only what is needed, and every error says what to do."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from referrals.enums import WhatIsWrong
from referrals.mailboxes import PlainAddressField
from referrals.models import Network, PublicMessage
from referrals.visitor_messages.honeypot import HoneypotForm

MAX_LENGTH = 2000  # characters

NAME = PublicMessage._meta.get_field("writer_name")
CONTACT = PublicMessage._meta.get_field("writer_contact")


class KeyField(forms.UUIDField):
    """Tells whether a form has been sent before. A form without a valid key counts as new."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> UUID:
        try:
            return super().clean(value)
        except ValidationError:
            return uuid4()


class VisitorForm(HoneypotForm):
    use_required_attribute = False  # the page itself lists what is missing, in its language and for all fields at once

    key = KeyField(initial=uuid4)

    @property
    def shown_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name != "homepage"]

    def error_links(self) -> list[tuple[str, str]]:
        """Return (message, id of what takes the focus) for the summary, in the order of the page."""
        links = [(str(error), "") for error in self.non_field_errors()]
        for field in [*self.shown_fields, self["homepage"]]:
            anchor = f"{field.auto_id}_0" if field.use_fieldset else field.auto_id
            links += [(str(error), anchor) for error in field.errors]
        return links


class MessageForm(VisitorForm):
    text = forms.CharField(
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"max_length": _("Please say it in %(limit_value)d characters; you wrote %(show_value)d.")},
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=NAME.max_length,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact = forms.CharField(
        label=_("Your e-mail or phone number"),
        max_length=CONTACT.max_length,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )


class CorrectionForm(MessageForm):
    wrong = forms.ChoiceField(
        label=_("What is not right?"),
        choices=WhatIsWrong.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is not right.")},
    )

    field_order = ["wrong", "text", "name", "contact"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False
        self.fields["text"].label = _("What would be right?")
        self.fields["text"].help_text = _(
            "The new hours or the new address, for instance. Please write nothing private about anybody."
        )
        self.fields["contact"].help_text = _("In case there is a question. Never shown in public.")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("wrong") == WhatIsWrong.OTHER and not given.get("text") and "text" not in self.errors:
            self.add_error("text", _("Say in a few words what is not right."))
        return given


class QuestionForm(MessageForm):
    """The visitor chooses a network only where there are several."""

    network = forms.ModelChoiceField(
        label=_("Whom do you want to ask?"),
        queryset=Network.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose whom you want to ask.")},
    )

    field_order = ["network", "text", "name", "contact"]

    def __init__(self, *args: Any, networks: QuerySet[Network], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.networks = networks
        if len(networks) == 1:
            del self.fields["network"]
        else:
            self.fields["network"].queryset = networks
        self.fields["text"].label = _("Your message")
        self.fields["text"].error_messages["required"] = _("Write your message.")
        self.fields["contact"].help_text = _("So that we can answer. Never shown in public.")

    @property
    def chosen(self) -> Network:
        return self.cleaned_data.get("network") or self.networks[0]


class SendForm(VisitorForm):
    email = PlainAddressField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Write the address that it should go to."),
            "invalid": _("Write the address as in name@example.org."),
        },
    )
