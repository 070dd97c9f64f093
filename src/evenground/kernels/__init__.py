"""Compiled inner loops: numbers in, numbers out.

Nothing here knows labels, units, files or settings, and nothing is checked:
callers hand over whole, finite, C-contiguous arrays. Loops run in parallel over
candidates, or over blocks and layers that write to places of their own. No sum
crosses a thread, so results are the same bits on any number of threads.
"""

import os

from evenground.kernels.breed import cross_blocks, cross_options, cross_windows, mutate_plans
from evenground.kernels.evaluate import layer_states, sum_blocks, to_exposure
from evenground.kernels.gains import option_gains, place_slopes, plan_states
from evenground.kernels.inherit import inherit_sums, reach_of_options, sum_segments
from evenground.kernels.moves import list_moves, share_moves, sum_moves
from evenground.kernels.plans import (
    column_amounts,
    dominated,
    find_lanes,
    hash_plans,
    list_active,
    sum_amounts,
)
from evenground.kernels.reach import reach_out
from evenground.kernels.repair import fill_plan, repair_plans
from evenground.kernels.response import (
    count_pairs,
    list_pairs,
    scale_weights,
    stencil_weights,
    sum_over_receptors,
)
from evenground.kernels.whole import most_moved

__all__ = [
    "column_amounts",
    "count_pairs",
    "cross_blocks",
    "cross_options",
    "cross_windows",
    "dominated",
    "fill_plan",
    "find_lanes",
    "hash_plans",
    "inherit_sums",
    "layer_states",
    "list_active",
    "list_moves",
    "list_pairs",
    "most_moved",
    "mutate_plans",
    "option_gains",
    "place_slopes",
    "plan_states",
    "reach_of_options",
    "reach_out",
    "repair_plans",
    "scale_weights",
    "share_moves",
    "stencil_weights",
    "sum_amounts",
    "sum_blocks",
    "sum_moves",
    "sum_over_receptors",
    "sum_segments",
    "to_exposure",
]

# Threads that wait give their core away. By default they spin, which made each loop take up
# to forty times as long where other work shares the cores. Read when the first loop starts.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
