"""Figures by neighbourhood and by group of residents, as the report shows them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground.dutch import INCOME_NL
from evenground.names import ACCESS, NOISE
from evenground.objectives.inequality import quantile
from evenground.results import TOLERANCE, Assessment, Run
from evenground.results.numbers import FEWEST

Float = NDArray[np.float64]

FIFTHS = {
    1: "laagste inkomens",
    2: "op een na laagste",
    3: "midden",
    4: "op een na hoogste",
    5: "hoogste inkomens",
    0: "inkomen onbekend",
}


def residents(run: Run) -> Float:
    """Residents of the neighbourhoods that are assessed, zero elsewhere (neighbourhood,)."""
    return np.asarray(run.study.group_residents.sum(axis=0))


def shown(run: Run, values: Float) -> Float:
    """Return the values (neighbourhood,) with NaN where too few people live to show them."""
    return np.where(residents(run) >= FEWEST, values, np.nan)


def per_1000(run: Run, assessment: Assessment) -> Float:
    """DALY per 1000 residents per year (neighbourhood,), NaN without residents."""
    return per_person(run, 1000.0 * assessment.burden.sum(axis=(0, 1)))


def per_person(run: Run, total: Float) -> Float:
    """Total of each neighbourhood per resident (neighbourhood,), NaN without residents."""
    people = residents(run)
    out = np.full(people.size, np.nan)
    return np.asarray(np.divide(total, people, out=out, where=people > 0.0))


def mean_of(values: Float, people: Float) -> float:
    """Mean over the residents for whom a value is known."""
    known = np.isfinite(values) & (people > 0.0)
    return float(np.average(values[known], weights=people[known])) if known.any() else np.nan


def usual_exposure(run: Run, k: int, assessment: Assessment, inside: NDArray[np.bool_]) -> float:
    """Mean exposure to one layer; decibels as energy, and of places to play the median.

    A park in a neighbourhood where hardly anybody lives gives so many places per resident
    that a mean would say nothing of the others.
    """
    values, people = assessment.exposure[k][inside], residents(run)[inside]
    if run.layers[k].name == ACCESS:
        known = np.isfinite(values) & (people > 0.0)
        return float(quantile(values[known], people[known], 0.5)) if known.any() else np.nan
    if run.layers[k].name != NOISE:
        return mean_of(values, people)
    energy = mean_of(10.0 ** (values / 10.0), people)
    return float(10.0 * np.log10(energy)) if energy > 0.0 else np.nan


def fifths(run: Run) -> Iterator[tuple[str, NDArray[np.bool_], float]]:
    """Give each fifth of the residents by income: name, its neighbourhoods, residents.

    A fifth of fewer residents than may be shown is left out.
    """
    people = residents(run)
    fifth = run.study.neighbourhoods["income_fifth"].to_numpy(int)
    for label, name in FIFTHS.items():
        inside = (fifth == label) & (people > 0.0)
        if people[inside].sum() >= FEWEST:
            yield name, inside, float(people[inside].sum())


def incomes(run: Run) -> Iterator[tuple[str, NDArray[np.bool_], float]]:
    """Give each income class of the residents themselves: name, its groups, residents."""
    for label, name in INCOME_NL.items():
        inside = (run.study.groups["income"] == label).to_numpy()
        total = float(run.study.group_residents[inside].sum())
        if total >= FEWEST:
            yield name, inside, total


def burdens_now(run: Run) -> list[dict[str, Any]]:
    """Who carries the burdens today, by fifth of the residents by income."""
    now = run.today
    city = float(now.stacking.sum()) / max(float(residents(run).sum()), 1e-300)
    rows = []
    for name, inside, total in fifths(run):
        exceeded = now.exceeded[:, inside].sum(axis=1) / total
        stacking = float(now.stacking[inside].sum()) / total
        rows.append(
            {
                "name": name,
                "residents": total,
                "burden": 1000.0 * float(now.burden[:, :, inside].sum()) / total,
                "stacking": 100.0 * stacking / city if city > 0.0 else np.nan,
                "three": float(exceeded[3:].sum()) * total,
                "three_share": 100.0 * float(exceeded[3:].sum()),
                "all_share": 100.0 * float(exceeded[-1]),
                "exposure": [usual_exposure(run, k, now, inside) for k in range(len(run.layers))],
            }
        )
    return rows


def burdens_by_income(run: Run) -> list[dict[str, Any]]:
    """Burden today by the income of the residents themselves."""
    return [
        {
            "name": name,
            "residents": total,
            "burden": 1000.0 * float(run.today.burden[inside].sum()) / total,
        }
        for name, inside, total in incomes(run)
    ]


def gains(run: Run, after: Assessment, difference: Float) -> list[dict[str, Any]]:
    """Who gains and who loses, by fifth of the residents by income."""
    people = residents(run)
    moved = after.burden.sum(axis=(0, 1)) - run.today.burden.sum(axis=(0, 1))
    rows = []
    for name, inside, total in fifths(run):
        before = float(run.today.burden[:, :, inside].sum())
        change = float(moved[inside].sum())
        rows.append(
            {
                "name": name,
                "residents": total,
                "change": 1000.0 * change / total,
                "before": before,
                "after": before + change,
                "better": float(people[inside & (difference < -TOLERANCE)].sum()),
                "worse": float(people[inside & (difference > TOLERANCE)].sum()),
                "stacking": (
                    float(run.today.stacking[inside].sum()),
                    float(after.stacking[inside].sum()),
                ),
            }
        )
    return rows


def gains_by_income(run: Run, after: Assessment) -> list[dict[str, Any]]:
    """Change for residents by their own income class, within all neighbourhoods."""
    rows = []
    for name, inside, total in incomes(run):
        before, then = float(run.today.burden[inside].sum()), float(after.burden[inside].sum())
        change = 1000.0 * (then - before) / total
        rows.append(
            {"name": name, "residents": total, "change": change, "before": before, "after": then}
        )
    return rows
