"""Proposals on the pages: what they change, for whom, what they cost, and why each place.

Takes a run and what is said of each place; gives plain values. A plan that is not of a run, such
as one that somebody tries out, is told by the same :func:`outcome_of`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from evenground.dutch import AGE_NL, INCOME_NL
from evenground.names import CODE, FEWEST, OPTION, SITE
from evenground.objectives.inequality import concentration_curve, lorenz_curve
from evenground.outputs.report.people import gains, gains_by_income, per_1000
from evenground.outputs.report.proposals import rows_of
from evenground.pages.places import levels, plain, residents_of
from evenground.results import MEASURE_NL, TOLERANCE, WHY_OF, Assessment, Proposal, Run
from evenground.results.distribution import told_points
from evenground.study import StudyArea

Float = NDArray[np.float64]
Plain = dict[str, Any]

SCORES = (
    ("burden", "Ziektelast", "share"),
    ("gap", "Verschil tussen buurten", "share"),
    ("ses_gradient", "SES-kloof", "share"),
    ("stacking", "Stapeling", "share"),
    ("access", "Tekort aan speelplekken", "share"),
    ("capital", "Aanleg", "million"),
    ("cost", "Kosten per jaar", "million"),
)
"""What plans are compared on: key, Dutch name, and how it is shown."""
UNITS = {"share": ("verandering in\N{NO-BREAK SPACE}%", 1), "million": ("miljoen euro", 2)}
"""Unit and decimals of what is shown."""
MILLION = 1e6
GOALS = {key: name for key, name, _ in SCORES} | {"inequality": "Gelijk verdeelde last"}
"""Dutch names of what a search lowers, besides the measures of distribution."""
MOST_LOSERS = 200
"""Most groups that are worse off that are listed on a page, largest loss first."""


def goal_name(name: str) -> str:
    """Return the Dutch name of what a search lowers."""
    return GOALS.get(name) or (MEASURE_NL[name].name if name in MEASURE_NL else name)


def gap_of(scores: Any, residents: float) -> Any:  # noqa: ANN401 - one plan, or arrays of many
    """Return the inequality score less the mean burden of the residents."""
    return scores["inequality"] - 1000.0 * scores["burden"] / max(residents, 1.0)


def shown_scores(run: Run) -> list[Plain]:
    """Return what plans are compared on in this run; see :func:`scores_shown`."""
    return scores_shown(dict(run.today.scores), float(residents_of(run.study).sum()))


def scores_shown(today: Mapping[str, float], residents: float) -> list[Plain]:
    """Return what plans are compared on: name, how it is shown, and today's value.

    A score that is zero or below today has no change in per cent, and is left out.
    """
    now = dict(today)
    now["gap"] = float(gap_of(now, residents))
    return [
        {"key": key, "name": name, "kind": kind, "now": float(now[key])}
        | dict(zip(("unit", "decimals"), UNITS[kind], strict=True))
        for key, name, kind in SCORES
        if kind == "million" or now[key] > 0.0
    ]


def values_of(scores: list[Plain], plan: Any, residents: float) -> Plain:  # noqa: ANN401 - as above
    """Return each score of a plan as it is shown: change in per cent of today, or millions."""
    found = {}
    for score in scores:
        raw = gap_of(plan, residents) if score["key"] == "gap" else plan[score["key"]]
        found[score["key"]] = (
            raw / MILLION
            if score["kind"] == "million"
            else 100.0 * (raw - score["now"]) / score["now"]
        )
    return found


def outcome_of(study: StudyArea, today: Assessment, plan: Assessment) -> Plain:
    """Return what a plan does to each neighbourhood, and to how many for better or worse."""
    after = levels(study, today, plan)
    return {
        "scores": {name: float(value) for name, value in plan.scores.items()},
        "after": {name: plain(values) for name, values in after.items()},
        **moved_of(residents_of(study), today.burden, plan.burden),
    }


def moved_of(people: Float, today: Float, after: Float) -> Plain:
    """Return how many neighbourhoods and residents are better or worse off.

    Those of few residents count as well, as they do in the report: only their figures are kept.

    Parameters
    ----------
    people : (neighbourhood,)
    today, after : (group, layer, neighbourhood)
        Burden, DALY per year.
    """
    total = 1000.0 * (after - today).sum(axis=(0, 1))
    change = np.divide(total, people, out=np.zeros(people.size), where=people > 0.0)
    better, worse = change < -TOLERANCE, change > TOLERANCE
    return {
        "better": int(better.sum()),
        "worse": int(worse.sum()),
        "residents_better": float(people[better].sum()),
        "residents_worse": float(people[worse].sum()),
    }


def curves_of(study: StudyArea, plan: Assessment) -> Plain:
    """Return the Lorenz and the concentration curve over neighbourhoods, shares from 0 to 1."""
    people = residents_of(study)
    kept = people > 0.0
    burden = 1000.0 * plan.burden.sum(axis=(0, 1))[kept] / people[kept]
    rank = study.neighbourhoods["ses_rank"].to_numpy(float)[kept]
    known = np.isfinite(rank)
    curve = told_points(*lorenz_curve(burden, people[kept]), float(people.sum()))
    found = {"lorenz": [plain(axis) for axis in curve]}
    if known.any():
        curve = concentration_curve(burden[known], people[kept][known], rank[known])
        curve = told_points(*curve, float(people[kept][known].sum()))
        found["concentration"] = [plain(axis) for axis in curve]
    return found


def describe(run: Run, proposal: Proposal, why: pd.DataFrame, scores: list[Plain]) -> Plain:
    """Return all that the pages say of a proposal."""
    people = float(residents_of(run.study).sum())
    after = proposal.assessment
    moved = per_1000(run, after) - per_1000(run, run.today)
    kinds = list(run.catalogue.index)
    return {
        "id": proposal.id,
        "name": proposal.name,
        "reason": proposal.reason,
        "also": list(proposal.also),
        "helps_all": proposal.helps_all,
        "candidate": proposal.candidate,
        "values": values_of(scores, dict(after.scores), people),
        **outcome_of(run.study, run.today, after),
        "rows": rows_of(run, after),
        "intervals": _intervals(run, proposal.id),
        "stays": _stays(run, proposal.id),
        "curves": curves_of(run.study, after),
        "by_fifth": gains(run, after, moved),
        "by_income": gains_by_income(run, after),
        "losers": _losers(run, proposal.id),
        "kinds": _by(proposal, "intervention"),
        "sectors": _by(proposal, "sector"),
        "owners": _by(proposal, "owner"),
        "works": _works(run, proposal, why, kinds),
    }


def _intervals(run: Run, plan: str) -> list[Plain]:
    """Return the change of each outcome with its margin, where the run drew any."""
    if run.uncertainty is None:
        return []
    table = run.uncertainty.intervals
    table = table[(table["plan"] == plan) & (table["kind"] == "change")]
    keys = ["outcome", "central", "low", "median", "high", "share_lower"]
    return [
        {str(key): value for key, value in row.items()} for row in table[keys].to_dict("records")
    ]


def _stays(run: Run, plan: str) -> float | None:
    """Return the share of the draws in which no other proposal beats it on every goal."""
    if run.uncertainty is None:
        return None
    table = run.uncertainty.robust
    return float(table.loc[table["plan"] == plan, "stays"].iloc[0])


def _losers(run: Run, plan: str) -> Plain:
    """Return who is worse off, by place and group; nobody where too few people live."""
    table = run.distribution.worse_off
    table = table[table["plan"] == plan]
    codes = run.study.neighbourhoods[CODE].to_numpy(str)
    shown = set(codes[residents_of(run.study) >= FEWEST].tolist())
    table = table[table[CODE].isin(shown)]
    rows = [
        {
            "code": str(row["code"]),
            "name": str(row["name"]),
            "age": AGE_NL.get(str(row["age"]), ""),
            "income": INCOME_NL.get(str(row["income"]), ""),
            "persons": plain([row["persons"]])[0],
            "loss": plain([row["loss"]])[0],
        }
        for row in table.head(MOST_LOSERS).to_dict("records")
    ]
    return {"rows": rows, "count": len(table)}


def _by(proposal: Proposal, column: str) -> list[Plain]:
    """Return amounts and euros by intervention, or euros by who pays; dearest first."""
    works = proposal.works
    sums = works.groupby(column, sort=False)[["amount", "capital_eur", "yearly_eur"]].sum()
    first = works.groupby(column, sort=False)[["intervention_name", "unit"]].first()
    table = sums.join(first).sort_values("capital_eur", ascending=False, kind="stable")
    is_kind = column == "intervention"
    return [
        {
            "key": str(key),
            "name": str(row["intervention_name"] if is_kind else key),
            "amount": float(row["amount"]) if is_kind else None,
            "unit": str(row["unit"]) if is_kind else "",
            "capital": float(row["capital_eur"]),
            "yearly": float(row["yearly_eur"]),
        }
        for key, row in table.iterrows()
    ]


def _works(run: Run, proposal: Proposal, why: pd.DataFrame, kinds: list[Any]) -> Plain:
    """Return what is built where, and why there, as columns of equal length."""
    keys = [SITE, "intervention"]
    first = ["x_m", "y_m", "neighbourhood_code", "neighbourhood_name"]
    sums = ["amount", "capital_eur", "yearly_eur"]
    works = proposal.works
    table = works.groupby(keys, sort=False).agg(
        dict.fromkeys(first, "first") | dict.fromkeys(sums, "sum")
    )
    table = table.reset_index().merge(why, on=keys, how="left", validate="1:1")
    table = table.sort_values("capital_eur", ascending=False, kind="stable")
    place = {code: k for k, code in enumerate(run.study.neighbourhoods[CODE].astype(str))}
    return {
        "site": table[SITE].astype(int).tolist(),
        "x": table["x_m"].astype(int).tolist(),
        "y": table["y_m"].astype(int).tolist(),
        "kind": [kinds.index(kind) for kind in table["intervention"]],
        "amount": plain(table["amount"].to_numpy(float)),
        "capital": plain(table["capital_eur"].to_numpy(float)),
        "yearly": plain(table["yearly_eur"].to_numpy(float)),
        "place": [place.get(str(code), -1) for code in table["neighbourhood_code"]],
        "chosen": plain(table["chosen"].to_numpy(float)),
        "gain": [plain(table[f"gain_{name}"].to_numpy(float)) for name in WHY_OF],
        "best": [WHY_OF.index(name) if name in WHY_OF else -1 for name in table["best"]],
        "lead": plain(table["lead"].to_numpy(float)),
        "is_alone": np.isinf(table["lead"].to_numpy(float)).tolist(),
        "rival": [place.get(str(code), -1) for code in table["rival_code"]],
        "rival_site": table["rival_site"].fillna(-1).astype(int).tolist(),
        "rival_gain": plain(table["rival_gain"].to_numpy(float)),
    }


def front_of(run: Run, scores: list[Plain]) -> Plain:
    """Return the front: every score of every plan as it is shown, as columns."""
    people = float(residents_of(run.study).sum())
    raw = {str(name): run.front[name].to_numpy() for name in run.front.data_vars}
    values = values_of(scores, raw, people)
    return {key: plain(np.asarray(column, float)) for key, column in values.items()}


def frequency_of(front: xr.Dataset, site: NDArray[np.integer]) -> Float:
    """Return the share of the plans of a front that build anything at each site (site,).

    Parameters
    ----------
    site : (option,)
        Site of each option.
    """
    candidate = np.repeat(np.arange(front.sizes["candidate"]), front["active_count"].to_numpy())
    pairs = np.unique(candidate * (int(site.max()) + 1) + site[front[OPTION].to_numpy()])
    count = np.bincount(pairs % (int(site.max()) + 1), minlength=int(site.max()) + 1)
    return np.asarray(count / max(front.sizes["candidate"], 1))
