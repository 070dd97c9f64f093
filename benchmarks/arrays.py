"""The model as arrays, in two forms that an engineer would try first.

``FourierModel`` keeps the transforms of its kernels and works in float32; ``MatrixModel`` keeps
the response as a matrix, sparse or dense. Both look at homes only once exposure is known.
"""

import os

import numpy as np
import scipy.fft
import scipy.sparse
from numpy.typing import NDArray
from plain import PlainModel

from evenground.names import BURDEN_LAYERS, LAYERS
from evenground.pipeline import Model

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
WORKERS = os.cpu_count() or 1


def burden_at_homes(model: Model, exposure: dict[str, Float], functions: dict) -> Float:
    """Return DALY per year (layer, neighbourhood) from exposure at every receptor."""
    receptors, dose = model.study.receptors, model.health.dose
    people = model.study.group_residents
    heads = np.maximum(people.sum(axis=0), 1e-300)
    out = np.zeros((len(BURDEN_LAYERS), people.shape[1]))
    for k, channel in enumerate(dose.channels):
        layer = LAYERS[dose.layer[k]]
        if layer not in BURDEN_LAYERS:
            continue
        felt = functions[channel](exposure[layer]) * receptors.residents
        mean = np.bincount(receptors.neighbourhood, felt, people.shape[1]) / heads
        daly = (dose.coefficient[k] * people).sum(axis=0) * mean
        out[BURDEN_LAYERS.index(layer)] += daly
    return out


class FourierModel(PlainModel):
    """Real transforms in float32, of kernels that are transformed once."""

    def __init__(self, model: Model) -> None:
        self._kept: dict[str, tuple[NDArray[np.complex64], tuple[int, int]]] = {}
        super().__init__(model)

    def burden(self, plan: NDArray[np.int16]) -> Float:
        """Return DALY per year of a plan (layer, neighbourhood)."""
        maps = self.exposure(plan)
        receptors = self.model.study.receptors
        exposure = {
            layer: maps[layer].to_numpy()[receptors.row, receptors.col] for layer in BURDEN_LAYERS
        }
        return burden_at_homes(self.model, exposure, self.functions)

    def _convolve(self, values: Float, layer: str) -> Float:
        kernel = self.kernel[layer]
        if layer not in self._kept:
            size = tuple(
                scipy.fft.next_fast_len(n + k - 1, real=True)
                for n, k in zip(values.shape, kernel.shape, strict=True)
            )
            made = scipy.fft.rfft2(kernel.astype(np.float32), size, workers=WORKERS)
            self._kept[layer] = (made, size)
        transform, size = self._kept[layer]
        found = scipy.fft.rfft2(values.astype(np.float32), size, workers=WORKERS)
        found *= transform
        whole = scipy.fft.irfft2(found, size, workers=WORKERS, overwrite_x=True)
        row, col = (n // 2 for n in kernel.shape)
        return whole[row : row + values.shape[0], col : col + values.shape[1]]


class MatrixModel:
    """The response as one matrix a layer: receptors by columns.

    Parameters
    ----------
    is_dense
        Whether zeros are kept as well; for a city that is small enough.
    """

    def __init__(self, model: Model, plain: PlainModel, *, is_dense: bool = False) -> None:
        self.model, self.functions = model, plain.functions
        self.matrix = [
            made.toarray() if is_dense else made for made in map(self._layer, range(len(LAYERS)))
        ]

    @property
    def nbytes(self) -> int:
        """Bytes of all weights."""
        return sum(
            m.nbytes if isinstance(m, np.ndarray) else m.data.nbytes + m.indices.nbytes
            for m in self.matrix
        )

    def burden(self, plan: NDArray[np.int16]) -> Float:
        """Return DALY per year of a plan (layer, neighbourhood)."""
        response, amounts = self.model.response, self._amounts(plan)
        exposure = {}
        for k, layer in enumerate(LAYERS):
            state = response.baseline[k] + self.matrix[k] @ amounts[self._columns(k)]
            if response.is_energy[k]:
                state = response.level[k] + 10.0 * np.log10(np.maximum(state, 1e-6))
            exposure[layer] = state.astype(float)
        return burden_at_homes(self.model, exposure, self.functions)

    def _amounts(self, plan: NDArray[np.int16]) -> Float32:
        """Return what a plan adds to each column (column,)."""
        response = self.model.response
        steps = np.repeat(plan, np.diff(response.change_start)).astype(float)
        added = steps * response.change_effect
        return np.bincount(response.change_column, added, response.n_column).astype(np.float32)

    def _columns(self, layer: int) -> slice:
        start = self.model.response.weights.column_start
        return slice(int(start[layer]), int(start[layer + 1]))

    def _layer(self, layer: int) -> scipy.sparse.csr_array:
        """Return the weights of a layer (receptor, column)."""
        weights, block = self.model.response.weights, self.model.response.blocks.start
        pairs = weights.pair_start[layer]
        columns = self._columns(layer)
        pair = np.arange(pairs[0], pairs[-1])
        of = np.repeat(np.arange(block.size - 1), np.diff(pairs))
        tall = np.diff(block)[of]
        within = np.arange(int(tall.sum())) - np.repeat(np.cumsum(tall) - tall, tall)
        row = np.repeat(block[:-1][of], tall) + within
        col = np.repeat(weights.column[pair] - columns.start, tall)
        value = weights.values[np.repeat(weights.start[pair], tall) + within]
        n = columns.stop - columns.start
        made = scipy.sparse.coo_array((value, (row, col)), shape=(int(block[-1]), n)).tocsr()
        made.eliminate_zeros()
        return made
