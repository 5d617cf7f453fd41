"""What the scripts of maps ask, as JSON.

All by POST: an address ends up in logs, and a refuge's postcode must not. 422 says in words what is wrong with what was
given, 400 that the question itself was; a row that is not the user's answers like one that does not exist.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from backoffice.catchments.forms import ChangeForm, PostcodeForm, SurroundingsForm
from backoffice.scoped_admin.shapes import SIMPLIFIED
from referrals.access import visible_to
from referrals.access.choices import choices_for
from referrals.catchments import UnusableShape, areas_to_start_from, write_catchment
from referrals.models import Service

_OTHERS_AT_MOST = 50


def _answers(form_class: type[forms.Form]) -> Callable:
    """Let a view answer a valid form with a dictionary; what cannot be used is said in words."""

    def decorate(answer: Callable[[HttpRequest, Any], dict]) -> Callable[[HttpRequest], JsonResponse]:
        @require_POST
        @wraps(answer)
        def view(request: HttpRequest) -> JsonResponse:
            form = form_class(request.user, request.POST, request.FILES)
            if not form.is_valid():
                problems = [problem for of_field in form.errors.values() for problem in of_field]
                return JsonResponse({"problem": " ".join(dict.fromkeys(problems))}, status=400)
            try:
                return JsonResponse(answer(request, form))
            except UnusableShape as refusal:
                return JsonResponse({"problem": str(refusal)}, status=422)

        return view

    return decorate


@_answers(ChangeForm)
def change(request: HttpRequest, form: ChangeForm) -> dict:
    """Answer the shape after a change, and what is to be said about it."""
    read, said = form.changed()
    return {"shape": write_catchment(read.shape), "said": [*said, *read.told]}


@_answers(SurroundingsForm)
def surroundings(request: HttpRequest, form: SurroundingsForm) -> dict:
    """Answer what a map shows around a catchment, all of it thinned out: nothing here is saved again."""
    network, venue = form.cleaned_data["network"], form.cleaned_data["venue"]
    return {
        "area": {"name": network.area.name, "shape": _outline(network.area.boundary)},
        "areas": list(areas_to_start_from(request.user, network).values("pk", "name")),
        "others": [{"name": str(one.activity), "shape": _outline(one.catchment)} for one in _others(request, form)],
        "venue": {"name": venue.name, "point": venue.point.coords if venue.point else None} if venue else None,
    }


def _others(request: HttpRequest, form: SurroundingsForm) -> QuerySet:
    network, organisation = form.cleaned_data["network"], form.cleaned_data["organisation"]
    kept = choices_for(Service._meta.get_field("organisation"), request.user).filter(pk=getattr(organisation, "pk", 0))
    services = visible_to(request.user, Service).filter(network=network, organisation__in=kept.values("pk"))
    shown = services.filter(archived_at=None, catchment__isnull=False).exclude(pk=form.cleaned_data["service"])
    return shown.select_related("activity")[:_OTHERS_AT_MOST]


def _outline(shape: GEOSGeometry) -> dict:
    return json.loads(write_catchment(shape.simplify(SIMPLIFIED, preserve_topology=True)))


@_answers(PostcodeForm)
def find_postcode(request: HttpRequest, form: PostcodeForm) -> dict:
    found = form.cleaned_data["postcode"]
    return {"postcode": str(found), "point": found.point.coords}
