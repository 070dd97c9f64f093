"""What is done with the receptors of a block, number by number, in loops that vectorise.

The one place of each formula that evaluation and derivatives share. Knows numbers only.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
Index = NDArray[np.int32]
Long = NDArray[np.int64]

LEAST_ENERGY = np.float32(1e-6)
"""Share of the energy of today below which silence is not told apart."""
DB_PER_LN = np.float32(10.0 / np.log(10.0))
LN_2 = np.float32(np.log(2.0))
VECTOR = 16
"""Receptors up to whose multiple scratch is computed, so that no loop ends in single numbers: what
lies beyond the block is some number of before, which counts for nobody."""
ROOT_HALF_BITS = np.int32(0x3F3504F3)
"""The square root of a half as the bits of a float32."""


@njit(nogil=True, inline="always", error_model="numpy")
def to_decibels(
    ratio: Float32, level: Float32, work: Float32, power: Index, n: int, wide: int
) -> None:
    """Turn energy ratios into decibels in place, in loops that vectorise.

    To 4e-7 dB within 3 dB of today, to 1e-5 dB at the 60 dB below which nothing is heard.

    The library's logarithm is called one by one and takes as long as all the rest. Here
    the exponent is read from the bits, and the logarithm of what is left, between the
    root of a half and that of two, is a polynomial (Cephes).

    Parameters
    ----------
    ratio, work, power : (receptor,), level : (n,)
    n, wide
        Receptors, and up to how many all but the level is computed: see ``VECTOR``.
    """
    bits = work.view(np.int32)
    for i in range(wide):
        work[i] = max(ratio[i], LEAST_ENERGY)
    for i in range(wide):
        power[i] = (bits[i] - ROOT_HALF_BITS) >> np.int32(23)
        bits[i] = bits[i] - (power[i] << np.int32(23))
    for i in range(wide):
        t = work[i] - np.float32(1.0)
        p = np.float32(7.0376836292e-2)
        p = p * t - np.float32(1.1514610310e-1)
        p = p * t + np.float32(1.1676998740e-1)
        p = p * t - np.float32(1.2420140846e-1)
        p = p * t + np.float32(1.4249322787e-1)
        p = p * t - np.float32(1.6668057665e-1)
        p = p * t + np.float32(2.0000714765e-1)
        p = p * t - np.float32(2.4999993993e-1)
        p = p * t + np.float32(3.3333331174e-1)
        log = t - np.float32(0.5) * t * t + t * t * t * p
        ratio[i] = DB_PER_LN * (np.float32(power[i]) * LN_2 + log)
    for i in range(n):
        ratio[i] += level[i]


@njit(nogil=True, inline="always", error_model="numpy")
def cube_root(value: Float32, work: Float32, n: int) -> None:
    """Take the cube root of the first ``n`` values in place, to 2e-7, in loops that vectorise.

    A third of the exponent, taken from the bits as a number, then three steps of Newton.
    Halley's need but two, and divide nought by nought where nothing is borne.
    """
    bits, guess = value.view(np.int32), work.view(np.int32)
    third, three = np.float32(1.0 / 3.0), np.float32(3.0)
    for i in range(n):
        guess[i] = np.int32(np.float32(bits[i]) * third) + np.int32(709921077)
    for i in range(n):
        x, y = value[i], work[i]
        y -= (y * y * y - x) / (three * y * y)
        y -= (y * y * y - x) / (three * y * y)
        y -= (y * y * y - x) / (three * y * y)
        value[i] = y


@njit(nogil=True, inline="always", error_model="numpy")
def respond(
    exposure: Float32,
    low: np.float32,
    per: np.float32,
    curve: Float32 | Float,
    out: Float32 | Float,
    n: int,
) -> None:
    """Response of each exposure, by pieces of a polynomial; flat outside its range.

    Parameters
    ----------
    exposure, out : (receptor,)
    low, per
        Exposure where the first piece starts, and one over the width of all pieces.
    curve : (piece, 5)
        Coefficients from the constant up, of the place within the piece (0-1).
    """
    n_piece = curve.shape[0]
    one, zero = np.float32(1.0), np.float32(0.0)
    if n_piece == 1:
        c0, c1, c2, c3, c4 = curve[0, 0], curve[0, 1], curve[0, 2], curve[0, 3], curve[0, 4]
        for i in range(n):
            x = min(max((exposure[i] - low) * per, zero), one)
            out[i] = c0 + x * (c1 + x * (c2 + x * (c3 + x * c4)))
    else:
        whole, last = np.float32(n_piece), np.float32(n_piece - 1)
        for i in range(n):
            x = min(max((exposure[i] - low) * per, zero), one) * whole
            k = int(min(x, last))
            x -= np.float32(k)
            c = curve[k]
            out[i] = c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * c[4])))


@njit(nogil=True, inline="always", error_model="numpy")
def respond_and_sum(
    exposure: Float32,
    low: np.float32,
    per: np.float32,
    curve: Float32,
    people: Float,
    factor: np.float32,
    burden: Float32,
    n: int,
) -> float:
    """Return the sum of the responses of all people, and add to burdens, in one go.

    Where a block lies in one neighbourhood, as most do; of curves of one piece, see ``respond``.

    Parameters
    ----------
    people : (receptor,)
    factor
        Burden per unit of response.
    burden : (receptor,)
        Changed in place.
    """
    one, zero = np.float32(1.0), np.float32(0.0)
    c0, c1, c2, c3, c4 = curve[0, 0], curve[0, 1], curve[0, 2], curve[0, 3], curve[0, 4]
    total = 0.0
    for i in range(n):
        x = min(max((exposure[i] - low) * per, zero), one)
        response = c0 + x * (c1 + x * (c2 + x * (c3 + x * c4)))
        total += people[i] * response
        burden[i] += factor * response
    return total


@njit(nogil=True, inline="always", error_model="numpy")
def raise_to(value: Float32, power: float, n: int) -> None:
    """Raise the first ``n`` values to a power, in place."""
    if power == 3.0:
        for i in range(n):
            value[i] = value[i] * value[i] * value[i]
    else:
        for i in range(n):
            value[i] = value[i] ** np.float32(power)


@njit(nogil=True, inline="always", error_model="numpy")
def sum_runs(
    value: Float32,
    people: Float,
    b: int,
    segments: Long,
    segment_start: Long,
    first: int,
    wide: int,
    out: Float,
    place: int,
    channel: int,
) -> None:
    """Sum what all people of each run of a block have, into one channel.

    Parameters
    ----------
    value, people : (receptor,)
        Of the block; beyond it, up to ``wide``, there are no people.
    first
        First receptor of the block.
    place
        Where in ``out`` the sums would begin if the block were the first.
    """
    for s in range(segments[b], segments[b + 1]):
        left, right = segment_start[s] - first, segment_start[s + 1] - first
        right = wide if s + 1 == segments[b + 1] else right
        some, heads = value[left:right], people[left:right]
        total = 0.0
        for i in range(some.size):
            total += heads[i] * some[i]
        out[place + s, channel] = total
