from collections.abc import Callable

from django.contrib.postgres.fields import ArrayField
from django.db import models

from referrals.notification_kinds import MailGroup


def all_mail_groups() -> list[str]:
    return list(MailGroup.values)


def mail_groups_field(default: Callable[[], list[str]], help_text: str) -> ArrayField:
    return ArrayField(
        models.CharField(max_length=10, choices=MailGroup),
        verbose_name="e-mails",
        default=default,
        db_default=default(),
        blank=True,
        editable=False,
        help_text=help_text,
    )
