r"""Where the traffic of a street goes that it no longer carries: to parallel streets nearby.

Takes the streets of the study area; gives for every column (the streets of one class on a site)
how its displaced traffic is shared over other columns. Knows nothing of measures or plans, so
that the shares are the same whatever else a plan closes: the response stays linear.

Notes
-----
Pieces of one line in one column make a stretch :math:`s`: a middle, a direction :math:`\theta_s`
and the traffic :math:`Q_s` in vehicle metres a day. Of its displaced traffic a stretch
:math:`t` at a distance :math:`d` in the direction :math:`\alpha` takes a part that grows with

.. math:: w_{st} = Q_t \cos^2(\theta_s - \theta_t) \sin^2(\alpha - \theta_s) (1 - d / D)

so with what it carries today, with how parallel it runs, with how much it lies beside and not
ahead, and with how near it is. Both squares must be a half or more, for else it is a side street
or the same road further on. Streets of the same line or column take nothing. What finds no
parallel street within :math:`D` goes to the nearest main street. All parts of a stretch sum to
one, so that vehicle metres are kept; the form of the weight is an assumption.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from evenground.study import Streets

Float = NDArray[np.float64]
Long = NDArray[np.int64]

LEAST_ALIGNED = 0.5
"""Least squared cosine of a parallel street, and least squared sine of one that lies beside."""
LEAST_SHARE = 0.01
"""A column that would take less is left out, and the others take it: it keeps lists short."""
BATCH = 20_000
"""Stretches that are compared with all others at once, so that memory stays small."""


@dataclass(frozen=True)
class _Stretches:
    """Pieces of one line in one column taken together; all arrays (stretch,)."""

    column: Long
    line: Long
    xy: Float
    """Middle, weighed by metres (stretch, 2)."""
    way: Float
    """Cosine and sine of twice the direction (stretch, 2)."""
    traffic: Float
    """Vehicle metres a day."""
    leaving: Float
    """The part of it that a measure may act on."""


def share_displaced(
    streets: Streets,
    column: Long,
    leaving: NDArray[np.bool_],
    within_m: float,
    n_site: tuple[int, int],
) -> csr_array:
    """Return which part of the displaced traffic of a column turns up in which column.

    Parameters
    ----------
    column : (piece,)
        Site of each piece, plus the number of sites for a local street; -1 outside the grid.
    leaving : (piece,)
        Pieces whose traffic is displaced.
    within_m
        How far away a parallel street may be.
    n_site
        Sites north to south and west to east.

    Returns
    -------
    Shares (column, column): a row sums to one where traffic may leave, else to nothing.
    """
    size = 2 * n_site[0] * n_site[1]
    traffic = streets.length_m * streets.flow_veh_day
    keep = column >= 0
    there = np.bincount(column[keep], traffic[keep], size).astype(np.float64)
    source = np.bincount(column[keep], (traffic * leaving)[keep], size).astype(np.float64)
    beside = _to_parallel(_stretches(streets, column, leaving), within_m, size)
    placed = np.asarray(beside.sum(axis=1)).ravel()
    left = np.flatnonzero(source - placed > 1e-9 * source)
    target = _nearest_main(left, there, n_site)
    rest = coo_array((np.maximum(source - placed, 0.0)[left], (left, target)), (size, size))
    return _in_shares((beside + rest.tocsr()).tocsr())


def _stretches(streets: Streets, column: Long, leaving: NDArray[np.bool_]) -> _Stretches:
    """Take the pieces of one line in one column together; none where no lines are known."""
    line, way = streets.line, streets.way_rad
    traffic = streets.length_m * streets.flow_veh_day
    if line is None or way is None:
        line, way = np.full(column.size, -1), np.zeros(column.size)
    keep = np.flatnonzero((column >= 0) & (line >= 0) & (traffic > 0.0))
    n_line = int(line.max(initial=0)) + 1
    key, index = np.unique(column[keep] * n_line + line[keep], return_inverse=True)

    def total(values: Float) -> Float:
        return np.bincount(index, values[keep], key.size).astype(np.float64)

    metres = total(streets.length_m)
    turned = np.column_stack(
        [total(streets.length_m * part(2.0 * way)) for part in (np.cos, np.sin)]
    )
    size = np.maximum(np.hypot(turned[:, 0], turned[:, 1]), 1e-300)
    middle = [total(streets.length_m * at) / metres for at in (streets.x, streets.y)]
    return _Stretches(
        column=key // n_line,
        line=key % n_line,
        xy=np.column_stack(middle),
        way=turned / size[:, None],
        traffic=total(traffic),
        leaving=total(traffic * leaving),
    )


def _to_parallel(stretches: _Stretches, within_m: float, size: int) -> csr_array:
    """Vehicle metres that leave a column for parallel streets in others (column, column)."""
    out = csr_array((size, size))
    for source, target, weight in _weights(stretches, within_m):
        whole = np.bincount(source, weight, stretches.column.size)[source]
        moved = stretches.leaving[source] * weight / whole
        at = (stretches.column[source], stretches.column[target])
        out = out + coo_array((moved, at), (size, size)).tocsr()
    return out.tocsr()


def _weights(stretches: _Stretches, within_m: float) -> Iterator[tuple[Long, Long, Float]]:
    """Give pairs of a stretch and one that runs beside it, and how much that one takes."""
    sources = np.flatnonzero(stretches.leaving > 0.0)
    tree = cKDTree(stretches.xy)
    for first in range(0, sources.size, BATCH):
        some = sources[first : first + BATCH]
        near = cKDTree(stretches.xy[some]).sparse_distance_matrix(
            tree, within_m, output_type="ndarray"
        )
        source, target, distance = some[near["i"]], near["j"], near["v"]
        is_other = (stretches.column[source] != stretches.column[target]) & (distance > 0.0)
        is_other &= stretches.line[source] != stretches.line[target]
        source, target, distance = source[is_other], target[is_other], distance[is_other]
        dx, dy = (stretches.xy[target] - stretches.xy[source]).T
        towards = np.column_stack([dx**2 - dy**2, 2.0 * dx * dy]) / distance[:, None] ** 2
        way = stretches.way[source]
        parallel = 0.5 + 0.5 * (way * stretches.way[target]).sum(axis=1)
        beside = 0.5 - 0.5 * (way * towards).sum(axis=1)
        weight = stretches.traffic[target] * parallel * beside * (1.0 - distance / within_m)
        is_beside = np.minimum(parallel, beside) >= LEAST_ALIGNED - 1e-9
        is_beside &= weight > 0.0
        yield source[is_beside], target[is_beside], weight[is_beside]


def _nearest_main(columns: Long, traffic: Float, n_site: tuple[int, int]) -> Long:
    """Nearest other column with a main street, else with any street, else the column itself."""
    n = n_site[0] * n_site[1]
    target = columns.copy()
    for busy in (np.flatnonzero(traffic), np.flatnonzero(traffic[:n])):
        if busy.size == 0 or columns.size == 0:
            continue
        k = min(2, busy.size)
        place = np.column_stack(np.divmod(busy % n, n_site[1]))
        at = np.column_stack(np.divmod(columns % n, n_site[1]))
        found = busy[cKDTree(place).query(at, k=k)[1]].reshape(columns.size, k)
        other = np.where(found[:, 0] == columns, found[:, -1], found[:, 0])
        target = np.where(other != columns, other, target)
    return target


def _in_shares(moved: csr_array) -> csr_array:
    """Return each row as shares of its sum, without the smallest."""
    for least in (LEAST_SHARE, 0.0):
        whole = np.asarray(moved.sum(axis=1)).ravel()
        row = np.repeat(np.arange(moved.shape[0]), np.diff(moved.indptr))
        share = moved.data / np.maximum(whole[row], 1e-300)
        # the largest stays, also where hundreds take a little each
        most = np.zeros(moved.shape[0])
        np.maximum.at(most, row, share)
        keep = share >= np.minimum(least, most[row])
        kept = coo_array((share[keep], (row[keep], moved.indices[keep])), moved.shape)
        moved = kept.tocsr()
    return moved
