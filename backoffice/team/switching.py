from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from backoffice.user_context import SESSION_KEY, get_user_context


@require_POST
def switch_workplace(request: HttpRequest) -> HttpResponse:
    """Remember the workplace for this session. An unknown one, or none, stands for all of them."""
    key = request.POST.get("place")
    workplace = next((one for one in get_user_context(request).workplaces if one.key == key), None)
    request.session[SESSION_KEY] = workplace.key if workplace else ""
    if workplace:
        messages.info(request, f"You are in {workplace.name} now, {workplace.where}.")
    else:
        messages.info(request, "You see all your places now.")
    return HttpResponseRedirect(reverse("backoffice:index"))
