"""What a referrer sees after sending, and later, by the link of that page."""

from django.http import HttpRequest, HttpResponse

from referrals.referral_form.entry import FormEntry, is_embedded
from referrals.referral_form.pages import public_page, render_page
from referrals.referral_form.progress import (
    count_opening,
    find_sent_referral,
    is_link_open,
    list_progress,
    read_sent_token,
)


@public_page
def referral_sent(request: HttpRequest, *, token: str) -> HttpResponse:
    """Who has just sent a referral sees how it stands. Later the page has a button for it, which scanners of e-mail
    leave alone, and only so often: see docs/decisions/0048.
    """
    key, is_just_sent = read_sent_token(token)
    referral = find_sent_referral(key)
    entry = FormEntry(referral.network, referral.referral_link, embedded=is_embedded(request))
    context = {"referral": referral, "is_just_sent": is_just_sent}
    if not is_just_sent:
        if not is_link_open(referral):
            return render_page(request, entry, "referral_form/status_closed.html", context, 410)
        if request.method != "POST":
            return render_page(request, entry, "referral_form/status_button.html", context)
        if not count_opening(referral):  # others were quicker
            return render_page(request, entry, "referral_form/status_closed.html", context, 410)
    context |= {
        "progress": list_progress(referral, is_discreet=not is_just_sent),
        "status_url": request.build_absolute_uri(request.path),
        "referral_url": request.build_absolute_uri(referral.get_absolute_url()),
    }
    return render_page(request, entry, "referral_form/sent.html", context)
