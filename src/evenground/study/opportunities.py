"""How much ground of each kind there is to build on, from which source, measured or assumed.

Takes the study area and the files that the case names; makes one table that can be read before
anything is searched. Knows nothing of what an intervention needs.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground.config import FileSettings, InterventionSettings, RunSettings
from evenground.sources.dutch import count, percent
from evenground.study.grid import Grid
from evenground.study.ground import PAVED_PRIVATE_SHARE, PAVED_PUBLIC_SHARE, Ground

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]

MEASURED, ASSUMED = "kaart", "aanname"


@dataclass(frozen=True)
class Opportunity:
    """One kind of ground within the neighbourhoods of a case."""

    ground: str
    """Name in the code: a share of the ground, a kind of ground of ``catalogue_rules.GROUNDS``,
    or what stands."""
    name: str
    """Dutch name."""
    amount: float
    unit: str
    """m², m or a Dutch noun."""
    source: str
    """Who made the map; empty where there is none."""
    basis: str
    """``kaart`` or ``aanname``."""
    how: str
    """What is assumed (Dutch); empty where nothing is."""


@dataclass(frozen=True)
class Places:
    """What opportunities are counted from: the parts of the study area that they need."""

    grid: Grid
    zone: NDArray[np.int32]
    ground: Ground
    street_xy: tuple[Float, Float]
    street_m: Float
    is_main: NDArray[np.bool_]
    building_xy: tuple[Float, Float]
    roof_m2: Float
    facade_m2: Float


def list_opportunities(places: Places, settings: RunSettings) -> tuple[Opportunity, ...]:
    """Return every kind of ground with its amount, source and basis."""
    return (
        *_on_ground(places, settings),
        *_on_streets(places, settings),
        *_on_walls(places, settings),
    )


def tell_opportunities(found: Iterable[Opportunity]) -> list[str]:
    """Return one Dutch line for each kind of ground."""
    lines = []
    for each in found:
        text = f"Ruimte: {each.name}: {count(each.amount)} {each.unit} ({each.basis}"
        text += f"; {each.source}" if each.source else ""
        text += f"; {each.how}" if each.how else ""
        lines.append(f"{text}).")
    return lines


def _on_ground(places: Places, settings: RunSettings) -> list[Opportunity]:
    """Return shares of the ground and what stands on it."""
    ground, inside = places.ground, places.zone >= 0

    def area(share: Float32) -> float:
        cells = np.nan_to_num(share[inside]).astype(float)
        return float(cells.sum() * places.grid.cell_m**2)

    out = []
    for name, dutch, share in (
        ("green", "groen", ground.green),
        ("water", "water", ground.water),
        ("paved_public", "openbare verharding", ground.paved_public),
        ("paved_private", "eigen verharding", ground.paved_private),
    ):
        source, how = _origin(name, ground, settings)
        out.append(
            Opportunity(name, dutch, area(share), "m²", source, ASSUMED if how else MEASURED, how)
        )
    source, how, usable = _usable(ground, settings)
    dutch = "openbare verharding die weg kan"
    out.append(Opportunity("public", dutch, area(usable), "m²", source, ASSUMED, how))
    if ground.canopy is not None and ground.street_trees is not None:
        source = _named([settings.trees])
        stands = float(ground.street_trees[inside].sum())
        near = "alle bomen tot 10 meter van een straat"
        crowns = area(ground.canopy)
        out += [
            Opportunity("canopy", "onder boomkronen", crowns, "m²", source, MEASURED, ""),
            Opportunity(
                "street_trees", "bomen langs straten", stands, "bomen", source, ASSUMED, near
            ),
        ]
    if ground.origin.get("weight") == "dwellings":
        homes = float(ground.homes[inside].sum())
        source = _named([settings.dwellings])
        out.append(Opportunity("homes", "woningen", homes, "woningen", source, MEASURED, ""))
    return out


def _origin(name: str, ground: Ground, settings: RunSettings) -> tuple[str, str]:
    """Return who made the map of a share, and in Dutch what is assumed of it."""
    by = ground.origin.get(name)
    if by == "layers":
        return _named([settings.layers.get(name)]), ""
    if by == "surfaces" and settings.surfaces is not None:
        half = "van een erf is de helft verhard en de helft groen"
        return _named(settings.surfaces.files), half if name in ("green", "paved_private") else ""
    if name in ("green", "water") and "ndvi" in ground.origin:
        return _named([settings.layers.get("ndvi")]), "afgeleid van de satellietkaart"
    if name == "water":
        return "", "er is geen kaart van water: geen water"
    part = {"paved_public": PAVED_PUBLIC_SHARE, "paved_private": PAVED_PRIVATE_SHARE}[name]
    return "", f"{percent(part)} van de grond zonder groen en water"


def _usable(ground: Ground, settings: RunSettings) -> tuple[str, str, Float32]:
    """Return source, assumption and share (y, x) of public paving that could be lifted."""
    if ground.usable_public is not None and settings.surfaces is not None:
        return _named(settings.surfaces.files), "deel per functie", ground.usable_public
    part = settings.interventions.public_paving_use
    share = (part * ground.paved_public).astype(np.float32)
    return _origin("paved_public", ground, settings)[0], f"{percent(part)} daarvan", share


def _on_streets(places: Places, settings: RunSettings) -> list[Opportunity]:
    """Return metres of street, and what is left of them for trees."""
    if settings.streets is None:
        return []
    inside = _inside(places, places.street_xy)
    source = _named([settings.streets])
    how = "" if settings.streets.kind == "lines" else "lengte per gebied, verdeeld naar woningen"
    basis = ASSUMED if how else MEASURED
    return [
        Opportunity(
            name, dutch, float(places.street_m[inside & chosen].sum()), "m", source, basis, how
        )
        for name, dutch, chosen in (
            ("main_street", "hoofdstraten", places.is_main),
            ("local_street", "buurtstraten", ~places.is_main),
        )
    ]


def _on_walls(places: Places, settings: RunSettings) -> list[Opportunity]:
    """Return roofs and facades."""
    if settings.buildings is None:
        return []
    inside, source = _inside(places, places.building_xy), _named([settings.buildings])
    flat = _flat(settings.interventions)
    roof = settings.interventions.flat_roof_share * float(places.roof_m2[inside].sum())
    facade = float(places.facade_m2[inside].sum())
    side = "een kwart van de gevels, 3 meter per bouwlaag"
    return [
        Opportunity("roof", "platte daken", roof, "m²", source, ASSUMED, flat),
        Opportunity("facade", "gevels langs de straat", facade, "m²", source, ASSUMED, side),
    ]


def _flat(settings: InterventionSettings) -> str:
    """Say which part of the roofs is taken as flat."""
    return f"{percent(settings.flat_roof_share)} van de daken is plat"


def _inside(places: Places, xy: tuple[Float, Float]) -> NDArray[np.bool_]:
    """Say which points lie in a cell of a neighbourhood (point,)."""
    grid = places.grid
    row = np.floor((grid.top - xy[1]) / grid.cell_m).astype(np.int64)
    col = np.floor((xy[0] - grid.left) / grid.cell_m).astype(np.int64)
    inside = (row >= 0) & (row < grid.shape[0]) & (col >= 0) & (col < grid.shape[1])
    inside[inside] = places.zone[row[inside], col[inside]] >= 0
    return inside


def _named(files: Iterable[FileSettings | None]) -> str:
    """Return makers and years of files, each once."""
    names = [f"{used.source}, {used.year}" for used in files if used is not None]
    return "; ".join(dict.fromkeys(names))
