"""Several categories at once: each on a line, those beneath another indented."""

from dataclasses import dataclass

from django import forms
from django.contrib.admin.models import ADDITION, LogEntry
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils.text import slugify
from django.views import View

from backoffice.responses import not_found, perform, render_page
from referrals.access import changeable_by
from referrals.models import Category, Network, User
from referrals.refusals import Refusal

MOST = 100
_INDENTS = " \t-\N{EN DASH}\N{BULLET}"  # what stands before a line in lists that people paste
_LONGEST = Category._meta.get_field("name").max_length


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    is_beneath: bool  # the last that is not


class CategoriesForm(forms.Form):
    names = forms.CharField(
        label="Categories",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Each on a line. One that begins with a space or a hyphen stands beneath the one above it: a service "
        "that is listed under “Housing” then covers “Eviction” too.",
        error_messages={"required": "Write at least one."},
    )

    def clean_names(self) -> list[Line]:
        lines = [
            Line(" ".join(text.lstrip(_INDENTS).split()), is_beneath=text[0] in _INDENTS)
            for text in self.cleaned_data["names"].splitlines()
            if text.strip(_INDENTS)
        ]
        if not lines:
            raise forms.ValidationError("Write at least one.")
        if len(lines) > MOST:
            raise forms.ValidationError(f"Write at most {MOST} at once.")
        if lines[0].is_beneath:
            raise forms.ValidationError("The first cannot stand beneath another.")
        seen: set[str] = set()
        for line in lines:
            if len(line.name) > _LONGEST:
                raise forms.ValidationError(f"“{line.name[:40]}…” is longer than {_LONGEST} characters.")
            if line.name.lower() in seen:
                raise forms.ValidationError(f"“{line.name}” is written twice.")
            seen.add(line.name.lower())
        return lines


class CategoriesView(View):
    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.network = changeable_by(request.user, Network).filter(pk=pk).first()
        return not_found(request) if self.network is None else super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request, CategoriesForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CategoriesForm(request.POST)
        if not form.is_valid():
            return self._show(request, form)
        done = perform(
            request,
            lambda: add_categories(self.network.pk, form.cleaned_data["names"], actor=request.user),
            lambda number: f"{number} categor{pluralize(number, 'y,ies')} {pluralize(number, 'was,were')} added.",
        )
        if not done:
            return self._show(request, form)
        listed = reverse("backoffice:referrals_category_changelist")
        return HttpResponseRedirect(f"{listed}?network__id__exact={self.network.pk}")

    def _show(self, request: HttpRequest, form: CategoriesForm) -> HttpResponse:
        return render_page(
            request,
            "backoffice/network_settings/categories.html",
            title="Add several categories",
            network=self.network,
            form=form,
        )


@transaction.atomic
def add_categories(network_id: int, lines: list[Line], *, actor: User) -> int:
    """Add them behind those that the network has, in this order, and return how many. Raises Refusal."""
    Network.objects.select_for_update(no_key=True).filter(pk=network_id).first()
    if not changeable_by(actor, Network).filter(pk=network_id).exists():
        raise Refusal("You no longer coordinate this network.")
    there = Category.objects.filter(network=network_id)
    names = {name.lower() for name in there.values_list("name", flat=True)}
    if known := [line.name for line in lines if line.name.lower() in names]:
        raise Refusal(f"Nothing was added, since “{known[0]}” is there already.")
    slugs = set(there.values_list("slug", flat=True))
    last = there.aggregate(last=Max("position"))["last"] or 0
    rows = [
        Category(network_id=network_id, name=line.name, slug=_new_slug(line.name, slugs), position=last + number)
        for number, line in enumerate(lines, start=1)
    ]
    tops = [row for row, line in zip(rows, lines, strict=True) if not line.is_beneath]
    Category.objects.bulk_create(tops)
    top = tops[0]
    for row, line in zip(rows, lines, strict=True):
        if line.is_beneath:
            row.parent = top
        else:
            top = row
    Category.objects.bulk_create(row for row, line in zip(rows, lines, strict=True) if line.is_beneath)
    LogEntry.objects.log_actions(actor.pk, rows, ADDITION, "Added with others.")
    return len(rows)


def _new_slug(name: str, taken: set[str]) -> str:
    """Return a short name that is not `taken` yet, and take it."""
    stem = slugify(name)[: _LONGEST - 4] or "category"
    slug = next(one for one in [stem, *(f"{stem}-{n}" for n in range(2, 2 + MOST))] if one not in taken)
    taken.add(slug)
    return slug
