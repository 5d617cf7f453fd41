"""The project's URLs and an empty view, which measures the cost of a request as such."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


PROJECT_URLS = settings.WSGI_APPLICATION.partition(".")[0] + ".urls"

urlpatterns = [path("bench/empty/", empty, name="bench_empty"), *import_string(f"{PROJECT_URLS}.urlpatterns")]
