"""JSON for the scripts of maps.

What is about a service is asked by POST: addresses end up in logs, and a refuge's postcode must not. The answer is 422
for a shape that cannot be used and 400 for a request that is wrong, each with the reason; a row that the user may not
see counts as missing.
"""

import json
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views import View
from django.views.decorators.http import require_safe

from backoffice.catchments.forms import ChangeForm, PostcodeForm, SurroundingsForm
from backoffice.scoped_admin.shapes import SIMPLIFIED
from referrals.access import visible_to
from referrals.access.choices import choices_for
from referrals.catchments import UnusableShape, areas_to_start_from, write_catchment
from referrals.models import Service
from referrals.places.labels import labels_for_live_map
from referrals.rate_limits import Limit, TooMany, count

MAX_OTHERS = 50
SHAPES_BY_ONE_USER = Limit("shapes-by-user", 300, timedelta(minutes=10))  # people at work stay far below


@require_safe
def map_labels(request: HttpRequest) -> HttpResponse:
    """Take `?box=west,south,east,north&width=pixels`; return the names of areas and postcode districts that fit.

    They are public reference data, the same for everybody.
    """
    labels = labels_for_live_map(request.GET)
    if labels is None:
        problem = "box is west,south,east,north in degrees, width is a number of pixels."
        return JsonResponse({"problem": problem}, status=400)
    return JsonResponse({"labels": labels}, headers={"Cache-Control": "private, max-age=3600"})


class ShapeView(View):
    form_class: type[forms.Form]

    def answer(self, request: HttpRequest, form: Any) -> dict[str, Any]:
        raise NotImplementedError

    def count(self, request: HttpRequest) -> None:
        """Hook: raise TooMany for a user who asks for much work."""

    def post(self, request: HttpRequest) -> JsonResponse:
        form = self.form_class(request.user, request.POST, request.FILES)
        if not form.is_valid():
            problems = [problem for errors in form.errors.values() for problem in errors]
            return JsonResponse({"problem": " ".join(dict.fromkeys(problems))}, status=400)
        try:
            self.count(request)
            return JsonResponse(self.answer(request, form))
        except TooMany as refusal:
            return JsonResponse({"problem": str(refusal)}, status=429)
        except UnusableShape as refusal:
            return JsonResponse({"problem": str(refusal)}, status=422)


class ChangeView(ShapeView):
    form_class = ChangeForm

    def count(self, request: HttpRequest) -> None:
        with transaction.atomic():
            count([(SHAPES_BY_ONE_USER, str(request.user.pk))], at=timezone.now())

    def answer(self, request: HttpRequest, form: ChangeForm) -> dict[str, Any]:
        read, done = form.make_change()
        return {"shape": write_catchment(read.shape), "messages": [*done, *read.changes]}


class SurroundingsView(ShapeView):
    """What a map shows around a catchment, all of it simplified: none of it is saved again."""

    form_class = SurroundingsForm

    def answer(self, request: HttpRequest, form: SurroundingsForm) -> dict[str, Any]:
        network, venue = form.cleaned_data["network"], form.cleaned_data["venue"]
        return {
            "area": {"name": network.area.name, "shape": _outline(network.area.boundary)},
            "areas": list(areas_to_start_from(request.user, network).values("pk", "name")),
            "others": [
                {"name": str(service.activity), "shape": _outline(service.catchment)}
                for service in _other_services(request, form)
            ],
            "venue": {"name": venue.name, "point": venue.point.coords if venue.point else None} if venue else None,
        }


class FindPostcodeView(ShapeView):
    form_class = PostcodeForm

    def answer(self, request: HttpRequest, form: PostcodeForm) -> dict[str, Any]:
        found = form.cleaned_data["postcode"]
        return {"postcode": found.name, "point": found.point.coords}


def _other_services(request: HttpRequest, form: SurroundingsForm) -> QuerySet:
    network, organisation = form.cleaned_data["network"], form.cleaned_data["organisation"]
    kept = choices_for(Service._meta.get_field("organisation"), request.user).filter(pk=getattr(organisation, "pk", 0))
    services = visible_to(request.user, Service).filter(network=network, organisation__in=kept.values("pk"))
    others = services.filter(archived_at=None, catchment__isnull=False).exclude(pk=form.cleaned_data["service"])
    return others.select_related("activity")[:MAX_OTHERS]


def _outline(shape: GEOSGeometry) -> dict:
    return json.loads(write_catchment(shape.simplify(SIMPLIFIED, preserve_topology=True)))
