"""Compiled repair: bring plans within everything that they must respect, in place.

The steps run in the order in which they stand here; each only lowers amounts, so that
none undoes another, but the last, which raises what has to be spent. The plain form of
each step stands with its constraint, and is what these loops are tested against. Knows
numbers only.
"""

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from evenground.kernels.compiled import compiled
from evenground.kernels.plans import PART, list_active

Float = NDArray[np.float64]
Index = NDArray[np.int32]
Long = NDArray[np.int64]
Plan = NDArray[np.int16]
Byte = NDArray[np.uint8]

SLACK = 1e-9
"""Part by which rounding may take a sum over its bound."""


@njit(nogil=True, inline="always", error_model="numpy")
def _lowered(amount: int, drop: int, least: int, lock: int) -> int:
    """Return an amount less some steps; what would be smaller than the least is not started."""
    left = max(amount - drop, lock)
    if left < least:
        left = lock
    return left


@njit(nogil=True, inline="always", error_model="numpy")
def _bound_amounts(
    plan: Plan, most: Plan, least: Plan, lock: Plan, locked: Index, active: Index
) -> int:
    """Hold every amount between what is locked in and what fits; too small is not started.

    Returns how many options hold something, and lists these in ``active``.
    """
    for at in range(locked.size):
        plan[locked[at]] = max(plan[locked[at]], lock[locked[at]])
    n = 0
    for at in range(list_active(plan, active)):
        j = active[at]
        amount = min(max(plan[j], lock[j]), most[j])
        plan[j] = lock[j] if amount < least[j] else amount
        active[n] = j
        n += int(plan[j] != 0)
    return n


@njit(nogil=True, inline="always", error_model="numpy")
def _in_order(marks: Byte, worst_first: Index, out: Index) -> int:
    """Write the marked options into ``out``, the worst first, and return their number.

    Marks stand by rank, and are wiped.
    """
    n = list_active(marks, out)
    for at in range(n):
        marks[out[at]] = 0
        out[at] = worst_first[out[at]]
    return n


@njit(nogil=True, inline="always", error_model="numpy")
def _space_out(
    plan: Plan,
    lock: Plan,
    active: Index,
    rank: Index,
    worst_first: Index,
    near_start: Long,
    near: Index,
    marks: Byte,
    order: Index,
) -> None:
    """Drop an option that stands too near to a better one; a better one is kept."""
    for at in range(active.size):
        j = active[at]
        if lock[j] == 0 and near_start[j + 1] > near_start[j]:
            marks[rank[j]] = 1
    for at in range(_in_order(marks, worst_first, order)):
        j = order[at]
        for k in range(near_start[j], near_start[j + 1]):
            if plan[near[k]] > 0:
                plan[j] = 0
                break


@njit(nogil=True, inline="always", error_model="numpy")
def _share_ground(
    plan: Plan,
    least: Plan,
    lock: Plan,
    active: Index,
    rank: Index,
    worst_first: Index,
    coupling: Index,
    use: Float,
    capacity: Float,
    used: Float,
    marks: Byte,
    order: Index,
) -> None:
    """Lower options that want the same ground until it holds them, the worst first.

    ``used`` is all zero before and after.
    """
    for at in range(active.size):
        j = active[at]
        if plan[j] > 0 and coupling[j] >= 0:
            used[coupling[j]] += plan[j] * use[j]
    for at in range(active.size):
        j = active[at]
        g = coupling[j]
        if plan[j] > 0 and g >= 0 and used[g] > capacity[g] * (1.0 + SLACK):
            marks[rank[j]] = 1
    for at in range(_in_order(marks, worst_first, order)):
        j = order[at]
        g = coupling[j]
        if used[g] <= capacity[g] * (1.0 + SLACK):
            continue
        drop = int(np.ceil((used[g] - capacity[g]) / use[j] - SLACK))
        left = _lowered(int(plan[j]), drop, int(least[j]), int(lock[j]))
        used[g] -= (plan[j] - left) * use[j]
        plan[j] = left
    for at in range(active.size):
        if coupling[active[at]] >= 0:
            used[coupling[active[at]]] = 0.0


@njit(nogil=True, inline="always", error_model="numpy")
def _cost(amount: int, capital: float, fixed: float) -> float:
    """Return the euros of an option: its steps, and starting it."""
    return amount * capital + (fixed if amount > 0 else 0.0)


@njit(nogil=True, inline="always", error_model="numpy")
def _keep_to_budgets(
    plan: Plan,
    least: Plan,
    lock: Plan,
    active: Index,
    rank: Index,
    worst_first: Index,
    capital: Float,
    fixed: Float,
    line: Long,
    budget: Float,
    marks: Byte,
    order: Index,
) -> None:
    """Lower the worst options of each budget until what it pays for is affordable."""
    for r in range(budget.size):
        bit = np.int64(1) << np.int64(r)
        cost = 0.0
        for at in range(active.size):
            j = active[at]
            if plan[j] > 0 and line[j] & bit:
                cost += _cost(int(plan[j]), capital[j], fixed[j])
        most = budget[r] * (1.0 + SLACK)
        if cost <= most:
            continue
        for at in range(active.size):
            j = active[at]
            if plan[j] > 0 and line[j] & bit and capital[j] + fixed[j] != 0.0:
                marks[rank[j]] = 1
        for at in range(_in_order(marks, worst_first, order)):
            if cost <= most:
                break
            j = order[at]
            drop = int(plan[j])
            if capital[j] > 0.0:
                drop = min(drop, int(np.ceil((cost - budget[r]) / capital[j] - SLACK)))
            left = _lowered(int(plan[j]), drop, int(least[j]), int(lock[j]))
            cost -= _cost(int(plan[j]), capital[j], fixed[j]) - _cost(left, capital[j], fixed[j])
            plan[j] = left


@njit(nogil=True, inline="always", error_model="numpy")
def _give_share(
    plan: Plan,
    least: Plan,
    lock: Plan,
    active: Index,
    rank: Index,
    worst_first: Index,
    per_step: Float,
    per_start: Float,
    marks: Byte,
    order: Index,
) -> None:
    """Lower what does not count for the priority until the rest holds its share."""
    balance = 0.0
    size = 0.0
    for at in range(active.size):
        j = active[at]
        if plan[j] > 0:
            balance += plan[j] * per_step[j] + per_start[j]
            size += abs(plan[j] * per_step[j] + per_start[j])
    edge = -SLACK * size
    if balance >= edge:
        return
    for at in range(active.size):
        if plan[active[at]] > 0 and per_step[active[at]] < 0.0:
            marks[rank[active[at]]] = 1
    for at in range(_in_order(marks, worst_first, order)):
        if balance >= edge:
            break
        j = order[at]
        drop = min(int(plan[j]), int(np.ceil(balance / per_step[j] - SLACK)))
        left = _lowered(int(plan[j]), drop, int(least[j]), int(lock[j]))
        balance -= (plan[j] - left) * per_step[j]
        if left == 0:
            balance -= per_start[j]
        plan[j] = left


@compiled()
def fill_plan(
    plan: Plan,
    best_first: Index,
    most: Plan,
    least: Plan,
    near_start: Long,
    near: Index,
    coupling: Index,
    use: Float,
    capacity: Float,
    capital: Float,
    fixed: Float,
    line: Long,
    budget: Float,
    per_step: Float,
    per_start: Float,
    goal_line: int,
    goal_eur: float,
) -> None:
    """Raise the options of one plan in order, in place, while everything allows it.

    Parameters
    ----------
    plan : (option,)
    best_first : (chosen,)
        Options to raise, the first first.
    most, least, coupling, use, capital, fixed, line, per_step, per_start : (option,)
    near_start : (option + 1,), near : (pair,), capacity : (ground,), budget : (row,)
        See :func:`repair_plans`.
    goal_line, goal_eur
        Bits of the rows of which only options are raised, and only until so many euros are
        spent on them; 0 and infinite to raise all.
    """
    used = np.zeros(capacity.size)
    left = budget.copy()
    balance, spent = 0.0, 0.0
    last = np.int64(1) << np.int64(budget.size - 1)
    cheapest = np.inf
    for j in range(plan.size):
        # nothing can be told from a budget that does not count every option
        cheapest = min(cheapest, capital[j]) if line[j] & last else 0.0
        if plan[j] > 0:
            cost = _cost(int(plan[j]), capital[j], fixed[j])
            for r in range(budget.size):
                if line[j] & (np.int64(1) << np.int64(r)):
                    left[r] -= cost
            if coupling[j] >= 0:
                used[coupling[j]] += plan[j] * use[j]
            balance += plan[j] * per_step[j] + per_start[j]
            if line[j] & goal_line:
                spent += cost
    # what does not count for the priority waits until the rest has made room for it
    for _ in range(3):
        is_again = waits = False
        for j in best_first:
            # what is left of the budget that counts all options pays for none
            if cheapest > 0.0 and left[-1] / cheapest + SLACK < 1.0:
                break
            if goal_line != 0 and not (line[j] & goal_line and spent < goal_eur):
                continue
            room = int(most[j]) - int(plan[j])
            start = fixed[j] if plan[j] == 0 else 0.0
            g = coupling[j]
            if g >= 0:
                room = min(room, int((capacity[g] - used[g]) / use[j] + SLACK))
            if capital[j] > 0.0:
                for r in range(budget.size):
                    # a row without a bound leaves the room as it is
                    if line[j] & (np.int64(1) << np.int64(r)) and left[r] < np.inf:
                        room = min(room, int((left[r] - start) / capital[j] + SLACK))
                if goal_line != 0:
                    lacks = int(np.ceil((goal_eur - spent - start) / capital[j] - SLACK))
                    room = min(room, max(lacks, int(least[j]) - int(plan[j]), 0))
            if per_step[j] < 0.0:
                begun = per_start[j] if plan[j] == 0 else 0.0
                held = int((balance + begun) / -per_step[j] + SLACK)
                waits |= held < room
                room = min(room, held)
            if room <= 0 or plan[j] + room < least[j]:
                continue
            if plan[j] == 0:
                for k in range(near_start[j], near_start[j + 1]):
                    if plan[near[k]] > 0:
                        room = 0
                        break
                if room == 0:
                    continue
                balance += per_start[j]
            cost = room * capital[j] + start
            for r in range(budget.size):
                if line[j] & (np.int64(1) << np.int64(r)):
                    left[r] -= cost
            if g >= 0:
                used[g] += room * use[j]
            balance += room * per_step[j]
            if line[j] & goal_line:
                spent += cost
            plan[j] += room
            is_again = True
        if not (is_again and waits):
            break


@compiled(parallel=True)
def repair_plans(
    plans: Plan,
    rows: Long,
    most: Plan,
    least: Plan,
    lock: Plan,
    worst_first: Index,
    near_start: Long,
    near: Index,
    coupling: Index,
    use: Float,
    capacity: Float,
    capital: Float,
    fixed: Float,
    line: Long,
    budget: Float,
    per_step: Float,
    per_start: Float,
    goal_line: Long,
    goal_eur: Float,
) -> None:
    """Bring some plans within everything that they must respect, in place.

    Looks at what a plan holds only, so that short plans cost little in a large city.
    Amounts are lowered from the option that gains least per euro upwards; a plan that
    already fits, to within rounding of its sums, stays as it is. Where budgets ask for a
    least spend, the options that gain most are raised until it is reached or nothing fits.

    Parameters
    ----------
    plans : (slot, option)
    rows : (candidate,)
        Slots of the plans to repair.
    most, least, lock, coupling, use, capital, fixed, worst_first : (option,)
        Largest amount, smallest amount of what is started, amount that is locked in, ground
        that is shared (-1 = none), ground per step, euros per step and of starting at all,
        and the options in order of gain per euro, smallest first.
    near_start : (option + 1,), near : (pair,)
        Options that stand too near to each option.
    capacity : (ground,)
    line : (option,), budget : (row,)
        Bits of the budget rows that count an option, and the euros of each row.
    per_step, per_start : (option,)
        What a step and starting add to a balance that may not fall below zero; see
        ``constraints.priority``.
    goal_line, goal_eur : (goal,)
        Row that has a least spend, as bits, and the euros.
    """
    n_option = plans.shape[1]
    best_first = worst_first[::-1]
    rank = np.empty(n_option, np.int32)
    for at in range(n_option):
        rank[worst_first[at]] = at
    locked = np.flatnonzero(lock).astype(np.int32)
    for part in prange((rows.size + PART - 1) // PART):
        scratch, order = np.empty(n_option, np.int32), np.empty(n_option, np.int32)
        marks, used = np.zeros(n_option, np.uint8), np.zeros(capacity.size)
        for c in range(part * PART, min(rows.size, (part + 1) * PART)):
            plan = plans[rows[c]]
            n_active = _bound_amounts(plan, most, least, lock, locked, scratch)
            active = scratch[:n_active]
            if near.size > 0:
                _space_out(plan, lock, active, rank, worst_first, near_start, near, marks, order)
            _share_ground(
                plan,
                least,
                lock,
                active,
                rank,
                worst_first,
                coupling,
                use,
                capacity,
                used,
                marks,
                order,
            )
            _keep_to_budgets(
                plan,
                least,
                lock,
                active,
                rank,
                worst_first,
                capital,
                fixed,
                line,
                budget,
                marks,
                order,
            )
            _give_share(
                plan,
                least,
                lock,
                active,
                rank,
                worst_first,
                per_step,
                per_start,
                marks,
                order,
            )
            for goal in range(goal_eur.size):
                fill_plan(
                    plan,
                    best_first,
                    most,
                    least,
                    near_start,
                    near,
                    coupling,
                    use,
                    capacity,
                    capital,
                    fixed,
                    line,
                    budget,
                    per_step,
                    per_start,
                    goal_line[goal],
                    goal_eur[goal],
                )
