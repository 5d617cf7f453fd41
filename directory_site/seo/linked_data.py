"""The facts of a page for search engines: schema.org, as JSON-LD. Nothing that the page does not show.

https://schema.org/Service, https://schema.org/ServiceChannel, https://schema.org/OpeningHoursSpecification
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from referrals.enums import Weekday
from referrals.hours import ExceptionalDays, Timetable, WeeklyOpening
from referrals.services.public_card import Contact, PublicCard, PublicPlace

Node = dict[str, Any]

# A closing tag or a comment in somebody's words must not end the script element (as in Django's json_script).
_ESCAPES = {ord(character): f"\\u{ord(character):04X}" for character in "<>&"}
_MIDNIGHT, _LAST_MINUTE = time(), time(23, 59)


def as_script_content(*nodes: Node) -> SafeString:
    """Return the content of `<script type="application/ld+json">`, which is data and so allowed by the policy."""
    graph = {"@context": "https://schema.org", "@graph": [*nodes]}
    return mark_safe(json.dumps(graph, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308 - escaped just now


def breadcrumbs(*steps: tuple[str, str]) -> Node:
    """Each step is a name and an absolute URL."""
    items = [
        {"@type": "ListItem", "position": number, "name": name, "item": address}
        for number, (name, address) in enumerate(steps, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def organisation(name: str, address: str, **facts: object) -> Node:
    return _without_empty(
        {"@type": "Organization", "@id": f"{address}#organisation", "name": name, "url": address, **facts}
    )


def contact_facts(contacts: Iterable[Contact]) -> Node:
    links = [contact.link for contact in contacts]
    return {"telephone": _first(links, "tel:").removeprefix("tel:"), "sameAs": _first(links, "http")}


def service(
    card: PublicCard,
    timetable: Timetable,
    *,
    address: str,
    description: str,
    provider: Node,
    picture: str,
    area: str,
    categories: Sequence[str],
) -> Node:
    """`picture` is an absolute URL, or ""."""
    return _without_empty(
        {
            "@type": "Service",
            "@id": f"{address}#service",
            "name": card.activity,
            "url": address,
            "description": description,
            "image": picture,
            "category": [*categories],
            "provider": provider,
            "areaServed": {"@type": "AdministrativeArea", "name": area},
            "audience": _without_empty({"@type": "Audience", "audienceType": card.for_whom}),
            "hoursAvailable": [*opening_hours(timetable)],
            "availableChannel": _channel(card, address),
            "offers": _offer(card),
        }
    )


def opening_hours(timetable: Timetable) -> Iterator[Node]:
    """Yield the weekly hours, then the exceptions. schema.org writes a closed day as 00:00 to 00:00."""
    for opening in timetable.weekly:
        yield _weekly(opening)
    if timetable.bank_holidays_of and timetable.weekly:
        yield _hours(_MIDNIGHT, _MIDNIGHT, dayOfWeek="https://schema.org/PublicHolidays")
    for days in timetable.exceptions:
        yield _exceptional(days)


def _weekly(opening: WeeklyOpening) -> Node:
    closes = _end_of_day(opening.opens, opening.closes)
    weekday = f"https://schema.org/{Weekday(opening.weekday).name.title()}"
    return _hours(opening.opens, closes, dayOfWeek=weekday, validFrom=opening.valid_from, validThrough=opening.valid_to)


def _exceptional(days: ExceptionalDays) -> Node:
    opens, closes = _MIDNIGHT, _MIDNIGHT
    if days.opens is not None and days.closes is not None:
        opens, closes = days.opens, _end_of_day(days.opens, days.closes)
    return _hours(opens, closes, validFrom=days.first_day, validThrough=days.last_day, description=days.note)


def _end_of_day(opens: time, closes: time) -> time:
    """A whole day ends at 23:59, since 00:00 to 00:00 would mean closed."""
    return _LAST_MINUTE if opens == closes == _MIDNIGHT else closes


def _hours(opens: time, closes: time, **facts: str | date | None) -> Node:
    written = {name: fact.isoformat() if isinstance(fact, date) else fact for name, fact in facts.items()}
    return _without_empty(
        {
            "@type": "OpeningHoursSpecification",
            "opens": f"{opens:%H:%M}",
            "closes": f"{closes:%H:%M}",
            **written,
        }
    )


def _channel(card: PublicCard, address: str) -> Node:
    links = [contact.link for contact in card.contacts]
    phone = _first(links, "tel:").removeprefix("tel:")
    return _without_empty(
        {
            "@type": "ServiceChannel",
            "serviceUrl": _first(links, "http") or address,
            "servicePhone": _without_empty({"@type": "ContactPoint", "telephone": phone}),
            "serviceLocation": _place(card.place) if card.place else None,
        }
    )


def _first(links: Iterable[str], scheme: str) -> str:
    return next((link for link in links if link.startswith(scheme)), "")


def _place(place: PublicPlace) -> Node:
    address = _without_empty(
        {
            "@type": "PostalAddress",
            "streetAddress": ", ".join(filter(None, map(str.strip, place.address.splitlines()))),
            "postalCode": place.postcode,
            "addressCountry": "GB",
        }
    )
    longitude, latitude = place.point or (None, None)
    geo = {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude} if place.point else None
    amenities = [
        {"@type": "LocationFeatureSpecification", "name": feature, "value": True} for feature in place.access_features
    ]
    facts = {"address": address, "geo": geo, "hasMap": place.map_link, "amenityFeature": amenities}
    return _without_empty({"@type": "Place", "name": place.name, **facts})


def _offer(card: PublicCard) -> Node:
    """The only price given is 0: "£3 a bag" is not a number."""
    price = {"price": "0", "priceCurrency": "GBP"} if card.is_free else {}
    return _without_empty({"@type": "Offer", "description": card.cost, **price})


def _without_empty(node: Node) -> Node:
    """Leave out empty facts. A node with nothing but its type is empty too."""
    facts = {name: fact for name, fact in node.items() if fact not in (None, "", [], {}, ())}
    return {} if facts.keys() == {"@type"} else facts
