"""Invented postcode files in every layout that the importer knows. Places are real, the rows are not."""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable
from itertools import islice, product
from pathlib import Path

ONSPD_HEADERS = {
    "2018-05": (
        "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,osgrdind,oshlthau,nhser,"
        "ctry,rgn,streg,pcon,eer,teclec,ttwa,pct,nuts,statsward,oa01,casward,park,lsoa01,msoa01,ur01ind,oac01,oa11,"
        "lsoa11,msoa11,wz11,ccg,bua11,buasd11,ru11ind,oac11,lat,long,lep1,lep2,pfa,imd,calncv,stp"
    ),
    "2024-08": (
        "pcd,pcd2,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,osgrdind,oshlthau,nhser,"
        "ctry,rgn,streg,pcon,eer,teclec,ttwa,pct,itl,statsward,oa01,casward,npark,lsoa01,msoa01,ur01ind,oac01,oa11,"
        "lsoa11,msoa11,wz11,sicbl,bua24,ru11ind,oac11,lat,long,lep1,lep2,pfa,imd,calncv,icb,oa21,lsoa21,msoa21"
    ),
    "2025-09": (
        "pcd7,pcd8,pcds,dointr,doterm,oscty,ced,oslaua,osward,parish,usertype,oseast1m,osnrth1m,osgrdind,oshlthau,"
        "nhser,ctry,rgn,streg,pcon,eer,teclec,ttwa,pct,itl,statsward,oa01,casward,npark,lsoa01,msoa01,ur01ind,oac01,"
        "oa11,lsoa11,msoa11,wz11,sicbl,bua11,ru11ind,oac11,lat,long,lep1,lep2,pfa,imd,calncv,icb,oa21,lsoa21,msoa21"
    ),
    "2025-11": (
        "pcd7,pcd8,pcds,dointr,doterm,cty25cd,ced25cd,lad25cd,wd25cd,parncp25cd,usrtypind,east1m,north1m,gridind,"
        "hlth19cd,nhser24cd,ctry25cd,rgn25cd,ssr95cd,pcon24cd,eer20cd,educ23cd,ttwa15cd,pco19cd,itl25cd,wdstl05cd,"
        "oa01cd,wdcas03cd,npark16cd,lsoa01cd,msoa01cd,ruc01ind,oac01ind,oa11cd,lsoa11cd,msoa11cd,wz11cd,sicbl24cd,"
        "bua24cd,ruc11ind,oac11ind,lat,long,lep21cd1,lep21cd2,pfa23cd,imd20ind,cal24cd,icb23cd,oa21cd,lsoa21cd,"
        "msoa21cd,ruc21ind"
    ),
}
# The vintage without a header: which of its fifty columns hold what (from 0).
_HEADERLESS = {"doterm": 4, "district": 6, "ward": 7, "easting": 9, "northing": 10, "country": 14}
_NAMES = {
    "doterm": ("doterm",),
    "district": ("oslaua", "lad25cd"),
    "ward": ("osward", "wd25cd"),
    "easting": ("oseast1m", "east1m"),
    "northing": ("osnrth1m", "north1m"),
    "country": ("ctry", "ctry25cd"),
    "lat": ("lat",),
    "long": ("long",),
}

CAMDEN = {
    "easting": "530000", "northing": "0182800", "lat": "51.529", "long": "-0.127",
    "district": "E09000007", "ward": "E05000143", "country": "E92000001",
}  # fmt: skip
BELFAST = {
    "easting": "333800", "northing": "0374000", "lat": "54.596600", "long": "-5.930100",
    "district": "N09000003", "ward": "N08000313", "country": "N92000002",
}  # fmt: skip
NOWHERE = {
    "easting": "", "northing": "", "lat": "99.999999", "long": "0.000000",
    "district": "M99999999", "ward": "M99999999", "country": "M83000003",
}  # fmt: skip


def code_point_row(
    code: str, quality: int | str = 10, easting: int | str = 530000, northing: int | str = 182800, **areas: str
) -> list:
    """Return the ten columns of Code-Point Open; areas are `country`, `district`, `ward`."""
    country, district, ward = (areas.get(name, "") for name in ("country", "district", "ward"))
    return [code, quality, easting, northing, country, "", "", "", district, ward]


def code_point_csv(rows: Iterable[list]) -> bytes:
    return _csv(rows, quoting=csv.QUOTE_NONNUMERIC)


def many_code_point_rows(count: int) -> list[list]:
    """Return `count` good rows (up to 4,000): among a hundred or more, one bad row is tolerated."""
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    endings = islice(product("0123456789", letters, letters), count)
    return [code_point_row(f"NW3 {''.join(ending)}") for ending in endings]


def onspd_csv(vintage: str, rows: dict[str, dict[str, str]]) -> bytes:
    """Return an ONSPD file of `vintage` (a key of ONSPD_HEADERS, or "2014-10"): `rows` are places by postcode."""
    if vintage == "2014-10":
        return _csv([_headerless_row(code, place) for code, place in rows.items()])
    header = ONSPD_HEADERS[vintage].split(",")
    return _csv([header, *(_onspd_row(header, code, place) for code, place in rows.items())])


def _onspd_row(header: list[str], code: str, place: dict[str, str]) -> list[str]:
    cells = dict.fromkeys(header, "")
    cells |= dict(zip(header[:3], _spacings(code), strict=True))
    for key, value in place.items():
        cells[next(name for name in _NAMES[key] if name in cells)] = value
    return list(cells.values())


def _headerless_row(code: str, place: dict[str, str]) -> list[str]:
    cells = [*_spacings(code), *[""] * 47]
    for key, position in _HEADERLESS.items():
        cells[position] = place.get(key, "")
    return cells


def _spacings(code: str) -> tuple[str, str, str]:
    outward, inward = code.split()
    return f"{outward:<4}{inward}", f"{outward:<5}{inward}", code


def _csv(rows: Iterable[list], quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n", quoting=quoting).writerows(rows)
    return text.getvalue().encode()


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
