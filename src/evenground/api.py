"""evenground from Python: a case, its problem, a front, and what to write of it.

The same stages as the command, in the hands of the user. Nothing is computed
here.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from evenground.config import RunSettings, SearchSettings, read_settings
from evenground.errors import Fault, FaultyInputError
from evenground.optimise import Progress
from evenground.optimise import search as search_problem
from evenground.outputs.gis import write_geopackage, write_works_csv
from evenground.pipeline import Judged, Model, assess_file, build_model, build_run
from evenground.results import Proposal, Run

ENGLISH = {
    "healthiest": "gezondst",
    "balanced": "in_balans",
    "least_stacked": "minst_gestapeld",
    "smallest_ses_gap": "kleinste_kloof",
    "fairest": "eerlijkst",
    "cheapest": "goedkoopst",
    "most_play": "meeste_spelen",
}
"""English names of the proposals, and their ids."""


@dataclass(frozen=True)
class Case:
    """A case file as read, and the folder of its data."""

    settings: RunSettings
    data: Path

    @property
    def search(self) -> SearchSettings:
        """How the front is looked for."""
        return self.settings.search


@dataclass(frozen=True)
class Choice:
    """One proposal of a front."""

    run: Run
    proposal: Proposal

    @property
    def scores(self) -> dict[str, float]:
        """Scores of the plan; smaller is better."""
        return dict(self.proposal.assessment.scores)

    @property
    def works(self) -> pd.DataFrame:
        """What is built: one row a site and intervention, with amounts and euros."""
        return self.proposal.works

    @property
    def plan(self) -> NDArray[np.int16]:
        """Amount of each option in its step (option,)."""
        return self.proposal.plan

    def write(self, path: str | Path) -> Path:
        """Write the proposal as GeoPackage (.gpkg) or as a list of works (.csv)."""
        target = Path(path)
        if target.suffix == ".gpkg":
            target.unlink(missing_ok=True)
            write_geopackage(self.run, self.proposal, target)
        elif target.suffix == ".csv":
            write_works_csv(self.proposal, target)
        else:
            fault = Fault(str(path), f"ends in {target.suffix!r}.", "End it in .gpkg or .csv.")
            raise FaultyInputError([fault])
        return target


@dataclass(frozen=True)
class Front:
    """All non-dominated plans that a search found, and the proposals picked from them."""

    run: Run

    @property
    def dataset(self) -> xr.Dataset:
        """Scores and plans (candidate, ...); see ``front.nc``."""
        return self.run.front

    @property
    def proposals(self) -> tuple[Choice, ...]:
        """Clearly different proposals, in the order of the report."""
        return tuple(Choice(self.run, proposal) for proposal in self.run.proposals)

    def select(self, name: str) -> Choice:
        """Return the proposal of a name, Dutch or English, or the one that is best on it as well.

        Raises
        ------
        FaultyInputError
            If this front has no such proposal.
        """
        wanted = ENGLISH.get(name, name)
        for choice in self.proposals:
            also = [text.lower() for text in choice.proposal.also]
            names = (choice.proposal.id, choice.proposal.name.lower(), *also)
            if wanted.lower() in names or wanted.replace("_", " ") in names:
                return choice
        known = {found: english for english, found in ENGLISH.items()}
        there = [known.get(choice.proposal.id, choice.proposal.id) for choice in self.proposals]
        cure = f"Choose from {', '.join(there)}."
        raise FaultyInputError([Fault("select", f"found {name!r}, which is no proposal.", cure)])


def read_case(path: str | Path, data: str | Path | None = None) -> Case:
    """Return the case of a TOML file; its data lie in ``data``, or else beside the file.

    Raises
    ------
    ConfigError
        With every fault of the file.
    """
    path = Path(path)
    return Case(read_settings(path), path.parent if data is None else Path(data))


def build_problem(case: Case) -> Model:
    """Return all products of a case up to the search.

    Raises
    ------
    DataError
        With every fault of the data.
    """
    return build_model(case.settings, case.data)


def search(
    problem: Model, settings: SearchSettings | None = None, progress: Progress | None = None
) -> Front:
    """Look for the front of a problem, with its own settings of the search or with others.

    Parameters
    ----------
    settings
        Another seed, number of plans, budget and so on; absent = those of the case.
    progress
        Called with the plans evaluated and the plans to evaluate.
    """
    model = problem if settings is None else problem.with_search(settings)
    return Front(build_run(model, search_problem(model.problem, progress)))


def assess(run: str | Path, plan: str | Path, data: str | Path | None = None) -> Judged:
    """Return what a plan that somebody drew does in the case of a finished run.

    Parameters
    ----------
    run
        The run directory.
    plan
        A list of works, CSV or JSON: what, how much and where.
    data
        Folder of the files of the run; the embedded town needs none.

    Raises
    ------
    FaultyInputError
        With every fault of the run, its data or the plan.
    """
    return assess_file(Path(run), Path(plan), None if data is None else Path(data))
