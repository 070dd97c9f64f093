"""Neighbourhoods and works of a run as features with stable ids, for other maps.

Takes a book; gives plain values in the CRS of the run or in longitude and latitude. The only
place, besides GIS files, where coordinates are projected. Knows nothing of addresses.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pyproj import CRS, Transformer

from evenground.pages.book import Book

Plain = dict[str, Any]
Box = tuple[float, float, float, float]
Ring = list[list[float]]
Project = Callable[[list[float], list[float]], tuple[list[float], list[float]]]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
DEGREE_DIGITS = 7
"""Decimals of a degree: about a centimetre."""
AFTER = ("burden", "stacking")
"""Themes that are told after each proposal as well."""


@dataclass(frozen=True)
class Feature:
    """One feature."""

    id: str
    properties: Plain
    shape: list[list[list[int]]]
    """Polygons of rings of x and y in turn, in metres; the first ring is the outer one."""

    @cached_property
    def box(self) -> Box:
        """West, south, east and north, in metres; of a shape with nothing in it, nowhere."""
        x = [v for polygon in self.shape for ring in polygon for v in ring[::2]]
        y = [v for polygon in self.shape for ring in polygon for v in ring[1::2]]
        if not x:
            return (float("inf"), float("inf"), float("-inf"), float("-inf"))
        return float(min(x)), float(min(y)), float(max(x)), float(max(y))

    def meets(self, box: Box) -> bool:
        """Say whether its box and another touch, in metres."""
        west, south, east, north = self.box
        return west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1]

    def geojson(self, project: Project | None) -> Plain:
        """Return it as GeoJSON; outer rings go counter-clockwise."""
        polygons = [
            [_ring(ring, project, is_outer=k == 0) for k, ring in enumerate(polygon)]
            for polygon in self.shape
        ]
        shape = {"type": "MultiPolygon", "coordinates": polygons}
        return {
            "type": "Feature",
            "id": self.id,
            "properties": self.properties,
            "geometry": shape if polygons else None,
        }


def _ring(flat: list[int], project: Project | None, *, is_outer: bool) -> Ring:
    """Return a closed ring of points."""
    x, y = [float(v) for v in flat[::2]], [float(v) for v in flat[1::2]]
    turns = sum(
        a * d - c * b for a, b, c, d in zip(x, y, x[1:] + x[:1], y[1:] + y[:1], strict=True)
    )
    if (turns > 0.0) != is_outer:
        x, y = x[::-1], y[::-1]
    if project is not None:
        x, y = project(x, y)
        x, y = ([round(v, DEGREE_DIGITS) for v in axis] for axis in (x, y))
    points = [list(pair) for pair in zip(x, y, strict=True)]
    return points if points[0] == points[-1] else [*points, points[0]]


@dataclass(frozen=True)
class Collection:
    """Features of one kind, in a fixed order."""

    id: str
    title: str
    description: str
    features: tuple[Feature, ...]
    filters: tuple[str, ...]
    """Properties by which may be asked."""

    @cached_property
    def at(self) -> dict[str, Feature]:
        """Features by their id."""
        return {feature.id: feature for feature in self.features}

    def chosen(self, box: Box | None, wanted: Plain) -> list[Feature]:
        """Return the features that meet a box, in metres, and have some properties."""
        return [
            feature
            for feature in self.features
            if (box is None or feature.meets(box))
            and all(str(feature.properties[key]) == value for key, value in wanted.items())
        ]


@dataclass(frozen=True)
class Catalogue:
    """All collections of one run."""

    collections: dict[str, Collection]
    crs: str
    """Address of the CRS of the run."""
    box: Box
    """Of the whole study area, in longitude and latitude."""
    to_degrees: Project
    to_metres: Project

    def project(self, crs: str) -> Project | None:
        """Return how coordinates are told in a CRS; None = as they are."""
        return self.to_degrees if crs == CRS84 else None

    def box_in_metres(self, box: Box, crs: str) -> Box:
        """Return the box around a box, in metres."""
        if crs != CRS84:
            return box
        west, south, east, north = box
        middle = [west, 0.5 * (west + east), east]
        x, y = self.to_metres(
            [*middle, *middle, west, east], [south] * 3 + [north] * 3 + [0.5 * (south + north)] * 2
        )
        return min(x), min(y), max(x), max(y)


def build_catalogue(book: Book) -> Catalogue:
    """Return the neighbourhoods and all works of the proposals of a run as collections."""
    own = CRS.from_user_input(book["crs"])
    there = Transformer.from_crs(own, "OGC:CRS84", always_xy=True)
    back = Transformer.from_crs("OGC:CRS84", own, always_xy=True)
    left, bottom, right, top = book["bounds"]
    x, y = _run(there, [left, right, right, left], [bottom, bottom, top, top])
    collections = (
        Collection(
            "buurten",
            "Buurten",
            "Buurten met hun cijfers nu, en ziektelast en stapeling na elk voorstel. "
            "Grenzen zijn tot op 8 meter vereenvoudigd; die van het GeoPackage zijn het niet.",
            tuple(_neighbourhoods(book)),
            ("buurtcode",),
        ),
        Collection(
            "voorstellen",
            "Voorstellen",
            "Alle werken van alle voorstellen: wat, hoeveel, waar en voor hoeveel euro. "
            "Een werk heet naar zijn voorstel, plek en maatregel.",
            tuple(_works(book)),
            ("voorstel", "maatregel", "buurtcode"),
        ),
    )
    authority, _, code = str(book["crs"]).partition(":")
    return Catalogue(
        {collection.id: collection for collection in collections},
        f"http://www.opengis.net/def/crs/{authority}/0/{code}",
        (min(x), min(y), max(x), max(y)),
        lambda a, b: _run(there, a, b),
        lambda a, b: _run(back, a, b),
    )


def _run(way: Transformer, x: list[float], y: list[float]) -> tuple[list[float], list[float]]:
    """Return projected coordinates as lists."""
    a, b = way.transform(list(x), list(y))
    return list(a), list(b)


def _neighbourhoods(book: Book) -> Iterable[Feature]:
    """Give every neighbourhood."""
    for k, row in enumerate(book["neighbourhoods"]):
        told: Plain = {
            "buurtcode": row["code"],
            "buurtnaam": row["name"],
            "inwoners": row["residents"],
        }
        told |= {f"{key}_nu": book["now"][key][k] for key in book["now"]}
        for name, proposal in book.proposal.items():
            told |= {f"{key}_na_{name}": proposal["after"][key][k] for key in AFTER}
        yield Feature(row["code"], told, book["outlines"][k])


def _works(book: Book) -> Iterable[Feature]:
    """Give every work of every proposal."""
    side, places, kinds = book["site_m"], book["neighbourhoods"], book["kinds"]
    for name, proposal in book.proposal.items():
        works = proposal["works"]
        for k, site in enumerate(works["site"]):
            kind, place, (x, y) = kinds[works["kind"][k]], works["place"][k], _corner(works, k)
            square = [[[x, y, x + side, y, x + side, y + side, x, y + side, x, y]]]
            told = {
                "voorstel": name,
                "voorstel_naam": proposal["name"],
                "maatregel": kind["key"],
                "maatregel_naam": kind["name"],
                "hoeveelheid": works["amount"][k],
                "eenheid": kind["unit"],
                "aanleg_euro": works["capital"][k],
                "jaarlijks_euro": works["yearly"][k],
                "buurtcode": places[place]["code"] if place >= 0 else None,
                "buurtnaam": places[place]["name"] if place >= 0 else None,
                "gekozen_deel": works["chosen"][k],
            }
            shape = book["sites"]["shapes"].get(str(site), square)
            yield Feature(f"{name}-{site}-{kind['key']}", told, shape)


def _corner(works: Plain, k: int) -> tuple[int, int]:
    """Return the lower left corner of a work."""
    return works["x"][k], works["y"][k]
