"""Imports boundaries from GeoJSON, GeoPackage or Shapefile."""

import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.gis.gdal import CoordTransform, DataSource, GDALException, SpatialReference
from django.contrib.gis.gdal.feature import Feature
from django.contrib.gis.gdal.layer import Layer
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon
from django.db import connection, transaction

from referrals.catchments.drawing import polygons_of
from referrals.catchments.reading import UNITED_KINGDOM
from referrals.importers.errors import ImportRefusedError
from referrals.importers.progress import Progress, SilentProgress
from referrals.models.geography import Area
from referrals.user_input.text import on_one_line

_DRIVERS = {"GeoJSON", "GPKG", "ESRI Shapefile"}
_SUFFIXES = (".geojson", ".json", ".gpkg", ".shp")
_EXAMPLES = 5
MOST_PEOPLE = 100_000_000


@dataclass
class AreaReport:
    """Codes of the areas created and updated; `mended` maps the code of a repaired shape to its fault."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    mended: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AreaFields:
    """The fields of the file with an area's code, name and, if wanted, people. `layer`: when the file has several."""

    code: str
    name: str
    population: str | None = None
    layer: str | None = None


def import_areas(
    path: str | Path,
    fields: AreaFields,
    *,
    source: str = "",
    is_simplified: bool = False,
    progress: Progress | None = None,
) -> AreaReport:
    """Create or update an Area for each feature of the file at `path`, by its code; an area's key never changes.

    Shapes are converted from the file's own reference system to WGS 84 multipolygons; one that crosses itself is
    repaired and reported. An empty `source` keeps the source of a known area. With people, other areas over the same
    ground lose theirs, so that nobody is counted twice. All or nothing: raises ImportRefusedError, having changed
    nothing, for an unusable file, layer, field, code, number or shape.
    """
    progress = progress or SilentProgress()
    layer = _open_layer(Path(path), fields.layer)
    if len(layer) == 0:
        raise ImportRefusedError(f"{path} has no features.")
    _require_fields(layer, path, filter(None, (fields.code, fields.name, fields.population)))
    report = AreaReport()
    with progress.phase("Reading shapes", total=len(layer), unit="shape") as advance:
        areas: list[Area] = []
        for area, fault_mended in _read_areas(layer, fields):
            areas.append(area)
            if fault_mended:
                report.mended[area.code] = fault_mended
            advance(1)
    _require_unique_codes(areas)
    for area in areas:
        area.source = source
        area.is_simplified = is_simplified
    _save(areas, report, keep_source=not source, has_people=fields.population is not None)
    return report


def _open_layer(path: Path, wanted: str | None) -> Layer:
    if not path.exists():
        raise ImportRefusedError(f"There is no file {path}.")
    try:
        source = DataSource(_gdal_name(path))
    except GDALException as error:
        raise ImportRefusedError(f"{path} is not a GeoJSON, GeoPackage or Shapefile that can be read.") from error
    if source.driver.name not in _DRIVERS:
        raise ImportRefusedError(f"{path} is {source.driver.name}. Use GeoJSON, GeoPackage or Shapefile.")
    layers = {layer.name: layer for layer in source}
    if wanted is None and len(layers) == 1:
        return next(iter(layers.values()))
    if wanted not in layers:
        problem = f"has no layer {wanted}" if wanted else "has several layers: choose one with --layer"
        raise ImportRefusedError(f"{path} {problem}. Its layers: {', '.join(layers) or 'none'}.")
    return layers[wanted]


def _gdal_name(path: Path) -> str:
    if not zipfile.is_zipfile(path):
        return str(path)
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(_SUFFIXES) and "__MACOSX" not in name]
    if len(names) != 1:
        raise ImportRefusedError(
            f"{path} should contain one file of shapes; it contains: {', '.join(names) or 'none'}."
        )
    return f"/vsizip/{path.resolve()}/{names[0]}"


def _require_fields(layer: Layer, path: str | Path, wanted: Iterable[str]) -> None:
    missing = [name for name in wanted if name not in layer.fields]
    if missing:
        raise ImportRefusedError(
            f"{path} has no field {' and no '.join(missing)}. Its fields: {', '.join(layer.fields) or 'none'}."
        )


def _read_areas(layer: Layer, fields: AreaFields) -> Iterator[tuple[Area, str]]:
    if layer.srs is None:
        raise ImportRefusedError("The file does not say which reference system its coordinates are in.")
    to_degrees = CoordTransform(layer.srs, SpatialReference(4326))
    for number, feature in enumerate(layer, start=1):
        code = _text_of(feature, fields.code)
        where = f"Feature {number} ({fields.code} {code or 'empty'})"
        area = Area(code=code, name=_text_of(feature, fields.name))
        for name, text, limit in ((fields.code, area.code, 40), (fields.name, area.name, 200)):
            if not 0 < len(text) <= limit:
                raise ImportRefusedError(f"{where}: {name} should have 1 to {limit} characters but has {len(text)}.")
        if fields.population:
            area.population = _number_of(feature, fields.population, where)
        area.boundary, mended = _boundary_of(feature, to_degrees, where)
        yield area, mended


def _text_of(feature: Feature, name: str) -> str:
    try:
        value = feature.get(name)
    except UnicodeDecodeError as error:
        raise ImportRefusedError(f"The field {name} is not in UTF-8.") from error
    return "" if value is None else on_one_line(str(value)).strip()


def _number_of(feature: Feature, name: str, where: str) -> int:
    text = _text_of(feature, name).removesuffix(".0").replace(",", "")
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MOST_PEOPLE):
        raise ImportRefusedError(
            f"{where}: {name} should be a whole number of people up to {MOST_PEOPLE:,} but is {text or 'empty'}."
        )
    return int(text)


def _boundary_of(feature: Feature, to_degrees: CoordTransform, where: str) -> tuple[MultiPolygon, str]:
    try:
        shape = feature.geom
        shape.set_3d(False)
        shape.set_measured(False)
        kind = shape.geom_type.name
        shape.transform(to_degrees)
        geometry = GEOSGeometry(memoryview(shape.wkb), srid=4326)
    except (GDALException, GEOSException, ValueError) as error:
        raise ImportRefusedError(f"{where} has no usable shape: {error}.") from error
    if kind not in {"Polygon", "MultiPolygon"}:
        raise ImportRefusedError(f"{where} is a {kind}, not a polygon.")
    _require_united_kingdom(geometry, where)
    mended = "" if geometry.valid else geometry.valid_reason
    polygons = list(polygons_of(geometry.make_valid() if mended else geometry))
    if not polygons:
        raise ImportRefusedError(f"{where} encloses nothing, even after mending: {mended or 'it is empty'}.")
    return MultiPolygon(polygons, srid=4326), mended


def _require_united_kingdom(geometry: GEOSGeometry, where: str) -> None:
    # Catches the commonest faults: coordinates in metres, or latitude first.
    if geometry.empty:
        raise ImportRefusedError(f"{where} has an empty shape.")
    west, south, east, north = geometry.extent
    inside = (
        west >= UNITED_KINGDOM[0]
        and south >= UNITED_KINGDOM[1]
        and east <= UNITED_KINGDOM[2]
        and north <= UNITED_KINGDOM[3]
    )
    if not inside:
        raise ImportRefusedError(
            f"{where} lies outside the United Kingdom, between {west:g} {south:g} and {east:g} {north:g}: "
            "are its axes swapped, or is its reference system not the one the file says?"
        )


def _require_unique_codes(areas: list[Area]) -> None:
    repeated = [code for code, count in Counter(area.code for area in areas).items() if count > 1]
    if repeated:
        more = f" and {len(repeated) - _EXAMPLES} more" if len(repeated) > _EXAMPLES else ""
        raise ImportRefusedError(f"Codes that occur more than once: {', '.join(repeated[:_EXAMPLES])}{more}.")


# Of the areas that had people before: wards, say, under the small areas that have them now, or the other way round.
_FORGET_OTHER_PEOPLE = """
UPDATE referrals_area other SET population = NULL
WHERE other.population IS NOT NULL AND other.code <> ALL (%(codes)s) AND EXISTS (
    SELECT FROM referrals_area area WHERE area.code = ANY (%(codes)s) AND area.boundary && other.boundary
      AND (ST_Covers(area.boundary, ST_PointOnSurface(other.boundary))
           OR ST_Covers(other.boundary, ST_PointOnSurface(area.boundary))))
"""


def _save(areas: list[Area], report: AreaReport, *, keep_source: bool, has_people: bool) -> None:
    changing = ["name", "boundary", "is_simplified"] + ([] if keep_source else ["source"])
    changing += ["population"] if has_people else []
    with transaction.atomic():
        known = set(Area.objects.filter(code__in=[area.code for area in areas]).values_list("code", flat=True))
        Area.objects.bulk_create(areas, update_conflicts=True, unique_fields=["code"], update_fields=changing)
        if has_people:
            with connection.cursor() as cursor:
                cursor.execute(_FORGET_OTHER_PEOPLE, {"codes": [area.code for area in areas]})
    for area in areas:
        (report.updated if area.code in known else report.created).append(area.code)
