"""What goes into the ranking and what comes out of it."""

from dataclasses import dataclass

from django.contrib.gis.geos import Point


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What the ranking may know of a person: nothing that names them.

    `point` is longitude and latitude (4326); `place` what the reasons call it: "NW5 2", or "the middle of NW5".
    """

    point: Point | None = None
    place: str = ""
    age: int | None = None
    option_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One organisation, through the service of it that suits best.

    `reasons` are sentences for those who may know how full it is; `shared_reasons` are fit for the public: they say
    that only where the network shares it.
    """

    service_id: int
    organisation_id: int
    organisation_name: str
    activity_name: str
    needs_met: tuple[int, ...]
    score: float
    has_room: bool
    reasons: tuple[str, ...]
    shared_reasons: tuple[str, ...]
