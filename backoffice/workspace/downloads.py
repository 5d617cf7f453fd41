from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from backoffice.responses import not_found
from backoffice.scoped_admin.table_response import FORMATS, as_file, send_rows
from backoffice.user_context import get_user_context
from backoffice.workspace.listing import current_tab, filter_referrals, limit_to_tab
from backoffice.workspace.screen import back_to, with_referral
from referrals.access import fully_visible_to
from referrals.enums import Screen
from referrals.import_export import ReferralResource
from referrals.models import Referral


def export(request: HttpRequest, file_format: str) -> HttpResponse:
    if file_format not in FORMATS or not get_user_context(request).can_see_referrals:
        return not_found(request)
    chosen = limit_to_tab(filter_referrals(request).qs, current_tab(request), request)
    name = f"referrals-{timezone.localdate():%Y-%m-%d}"
    return send_rows(ReferralResource(request.user), chosen, name, file_format, rows=Referral.objects.all())


@with_referral
def download(request: HttpRequest, referral: Referral) -> HttpResponse:
    if not fully_visible_to(request.user).filter(pk=referral.pk).exists():
        messages.error(request, "Only the organisation that has this referral can download it.")
        return back_to(request, referral)
    rows = ReferralResource(request.user, Screen.DOWNLOAD).export(Referral.objects.filter(pk=referral.pk))
    return as_file(rows, str(referral), "csv")
