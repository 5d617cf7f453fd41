"""What people agree to: every wording that was in force, and the next one."""

from functools import partial

from django import forms
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views import View

from backoffice.responses import not_found, perform, render_page
from backoffice.scoped_admin.translations import TranslationsField
from referrals.access import changeable_by, visible_to
from referrals.models import ConsentWording, Network, User
from referrals.refusals import AlreadyDone, Refusal
from referrals.translations import Translations

LONGEST = 20_000  # characters: some ten pages, which everybody who refers has before them
TOO_LONG = f"Write at most {LONGEST:,} characters: nobody agrees to what they cannot read."

# To start from, since most of it is the same everywhere. A coordinator reads it before it is in force.
FIRST_DRAFT = """\
I agree that my name, how to reach me, and what is written in this form are shared with the organisations named above, \
so that one of them can help me. If one cannot, another organisation of {network} may be asked.

They keep this only as long as they need it, and pass it on to nobody else without asking me.

I can change my mind at any time, ask what is kept about me, and complain: {email}."""


class WordingForm(forms.Form):
    text = forms.CharField(
        label="What people agree to",
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Plain words: what is shared, with whom, for how long, how to object. Empty lines divide paragraphs.",
        error_messages={"required": "Write what people agree to."},
        # Not `max_length`: with that, browsers cut off what is pasted without a word.
        validators=[MaxLengthValidator(LONGEST, TOO_LONG)],
    )
    translations = TranslationsField(ConsentWording, label="In other languages", help_text="Kept with this version.")
    after = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean_translations(self) -> Translations:
        given = self.cleaned_data["translations"]
        if any(len(text) > LONGEST for texts in given.values() for text in texts.values()):
            raise forms.ValidationError(TOO_LONG)
        return given


class ConsentView(View):
    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.network = changeable_by(request.user, Network).filter(pk=pk).first()
        return not_found(request) if self.network is None else super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        newest = _newest(self.network)
        if newest:
            initial = {"text": newest.text, "translations": newest.translations, "after": newest.version}
        else:
            initial = {"text": FIRST_DRAFT.format(network=self.network, email=self.network.email)}
        return self._show(request, WordingForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = WordingForm(request.POST)
        if not form.is_valid():
            return self._show(request, form)
        text = form.cleaned_data["text"].replace("\r\n", "\n").strip()
        if "preview" in request.POST:
            return self._show(request, form, preview=text)
        given = form.cleaned_data
        next_wording = partial(put_into_force, self.network.pk, text, translations=given["translations"])
        done = perform(
            request,
            lambda: next_wording(after=given["after"] or 0, actor=request.user),
            lambda wording: f"Version {wording.version} is in force: forms show it from now on.",
        )
        if done:
            return HttpResponseRedirect(request.path)
        newest = _newest(self.network)
        form.data = request.POST.copy()
        form.data["after"] = newest.version if newest else 0  # which is shown, and can be replaced
        return self._show(request, form, preview=text)

    def _show(self, request: HttpRequest, form: WordingForm, preview: str = "") -> HttpResponse:
        wordings = visible_to(request.user, ConsentWording).filter(network=self.network)
        versions = list(wordings.annotate(referrals=Count("consents")).order_by("-version"))
        return render_page(
            request,
            "backoffice/network_settings/consent.html",
            title="Consent wordings",
            network=self.network,
            form=form,
            preview=preview,
            in_force=versions[0] if versions else None,
            versions=versions,
            earlier=versions[1:],
            next_version=versions[0].version + 1 if versions else 1,
        )


def _newest(network: Network) -> ConsentWording | None:
    return ConsentWording.objects.filter(network=network).order_by("-version").first()


@transaction.atomic
def put_into_force(
    network_id: int, text: str, *, after: int, actor: User, translations: Translations | None = None
) -> ConsentWording:
    """Add the next version. Raises Refusal if one has been added after the version that the writer started from."""
    Network.objects.select_for_update(no_key=True).filter(pk=network_id).first()
    network = changeable_by(actor, Network).filter(pk=network_id).first()
    if network is None:
        raise Refusal("You no longer coordinate this network.")
    newest = _newest(network)
    version = newest.version if newest else 0
    if newest and newest.text == text and newest.translations == (translations or {}):
        raise AlreadyDone(f"This is the wording of version {version}, which is in force.")
    if version != after:
        raise Refusal(
            f"Meanwhile version {version} was put into force: read it here first. Yours is not saved yet. "
            f"If you put it into force now, it replaces version {version}."
        )
    wording = ConsentWording.objects.create(
        network=network, version=version + 1, text=text, translations=translations or {}
    )
    LogEntry.objects.log_actions(actor.pk, [wording], ADDITION, f"Version {wording.version}.")
    return wording
