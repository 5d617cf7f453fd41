"""The page of one service."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from directory_site.addresses import service_path
from directory_site.writing.pages import context_of, find_service


@require_safe
def service(request: HttpRequest, *, pk: int, slug: str) -> HttpResponse:
    found = find_service(request, pk)
    path = service_path(found)
    if request.path != path:  # it has been given another name since
        return redirect(path, permanent=True)
    return render(request, "directory_site/writing/service.html", context_of(found))
