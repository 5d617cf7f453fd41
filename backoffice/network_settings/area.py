"""Which of the installation's boundaries is a network's area: by name, by a postcode inside it, or on a map."""

from collections import Counter
from dataclasses import dataclass

from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.gis.db.models import MultiPolygonField
from django.db import transaction
from django.db.models import Func, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from backoffice.responses import not_found, perform, render_page
from backoffice.scoped_admin.shapes import SIMPLIFIED
from referrals import accounts
from referrals.access import changeable_by
from referrals.access.choices import choices_for
from referrals.catchments.place_map import PlaceMap, draw_map
from referrals.models import Area, Network, Postcode, Service, User
from referrals.refusals import AlreadyDone, Refusal

SHOWN_AT_MOST = 30


@dataclass(frozen=True, slots=True)
class DrawnArea:
    area: Area
    path: str
    is_name_shared: bool  # then its code tells it apart
    is_chosen: bool
    is_current: bool


class AreaForm(forms.Form):
    """`seen`: the area that the page showed."""

    area = forms.ModelChoiceField(Area.objects.none(), error_messages={"required": "Choose an area."})
    seen = forms.IntegerField()

    def __init__(self, data: object, *, offered: QuerySet) -> None:
        super().__init__(data)
        self.fields["area"].queryset = offered


class AreaView(View):
    def dispatch(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.network = changeable_by(request.user, Network).select_related("area").filter(pk=pk).first()
        if self.network is None:
            return not_found(request)
        self.offered = choices_for(Network._meta.get_field("area"), request.user)
        return super().dispatch(request)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(request, chosen=request.GET.get("area", ""))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AreaForm(request.POST, offered=self.offered)
        if not form.is_valid():
            return self._show(request, chosen="", problem="Choose an area first.")
        area = form.cleaned_data["area"]
        done = perform(
            request,
            lambda: choose_area(self.network.pk, area, seen=form.cleaned_data["seen"], actor=request.user),
            f"{area} is the area now.",
        )
        if done:
            return HttpResponseRedirect(reverse("backoffice:settings_network", args=[self.network.pk]) + "#area")
        return HttpResponseRedirect(request.path)

    def _show(self, request: HttpRequest, *, chosen: str, problem: str = "") -> HttpResponse:
        words = request.GET.get("q", "").strip()[:200]
        thinned = Func("boundary", SIMPLIFIED, function="ST_SimplifyPreserveTopology", output_field=MultiPolygonField())
        found = find_areas(self.offered, words, self.network).annotate(thinned=thinned).defer("boundary")
        areas = list(found.order_by("name", "pk")[: SHOWN_AT_MOST + 1])
        shown = areas[:SHOWN_AT_MOST]
        drawing = draw_map(catchments=[area.thinned for area in shown])
        drawn = _draw(drawing, shown, chosen, self.network.area_id)
        whole = Service.objects.filter(network=self.network, archived_at=None, catchment=None)
        return render_page(
            request,
            "backoffice/network_settings/area.html",
            title="The area",
            network=self.network,
            words=words,
            problem=problem,
            drawing=drawing,
            areas=drawn,
            smallest_last=sorted(drawn, key=lambda one: -one.area.thinned.area),  # so that each can be pressed
            chosen=next((one.area for one in drawn if one.is_chosen), None),
            is_cut=len(areas) > SHOWN_AT_MOST,
            whole_services=whole.count(),
        )


def find_areas(offered: QuerySet, words: str, network: Network) -> QuerySet:
    """Return those of this name or code, or around a postcode; without words, those where the area is."""
    if not words:
        return offered.filter(boundary__bboverlaps=network.area.boundary)
    named = Q(name__icontains=words) | Q(code__iexact=words)
    postcode = Postcode.objects.located().find(words)
    return offered.filter(named | Q(boundary__covers=postcode.point) if postcode else named)


def _draw(drawing: PlaceMap | None, areas: list[Area], chosen: str, current: int) -> list[DrawnArea]:
    paths, names = drawing.catchments if drawing else [], Counter(area.name for area in areas)
    return [
        DrawnArea(area, path, names[area.name] > 1, is_chosen=str(area.pk) == chosen, is_current=area.pk == current)
        for area, path in zip(areas, paths, strict=True)
    ]


@transaction.atomic
def choose_area(network_id: int, area: Area, *, seen: int, actor: User) -> None:
    """Raises Refusal, also if the area is no longer the one that was `seen`."""
    Network.objects.select_for_update(no_key=True).filter(pk=network_id).first()
    network = changeable_by(actor, Network).filter(pk=network_id).first()
    if network is None:
        raise Refusal("You no longer coordinate this network.")
    if network.area_id == area.pk:
        raise AlreadyDone(f"{area} is the area already.")
    if network.area_id != seen:
        raise Refusal("Somebody has chosen another area meanwhile: please look again.")
    network.area = area
    accounts.save_network(network, actor=actor, fields=["area"])
    LogEntry.objects.log_actions(actor.pk, [network], CHANGE, f"The area: {area}.")
