"""What a step of each option takes off the scores: derivatives by the transpose.

One pass over the response finds, at a plan, what each column does in each neighbourhood: to
shares of the responses that are worth something there, and to the stacking. The prices of any
number of scores are put in afterwards. Knows nothing of how scores are made.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenground import kernels
from evenground.evaluation.loops import Loops
from evenground.evaluation.products import Evaluation
from evenground.kernels.gains import WIDE

Float = NDArray[np.float64]
Plans = NDArray[np.int16]


@dataclass(frozen=True)
class Point:
    """A plan from which derivatives are taken."""

    evaluation: Evaluation
    """Of this one plan."""
    slope: Float
    """What each column does in each neighbourhood, the stacking last (place, share + 1)."""


def find_slopes(loops: Loops, plan: Plans, share: Float) -> tuple[Float, Float]:
    """Derive shares of the responses of a plan (option,), and its stacking, by the columns.

    Parameters
    ----------
    share : (share, channel, neighbourhood)
        Worth of a unit of each response of one resident.

    Returns
    -------
    Sums of the plan (segment, channel + 1), and derivatives (place, share + 1).
    """
    response, dose, stack, places = loops.response, loops.dose, loops.stack, loops.places
    n_layer, n_share = len(response.baseline), len(share)
    amounts = np.empty((1, loops.n_column, 1), np.float32)
    kernels.column_amounts(
        np.ascontiguousarray(plan[None, :]),
        response.change_start,
        response.change_column,
        response.change_effect,
        amounts,
    )
    is_worth = (share != 0.0).any(axis=2)
    of_layer = dose.layer[:, None] == np.arange(n_layer)
    is_shared = np.column_stack([(is_worth @ of_layer).T, stack.is_stacked])
    n_chunk, shape = places.chunk_start.size - 1, response.baseline.shape
    sums = np.empty((loops.n_segment, dose.layer.size + 1))
    slope = np.empty((places.zone.size, n_share + 1))
    found = (*(np.empty(shape, np.float32) for _ in range(3)), np.empty(shape[1]))
    blocks = (
        places.chunk_start,
        response.blocks.start,
        loops.segments.start,
        loops.segments.of_block,
        loops.segments.zone,
        response.weights.pair_start,
    )
    weights = (response.weights.start, response.weights.values)
    curves = (
        loops.channel_start,
        dose.low,
        1.0 / dose.width,
        dose.curve_start,
        dose.curve,
        stack.factor,
    )
    forward: tuple[Any, ...] = (
        amounts[0],
        loops.lanes_at_work(amounts)[0],
        *blocks,
        response.weights.column,
        *weights,
        loops.grain,
        response.baseline,
        response.level,
        response.is_energy,
        loops.receptors.residents,
        *curves,
        stack.is_stacked,
        float(stack.power),
        np.empty((n_chunk, 2, loops.largest), np.float32),
        np.empty((n_chunk, 2, loops.largest)),
        np.empty((n_chunk, loops.largest), np.int32),
        *loops.listing(n_chunk),
        *found,
        sums,
    )
    kernels.plan_states(*forward)
    back: tuple[Any, ...] = (
        *blocks,
        *weights,
        response.is_energy,
        loops.receptors.residents,
        *curves,
        float(stack.power),
        *found,
        np.ascontiguousarray(share),
        is_shared,
        places.entry_start,
        places.of_entry,
        places.start,
        np.empty((n_chunk, n_share + 2, loops.largest)),
        np.empty((n_chunk, n_share + 2, loops.largest), np.float32),
        slope,
    )
    kernels.place_slopes(*back)
    return sums, slope


def option_gains(loops: Loops, slope: Float, price: Float) -> Float:
    """Return how much scores fall per step of each option, to first order (score, option).

    Parameters
    ----------
    slope
        Of :func:`find_slopes`.
    price : (score, share + 1, neighbourhood)
        Derivative of each score by each share in each neighbourhood, and by the stacking.
    """
    response, places = loops.response, loops.places
    n_score = -(-len(price) // WIDE) * WIDE
    priced = np.zeros((*price.shape[1:], n_score))
    priced[..., : len(price)] = price.transpose(1, 2, 0)
    out = np.empty((response.change_start.size - 1, n_score))
    kernels.option_gains(
        places.column_start,
        places.by_column,
        places.zone,
        slope,
        priced,
        response.change_start,
        response.change_column,
        response.change_effect,
        np.empty((loops.n_column, n_score)),
        out,
    )
    return np.ascontiguousarray(out.T[: len(price)])
