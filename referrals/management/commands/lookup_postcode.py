import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from itertools import islice

from django.core.management.base import BaseCommand, CommandError

from referrals.models.geography import Postcode, format_postcode, parse_postcode

_CODES_A_QUERY = 500


class Command(BaseCommand):
    help = (
        "Look up postcodes in any spelling; put quotes around one with a space. "
        "Exit status 0 when all were found, else 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "codes", nargs="+", metavar="CODE", help="A postcode; - reads one per line from standard input."
        )
        parser.add_argument(
            "--json", action="store_true", dest="as_json", help="One JSON object per line instead of a table."
        )

    def handle(self, *args: str, codes: list[str], as_json: bool, **options: object) -> None:
        asked = found = 0
        for answer in look_up_postcodes(_typed_codes(codes)):
            self.stdout.write(
                json.dumps(answer, ensure_ascii=False) if as_json else _as_table_row(answer, with_heading=asked == 0)
            )
            asked += 1
            found += bool(answer["found"])
        if found < asked:
            raise CommandError(f"{asked - found} of {asked} not found.", returncode=1)


def look_up_postcodes(codes: Iterable[str]) -> Iterator[dict[str, object]]:
    """Yield a dictionary for each of `codes`, in their order.

    Keys: input, postcode (as it is written), latitude and longitude (WGS 84 degrees, None without a position),
    district_code, ward_code, country_code (ONS codes, None where the source has none), terminated (year and month, or
    None), found, reason (why it was not found, or a remark on it; else None).
    """
    remaining = iter(codes)
    while batch := list(islice(remaining, _CODES_A_QUERY)):
        known = Postcode.objects.in_bulk([code for code in map(parse_postcode, batch) if code])
        for typed in batch:
            code = parse_postcode(typed)
            yield _answer(typed, code, known.get(code))


def _answer(typed: str, code: str | None, found: Postcode | None) -> dict[str, object]:
    point = found.point if found else None
    return {
        "input": typed,
        "postcode": format_postcode(code) if code else None,
        "latitude": round(point.y, 6) if point else None,
        "longitude": round(point.x, 6) if point else None,
        "district_code": (found and found.district_code) or None,
        "ward_code": (found and found.ward_code) or None,
        "country_code": (found and found.country_code) or None,
        "terminated": (found and found.terminated) or None,
        "found": found is not None,
        "reason": _reason(code, found),
    }


def _reason(code: str | None, found: Postcode | None) -> str | None:
    if code is None:
        return "not the form of a postcode"
    if found is None:
        return "unknown" if Postcode.objects.exists() else "no postcodes are imported yet: see import_postcodes"
    remarks = []
    if found.point is None:
        remarks.append("its source gives no position")
    if found.terminated:
        remarks.append(f"terminated in {found.terminated[:4]}-{found.terminated[4:]}")
    return "; ".join(remarks) or None


def _typed_codes(codes: list[str]) -> Iterator[str]:
    for code in codes:
        if code == "-":
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield code


def _as_table_row(answer: dict[str, object], *, with_heading: bool) -> str:
    heading = f"{'Postcode':<10}{'Latitude':>10}{'Longitude':>11}  {'District':<11}{'Ward':<11}{'Country':<11}Remark\n"
    position = ["", ""]
    if answer["latitude"] is not None:
        position = [f"{answer['latitude']:.6f}", f"{answer['longitude']:.6f}"]
    codes = "".join(f"{answer[key] or '':<11}" for key in ("district_code", "ward_code", "country_code"))
    name = answer["postcode"] or answer["input"]
    row = f"{name:<10}{position[0]:>10}{position[1]:>11}  {codes}{answer['reason'] or ''}".rstrip()
    return (heading if with_heading else "") + row
