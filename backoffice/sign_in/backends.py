from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from referrals import accounts
from referrals.client_address import client_address
from referrals.models import User


class LimitedBackend(ModelBackend):
    """Limits how often a password is tried, and lets in only those who may open the back office."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: object
    ) -> User | None:
        if request is None or username is None:  # a command or a test: there is no client to limit
            return super().authenticate(request, username, password, **kwargs)
        address = client_address(request)
        if accounts.refused_until(username, address):  # not counted, or trying again would prolong the wait
            raise PermissionDenied
        user = super().authenticate(request, username, password, **kwargs)
        if user is None or not user.is_staff:
            accounts.count_wrong_password(username, address)
            return None
        return user
