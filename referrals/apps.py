from django import forms
from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

# Instead of "This field is required." A form says more where it knows more.
NOTHING_GIVEN = {
    forms.Field: _("Please fill this in."),
    forms.ChoiceField: _("Please choose one."),
    forms.ModelChoiceField: _("Please choose one."),
    forms.MultipleChoiceField: _("Please choose at least one."),
    forms.ModelMultipleChoiceField: _("Please choose at least one."),
    forms.BooleanField: _("Please tick this."),
    forms.FileField: _("Please choose a file."),
}


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Referrals"

    def ready(self) -> None:
        for field, words in NOTHING_GIVEN.items():
            field.default_error_messages = {**field.default_error_messages, "required": words}

        # Models cannot be imported before this moment.
        from django_q.signals import post_execute

        from referrals.heartbeats import renew_heartbeat
        from referrals.notifications import links  # noqa: F401 - registers its check
        from referrals.schedules import declare_schedules
        from referrals.services.pictures import watch_deletions

        post_migrate.connect(declare_schedules, sender=self)
        watch_deletions()
        post_execute.connect(renew_heartbeat)
