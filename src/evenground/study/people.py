"""Who lives where: residents per receptor, groups per neighbourhood, ranks.

A receptor is the part of a populated cell that lies in one neighbourhood.
Totals of a neighbourhood are conserved; missing figures stay missing.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray

from evenground.names import (
    AGE_BANDS,
    AGE_SHARES,
    CODE,
    INCOME_CLASSES,
    LOW_INCOME_SHARE,
    RESIDENTS,
)
from evenground.study.grid import Grid

Float = NDArray[np.float64]
Index = NDArray[np.int32]


@dataclass(frozen=True)
class Receptors:
    """Populated parts of cells, sorted by block, neighbourhood, row and column."""

    row: Index
    col: Index
    neighbourhood: Index
    residents: Float
    """Persons, (receptor,)."""


@dataclass(frozen=True)
class Coverage:
    """Which part of which cell lies in which neighbourhood, one row a pair."""

    cell: NDArray[np.int64]
    """Flat index into the grid."""
    neighbourhood: Index
    share: Float
    """Part of the cell (0-1)."""


def build_coverage(neighbourhoods: gpd.GeoDataFrame, grid: Grid) -> Coverage:
    """Measure the exact part of every cell in every neighbourhood."""
    left, bottom, right, top = grid.bounds
    blank = NumPyRasterSource(np.zeros(grid.shape, np.int8), left, bottom, right, top)
    blank.srs_wkt = neighbourhoods.crs.to_wkt
    rows = exact_extract(blank, neighbourhoods[["geometry"]], ["cell_id", "coverage"])
    parts = [row["properties"] for row in rows]
    length = [len(part["cell_id"]) for part in parts]
    return Coverage(
        cell=np.concatenate([np.asarray(part["cell_id"], np.int64) for part in parts]),
        neighbourhood=np.repeat(np.arange(len(parts), dtype=np.int32), length),
        share=np.concatenate([np.asarray(part["coverage"], np.float64) for part in parts]),
    )


def majority_zone(coverage: Coverage, grid: Grid) -> Index:
    """Neighbourhood index with the largest part of each cell (y, x); -1 outside all."""
    zone = np.full(grid.shape[0] * grid.shape[1], -1, np.int32)
    order = np.argsort(coverage.share, kind="stable")
    zone[coverage.cell[order]] = coverage.neighbourhood[order]
    return zone.reshape(grid.shape)


def spread_residents(
    coverage: Coverage, weight: Float, residents: Float, block: NDArray[np.int64], grid: Grid
) -> Receptors:
    """Spread the residents of each neighbourhood over its cells by weight.

    Parameters
    ----------
    weight : (pair,)
        Relative weight of each pair of ``coverage``; zero where nobody may be placed.
    residents : (neighbourhood,)
        Persons; zero or NaN gives no receptors.
    block : (pair,)
        Index of the block of cells that is computed together; sorts the receptors.
    """
    total = np.bincount(coverage.neighbourhood, weight, residents.size)
    people = np.nan_to_num(residents)
    with np.errstate(invalid="ignore", divide="ignore"):
        placed = people[coverage.neighbourhood] * weight / total[coverage.neighbourhood]
    keep = np.flatnonzero(np.isfinite(placed) & (placed > 0.0))
    order = np.lexsort((coverage.cell[keep], coverage.neighbourhood[keep], block[keep]))
    keep = keep[order]
    row, col = np.divmod(coverage.cell[keep], grid.shape[1])
    return Receptors(
        row.astype(np.int32),
        col.astype(np.int32),
        coverage.neighbourhood[keep],
        placed[keep],
    )


def build_groups() -> pd.DataFrame:
    """Make the table of groups: every age band in every income class, age first."""
    pairs = [(age, income) for age in AGE_BANDS for income in INCOME_CLASSES]
    return pd.DataFrame(pairs, columns=["age", "income"])


def group_residents(neighbourhoods: pd.DataFrame, is_assessed: NDArray[np.bool_]) -> Float:
    """Persons per group and neighbourhood; age and income are taken as independent within one.

    Returns
    -------
    (group, neighbourhood)
        Sums over groups to the residents of each assessed neighbourhood, zero elsewhere.
    """
    people = np.where(is_assessed, neighbourhoods[RESIDENTS].to_numpy(float), 0.0)
    age = neighbourhoods[list(AGE_SHARES)].to_numpy(float).T
    low = neighbourhoods[LOW_INCOME_SHARE].to_numpy(float)
    unknown = np.isnan(low)
    income = np.stack(
        [np.where(unknown, 0.0, low), np.where(unknown, 0.0, 1.0 - low), unknown.astype(float)]
    )
    age = np.where(is_assessed, np.nan_to_num(age), 0.0)
    persons = people * age[:, None, :] * income[None, :, :]
    return np.ascontiguousarray(persons.reshape(-1, people.size))


def mid_rank(score: Float, weight: Float) -> Float:
    r"""Weighted fractional rank from the lowest score (0) to the highest (1).

    Tied scores share the mid-point of their block; an unknown score has an unknown rank.

    Notes
    -----
    .. math:: R_i = \tfrac12 \Big(\sum_{s_j < s_i} w_j + \sum_{s_j \le s_i} w_j\Big)
    """
    rank = np.full(score.size, np.nan)
    known = np.flatnonzero(np.isfinite(score) & (weight > 0.0))
    if known.size == 0:
        return rank
    _, block = np.unique(score[known], return_inverse=True)
    mass = np.bincount(block, weight[known])
    mass = mass / mass.sum()
    rank[known] = (np.cumsum(mass) - 0.5 * mass)[block]
    return rank


def income_fifth(low_income: Float, weight: Float) -> Index:
    """Fifth of the residents by income: 1 = lowest incomes ... 5 = highest, 0 = unknown."""
    rank = mid_rank(-low_income, weight)
    fifth = np.minimum(np.floor(np.nan_to_num(rank) * 5.0) + 1.0, 5.0)
    return np.where(np.isnan(rank), 0, fifth).astype(np.int32)


def why_left_out(neighbourhoods: pd.DataFrame, covered: Float, minimum: float) -> list[str]:
    """Say for each neighbourhood, in Dutch, why it cannot be assessed; empty if it can."""
    reasons = []
    columns = [CODE, RESIDENTS, *AGE_SHARES]
    for row, share in zip(neighbourhoods[columns].itertuples(index=False), covered, strict=True):
        _, people, *ages = row
        if np.isnan(people):
            reasons.append("aantal inwoners onbekend")
        elif people <= 0.0:
            reasons.append("geen inwoners")
        elif np.isnan(ages).any():
            reasons.append("leeftijden onbekend")
        elif share < minimum:
            reasons.append(f"blootstelling bekend voor {100 * share:.0f} % van de woningen")
        else:
            reasons.append("")
    return reasons
