from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from backoffice.user_context import WORKPLACE_KEY, get_user_context


@require_POST
def switch_workplace(request: HttpRequest) -> HttpResponse:
    """Remember the workplace for this session; an unknown or empty key stands for all of them."""
    key = request.POST.get("workplace")
    workplace = next((each for each in get_user_context(request).workplaces if each.key == key), None)
    request.session[WORKPLACE_KEY] = workplace.key if workplace else ""
    if workplace:
        messages.info(request, f"You are in {workplace.name} now, {workplace.detail}.")
    else:
        messages.info(request, "You see all your places now.")
    return HttpResponseRedirect(reverse("backoffice:index"))
