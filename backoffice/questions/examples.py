"""Examples: these answers must give these needs. Publishing looks at them."""

from collections.abc import Mapping, Sequence

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.forms.boundfield import BoundWidget
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.views.decorators.http import require_POST

from backoffice.questions.views import load_categories, of_network
from backoffice.responses import render_page
from referrals.access import changeable_by
from referrals.models import Category, FlowExample, Network
from referrals.questions import Box
from referrals.questions.draft import load_draft
from referrals.questions.examples import run_examples
from referrals.refusals import constraint_message


class ExampleForm(forms.ModelForm):
    options = forms.MultipleChoiceField(label="Answers", widget=forms.CheckboxSelectMultiple)
    needs = forms.MultipleChoiceField(
        label="Needs that they must give", required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = FlowExample
        fields = ("name", "is_urgent")
        labels = {"is_urgent": "It must be urgent"}

    def __init__(
        self,
        data: Mapping | None = None,
        *,
        boxes: Sequence[Box],
        categories: Sequence[Category],
        network: Network,
        **kwargs: object,
    ) -> None:
        super().__init__(data, instance=FlowExample(network=network), **kwargs)
        self.fields["options"].choices = [
            (box.text, [(str(choice.id), choice.text) for choice in box.choices]) for box in boxes if box.choices
        ]
        self.fields["needs"].choices = [
            (str(one.pk), "\u2003" * one.tree_depth + one.name) for one in categories if not one.retired_at
        ]

    @property
    def questions(self) -> list[tuple[str, list[BoundWidget]]]:
        """The questions, each with its answers as checkboxes."""
        checkboxes = iter(self["options"])
        return [(text, [next(checkboxes) for _ in answers]) for text, answers in self.fields["options"].choices]

    def clean(self) -> dict:
        given = super().clean()
        self.instance.option_ids = list(map(int, given.get("options", ())))
        self.instance.need_ids = list(map(int, given.get("needs", ())))
        return given

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"network"}  # so that a name is taken once in it


def example_url(network_id: int, option_ids: Sequence[int], need_ids: Sequence[int], *, is_urgent: bool) -> str:
    """Return where an example is added, with these ticked."""
    given = {"option": option_ids, "need": need_ids} | ({"urgent": 1} if is_urgent else {})
    return f"{reverse('backoffice:questions_examples', args=[network_id])}?{urlencode(given, doseq=True)}#add"


@of_network
def all_examples(request: HttpRequest, network: Network) -> HttpResponse:
    """List the examples with how they come out in the draft; add one. The address may fill it in: see `example_url`."""
    boxes, categories = load_draft(network.pk), load_categories(network)
    given = {"boxes": boxes, "categories": categories, "network": network}
    if request.method == "POST":
        form = ExampleForm(request.POST, **given)
        if form.is_valid():
            try:
                with transaction.atomic():
                    example = form.save()
            except IntegrityError as error:  # it was sent twice at the same moment
                if not (words := constraint_message(error, FlowExample)):
                    raise
                form.add_error("name", words)
            else:
                messages.success(request, f"“{example}” is looked at from now on before anything is published.")
                return HttpResponseRedirect(request.path)
    else:
        chosen = request.GET.getlist("option")
        words = [choice.text for box in boxes for choice in box.choices if str(choice.id) in chosen]
        initial = {
            "name": Truncator(", ".join(words)).chars(FlowExample._meta.get_field("name").max_length),
            "options": chosen,
            "needs": request.GET.getlist("need"),
            "is_urgent": "urgent" in request.GET,
        }
        form = ExampleForm(initial=initial, **given)
    return render_page(
        request,
        "backoffice/questions/examples.html",
        title="Examples of answers",
        network=network,
        outcomes=run_examples(network, boxes),
        form=form,
    )


@require_POST
@of_network
def delete_example(request: HttpRequest, network: Network, key: int) -> HttpResponse:
    example = changeable_by(request.user, FlowExample).filter(network=network, pk=key).first()
    if example:
        example.delete()
        messages.success(request, f"“{example}” is deleted.")
    return HttpResponseRedirect(reverse("backoffice:questions_examples", args=[network.pk]))
