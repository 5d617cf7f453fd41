"""Invented boundaries, written as GeoJSON, GeoPackage and Shapefile without a library."""

import json
import sqlite3
import struct
from pathlib import Path

# About 7 by 11 km round Camden, in degrees and on the British grid.
CAMDEN_DEGREES = [[-0.2, 51.5], [-0.1, 51.5], [-0.1, 51.6], [-0.2, 51.6], [-0.2, 51.5]]
CAMDEN_METRES = [[525000, 180000], [532000, 180000], [532000, 191000], [525000, 191000], [525000, 180000]]
BOW_TIE = [[-0.2, 51.5], [-0.1, 51.6], [-0.1, 51.5], [-0.2, 51.6], [-0.2, 51.5]]

BRITISH_GRID_WKT = (
    'PROJCS["British_National_Grid",GEOGCS["GCS_OSGB_1936",DATUM["D_OSGB_1936",SPHEROID["Airy_1830",6377563.396,'
    '299.3249646]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["False_Easting",400000.0],PARAMETER["False_Northing",-100000.0],PARAMETER["Central_Meridian",-2.0],'
    'PARAMETER["Scale_Factor",0.9996012717],PARAMETER["Latitude_Of_Origin",49.0],UNIT["Meter",1.0]]'
)
_WGS84_WKT = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)


def feature(code: str | int | None, name: str | None, shape: dict | None) -> dict:
    return {"type": "Feature", "properties": {"CODE": code, "NAME": name}, "geometry": shape}


def polygon(ring: list) -> dict:
    return {"type": "Polygon", "coordinates": [ring]}


def write_geojson(path: Path, *features: dict, epsg: int | None = None) -> Path:
    collection: dict = {"type": "FeatureCollection", "features": features}
    if epsg:
        collection["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
    path.write_text(json.dumps(collection))
    return path


def write_geopackage(path: Path, *, layers: tuple[str, ...], ring: list) -> Path:
    """Write one WGS 84 polygon a layer, with code E1 and name Camden (OGC GeoPackage 1.2)."""
    blob = b"GP\x00\x01" + struct.pack("<i", 4326) + _polygon_wkb(ring)
    with sqlite3.connect(path) as database:
        database.executescript(
            "PRAGMA application_id = 1196444487; PRAGMA user_version = 10200;"
            "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT, srs_id INTEGER PRIMARY KEY, organization TEXT,"
            " organization_coordsys_id INTEGER, definition TEXT, description TEXT);"
            "CREATE TABLE gpkg_contents (table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT,"
            " description TEXT, last_change DATETIME,"
            " min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);"
            "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT,"
            " srs_id INTEGER, z TINYINT, m TINYINT);"
        )
        database.execute("INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, ?, '')", [_WGS84_WKT])
        for layer in layers:
            database.execute(f"CREATE TABLE {layer} (fid INTEGER PRIMARY KEY, geom POLYGON, CODE TEXT, NAME TEXT)")
            database.execute(f"INSERT INTO {layer} VALUES (1, ?, 'E1', 'Camden')", [blob])
            database.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id)"
                " VALUES (?, 'features', ?, '2026-01-01T00:00:00.000Z', 4326)",
                [layer, layer],
            )
            database.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'POLYGON', 4326, 0, 0)", [layer])
    database.close()
    return path


def _polygon_wkb(ring: list) -> bytes:
    points = b"".join(struct.pack("<2d", *point) for point in ring)
    return struct.pack("<BII", 1, 3, 1) + struct.pack("<I", len(ring)) + points


def write_shapefile(folder: Path, ring: list, *, wkt: str | None) -> Path:
    """Write one polygon with code E1 and name Camden (ESRI Shapefile Technical Description, 1998; dBASE III)."""
    clockwise = ring[::-1]
    xs, ys = zip(*clockwise, strict=True)
    box = struct.pack("<4d", min(xs), min(ys), max(xs), max(ys))
    points = b"".join(struct.pack("<2d", *point) for point in clockwise)
    record = struct.pack("<i", 5) + box + struct.pack("<3i", 1, len(clockwise), 0) + points
    words = len(record) // 2

    def head(length: int) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, length) + struct.pack("<2i", 1000, 5) + box + bytes(32)

    (folder / "area.shp").write_bytes(head(54 + words) + struct.pack(">2i", 1, words) + record)
    (folder / "area.shx").write_bytes(head(54) + struct.pack(">2i", 50, words))
    fields = b"".join(struct.pack("<11sc4xBB14x", name, b"C", 10, 0) for name in (b"CODE", b"NAME"))
    start = struct.pack("<4BIHH20x", 3, 126, 1, 1, 1, 32 + len(fields) + 1, 21)
    (folder / "area.dbf").write_bytes(start + fields + b"\r" + b" E1        Camden    \x1a")
    if wkt:
        (folder / "area.prj").write_text(wkt)
    return folder / "area.shp"
