"""The django-q2 schedules; `migrate` writes them to the table.

When a task is renamed, one already queued under its old name fails once; the next run does its work.
"""

from dataclasses import dataclass

from django.db import transaction
from django_q.models import Schedule


@dataclass(frozen=True, slots=True)
class DeclaredSchedule:
    name: str
    task: str
    minutes: int


SCHEDULES = (
    DeclaredSchedule("Send e-mail that is due", "referrals.tasks.sweep_outbox", 1),
    DeclaredSchedule("Remind organisations", "referrals.tasks.remind_due", 5),
    DeclaredSchedule("Lapse offers that were not answered in time", "referrals.tasks.lapse_due", 5),
    DeclaredSchedule("Read what came back", "referrals.tasks.read_return_mailbox", 5),
    DeclaredSchedule("Send the week's summaries", "referrals.tasks.send_digests", 15),
    DeclaredSchedule("Answer requests for a new password", "referrals.tasks.answer_reset_requests", 5),
    DeclaredSchedule("Delete what has expired", "referrals.tasks.delete_expired", 5),
    DeclaredSchedule("Ask whether services are still correct", "referrals.tasks.ask_to_confirm_due", 60),
    DeclaredSchedule("Ask owners about invitations from outside", "referrals.tasks.ask_owners_due", 60),
    DeclaredSchedule("Work out how organisations answer", "referrals.tasks.refresh_track_records", 60),
    DeclaredSchedule("Resume uploaded tables", "referrals.tasks.resume_uploaded_tables", 1),
    DeclaredSchedule("Pass on offers of organisations that leave", "referrals.tasks.pass_on_offers_of_leavers", 5),
    DeclaredSchedule("Publish and unpublish pages at their time", "referrals.tasks.publish_scheduled_pages", 5),
)


@transaction.atomic
def declare_schedules(**signal: object) -> None:
    """Make the table hold exactly these. Schedules already there keep their next run."""
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
