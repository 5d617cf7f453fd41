"""People who may be the same as one: those who share a key with them, each found by an index.

A name that is only like it is no key: among a million people there are too many. It counts where something else agrees.
"""

from collections.abc import Iterator
from datetime import date
from itertools import islice, permutations

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower, Upper

from referrals.duplicates.dates import slips_of
from referrals.duplicates.rule import NAME_FAINTLY_ALIKE, Known, Likeness
from referrals.models import Person
from referrals.models.people import ADDRESS_KEY, PHONE_KEY, address_key, phone_key

MOST_LOOKED_AT = 200
_AGE = ("age_given", "months_given", "age_given_on")
_FEWEST_FIGURES = 6  # fewer are no telephone of one's own
_MOST_ORDERS = 24  # of a name's words: "Smith John" is found too


def find_alike(person: Person, today: date) -> Iterator[tuple[int, Likeness]]:
    """Return the keys of those who are enough alike, in whatever network, with how alike; likeliest first."""
    known = _known_of(person, today)
    for other in candidates_for(person):
        likeness = Likeness(known, _known_of(other, today), other.name_similarity, other.address_similarity)
        if likeness.is_enough:
            yield other.pk, likeness


def candidates_for(person: Person) -> QuerySet[Person]:
    keys = Q(name_key__in=_orders_of(person.name))
    if born := person.date_of_birth:
        keys |= Q(date_of_birth__in=sorted({born, *slips_of(born)}))
    if person.postcode:
        keys |= Q(postcode=person.postcode)
    if len(phone := phone_key(person.phone)) >= _FEWEST_FIGURES:
        keys |= Q(phone_key=phone)
    if person.email:
        keys |= Q(email_key=person.email.lower())
    if address := address_key(person.address):
        keys |= Q(address_key=address)
    people = Person.objects.alias(
        name_key=Upper("name"), phone_key=PHONE_KEY, email_key=Lower("email"), address_key=ADDRESS_KEY
    )
    return (
        people.filter(keys)
        .exclude(pk=person.pk)
        .annotate(
            name_similarity=TrigramSimilarity("name", person.name),
            address_similarity=TrigramSimilarity("address", person.address),
        )
        .filter(Q(name_similarity__gte=NAME_FAINTLY_ALIKE) | Q(date_of_birth=born, date_of_birth__isnull=False))
        .order_by((F("name_similarity") + F("address_similarity")).desc(), "pk")
        .only("name", "phone", "email", "postcode", "address", "date_of_birth", *_AGE)[:MOST_LOOKED_AT]
    )


def _orders_of(name: str) -> list[str]:
    orders = islice(permutations(name.upper().split()), _MOST_ORDERS)
    return sorted({name.upper(), *map(" ".join, orders)})


def _known_of(person: Person, today: date) -> Known:
    phone = phone_key(person.phone)
    return Known(
        name=person.name,
        date_of_birth=person.date_of_birth,
        age=person.age_on(today),
        phone=phone if len(phone) >= _FEWEST_FIGURES else "",
        email=person.email.lower(),
        postcode=person.postcode,
        address=person.address,
    )
