from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from referrals import accounts
from referrals.models import User


class Command(changepassword.Command):
    @transaction.atomic
    def handle(self, *args: object, **options: object) -> str:
        """Tell the user, as for a password changed in the back office."""
        passwords = dict(User.objects.values_list("pk", "password").filter(email=options["username"]))
        said = super().handle(*args, **options)
        for user in User.objects.filter(pk__in=passwords):
            if user.password != passwords[user.pk]:
                accounts.record_password_change(user, actor=None)
        return said
