"""The files of a run directory, from what is said of a run."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evenground.objectives.cumulative import GES_NL, ges_score
from evenground.outputs.folder import (
    compressed,
)
from evenground.outputs.gis import write_geopackage, write_map, write_table, write_works_csv
from evenground.outputs.proof import write_burdens, write_proof
from evenground.outputs.report import write_report
from evenground.pages.book import read_book
from evenground.pages.contents import gather, write_contents
from evenground.pages.export import write_site
from evenground.pipeline.model import Model
from evenground.results import (
    FACTOR_NL,
    LayerInfo,
    Proposal,
    Run,
    Uncertainty,
    explain_places,
    ges_values,
    often_chosen,
    tabulate_phases,
)

Float = NDArray[np.float64]


def write_run(model: Model, result: Run, folder: Path) -> None:
    """Write the front, the report, and each proposal with its maps."""
    result.front.to_netcdf(
        folder / "front.nc", engine="h5netcdf", encoding=compressed(result.front)
    )
    result.history.to_csv(folder / "history.csv", index=False)
    write_distribution(result, folder / "distribution")
    write_stacking(result, folder / "stacking")
    result.validation.to_csv(folder / "validation.csv", index=False)
    write_proof(result, model.options, model.sources, folder)
    write_report(result, folder / "report.html")
    if result.budgets is not None:
        result.budgets.lines.to_csv(folder / "budgets.csv", index=False)
    if result.uncertainty is not None:
        write_uncertainty(result.uncertainty, folder / "uncertainty")
    if model.vulnerability is not None:
        model.vulnerability.parts.to_csv(folder / "vulnerability.csv", index=False)
    write_maps(model, result, folder / "maps")
    for proposal in result.proposals:
        write_proposal(model, result, proposal, folder / "proposals" / proposal.id)
    write_baselines(result, folder / "baselines")
    write_pages(model, result, folder)


def write_pages(model: Model, result: Run, folder: Path) -> None:
    """Write why each place was chosen, what the planners' pages say, and the pages themselves."""
    often = often_chosen(result.front, model.options.most.size)
    why = {
        proposal.id: explain_places(model.problem, model.study, proposal.plan, often)
        for proposal in result.proposals
    }
    for name, table in why.items():
        write_table(table, folder / "proposals" / name / "waarom.csv")
    write_contents(gather(result, model.options, why), folder)
    write_site(read_book(folder), folder / "site")


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


def write_baselines(result: Run, folder: Path) -> None:
    """Write the plans to compare with as proposals are, and the price of fairness."""
    for baseline in result.baselines:
        place = folder / baseline.id
        place.mkdir(parents=True)
        write_geopackage(result, baseline, place / f"{baseline.id}.gpkg")
        write_works_csv(baseline, place / "maatregelen.csv")
    result.fairness.to_csv(folder / "price_of_fairness.csv", index=False)


def write_distribution(result: Run, folder: Path) -> None:
    """Write who bears what today and under each proposal, as plain CSV for further work."""
    found = result.distribution
    folder.mkdir()
    found.measures.to_csv(folder / "measures.csv", index=False)
    found.splits.to_csv(folder / "splits.csv", index=False)
    found.curves.to_csv(folder / "curves.csv", index=False)
    found.worse_off.to_csv(folder / "worse_off.csv", index=False)
    found.exposure.to_csv(folder / "exposure.csv", index=False)
    if result.settings.groups:
        found.groups.to_csv(folder / "groups.csv", index=False)


def write_uncertainty(told: Uncertainty, folder: Path) -> None:
    """Write every table of the ensemble as plain CSV."""
    folder.mkdir()
    for field in fields(told):
        getattr(told, field.name).to_csv(folder / f"{field.name}.csv", index=False)


def write_stacking(result: Run, folder: Path) -> None:
    """Write every form of stacking, who lives above how many norms, and how policies stack."""
    found = result.stacking
    folder.mkdir()
    found.measures.to_csv(folder / "measures.csv", index=False)
    found.neighbourhoods.to_csv(folder / "neighbourhoods.csv", index=False)
    found.people.to_csv(folder / "people.csv", index=False)
    found.policies.to_csv(folder / "policies.csv", index=False)
    found.ges_people.to_csv(folder / "ges.csv", index=False)


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
