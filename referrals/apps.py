from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

from referrals.user_input.form_fields import set_up_form_fields

set_up_form_fields()  # not in `ready`, which comes after every app's forms


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Referrals"

    def ready(self) -> None:
        # Models cannot be imported before this moment.
        from django_q.signals import post_execute

        from referrals.heartbeats import renew_heartbeat
        from referrals.notifications import links  # noqa: F401 - registers its check
        from referrals.schedules import declare_schedules
        from referrals.services.pictures import watch_deletions

        if apps.is_installed("anymail"):
            from referrals.notifications import tracking  # noqa: F401 - connects its receiver

        post_migrate.connect(declare_schedules, sender=self)
        watch_deletions()
        post_execute.connect(renew_heartbeat)
