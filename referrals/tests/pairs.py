"""Two referrals for what is probably one person."""

from datetime import date

from referrals import workflow
from referrals.models import Referral
from referrals.tests.worlds import World

JON = workflow.PersonDetails(name="Jon Smyth", date_of_birth=date(1980, 4, 12), email="jon@example.org")
JOHN = workflow.PersonDetails(name="John Smith", date_of_birth=date(1980, 4, 12), phone="020 7946 0000")


def submit_pair(world: World) -> tuple[Referral, Referral]:
    """Return a referral held by the first organisation, and a later one held by the second."""
    before = world.submit(person=JON, services=world.services[:1])
    return before, world.submit(person=JOHN, services=world.services[1:2])
