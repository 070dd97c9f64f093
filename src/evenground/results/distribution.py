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
from evenground.names import CODE, FEWEST_OF_GROUP, LOW_INCOME_SHARE, NAME
from evenground.objectives.inequality import measures
from evenground.optimise import Problem
from evenground.study import StudyArea

Float = NDArray[np.float64]
Over = Literal["neighbourhood", "group", "pair"]


def measure_plans(
    evaluation: Evaluation, study: StudyArea, frame: Frame, over: Over = "neighbourhood"
) -> dict[str, Float]:
    """Return every measure of the burden per 1000 residents, each (candidate,).

    Parameters
    ----------
    over
        What is compared: neighbourhoods, groups of age and income, or every group in every
        neighbourhood. Groups of the whole city have no SES rank, so no measure along it.
    """
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
    per_head = 1000.0 * np.compress(kept, burden, axis=-1) / people[kept]
    return measures(per_head, people[kept], rank[kept], frame.kappa)


@dataclass(frozen=True)
class Distribution:
    """How today and each proposal spread the burden; one table a question."""

    measures: pd.DataFrame
    """plan, over (neighbourhood, group, pair), measure and value, never clamped."""
    groups: pd.DataFrame
    """plan, and each followed group against all others; see :func:`list_groups`."""
    worse_off: pd.DataFrame
    """plan, and who is worse off than today; see :func:`list_worse_off`."""


def distribute(
    problem: Problem,
    study: StudyArea,
    plans: Mapping[str, NDArray[np.int16]],
    groups: tuple[GroupSettings, ...],
) -> Distribution:
    """Return how plans (option,), by name, spread the burden; the first is what is compared to."""
    evaluation = problem.evaluator.evaluate(np.stack(list(plans.values())))
    rows = [
        (plan, over, measure, float(value[k]))
        for over in ("neighbourhood", "group", "pair")
        for measure, value in measure_plans(evaluation, study, problem.frame, over).items()
        for k, plan in enumerate(plans)
    ]
    burden = evaluation.burden.sum(axis=2)
    followed = [
        list_groups(groups, study, burden[k]).assign(plan=plan) for k, plan in enumerate(plans)
    ]
    worse = [
        list_worse_off(burden[0], burden[k], study).assign(plan=plan)
        for k, plan in enumerate(plans)
    ]
    return Distribution(
        pd.DataFrame(rows, columns=["plan", "over", "measure", "value"]),
        pd.concat(followed, ignore_index=True),
        pd.concat(worse, ignore_index=True),
    )


def persons_of(group: GroupSettings, study: StudyArea) -> Float:
    """Return the persons of a followed group (group, neighbourhood); never more than live there."""
    chosen = np.ones(len(study.groups), bool)
    if group.ages:
        chosen &= study.groups["age"].isin(group.ages).to_numpy(bool)
    if group.incomes:
        chosen &= study.groups["income"].isin(group.incomes).to_numpy(bool)
    place = np.ones(len(study.neighbourhoods), bool)
    if group.ses_rank_at_most is not None:
        rank = study.neighbourhoods["ses_rank"].to_numpy(float)
        place &= np.nan_to_num(rank, nan=np.inf) <= group.ses_rank_at_most
    if group.low_income_at_least is not None:
        low = study.neighbourhoods[LOW_INCOME_SHARE].to_numpy(float)
        place &= np.nan_to_num(low, nan=-np.inf) >= group.low_income_at_least
    return np.asarray(study.group_residents * chosen[:, None] * place)


def list_groups(groups: tuple[GroupSettings, ...], study: StudyArea, burden: Float) -> pd.DataFrame:
    """Return each followed group against all others: one row a group.

    Parameters
    ----------
    burden : (group, neighbourhood)
        DALY per year, all layers together.

    Notes
    -----
    persons and others add up to all residents. A group of fewer persons than it asks for
    has no figures of burden.
    """
    people = study.group_residents
    per_head = np.divide(1000.0 * burden, people, out=np.zeros_like(burden), where=people > 0.0)
    rows = []
    for group in groups:
        inside = persons_of(group, study)
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
    """
    people = study.group_residents
    change = np.zeros_like(after)
    np.divide(1000.0 * (after - before), people, out=change, where=people > 0.0)
    group, place = np.nonzero(change > tolerance)
    order = np.argsort(-change[group, place], kind="stable")
    group, place = group[order], place[order]
    is_told = people[group, place] >= least
    return pd.DataFrame(
        {
            CODE: study.neighbourhoods[CODE].to_numpy(str)[place],
            NAME: study.neighbourhoods[NAME].to_numpy(str)[place],
            "age": np.where(is_told, study.groups["age"].to_numpy(str)[group], ""),
            "income": np.where(is_told, study.groups["income"].to_numpy(str)[group], ""),
            "persons": np.where(is_told, people[group, place], np.nan),
            "loss": change[group, place],
        }
    )
