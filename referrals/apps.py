from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Referrals"

    def ready(self) -> None:
        from referrals.schedules import declare_schedules
        from referrals.services.pictures import watch_deletions  # models are not there before this moment

        post_migrate.connect(declare_schedules, sender=self)
        watch_deletions()
