from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from tablib import Dataset

from backoffice.coverage.drawing import HATCHED
from backoffice.coverage.forms import AskForm, BestSitesForm, NewServiceForm, ServiceChangeForm
from backoffice.coverage.question import read_question
from backoffice.coverage.screen import CoverageScreen, load_screen, services_of
from backoffice.responses import not_found, render_page
from backoffice.scoped_admin.table_response import as_file
from backoffice.user_context import get_user_context
from referrals.access import overseen_networks
from referrals.import_export.formulas import escape_formula
from referrals.models import Network, Postcode
from referrals.network.coverage import is_too_large


def coverage_view(request: HttpRequest) -> HttpResponse:
    """For coordinators and commissioners of the network that the address names, or else of the chosen workplace."""
    networks = _networks_to_choose(request)
    network = _chosen_network(request, networks)
    if network is None:
        return not_found(request)
    services = services_of(request, network)
    question, problems = read_question(request.GET, network, services)
    tried = request.GET.get("try", "")
    change_form = ServiceChangeForm(_data(request, tried == "service"), services=services, auto_id="change_%s")
    new_form = NewServiceForm(_data(request, tried == "new"), network=network, auto_id="new_%s")
    best_form = BestSitesForm(_data(request, tried == "best"), auto_id="best_%s")
    for form in (change_form, new_form):
        if form.is_bound and form.is_valid():
            return _lead_to(question.with_changes(form.changes()).query)
    if best_form.is_bound and best_form.is_valid():
        values = best_form.cleaned_data
        best = replace(question, best=(values["best_places"], values["best_metres"]))
        return _lead_to(best.query, "best-sites")
    if question.best and not best_form.is_bound:
        best_form.initial = dict(zip(("best_places", "best_metres"), question.best, strict=True))
    return render_page(
        request,
        "backoffice/coverage/coverage.html",
        title="Coverage",
        screen=load_screen(request, question, services),
        problems=problems,
        ask_form=AskForm(
            initial={
                "network": network.slug,
                "category": question.category,
                "day": int(question.moment.weekday) if question.moment else "",
                "part": question.moment.part if question.moment else "",
            },
            network=network,
            networks=networks,
            auto_id="ask_%s",
        ),
        change_form=change_form,
        new_form=new_form,
        best_form=best_form,
        is_too_large=is_too_large(network),
        has_postcodes=Postcode.objects.exists(),
        hatched=HATCHED,
        start=replace(question, changes=(), best=None).query,
    )


def coverage_table(request: HttpRequest) -> HttpResponse:
    """Every figure of every place, as CSV."""
    network = _chosen_network(request, _networks_to_choose(request))
    if network is None:
        return not_found(request)
    if is_too_large(network):
        return HttpResponseRedirect(f"{reverse('backoffice:coverage')}?network={network.slug}")  # which says so
    services = services_of(request, network)
    question, _ = read_question(request.GET, network, services)
    rows = _rows_of_table(load_screen(request, question, services))
    return as_file(rows, f"coverage-{network.slug}-{timezone.localdate():%Y-%m-%d}", "csv")


def _rows_of_table(screen: CoverageScreen) -> Dataset:
    coverage, states = screen.coverage, ("now", "then") if screen.question.changes else ("now",)
    heads = ["Place", "Postcodes", *(["People"] if coverage.has_people else [])]
    for state in states:
        after = "" if state == "now" else ", after the changes"
        heads += [f"Postcodes reached{after}", f"Postcodes reached by a service with room{after}"]
        if coverage.has_people:
            heads += [f"People reached{after}", f"People reached by a service with room{after}"]
        heads += [f"Places per 1,000 {screen.unit}{after}", f"Against the average, from -3 to 3{after}"]
    table = Dataset(headers=heads)
    for part in coverage.places:
        row: list[object] = [escape_formula(part.place), part.now.postcodes]
        row += [round(part.now.people)] if coverage.has_people else []
        for tally in (getattr(part, state) for state in states):
            row += [tally.reached_postcodes, tally.room_postcodes]
            row += [round(tally.reached_people), round(tally.room_people)] if coverage.has_people else []
            row += [round(tally.per_thousand, 3), coverage.spread.step(tally.rate)]
        table.append(row)
    return table


def _networks_to_choose(request: HttpRequest) -> list[Network]:
    user_context = get_user_context(request)
    found = Network.objects.all() if user_context.is_operator else overseen_networks(request.user)
    return list(found.select_related("area").order_by("name", "pk"))


def _chosen_network(request: HttpRequest, networks: list[Network]) -> Network | None:
    if slug := request.GET.get("network"):
        return next((network for network in networks if network.slug == slug), None)
    here = {network.pk for network in get_user_context(request).networks}
    return next((network for network in networks if network.pk in here), networks[0] if networks else None)


def _data(request: HttpRequest, is_sent: bool) -> object:
    return request.GET if is_sent else None


def _lead_to(query: str, part: str = "what-if") -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('backoffice:coverage')}{query}#{part}")
