"""Going from one of one's places to another."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from backoffice.user_context import SESSION_KEY, get_user_context


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Remember the place for this session; an unknown one, or none, is all places."""
    place = next((one for one in get_user_context(request).places if one.key == request.POST.get("place")), None)
    request.session[SESSION_KEY] = place.key if place else ""
    told = f"You are in {place.name} now, {place.where}." if place else "You see all your places now."
    messages.info(request, told)
    return HttpResponseRedirect(reverse("backoffice:index"))
