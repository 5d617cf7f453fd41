import json
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NoReturn, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from referrals.hours import LONDON
from referrals.matching import NearMiss, PersonFacts, Suggestion, find_near_misses, suggest
from referrals.models import Category, Demographic, DemographicOption, Network
from referrals.models.geography import postcode_in_words
from referrals.places import FoundPostcode, find_postcode

Named = TypeVar("Named", Demographic, DemographicOption)


class Command(BaseCommand):
    help = "Show what the referral form would suggest, best first, with scores and reasons."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--network", required=True, metavar="SLUG")
        parser.add_argument("--postcode", default="", metavar="CODE", help="Where the person lives; none = not known.")
        parser.add_argument("--need", required=True, nargs="+", action="extend", metavar="SLUG", help="Categories.")
        parser.add_argument(
            "--answers",
            default="{}",
            metavar="JSON",
            help='Demographics, by name or key: {"Gender": "Woman", "Language": ["Somali", "English"]}.',
        )
        parser.add_argument("--age", type=int, metavar="YEARS")
        parser.add_argument("--at", default="", metavar="TIME", help="As in 2026-05-13T12:00, local time; none = now.")
        parser.add_argument("--why", action="store_true", help="Also what stood in the way of all others.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="One JSON document instead of text.")

    def handle(self, *args: str, as_json: bool, **options) -> None:
        network = _find_network(options["network"])
        needs = _find_categories(network, options["need"])
        found = _find_postcode(options["postcode"], network)
        person = PersonFacts(
            point=found.point,
            place=postcode_in_words(found.name),
            age=options["age"],
            option_ids=_find_options(network, options["answers"]),
        )
        at = _parse_time(options["at"])
        need_ids = [need.pk for need in needs]
        suggestions = suggest(network, need_ids, person, at=at)
        near_misses = (
            find_near_misses(
                network,
                need_ids,
                person,
                shown=[one.service_id for one in suggestions],
                knows_load=True,
                for_insiders=True,
            )
            if options["why"]
            else None
        )
        if not as_json:
            self.write_text(suggestions, near_misses, problem=found.problem)
            return
        document = {
            "network": network.slug,
            "postcode": found.name or None,
            "located": person.point is not None,
            "at": at.isoformat(),
            "needs": [need.slug for need in needs],
            "suggestions": [_as_json(suggestion, needs) for suggestion in suggestions],
        }
        if near_misses is not None:
            document["near_misses"] = [
                {
                    "service": one.service_id,
                    "organisation_name": one.organisation_name,
                    "activity": one.activity_name,
                    "obstacles": list(one.obstacles),
                }
                for one in near_misses
            ]
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))

    def write_text(
        self, suggestions: Sequence[Suggestion], near_misses: Sequence[NearMiss] | None, *, problem: str
    ) -> None:
        if problem:
            self.stderr.write(problem)
        if not suggestions:
            self.stdout.write("No organisation suits.")
        for number, suggestion in enumerate(suggestions, start=1):
            self.stdout.write(_as_text(number, suggestion))
        if near_misses is not None:
            self.stdout.write("\nNot suggested, nearest first:" if near_misses else "\nNobody else offers this.")
        for one in near_misses or ():
            self.stdout.write(f"- {one.organisation_name}: {one.activity_name}")
            self.stdout.write("\n".join(f"   {obstacle}" for obstacle in one.obstacles))


def _find_network(slug: str) -> Network:
    found = Network.objects.filter(slug=slug).first()
    return found or _refuse("network", slug, Network.objects.order_by("slug").values_list("slug", flat=True))


def _find_categories(network: Network, slugs: Sequence[str]) -> list[Category]:
    rows = network.categories.select_related("merged_into")
    known = {category.slug: category.merged_into or category for category in rows}
    return [known.get(slug) or _refuse("need", slug, known) for slug in dict.fromkeys(slugs)]


def _find_postcode(text: str, network: Network) -> FoundPostcode:
    found = find_postcode(text, network=network) if text else FoundPostcode("")
    if text and not found.name:
        raise CommandError(found.problem)
    return found


def _find_options(network: Network, answers: str) -> frozenset[int]:
    try:
        given = json.loads(answers)
    except json.JSONDecodeError as error:
        raise CommandError(f"--answers is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise CommandError('--answers must be an object such as {"Gender": "Woman"}.')
    demographics = list(network.demographics.prefetch_related("options"))
    return frozenset(
        _find_named("answer", answer, demographic.options.all()).pk
        for name, answered in given.items()
        for demographic in [_find_named("demographic", name, demographics)]
        for answer in (answered if isinstance(answered, list) else [answered])
    )


def _find_named(what: str, wanted: object, rows: Iterable[Named]) -> Named:
    text = str(wanted).casefold()
    for row in rows:
        if text in (row.name.casefold(), str(row.pk)):
            return row
    return _refuse(what, str(wanted), [row.name for row in rows])


def _parse_time(text: str) -> datetime:
    if not text:
        return timezone.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a time. Write it like 2026-05-13T12:00.") from None
    return at if at.tzinfo else at.replace(tzinfo=LONDON)


def _refuse(what: str, wanted: str, valid: Iterable[str]) -> NoReturn:
    listed = ", ".join(valid)
    raise CommandError(f"There is no {what} {wanted!r}. " + (f"There are: {listed}." if listed else "There are none."))


def _as_json(suggestion: Suggestion, needs: Sequence[Category]) -> dict:
    return {
        "service": suggestion.service_id,
        "organisation": suggestion.organisation_id,
        "organisation_name": suggestion.organisation_name,
        "activity": suggestion.activity_name,
        "needs_met": [need.slug for need in needs if need.pk in suggestion.needs_met],
        "score": suggestion.score,
        "has_room": suggestion.has_room,
        "reasons": list(suggestion.reasons),
    }


def _as_text(number: int, suggestion: Suggestion) -> str:
    heading = f"{number}. {suggestion.organisation_name}: {suggestion.activity_name} ({suggestion.score:g} points)"
    return "\n".join([heading, *(f"   {reason}" for reason in suggestion.reasons)])
