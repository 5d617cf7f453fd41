"""What every test has, in whatever app it stands."""

import gc

from hypothesis import settings

from referrals.tests.browsers import browser, new_context  # noqa: F401 - used by pytest
from referrals.tests.leftovers import nobody_left  # noqa: F401 - used by pytest
from referrals.tests.processes import mailbox, worker  # noqa: F401 - used by pytest
from referrals.tests.restoring import as_migrated  # noqa: F401 - used by pytest

# A busy machine is no fault: nothing is timed in a test.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """What has been imported stays until the end: looking through it for garbage is a twelfth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
