"""The files of a run directory, from what is said of a run."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground import disk
from evenground.names import CODE, FEWEST
from evenground.objectives.cumulative import GES_NL, ges_score
from evenground.outputs.folder import compressed
from evenground.outputs.gis import write_geopackage, write_map, write_works_csv
from evenground.outputs.proof import few_live, write_burdens, write_proof
from evenground.outputs.report import write_report
from evenground.outputs.report.decision import write_decision
from evenground.outputs.report.people import per_1000, shown
from evenground.pages.book import read_book
from evenground.pages.contents import gather, write_contents
from evenground.pages.export import write_site
from evenground.pages.views.why import told_places
from evenground.pipeline.model import Model
from evenground.results import (
    FACTOR_NL,
    Assessment,
    LayerInfo,
    Proposal,
    Run,
    Traffic,
    Uncertainty,
    explain_places,
    ges_values,
    often_chosen,
    tabulate_phases,
)
from evenground.results.sheets import no_formulas, write_table
from evenground.study import opportunities

Float = NDArray[np.float64]
BURDEN_TAGS = {"title": "Ziektelast per buurt", "unit": "DALY per 1000 inwoners per jaar"}
"""What the maps of the burden hold."""


def write_run(model: Model, result: Run, folder: Path) -> None:
    """Write the front, the report, and each proposal with its maps."""
    for path, how in steps(model, result, folder):
        disk.write(path, how)


def steps(model: Model, result: Run, folder: Path) -> Iterator[tuple[Path, Callable[[Path], None]]]:
    """Give every file or folder of results, in order, and how it is written."""

    def csv(name: str, table: pd.DataFrame) -> tuple[Path, Callable[[Path], None]]:
        return folder / name, lambda path: write_csv(table, path)

    front, encoding = result.front, compressed(result.front)
    yield (
        folder / "front.nc",
        lambda path: front.to_netcdf(path, engine="h5netcdf", encoding=encoding),
    )
    yield csv("history.csv", result.history)
    yield folder / "distribution", lambda place: write_distribution(result, place)
    yield folder / "stacking", lambda place: write_stacking(result, place)
    yield csv("validation.csv", result.validation)
    found = opportunities(model.study, model.settings)
    yield csv("opportunities.csv", pd.DataFrame(list(found)))
    yield folder, lambda place: write_proof(result, model.options, model.sources, place)
    yield folder / "report.html", lambda path: write_report(result, path)
    yield folder, lambda place: write_decision(result, place)
    if (traffic := result.traffic) is not None:
        yield folder / "traffic", lambda place: write_traffic(traffic, place)
    if result.budgets is not None:
        yield csv("budgets.csv", result.budgets.lines)
    if result.bound is not None:
        yield csv("bound.csv", result.bound.table)
    if (unsure := result.uncertainty) is not None:
        yield folder / "uncertainty", lambda place: write_uncertainty(unsure, place)
    if model.vulnerability is not None:
        parts = model.vulnerability.parts
        few = few_live(model.study)
        told = parts.drop(columns=CODE).apply(lambda column: column.mask(few))
        yield csv("vulnerability.csv", parts.assign(**told))
    yield folder / "maps", lambda place: write_maps(model, result, place)
    for proposal in result.proposals:
        yield (
            folder / "proposals" / proposal.id,
            partial(write_proposal, model, result, proposal),
        )
    yield folder / "baselines", lambda place: write_baselines(result, place)
    yield folder, lambda place: write_pages(model, result, place)


def write_pages(model: Model, result: Run, folder: Path) -> None:
    """Write why each place was chosen, what the planners' pages say, and the pages themselves."""
    often = often_chosen(result.front, model.options.most.size)
    why = {
        proposal.id: explain_places(model.problem, model.study, proposal.plan, often)
        for proposal in result.proposals
    }
    write_contents(gather(result, model.options, why), folder)
    book = read_book(folder)
    for name in why:
        table = pd.DataFrame(told_places(book, name))
        write_table(table, folder / "proposals" / name / "waarom.csv")
    write_site(book, folder / "site")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write plain CSV for further work; no cell can act as a formula."""
    no_formulas(table).to_csv(path, index=False)


def write_maps(model: Model, result: Run, maps: Path) -> None:
    """Write every layer and supplied raster of today, and the scores of GES."""
    maps.mkdir()
    for info in result.layers:
        values = model.baseline.exposure[info.name].to_numpy()
        tags = {"title": info.title, "unit": info.unit, "quality": info.quality}
        write_map(maps / f"{info.name}_nu.tif", values, model.study.grid, tags)
    for part in model.supplied:
        if part.grid is not None:
            tags = {"title": part.title, "unit": part.settings.unit}
            tags["quality"] = part.settings.quality
            write_map(maps / f"{part.name}_nu.tif", part.grid, model.study.grid, tags)
    now = laid_out(result, result.today)
    write_map(maps / "ziektelast_nu.tif", now, model.study.grid, BURDEN_TAGS)
    for name, scores, tags in ges_maps(model, result):
        write_map(maps / f"ges_{name}_nu.tif", scores, model.study.grid, tags)


def write_proposal(model: Model, result: Run, proposal: Proposal, place: Path) -> None:
    """Write one proposal: its works, who bears what, its years, and what each layer changes."""
    place.mkdir(parents=True)
    write_geopackage(result, proposal, place / f"{proposal.id}.gpkg")
    write_works_csv(proposal, place / "maatregelen.csv")
    write_burdens(result, proposal, place / "buurten.csv")
    if proposal.phases:
        write_table(tabulate_phases(proposal), place / "fasering.csv")
    for info, difference in change_maps(model, result, proposal):
        tags = {"title": f"{info.title}, verschil", "unit": info.unit, "quality": info.quality}
        write_map(place / f"{info.name}_verschil.tif", difference, model.study.grid, tags)
    after = laid_out(result, proposal.assessment)
    grid = model.study.grid
    write_map(place / "ziektelast_na.tif", after, grid, BURDEN_TAGS)
    change = after - laid_out(result, result.today)
    write_map(place / "ziektelast_verschil.tif", change, grid, BURDEN_TAGS)


def laid_out(result: Run, assessment: Assessment) -> NDArray[np.float32]:
    """Return the burden of each neighbourhood in all its cells (y, x), DALY per 1000 per year.

    NaN outside the area, and where too few people live to show it.
    """
    zone = result.study.zone.to_numpy()
    values = shown(result, per_1000(result, assessment))
    return np.where(zone >= 0, values[np.maximum(zone, 0)], np.nan).astype(np.float32)


def write_baselines(result: Run, folder: Path) -> None:
    """Write the plans to compare with as proposals are, and the price of fairness."""
    for baseline in result.baselines:
        place = folder / baseline.id
        place.mkdir(parents=True)
        write_geopackage(result, baseline, place / f"{baseline.id}.gpkg")
        write_works_csv(baseline, place / "maatregelen.csv")
    write_csv(result.fairness, folder / "price_of_fairness.csv")


def write_distribution(result: Run, folder: Path) -> None:
    """Write who bears what today and under each proposal, as plain CSV for further work."""
    found = result.distribution
    folder.mkdir()
    write_csv(found.measures, folder / "measures.csv")
    write_csv(found.splits, folder / "splits.csv")
    write_csv(found.curves, folder / "curves.csv")
    write_csv(found.worse_off, folder / "worse_off.csv")
    write_csv(found.exposure, folder / "exposure.csv")
    if result.settings.groups:
        write_csv(found.groups, folder / "groups.csv")


def write_uncertainty(told: Uncertainty, folder: Path) -> None:
    """Write every table of the ensemble as plain CSV."""
    folder.mkdir()
    for field in fields(told):
        write_csv(getattr(told, field.name), folder / f"{field.name}.csv")


def write_traffic(told: Traffic, folder: Path) -> None:
    """Write where the traffic of each plan goes, and who gains and loses by it, as plain CSV."""
    folder.mkdir()
    for field in fields(told):
        write_csv(getattr(told, field.name), folder / f"{field.name}.csv")


def write_stacking(result: Run, folder: Path) -> None:
    """Write every form of stacking, who lives above how many norms, and how policies stack."""
    found = result.stacking
    folder.mkdir()
    write_csv(found.measures, folder / "measures.csv")
    write_csv(found.neighbourhoods, folder / "neighbourhoods.csv")
    write_csv(_few_left_out(found.people), folder / "people.csv")
    write_csv(found.policies, folder / "policies.csv")
    write_csv(_few_left_out(found.ges_people), folder / "ges.csv")


def _few_left_out(table: pd.DataFrame) -> pd.DataFrame:
    """Return counts of persons with those blank that are of too few to show."""
    counts = table.filter(like="persons")
    return table.assign(**counts.mask((counts > 0.0) & (counts < FEWEST)))


def change_maps(
    model: Model, result: Run, proposal: Proposal
) -> Iterator[tuple[LayerInfo, NDArray[np.float32]]]:
    """Return the change of every layer in the cells where people live (y, x)."""
    people = model.study.receptors
    evaluator = model.problem.evaluator
    difference = evaluator.exposure(proposal.plan) - evaluator.exposure(model.problem.empty)
    for k, info in enumerate(result.layers):
        grid = np.full(model.study.grid.shape, np.nan, np.float32)
        grid[people.row, people.col] = difference[k]
        yield info, grid


def ges_maps(
    model: Model, result: Run
) -> Iterator[tuple[str, NDArray[np.float32], dict[str, str]]]:
    """Return the GES score of each factor today in the cells where people live (y, x), and tags."""
    people = model.study.receptors
    exposure = model.problem.evaluator.exposure(model.problem.empty).astype(float)
    legend = "; ".join(f"{score} {word}" for score, word in enumerate(GES_NL))
    for factor, name, values in ges_values(exposure, model.supplied):
        grid = np.full(model.study.grid.shape, np.nan, np.float32)
        grid[people.row, people.col] = ges_score(name, values, result.settings.stacking)
        yield factor, grid, {"title": f"GES-score {FACTOR_NL[factor]}", "legend": legend}
