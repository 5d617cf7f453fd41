"""The addresses of the back office: with which arguments each is tried, and for whom it opens."""

from collections.abc import Callable, Collection

from django.contrib import admin
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from backoffice.tests.tenants import Tenant
from backoffice.tests.ways_in import NOT_ATTACKED, admin_url, named_patterns
from referrals import models as m
from referrals.view_access import is_open_to_signed_out

# Pages for everybody. They show only what is public anyway, which the forbidden words still check.
PUBLIC = {name for name, pattern in named_patterns() if is_open_to_signed_out(pattern.callback)} - {
    "backoffice:logout",
    "healthz",
}
# Pages of the back office that open for whoever is signed in, with what is theirs on them.
FOR_ANYBODY_SIGNED_IN = {
    "backoffice:account",
    "backoffice:autocomplete",
    "backoffice:coverage",
    "backoffice:coverage_table",
    "backoffice:figures",
    "backoffice:figures_report",
    "backoffice:figures_table",
    "backoffice:index",
    "backoffice:invite_organisation",
    "backoffice:jsi18n",
    "backoffice:map_labels",
    "backoffice:network_calendar",
    "backoffice:network_capacity",
    "backoffice:network_list",
    "backoffice:network_list_download",
    "backoffice:network_map",
    "backoffice:network_map_data",
    "backoffice:password_change",
    "backoffice:recovery_codes",
    "backoffice:referral_link_check",
    "backoffice:referrals",
    "backoffice:second_factor",
    "backoffice:second_factor_off",
    "backoffice:settings",
    "backoffice:unsent",
    "backoffice:workspace_export",
    "backoffice:workspace_let_many_through",
    "backoffice:workspace_reassign",
    "backoffice:workspace_spam",
}
FORMATS = [["csv"], ["xlsx"]]


def case(victim: Tenant) -> list:
    return [victim.referral.reference, victim.assignment.pk]


def strand(victim: Tenant) -> list:
    return [victim.referral.reference, victim.assignment.strand_id]


def person(victim: Tenant) -> list:
    return [victim.referral.person_id]


def row(model):
    return lambda victim: [victim.rows()[model].pk]


def team(victim: Tenant) -> list:
    return [["organisation", victim.asked.pk], ["network", victim.network.pk]]


def team_member(victim: Tenant) -> list:
    member = m.OrganisationMember.objects.get(organisation=victim.asked).pk
    return [["organisation", victim.asked.pk, member], ["network", victim.network.pk, victim.role.pk]]


def service_page(victim: Tenant) -> list:
    return [victim.service.pk, "x"]


# The arguments of URLs, by the name of their pattern. Every new pattern that takes arguments must be added.
ARGUMENTS = {
    "branding": lambda victim: ["made-up"],
    "join": lambda victim: ["1.made-up"],
    "stop_digest": lambda victim: ["1.made-up"],
    "leave_form": lambda victim: ["no-such-network"],
    "media": lambda victim: [victim.picture.file.name],
    "password_reset_confirm": lambda victim: [urlsafe_base64_encode(force_bytes(victim.insider.pk)), "made-up"],
    **{f"public_{page}": service_page for page in ("correction", "qr", "send", "service")},
    **{f"public_{page}_thanks": service_page for page in ("correction", "send")},
    "public_catchment": row(m.Service),
    "public_organisation": lambda victim: [victim.asked.pk, "x"],
    "referral": lambda victim: [[victim.referral.reference], [victim.referral.reference.lower()], ["AAAA-AAAA"]],
    "referral_form": lambda victim: ["no-such-network"],
    "referral_form_link": lambda victim: ["made-up"],
    "referral_form_try": lambda victim: ["made-up"],
    "referral_sent": lambda victim: ["made-up"],
    "sitemap_section": lambda victim: [["pages"], ["services"], ["organisations"]],
    "wagtail_serve": lambda victim: ["no-such-page/"],
    "wagtailcore_authenticate_with_password": lambda victim: [1, 1],
    "wagtaildocs_authenticate_with_password": lambda victim: [1],
    "wagtaildocs_serve": lambda victim: [1, "x.pdf"],
    "backoffice:app_list": lambda victim: ["django_q"],
    **{f"backoffice:category_{page}": row(m.Category) for page in ("merge", "retire", "take_back")},
    "backoffice:figures_table": lambda victim: [["months"], ["organisations"], ["sources"], ["no-such-table"]],
    "backoffice:first_steps": lambda victim: [victim.asked.pk],
    "backoffice:invitation_again": row(m.Invitation),
    "backoffice:invitation_decide": row(m.Invitation),
    "backoffice:invitation_force": row(m.Invitation),
    "backoffice:invitation_withdraw": row(m.Invitation),
    "backoffice:membership_leave": row(m.NetworkMembership),
    "backoffice:membership_reinstate": row(m.NetworkMembership),
    "backoffice:membership_suspend": row(m.NetworkMembership),
    "backoffice:network_list_download": lambda victim: FORMATS,
    **{f"backoffice:referral_link_{page}": row(m.ReferralLink) for page in ("open", "revoke")},
    "backoffice:network_organisation": lambda victim: [victim.asked.pk],
    "backoffice:notification_again": row(m.Notification),
    "backoffice:notification_body": row(m.Notification),
    "backoffice:team": team,
    "backoffice:team_mail": team,
    "backoffice:team_remove": team_member,
    "backoffice:team_role": team_member,
    "backoffice:public_message_done": row(m.PublicMessage),
    "backoffice:public_message_reopen": row(m.PublicMessage),
    **{
        f"backoffice:questions{page}": lambda victim: [victim.network.pk]
        for page in ("", "_add", "_adopt", "_bring_in", "_download", "_examples", "_history", "_publish", "_replay")
    },
    **{
        f"backoffice:questions_{page}": lambda victim: [victim.network.pk, victim.question.pk]
        for page in ("delete", "move", "save")
    },
    "backoffice:questions_example_delete": lambda victim: [victim.network.pk, victim.example.pk],
    "backoffice:questions_version": lambda victim: [victim.network.pk, 1],
    "backoffice:service_archive": row(m.Service),
    "backoffice:service_confirm": row(m.Service),
    "backoffice:service_pause": row(m.Service),
    "backoffice:service_preview": row(m.Service),
    "backoffice:service_restore": row(m.Service),
    "backoffice:service_resume": row(m.Service),
    "backoffice:services_confirm": row(m.NetworkMembership),
    **{
        f"backoffice:settings_{page}": lambda victim: [victim.network.pk]
        for page in ("area", "categories", "consent", "demographics", "network")
    },
    "backoffice:suggestion_weights": lambda victim: [victim.network.pk],
    "backoffice:workspace_accept": case,
    "backoffice:workspace_ask_to_undo": case,
    "backoffice:workspace_action_done": case,
    "backoffice:workspace_next_action": case,
    "backoffice:workspace_owner": case,
    "backoffice:workspace_assign": strand,
    "backoffice:workspace_correct": lambda victim: [victim.referral.reference],
    "backoffice:workspace_urgent": lambda victim: [victim.referral.reference],
    "backoffice:workspace_close": strand,
    "backoffice:workspace_download": lambda victim: [victim.referral.reference],
    "backoffice:user_second_factor_off": row(m.User),
    "backoffice:workspace_export": lambda victim: FORMATS,
    "backoffice:workspace_let_through": strand,
    **{
        f"backoffice:workspace_{page}": lambda victim: [victim.referral.reference, victim.referral.reference]
        for page in ("merge", "say_same")
    },
    "backoffice:workspace_undo": lambda victim: [victim.referral.reference, victim.acceptance.pk],
    "backoffice:workspace_undo_merge": lambda victim: [victim.referral.reference, 1],
    "backoffice:workspace_note": lambda victim: [victim.referral.reference],
    "backoffice:workspace_refer_on": case,
    "backoffice:person": person,
    "backoffice:person_note": person,
    "backoffice:person_tag": person,
    "backoffice:person_strike": lambda victim: [victim.referral.person_id, victim.case_note.pk],
    "backoffice:person_untag": lambda victim: [victim.referral.person_id, victim.tag.pk],
    "backoffice:workspace_reject": case,
    "backoffice:workspace_remind": case,
    "backoffice:workspace_reopen": strand,
    "backoffice:workspace_waiting_list": case,
    "backoffice:workspace_split": case,
    "backoffice:workspace_withdraw": case,
}


# Exports and imports: open to everybody who may open the list, with their own rows in it.
TABLES = {"download": [["csv"], ["xlsx"]], "template": [["csv"], ["xlsx"]], "confirm": [1], "import": None}
TABLES["progress"] = [1]
OF_TABLES = {
    f"backoffice:{model._meta.app_label}_{model._meta.model_name}_{page}": args
    for model in admin.site._registry
    for page, args in TABLES.items()
}
FOR_ANYBODY_SIGNED_IN |= set(OF_TABLES)


def arguments(name: str, victim: Tenant) -> list | None:
    return ARGUMENTS[name](victim) if name in ARGUMENTS else OF_TABLES.get(name)


def is_open_to(who: str, also: Collection[str] = ()) -> Callable[[str], bool]:
    opened = PUBLIC if who == "signed out" else PUBLIC | FOR_ANYBODY_SIGNED_IN | set(also)
    return lambda name: name in opened


OF_REFERRALS = {name for name in ARGUMENTS if name.startswith("backoffice:workspace_")} | {"referral"}


def addresses_of(tenant: Tenant) -> list[str]:
    """Return every address with the tenant's own keys in it."""
    found = [f"{reverse('backoffice:referrals')}?view={tenant.referral.reference}"]
    for name, _ in named_patterns():
        if name in NOT_ATTACKED or name in PUBLIC:
            continue
        args = arguments(name, tenant) or []
        found += [reverse(name, args=one) for one in (args if args and isinstance(args[0], list) else [args])]
    for model, one in tenant.rows().items():
        found += [admin_url(model, "changelist"), *(admin_url(model, page, one.pk) for page in ("change", "history"))]
    messages = m.Notification.objects.values_list("pk", flat=True)
    found += [admin_url(m.Notification, "change", pk) for pk in messages]
    return found + [reverse("backoffice:notification_body", args=[pk]) for pk in messages]
