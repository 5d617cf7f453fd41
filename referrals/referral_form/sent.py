"""What a referrer sees after sending, and later, by the link of that page."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from referrals.enums import ConsentWay
from referrals.models import Referral
from referrals.referral_form.addresses import page_query
from referrals.referral_form.entry import is_embedded, make_entry
from referrals.referral_form.pages import public_page, render_page
from referrals.referral_form.progress import (
    count_opening,
    find_sent_referral,
    is_link_open,
    kept_url,
    list_progress,
    read_sent_token,
)
from referrals.words_of_danger import tells_of_danger


@public_page
def referral_sent(request: HttpRequest, *, token: str) -> HttpResponse:
    """Who has just sent a referral sees how it stands. Later the page has a button for it, which scanners of e-mail
    leave alone, and only so often: see docs/decisions/0048.
    """
    key, is_just_sent = read_sent_token(token)
    referral = find_sent_referral(key)
    # A link that was made for a partner is for nobody else, and whoever has the address later may be anybody.
    link = referral.referral_link if is_just_sent else None
    entry = make_entry(request, referral.network, link, embedded=is_just_sent and is_embedded(request))
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
        "status_url": request.build_absolute_uri(
            kept_url(referral, language=entry.language)
            if is_just_sent
            else request.path + page_query(language=entry.language)
        ),
        "referral_url": request.build_absolute_uri(referral.get_absolute_url()),
        **(_known_just_after_sending(referral) if is_just_sent else {}),
    }
    return render_page(request, entry, "referral_form/sent.html", context)


def _known_just_after_sending(referral: Referral) -> dict[str, Any]:
    """Return what only the referrer may read, who has just written it."""
    texts = [referral.details, *referral.answers.values_list("text", flat=True)]
    return {
        "is_self": referral.consent_way == ConsentWay.SELF,
        "cannot_wait": referral.is_urgent or tells_of_danger(*texts),
        "tells_source": referral.tells_source,
        "hears": _how_the_person_hears(referral),
    }


def _how_the_person_hears(referral: Referral) -> str:
    """Return by_email, as_is_safe, by_phone or as_written."""
    person = referral.person
    if person.email and not person.safe_contact.forbids_writing:
        return "by_email"
    if person.safe_contact.in_words:
        return "as_is_safe"
    return "by_phone" if person.phone else "as_written"
