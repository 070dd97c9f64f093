"""What may be asked of the features of a run, as OpenAPI 3.0; names no address of others."""

from collections.abc import Mapping
from typing import Any

Plain = dict[str, Any]

JSON, GEOJSON, PROBLEM = "application/json", "application/geo+json", "application/problem+json"


def describe(
    home: str,
    title: str,
    filters: Mapping[str, tuple[str, ...]],
    crs: tuple[str, ...],
    limit: tuple[int, int],
) -> Plain:
    """Return the description of a service.

    Parameters
    ----------
    home
        Address of its landing page.
    filters
        By collection, the properties by which may be asked.
    limit
        Features of a page where nothing is asked, and the most.
    """
    paths = {
        "/": _get("landing", "Where everything is", [], JSON),
        "/api": _get("api", "This description", [], "application/vnd.oai.openapi+json"),
        "/conformance": _get("conformance", "Classes that are kept to", [], JSON),
        "/collections": _get("collections", "All collections", [], JSON),
    }
    for name, properties in filters.items():
        own = f"/collections/{name}"
        paths[own] = _get(f"describe_{name}", "One collection", [], JSON)
        asked = [*_paging(limit), *_boxes(crs), _one_of("crs", crs)]
        asked += [_text(key) for key in properties]
        paths[f"{own}/items"] = _get(f"items_{name}", "A page of features", asked, GEOJSON)
        one = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
        paths[f"{own}/items/{{featureId}}"] = _get(
            f"item_{name}", "One feature", [one, _one_of("crs", crs)], GEOJSON
        )
    return {
        "openapi": "3.0.3",
        "info": {"title": f"evenground: {title}", "version": "1"},
        "servers": [{"url": home}],
        "paths": paths,
    }


def _get(name: str, summary: str, parameters: list[Plain], media: str) -> Plain:
    """Return one address that may be read."""
    fails = {"description": "What is asked is wrong", "content": {PROBLEM: {"schema": {}}}}
    told = {"description": summary, "content": {media: {"schema": {"type": "object"}}}}
    operation = {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {"200": told, "400": fails, "404": fails},
    }
    return {"get": operation}


def _query(name: str, schema: Plain) -> Plain:
    """Return a parameter behind the question mark."""
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _paging(limit: tuple[int, int]) -> list[Plain]:
    """Return the parameters by which one goes from page to page."""
    usual, most = limit
    return [
        _query("limit", {"type": "integer", "minimum": 1, "maximum": most, "default": usual}),
        _query("offset", {"type": "integer", "minimum": 0, "default": 0}),
    ]


def _boxes(crs: tuple[str, ...]) -> list[Plain]:
    """Return the parameters of a box, and of a time, which is accepted and says nothing here."""
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    box = _query("bbox", numbers) | {"style": "form", "explode": False}
    return [box, _one_of("bbox-crs", crs), _text("datetime")]


def _one_of(name: str, values: tuple[str, ...]) -> Plain:
    """Return a parameter with a few values."""
    return _query(name, {"type": "string", "enum": list(values), "default": values[0]})


def _text(name: str) -> Plain:
    """Return a parameter that is a text."""
    return _query(name, {"type": "string"})
