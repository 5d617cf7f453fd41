"""What a network asks about people, and the answers to choose from: their order, new ones, and what is retired."""

from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models, transaction
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views import View

from backoffice.responses import not_found, perform, render_page
from referrals.access import changeable_by, visible_to
from referrals.models import Demographic, DemographicOption, Network, User
from referrals.refusals import AlreadyDone, Refusal

MODELS = {"demographic": Demographic, "answer": DemographicOption}
MOST_ANSWERS = 300  # the form shows all of them; a list of languages has about 200


class DemographicForm(forms.ModelForm):
    answers = forms.CharField(
        label="Answers to choose from",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Each on a line, in the order in which the form shows them.",
        error_messages={"required": "Write at least two answers, each on a line."},
    )

    class Meta:
        model = Demographic
        fields = ("name", "help_text", "takes_several", "is_required")
        labels = {"name": "What you ask about"}
        error_messages = {"name": {"required": "Write what you ask about, such as “Gender”."}}

    def clean_answers(self) -> list[str]:
        names = list(dict.fromkeys(filter(None, map(str.strip, self.cleaned_data["answers"].splitlines()))))
        if len(names) < 2:
            raise forms.ValidationError("Write at least two answers, each on a line.")
        if len(names) > MOST_ANSWERS:
            raise forms.ValidationError(f"At most {MOST_ANSWERS} answers can be chosen from.")
        _check_lengths(names)
        return names


class DemographicsView(View):
    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.network = changeable_by(request.user, Network).filter(pk=pk).first()
        return not_found(request) if self.network is None else super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request, DemographicForm(auto_id="new_%s"))

    def post(self, request: HttpRequest) -> HttpResponse:
        verb, _, rest = request.POST.get("action", "").partition(":")
        kind, _, key = rest.partition(":")
        if verb == "add":
            return self._add(request)
        is_key = key.isascii() and key.isdecimal() and len(key) < 19
        if verb not in _VERBS or kind not in MODELS or not is_key:
            return not_found(request)
        typed = request.POST.get(f"answer-{key}", "")
        if verb == "answer":
            perform(
                request,
                lambda: add_answer(self.network.pk, int(key), typed, actor=request.user),
                "{} was added.".format,
            )
        else:
            perform(
                request,
                lambda: _VERBS[verb](self.network.pk, MODELS[kind], int(key), actor=request.user),
                lambda words: words,
            )
        return HttpResponseRedirect(f"{request.path}#{kind}-{key}")

    def _add(self, request: HttpRequest) -> HttpResponse:
        form = DemographicForm(request.POST, auto_id="new_%s", instance=Demographic(network=self.network))
        if not form.is_valid():
            return self._show(request, form)
        done = perform(
            request,
            lambda: add_demographic(form, self.network.pk, actor=request.user),
            lambda row: f"{row} was added. Forms ask about it from now on, where it decides about a service.",
        )
        return HttpResponseRedirect(request.path) if done else self._show(request, form)

    def _show(self, request: HttpRequest, form: DemographicForm) -> HttpResponse:
        answers = DemographicOption.objects.annotate(people_count=Count("people", distinct=True)).order_by(*_ORDER)
        rows = visible_to(request.user, Demographic).filter(network=self.network).order_by(*_ORDER)
        rows = list(rows.prefetch_related(Prefetch("options", answers, to_attr="answers")))
        return render_page(
            request,
            "backoffice/network_settings/demographics.html",
            title="Demographics",
            network=self.network,
            form=form,
            asked=[row for row in rows if not row.retired_at],
            retired=[row for row in rows if row.retired_at],
        )


_ORDER = ("position", "name", "pk")


@transaction.atomic
def add_demographic(form: DemographicForm, network_id: int, *, actor: User) -> Demographic:
    _lock_network(network_id, actor)
    row = form.instance
    rows = Demographic.objects.filter(network=network_id)
    if rows.filter(name__iexact=row.name).exists():
        raise Refusal(f"You ask about “{row.name}” already. Take it back below if it is retired.")
    row.position = _last(rows) + 1
    row.save()
    DemographicOption.objects.bulk_create(
        DemographicOption(demographic=row, name=name, position=position)
        for position, name in enumerate(form.cleaned_data["answers"])
    )
    LogEntry.objects.log_actions(actor.pk, [row], CHANGE, "Added.")
    return row


@transaction.atomic
def add_answer(network_id: int, demographic_id: int, name: str, *, actor: User) -> str:
    _lock_network(network_id, actor)
    row = Demographic.objects.filter(network=network_id, pk=demographic_id).first()
    name = " ".join(name.split())
    if row is None or not name:
        raise Refusal("Write the new answer first.")
    try:
        _check_lengths([name])
    except forms.ValidationError as error:
        raise Refusal(error.message) from error
    if row.options.filter(name__iexact=name).exists():
        raise Refusal(f"“{name}” is there already. Take it back if it is retired.")
    DemographicOption.objects.create(demographic=row, name=name, position=_last(row.options.all()) + 1)
    LogEntry.objects.log_actions(actor.pk, [row], CHANGE, f"{name} was added.")
    return name


def _check_lengths(names: list[str]) -> None:
    if any(len(name) > 120 for name in names):
        raise forms.ValidationError("An answer can have at most 120 characters.")


@transaction.atomic
def move(network_id: int, model: type[models.Model], pk: int, *, actor: User, by: int) -> str:
    """Change places with the neighbour that is not retired. Gaps and doubles in the order are put right on the way."""
    row, beside = _locked(network_id, model, pk, actor)
    order = list(beside.filter(retired_at=None).order_by(*_ORDER))
    place = order.index(row) if row in order else -1
    if place < 0 or not 0 <= place + by < len(order):
        raise AlreadyDone(f"{row} is there already.")
    order[place], order[place + by] = order[place + by], order[place]
    for position, one in enumerate(order):
        one.position = position
    model.objects.bulk_update(order, ["position"])
    return f"{row} is number {place + by + 1} now."


@transaction.atomic
def retire(network_id: int, model: type[models.Model], pk: int, *, actor: User) -> str:
    row, _ = _locked(network_id, model, pk, actor)
    if row.retired_at:
        raise AlreadyDone(f"{row} is retired already.")
    row.retired_at = timezone.now()
    row.save(update_fields=["retired_at"])
    LogEntry.objects.log_actions(actor.pk, [row], CHANGE, "Retired.")
    return f"{row} is retired: forms no longer ask for it. Who has answered keeps the answer."


@transaction.atomic
def take_back(network_id: int, model: type[models.Model], pk: int, *, actor: User) -> str:
    row, _ = _locked(network_id, model, pk, actor)
    if not row.retired_at:
        raise AlreadyDone(f"{row} is not retired.")
    row.retired_at = None
    row.save(update_fields=["retired_at"])
    LogEntry.objects.log_actions(actor.pk, [row], CHANGE, "Taken back.")
    return f"Forms ask for {row} again."


_VERBS = {
    "up": lambda *row, actor: move(*row, actor=actor, by=-1),
    "down": lambda *row, actor: move(*row, actor=actor, by=1),
    "retire": retire,
    "back": take_back,
    "answer": None,
}


def _lock_network(network_id: int, actor: User) -> None:
    Network.objects.select_for_update(no_key=True).filter(pk=network_id).first()
    if not changeable_by(actor, Network).filter(pk=network_id).exists():
        raise Refusal("You no longer coordinate this network.")


def _locked(network_id: int, model: type[models.Model], pk: int, actor: User) -> tuple[models.Model, QuerySet]:
    """Return the row and all that it stands among."""
    _lock_network(network_id, actor)
    path = "network" if model is Demographic else "demographic__network"
    row = model.objects.filter(**{path: network_id}, pk=pk).first()
    if row is None:
        raise Refusal("This is no longer there.")
    owner = {"network": network_id} if model is Demographic else {"demographic": row.demographic_id}
    return row, model.objects.filter(**owner)


def _last(rows: QuerySet) -> int:
    return max(rows.values_list("position", flat=True), default=-1)
