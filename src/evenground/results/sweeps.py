"""What many runs of one case say together: how good they are, what matters, what holds.

Takes what was kept of every run; gives tables with one row a run, a score, a setting or a
site. Runs are compared only where they are measured alike: the same people, exposure, health
and objectives. Knows nothing of how the runs were carried out.

References
----------
Grunert da Fonseca, V., Fonseca, C. M. and Hall, A. O. (2001). Inferential performance
assessment of stochastic optimisers and the attainment function. EMO 2001, LNCS 1993, 213-225.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import moocore
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.results.numbers import compact
from evenground.uncertainty import Draws, Uncertain, sobol_indices

Float = NDArray[np.float64]

BALANCED = "in_balans"
"""The proposal by which runs are compared."""
BALANCED_NL = "In balans"
TODAY_ID = "nu"
DIRECTIONS = 4096
"""Directions of the approximated hypervolume, as in the search."""
MOST_STEPS = 200
"""Most amounts of money at which runs are compared."""
FEWEST_DRAWN = 16
"""Fewest rows of a drawn design from which Sobol indices are told."""
LEVELS = 4
"""Equal parts in which the levels of a drawn setting are told."""
OUTCOMES = {
    "common_hypervolume": "Hypervolume",
    "bound_gap": "Afstand tot de grens",
    "burden": "Ziektelast (DALY per jaar)",
    "gap": "Verschil tussen buurten (DALY per 1000 inwoners)",
    "ses_gap": "SES-kloof (DALY per 1000 inwoners)",
    "stacking": "Stapeling",
    "capital": "Aanleg (euro)",
}
"""What a setting may change, and its Dutch name; all but the first two of the balanced proposal."""


@dataclass(frozen=True)
class Outcome:
    """What is known of one run of a sweep."""

    row: int
    key: str
    state: str
    """``done``, ``no_plan``, ``fault``, ``begun`` or ``waiting``."""
    sets: Mapping[str, Any]
    """Setting of the design = its value, by dotted name."""
    place: Mapping[str, float]
    """Where drawn settings lie in their range (0-1)."""
    alike: str
    """The same for runs whose scores mean the same."""
    arrays: Mapping[str, NDArray[Any]]
    """Empty unless done."""
    said: Mapping[str, Any]

    @property
    def is_done(self) -> bool:
        """Say whether there is a front."""
        return self.state == "done"

    @property
    def balanced(self) -> int | None:
        """Place of the balanced proposal among the proposals; None where there is none."""
        for k, one in enumerate(self.said.get("proposals", ())):
            if one["id"] == BALANCED or BALANCED_NL in one["also"]:
                return k
        return None


@dataclass(frozen=True)
class Swept:
    """Everything that is told of a sweep, as tables."""

    title: str
    fictional: bool
    settings: tuple[str, ...]
    """Settings that differ between runs."""
    runs: pd.DataFrame
    """One row a run: state, settings, hypervolume and further outcomes."""
    scores: pd.DataFrame
    """One row a run, proposal and score; ``nu`` is today."""
    effects: pd.DataFrame
    """One row an outcome and setting: share of the variance that the setting explains."""
    levels: pd.DataFrame
    """One row an outcome, setting and level: mean, lowest and highest."""
    front: pd.DataFrame
    """All plans that no plan of any run, measured alike, beats: run, candidate and goals."""
    attainment: pd.DataFrame
    """One row an amount of money: least burden reached by the best run, half of them, all."""
    sites: pd.DataFrame
    """One row a site: share of the runs in whose balanced proposal it is."""


def tell_sweep(outcomes: Sequence[Outcome], title: str, design: Mapping[str, Any]) -> Swept:
    """Return everything that is told of the runs that are there."""
    done = [one for one in outcomes if one.is_done]
    names = _varied(outcomes)
    front, volumes = _merge(done)
    runs = _runs(outcomes, names, front, volumes)
    effects, levels = _effects(outcomes, runs, names, design)
    return Swept(
        title=title,
        fictional=any(bool(one.said.get("fictional")) for one in done),
        settings=names,
        runs=runs,
        scores=_scores(done, names),
        effects=effects,
        levels=levels,
        front=front,
        attainment=_attainment(_largest(done)),
        sites=_sites(done),
    )


def _varied(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return the settings that have more than one value."""
    names = dict.fromkeys(name for one in outcomes for name in one.sets)
    return tuple(name for name in names if len({_text(one.sets.get(name)) for one in outcomes}) > 1)


def _text(value: object) -> Any:  # noqa: ANN401 - a number stays one
    """Return a value of a setting as it stands in a table."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _merge(done: Sequence[Outcome]) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return what no run beats, and the hypervolume of each run by key, on one scale."""
    parts, volumes = [], {}
    for group in _groups(done):
        names = list(group[0].said["objectives"])
        goals = np.concatenate([one.arrays["goals"] for one in group])
        row = np.repeat([one.row for one in group], [len(one.arrays["goals"]) for one in group])
        candidate = np.concatenate([np.arange(len(one.arrays["goals"])) for one in group])
        capital = np.concatenate([one.arrays["capital"] for one in group])
        best = moocore.is_nondominated(np.ascontiguousarray(goals), keep_weakly=True)
        parts.append(
            pd.DataFrame({"row": row[best], "candidate": candidate[best]}).assign(
                alike=group[0].alike[:8],
                **{name: goals[best, k] for k, name in enumerate(names)},
                capital=capital[best],
            )
        )
        low, high = goals[best].min(axis=0), goals[best].max(axis=0)
        for one in group:
            volumes[one.key] = _volume(one.arrays["goals"], low, high)
    columns = ["row", "candidate", "alike", "capital"]
    return (pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)), (
        volumes
    )


def _groups(done: Sequence[Outcome]) -> list[list[Outcome]]:
    """Return the runs that are measured alike, together."""
    groups: dict[str, list[Outcome]] = {}
    for one in done:
        groups.setdefault(one.alike, []).append(one)
    return list(groups.values())


def _largest(done: Sequence[Outcome]) -> list[Outcome]:
    """Return the most runs that are measured alike."""
    return max(_groups(done), key=len, default=[])


def _volume(goals: Float, low: Float, high: Float) -> float:
    """Return the hypervolume on the scale of the merged front, from its worst to its best.

    The reference lies a tenth beyond the worst; all of it would be one.
    """
    spread = np.where(high > low, high - low, 1.0)
    scaled = np.ascontiguousarray((goals - low) / spread)
    reference = np.full(goals.shape[1], 1.1)
    found = moocore.hv_approx(scaled, ref=reference, method="DZ2019-HW", nsamples=DIRECTIONS)
    return float(found / 1.1 ** goals.shape[1])


def _runs(
    outcomes: Sequence[Outcome],
    names: Sequence[str],
    front: pd.DataFrame,
    volumes: Mapping[str, float],
) -> pd.DataFrame:
    """Return one row a run."""
    shared = front["row"].value_counts()
    whole = front.groupby("alike")["row"].size() if len(front) else pd.Series(dtype=float)
    rows = []
    for one in outcomes:
        row: dict[str, Any] = {"row": one.row, "key": one.key, "state": one.state}
        row |= {name: _text(one.sets.get(name)) for name in names}
        row |= dict.fromkeys(
            ("evaluated", "plans", "hypervolume", "front_share", *OUTCOMES), np.nan
        )
        if one.is_done:
            row |= {
                "alike": one.alike[:8],
                "evaluated": int(one.said["evaluated"]),
                "plans": len(one.arrays["goals"]),
                "hypervolume": _last(one, "history_hypervolume"),
                "common_hypervolume": volumes[one.key],
                "front_share": float(shared.get(one.row, 0)) / float(whole[one.alike[:8]]),
                "bound_gap": _last(one, "history_gap"),
            }
            chosen = one.balanced
            if chosen is not None:
                scores = one.said["proposals"][chosen]["scores"]
                row |= {name: scores[name] for name in OUTCOMES if name in scores}
        row["said"] = str(one.said.get("fault", ""))
        rows.append(row)
    return pd.DataFrame(rows)


def _last(one: Outcome, name: str) -> float:
    """Return the last figure of the history of a run; not a number where it keeps none."""
    found = one.arrays.get(name)
    return float("nan") if found is None or found.size == 0 else float(found[-1])


def _scores(done: Sequence[Outcome], names: Sequence[str]) -> pd.DataFrame:
    """Return one row a run, proposal and score."""
    rows = []
    for one in done:
        about = {"row": one.row} | {name: _text(one.sets.get(name)) for name in names}
        told = [(TODAY_ID, one.said["today"])]
        told += [(part["id"], part["scores"]) for part in one.said["proposals"]]
        rows += [
            about | {"proposal": proposal, "score": score, "value": float(value)}
            for proposal, scores in told
            for score, value in scores.items()
        ]
    return pd.DataFrame(rows, columns=["row", *names, "proposal", "score", "value"])


def _effects(
    outcomes: Sequence[Outcome],
    runs: pd.DataFrame,
    names: Sequence[str],
    design: Mapping[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how much of each outcome each setting explains, and its levels."""
    effects, levels = [], []
    place = pd.DataFrame([dict(one.place) for one in outcomes])
    is_drawn = design.get("kind") in {"sobol", "latin_hypercube"}
    for outcome in OUTCOMES:
        known = runs[outcome].notna().to_numpy()
        values = runs.loc[known, outcome].to_numpy(float)
        if values.size < 2 or np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):
            continue
        drawn = [name for name in names if is_drawn and name in place.columns]
        sobol = _sobol(place.loc[known, drawn], values)
        for name in names:
            level = (
                _parts(place.loc[known, name].to_numpy(float), runs.loc[known, name])
                if name in drawn and runs.loc[known, name].nunique() > 2 * LEVELS
                else runs.loc[known, name].map(_level).to_numpy(str)
            )
            levels += _level_rows(outcome, name, level, values)
            row = {"outcome": outcome, "setting": name, "runs": values.size}
            if name in sobol:
                effects.append(row | sobol[name])
            else:
                share = {"first": explained(level, values), "total": np.nan, "unexplained": np.nan}
                effects.append(row | share | {"method": "levels"})
    columns = ["outcome", "setting", "runs", "first", "total", "unexplained", "method"]
    named = ["outcome", "setting", "level", "runs", "mean", "lowest", "highest"]
    return pd.DataFrame(effects, columns=columns), pd.DataFrame(levels, columns=named)


def _level(value: object) -> str:
    """Return a value of a setting as a level of it, in Dutch notation."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return brief(float(value)) if is_number and value is not None else str(value)  # type: ignore[arg-type]


def brief(value: float) -> str:
    """Return a number in Dutch notation; one of five digits or more without decimals.

    Examples
    --------
    >>> brief(0.25), brief(4981523.892)
    ('0,25', '4.981.524')
    """
    return compact(round(value) if abs(value) >= 1e4 else value)


def _parts(place: Float, values: "pd.Series[Any]") -> NDArray[np.str_]:
    """Return the equal part of its range in which each draw lies, by its ends."""
    part = np.minimum((place * LEVELS).astype(int), LEVELS - 1)
    numbers = values.to_numpy(float)
    said = {
        k: f"{brief(numbers[part == k].min())} - {brief(numbers[part == k].max())}"
        for k in np.unique(part)
    }
    return np.array([said[k] for k in part])


def _level_rows(
    outcome: str, name: str, level: NDArray[np.str_], values: Float
) -> list[dict[str, Any]]:
    """Return what an outcome is at each level of a setting, in the order of the runs."""
    rows = []
    for one in dict.fromkeys(level.tolist()):
        here = values[level == one]
        about = {"outcome": outcome, "setting": name, "level": one, "runs": here.size}
        ends = {"mean": here.mean(), "lowest": here.min(), "highest": here.max()}
        rows.append(about | ends)
    return rows


def explained(level: NDArray[np.str_], values: Float) -> float:
    r"""Return the share of the variance between the levels of a setting (run,): its main effect.

    Notes
    -----
    .. math:: \eta^2 = \sum_l n_l (\bar y_l - \bar y)^2 \Big/ \sum_i (y_i - \bar y)^2
    """
    mean = values.mean()
    between: float = sum(
        float((level == one).sum()) * (float(values[level == one].mean()) - mean) ** 2
        for one in np.unique(level)
    )
    return float(between / ((values - mean) ** 2).sum())


def _sobol(place: pd.DataFrame, values: Float) -> dict[str, dict[str, Any]]:
    """Return Sobol indices of drawn settings; rows that differ only in the seed count once."""
    if place.shape[1] == 0:
        return {}
    mean = pd.Series(values).groupby([place[name].to_numpy() for name in place]).mean()
    if len(mean) < FEWEST_DRAWN or np.ptp(mean.to_numpy()) == 0.0:
        return {}
    numbers = tuple(
        Uncertain(str(name), "setting", "range", 0.0, 0.5, 1.0, "1", "", "") for name in place
    )
    at = np.array([index if isinstance(index, tuple) else (index,) for index in mean.index], float)
    found = sobol_indices(Draws(numbers, at), np.asarray(mean, np.float64))
    return {
        number.id: {
            "first": float(found.first[k]),
            "total": float(found.total[k]),
            "unexplained": found.unexplained,
            "method": "sobol",
        }
        for k, number in enumerate(numbers)
    }


def _attainment(alike: Sequence[Outcome]) -> pd.DataFrame:
    """Return the least burden that runs reach for some money: the best, half of them, and all.

    The empirical attainment function on money and burden: for so much money at most, half of
    the runs have a plan with this burden or less.
    """
    columns = ["capital", "best", "half", "all"]
    if not alike:
        return pd.DataFrame(columns=columns)
    money = np.unique(np.concatenate([one.arrays["capital"] for one in alike]))
    money = money[np.unique(np.linspace(0, money.size - 1, MOST_STEPS).astype(int))]
    reached = []
    for one in alike:
        order = np.argsort(one.arrays["capital"], kind="stable")
        lowest = np.minimum.accumulate(one.arrays["burden"][order])
        upto = np.searchsorted(one.arrays["capital"][order], money, side="right")
        today = float(one.said["today"]["burden"])
        found = np.where(upto > 0, lowest[np.maximum(upto - 1, 0)], today)
        reached.append(np.minimum(found, today))
    sorted_ = np.sort(np.stack(reached), axis=0)
    half = (len(alike) + 1) // 2 - 1
    table = {"capital": money, "best": sorted_[0], "half": sorted_[half], "all": sorted_[-1]}
    return pd.DataFrame(table)


def _sites(done: Sequence[Outcome]) -> pd.DataFrame:
    """Return in how many runs a site is in the balanced proposal."""
    columns = ["x_m", "y_m", "site_m", "runs", "share", "intervention", "capital_eur"]
    parts, n_run = [], 0
    for one in done:
        chosen = one.balanced
        if chosen is None:
            continue
        n_run += 1
        here = one.arrays["work_proposal"] == chosen
        work = {name: one.arrays[f"work_{name}"][here] for name in WORKS}
        parts.append(pd.DataFrame(work).assign(row=one.row, site_m=int(one.said["site_m"])))
    if not parts:
        return pd.DataFrame(columns=columns)
    works = pd.concat(parts, ignore_index=True)
    by_site = works.groupby(["x_m", "y_m", "site_m"], sort=True)
    table = by_site["row"].nunique().rename("runs").reset_index()
    table["share"] = table["runs"] / n_run
    # the intervention that is there in most runs; of two as often, the first by name
    often = works.groupby(["x_m", "y_m", "site_m", "intervention"])["row"].nunique()
    ordered: pd.DataFrame = often.reset_index().sort_values(
        ["row", "intervention"], ascending=[False, True]
    )
    first = ordered.drop_duplicates(["x_m", "y_m", "site_m"]).drop(columns="row")
    table = table.merge(first, on=["x_m", "y_m", "site_m"], validate="1:1")
    money = (by_site["capital_eur"].sum() / by_site["row"].nunique()).rename("capital_eur")
    table = table.merge(money.reset_index(), on=["x_m", "y_m", "site_m"], validate="1:1")
    order = ["share", "y_m", "x_m"]
    return table.sort_values(order, ascending=[False, False, True], ignore_index=True)[columns]


WORKS = ("x_m", "y_m", "intervention", "capital_eur")
"""What is needed of the works of a proposal."""
