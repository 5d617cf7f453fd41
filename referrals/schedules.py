"""The django-q2 schedules, declared here and nowhere else: `migrate` makes the table agree."""

from dataclasses import dataclass

from django.db import transaction
from django_q.models import Schedule


@dataclass(frozen=True, slots=True)
class Declared:
    name: str
    task: str
    minutes: int


SCHEDULES = (
    Declared("Send what is due", "referrals.tasks.sweep_outbox", 1),
    Declared("Remind organisations", "referrals.tasks.remind_due", 5),
    Declared("Pass missing answers on", "referrals.tasks.lapse_due", 5),
    Declared("Answer who asked for a new password", "referrals.tasks.answer_reset_requests", 5),
    Declared("Forget what is over", "referrals.tasks.forget_what_is_over", 5),
    Declared("Ask whether services are still correct", "referrals.tasks.ask_to_confirm_due", 60),
    Declared("Take uploaded tables up again", "referrals.tasks.take_tables_up_again", 1),
    Declared("Pass on what organisations leave behind", "referrals.tasks.move_on_due", 5),
    Declared("Publish and take down pages at their time", "referrals.tasks.publish_scheduled_pages", 5),
)


@transaction.atomic
def declare_schedules(**signal: object) -> None:
    """Make the schedules table hold exactly these; the next run of a schedule that stays is left as it is."""
    for declared in SCHEDULES:
        Schedule.objects.update_or_create(
            name=declared.name,
            defaults={
                "func": declared.task,
                "schedule_type": Schedule.MINUTES,
                "minutes": declared.minutes,
                "repeats": -1,
            },
        )
    Schedule.objects.exclude(name__in=[declared.name for declared in SCHEDULES]).delete()
