"""Where a postcode, or part of one, lies, or why that is not known."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.gis.db.models import Collect
from django.contrib.gis.db.models.functions import Centroid, GeometryDistance, PointOnSurface
from django.contrib.gis.geos import MultiPolygon, Point
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from referrals.models import Area, Network, Postcode
from referrals.models.geography import format_postcode, outcode_of, parse_part_of_postcode, parse_postcode
from referrals.places.reading import read_postcode, similar_postcodes
from referrals.words import join_in_words

# Postcode areas that a list of Great Britain's leaves out.
_REGIONS = {
    "BT": gettext_lazy("Northern Ireland"),
    "JE": gettext_lazy("Jersey"),
    "GY": gettext_lazy("Guernsey"),
    "IM": gettext_lazy("the Isle of Man"),
    "GX": gettext_lazy("Gibraltar"),
    "BF": gettext_lazy("the armed forces (BFPO)"),
}
_MOST_SIMILAR = 3


@dataclass(frozen=True, slots=True)
class FoundArea:
    """An area by its name, and a point in its middle."""

    name: str
    point: Point


@dataclass(frozen=True, slots=True)
class FoundPostcode:
    """What is known about a typed postcode.

    name: as usually written: "NW5 2AA", or a part: "NW5 2", "NW5", "WC1". Empty: there is no postcode in the text.
    is_known: whether the list has it, or something in it.
    point: where it is; of a part, a postcode in its middle; if `approximates`, that of the outcode of an unlocated one.
    problem: why it has no point of its own, as a sentence or two for whoever typed it; empty if it has one.
    similar: known postcodes that look like the text, where it is not known itself.
    """

    name: str
    is_known: bool = False
    point: Point | None = None
    problem: str = ""
    similar: tuple[str, ...] = ()

    @property
    def is_part(self) -> bool:
        return bool(self.name) and not parse_postcode(self.name)


def find_postcode(
    text: str, *, network: Network | None = None, corrects: bool = False, approximates: bool = False
) -> FoundPostcode:
    """Read and find a postcode or a part of one.

    Only what lies in the network's area counts for the middle of a part, if any of it does: "no catchment" means that
    area, and the middle of the rest is no nearer to the truth. With `corrects`, a text that cannot be a postcode
    ("NWS 2AA") is taken for the only known one that looks like it; the caller says so, since `name` differs from what
    was typed. With `approximates`, a whole postcode that cannot be located, that of a new street say, lies where its
    outcode does.
    """
    name = read_postcode(text)
    similar = () if name else _known_similar(text)
    if corrects and len(similar) == 1:
        name = similar[0]
    if not name:
        problem = _("“%(text)s” is not a postcode, nor the first half of one.") % {"text": text.strip()}
        return FoundPostcode("", problem=f"{problem} {_question(similar)}".strip(), similar=similar)
    if part := parse_part_of_postcode(name):
        if point := _find_middle(*part, network.area.boundary if network else None):
            return FoundPostcode(name, True, point)
        return FoundPostcode(name, problem=_why_unknown(name, ()))
    row = Postcode.objects.find(name)
    if row and row.point:
        return FoundPostcode(name, True, row.point)
    near = _find_middle(outcode_of(name), "", network.area.boundary if network else None) if approximates else None
    if row is None:
        similar = _known_similar(name)
        return FoundPostcode(name, False, near, _why_unknown(name, similar), similar)
    return FoundPostcode(name, True, near, _("We know %(postcode)s, but not where it lies.") % {"postcode": name})


def find_whole_postcode(text: str) -> FoundPostcode:
    """Read the postcode of an address. Raises ValidationError for anything but one whole postcode.

    One that is not known may still be right: the list has gaps, such as Northern Ireland and last month's streets.
    """
    found = find_postcode(text)
    if found.is_part:
        raise ValidationError(_("This is only a part of a postcode. Write the whole of it, like NW1 2DB."))
    if not found.name:
        raise ValidationError(found.problem)
    return found


def find_area(text: str, *, network: Network) -> FoundArea | None:
    """Find a town, a ward or the network's own area by its whole name; of several, one where the network is."""
    is_public = ~Exists(Network.objects.filter(area=OuterRef("pk")))
    here = Network.objects.filter(pk=network.pk, area__boundary__intersects=OuterRef("boundary"))
    named = Area.objects.filter(Q(pk=network.area_id) | is_public, name__iexact=" ".join(text.split()))
    named = named.annotate(is_here=Exists(here), middle=PointOnSurface("boundary")).order_by("-is_here", "pk")
    found = named.values_list("name", "middle").first()
    return FoundArea(*found) if found else None


def _find_middle(outcode: str, sector: str, area: MultiPolygon | None) -> Point | None:
    """Return the postcode nearest to the middle of a sector, of an outcode, or of all that begin so ("WC1")."""
    within = Postcode.objects.located().filter(code__startswith=f"{outcode}{sector}")
    # The pattern keeps NW11 1AA out of NW1.
    exact = within.filter(code__regex=f"^{outcode}{sector or '[0-9]'}[A-Z]{{2}}$")
    choices = [exact] if sector else [exact, within.filter(code__regex=f"^{outcode}[A-Z][0-9][A-Z]{{2}}$")]
    if area is not None:
        choices = [limited for choice in choices for limited in (choice.filter(point__coveredby=area), choice)]
    return next(filter(None, map(_middle_of, choices)), None)


def _middle_of(postcodes: QuerySet[Postcode]) -> Point | None:
    # The mean itself may lie in a lake, or across the boundary.
    mean = postcodes.aggregate(mean=Centroid(Collect("point")))["mean"]
    if mean is None:
        return None
    return postcodes.order_by(GeometryDistance("point", mean), "code").values_list("point", flat=True).first()


def _known_similar(text: str) -> tuple[str, ...]:
    for codes in filter(None, similar_postcodes(text)):
        known = Postcode.objects.filter(pk__in=codes).order_by("code").values_list("code", flat=True)[:_MOST_SIMILAR]
        if known:
            return tuple(map(format_postcode, known))
    return ()


def _question(similar: Iterable[str]) -> str:
    names = join_in_words(list(similar), "or")
    return _("Did you mean %(postcodes)s?") % {"postcodes": names} if names else ""


def _why_unknown(name: str, similar: tuple[str, ...]) -> str:
    letters = outcode_of(name)[:2]
    if letters in _REGIONS and not Postcode.objects.filter(code__startswith=letters).exists():
        return _("Postcodes of %(region)s are not loaded here.") % {"region": _REGIONS[letters]}
    unknown, newer = (
        _("We do not know %(postcode)s.") % {"postcode": name},
        _("It may be newer than our list of postcodes."),
    )
    return f"{unknown} {_question(similar) or newer}"
