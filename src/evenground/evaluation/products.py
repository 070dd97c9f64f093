"""What evaluation takes and gives: dose-response tables, the stack, and what plans do.

Labelled values only; nothing is computed here but a single response.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


@dataclass(frozen=True)
class DoseResponse:
    """Exposure-response functions as polynomials, and what their response costs in health."""

    channels: tuple[str, ...]
    """One response each, such as noise_mort; sorted by layer in the order of ``LAYERS``."""
    layer: NDArray[np.int32]
    """Layer of each channel (channel,)."""
    low: Float
    """Exposure at which the curve of each channel starts (channel,); flat below."""
    width: Float
    """Range of exposure of the curve (channel,); flat beyond."""
    curve_start: NDArray[np.int64]
    """First piece of each channel (channel + 1,)."""
    curve: Float
    """Coefficients of equally wide pieces, from the constant up, of the place within the
    piece from 0 to 1 (piece, 5)."""
    coefficient: Float
    """DALY per year per resident per unit of response (channel, group, neighbourhood)."""
    counted: tuple[str, ...]
    """Channels whose burden is added up."""

    @property
    def in_sum(self) -> NDArray[np.bool_]:
        """Whether the burden of a channel is added up (channel,)."""
        return np.isin(self.channels, self.counted)

    def respond(self, channel: int, exposure: Float) -> Float:
        """Return the response of one channel to exposures of any shape."""
        pieces = self.curve[self.curve_start[channel] : self.curve_start[channel + 1]]
        at = np.clip((exposure - self.low[channel]) / self.width[channel], 0.0, 1.0) * len(pieces)
        piece = np.minimum(at.astype(np.int64), len(pieces) - 1)
        at = at - piece
        out = np.zeros(np.shape(exposure))
        for power in range(pieces.shape[1] - 1, -1, -1):
            out = out * at + pieces[piece, power]
        return out


@dataclass(frozen=True)
class Stack:
    """What the stacking measure of the kernels needs; see ``objectives.stacking``."""

    factor: Float
    """Burden of a resident per unit of response over the reference (channel, neighbourhood)."""
    weight: Float
    """Weight of a resident, 1 + lambda v (neighbourhood,)."""
    power: float
    is_stacked: NDArray[np.bool_]
    """Layers that count in the stack (layer,)."""
    reference: Float
    """DALY per year of a resident that counts as one (layer,); zero where nothing does."""


@dataclass(frozen=True)
class Evaluation:
    """What a batch of plans does; float64, C-contiguous."""

    mean_phi: Float
    """Resident-weighted mean response (candidate, channel, neighbourhood)."""
    burden: Float
    """DALY per year (candidate, group, layer, neighbourhood), of the channels that count and
    the layers that have one."""
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
    yearly_eur: Float
    """Euros per year of one step (option,)."""
    yearly_start_eur: Float
    """Euros per year of having started at all (option,)."""
    access_channel: int
    annoyed_channel: int = -1
    """Response that is the share highly annoyed by noise; absent = no index of it."""
    adults: Float | None = None
    """Persons of whom some are annoyed (neighbourhood,)."""
    gap_weight: Float | None = None
    """What a DALY per year of each group adds to the gap of a followed group
    (group, neighbourhood), in DALY per 1000 residents; absent = none is followed."""
