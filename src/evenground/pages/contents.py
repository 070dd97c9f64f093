"""All that the pages of a run say, as one file of plain values that any page is made from.

Written once by the run, so that showing a page computes nothing and loads nothing heavy.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from evenground.interventions import Options
from evenground.names import SITE
from evenground.outputs.report.figures import KINDS
from evenground.pages.account import account_of
from evenground.pages.form import FORMAT, NAME, SUMMARY
from evenground.pages.places import (
    layers,
    levels,
    neighbourhoods,
    outlines,
    plain,
    residents_of,
    scales,
    sites_of,
    themes_of,
)
from evenground.pages.plans import (
    curves_of,
    describe,
    frequency_of,
    front_of,
    goal_name,
    shown_scores,
)
from evenground.results import WHY_OF, Run

OFTEN = 0.005
"""Least share of the plans that build at a site for it to be drawn."""


def gather(run: Run, options: Options, why: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return all that the pages say of a run.

    Parameters
    ----------
    why
        What is said of each place of a proposal, by its id; see ``results.explain_places``.
    """
    study, case = run.study, run.settings.case
    themes, scores = themes_of(run), shown_scores(run)
    now = levels(study, run.today, run.today)
    left, bottom, right, top = study.grid.bounds
    return {
        "format": FORMAT,
        "case": {
            "id": case.id,
            "title": case.title,
            "fictional": case.fictional,
            "price_year": case.price_year,
        },
        "budget": run.settings.search.budget_eur,
        "residents": float(residents_of(study).sum()),
        "objectives": [goal_name(name) for name in run.settings.search.objectives],
        "bounds": [left, bottom, right, top],
        "site_m": study.site_m,
        "crs": study.grid.CRS,
        "sites": sites_of(study, _used(run, options)),
        "themes": [vars(theme) for theme in themes],
        "scales": scales(run, themes),
        "scores": scores,
        "why_of": list(WHY_OF),
        "kinds": [
            {
                "key": str(key),
                "name": str(row["name_nl"]),
                "name_en": str(row["name_en"]),
                "unit": str(row["unit_nl"]),
                "unit_en": str(row["unit"]),
                "sector": str(row["sector"]),
                "colour": KINDS[k % len(KINDS)],
            }
            for k, (key, row) in enumerate(run.catalogue.iterrows())
        ],
        "layers": layers(run),
        "neighbourhoods": neighbourhoods(run),
        "outlines": outlines(study),
        "now": {name: plain(values) for name, values in now.items()},
        "today": {
            name: float(value) for name, value in {**run.today.scores, **run.today.measures}.items()
        },
        "curves": curves_of(study, run.today),
        "proposals": [describe(run, p, why[p.id], scores) for p in run.proposals],
        "front": front_of(run, scores),
        "frequency": _frequency(run, options),
        "account": account_of(run),
    }


def _frequency(run: Run, options: Options) -> dict[str, list[Any]]:
    """Return how often plans of the front build at each site, where they do."""
    share = frequency_of(run.front, options.site)
    site = np.flatnonzero(share >= OFTEN)
    corner = run.study.sites.corner[site]
    return {
        "site": site.tolist(),
        "x": corner[:, 0].tolist(),
        "y": corner[:, 1].tolist(),
        "share": plain(share[site]),
    }


def _used(run: Run, options: Options) -> list[int]:
    """Return the sites that any map shows: of proposals, and where plans build often."""
    share = frequency_of(run.front, options.site)
    often = set(np.flatnonzero(share >= OFTEN).tolist())
    return sorted(often.union(*(p.works[SITE].astype(int).tolist() for p in run.proposals)))


def write_contents(contents: dict[str, Any], folder: Path) -> Path:
    """Write what the pages say; what is no number is written as null."""
    for name, said in ((NAME, contents), (SUMMARY, summary_of(contents))):
        text = json.dumps(_finite(said), ensure_ascii=False, allow_nan=False)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / NAME


def summary_of(contents: dict[str, Any]) -> dict[str, Any]:
    """Return the few figures by which a run is known among others.

    best is the least that any plan of the front reaches of each score, in per cent of today.
    """
    shares = [score for score in contents["scores"] if score["kind"] == "share"]
    front = contents["front"]
    files = [[file["path"], file["sha256"]] for file in contents["account"]["files"]]
    return {
        "case": contents["case"]["id"],
        "title": contents["case"]["title"],
        "budget": contents["budget"],
        "n_proposal": len(contents["proposals"]),
        "n_front": len(front[contents["scores"][0]["key"]]),
        "best": {s["key"]: min(front[s["key"]]) for s in shares if front[s["key"]]},
        "names": {score["key"]: score["name"] for score in shares},
        "inputs": _digest(files),
        "settings": _digest(contents["account"]["settings"]),
    }


def _digest(value: object) -> str:
    """Return a fingerprint of plain values."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:16]


def _finite(value: Any) -> Any:  # noqa: ANN401 - nested plain values
    """Return plain values of JSON, with None for what is not finite."""
    if isinstance(value, dict):
        return {str(key): _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return _finite(value.tolist())
    if isinstance(value, np.generic):
        return _finite(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
