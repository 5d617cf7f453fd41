from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet

from referrals import accounts
from referrals.access import own_organisations
from referrals.enums import OrganisationRole
from referrals.mailboxes import PlainAddressField
from referrals.models import Invitation, Network, Organisation, User


class InviteForm(forms.Form):
    """Invites a colleague into an organisation, or somebody to a role in a network."""

    email = PlainAddressField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label="As")

    def __init__(self, *args: object, roles: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles
        self.fields["role"].initial = roles[-1][0]


class InviteOrganisationForm(forms.Form):
    network = forms.ModelChoiceField(Network.objects.none(), empty_label="Choose which")
    name = forms.CharField(label="Name of the organisation", max_length=200)
    email = PlainAddressField(
        label="E-mail of someone there",
        help_text="They get a link, become the organisation's owner, and can invite their colleagues.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: object, networks: QuerySet, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["network"].queryset = networks
        if len(networks) == 1:
            self.fields["network"].initial = networks[0]
            self.fields["network"].widget = self.fields["network"].hidden_widget()


class NewUserForm(forms.Form):
    name = forms.CharField(label="Your name", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Choose a password",
        strip=False,
        help_text="Ten characters or more. Three or four words that do not belong together are good.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The same password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: object, email: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict:
        cleaned = super().clean()
        password = cleaned.get("password", "")
        if password and "again" in cleaned and password != cleaned["again"]:
            self.add_error("again", "The two passwords are not the same. Please type them again.")
        elif password:
            try:
                validate_password(password, User(email=self.email, name=cleaned.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned

    @property
    def user(self) -> accounts.NewUser:
        return accounts.NewUser(name=self.cleaned_data["name"], password=self.cleaned_data["password"])


class NewOrganisationForm(forms.ModelForm):
    website = forms.URLField(label="Website (optional)", required=False, assume_scheme="https")

    class Meta:
        model = Organisation
        fields = ["name", "email", "phone", "website", "description"]
        labels = {
            "name": "Name of the organisation",
            "phone": "Phone (optional)",
            "description": "What it does, in a sentence or two (optional)",
        }
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: object, invitation: Invitation, **kwargs: object) -> None:
        initial = {"name": invitation.organisation_name, "email": invitation.email}
        super().__init__(*args, initial=initial, **kwargs)

    @property
    def organisation(self) -> accounts.NewOrganisation:
        return accounts.NewOrganisation(**{name: self.cleaned_data[name] for name in self.Meta.fields})


class OwnOrganisationForm(forms.Form):
    """For users who have organisations already: choose one of those, or (empty) a new one."""

    existing = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Which organisation joins?",
        required=False,
        empty_label="A new one",
        blank=True,  # else Django leaves the empty choice out
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["existing"].queryset = own_organisations(user, OrganisationRole.OWNER)
