"""Who bears what: measures of distribution of plans, followed groups, and who is worse off.

Takes evaluations and the study area. Nothing is clamped; what is known of too
few persons is not shown, though it counts in every total.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import GroupSettings
from evenground.evaluation import Evaluation, Frame
from evenground.exposure.supplied import Supplied
from evenground.names import (
    ACCESS,
    CODE,
    FEWEST,
    FEWEST_OF_GROUP,
    GREEN,
    LAYER_UNITS,
    LAYERS,
    NAME,
    NOISE,
)
from evenground.objectives import BOUNDED, distribution_index
from evenground.objectives.cumulative import read_norms
from evenground.objectives.groups import figures_of, persons_of
from evenground.objectives.inequality import (
    RANKED,
    concentration_curve,
    kolm_pollak_ede,
    kolm_pollak_kappa,
    kolm_pollak_split,
    lorenz_curve,
    measures,
    theil_split,
)
from evenground.optimise import Problem
from evenground.results.exposures import mean_exposure
from evenground.study import StudyArea

Float = NDArray[np.float64]
Over = Literal["neighbourhood", "group", "pair"]
OVER: tuple[Over, ...] = ("neighbourhood", "group", "pair")
BY = ("age", "income")
"""By what the inequality of all pairs of group and neighbourhood is split."""
LOWER_IS_WORSE = (GREEN, ACCESS)
"""Layers that are a good: their measures are turned so that every sign reads alike."""
NEEDS_ZERO = (
    "gini",
    "theil_t",
    "theil_l",
    "ge2",
    "p90_p10",
    "concentration",
    "extended_concentration",
    "relative_index",
    "slope_over_mean",
)
"""Measures that compare with the mean, and so mean nothing of what can be below zero."""


def measure_plans(
    evaluation: Evaluation, study: StudyArea, frame: Frame, over: Over = "neighbourhood"
) -> dict[str, Float]:
    """Return every measure of the burden per 1000 residents, each (candidate,).

    Parameters
    ----------
    over
        What is compared: neighbourhoods, groups of age and income, or every group in every
        neighbourhood. Groups of the whole city have no SES rank, so no measure along it.

    Notes
    -----
    Over neighbourhoods the indices of Erreygers and Wagstaff stand beside, of the share of
    adults that is highly annoyed by noise.
    """
    per_head, people, rank = _rows_of(evaluation, study, frame, over)
    found = measures(per_head, people, rank, frame.kappa)
    if over != "neighbourhood" or frame.adults is None:
        return found
    return found | {name: distribution_index(name, evaluation, frame) for name in BOUNDED}


def _rows_of(
    evaluation: Evaluation, study: StudyArea, frame: Frame, over: Over
) -> tuple[Float, Float, Float]:
    """Return burden per 1000 (candidate, row), persons and SES rank (row,) of what is compared."""
    burden = evaluation.burden.sum(axis=2)
    people = study.group_residents * frame.is_assessed
    rank = frame.ses_rank
    if over == "neighbourhood":
        burden, people = burden.sum(axis=1), people.sum(axis=0)
    elif over == "group":
        burden = (burden * frame.is_assessed).sum(axis=2)
        people, rank = people.sum(axis=1), np.full(len(people), np.nan)
    else:
        rank = np.tile(rank, len(people))
        burden, people = burden.reshape(len(burden), -1), people.ravel()
    kept = people > 0.0
    return 1000.0 * np.compress(kept, burden, axis=-1) / people[kept], people[kept], rank[kept]


def split_plans(
    evaluation: Evaluation, study: StudyArea, frame: Frame
) -> dict[tuple[str, str], tuple[Float, Float]]:
    """Return what lies within and what between the groups, each (candidate,), of two measures.

    Every group in every neighbourhood is a row; age bands or income classes are the groups. The
    two parts are exactly the measure over all rows.

    Returns
    -------
    By measure (theil_t, kolm_pollak) and what splits it (age, income): within, between.
    """
    per_head, people, _ = _rows_of(evaluation, study, frame, "pair")
    kept = (study.group_residents * frame.is_assessed).ravel() > 0.0
    out = {}
    for by in BY:
        codes = np.unique(study.groups[by].to_numpy(str), return_inverse=True)[1]
        label = np.repeat(codes, len(study.neighbourhoods))[kept]
        out["theil_t", by] = theil_split(per_head, people, label)
        out["kolm_pollak", by] = kolm_pollak_split(per_head, people, frame.kappa, label)
    return out


def draw_curves(evaluation: Evaluation, study: StudyArea, frame: Frame) -> pd.DataFrame:
    """Return the Lorenz and the concentration curve of the first plan, over neighbourhoods.

    One row a point: curve, people and load, cumulative shares from 0 to 1. The concentration
    curve runs along SES, lowest first, of those whose SES is known.
    """
    per_head, people, rank = _rows_of(evaluation, study, frame, "neighbourhood")
    known = np.isfinite(rank)
    curves = {"lorenz": lorenz_curve(per_head[0], people)}
    if known.any():
        curves["concentration"] = concentration_curve(
            per_head[0, known], people[known], rank[known]
        )
    curves = {name: told_points(*curve, float(people.sum())) for name, curve in curves.items()}
    parts = [
        pd.DataFrame({"curve": name, "people": along, "load": load})
        for name, (along, load) in curves.items()
    ]
    return pd.concat(parts, ignore_index=True)


def told_points(along: Float, load: Float, people: float) -> tuple[Float, Float]:
    """Return a curve without the points between which fewer residents live than may be shown.

    Parameters
    ----------
    along, load : (point,)
        Cumulative shares, both from 0 to 1.
    people
        Residents that the whole curve is of.
    """
    least = FEWEST * (1.0 - 1e-9) / max(people, 1.0)
    kept = [0]
    for k in range(1, along.size - 1):
        if along[k] - along[kept[-1]] >= least and along[-1] - along[k] >= least:
            kept.append(k)
    kept.append(along.size - 1)
    return along[kept], load[kept]


def unit_of(layer: str) -> str:
    """Return the unit in which the distribution of a layer is measured.

    Decibels have no zero and no mean, so of noise it is the energy of the sound, in times that
    of the norm; all others in the unit of the layer.
    """
    return f"energy of {_norm_db():g} dB" if layer == NOISE else LAYER_UNITS[layer]


def _norm_db() -> float:
    """Return the norm of noise, in dB."""
    return read_norms()[NOISE]


def measure_exposure(
    layer: str,
    value: Float,
    residents: Float,
    ses_rank: Float,
    *,
    aversion: float,
    today: Float | None = None,
    unit: str | None = None,
    worse: str | None = None,
) -> dict[str, Float]:
    """Return every measure of the mean exposure of each neighbourhood, each (...,).

    Parameters
    ----------
    layer
        A layer of the model, or the name of another exposure whose unit and worse are given.
    value : (..., neighbourhood)
        Mean at the homes of residents, in the unit of the layer; NaN where it is unknown.
    residents, ses_rank : (neighbourhood,)
    aversion
        Epsilon of the Kolm-Pollak measure.
    today : (neighbourhood,)
        Exposure by which that measure is scaled, so that plans compare; absent = the value.
    unit, worse
        Of an exposure that is no layer of the model: its unit, and higher or lower.

    Notes
    -----
    Decibels count as energy, in times that of the norm. Of a good, such as green, mean and spread
    are those of the good itself, the equally distributed level lies below the mean, and measures
    along the rank change sign (ratios are turned over): as of a burden, below zero means that
    low SES is worse off. What compares with the mean is unknown where a figure is below zero.
    """
    base = value if today is None else today
    known = (residents > 0.0) & np.isfinite(value).reshape(-1, residents.size).all(axis=0)
    known &= np.isfinite(base).reshape(-1, residents.size).all(axis=0)
    if not known.any():
        return {}
    is_db = (unit or LAYER_UNITS.get(layer)) == "dB"
    y, base = (np.compress(known, _as_energy(v) if is_db else v, axis=-1) for v in (value, base))
    people, rank = residents[known], ses_rank[known]
    kappa = kolm_pollak_kappa(np.abs(base), people, aversion)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = measures(y, people, rank, kappa)
    side = worse or ("lower" if layer in LOWER_IS_WORSE else "higher")
    if side == "lower":
        found = _turned(found, -kolm_pollak_ede(-y, people, kappa))
    if (y < 0.0).any():
        found |= {name: np.full(y.shape[:-1], np.nan) for name in NEEDS_ZERO}
    return found


def _as_energy(level_db: Float) -> Float:
    """Return sound energy in times that of the norm (same shape)."""
    return np.asarray(10.0 ** ((level_db - _norm_db()) / 10.0))


def _turned(found: dict[str, Float], ede: Float) -> dict[str, Float]:
    """Return measures of a good so that every sign reads as that of a burden."""
    turned = {name: -found[name] for name in RANKED}
    with np.errstate(divide="ignore"):
        turned["relative_index"] = np.asarray(1.0 / found["relative_index"])
    return found | turned | {"ede": ede, "kolm_pollak": found["mean"] - ede}


@dataclass(frozen=True)
class Distribution:
    """How today and each proposal spread burden and exposure; one table a question."""

    measures: pd.DataFrame
    """plan, over (neighbourhood, group, pair), measure and value, never clamped."""
    splits: pd.DataFrame
    """plan, measure, by (age, income), within and between; see :func:`split_plans`."""
    curves: pd.DataFrame
    """Of the first plan; see :func:`draw_curves`."""
    groups: pd.DataFrame
    """plan, and each followed group against all others; see :func:`list_groups`."""
    worse_off: pd.DataFrame
    """plan, and who is worse off than today; see :func:`list_worse_off`."""
    exposure: pd.DataFrame
    """plan, layer or supplied factor, unit, worse (higher or lower), measure and value."""


def distribute(
    problem: Problem,
    study: StudyArea,
    plans: Mapping[str, NDArray[np.int16]],
    groups: tuple[GroupSettings, ...],
    *,
    aversion: float,
    supplied: tuple[Supplied, ...] = (),
) -> Distribution:
    """Return how plans (option,), by name, spread the burden; the first is what is compared to.

    Parameters
    ----------
    aversion
        Epsilon of the Kolm-Pollak measure of exposures.
    supplied
        Factors that the case brought: no plan changes them.
    """
    evaluation = problem.evaluator.evaluate(np.stack(list(plans.values())))
    frame, burden = problem.frame, evaluation.burden.sum(axis=2)
    rows = [
        (plan, over, measure, float(value[k]))
        for over in OVER
        for measure, value in measure_plans(evaluation, study, frame, over).items()
        for k, plan in enumerate(plans)
    ]
    splits = [
        (plan, measure, by, float(within[k]), float(between[k]))
        for (measure, by), (within, between) in split_plans(evaluation, study, frame).items()
        for k, plan in enumerate(plans)
    ]
    figures = figures_of(study, {part.name: part.mean for part in supplied})
    followed = [
        list_groups(groups, study, burden[k], figures).assign(plan=plan)
        for k, plan in enumerate(plans)
    ]
    worse = [
        list_worse_off(burden[0], burden[k], study).assign(plan=plan)
        for k, plan in enumerate(plans)
    ]
    return Distribution(
        pd.DataFrame(rows, columns=["plan", "over", "measure", "value"]),
        pd.DataFrame(splits, columns=["plan", "measure", "by", "within", "between"]),
        draw_curves(evaluation, study, frame),
        pd.concat(followed, ignore_index=True),
        pd.concat(worse, ignore_index=True),
        _list_exposures(problem, study, plans, aversion, supplied),
    )


def _list_exposures(
    problem: Problem,
    study: StudyArea,
    plans: Mapping[str, NDArray[np.int16]],
    aversion: float,
    supplied: tuple[Supplied, ...],
) -> pd.DataFrame:
    """Return every measure of every exposure, today and under each plan."""
    people, rank = problem.frame.residents, problem.frame.ses_rank
    levels = np.stack(
        [mean_exposure(problem.evaluator.exposure(p).astype(float), study) for p in plans.values()]
    )
    rows = []
    for k, layer in enumerate(LAYERS):
        worse = "lower" if layer in LOWER_IS_WORSE else "higher"
        found = measure_exposure(
            layer, levels[:, k], people, rank, aversion=aversion, today=levels[0, k]
        )
        rows += [
            (plan, layer, unit_of(layer), worse, measure, float(value[j]))
            for measure, value in found.items()
            for j, plan in enumerate(plans)
        ]
    for part in supplied:
        unit, worse = part.settings.unit, part.settings.worse
        found = measure_exposure(
            part.name, part.mean, people, rank, aversion=aversion, unit=unit, worse=worse
        )
        shown = unit_of(NOISE) if unit == "dB" else unit
        rows += [
            (next(iter(plans)), part.name, shown, worse, measure, float(value))
            for measure, value in found.items()
        ]
    columns = ["plan", "layer", "unit", "worse", "measure", "value"]
    return pd.DataFrame(rows, columns=columns)


def list_groups(
    groups: tuple[GroupSettings, ...],
    study: StudyArea,
    burden: Float,
    figures: Mapping[str, Float] | None = None,
) -> pd.DataFrame:
    """Return each followed group against all others: one row a group.

    Parameters
    ----------
    burden : (group, neighbourhood)
        DALY per year, all layers together.
    figures
        By which groups choose their neighbourhoods; absent = those of the study area.

    Notes
    -----
    persons and others add up to all residents. A group of fewer persons than it asks for
    has no figures of burden.
    """
    people = study.group_residents
    per_head = np.divide(1000.0 * burden, people, out=np.zeros_like(burden), where=people > 0.0)
    rows = []
    for group in groups:
        inside = persons_of(group, study, figures)
        others = people - inside
        persons, rest = float(inside.sum()), float(others.sum())
        is_shown = min(persons, rest) >= group.minimum_persons
        level = float((per_head * inside).sum()) / persons if is_shown else np.nan
        other = float((per_head * others).sum()) / rest if is_shown else np.nan
        ratio = level / other if is_shown and other > 0.0 else np.nan
        rows.append((group.name, persons, rest, level, other, level - other, ratio))
    columns = ["name", "persons", "others", "level", "level_others", "gap", "ratio"]
    return pd.DataFrame(rows, columns=columns)


def list_worse_off(
    before: Float,
    after: Float,
    study: StudyArea,
    *,
    tolerance: float = 1e-9,
    least: float = FEWEST_OF_GROUP,
) -> pd.DataFrame:
    """Return who is worse off, by place and group, the largest loss first.

    Parameters
    ----------
    before, after : (group, neighbourhood)
        DALY per year, all layers together.
    tolerance
        DALY per 1000 persons per year that counts as no change.
    least
        Losses of fewer persons are told of the neighbourhood only: age and income stay blank.
        Of fewer than ten, in the group or in the neighbourhood, the size of the loss stays blank
        as well, and they come last.
    """
    people = study.group_residents
    change = np.zeros_like(after)
    np.divide(1000.0 * (after - before), people, out=change, where=people > 0.0)
    group, place = np.nonzero(change > tolerance)
    is_shown = (people.sum(axis=0)[place] >= FEWEST) & (people[group, place] >= FEWEST)
    told = np.where(is_shown, change[group, place], np.nan)
    order = np.argsort(-told, kind="stable")
    group, place, told = group[order], place[order], told[order]
    is_told = (people[group, place] >= least) & np.isfinite(told)
    return pd.DataFrame(
        {
            CODE: study.neighbourhoods[CODE].to_numpy(str)[place],
            NAME: study.neighbourhoods[NAME].to_numpy(str)[place],
            "age": np.where(is_told, study.groups["age"].to_numpy(str)[group], ""),
            "income": np.where(is_told, study.groups["income"].to_numpy(str)[group], ""),
            "persons": np.where(is_told, people[group, place], np.nan),
            "loss": told,
        }
    )
