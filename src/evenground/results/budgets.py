"""What each budget line is spent on, what one more euro is worth, and what pooling would gain.

Takes the problem and the proposals; gives labelled tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import BudgetLine
from evenground.constraints import spend_of
from evenground.optimise import Problem, gain_of_pooling, worth_of_budgets

Float = NDArray[np.float64]
Plan = NDArray[np.int16]

WHOLE = "alles samen"
"""Name of the whole budget among the lines."""
PER_EURO = 100_000.0
"""Euros to which worth is told."""


@dataclass(frozen=True)
class Budgets:
    """Budget lines of a run."""

    lines: pd.DataFrame
    """plan, line, eur (most), at_least_eur, spent (on what it pays for), share (of eur), and for
    burden, inequality and stacking the fall per 100 000 euros more, with the next project."""
    pooling_daly: float
    """How much more burden linear gains could take off if lines paid for each other, DALY per
    year; NaN where there is nothing to pool."""
    pooling_share: float
    """The same as a share of what they could take off apart."""


def tell_budgets(
    problem: Problem, lines: Sequence[BudgetLine], plans: Mapping[str, Plan], *, pooling: bool
) -> Budgets:
    """Return what each line is spent on and worth, for each plan (option,) by name.

    Parameters
    ----------
    pooling
        Whether lines pay for each other already.
    """
    payable = paid_by(problem, lines)
    rows = [
        row for name, plan in plans.items() for row in _rows(problem, lines, payable, name, plan)
    ]
    gained = share = np.nan
    if len(lines) > 1 and not pooling:
        apart, together = gain_of_pooling(problem)
        gained = together - apart
        share = gained / apart if apart > 0.0 else np.nan
    return Budgets(pd.DataFrame(rows), float(gained), float(share))


def paid_by(problem: Problem, lines: Sequence[BudgetLine]) -> dict[str, NDArray[np.bool_]]:
    """Return the options that each line pays for (option,), and the whole, by name."""
    table = problem.options.interventions
    out = {}
    for line in lines:
        wanted = set(line.pays_for)
        paid = [
            bool({str(name), str(sector)} & wanted)
            for name, sector in zip(table.index, table["sector"], strict=True)
        ]
        out[line.name] = np.array(paid)[problem.options.intervention]
    everything = np.ones(problem.options.most.size, bool)
    return {**out, WHOLE: np.any([*out.values()], axis=0) if out else everything}


def _rows(
    problem: Problem,
    lines: Sequence[BudgetLine],
    payable: Mapping[str, NDArray[np.bool_]],
    name: str,
    plan: Plan,
) -> list[dict[str, object]]:
    """Return one row for each line of one plan."""
    euros = spend_of(plan, problem.rules)
    worth = worth_of_budgets(problem, plan, payable)
    names = problem.options.interventions["name_nl"].to_numpy(str)
    most = {line.name: (line.eur, line.at_least_eur) for line in lines}
    most[WHOLE] = (problem.rules.rows[-1].eur, 0.0)
    rows = []
    for line, counted in payable.items():
        eur, least = most[line]
        spent = float(euros[counted].sum())
        row: dict[str, object] = {
            "plan": name,
            "line": line,
            "eur": eur,
            "at_least_eur": least,
            "spent": spent,
            "share": spent / eur if eur > 0.0 else np.nan,
        }
        for score, found in worth[line].items():
            row[f"{score}_per_100000"] = PER_EURO * found.per_euro
            kind = problem.options.intervention[found.option] if found.option >= 0 else -1
            row[f"{score}_next"] = names[kind].split(":", maxsplit=1)[0] if kind >= 0 else ""
        rows.append(row)
    return rows
