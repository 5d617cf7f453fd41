"""The address at which a draft can be tried: signed, so that coordinators may pass it on to whomever they like."""

from datetime import timedelta

from django.core import signing
from django.urls import reverse

LIFETIME = timedelta(days=14)
_SALT = "referrals.try_draft"


def try_url(network_id: int) -> str:
    return reverse("referral_form_try", args=[signing.dumps(network_id, salt=_SALT)])


def read_token(token: str) -> int | None:
    """Return the key of the network; None if the address is too old or none of ours."""
    try:
        return signing.loads(token, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
