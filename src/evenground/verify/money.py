"""What plans cost: against the scores of the front, the budget, its lines and their aims.

Whether budget lines can pay for a plan is a question of transport: euros flow from the lines
to the interventions that each may pay for. A plan is affordable if the largest flow covers all
that it spends; the smallest cut names what cannot be paid.

References
----------
Edmonds, J. and Karp, R. M. (1972). Theoretical improvements in algorithmic efficiency for
network flow problems. J. ACM 19(2), 248-264.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evenground.config import BudgetLine, PrioritySettings
from evenground.errors import DataError, Fault
from evenground.names import CODE, LOW_INCOME_SHARE
from evenground.verify.plans import ROUNDING, Batch, Ground
from evenground.verify.read import Evidence
from evenground.verify.words import Breach

Float = NDArray[np.float64]
Payers = frozenset[int]

NO_LINE = "geen potje"


def check_scores(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give scores of cost in the front that the works of a plan do not add up to."""
    works = batch.works
    yearly = works["steps"] * works["yearly_eur"] + works["fixed_eur"] * works["annuity"]
    for name, values in (("capital", works["spent"]), ("cost", yearly)):
        told = ground.evidence.plans.scores[name].to_numpy(float)
        told = told[batch.first : batch.first + batch.count]
        summed = batch.sums(values)
        same = np.abs(told - summed) <= ROUNDING * np.maximum(np.abs(summed), 1.0)
        for plan in np.flatnonzero(~same).tolist():
            yield Breach(batch.name(plan), name, "", float(told[plan]), float(summed[plan]))


def check_budget(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give plans that cost more than the whole budget."""
    budget = ground.evidence.settings.search.budget_eur
    spent = batch.sums(batch.works["spent"])
    for plan in np.flatnonzero(spent > budget * (1.0 + ROUNDING)).tolist():
        yield Breach(batch.name(plan), "budget", "", float(spent[plan]), budget)


def check_lines(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give plans that the budget lines cannot pay for."""
    limits = ground.evidence.settings.constraints
    if not limits.budgets:
        return
    payers = payers_of(ground, limits.budgets)
    eur = [line.eur for line in limits.budgets]
    names = [line.name for line in limits.budgets]
    if limits.pooling:
        payers = {kind: frozenset({0} if paid else ()) for kind, paid in payers.items()}
        eur, names = [sum(eur)], [" + ".join(names)]
    whose = batch.works["intervention"].map(payers)
    sets = sorted(set(payers.values()), key=sorted)
    spent = np.stack([batch.sums(batch.works["spent"].where(whose == one, 0.0)) for one in sets])
    for plan in range(batch.count):
        asked = dict(zip(sets, spent[:, plan].tolist(), strict=True))
        cut = unpaid(asked, eur)
        if cut is not None:
            need = sum(euros for one, euros in asked.items() if one <= cut)
            place = " + ".join(names[k] for k in sorted(cut)) or NO_LINE
            yield Breach(batch.name(plan), "line", place, need, float(sum(eur[k] for k in cut)))


def payers_of(ground: Ground, lines: Sequence[BudgetLine]) -> dict[str, Payers]:
    """Return the lines that may pay for each intervention."""
    kinds = ground.options[["intervention", "sector"]].drop_duplicates("intervention")
    return {
        name: frozenset(k for k, line in enumerate(lines) if {name, sector} & set(line.pays_for))
        for name, sector in kinds.itertuples(index=False)
    }


def unpaid(asked: Mapping[Payers, float], eur: Sequence[float]) -> Payers | None:
    """Return the lines that together fall short of what only they may pay; None if all is paid.

    Parameters
    ----------
    asked
        Euros to be paid, by the lines that may pay them.
    eur
        Euros that each line holds.
    """
    sets = list(asked)
    total = sum(asked.values())
    least = ROUNDING * max(total, 1.0)
    # nodes: source, sets of payers, lines, sink
    first, sink = 1 + len(sets), 1 + len(sets) + len(eur)
    room = [[0.0] * (sink + 1) for _ in range(sink + 1)]
    for k, one in enumerate(sets):
        room[0][1 + k] = asked[one]
        for line in one:
            room[1 + k][first + line] = total
    for line, euros in enumerate(eur):
        room[first + line][sink] = float(euros)
    flow = 0.0
    while True:
        before = _shortest(room, least / (10.0 * len(room)))
        if sink not in before:
            break
        flow += _push(room, before, sink)
    if flow >= total - least:
        return None
    return frozenset(node - first for node in before if first <= node < sink)


def _shortest(room: Sequence[Sequence[float]], least: float) -> dict[int, int]:
    """Return the nodes that can be reached from the source, each with the node before it."""
    before, queue = {0: 0}, deque([0])
    while queue:
        node = queue.popleft()
        for other, left in enumerate(room[node]):
            if left > least and other not in before:
                before[other] = node
                queue.append(other)
    return before


def _push(room: list[list[float]], before: Mapping[int, int], sink: int) -> float:
    """Send as much as fits along the path to the sink, in place, and return it."""
    path, node = [], sink
    while node:
        path.append((before[node], node))
        node = before[node]
    euros = min(room[a][b] for a, b in path)
    for a, b in path:
        room[a][b] -= euros
        room[b][a] += euros
    return euros


def check_spend(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give budget lines on whose purpose too little is spent."""
    for line in ground.evidence.settings.constraints.budgets:
        works, meant = batch.works, set(line.pays_for)
        for_it = works["intervention"].isin(meant) | works["sector"].isin(meant)
        spent = batch.sums(works["spent"].where(for_it, 0.0))
        for plan in np.flatnonzero(spent < line.at_least_eur * (1.0 - ROUNDING)).tolist():
            yield Breach(
                batch.name(plan), "spend", line.name, float(spent[plan]), line.at_least_eur
            )


def check_priority(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give plans that spend too small a share in the neighbourhoods with priority."""
    asked = ground.evidence.settings.constraints.priority
    if asked is None or asked.of != "spend":
        return
    works = batch.works
    inside = works["neighbourhood_code"].isin(favoured(ground.evidence, asked))
    there, whole = batch.sums(works["spent"].where(inside, 0.0)), batch.sums(works["spent"])
    for plan in np.flatnonzero(there < asked.at_least * whole - ROUNDING * whole).tolist():
        yield Breach(
            batch.name(plan), "priority", "EUR", float(there[plan] / whole[plan]), asked.at_least
        )


def favoured(evidence: Evidence, asked: PrioritySettings) -> set[str]:
    """Return the codes of the neighbourhoods with priority: those that meet all that is asked.

    Raises
    ------
    DataError
        If a named neighbourhood is not in the files.
    """
    table = evidence.neighbourhoods
    codes = set(table[CODE])
    if lost := sorted(set(asked.codes) - codes):
        cure = "Copy the whole run directory again, or run the case again."
        finding = f"has no {', '.join(lost)}, which the settings name."
        raise DataError([Fault("constraints/neighbourhoods.csv", finding, cure)])
    if asked.codes:
        codes &= set(asked.codes)
    if asked.ses_rank_at_most is not None:
        is_low = (table["ses_rank"] <= asked.ses_rank_at_most) | (table["few_meet"] == "yes")
        codes &= set(table.loc[is_low, CODE])
    if asked.low_income_at_least is not None:
        is_low = table[LOW_INCOME_SHARE] >= asked.low_income_at_least
        codes &= set(table.loc[is_low | (table["few_meet"] == "yes"), CODE])
    return codes
