"""One scoped admin for every model. Importing the package registers them all."""

from backoffice.admin import (  # noqa: F401
    accounts,
    categories,
    geography,
    networks,
    notifications,
    organisations,
    people,
    pictures,
    rate_limits,
    referrals,
    services,
    tasks,
    users,
)
from backoffice.messages import admin as public_messages  # noqa: F401
from backoffice.services import admin as offered_services  # noqa: F401
