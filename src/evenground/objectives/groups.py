"""Groups of residents that a case follows: who belongs to each, and the gap of one with all others.

Takes the people of the study area and figures by neighbourhood. Groups may overlap; each is
compared with all who are not in it, so the two always add up to all residents.
"""

import difflib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from evenground.config import ConditionSettings, GroupSettings, RunSettings
from evenground.errors import ConfigError, Fault
from evenground.names import AGE_SHARES, LOW_INCOME_SHARE
from evenground.sources.columns import ALIASES
from evenground.study import StudyArea

Float = NDArray[np.float64]

SHARES = (*AGE_SHARES, LOW_INCOME_SHARE, "ses_rank", "covered_share", *ALIASES.values())
"""Figures that run from 0 to 1."""


def figures_of(study: StudyArea, supplied: Mapping[str, Float]) -> dict[str, Float]:
    """Return every figure by neighbourhood that a group may be chosen by (neighbourhood,).

    Parameters
    ----------
    supplied
        Means of supplied factors (neighbourhood,), by name; they win over columns.
    """
    table = study.neighbourhoods.select_dtypes("number")
    ours = {str(name): table[name].to_numpy(float) for name in table}
    also = {other: ours[name] for name, other in ALIASES.items() if name in ours}
    return also | ours | dict(supplied)


def check_groups(groups: tuple[GroupSettings, ...], figures: Mapping[str, Float]) -> list[Fault]:
    """Return a fault for every condition on a figure that is not there, or that none can meet.

    Parameters
    ----------
    figures
        Figures of the neighbourhoods (neighbourhood,), by name.
    """
    faults = []
    for group in groups:
        for condition in group.where:
            place = f"groups, {group.name}, where"
            if condition.column not in figures:
                finding = f"names column {condition.column}, which is not there."
                faults.append(Fault(place, finding, _cure(condition.column, list(figures))))
            elif condition.column in SHARES and (bound := _beyond_one(condition)) is not None:
                finding = f"has a bound of {bound:g}, and {condition.column} runs from 0 to 1."
                faults.append(Fault(place, finding, f"Write {bound / 100.0:g} for {bound:g} %."))
    return faults


def _cure(name: str, known: list[str]) -> str:
    """Say which columns there are, the nearest first."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    if near:
        return f"Did you mean {' or '.join(near)}? Or bring it under [factors]."
    return f"Choose from {', '.join(sorted(known))}, or bring it under [factors]."


def _beyond_one(condition: ConditionSettings) -> float | None:
    """Return a bound that no share can have, if there is one."""
    bounds = (condition.at_least, condition.at_most)
    return next((b for b in bounds if b is not None and not 0.0 <= b <= 1.0), None)


def persons_of(
    group: GroupSettings, study: StudyArea, figures: Mapping[str, Float] | None = None
) -> Float:
    """Return the persons of a followed group (group, neighbourhood); never more than live there.

    Parameters
    ----------
    figures
        By which ``where`` chooses; see :func:`figures_of`. Absent = those of the study area.
    """
    chosen = np.ones(len(study.groups), bool)
    if group.ages:
        chosen &= study.groups["age"].isin(group.ages).to_numpy(bool)
    if group.incomes:
        chosen &= study.groups["income"].isin(group.incomes).to_numpy(bool)
    place = np.ones(len(study.neighbourhoods), bool)
    known = figures_of(study, {}) if figures is None else figures
    for condition in _conditions(group):
        figure = known[condition.column]
        if condition.at_least is not None:
            place &= np.nan_to_num(figure, nan=-np.inf) >= condition.at_least
        if condition.at_most is not None:
            place &= np.nan_to_num(figure, nan=np.inf) <= condition.at_most
    return np.asarray(study.group_residents * chosen[:, None] * place)


def _conditions(group: GroupSettings) -> list[ConditionSettings]:
    """Return all that a group asks of its neighbourhoods."""
    asked = list(group.where)
    if group.ses_rank_at_most is not None:
        asked.append(ConditionSettings(column="ses_rank", at_most=group.ses_rank_at_most))
    if group.low_income_at_least is not None:
        least = group.low_income_at_least
        asked.append(ConditionSettings(column=LOW_INCOME_SHARE, at_least=least))
    return asked


def gap_weight(inside: Float, people: Float) -> Float:
    r"""Return what a DALY of each group adds to the gap of a followed group with all others.

    Parameters
    ----------
    inside, people : (group, neighbourhood)
        Persons of the followed group, and all.

    Returns
    -------
    (group, neighbourhood)
        In DALY per 1000 persons per DALY; zero without persons.

    Notes
    -----
    With :math:`f` the share of the persons who belong to the group:

    .. math:: \Delta = 1000 \sum_{gn} B_{gn}
       \Big(\frac{f_{gn}}{\sum f N} - \frac{1 - f_{gn}}{\sum (1 - f) N}\Big)
    """
    lived_in = people > 0.0
    share = np.divide(inside, people, out=np.zeros_like(people), where=lived_in)
    others = np.where(lived_in, 1.0 - share, 0.0)
    return np.asarray(1000.0 * (share / inside.sum() - others / (people - inside).sum()))


def follow_groups(
    settings: RunSettings, study: StudyArea, supplied: Mapping[str, Float]
) -> Float | None:
    """Check all groups, and return the weights of the gap that the case asks for, if it does.

    Parameters
    ----------
    supplied
        Means of supplied factors (neighbourhood,), by name.

    Raises
    ------
    ConfigError
        If a group rests on a figure that is not there, or the gap on too few persons.
    """
    figures = figures_of(study, supplied)
    if faults := check_groups(settings.groups, figures):
        raise ConfigError(faults)
    wanted = [group for group in settings.groups if group.name == settings.objectives.gap_group]
    if not wanted:
        return None
    inside = persons_of(wanted[0], study, figures)
    persons, others = inside.sum(), (study.group_residents - inside).sum()
    if min(persons, others) < wanted[0].minimum_persons:
        finding = (
            f"{wanted[0].name} holds {persons:.0f} persons and leaves {others:.0f} others, "
            f"expected at least {wanted[0].minimum_persons} of each."
        )
        cure = "Choose a wider group, or lower its minimum_persons."
        raise ConfigError([Fault("objectives.gap_group", finding, cure)])
    return gap_weight(inside, study.group_residents)
