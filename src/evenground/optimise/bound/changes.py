"""Changes of a column that are made in full or not at all, from options that shut each other out.

Takes the response and the rules; gives the changes, sorted by column. Knows nothing of burdens.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from evenground.constraints import Rules
from evenground.interventions import Response
from evenground.optimise.bound.city import WIDER, changes_of

Float = NDArray[np.float64]
Long = NDArray[np.int64]

LOOSE = 1.2
"""How far options on one ground may go together beyond the one that changes most, and still be
one change; those that go further are a change each."""
Item = tuple[Float, float]
"""Part of a change that each option makes in full (option,), and size of the change."""


def list_changes(
    response: Response, rules: Rules, first: int, last: int, *, together: bool
) -> tuple[csr_array, Long, Float]:
    """Return changes of some columns that are made in full or not at all, sorted by column.

    Options that want the same ground shut each other out. Where their parts of what each may
    do never add up to more than one, the larger ones hold the smaller, so that the part of a
    change that is made is the sum of the parts of all options that hold it. Where whole steps
    leave room for a bit of another, there are two ways, neither of which is always the better.
    All other options are a change by themselves. No part of a change is ever above one.

    Parameters
    ----------
    together
        True = such options make one change, as large as they ever get together; False = two of
        them make the change of the larger one, each as far as it shuts out the other, and what
        the smaller does beyond that is a change by itself.

    Returns
    -------
    What a step of each option adds to the part made (item, option), column and size (item,).
    """
    room = np.maximum(rules.room, rules.lock).astype(float)
    change = changes_of(response).tocoo()
    where, who = change.row.astype(np.int64), change.col.astype(np.int64)
    keep = (where >= first) & (where < last) & (change.data != 0.0) & (room[who] > 0.0)
    where, who = where[keep], who[keep]
    size = change.data[keep] * room[who]
    ground = rules.coupling[who].astype(np.int64)
    fills = rules.use[who] * room[who] > 0.5 * np.append(rules.capacity, np.inf)[ground]
    fills &= (ground >= 0) & (rules.lock[who] == 0)
    group = np.where(fills, ground, rules.capacity.size + np.arange(who.size))
    order = np.lexsort((np.abs(size), size > 0.0, group, where))
    where, who, size, group = where[order], who[order], size[order], group[order]
    begins = np.ones(who.size, bool)
    begins[1:] = (np.diff(where) != 0) | (np.diff(group) != 0) | (np.diff(size > 0.0) != 0)
    start = np.append(np.flatnonzero(begins), who.size)
    item: list[Long] = []
    holder: list[Long] = []
    part: list[Float] = []
    column: list[int] = []
    sizes: list[float] = []
    for head, end in zip(start[:-1].tolist(), start[1:].tolist(), strict=True):
        members = who[head:end]
        for parts, whole in _items(rules, room, members, size[head:end], together=together):
            held = np.flatnonzero(parts)
            item.append(np.full(held.size, len(sizes)))
            holder.append(members[held])
            part.append(parts[held] / room[members[held]])
            column.append(where[head])
            sizes.append(whole)
    rows = np.concatenate(item) if item else np.zeros(0, np.int64)
    columns = np.concatenate(holder) if holder else np.zeros(0, np.int64)
    values = np.concatenate(part) if part else np.zeros(0)
    share = coo_array((values, (rows, columns)), shape=(len(sizes), room.size)).tocsr()
    return share, np.array(column, np.int64), np.array(sizes)


def _items(
    rules: Rules, room: Float, members: Long, size: Float, *, together: bool
) -> Iterator[Item]:
    """Give the changes that options of one ground make of one column.

    Parameters
    ----------
    size : (option,)
        Of what each does in full, smallest first, all of one sign.
    """
    n = members.size
    room, use = room[members], rules.use[members]
    if n > 1:
        capacity = float(rules.capacity[rules.coupling[members[0]]])
        if most_together(room, use, np.ones(n), capacity) <= 1.0 + WIDER:
            for k in range(n):
                yield (np.arange(n) >= k).astype(float), float(size[k] - (size[k - 1] if k else 0))
            return
        whole = most_together(room, use, np.abs(size), capacity)
        if (together or n > 2) and whole <= LOOSE * abs(size[-1]):
            yield np.abs(size) / whole, float(np.sign(size[-1]) * whole)
            return
        if n == 2:
            taken = min(part_taken(room, use, capacity), float(size[0] / size[1]))
            yield np.array([taken, 1.0]), float(size[1])
            yield np.array([1.0, 0.0]), float(size[0] - taken * size[1])
            return
    for k in range(n):
        yield (np.arange(n) == k).astype(float), float(size[k])


def part_taken(room: Float, use: Float, capacity: float) -> float:
    """Return the part of the second of two options that the whole of the first shuts out.

    The most for which ``taken * first / room[0] + second / room[1]`` is never above one, in
    whole steps within one ground: a side of their hull.

    Parameters
    ----------
    room, use : (option,)
        Largest amount, and ground that a step takes.
    """
    first, second = _together(room, use, capacity)
    first, second = first[1:], second[1:]
    return float((room[0] / first * (1.0 - second / room[1])).min())


def most_together(room: Float, use: Float, value: Float, capacity: float) -> float:
    """Return the most that options within one ground are worth together.

    Exact for two options in whole steps; for more, of parts of steps.

    Parameters
    ----------
    room, use, value : (option,)
        Largest amount, ground that a step takes, and what the largest amount is worth.
    """
    if room.size != 2:
        whole = float((value / (use * room)).max()) * capacity * (1.0 + WIDER)
        return max(min(whole, float(value.sum())), float(value.max()))
    first, second = _together(room, use, capacity)
    return float((value[0] * first / room[0] + value[1] * second / room[1]).max())


def _together(room: Float, use: Float, capacity: float) -> tuple[Float, Float]:
    """Return amounts of a first option that fit, and the most of a second beside each."""
    held = capacity * (1.0 + WIDER)
    first = np.arange(int(room[0]) + 1.0)
    first = first[first * use[0] <= held]
    return first, np.minimum(room[1], np.floor((held - first * use[0]) / use[1]))
