"""What each user may see (`visible_to`), change (`changeable_by`) and do (`can_...`)."""

from referrals.access.actions import (
    belongs_to_holder,
    can_add_note,
    can_answer,
    can_coordinate,
    can_leave,
    can_manage_people,
    can_merge,
    coordinated_strands,
)
from referrals.access.change import changeable_by, may_add
from referrals.access.reach import (
    coordinated_networks,
    known_networks,
    overseen_networks,
    own_organisations,
    referral_networks,
)
from referrals.access.visible import (
    fully_visible_to,
    knows_load,
    opens_details,
    opens_in_full,
    visible_links,
    visible_options,
    visible_to,
)

__all__ = [
    "belongs_to_holder",
    "can_add_note",
    "can_answer",
    "can_coordinate",
    "can_leave",
    "can_manage_people",
    "can_merge",
    "changeable_by",
    "coordinated_networks",
    "coordinated_strands",
    "fully_visible_to",
    "known_networks",
    "knows_load",
    "may_add",
    "opens_details",
    "opens_in_full",
    "overseen_networks",
    "own_organisations",
    "referral_networks",
    "visible_links",
    "visible_options",
    "visible_to",
]
