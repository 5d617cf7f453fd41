"""The fields of a service: one list for its form, its table, its copies and its public card.

To add a field, add it to the model and here. The service form, the admin, the table of services and the button
"Duplicate" then have it; `templates/backoffice/services/<group>.html` says where the form shows it.

`PublicCard` names its own fields, because each is reworded for the public: a test fails until a field marked
`is_public` makes a difference to the card.
"""

from typing import NamedTuple


class ServiceField(NamedTuple):
    """A field of `Service`, or rows that are edited with it.

    is_row_set: related rows, such as opening hours, under this related name.
    is_copied: copied to a duplicate of the service.
    is_public: shown on the public card.
    """

    name: str
    is_row_set: bool = False
    is_copied: bool = True
    is_public: bool = True


class FieldGroup(NamedTuple):
    """Fields that belong together: a part of the form."""

    key: str
    title: str
    fields: tuple[ServiceField, ...]

    @property
    def model_fields(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields if not field.is_row_set)


FIELD_GROUPS = (
    FieldGroup(
        "details",
        "Details",
        (
            ServiceField("activity"),
            ServiceField("categories", is_public=False),
            ServiceField("venue"),
            ServiceField("catchment"),
        ),
    ),
    FieldGroup(
        "opening",
        "Opening days",
        (
            ServiceField("opening_hours", is_row_set=True),
            ServiceField("opening_exceptions", is_row_set=True),
            ServiceField("by_appointment"),
            ServiceField("closed_on_bank_holidays"),
            ServiceField("opening_note"),
        ),
    ),
    FieldGroup("capacity", "Capacity", (ServiceField("capacity", is_copied=False, is_public=False),)),
    FieldGroup(
        "public",
        "Public details",
        (
            ServiceField("is_public", is_copied=False, is_public=False),
            ServiceField("summary"),
            ServiceField("description"),
            ServiceField("phone"),
            ServiceField("email"),
            ServiceField("website"),
            ServiceField("pathways"),
            ServiceField("cost"),
            ServiceField("cost_note"),
        ),
    ),
    FieldGroup("restrictions", "Restrictions", (ServiceField("restrictions", is_row_set=True),)),
)

SERVICE_FIELDS = tuple(field for group in FIELD_GROUPS for field in group.fields)

# Whose service it is, which never changes, and when it was last confirmed, which the form asks with a tick box.
MEMBERSHIP_FIELDS = ("organisation", "network")
CONFIRMATION_FIELD = "last_confirmed_on"

# The table of services has these in this order; a row set takes one column or several of its own.
TABLE_FIELDS = (*MEMBERSHIP_FIELDS, *(field.name for field in SERVICE_FIELDS), CONFIRMATION_FIELD)
COPIED_FIELDS = tuple(field.name for field in SERVICE_FIELDS if field.is_copied and not field.is_row_set)
PUBLIC_FIELDS = tuple(field.name for field in SERVICE_FIELDS if field.is_public)
