"""Filters of the list that one uses again and again: what was chosen, never what was typed to find somebody."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_POST

from backoffice.responses import not_found, perform
from backoffice.user_context import get_user_context
from referrals import accounts
from referrals.filters.referrals import ReferralFilter

_KEPT = [name for name in ReferralFilter.base_filters if name != "q"]


def query_of(request: HttpRequest) -> str:
    """Return the parameters of the filters that are set, and the tab; "" if no filter is."""
    chosen = QueryDict(mutable=True)
    for name in _KEPT:
        if values := [value for value in request.GET.getlist(name) if value]:
            chosen.setlist(name, values)
    if chosen and (tab := request.GET.get("tab")):
        chosen["tab"] = tab
    return chosen.urlencode()


@require_POST
def saved_filters(request: HttpRequest) -> HttpResponse:
    if not get_user_context(request).can_see_referrals:
        return not_found(request)
    query = query_of(request)
    if name := request.POST.get("remove"):
        perform(request, partial(accounts.remove_filter, request.user, name=name), f"“{name}” has been removed.")
    else:
        save = partial(accounts.save_filter, request.user, name=request.POST.get("name", ""), query=query)
        perform(request, save, lambda saved: f"“{saved}” has been saved.")
    return HttpResponseRedirect(f"{reverse('backoffice:referrals')}?{query}")
