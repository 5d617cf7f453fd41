from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from backoffice.workspace.listing import current_tab, filtered, within_tab
from backoffice.workspace.screen import back_to, not_found, of_referral
from referrals.models import Referral
from referrals.resources import ReferralResource
from referrals.visibility import fully_visible_to

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTE_ORDER_MARK = "\ufeff"  # without it, Excel reads UTF-8 as something else


def _csv(rows, name: str) -> HttpResponse:
    return _attachment((BYTE_ORDER_MARK + rows.csv).encode(), "text/csv; charset=utf-8", f"{name}.csv")


def _attachment(content: bytes, content_type: str, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(content, headers={"Content-Type": content_type, "Content-Disposition": disposition})


def export(request: HttpRequest, file_format: str) -> HttpResponse:
    """Send the list as it is filtered, all pages of it."""
    if file_format not in ("csv", "xlsx"):
        return not_found(request)
    chosen = within_tab(filtered(request).qs, current_tab(request), request)
    rows = ReferralResource(request.user).export(chosen)
    name = f"referrals-{timezone.localdate():%Y-%m-%d}"
    return _csv(rows, name) if file_format == "csv" else _attachment(rows.xlsx, _XLSX, f"{name}.xlsx")


@of_referral
def download(request: HttpRequest, referral: Referral) -> HttpResponse:
    """Send one referral whole, to those who may read it whole."""
    if not fully_visible_to(request.user).filter(pk=referral.pk).exists():
        messages.error(request, "Only the organisation that has this referral can download it.")
        return back_to(request, referral)
    return _csv(ReferralResource(request.user).export(Referral.objects.filter(pk=referral.pk)), str(referral))
