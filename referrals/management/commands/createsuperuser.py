from django.contrib.auth.management.commands import createsuperuser
from django.db import transaction

from referrals import accounts
from referrals.models import User


class Command(createsuperuser.Command):
    @transaction.atomic
    def handle(self, *args: object, **options: object) -> None:
        """Tell all operators, the new one too, as for one made in the back office."""
        known = list(User.objects.filter(is_superuser=True).values_list("pk", flat=True))
        super().handle(*args, **options)
        for user in User.objects.filter(is_superuser=True).exclude(pk__in=known):
            accounts.record_privileges(user, None, actor=None)
