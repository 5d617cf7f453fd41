"""What a coordinator corrects of a referral: the person's details, and how urgent it is."""

from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from backoffice.responses import perform
from backoffice.workspace.answering import render_form
from backoffice.workspace.screen import back_to, with_referral
from referrals import workflow
from referrals.access.access_log import log_access
from referrals.enums import Screen
from referrals.models import Person, Referral


class CorrectionForm(forms.ModelForm):
    """Takes what was changed on the page, and nothing that somebody else corrected while it was open."""

    class Meta:
        model = Person
        fields = workflow.CORRECTABLE
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def changes(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


@with_referral
def correct(request: HttpRequest, referral: Referral) -> HttpResponse:
    if not workflow.may_correct(request.user, referral):
        messages.error(request, "Only a coordinator can do this.")
        return back_to(request, referral)
    form = CorrectionForm(request.POST or None, instance=referral.person)
    if request.method == "POST" and form.is_valid():
        verb = partial(workflow.correct_person, referral.pk, actor=request.user, changes=form.changes())
        perform(request, verb, "Corrected. Whoever reads the referral sees what it was before.")
        return back_to(request, referral)
    log_access(request.user, [referral.pk], Screen.REFERRAL)
    return render_form(request, referral, form, "correct", title="Correct the details")


@with_referral
@require_POST
def set_urgent(request: HttpRequest, referral: Referral) -> HttpResponse:
    is_urgent = request.POST.get("is_urgent") == "1"
    said = "It is urgent now: answers are due sooner." if is_urgent else "It is not urgent any more."
    perform(request, lambda: workflow.set_urgent(referral.pk, actor=request.user, is_urgent=is_urgent), said)
    return back_to(request, referral)
