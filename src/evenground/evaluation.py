"""From plans to burden: the hand-over from labelled products to compiled loops.

Takes the response operator and the dose-response tables; gives, for a batch
of plans, the burden of every group, layer and neighbourhood. Knows nothing of
how scores are made of it, nor of files or maps.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenground import kernels
from evenground.interventions import Response
from evenground.names import BURDEN_LAYERS, LAYERS
from evenground.study import Receptors

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Plans = NDArray[np.int16]

CHUNK = 8
"""Candidates that one thread takes through a block together. Fixed, so that results are too."""


@dataclass(frozen=True)
class DoseResponse:
    """Exposure-response functions as tables, and what their response costs in health."""

    channels: tuple[str, ...]
    """One response each, such as noise_mort; sorted by layer in the order of ``LAYERS``."""
    layer: NDArray[np.int32]
    """Layer of each channel (channel,)."""
    start: Float
    """Exposure at the first node of the tables of each layer (layer,)."""
    step: Float
    """Distance between nodes (layer,)."""
    table: Float
    """Response of a resident at each node (channel, node)."""
    coefficient: Float
    """DALY per year per resident per unit of response (channel, group, neighbourhood)."""


@dataclass(frozen=True)
class Stack:
    """What the stacking measure of the kernels needs; see ``objectives.stacking``."""

    factor: Float
    """Burden of a resident per unit of response over the reference (channel, neighbourhood)."""
    weight: Float
    """Weight of a resident, 1 + lambda v (neighbourhood,)."""
    power: float
    n_layer: int


@dataclass(frozen=True)
class Evaluation:
    """What a batch of plans does; float64, C-contiguous."""

    mean_phi: Float
    """Resident-weighted mean response (candidate, channel, neighbourhood)."""
    burden: Float
    """DALY per year (candidate, group, layer, neighbourhood), ``BURDEN_LAYERS`` only."""
    stacking: Float
    """Contribution to the stacking measure (candidate, neighbourhood)."""


@dataclass(frozen=True)
class Frame:
    """What scores need besides an evaluation."""

    residents: Float
    """Persons (neighbourhood,)."""
    is_assessed: NDArray[np.bool_]
    ses_rank: Float
    """Population mid-rank of SES-WOA, NaN unknown (neighbourhood,)."""
    kappa: float
    """Of the Kolm-Pollak measure, per DALY per 1000 residents; frozen at the baseline."""
    capital_eur: Float
    yearly_eur: Float
    """Euros per step (option,)."""
    access_channel: int


class Evaluator:
    """Evaluates batches of plans; holds the arrays of the kernels.

    Parameters
    ----------
    receptors
        Who lives where.
    group_residents : (group, neighbourhood)
    """

    def __init__(
        self,
        receptors: Receptors,
        group_residents: Float,
        response: Response,
        dose: DoseResponse,
        stack: Stack | None = None,
    ) -> None:
        self._response = response
        self._receptors = receptors
        self._group_residents = group_residents
        self._dose = dose
        self._residents = group_residents.sum(axis=0)
        self._blocks = response.blocks.start
        self._segment_start, self._segments = _segments(self._blocks, receptors.neighbourhood)
        layers = np.arange(len(LAYERS) + 1)
        self._channel_start = np.searchsorted(dose.layer, layers).astype(np.int64)
        joined = _join(response)
        self._pair_start, self._pair_column, self._weight_start, self._weight = joined
        shape = (dose.layer.size, self._residents.size)
        none = Stack(np.zeros(shape), np.ones(shape[1]), 1.0, len(BURDEN_LAYERS))
        self._stack = stack or none

    def with_stack(self, stack: Stack) -> "Evaluator":
        """Return the same evaluator with another stacking measure."""
        other = object.__new__(Evaluator)
        other.__dict__ |= self.__dict__
        other._stack = stack
        return other

    @property
    def n_option(self) -> int:
        """Length of a plan."""
        return int(self._response.option_column.shape[1])

    @property
    def n_channel(self) -> int:
        """Number of responses."""
        return int(self._dose.layer.size)

    def evaluate(self, plans: Plans) -> Evaluation:
        """Evaluate plans (candidate, option)."""
        amounts = self._amounts(plans)
        n, n_channel = len(plans), self._dose.layer.size
        total = np.empty((n, n_channel, self._residents.size))
        stacking = np.empty((n, self._residents.size))
        largest = int(np.diff(self._blocks).max())
        scratch = np.empty((-(-n // CHUNK), 4, largest), np.float32)
        node = np.empty((-(-n // CHUNK), largest), np.uint32)
        kernels.evaluate_plans(
            amounts,
            CHUNK,
            self._blocks,
            self._segment_start,
            self._segments,
            self._pair_start,
            self._pair_column,
            self._weight_start,
            self._weight,
            self._response.baseline,
            self._response.level,
            self._response.is_energy,
            self._receptors.residents,
            self._receptors.neighbourhood,
            self._channel_start,
            self._dose.start.astype(np.float32),
            (1.0 / self._dose.step).astype(np.float32),
            self._dose.table.astype(np.float32),
            self._stack.factor.astype(np.float32),
            self._stack.n_layer,
            self._stack.power,
            self._stack.weight,
            scratch,
            node,
            total,
            stacking,
        )
        people = np.maximum(self._residents, 1e-300)
        mean_phi = np.where(self._residents > 0.0, total / people, 0.0)
        return Evaluation(mean_phi, self._burden(mean_phi), stacking)

    def burden_of(self, channel: str, evaluation: Evaluation) -> Float:
        """Return DALY per year of one response (candidate, neighbourhood), counted or not."""
        k = self._dose.channels.index(channel)
        per_person = (self._dose.coefficient[k] * self._group_residents).sum(axis=0)
        return np.asarray(evaluation.mean_phi[:, k] * per_person)

    def exposure(self, plan: Plans) -> Float32:
        """Return the exposure of every layer at every receptor (layer, receptor) for one plan."""
        state = self._state(plan)
        out = np.empty_like(state)
        kernels.exposures(state, self._response.level, self._response.is_energy, out)
        return out

    def gains(self, plan: Plans, price: Float, stack_price: float, phi_price: Float) -> Float:
        """Return how much a score falls per step of each option, to first order (option,).

        Parameters
        ----------
        plan : (option,)
            Where the derivative is taken.
        price : (neighbourhood,)
            Derivative of the score with respect to the burden of each neighbourhood.
        stack_price
            Derivative with respect to the stacking measure.
        phi_price : (channel,)
            Derivative with respect to the resident-weighted sum of each response itself.
        """
        share = self._group_residents / np.maximum(self._residents, 1e-300)
        in_sum = np.isin(self._dose.layer, [LAYERS.index(layer) for layer in BURDEN_LAYERS])
        per_phi = np.einsum("cgn,gn->cn", self._dose.coefficient, share) * in_sum[:, None]
        of_phi = per_phi * price + phi_price[:, None]
        return self._descend(plan, of_phi, stack_price * self._stack.weight)

    def _descend(self, plan: Plans, price: Float, stack_price: Float) -> Float:
        """Take the derivative of a score back to the options (option,), falling is positive."""
        state, exposure = self._state(plan), self.exposure(plan)
        slope = np.empty(state.shape)
        kernels.receptor_slopes(
            exposure,
            state,
            self._response.is_energy,
            self._receptors.residents,
            self._receptors.neighbourhood,
            self._channel_start,
            self._dose.start.astype(np.float32),
            (1.0 / self._dose.step).astype(np.float32),
            self._dose.table.astype(np.float32),
            price,
            self._stack.factor.astype(np.float32),
            self._stack.n_layer,
            self._stack.power,
            stack_price,
            slope,
        )
        return -self._to_options(slope)

    def _to_options(self, slope: Float) -> Float:
        """Sum the slopes of the receptors back through the response (option,)."""
        response = self._response
        column = np.zeros(response.n_column)
        for index, layer in enumerate(LAYERS):
            if not slope[index].any():
                continue
            weights = response.weights[layer]
            out = np.empty(weights.n_column)
            kernels.sum_over_receptors(
                self._blocks,
                weights.pair_start,
                weights.column,
                weights.start,
                weights.values,
                np.ascontiguousarray(slope[index]),
                out,
            )
            first = response.column_start[layer]
            column[first : first + weights.n_column] = out
        found = response.option_column >= 0
        value = np.where(found, column[response.option_column], 0.0)
        return np.asarray((value * response.option_effect).sum(axis=0))

    def _amounts(self, plans: Plans) -> Float32:
        """Sum the options of each plan into columns (candidate, column)."""
        out = np.empty((len(plans), self._response.n_column), np.float32)
        column, effect = self._response.option_column, self._response.option_effect
        kernels.column_amounts(np.ascontiguousarray(plans), CHUNK, column, effect, out)
        return out

    def _state(self, plan: Plans) -> Float32:
        """State of every layer at every receptor (layer, receptor)."""
        amounts = self._amounts(plan[None, :])
        state = np.empty((1, *self._response.baseline.shape), np.float32)
        kernels.states(
            amounts,
            CHUNK,
            self._blocks,
            self._pair_start,
            self._pair_column,
            self._weight_start,
            self._weight,
            self._response.baseline,
            state,
        )
        return np.ascontiguousarray(state[0])

    def _burden(self, mean_phi: Float) -> Float:
        """DALY per year (candidate, group, layer, neighbourhood)."""
        parts = []
        for layer in BURDEN_LAYERS:
            channel = np.flatnonzero(self._dose.layer == LAYERS.index(layer))
            parts.append(
                np.einsum("kcn,cgn->kgn", mean_phi[:, channel], self._dose.coefficient[channel])
            )
        return np.ascontiguousarray(np.stack(parts, axis=2) * self._group_residents[:, None, :])


def _segments(
    blocks: NDArray[np.int64], neighbourhood: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find runs of receptors of one block and neighbourhood, and each block's first run."""
    is_first = np.ones(neighbourhood.size, bool)
    is_first[1:] = np.diff(neighbourhood) != 0
    is_first[blocks[:-1]] = True
    start = np.append(np.flatnonzero(is_first), neighbourhood.size).astype(np.int64)
    return start, np.searchsorted(start, blocks).astype(np.int64)


def _join(
    response: Response,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64], Float32]:
    """Join the weights of all layers into one set of arrays for the kernels."""
    pair_start, column, start, values = [], [], [], []
    pairs = weights_before = 0
    for layer in LAYERS:
        weights = response.weights[layer]
        pair_start.append(weights.pair_start + pairs)
        column.append(weights.column + np.int32(response.column_start[layer]))
        start.append(weights.start + weights_before)
        values.append(weights.values)
        pairs += weights.column.size
        weights_before += weights.values.size
    return (
        np.ascontiguousarray(np.stack(pair_start)),
        np.concatenate(column).astype(np.int32),
        np.concatenate(start),
        np.concatenate(values),
    )
