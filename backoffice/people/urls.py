from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.people import page

_SCREENS = [
    ("<int:pk>/", page.person_page, "person"),
    ("<int:pk>/note/", page.add_note, "person_note"),
    ("<int:pk>/note/<int:note>/strike/", page.strike_note, "person_strike"),
    ("<int:pk>/tag/", page.tag, "person_tag"),
    ("<int:pk>/tag/<int:tag>/off/", page.untag, "person_untag"),
]


def people_urls(site: AdminSite) -> list[URLPattern]:
    return [path(f"people/{route}", site.admin_view(view), name=name) for route, view, name in _SCREENS]
