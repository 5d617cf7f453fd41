"""Lists of records that are searched by people's names, which stay out of the address."""

from django.contrib import messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from backoffice.scoped_admin.admin import ScopedAdmin, WorkplaceChangeList
from backoffice.searches import find_search, keep_search


class PeopleChangeList(WorkplaceChangeList):
    """In its addresses, the key of a search stands where Django has the text."""

    searches_people = True

    def get_queryset(self, request: HttpRequest, *arguments: object, **options: object) -> QuerySet:
        text = find_search(request.session, self.query)
        self.query = text or ""
        if text is None:
            messages.info(request, "What was searched for here is no longer kept. Please type it again.")
            self.root_queryset = self.root_queryset.none()
        return super().get_queryset(request, *arguments, **options)


class PeopleListAdmin(ScopedAdmin):
    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[PeopleChangeList]:
        return PeopleChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if request.method != "POST" or SEARCH_VAR not in request.POST:
            return super().changelist_view(request, extra_context)
        query = request.POST.copy()
        query.pop("csrfmiddlewaretoken", None)
        query[SEARCH_VAR] = keep_search(request.session, query[SEARCH_VAR])
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
