"""Neighbourhoods of a case: their outlines, and all figures joined to them by code.

Takes polygons and tables as CBS and municipalities publish them. Says which
share of the residents each table reaches. Knows nothing of rasters.
"""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from evenground.config import CaseSettings, NeighbourhoodSettings, TableSettings
from evenground.errors import DataError, Fault, few
from evenground.names import CODE, NEIGHBOURHOOD_COLUMNS, RESIDENTS
from evenground.sources.columns import WATER, find_columns, nearest
from evenground.sources.csv_table import read_csv
from evenground.sources.dutch import count, percent
from evenground.sources.tables import (
    Figures,
    complete,
    join,
    keep_neighbourhoods,
    to_ours,
)
from evenground.sources.vectors import (
    POLYGONS,
    RD,
    kind_faults,
    mend_polygons,
    overlap_faults,
    read_layer,
    rows,
)

Joined = tuple[gpd.GeoDataFrame | None, list[Fault], list[str]]


def read_outlines(
    path: Path, settings: NeighbourhoodSettings
) -> tuple[tuple[gpd.GeoSeries, Figures], list[str]]:
    """Return outlines with the figures beside them, in the same order, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    frame, remarks = read_layer(path, settings)
    frame, more = _choose_rows(frame, settings)
    faults: list[Fault] = []
    labels = rows(frame)
    try:
        figures = to_ours(pd.DataFrame(frame.drop(columns="geometry")), settings)
        labels = figures.table[CODE]
    except DataError as error:
        faults += error.faults
    faults += kind_faults(frame, labels, POLYGONS, "polygons", settings.file)
    frame, wrong, mended = mend_polygons(frame, labels, settings.file)
    faults += wrong
    faults += [] if faults else overlap_faults(frame, labels, settings.file)
    if faults:
        raise DataError(faults)
    return (frame.geometry, figures), remarks + more + mended


def _choose_rows(
    frame: gpd.GeoDataFrame, settings: NeighbourhoodSettings
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Drop open water, and municipalities that the case does not ask for; keep row numbers."""
    columns = find_columns(frame.columns.drop("geometry"), settings)
    remarks = []
    if WATER in columns:
        is_water = frame[columns[WATER]].astype("string").str.strip().str.upper() == "JA"
        is_water = is_water.fillna(value=False).to_numpy(bool)
        if is_water.any():
            number = int(is_water.sum())
            what = "1 watervlak telt" if number == 1 else f"{number} watervlakken tellen"
            remarks.append(f"{settings.file}: {what} niet mee.")
        frame = frame[~is_water]
        if len(frame) == 0:
            cure = "Bring the outlines of the land as well."
            raise DataError([Fault(settings.file, "holds nothing but water.", cure)])
    if settings.municipalities and CODE in columns:
        frame = _of_municipalities(frame, columns[CODE], settings)
    return frame, remarks


def _of_municipalities(
    frame: gpd.GeoDataFrame, column: str, settings: NeighbourhoodSettings
) -> gpd.GeoDataFrame:
    """Return the rows of the municipalities that the case asks for, each of them present."""
    found = "GM" + frame[column].astype("string").str.strip().fillna("").str[2:6]
    lacking = [code for code in settings.municipalities if not (found == code).any()]
    if lacking:
        others = few(sorted(set(found)))
        cure = f"Correct municipalities in [neighbourhoods]; the file has {others}."
        finding = f"holds no neighbourhood of {few(lacking)}."
        raise DataError([Fault(f"{settings.file}, column {column}", finding, cure)])
    return frame[found.isin(settings.municipalities)]


def read_table(path: Path, settings: TableSettings) -> tuple[Figures, list[str]]:
    """Return the figures of a further table, from CSV or a vector layer, and Dutch remarks.

    Raises
    ------
    DataError
        With every fault of the file.
    """
    raw, remarks = read_rows(path, settings)
    kept, more = keep_neighbourhoods(raw, settings)
    figures = to_ours(kept, settings)
    if len(figures.table) == 0:
        cure = "Bring a table with rows per neighbourhood (BU...)."
        raise DataError([Fault(settings.file, "holds no neighbourhood.", cure)])
    return figures, remarks + more


def read_rows(path: Path, settings: TableSettings) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of a CSV or of a vector layer as they are, and Dutch remarks."""
    if path.suffix.lower() in (".csv", ".txt"):
        return read_csv(path, settings.file)
    frame, remarks = read_layer(path, settings)
    return pd.DataFrame(frame.drop(columns="geometry")), remarks


def judge_years(
    settings: NeighbourhoodSettings, case: CaseSettings
) -> tuple[list[Fault], list[str]]:
    """Return faults for tables of another year than the outlines, or remarks with the reason."""
    faults, remarks = [], []
    for table in settings.tables:
        if table.year == settings.year:
            continue
        if case.allow_mixed_years is None:
            finding = f"is of {table.year}, the neighbourhoods are of {settings.year}."
            cure = "Bring figures of one year, or say why not in case.allow_mixed_years."
            faults.append(Fault(table.file, finding, cure))
        else:
            remarks.append(
                f"{table.file} is van {table.year}, de buurten zijn van {settings.year}: "
                f"{case.allow_mixed_years}"
            )
    return faults, remarks


def join_tables(
    outlines: tuple[gpd.GeoSeries, Figures],
    tables: list[tuple[TableSettings, Figures]],
    settings: NeighbourhoodSettings,
) -> Joined:
    """Return neighbourhoods with all figures, sorted by code; with faults and remarks."""
    geometry, base = outlines
    joined = base.table
    for _, figures in tables:
        joined = join(joined, figures.table)
    joined, remarks = complete(joined)
    faults = _resident_faults(joined, [base, *(figures for _, figures in tables)], settings)
    for k, (other, figures) in enumerate(tables):
        others = [base, *(part for _, part in tables[:k] + tables[k + 1 :])]
        has_people = any(RESIDENTS in part.table for part in others)
        wrong, more = _judge_match(joined, figures, other, settings, by_residents=has_people)
        faults += wrong
        remarks += more
    out = gpd.GeoDataFrame(
        joined[list(NEIGHBOURHOOD_COLUMNS)], geometry=geometry.to_numpy(), crs=RD
    )
    return out.sort_values(CODE, ignore_index=True), faults, remarks


def _resident_faults(
    table: pd.DataFrame, figures: list[Figures], settings: NeighbourhoodSettings
) -> list[Fault]:
    """Fault for a case in which nobody is known to live anywhere."""
    if (table[RESIDENTS] > 0.0).any():
        return []
    if any(RESIDENTS in part.table for part in figures):
        cure = "Bring the release of a year with residents; -99997 and '.' count as unknown."
        return [Fault(settings.file, "holds no residents at all, in the whole city.", cure)]
    names = [name for part in figures for name in part.found]
    cure = (
        "Bring it in this file or in a table, or name it under columns; the nearest are "
        f"{nearest('aantal_inwoners', names)}."
    )
    return [Fault(settings.file, "no column with residents.", cure)]


def _judge_match(
    joined: pd.DataFrame,
    figures: Figures,
    other: TableSettings,
    settings: NeighbourhoodSettings,
    *,
    by_residents: bool,
) -> tuple[list[Fault], list[str]]:
    """Return how many residents a table reaches, and a fault where that is too few.

    Where no other file brings the residents, neighbourhoods are counted instead.
    """
    is_matched = joined[CODE].isin(figures.table[CODE])
    by_residents = by_residents and bool((joined[RESIDENTS] > 0.0).any())
    weight = joined[RESIDENTS].fillna(0.0) if by_residents else is_matched * 0.0 + 1.0
    share = float(weight[is_matched].sum() / max(float(weight.sum()), 1e-300))
    what = "inwoners" if by_residents else "buurten"
    remark = (
        f"{other.file}: gekoppeld voor {percent(share)} van de {what}; "
        f"{count((~is_matched).sum())} van {count(len(joined))} buurten staan er niet in."
    )
    if share >= settings.minimum_matched_share:
        return [], [remark]
    unknown = joined.loc[~is_matched, CODE].head(3).tolist()
    finding = (
        f"matches {100 * share:.1f} % of the {'residents' if by_residents else 'neighbourhoods'}, "
        f"expected {100 * settings.minimum_matched_share:g} % (not in it: {', '.join(unknown)})."
    )
    cure = "Bring codes of the same year as the outlines, or lower minimum_matched_share."
    return [Fault(other.file, finding, cure)], [remark]
