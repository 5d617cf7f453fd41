"""Referrals by what somebody knows of the person: a name as it was heard, a telephone, an address, a postcode."""

import re
from collections.abc import Iterator

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from referrals.access import fully_visible_to
from referrals.models import Person, Referral, User
from referrals.models.geography import parse_part_of_postcode, parse_postcode
from referrals.models.people import PHONE_KEY, PlainName, phone_key
from referrals.places import read_postcode
from referrals.references import parse_reference

_PHONE = re.compile(r"\+?[\d ().-]{7,}")
_FEWEST_FIGURES = 7
_SHORTEST_SLIP = 3  # letters: of a shorter word every other name is one slip away
_LONGEST_SLIP = 20  # its expression grows with the square of this: one of 200 letters takes half a minute
_MOST_WORDS = 6
_FEW = 1_000


def find_by_words(referrals: QuerySet[Referral], text: str, user: User) -> QuerySet[Referral]:
    """Return those of `referrals` that somebody means who types this.

    A whole e-mail address, telephone number or postcode finds whoever has it, where `user` may read that person in
    full; the first half of a postcode and a reference, or how it begins, all that is in `referrals`. Any other text is
    words of a name, in any order; where no name has them, names that are one slip away, or alike, do.
    """
    text = " ".join(text.split())
    if reference := parse_reference(text):
        return referrals.filter(reference=reference)
    if (condition := _condition_on_person(text)) is not None:
        people = Person.objects.alias(email_key=Lower("email"), phone_key=PHONE_KEY).filter(condition)
        found = fully_visible_to(user).filter(person__in=_keys_of(people)).order_by()
        return referrals.filter(pk__in=_keys_of(found))
    if any(character.isdigit() for character in text):
        part = parse_part_of_postcode(text)
        half = Q(outcode=part[0]) if part and not part[1] else Q()
        return referrals.filter(half | Q(reference__startswith=text.upper()))
    return _find_by_name(referrals, text)


def _keys_of(rows: QuerySet) -> list[int] | QuerySet:
    """Return the keys, found once, where they are few; a list counts its tabs and reads its page with them."""
    keys = list(rows.values_list("pk", flat=True)[: _FEW + 1])
    return keys if len(keys) <= _FEW else rows.values("pk")


def _condition_on_person(text: str) -> Q | None:
    """Return what a whole address, number or postcode asks of a person; None for any other text."""
    if "@" in text and " " not in text:
        return Q(email_key=text.lower())
    if _PHONE.fullmatch(text) and len(figures := phone_key(text)) >= _FEWEST_FIGURES:
        return Q(phone_key=figures)
    return Q(postcode=read_postcode(text)) if parse_postcode(text) else None


def _find_by_name(referrals: QuerySet[Referral], text: str) -> QuerySet[Referral]:
    words = _plain_words(text)[:_MOST_WORDS]
    if not words:  # such as "%": nobody is called so, and a list that is not narrowed down must not look as if it were
        return referrals.none()
    named = referrals.alias(plain_name=PlainName("person__name"))
    called_so = named.filter(*(Q(plain_name__contains=word) for word in words))
    if called_so.exists():
        return called_so
    alike = named.filter(
        *(
            Q(plain_name__regex=one_slip_away(word)) | Q(plain_name__trigram_word_similar=word)
            if _SHORTEST_SLIP <= len(word) <= _LONGEST_SLIP
            else Q(plain_name__contains=word)
            for word in words
        )
    )
    return referrals.filter(pk__in=_keys_of(alike.order_by()))


def _plain_words(text: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT referrals_plain_name(%s)", [text])
        return cursor.fetchone()[0].split()


def one_slip_away(word: str) -> str:
    r"""Return a regular expression for whole words that have one letter wrong, missing, too many or swapped with the
    next: for "JHON" it finds "JOHN".
    """
    return rf"\m({'|'.join(dict.fromkeys(_slips(word)))})\M"


def _slips(word: str) -> Iterator[str]:
    letters = [re.escape(letter) for letter in word]
    for at, letter in enumerate(letters):
        before, after = letters[:at], letters[at + 1 :]
        yield "".join([*before, ".", *after])
        yield "".join([*before, letter, ".", *after])
        if len(letters) > _SHORTEST_SLIP:
            yield "".join([*before, *after])
        if after:
            yield "".join([*before, after[0], letter, *after[1:]])
