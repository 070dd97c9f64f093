"""A finished run of the small town, made once, and one in which every name is hostile."""

from dataclasses import replace

import numpy as np
import pytest
from hostile import HOSTILE

from evenground.optimise import Found, search
from evenground.pipeline import Model, build_run
from evenground.results import Run


@pytest.fixture(scope="session")
def small_found(small_model: Model) -> Found:
    return search(small_model.problem)


@pytest.fixture(scope="session")
def small_run(small_model: Model, small_found: Found) -> Run:
    return build_run(small_model, small_found)


@pytest.fixture(scope="session")
def hostile_run(small_run: Run) -> Run:
    """Make every name and sentence of a case an attack; the last neighbourhood is tiny."""
    table = small_run.study.neighbourhoods.copy()
    table["name"] = [HOSTILE[k % len(HOSTILE)] for k in range(len(table))]
    case = small_run.settings.case.model_copy(
        update={"title": HOSTILE[0], "fictional": False, "remarks": HOSTILE}
    )
    layers = tuple(replace(info, source=HOSTILE[0], method=HOSTILE[1]) for info in small_run.layers)
    files = tuple(replace(f, source=HOSTILE[0], licence=HOSTILE[1]) for f in small_run.files)
    proposals = tuple(
        replace(p, works=p.works.assign(neighbourhood_name=np.resize(HOSTILE, len(p.works))))
        for p in small_run.proposals
    )
    return replace(
        small_run,
        settings=small_run.settings.model_copy(update={"case": case}),
        study=replace(small_run.study, neighbourhoods=table),
        layers=layers,
        files=files,
        proposals=proposals,
        remarks=HOSTILE,
    )


@pytest.fixture(scope="session")
def tiny_run(small_run: Run) -> Run:
    """Make the first neighbourhood with residents one of five people."""
    table = small_run.study.neighbourhoods.copy()
    k = int(np.flatnonzero(table["is_assessed"])[0])
    people = small_run.study.group_residents.copy()
    people[:, k] *= 5.0 / people[:, k].sum()
    table.loc[table.index[k], ["residents", "name"]] = [5.0, "Kleinbuurt"]
    study = replace(small_run.study, neighbourhoods=table, group_residents=people)
    return replace(small_run, study=study)
