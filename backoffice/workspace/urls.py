from django.contrib.admin import AdminSite
from django.urls import URLPattern, path, register_converter

from backoffice.workspace import (
    answering,
    bulk,
    coordinating,
    correcting,
    downloads,
    duplicates,
    own_case_views,
    reassigning,
    saved_filters,
    screen,
)


class ReferenceConverter:
    """Four characters, a dash, four characters: never the name of a model, whose pages begin with the same path."""

    regex = "[0-9A-Za-z]{4}-[0-9A-Za-z]{4}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(ReferenceConverter, "reference")

_SCREENS = [
    ("", screen.workspace, "referrals"),
    ("export.<str:file_format>", downloads.export, "workspace_export"),
    ("saved-filters/", saved_filters.saved_filters, "workspace_filters"),
    ("spam/", bulk.close_many_as_spam, "workspace_spam"),
    ("reassign/", reassigning.reassign_many, "workspace_reassign"),
    ("let-through/", bulk.let_many_through, "workspace_let_many_through"),
    ("<reference:reference>/referral.csv", downloads.download, "workspace_download"),
    ("<reference:reference>/correct/", correcting.correct, "workspace_correct"),
    ("<reference:reference>/urgent/", correcting.set_urgent, "workspace_urgent"),
    ("<reference:reference>/note/", answering.note, "workspace_note"),
    ("<reference:reference>/undo/<int:pk>/", answering.undo, "workspace_undo"),
    ("<reference:reference>/same/<reference:other>/", duplicates.say_same, "workspace_say_same"),
    ("<reference:reference>/merge/<reference:other>/", duplicates.merge, "workspace_merge"),
    ("<reference:reference>/merged/<int:pk>/undo/", duplicates.undo_merge, "workspace_undo_merge"),
    ("<reference:reference>/<int:pk>/ask-to-undo/", answering.ask_to_undo, "workspace_ask_to_undo"),
    ("<reference:reference>/<int:pk>/accept/", answering.accept, "workspace_accept"),
    ("<reference:reference>/<int:pk>/reject/", answering.reject, "workspace_reject"),
    ("<reference:reference>/<int:pk>/waiting-list/", answering.waiting_list, "workspace_waiting_list"),
    ("<reference:reference>/<int:pk>/split/", answering.split, "workspace_split"),
    ("<reference:reference>/<int:pk>/refer-on/", answering.refer_on, "workspace_refer_on"),
    ("<reference:reference>/<int:pk>/owner/", own_case_views.set_owner, "workspace_owner"),
    ("<reference:reference>/<int:pk>/next-action/", own_case_views.plan_next_action, "workspace_next_action"),
    ("<reference:reference>/<int:pk>/next-action/done/", own_case_views.finish_next_action, "workspace_action_done"),
    ("<reference:reference>/<int:pk>/withdraw/", coordinating.withdraw, "workspace_withdraw"),
    ("<reference:reference>/<int:pk>/remind/", coordinating.remind, "workspace_remind"),
    ("<reference:reference>/part/<int:pk>/close/", answering.close, "workspace_close"),
    ("<reference:reference>/part/<int:pk>/assign/", coordinating.assign, "workspace_assign"),
    ("<reference:reference>/part/<int:pk>/let-through/", coordinating.let_through, "workspace_let_through"),
    ("<reference:reference>/part/<int:pk>/reopen/", coordinating.reopen, "workspace_reopen"),
]


def workspace_urls(site: AdminSite) -> list[URLPattern]:
    return [path(f"referrals/{route}", site.admin_view(view), name=name) for route, view, name in _SCREENS]
