from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from backoffice.scoped_admin.table_response import FORMATS, as_file
from backoffice.workspace.listing import current_tab, filtered, within_tab
from backoffice.workspace.screen import back_to, not_found, of_referral
from referrals.access import fully_visible_to
from referrals.enums import Screen
from referrals.import_export import ReferralResource
from referrals.models import Referral


def export(request: HttpRequest, file_format: str) -> HttpResponse:
    """Send the list as it is filtered, all pages of it."""
    if file_format not in FORMATS:
        return not_found(request)
    chosen = within_tab(filtered(request).qs, current_tab(request), request)
    rows = ReferralResource(request.user).export(chosen)
    name = f"referrals-{timezone.localdate():%Y-%m-%d}"
    return as_file(rows, name, file_format)


@of_referral
def download(request: HttpRequest, referral: Referral) -> HttpResponse:
    """Send one referral whole, to those who may read it whole."""
    if not fully_visible_to(request.user).filter(pk=referral.pk).exists():
        messages.error(request, "Only the organisation that has this referral can download it.")
        return back_to(request, referral)
    rows = ReferralResource(request.user, Screen.DOWNLOAD).export(Referral.objects.filter(pk=referral.pk))
    return as_file(rows, str(referral), "csv")
