"""The study area: grid, ground, neighbourhoods and the people who live there.

Takes the files as read and checked; makes one frozen product on which all
later stages rest. Knows nothing of exposure models, interventions or plans.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from evenground.config import RunSettings
from evenground.errors import DataError, Fault
from evenground.names import CODE, LOW_INCOME_SHARE, NAME, RESIDENTS, SES
from evenground.sources import Sources
from evenground.sources.dutch import count, neighbourhoods_in_words, percent
from evenground.study.buildings import Buildings, build_buildings, no_buildings
from evenground.study.grid import Grid, align, build_grid
from evenground.study.ground import Ground, GroundMaps, build_ground
from evenground.study.opportunities import (
    Opportunity,
    Places,
    list_opportunities,
    tell_opportunities,
)
from evenground.study.people import (
    Coverage,
    Receptors,
    build_coverage,
    build_groups,
    group_residents,
    income_fifth,
    majority_zone,
    mid_rank,
    spread_residents,
    why_left_out,
)
from evenground.study.remarks import drawn_faults, tell_ground
from evenground.study.sites import Parts, Sites, build_sites, square_at, square_shape
from evenground.study.streets import Streets, from_density, from_lines, no_streets

__all__ = [
    "Buildings",
    "Grid",
    "Ground",
    "Opportunity",
    "Parts",
    "Receptors",
    "Sites",
    "Streets",
    "StudyArea",
    "align",
    "block_cells",
    "build_study",
    "mid_rank",
    "opportunities",
    "square_at",
    "square_shape",
    "tell_opportunities",
]

COVERED_SHARE = 0.9
"""Least share of a neighbourhood's homes that must have every exposure, where gaps are allowed."""
BLOCK_CELLS, BLOCK_SITES = 8, 2
"""Least side of a block of receptors that is computed together, in cells and in sites. Some fifty
receptors measured best: fewer leave vectors empty, more fall out of the nearest cache."""


@dataclass(frozen=True)
class StudyArea:
    """Where and who: the labelled base of a run."""

    grid: Grid
    site_m: int
    """Side of the squares from which effects act."""
    neighbourhoods: pd.DataFrame
    """One row a neighbourhood: the columns of ``names.NEIGHBOURHOOD_COLUMNS`` and area_m2,
    is_assessed, why_not, ses_rank (0-1), income_fifth (1 = lowest incomes, 0 = unknown)."""
    outlines: tuple[bytes, ...]
    """Well-known binary of each neighbourhood, in the CRS of the grid."""
    zone: xr.DataArray
    """Index of the neighbourhood with the largest part of each cell (y, x); -1 outside."""
    groups: pd.DataFrame
    """Age band and income class of each group."""
    group_residents: NDArray[np.float64]
    """Persons (group, neighbourhood); zero where a neighbourhood is not assessed."""
    receptors: Receptors
    ground: Ground
    streets: Streets
    sites: Sites
    remarks: tuple[str, ...]
    buildings: Buildings = field(default_factory=no_buildings)


def block_cells(grid: Grid, site_m: int) -> int:
    """Side of a block in cells, a whole number of sites."""
    per_site = site_m // grid.cell_m
    return per_site * max(BLOCK_SITES, -(-BLOCK_CELLS // per_site))


def build_study(sources: Sources, settings: RunSettings) -> StudyArea:
    """Lay neighbourhoods and people on the grid.

    Raises
    ------
    DataError
        If no neighbourhood can be assessed.
    """
    frame = sources.neighbourhoods
    grid = build_grid(tuple(frame.total_bounds), settings.grid.cell_m, settings.grid.site_m)
    maps = GroundMaps(sources.surfaces, sources.trees, sources.dwellings, sources.streets)
    ground = build_ground(sources.rasters, grid, settings.exposure, maps)
    coverage = build_coverage(frame, grid)
    weight = _home_weight(coverage, ground, len(frame))
    known = _is_known(sources, settings, ground, grid).ravel()[coverage.cell]
    table = _describe(pd.DataFrame(frame.drop(columns="geometry")), frame, coverage, weight, known)
    if faults := drawn_faults(table, ground, coverage, settings.surfaces):
        raise DataError(faults)
    is_assessed = table["is_assessed"].to_numpy(bool)
    if not is_assessed.any():
        raise DataError([_nobody(table)])
    row, col = np.divmod(coverage.cell, grid.shape[1])
    side = block_cells(grid, settings.grid.site_m)
    block = (row // side) * -(-grid.shape[1] // side) + col // side
    people = np.where(is_assessed, table[RESIDENTS].to_numpy(float), 0.0)
    zone = majority_zone(coverage, grid)
    streets = _streets(sources, settings, ground, grid)
    buildings = build_buildings(sources.buildings)
    sites, left_out = build_sites(
        sources, settings, grid, zone, streets=streets, buildings=buildings
    )
    return StudyArea(
        grid=grid,
        site_m=settings.grid.site_m,
        neighbourhoods=table,
        outlines=tuple(shapely.to_wkb(frame.geometry.to_numpy())),
        zone=grid.array(zone, "zone", "1"),
        groups=build_groups(),
        group_residents=group_residents(table, is_assessed),
        receptors=spread_residents(coverage, weight * known, people, block, grid),
        ground=ground,
        streets=streets,
        sites=sites,
        remarks=(*_remarks(table, ground), *tell_ground(ground, table, coverage), *left_out),
        buildings=buildings,
    )


def opportunities(study: StudyArea, settings: RunSettings) -> tuple[Opportunity, ...]:
    """Return how much ground of each kind a study area has, from which source."""
    streets, buildings = study.streets, study.buildings
    places = Places(
        grid=study.grid,
        zone=study.zone.to_numpy(),
        ground=study.ground,
        street_xy=(streets.x, streets.y),
        street_m=streets.length_m,
        is_main=streets.is_main,
        building_xy=(buildings.x, buildings.y),
        roof_m2=buildings.roof_m2,
        facade_m2=buildings.facade_m2,
    )
    return list_opportunities(places, settings)


def _streets(sources: Sources, settings: RunSettings, ground: Ground, grid: Grid) -> Streets:
    """Cut the streets of the case into pieces, whichever kind it brings."""
    if sources.streets is None or settings.streets is None:
        return no_streets()
    if settings.streets.kind == "lines":
        return from_lines(sources.streets, float(grid.cell_m))
    return from_density(sources.streets, settings.streets, ground.homes, grid)


def _home_weight(coverage: Coverage, ground: Ground, n_neighbourhood: int) -> NDArray[np.float64]:
    """Weight of each pair; where a neighbourhood has no homes on the map, its land area."""
    weight = coverage.share * ground.homes.ravel()[coverage.cell]
    total = np.bincount(coverage.neighbourhood, weight, n_neighbourhood)
    is_bare = total[coverage.neighbourhood] <= 0.0
    return np.where(is_bare, coverage.share, weight)


def _is_known(
    sources: Sources, settings: RunSettings, ground: Ground, grid: Grid
) -> NDArray[np.bool_]:
    """Cells (y, x) in which every exposure that becomes burden has a value."""
    known = np.isfinite(ground.green)
    themes = ["noise", "no2", "pm25"]
    if settings.exposure.heat_model == "map":
        themes.append("heat")
    for theme in themes:
        if theme in sources.rasters:
            how = "energy" if theme == "noise" else "mean"
            known &= np.isfinite(align(sources.rasters[theme], grid, how))
    return known


def _describe(
    table: pd.DataFrame,
    frame: pd.DataFrame,
    coverage: Coverage,
    weight: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> pd.DataFrame:
    """Add what the study knows of each neighbourhood to its table."""
    total = np.bincount(coverage.neighbourhood, weight, len(table))
    covered = np.bincount(coverage.neighbourhood, weight * known, len(table))
    share = covered / np.maximum(total, 1e-300)
    reasons = why_left_out(table, share, COVERED_SHARE)
    is_assessed = np.array([reason == "" for reason in reasons])
    people = np.where(is_assessed, np.nan_to_num(table[RESIDENTS].to_numpy(float)), 0.0)
    return table.assign(
        area_m2=shapely.area(np.asarray(frame["geometry"])),
        covered_share=share,
        is_assessed=is_assessed,
        why_not=reasons,
        ses_rank=mid_rank(table[SES].to_numpy(float), people),
        income_fifth=income_fifth(table[LOW_INCOME_SHARE].to_numpy(float), people),
    )


def _remarks(table: pd.DataFrame, ground: Ground) -> tuple[str, ...]:
    """Dutch sentences on who is left out and what is assumed."""
    remarks = []
    people = table[RESIDENTS].fillna(0.0)
    out = ~table["is_assessed"] & (people > 0.0)
    if out.any():
        names = ", ".join(table.loc[out, NAME].astype(str).head(5))
        more = f" en {int(out.sum()) - 5} andere" if out.sum() > 5 else ""
        remarks.append(
            f"Niet beoordeeld, omdat gegevens ontbreken: {neighbourhoods_in_words(int(out.sum()))} "
            f"met {count(people[out].sum())} inwoners "
            f"({percent(float(people[out].sum() / people.sum()))} van alle inwoners): "
            f"{names}{more}."
        )
    partial = table["is_assessed"] & (table["covered_share"] < 0.99)
    if partial.any():
        remarks.append(
            f"In {neighbourhoods_in_words(int(partial.sum()))} ontbreekt de blootstelling voor een "
            "klein deel van de woningen; hun inwoners zijn op de overige woningen geplaatst."
        )
    if table.loc[table["is_assessed"], SES].isna().any():
        lost = table["is_assessed"] & table[SES].isna()
        remarks.append(
            f"Van {neighbourhoods_in_words(int(lost.sum()))} met {count(people[lost].sum())} "
            "inwoners is de SES-WOA-score onbekend; zij tellen niet mee in de SES-gradiënt."
        )
    if "weight" in ground.assumed:
        remarks.append(
            "Er is geen kaart van woningen: inwoners zijn binnen hun buurt verdeeld over grond "
            "zonder groen en water (aanname)."
        )
    if "paved_public" in ground.assumed:
        remarks.append(
            "Er is geen kaart van verharding: openbare en eigen verharding zijn geschat als vast "
            "deel van de grond zonder groen en water (aanname)."
        )
    return tuple(remarks)


def _nobody(table: pd.DataFrame) -> Fault:
    """Fault for a case in which no neighbourhood can be assessed."""
    reasons = table["why_not"].value_counts()
    listed = "; ".join(f"{reason}: {count}" for reason, count in reasons.items())
    return Fault(
        f"neighbourhoods, {table[CODE].iloc[0]} and all others",
        f"not one of the {len(table)} can be assessed ({listed}).",
        "Bring figures of residents and ages, and layers that cover their homes.",
    )
