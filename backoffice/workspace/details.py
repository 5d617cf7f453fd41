"""Which words of a referral a user may read."""

from django.db.models import Q, QuerySet

from referrals.models import User
from referrals.visibility import fully_visible_to, own_organisations, visible_to


def readable_notes(user: User, notes: QuerySet) -> QuerySet:
    """Return the notes that `user` may read: all of them on a referral with full details, else one's own.

    Anyone in the network may add a note, for those who deal with the person; it is no way round the limited details.
    """
    if user.is_superuser:
        return visible_to(user, notes)
    return visible_to(user, notes).filter(
        Q(referral__in=fully_visible_to(user).values("pk"))
        | Q(author=user.pk)
        | Q(organisation__in=own_organisations(user).values("pk"))
    )
