from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac

from referrals.mailboxes import PlainEmailField


class UserManager(BaseUserManager):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **{"is_staff": True, **fields})
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, **{"is_superuser": True, **fields})

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email.lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Signs in with an e-mail address. Roles are rows of NetworkRole and OrganisationMember."""

    email = PlainEmailField("e-mail", unique=True, error_messages={"unique": "Somebody has this e-mail already."})
    name = models.CharField(max_length=200, blank=True)
    is_staff = models.BooleanField("may open the back office", default=True)
    is_active = models.BooleanField("active", default=True, help_text="Untick this instead of deleting the user.")
    session_generation = models.PositiveIntegerField(
        default=0, editable=False, help_text="One more signs the user out everywhere."
    )
    saved_filters = models.JSONField(
        default=list, db_default=[], editable=False, help_text="Of the list of referrals: name and query of each."
    )
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        ordering = ["name", "email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_once", violation_error_message="Somebody has this e-mail already."
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        # Besides the password, a new `session_generation` ends every session.
        key_salt = "referrals.models.users.User.session"
        return salted_hmac(
            key_salt, f"{self.session_generation}:{self.password}", secret=secret, algorithm="sha256"
        ).hexdigest()

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.partition(" ")[0] or self.email
