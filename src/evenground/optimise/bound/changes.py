"""Changes of a column that are made in full or not at all, from options that shut each other out.

Takes the response and the rules; gives the changes, sorted by column. Knows nothing of burdens.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from evenground.constraints import Rules
from evenground.interventions import Response
from evenground.optimise.bound.city import WIDER, changes_of

Float = NDArray[np.float64]
Long = NDArray[np.int64]


def list_changes(
    response: Response, rules: Rules, first: int, last: int
) -> tuple[csr_array, Long, Float]:
    """Return changes of some columns that are made in full or not at all, sorted by column.

    Options that take all of one ground shut each other out: the larger ones hold the smaller,
    so that the part of a change that is made is the sum of the parts of all options that hold
    it, which is never above one. All other options are a change by themselves.

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
    held = np.append(rules.capacity, np.inf)[ground]
    fills = (ground >= 0) & (rules.use[who] * room[who] >= held * (1.0 - WIDER))
    fills &= rules.lock[who] == 0
    group = np.where(fills, ground, rules.capacity.size + np.arange(who.size))
    order = np.lexsort((np.abs(size), size > 0.0, group, where))
    where, who, size, group = where[order], who[order], size[order], group[order]
    sign = size > 0.0
    begins = np.ones(who.size, bool)
    begins[1:] = (np.diff(where) != 0) | (np.diff(group) != 0) | (sign[1:] != sign[:-1])
    less = np.where(begins, 0.0, np.append(0.0, size[:-1]))
    # each option holds its own change and all before it in its group
    place = np.arange(who.size)
    head = np.maximum.accumulate(np.where(begins, place, 0))
    count = place - head + 1
    holder = np.repeat(place, count)
    item = (
        np.repeat(head, count)
        + np.arange(int(count.sum()))
        - np.repeat(np.cumsum(count) - count, count)
    )
    values = 1.0 / room[who[holder]]
    share = coo_array((values, (item, who[holder])), shape=(who.size, room.size)).tocsr()
    return share, where, np.asarray(size - less)
