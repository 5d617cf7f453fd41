"""What the list shows, as a table to download."""

from datetime import datetime

from django.utils import timezone
from tablib import Dataset

from backoffice.network.listing import OrganisationRow
from backoffice.service_card import ServiceCard
from referrals.import_export.formulas import escape_formula

HEADINGS = (
    "Organisation",
    "In the network",
    "How it answers",
    "Service",
    "Network",
    "State",
    "Capacity",
    "Open cases",
    "Offers",
    "Open days",
    "Last confirmed",
)
SIGN_IN = "Last sign-in"


def table_of(rows: list[OrganisationRow], *, shows_sign_ins: bool) -> Dataset:
    """Return a line for each service, and one for an organisation without any; no formula runs in it."""
    table = Dataset(headers=[*HEADINGS, *([SIGN_IN] if shows_sign_ins else [])])
    for row in rows:
        for card in row.cards or [None]:
            cells = [*_organisation_cells(row), *_service_cells(card)]
            cells += [_moment(row.last_sign_in)] if shows_sign_ins else []
            table.append([escape_formula(cell) for cell in cells])
    return table


def _organisation_cells(row: OrganisationRow) -> list[str]:
    states = "; ".join(f"{one.get_status_display()}: {one.network}" for one in row.organisation.shown_memberships)
    return [row.organisation.name, states, row.answers_in_words]


def _service_cells(card: ServiceCard | None) -> list[object]:
    if card is None:
        return [""] * 8
    service = card.service
    known = [service.open_cases, service.waiting_offers] if service.load_is_known else [card.load_in_words] * 2
    confirmed = service.last_confirmed_on.isoformat() if service.last_confirmed_on else ""
    return [
        service.activity.name,
        service.network.name,
        card.state[0],
        service.capacity,
        *known,
        card.open_days,
        confirmed,
    ]


def _moment(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else ""
