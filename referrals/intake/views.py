from django.http import HttpRequest, HttpResponse


def form_by_network(request: HttpRequest, network: str) -> HttpResponse:
    return HttpResponse(status=501)


def form_by_link(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(status=501)


def referral_sent(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(status=501)
