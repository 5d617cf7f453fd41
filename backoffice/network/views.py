from django.http import HttpRequest, HttpResponse

from backoffice.network.screen import network_screen
from backoffice.responses import render_page


def list_view(request: HttpRequest) -> HttpResponse:
    screen = network_screen(request)
    return render_page(request, "backoffice/network/list.html", title="All organisations", screen=screen)
