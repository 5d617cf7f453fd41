"""What a referrer sees after sending, and later, by the link of that page."""

from django.http import HttpRequest, HttpResponse

from referrals.referral_form.entry import FormEntry, is_embedded
from referrals.referral_form.pages import public_page, render_page
from referrals.referral_form.progress import find_sent_referral, list_progress


@public_page
def referral_sent(request: HttpRequest, *, token: str) -> HttpResponse:
    referral = find_sent_referral(token)
    entry = FormEntry(referral.network, referral.referral_link, embedded=is_embedded(request))
    context = {
        "referral": referral,
        "progress": list_progress(referral),
        "referral_url": request.build_absolute_uri(referral.get_absolute_url()),
    }
    return render_page(request, entry, "referral_form/sent.html", context)
