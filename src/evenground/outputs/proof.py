"""What somebody else needs to check every plan of a run again from its files alone.

Writes the options with room and costs, the ground, the places and works that the case closed
or locked as they were read, and who bears what under each proposal. ``evenground.verify``
reads them back; nothing here judges a plan. The same run gives the same bytes.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray

from evenground.constraints import middles, neighbourhood_of, priority_places
from evenground.dutch import AGE_NL, INCOME_NL
from evenground.geopackage import frozen_clock
from evenground.interventions import Options
from evenground.names import (
    CODE,
    FEWEST,
    FEWEST_OF_GROUP,
    LOW_INCOME_SHARE,
    NAME,
    RESIDENTS,
)
from evenground.results import Proposal, Run
from evenground.results.sheets import write_table
from evenground.sources import Sources
from evenground.study import Grid, StudyArea

Float = NDArray[np.float64]

SAME_BYTES = {"method": "gzip", "compresslevel": 6, "mtime": 0}
"""Compression without the time of the day."""


def write_proof(run: Run, options: Options, sources: Sources, folder: Path) -> None:
    """Write all but the burdens of proposals: options, ground, constraints, proposals."""
    list_options(options, run.study).to_csv(
        folder / "options.csv.gz", index=False, compression=SAME_BYTES
    )
    ground = pd.DataFrame(
        {"ground": np.arange(options.capacity.size), "capacity": options.capacity}
    )
    ground.to_csv(folder / "ground.csv.gz", index=False, compression=SAME_BYTES)
    picked = [(proposal.id, proposal.candidate, proposal.name) for proposal in run.proposals]
    table = pd.DataFrame(picked, columns=["proposal", "candidate", "name"])
    table.to_csv(folder / "proposals.csv", index=False)
    place = folder / "constraints"
    place.mkdir()
    _of_priority(run).to_csv(place / "neighbourhoods.csv", index=False)
    if not run.study.sites.are_squares:
        _write_sites(run.study, folder / "sites.tif")
    if sources.works is not None:
        points = sources.works.geometry
        works = {"x_m": points.x, "y_m": points.y}
        works |= {name: sources.works[name] for name in ("intervention", "amount")}
        pd.DataFrame(works).to_csv(place / "locked.csv", index=False)
    if sources.closed is not None:
        closed = gpd.GeoDataFrame(geometry=sources.closed.geometry.to_numpy(), crs=Grid.CRS)
        with frozen_clock():
            closed.to_file(place / "closed.gpkg", layer="closed", driver="GPKG", engine="pyogrio")


def _of_priority(run: Run) -> pd.DataFrame:
    """Return what chooses the neighbourhoods with priority.

    Of few residents no figures, only whether they have it (``few_meet``: yes or no).
    """
    study, asked = run.study, run.settings.constraints.priority
    table = study.neighbourhoods[[CODE, "ses_rank", LOW_INCOME_SHARE]].copy()
    is_few = few_live(study)
    table.loc[is_few, ["ses_rank", LOW_INCOME_SHARE]] = np.nan
    chosen = np.zeros(len(table), bool) if asked is None else priority_places(study, asked)
    return table.assign(few_meet=np.where(is_few, np.where(chosen, "yes", "no"), ""))


def _write_sites(study: StudyArea, path: Path) -> None:
    """Write the site of every cell, -1 for none; where squares are sites the options tell it."""
    profile = {
        "driver": "GTiff",
        "height": study.grid.shape[0],
        "width": study.grid.shape[1],
        "count": 1,
        "dtype": "int32",
        "crs": study.grid.CRS,
        "transform": study.grid.transform,
        "nodata": -1,
        "compress": "deflate",
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(study.sites.cell, 1)


def list_options(options: Options, study: StudyArea) -> pd.DataFrame:
    """Return every option: where it lies, what fits, what a step and starting cost."""
    x, y = middles(options, study)
    here = neighbourhood_of(options, study)
    code = study.neighbourhoods[CODE].to_numpy(str)[np.maximum(here, 0)]
    kind = options.interventions.iloc[options.intervention]
    return pd.DataFrame(
        {
            "option": np.arange(options.most.size),
            "site": options.site,
            "x_m": x,
            "y_m": y,
            "neighbourhood_code": np.where(here >= 0, code, ""),
            "intervention": kind.index.to_numpy(str),
            "sector": kind["sector"].to_numpy(str),
            "unit": kind["unit_nl"].to_numpy(str),
            "step": options.step,
            "most": options.most,
            "capital_eur": options.capital_eur,
            "yearly_eur": options.yearly_eur,
            "fixed_eur": options.fixed_eur,
            "annuity": kind["annuity"].to_numpy(float),
            "ground": options.coupling,
            "ground_use": options.use,
        }
    )


def few_live(study: StudyArea) -> NDArray[np.bool_]:
    """Say where fewer residents live than figures may be shown of (neighbourhood,)."""
    people = study.neighbourhoods[RESIDENTS].to_numpy(float)
    assessed = study.group_residents.sum(axis=0)
    return np.asarray(
        ((people > 0.0) & (people < FEWEST)) | ((assessed > 0.0) & (assessed < FEWEST))
    )


def write_burdens(run: Run, proposal: Proposal, path: Path) -> None:
    """Write the burden of every group in every neighbourhood, today and under a proposal.

    For a Dutch spreadsheet. Neighbourhoods without burden today and then are left out. Groups of
    fewer than ten persons are one row of their neighbourhood, and neighbourhoods of fewer than
    ten residents one row of the city: what they have in common is blank, and ``groepen`` says of
    how many groups a row is. All rows still add up to the burden. The number of persons of a
    group below fifty stays blank.
    """
    study = run.study
    table = study.neighbourhoods
    before, after = (plan.burden.sum(axis=1) for plan in (run.today, proposal.assessment))
    group, here = np.nonzero((before != 0.0) | (after != 0.0))
    people = np.where(table["is_assessed"], table[RESIDENTS].to_numpy(float), 0.0)
    persons = study.group_residents[group, here]
    places = np.unique(here)
    far = np.zeros(people.size, bool)
    far[places] = _too_few(people[places])
    near = np.zeros(here.size, bool)
    for place in places:
        inside = here == place
        near[inside] = far[place] or _too_few(persons[inside])
    own = {
        "buurtcode": np.where(far[here], "", table[CODE].to_numpy(str)[here]),
        "buurtnaam": np.where(far[here], "", table[NAME].to_numpy(str)[here]),
        "leeftijd": np.where(near, "", study.groups["age"].map(AGE_NL).to_numpy(str)[group]),
        "inkomen": np.where(near, "", study.groups["income"].map(INCOME_NL).to_numpy(str)[group]),
    }
    told = pd.DataFrame(
        own
        | {
            "inwoners": np.where(far[here], people[far].sum(), people[here]),
            "personen": persons,
            "groepen": 1,
            "ziektelast_voor": before[group, here],
            "ziektelast_na": after[group, here],
        }
    )
    sums = dict.fromkeys(("personen", "groepen", "ziektelast_voor", "ziektelast_na"), "sum")
    rows = told.groupby(list(own), sort=False, as_index=False).agg({"inwoners": "first"} | sums)
    rows["personen"] = rows["personen"].where(rows["personen"] >= FEWEST_OF_GROUP)
    write_table(rows, path, exact=("inwoners", *sums))


def _too_few(people: Float) -> NDArray[np.bool_]:
    """Say which are told together: all that are too few, with so many more that they are enough.

    Parameters
    ----------
    people : (part,)
        Persons; the smallest go first.
    """
    order = np.argsort(people, kind="stable")
    ordered = people[order]
    so_far = np.cumsum(ordered) - ordered
    is_any = bool((people < FEWEST).any())
    out = np.zeros(people.size, bool)
    out[order] = is_any & ((ordered < FEWEST) | (so_far < FEWEST))
    return out
