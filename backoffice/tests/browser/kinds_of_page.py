"""The kinds of page there are, by the name of their URL pattern: a new pattern belongs in one of these lists."""

from collections.abc import Callable, Iterator

from django.contrib import admin
from django.urls import URLResolver, get_resolver, reverse

from backoffice.tests.browser.scene import Scene
from referrals.models import Notification
from referrals.questions.trying import try_url

Kind = tuple[str, Callable[[Scene], list]]  # a pattern's name, and the arguments of an address that it matches

# Who opens which page. "nobody" is signed out.
PAGES: dict[str, list[Kind]] = {
    "nobody": [
        ("referral_form", lambda scene: [scene.tenant.network.slug]),
        ("referral_form", lambda scene: ["no-such-network"]),
        ("referral_form_link", lambda scene: [scene.tenant.link.token]),
        ("referral_form_try", lambda scene: [try_url(scene.tenant.network.pk).split("/")[-2]]),
        ("referral", lambda scene: [scene.tenant.referral.reference]),
        ("backoffice:login", lambda scene: []),
        ("join", lambda scene: [scene.tenant.invitation.token]),
        ("join", lambda scene: ["1.made-up"]),
        ("stop_digest", lambda scene: ["1.made-up"]),
        ("stop_digest", lambda scene: [scene.stop_token]),
        ("password_reset", lambda scene: []),
        ("password_reset_confirm", lambda scene: scene.reset),
        *(
            (f"public_{page}", lambda scene: [scene.listed.pk, "x"])
            for page in ("service", "correction", "correction_thanks", "send", "send_thanks")
        ),
        ("public_organisation", lambda scene: [scene.listed.organisation_id, "x"]),
        ("public_message", lambda scene: []),
        ("public_message_thanks", lambda scene: []),
    ],
    "insider": [
        ("backoffice:index", lambda scene: []),
        ("backoffice:referrals", lambda scene: []),
        ("referral", lambda scene: [scene.tenant.referral.reference]),
        ("referral", lambda scene: ["AAAA-AAAA"]),
        ("backoffice:workspace_refer_on", lambda scene: scene.on_case),
        ("backoffice:workspace_close", lambda scene: scene.on_strand),
        ("backoffice:workspace_next_action", lambda scene: scene.on_case),
        ("backoffice:person", lambda scene: [scene.tenant.referral.person_id]),
        ("backoffice:person_strike", lambda scene: [scene.tenant.referral.person_id, scene.tenant.case_note.pk]),
        ("backoffice:account", lambda scene: []),
        ("backoffice:password_change", lambda scene: []),
        ("backoffice:second_factor", lambda scene: []),
        ("backoffice:first_steps", lambda scene: [scene.tenant.asked.pk]),
        ("backoffice:team", lambda scene: ["organisation", scene.tenant.asked.pk]),
        ("backoffice:team_mail", lambda scene: ["organisation", scene.tenant.asked.pk]),
        ("backoffice:team_remove", lambda scene: ["organisation", scene.tenant.asked.pk, scene.member.pk]),
        ("backoffice:invitation_decide", lambda scene: [scene.awaiting.pk]),
        ("backoffice:invitation_withdraw", lambda scene: [scene.awaiting.pk]),
        ("backoffice:membership_leave", lambda scene: [scene.membership.pk]),
        ("backoffice:network_organisation", lambda scene: [scene.tenant.asked.pk]),
        ("backoffice:service_archive", lambda scene: [scene.tenant.service.pk]),
        ("backoffice:services_confirm", lambda scene: [scene.membership.pk]),
    ],
    "asked": [
        ("backoffice:workspace_reject", lambda scene: scene.on_offer),
        ("backoffice:workspace_waiting_list", lambda scene: scene.on_offer),
        ("backoffice:workspace_split", lambda scene: scene.on_offer),
    ],
    "coordinator of one person's two referrals": [
        ("referral", lambda scene: [scene.offered.reference]),
        ("backoffice:workspace_merge", lambda scene: [scene.offered.reference, scene.again.reference]),
    ],
    "coordinator": [
        ("backoffice:index", lambda scene: []),
        ("backoffice:figures", lambda scene: []),
        ("referral", lambda scene: [scene.tenant.referral.reference]),
        *((f"backoffice:referral_link_{page}", lambda scene: [scene.tenant.link.pk]) for page in ("open", "revoke")),
        ("backoffice:settings", lambda scene: []),
        *(
            (f"backoffice:settings_{page}", lambda scene: [scene.tenant.network.pk])
            for page in ("area", "categories", "consent", "demographics", "network")
        ),
        ("backoffice:suggestion_weights", lambda scene: [scene.tenant.network.pk]),
        *(
            (f"backoffice:questions{page}", lambda scene: [scene.tenant.network.pk])
            for page in ("", "_bring_in", "_examples", "_history", "_publish", "_replay")
        ),
        ("backoffice:questions_delete", lambda scene: [scene.tenant.network.pk, scene.tenant.question.pk]),
        ("backoffice:questions_version", lambda scene: [scene.tenant.network.pk, 1]),
        *(
            (f"backoffice:category_{page}", lambda scene: [scene.tenant.category.pk])
            for page in ("merge", "retire", "take_back")
        ),
        ("backoffice:workspace_assign", lambda scene: scene.on_strand),
        ("backoffice:workspace_correct", lambda scene: [scene.tenant.referral.reference]),
        ("backoffice:workspace_spam", lambda scene: []),
        ("backoffice:workspace_reassign", lambda scene: []),
        ("backoffice:workspace_let_many_through", lambda scene: []),
        ("backoffice:notification_body", lambda scene: [Notification.objects.first().pk]),
        ("backoffice:invite_organisation", lambda scene: []),
        ("backoffice:team", lambda scene: ["network", scene.tenant.network.pk]),
        ("backoffice:team_mail", lambda scene: ["network", scene.tenant.network.pk]),
        ("backoffice:membership_suspend", lambda scene: [scene.membership.pk]),
        ("backoffice:membership_reinstate", lambda scene: [scene.membership.pk]),
        ("backoffice:network_list", lambda scene: []),
        ("backoffice:network_map", lambda scene: []),
        ("backoffice:network_capacity", lambda scene: []),
        ("backoffice:network_calendar", lambda scene: []),
        ("backoffice:network_organisation", lambda scene: [scene.tenant.asked.pk]),
    ],
    "operator": [
        ("backoffice:figures", lambda scene: []),
        ("backoffice:system", lambda scene: []),
        ("backoffice:user_second_factor_off", lambda scene: [scene.tenant.insider.pk]),
        ("backoffice:invitation_force", lambda scene: [scene.awaiting.pk]),
    ],
    "commissioner": [
        ("backoffice:figures", lambda scene: []),
        ("backoffice:figures_report", lambda scene: []),
        ("backoffice:coverage", lambda scene: []),
        ("referral", lambda scene: [scene.tenant.referral.reference]),
        ("backoffice:referrals", lambda scene: []),
        ("backoffice:settings", lambda scene: []),
        ("backoffice:team", lambda scene: ["network", scene.tenant.network.pk]),
        ("backoffice:team_mail", lambda scene: ["network", scene.tenant.network.pk]),
        ("backoffice:network_list", lambda scene: []),
        ("backoffice:network_map", lambda scene: []),
        ("backoffice:network_capacity", lambda scene: []),
        ("backoffice:network_calendar", lambda scene: []),
        ("backoffice:network_organisation", lambda scene: [scene.tenant.asked.pk]),
    ],
    "editor": [("backoffice:index", lambda scene: []), ("backoffice:account", lambda scene: [])],
    "somebody of two": [
        ("backoffice:index", lambda scene: []),
        ("backoffice:referrals", lambda scene: []),
        ("backoffice:invite_organisation", lambda scene: []),
    ],
}


def change(model: str, pk: int) -> str:
    return reverse(f"backoffice:referrals_{model}_change", args=[pk])


def addresses_of_the_organisation(scene: Scene) -> list[str]:
    tenant = scene.tenant
    service = change("service", tenant.service.pk)
    return [
        "/backoffice/referrals/?q=nobody",
        reverse("backoffice:referrals_service_changelist"),
        reverse("backoffice:referrals_service_add"),
        *(f"{service}{part}" for part in ("", "#part-opening", "#part-public", "#part-restrictions")),
        change("venue", tenant.venue.pk),
        reverse("backoffice:referrals_publicmessage_changelist"),
        change("publicmessage", tenant.message.pk),
        change("person", tenant.referral.person_id),
    ]


def addresses_of_the_coordinator(scene: Scene) -> list[str]:
    tenant = scene.tenant
    return [
        f"{reverse('backoffice:referrals_service_changelist')}?as=table",
        reverse("backoffice:referrals_category_changelist"),
        reverse("backoffice:referrals_category_delete", args=[tenant.category.pk]),
        change("network", tenant.network.pk),
        change("referrallink", tenant.link.pk),
        f"{reverse('backoffice:settings_area', args=[tenant.network.pk])}?q=nowhere",
        f"{reverse('backoffice:questions', args=[tenant.network.pk])}?open={tenant.question.pk}",
        f"{reverse('backoffice:questions', args=[tenant.network.pk])}?open=new",
        reverse("backoffice:referrals_publicmessage_changelist"),
        change("publicmessage", tenant.message.pk),
        change("area", tenant.network.area_id),
        reverse("backoffice:referrals_notification_changelist"),
        change("notification", Notification.objects.filter(event__referral=tenant.referral).first().pk),
        reverse("backoffice:referrals_service_history", args=[tenant.service.pk]),
    ]


def addresses_of_the_commissioner(scene: Scene) -> list[str]:
    rows = ("service", "organisation", "network", "category", "area")
    lists = [reverse(f"backoffice:referrals_{row}_changelist") for row in rows]
    keys = {"organisation": scene.tenant.asked.pk, "area": scene.tenant.network.area_id}
    what_if = f"{reverse('backoffice:coverage')}?close={scene.tenant.service.pk}&new=-0.15,51.54,800,20&best=10,800"
    return [what_if, *lists, *(change(row, keys.get(row) or getattr(scene.tenant, row).pk) for row in rows)]


def addresses_of_two(scene: Scene) -> list[str]:
    rows = ("service", "invitation", "person")
    return [reverse(f"backoffice:referrals_{row}_changelist") for row in rows]


# What else they open: pages of the stock admin that were made over, and parts and searches of pages above.
OTHER_ADDRESSES: dict[str, Callable[[Scene], list[str]]] = {
    "insider": addresses_of_the_organisation,
    "coordinator": addresses_of_the_coordinator,
    "commissioner": addresses_of_the_commissioner,
    "somebody of two": addresses_of_two,
}

# What the tests come by on their way: each asserts that it did.
ON_THE_WAY = {
    "backoffice:autocomplete": "asked by the script of a field",
    "backoffice:code": "between password and code",
    "backoffice:logout": "a button",
    "backoffice:recovery": "between password and code",
    "backoffice:recovery_codes": "for those with a second factor",
    "backoffice:second_factor_off": "for those with a second factor",
    "backoffice:service_preview": "asked by the script of the service form",
    "referral_sent": "the end of the form",
}

# What shows no page of its own.
NO_PAGE = {
    "healthz": "JSON, for a monitor",
    "leave_form": "leads to a neutral page elsewhere",
    "favicon": "leads to the icon",
    "branding": "a style sheet",
    "media": "a picture",
    "new_services": "RSS, for a reader of feeds",
    "public_catchment": "JSON, for the script of a map",
    "public_clusters": "JSON, for the script of a map",
    "public_map_labels": "JSON, for the script of a map",
    "public_boundary": "JSON, for the script of a map",
    "public_qr": "a picture",
    "robots": "a file, for robots",
    "sitemap": "a file, for robots",
    "sitemap_section": "a file, for robots",
    "backoffice:app_list": "leads to the index",
    "backoffice:catchment_change": "JSON, for the script of a map",
    "backoffice:catchment_surroundings": "JSON, for the script of a map",
    "backoffice:figures_table": "a file",
    "backoffice:coverage_table": "a file",
    "backoffice:find_postcode": "JSON, for the script of a map",
    "backoffice:map_labels": "JSON, for the script of a map",
    "backoffice:network_map_data": "JSON, for the script of a map",
    "backoffice:invitation_again": "a button that leads back",
    "backoffice:jsi18n": "a script",
    "backoffice:notification_again": "a button that leads back",
    "backoffice:team_role": "a button that leads back",
    "backoffice:public_message_done": "a button that leads back",
    "backoffice:public_message_reopen": "a button that leads back",
    "backoffice:referral_link_check": "part of a page, asked by the script of a field",
    "backoffice:person_note": "a button that leads back",
    "backoffice:person_tag": "a button that leads back",
    "backoffice:person_untag": "a button that leads back",
    "backoffice:questions_add": "a button that leads back",
    "backoffice:questions_adopt": "a button that leads back",
    "backoffice:questions_download": "a file",
    "backoffice:questions_example_delete": "a button that leads back",
    "backoffice:questions_move": "a button that leads back",
    "backoffice:questions_save": "a button that leads back",
    "backoffice:service_confirm": "a button that leads back",
    "backoffice:service_pause": "a button that leads back",
    "backoffice:service_restore": "a button that leads back",
    "backoffice:service_resume": "a button that leads back",
    "backoffice:session": "figures, for a script",
    "backoffice:sign_out_everywhere": "a button that leads to the sign-in",
    "backoffice:switch": "a button that leads back",
    "backoffice:unsent": "leads on, unless something was sent too late: see test_unsent",
    "backoffice:workspace_accept": "a button that leads back",
    "backoffice:workspace_ask_to_undo": "a button that leads back",
    "backoffice:workspace_urgent": "a button that leads back",
    "backoffice:workspace_filters": "a button that leads back",
    "backoffice:workspace_action_done": "a button that leads back",
    "backoffice:workspace_let_through": "a button that leads back",
    "backoffice:workspace_owner": "a button that leads back",
    "backoffice:workspace_note": "a button that leads back",
    "backoffice:workspace_remind": "a button that leads back",
    "backoffice:workspace_reopen": "a button that leads back",
    "backoffice:workspace_say_same": "a button that leads back",
    "backoffice:workspace_undo": "a button that leads back",
    "backoffice:workspace_undo_merge": "a button that leads back",
    "backoffice:workspace_withdraw": "a button that leads back",
    "backoffice:workspace_download": "a file",
    "backoffice:network_list_download": "a file",
    "backoffice:workspace_export": "a file",
}

# Wagtail's patterns are its own; of its pages, one of each kind that this installation uses. In braces stand the short
# names of pages, and "site".
CMS_PAGES = [
    "/cms/",
    "/cms/pages/",
    "/cms/pages/{home}/",
    "/cms/pages/{home}/history/",
    "/cms/pages/{home}/copy/",
    "/cms/pages/{home}/unpublish/",
    "/cms/pages/{home}/view_draft/",
    "/cms/pages/{guidance}/add_subpage/",
    "/cms/pages/add/directory_site/directorypage/{home}/",
    "/cms/pages/add/directory_site/guidanceindexpage/{home}/",
    "/cms/pages/add/directory_site/guidancepage/{guidance}/",
    "/cms/pages/add/directory_site/plainpage/{home}/",
    "/cms/pages/add/directory_site/contactpage/{home}/",
    "/cms/pages/{home}/edit/",
    "/cms/pages/{no-food-today}/edit/",
    "/cms/pages/{unsafe-at-home}/edit/",
    "/cms/pages/{contact}/edit/",
    "/cms/pages/{about}/move/",
    "/cms/pages/{about}/delete/",
    "/cms/pages/search/?q=help",
    "/cms/settings/directory_site/publicsite/{site}/",
    "/cms/snippets/directory_site/synonymgroup/",
    "/cms/snippets/directory_site/synonymgroup/?q=food",
    "/cms/snippets/directory_site/synonymgroup/add/",
    "/cms/snippets/directory_site/dangerwords/",
    "/cms/snippets/directory_site/dangerwords/add/",
    "/cms/snippets/directory_site/phrasemeaning/",
    "/cms/snippets/directory_site/phrasemeaning/add/",
    "/cms/snippets/directory_site/sitewords/",
    "/cms/snippets/directory_site/sitewords/add/",
    "/cms/translation/submit/page/{about}/",
    "/cms/locales/",
    "/cms/locales/new/",
    "/cms/redirects/",
    "/cms/redirects/add/",
    "/cms/redirects/import/",
    "/cms/images/",
    "/cms/documents/",
    "/cms/documents/multiple/add/",
    "/cms/sites/",
    "/cms/collections/",
    "/cms/collections/add/",
    "/cms/reports/site-history/",
    "/cms/reports/pages-to-review/",
    "/cms/reports/unfound-words/",
    "/cms/sites/new/",
    "/cms/no-such-page/",
]


# Of these, the patterns of our own; the results are parts of the reports.
OWN_CMS_PATTERNS = {
    "new_site",
    "pages_to_review",
    "pages_to_review_results",
    "unfound_words",
    "unfound_words_results",
    # Wagtail's, under a name of its own
    "simple_translation:submit_page_translation",
    "simple_translation:submit_snippet_translation",
}


def kinds_of_admin_page() -> Iterator[Kind]:
    """Return list, form, deletion and history of every registered model that a scene has a row of."""
    for model in admin.site._registry:
        name = f"backoffice:{model._meta.app_label}_{model._meta.model_name}"
        yield f"{name}_changelist", lambda scene: []
        yield f"{name}_add", lambda scene: []
        for page in ("change", "delete", "history"):
            yield f"{name}_{page}", lambda scene, model=model: [row_of(model, scene)]
        if admin.site.get_model_admin(model).resource:
            yield f"{name}_import", lambda scene: []


def patterns_of_tables() -> set[str]:
    """Return what a list is downloaded and a template fetched by, and what follows on a file that was sent."""
    names = set()
    for model, shown in admin.site._registry.items():
        pages = ["download"] if shown.is_exported else []
        pages += ["template", "confirm", "progress"] if shown.resource else []
        names |= {f"backoffice:{model._meta.app_label}_{model._meta.model_name}_{page}" for page in pages}
    return names


def row_of(model: type, scene: Scene) -> int | str:
    row = scene.tenant.rows().get(model) or model._base_manager.first()
    return row.pk if row else 0


def names_of_patterns(resolver: URLResolver | None = None, inside: tuple[str, ...] = ()) -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            namespaces = (*inside, pattern.namespace) if pattern.namespace else inside
            yield from names_of_patterns(pattern, namespaces)
        elif pattern.name:
            yield ":".join((*inside, pattern.name))


def address(kind: Kind, scene: Scene) -> str:
    name, arguments = kind
    return reverse(name, args=arguments(scene))
