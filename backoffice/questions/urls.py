from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from backoffice.questions import adopting, examples, publishing, views

_SCREENS = [
    ("questions/<int:pk>/", views.builder, "questions"),
    ("questions/<int:pk>/new/", views.save, "questions_add"),
    ("questions/<int:pk>/<int:key>/", views.save, "questions_save"),
    ("questions/<int:pk>/<int:key>/move/", views.move, "questions_move"),
    ("questions/<int:pk>/<int:key>/delete/", views.delete, "questions_delete"),
    ("questions/<int:pk>/download/", adopting.download, "questions_download"),
    ("questions/<int:pk>/bring-in/", adopting.bring_in, "questions_bring_in"),
    ("questions/<int:pk>/adopt/", adopting.adopt, "questions_adopt"),
    ("questions/<int:pk>/publish/", publishing.publish_draft, "questions_publish"),
    ("questions/<int:pk>/replay/", publishing.replay, "questions_replay"),
    ("questions/<int:pk>/versions/", publishing.history, "questions_history"),
    ("questions/<int:pk>/versions/<int:number>/", publishing.version, "questions_version"),
    ("questions/<int:pk>/examples/", examples.all_examples, "questions_examples"),
    ("questions/<int:pk>/examples/<int:key>/delete/", examples.delete_example, "questions_example_delete"),
]


def questions_urls(site: AdminSite) -> list[URLPattern]:
    return [path(route, site.admin_view(view), name=name) for route, view, name in _SCREENS]
