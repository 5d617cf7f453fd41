"""Services not confirmed for a long time, and asking their organisations to confirm them."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import DateField, Exists, ExpressionWrapper, F, Func, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from referrals import notifications
from referrals.access import changeable_by
from referrals.enums import AccountEventKind
from referrals.models import AccountEvent, NetworkMembership, Service, User
from referrals.notification_kinds import NotificationKind

ASKED_AGAIN_AFTER = timedelta(days=14)
ASKED_AT_MOST = 3  # once, and two reminders; after that the coordinator's list shows it


class _Months(Func):
    function = "make_interval"
    template = "%(function)s(months => %(expressions)s)"


_STALE_FROM = Cast(
    ExpressionWrapper(
        Coalesce("last_confirmed_on", "added_on") + _Months(F("network__confirm_after_months")),
        output_field=DateField(),
    ),
    DateField(),
)


def stale(services: QuerySet, *, today: date | None = None) -> QuerySet:
    """Return those that nobody has confirmed, or else added, within the months their network allows.

    Archived services, and those of networks that never ask, are left out.
    """
    return services.alias(stale_from=_STALE_FROM).filter(
        archived_at=None, stale_from__lte=today or timezone.localdate()
    )


def mark_confirmed(service: Service, *, today: date | None = None) -> None:
    """Set the fields on the instance; the caller saves it."""
    service.last_confirmed_on = today or timezone.localdate()
    service.confirmation_asked_on, service.confirmations_asked = None, 0


@transaction.atomic
def confirm(keys: Collection[int], *, actor: User, today: date | None = None) -> list[Service]:
    """Confirm those of the services that `actor` may change and that are not archived; return them."""
    locked = _lock(Service.objects.filter(pk__in=keys, archived_at=None))
    services = list(changeable_by(actor, Service).filter(pk__in=locked).select_related("activity"))
    Service.objects.filter(pk__in=[service.pk for service in services]).update(
        last_confirmed_on=today or timezone.localdate(), confirmation_asked_on=None, confirmations_asked=0
    )
    return services


def _lock(services: QuerySet) -> list[int]:
    # In key order, as everywhere in the project.
    rows = services.order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(rows.values_list("pk", flat=True))


def _to_ask(today: date) -> QuerySet:
    not_lately = Q(confirmation_asked_on=None) | Q(confirmation_asked_on__lte=today - ASKED_AGAIN_AFTER)
    return stale(Service.objects.all(), today=today).filter(not_lately, confirmations_asked__lt=ASKED_AT_MOST)


def due_confirmations(*, today: date | None = None) -> list[int]:
    """Return keys of memberships: an organisation gets one message for each network."""
    services = _to_ask(today or timezone.localdate()).filter(
        organisation=OuterRef("organisation"), network=OuterRef("network")
    )
    due = NetworkMembership.objects.active().filter(Exists(services))
    return list(due.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def ask_to_confirm(membership_id: int, *, at: datetime | None = None) -> bool:
    """Send the organisation one message about all its stale services in a network.

    Return False if there are none. Run twice at once, it asks once: the second run waits for the first.
    """
    now = at or timezone.now()
    today = timezone.localdate(now)
    memberships = NetworkMembership.objects.active().select_related("organisation")
    membership = memberships.filter(pk=membership_id).first()
    if membership is None:
        return False
    due = _to_ask(today).filter(organisation=membership.organisation_id, network=membership.network_id)
    keys = _lock(due)
    if not keys:
        return False
    asked = Service.objects.filter(pk__in=keys)
    is_reminder = asked.filter(confirmations_asked__gt=0).exists()
    asked.update(confirmation_asked_on=today, confirmations_asked=F("confirmations_asked") + 1)
    event = AccountEvent.objects.create(
        kind=AccountEventKind.CONFIRMATION_ASKED,
        organisation=membership.organisation,
        network_id=membership.network_id,
        data={"services": keys, "is_reminder": is_reminder},
        at=now,
    )
    notifications.record(event, NotificationKind.CONFIRMATION_ASKED, membership.organisation.email)
    return True
