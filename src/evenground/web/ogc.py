"""Features of runs by the addresses of OGC API - Features: read only, GeoJSON, in two CRSs.

Parts 1 (Core, GeoJSON, OpenAPI 3.0) and 2 (CRS). What is asked wrongly is answered by 400 with
what is wrong; nothing is written. ``nieuwste`` is the newest run, for who subscribes to it.

References
----------
OGC 17-069r4, Features Part 1: Core 1.0.1. OGC 18-058r1, Features Part 2: CRS 1.0.1.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import Response

from evenground.pages.book import Book
from evenground.web.features import CRS84, Box, Catalogue, Collection, Feature, build_catalogue
from evenground.web.openapi import describe
from evenground.web.shelf import Shelf

Plain = dict[str, Any]

NEWEST = "nieuwste"
"""Stands for the newest run in an address."""
CONFORMS = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)
JSON, GEOJSON = "application/json", "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
PROBLEM = "application/problem+json"
LIMIT, MOST = 1000, 10_000
"""Features of a page where nothing is asked, and the most of one."""
LARGEST_OFFSET = 10**9
KEPT = 4
"""Runs of which the features stay in memory."""


class _WrongError(Exception):
    """What is asked cannot be answered: a status and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass
class _Desk:
    """Catalogues of runs, made when they are first asked for."""

    shelf: Shelf
    _kept: dict[str, tuple[Book, Catalogue]] = field(default_factory=dict)

    def catalogue(self, run: str) -> tuple[Catalogue, str]:
        """Return the catalogue of a run and its title."""
        name = self._newest() if run == NEWEST else run
        book = self.shelf.book(name)
        if book is None:
            raise _WrongError(404, "There is no such run.")
        held = self._kept.get(name)
        if held is None or held[0] is not book:
            held = (book, build_catalogue(book))
            self._kept[name] = held
            while len(self._kept) > KEPT:
                self._kept.pop(next(iter(self._kept)))
        return held[1], str(book["case"]["title"])

    def _newest(self) -> str:
        """Return the newest run."""
        runs, _ = self.shelf.summaries()
        if not runs:
            raise _WrongError(404, "There is no run yet.")
        return str(runs[0]["id"])


@dataclass(frozen=True)
class _Asked:
    """What stands behind the question mark, judged."""

    limit: int
    offset: int
    box: Box | None
    crs: str
    wanted: Plain


def add_features(app: FastAPI, shelf: Shelf) -> None:
    """Add the addresses of the features."""
    desk = _Desk(shelf)

    @app.get("/ogc/{run}")
    def landing(request: Request, run: str) -> Response:
        return _answered(lambda: _landing(desk, request, run))

    @app.get("/ogc/{run}/api")
    def api(request: Request, run: str) -> Response:
        return _answered(lambda: _api(desk, request, run))

    @app.get("/ogc/{run}/conformance")
    def conformance(request: Request, run: str) -> Response:
        return _answered(lambda: _conformance(desk, request, run))

    @app.get("/ogc/{run}/collections")
    def collections(request: Request, run: str) -> Response:
        return _answered(lambda: _collections(desk, request, run))

    @app.get("/ogc/{run}/collections/{name}")
    def collection(request: Request, run: str, name: str) -> Response:
        return _answered(lambda: _collection(desk, request, run, name))

    @app.get("/ogc/{run}/collections/{name}/items")
    def items(request: Request, run: str, name: str) -> Response:
        return _answered(lambda: _items(desk, request, run, name))

    @app.get("/ogc/{run}/collections/{name}/items/{feature:path}")
    def item(request: Request, run: str, name: str, feature: str) -> Response:
        return _answered(lambda: _item(desk, request, run, (name, feature)))


def _answered(make: Any) -> Response:  # noqa: ANN401 - a function without arguments
    """Return what a function makes, or what is wrong with the question."""
    try:
        return make()  # type: ignore[no-any-return]
    except _WrongError as error:
        told = {"title": error.why, "status": error.status}
        return _json(told, PROBLEM, error.status)


def _json(told: Plain, media: str = JSON, status: int = 200, crs: str = "") -> Response:
    """Return plain values."""
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    head = {"Content-Crs": f"<{crs}>"} if crs else {}
    return Response(text.encode("utf-8", "replace"), status, head, media)


def _link(address: str, rel: str, media: str = JSON, title: str = "") -> Plain:
    """Return a link."""
    return {"href": address, "rel": rel, "type": media} | ({"title": title} if title else {})


def _home(request: Request, run: str) -> str:
    """Return the address of the landing page of a run."""
    return f"{request.url.scheme}://{request.url.netloc}/ogc/{quote(run, safe='')}"


def _landing(desk: _Desk, request: Request, run: str) -> Response:
    """Return where everything is."""
    _checked(request, ("f",))
    catalogue, title = desk.catalogue(run)
    home = _home(request, run)
    return _json(
        {
            "title": f"evenground: {title}",
            "description": "Voorstellen en buurten van een run; alleen om te lezen.",
            "extent": {"spatial": {"bbox": [list(catalogue.box)], "crs": CRS84}},
            "links": [
                _link(home, "self"),
                _link(f"{home}/api", "service-desc", OPENAPI),
                _link(f"{home}/conformance", "conformance"),
                _link(f"{home}/collections", "data"),
            ],
        }
    )


def _api(desk: _Desk, request: Request, run: str) -> Response:
    """Return what may be asked, as OpenAPI."""
    catalogue, title = desk.catalogue(run)
    filters = {name: one.filters for name, one in catalogue.collections.items()}
    crs = (CRS84, catalogue.crs)
    return _json(describe(_home(request, run), title, filters, crs, (LIMIT, MOST)), OPENAPI)


def _conformance(desk: _Desk, request: Request, run: str) -> Response:
    """Return which classes are kept to."""
    _checked(request, ("f",))
    desk.catalogue(run)
    return _json({"conformsTo": list(CONFORMS)})


def _collections(desk: _Desk, request: Request, run: str) -> Response:
    """Return all collections."""
    _checked(request, ("f",))
    catalogue, _ = desk.catalogue(run)
    home = _home(request, run)
    told = [_described(one, catalogue, home) for one in catalogue.collections.values()]
    crs = [CRS84, catalogue.crs]
    links = [_link(f"{home}/collections", "self")]
    return _json({"links": links, "collections": told, "crs": crs})


def _collection(desk: _Desk, request: Request, run: str, name: str) -> Response:
    """Return one collection."""
    _checked(request, ("f",))
    catalogue, found = _found(desk, run, name)
    return _json(_described(found, catalogue, _home(request, run)))


def _found(desk: _Desk, run: str, name: str) -> tuple[Catalogue, Collection]:
    """Return a collection by its name."""
    catalogue, _ = desk.catalogue(run)
    if name not in catalogue.collections:
        raise _WrongError(404, "There is no such collection.")
    return catalogue, catalogue.collections[name]


def _described(found: Collection, catalogue: Catalogue, home: str) -> Plain:
    """Return what is told of a collection."""
    own = f"{home}/collections/{found.id}"
    return {
        "id": found.id,
        "title": found.title,
        "description": found.description,
        "itemType": "feature",
        "extent": {"spatial": {"bbox": [list(catalogue.box)], "crs": CRS84}},
        "crs": [CRS84, catalogue.crs],
        "storageCrs": catalogue.crs,
        "links": [_link(own, "self"), _link(f"{own}/items", "items", GEOJSON, found.title)],
    }


def _items(desk: _Desk, request: Request, run: str, name: str) -> Response:
    """Return a page of features, with the way to the next and the one before."""
    catalogue, found = _found(desk, run, name)
    asked = _asked(request, catalogue, found)
    chosen = found.chosen(asked.box, asked.wanted)
    page = chosen[asked.offset : asked.offset + asked.limit]
    home = _home(request, run)
    own = f"{home}/collections/{found.id}"

    def at(offset: int) -> str:
        query = dict(request.query_params) | {"offset": str(offset), "limit": str(asked.limit)}
        return f"{own}/items?{urlencode(query)}"

    links = [_link(at(asked.offset), "self", GEOJSON), _link(own, "collection")]
    if asked.offset + asked.limit < len(chosen):
        links.append(_link(at(asked.offset + asked.limit), "next", GEOJSON))
    if asked.offset > 0:
        links.append(_link(at(max(asked.offset - asked.limit, 0)), "prev", GEOJSON))
    project = catalogue.project(asked.crs)
    told = {
        "type": "FeatureCollection",
        "numberMatched": len(chosen),
        "numberReturned": len(page),
        "links": links,
        "features": [feature.geojson(project) for feature in page],
    }
    return _json(told, GEOJSON, crs=asked.crs)


def _item(desk: _Desk, request: Request, run: str, which: tuple[str, str]) -> Response:
    """Return one feature."""
    catalogue, found = _found(desk, run, which[0])
    query = _checked(request, ("f", "crs"))
    crs = _crs(query, "crs", catalogue)
    feature: Feature | None = found.at.get(which[1])
    if feature is None:
        raise _WrongError(404, "There is no such feature.")
    own = f"{_home(request, run)}/collections/{found.id}"
    links = [
        _link(f"{own}/items/{quote(feature.id, safe='')}", "self", GEOJSON),
        _link(own, "collection"),
    ]
    told = feature.geojson(catalogue.project(crs)) | {"links": links}
    return _json(told, GEOJSON, crs=crs)


def _asked(request: Request, catalogue: Catalogue, found: Collection) -> _Asked:
    """Return what is asked of a collection."""
    known = ("f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime", *found.filters)
    query = _checked(request, known)
    box = _box(query, catalogue)
    return _Asked(
        limit=min(_count(query, "limit", LIMIT, 1), MOST),
        offset=_count(query, "offset", 0, 0),
        box=box,
        crs=_crs(query, "crs", catalogue),
        wanted={key: query[key] for key in found.filters if key in query},
    )


def _checked(request: Request, known: tuple[str, ...]) -> Mapping[str, str]:
    """Return what stands behind the question mark; nothing unknown, and nothing twice."""
    pairs = request.query_params.multi_items()
    query = dict(pairs)
    if len(query) < len(pairs):
        raise _WrongError(400, "A parameter is given twice.")
    if unknown := [key for key in query if key not in known]:
        raise _WrongError(400, f"Unknown parameter {unknown[0][:40]!r}.")
    if query.get("f", "json") != "json":
        raise _WrongError(400, "f can only be json.")
    return query


def _count(query: Mapping[str, str], key: str, otherwise: int, least: int) -> int:
    """Return a whole number."""
    text = query.get(key, str(otherwise))
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_OFFSET))
    if not is_number or not least <= int(text) <= LARGEST_OFFSET:
        raise _WrongError(400, f"{key} must be a whole number of {least} or more.")
    return int(text)


def _crs(query: Mapping[str, str], key: str, catalogue: Catalogue) -> str:
    """Return one of the two CRSs."""
    crs = query.get(key, CRS84)
    if crs not in (CRS84, catalogue.crs):
        raise _WrongError(400, f"{key} must be {CRS84} or {catalogue.crs}.")
    return crs


def _box(query: Mapping[str, str], catalogue: Catalogue) -> Box | None:
    """Return the box that is asked, in metres."""
    crs = _crs(query, "bbox-crs", catalogue)
    if "bbox" not in query:
        return None
    try:
        numbers = [float(part) for part in query["bbox"].split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:  # height says nothing here
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(math.isfinite(v) and abs(v) < 1e9 for v in numbers):
        raise _WrongError(400, "bbox must be four or six numbers.")
    west, south, east, north = numbers
    if south > north or west > east:
        raise _WrongError(400, "bbox must go from the south-west to the north-east.")
    if crs == CRS84 and (abs(south) > 90.0 or abs(north) > 90.0):
        raise _WrongError(400, "bbox must be in longitude and latitude.")
    box = catalogue.box_in_metres((west, south, east, north), crs)
    return box if all(map(math.isfinite, box)) else (-math.inf, -math.inf, math.inf, math.inf)
