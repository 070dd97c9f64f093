"""All files of a case, read and judged together.

Every fault of every file is collected, so that a case is mended in one round;
one file that fails does not keep the others from being judged.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from evenground.config import SURFACE_RIVALS, FileSettings, InterventionSettings, RunSettings
from evenground.errors import DataError, Fault
from evenground.names import GREEN
from evenground.sources.buildings import read_buildings
from evenground.sources.catalogue import Catalogue, Own, build_catalogue, read_own
from evenground.sources.catalogue_rules import (
    EFFECT_COLUMNS,
    EFFECT_KEY,
    INTERVENTION_COLUMNS,
    INTERVENTION_KEY,
)
from evenground.sources.coverage import judge_coverage, presence_faults
from evenground.sources.dwellings import read_dwellings
from evenground.sources.facilities import read_facilities
from evenground.sources.factors import factor_faults, match_column, read_factor, read_factors
from evenground.sources.files import FileRecord, locate, record
from evenground.sources.neighbourhoods import (
    join_tables,
    judge_years,
    read_outlines,
    read_table,
)
from evenground.sources.rasters import read_raster
from evenground.sources.sites import read_sites
from evenground.sources.streets import read_streets
from evenground.sources.surfaces import (
    join_surfaces,
    read_surfaces,
    tell_surfaces,
    usable_faults,
)
from evenground.sources.themes import REQUIRED, THEMES
from evenground.sources.trees import read_trees
from evenground.sources.works import read_closed, read_works

T = TypeVar("T")


@dataclass(frozen=True)
class Sources:
    """All that a case brings."""

    neighbourhoods: gpd.GeoDataFrame
    """``NEIGHBOURHOOD_COLUMNS`` and geometry in EPSG:28992, sorted by code; missing is NaN."""
    rasters: Mapping[str, xr.DataArray]
    """By theme, float32 (y, x), each on its own cells; missing is NaN."""
    streets: gpd.GeoDataFrame | None
    """Lines with ``speed_kmh``, ``flow_veh_day``, ``surface`` and ``width_m``, or polygons with
    ``street_m``."""
    facilities: gpd.GeoDataFrame | None
    """Points or polygons with ``places``."""
    files: tuple[FileRecord, ...]
    remarks: tuple[str, ...]
    """Dutch sentences on what was dropped, masked, transformed or joined."""
    factors: Mapping[str, xr.DataArray | NDArray[np.float64]] = field(default_factory=dict)
    """Supplied factors by name: a raster (y, x), or figures (neighbourhood,); missing is NaN."""
    catalogue: Catalogue | None = None
    """Where the case brings interventions or effects of its own: the whole catalogue with them."""
    buildings: gpd.GeoDataFrame | None = None
    """Polygons with ``storeys``."""
    closed: gpd.GeoDataFrame | None = None
    """Polygons in which nothing is built."""
    works: gpd.GeoDataFrame | None = None
    """Works that every plan holds: points with ``intervention`` and ``amount``."""
    surfaces: gpd.GeoDataFrame | None = None
    """Polygons with the shares of ``sources.surfaces``."""
    trees: gpd.GeoDataFrame | None = None
    """Points with ``crown_m``."""
    dwellings: gpd.GeoDataFrame | None = None
    """Points or polygons with ``dwellings``."""
    sites: gpd.GeoDataFrame | None = None
    """Polygons that are the sites of the case, with ``code`` and ``name``."""


@dataclass(frozen=True)
class Verdict:
    """What a check of a case found."""

    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]
    """Dutch sentences, as in :class:`Sources`."""
    sources: Sources | None
    """There only if there is no fault."""
    catalogue: Catalogue | None = None
    """Own rows laid over those shipped; there only if the case brings any and none is wrong."""


def read_sources(settings: RunSettings, data: Path) -> Sources:
    """Return all inputs of a case.

    Raises
    ------
    DataError
        With every fault of every file.
    """
    verdict = check_sources(settings, data)
    if verdict.sources is None:
        raise DataError(verdict.faults)
    return verdict.sources


def check_sources(settings: RunSettings, data: Path) -> Verdict:
    """Read and judge all inputs, and return all that there is to say of them."""
    if not data.is_dir():
        cure = "Give the folder with the files of the case by --data or EVENGROUND_DATA."
        return Verdict((Fault(str(data), "no such folder.", cure),), (), None)
    desk = _Desk(data)
    neighbourhoods = _neighbourhoods(desk, settings)
    buildings = None
    if settings.buildings is not None:
        outlines = partial(read_buildings, settings=settings.buildings)
        buildings = desk.read(settings.buildings, "buildings", outlines)
    rasters = _rasters(desk, settings)
    supplied = _factors(desk, settings)
    streets = facilities = None
    if settings.streets is not None:
        reader = partial(read_streets, settings=settings.streets)
        streets = desk.read(settings.streets, "streets", reader)
    if settings.facilities is not None:
        places = partial(read_facilities, settings=settings.facilities)
        facilities = desk.read(settings.facilities, "facilities", places)
    sites = None
    if settings.sites.polygons is not None:
        polygons = partial(read_sites, settings=settings.sites.polygons)
        sites = desk.read(settings.sites.polygons, "sites", polygons)
    closed, works = _limits(desk, settings)
    surfaces, trees, dwellings = _ground(desk, settings)
    _set_aside(desk, rasters, settings)
    if neighbourhoods is not None:
        maps = {name: found for name, found in supplied.items() if isinstance(found, xr.DataArray)}
        desk.note(*judge_coverage(neighbourhoods, rasters | maps, settings))
        for used, features in (
            (settings.streets, streets),
            (settings.facilities, facilities),
            (settings.buildings, buildings),
            (settings.trees, trees),
            (settings.dwellings, dwellings),
            (settings.sites.polygons, sites),
        ):
            if used is not None and features is not None:
                desk.note(presence_faults(neighbourhoods, features, used.file), [])
    factors = _match(desk, settings, supplied, neighbourhoods)
    catalogue = _catalogue(desk, settings.interventions)
    faults, remarks = tuple(desk.faults), tuple(dict.fromkeys(desk.remarks))
    if faults or neighbourhoods is None:
        return Verdict(faults, remarks, None, catalogue)
    product = Sources(
        neighbourhoods,
        rasters,
        streets,
        facilities,
        tuple(dict.fromkeys(desk.files)),
        remarks,
        factors,
        catalogue,
        buildings,
        closed,
        works,
        surfaces,
        trees,
        dwellings,
        sites,
    )
    return Verdict((), remarks, product, catalogue)


class _Desk:
    """Reads files one by one and keeps what was found, so that no fault hides another."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.faults: list[Fault] = []
        self.remarks: list[str] = []
        self.files: list[FileRecord] = []

    def note(self, faults: list[Fault], remarks: list[str]) -> None:
        """Keep what a judgement found."""
        self.faults += faults
        self.remarks += remarks

    def read(
        self, settings: FileSettings, role: str, reader: Callable[[Path], tuple[T, list[str]]]
    ) -> T | None:
        """Return what a reader makes of a file, or nothing and its faults."""
        try:
            path = locate(self.data, settings.file)
            self.files += record(self.data, path, settings, role)
            product, remarks = reader(path)
        except DataError as error:
            self.faults += error.faults
            return None
        except OSError as error:
            cure = "Check that the file may be read and that its disk works."
            self.faults.append(Fault(settings.file, f"cannot be opened: {error}.", cure))
            return None
        self.remarks += remarks
        return product


def _neighbourhoods(desk: _Desk, settings: RunSettings) -> gpd.GeoDataFrame | None:
    """Outlines with all figures; nothing where one of their files has a fault."""
    chosen = settings.neighbourhoods
    outlines = desk.read(chosen, "neighbourhoods", partial(read_outlines, settings=chosen))
    desk.note(*judge_years(chosen, settings.case))
    tables = []
    for other in chosen.tables:
        figures = desk.read(other, "table", partial(read_table, settings=other))
        if figures is not None:
            tables.append((other, figures))
    if outlines is None or len(tables) < len(chosen.tables):
        return None
    joined, faults, remarks = join_tables(outlines, tables, chosen)
    desk.note(faults, remarks)
    return joined


def _rasters(desk: _Desk, settings: RunSettings) -> dict[str, xr.DataArray]:
    """All rasters that could be read, by theme."""
    rasters = {}
    for name, layer in settings.layers.items():
        if name not in THEMES:
            desk.faults.append(_unknown_theme(name))
            continue
        reader = partial(
            read_raster, theme=THEMES[name], settings=layer, cell_m=settings.grid.cell_m
        )
        raster = desk.read(layer, name, reader)
        if raster is not None:
            rasters[name] = raster
    desk.faults += [
        Fault("layers", f"has no {' or '.join(names)}.", f"Add [layers.{names[0]}].")
        for names in REQUIRED
        if not any(name in settings.layers for name in names)
        and not (GREEN in names and settings.surfaces is not None)
    ]
    return rasters


def _factors(desk: _Desk, settings: RunSettings) -> dict[str, xr.DataArray | pd.Series]:
    """All supplied factors that could be read, by name."""
    desk.faults += factor_faults(settings.factors)
    found = {}
    for name, factor in settings.factors.items():
        reader = partial(read_factor, name=name, settings=factor, cell_m=settings.grid.cell_m)
        product = desk.read(factor, name, reader)
        if product is not None:
            found[name] = product
    return found


def _catalogue(desk: _Desk, settings: InterventionSettings) -> Catalogue | None:
    """Interventions and effects of the case's own, laid over those shipped."""
    own: list[Own | None] = []
    for used, role, key, columns in (
        (settings.catalogue, "interventions", INTERVENTION_KEY, INTERVENTION_COLUMNS),
        (settings.effects, "effects", EFFECT_KEY, EFFECT_COLUMNS),
    ):
        rows = None
        if used is not None:
            reader = partial(read_own, settings=used, key=key, columns=columns)
            rows = desk.read(used, role, reader)
            if rows is None:
                return None
        own.append(None if used is None or rows is None else (rows, used))
    if own == [None, None]:
        return None
    try:
        return build_catalogue(*own)
    except DataError as error:
        desk.faults += error.faults
        return None


def _limits(
    desk: _Desk, settings: RunSettings
) -> tuple[gpd.GeoDataFrame | None, gpd.GeoDataFrame | None]:
    """Polygons in which nothing is built, and works that every plan holds."""
    limits = settings.constraints
    closed = works = None
    if limits.exclude is not None:
        closed = desk.read(limits.exclude, "closed", partial(read_closed, settings=limits.exclude))
    if limits.lock is not None:
        reader = partial(read_works, settings=limits.lock, known=settings.interventions.use)
        works = desk.read(limits.lock, "works", reader)
    return closed, works


def _ground(
    desk: _Desk, settings: RunSettings
) -> tuple[gpd.GeoDataFrame | None, gpd.GeoDataFrame | None, gpd.GeoDataFrame | None]:
    """Surfaces, trees and dwellings."""
    surfaces = trees = dwellings = None
    if settings.surfaces is not None:
        desk.faults += usable_faults(settings.surfaces)
        parts = []
        for used in settings.surfaces.files:
            reader = partial(read_surfaces, settings=used, whole=settings.surfaces)
            part = desk.read(used, "surfaces", reader)
            parts += [] if part is None else [part]
        if len(parts) == len(settings.surfaces.files):
            surfaces = join_surfaces(parts, settings.surfaces)
            desk.remarks += tell_surfaces(surfaces)
    if settings.trees is not None:
        trees = desk.read(settings.trees, "trees", partial(read_trees, settings=settings.trees))
    if settings.dwellings is not None:
        points = partial(read_dwellings, settings=settings.dwellings)
        dwellings = desk.read(settings.dwellings, "dwellings", points)
    return surfaces, trees, dwellings


def _set_aside(desk: _Desk, rasters: dict[str, xr.DataArray], settings: RunSettings) -> None:
    """Take out rasters that a vector map of the case replaces, and say which map counts."""
    for used, rivals, words in (
        (settings.surfaces, SURFACE_RIVALS, "de vlakken van de BGT"),
        (settings.dwellings, ("weight",), "de woningen"),
    ):
        both = [name for name in rivals if used is not None and name in settings.layers]
        if used is None or not both:
            continue
        if used.wins == "layers":
            desk.remarks.append(f"Gebruikt is de kaart van {', '.join(both)}, niet {words}.")
            continue
        desk.remarks.append(f"Gebruikt zijn {words}, niet de kaart van {', '.join(both)}.")
        for name in both:
            rasters.pop(name, None)


def _match(
    desk: _Desk,
    settings: RunSettings,
    supplied: Mapping[str, xr.DataArray | pd.Series],
    neighbourhoods: gpd.GeoDataFrame | None,
) -> dict[str, xr.DataArray | NDArray[np.float64]]:
    """Bring the figures of supplied factors to the order of the neighbourhoods."""
    out: dict[str, xr.DataArray | NDArray[np.float64]] = {}
    for name, product in supplied.items():
        if isinstance(product, xr.DataArray):
            out[name] = product
        elif neighbourhoods is not None:
            out[name], faults, remarks = match_column(
                product, neighbourhoods, settings.factors[name]
            )
            desk.note(faults, remarks)
    return out


def _unknown_theme(name: str) -> Fault:
    """Fault for a raster of which we do not know what it holds."""
    if name in read_factors():
        cure = f"It is not modelled: bring it as [factors.{name}], to be mapped and counted."
        return Fault(f"layers.{name}", "is no layer we know.", cure)
    near = difflib.get_close_matches(name, THEMES, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    cure = f"{hint}Known are {', '.join(THEMES)}."
    return Fault(f"layers.{name}", "is no layer we know.", cure)
