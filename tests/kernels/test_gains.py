"""The loops that derive, against plain NumPy in float64."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenground.kernels import option_gains, place_slopes, plan_states
from evenground.kernels.gains import WIDE, _cube_root

from .case import Case, Float, random_case
from .test_evaluate import (
    GRAIN,
    assert_within,
    greatest_states,
    greatest_sums,
    plain_exposure,
    plain_responses,
    plain_stacking,
    plain_states,
    plain_sums,
    some_amounts,
)

pytestmark = pytest.mark.jit

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=25, deadline=None)
POWERS = st.sampled_from([3.0, 1.0, 2.5])
STEP = 1e-30
"""Step of a state into the complex plane."""
CHUNKS = np.array([0, 1, 1, 4])
"""Three chunks of four blocks, one of them empty."""


@dataclass(frozen=True)
class Found:
    """What a plan makes of every receptor."""

    state: np.ndarray
    exposure: np.ndarray
    burden: np.ndarray
    lever: Float
    sums: Float


def blocks_of(case: Case) -> tuple[np.ndarray, ...]:
    start, segments = case.segments()
    zone = case.neighbourhood[start[:-1]]
    return CHUNKS, case.block_start, start, segments, zone, case.pair_start


def curves_of(case: Case) -> tuple[np.ndarray, ...]:
    factor = case.stack_factor.astype(float)
    return case.channel_start, case.low, 1.0 / case.width, case.curve_start, case.curve, factor


def find(case: Case, amounts: np.ndarray, power: float) -> Found:
    shape, largest = case.baseline.shape, int(np.diff(case.block_start).max())
    found = Found(
        *(np.full(shape, np.nan, np.float32) for _ in range(3)),
        np.full(shape[1], np.nan),
        np.full((case.segments()[0].size - 1, len(case.low) + 1), np.nan),
    )
    plan_states(
        amounts[:, None].copy(),
        (amounts != 0.0).astype(np.uint8),
        *blocks_of(case),
        case.pair_column,
        case.weight_start,
        case.weight,
        GRAIN,
        case.baseline,
        case.level,
        case.is_energy,
        case.residents,
        *curves_of(case),
        case.is_stacked,
        power,
        np.empty((3, 2, largest), np.float32),
        np.empty((3, 2, largest)),
        np.empty((3, largest), np.int32),
        np.empty((3, case.n_column + 1), np.int32),
        np.empty((3, case.n_column + 1), np.uint8),
        np.empty((3, case.n_column + 1), np.int64),
        np.empty((3, case.n_column + 1), np.float32),
        found.state,
        found.exposure,
        found.burden,
        found.lever,
        found.sums,
    )
    return found


@FEW
@given(seed=SEEDS, power=POWERS, n_column=st.integers(0, 19))
def test_plan_states__equals_plain_numpy(seed: int, power: float, n_column: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng, n_column=n_column)
    amounts = some_amounts(case, rng, 1)[0]

    found = find(case, amounts, power)

    state = plain_states(case, amounts.astype(float))
    assert_within(found.state, state, 1e-6, greatest_states(case, amounts))
    # From here on from the state as it was found, in float32. Float32 holds 64 dB to 4e-6.
    exposure = plain_exposure(case, found.state.astype(float))
    np.testing.assert_allclose(found.exposure, exposure, rtol=0.0, atol=1e-5)
    # From here on from the exposure as it was found: all in float64, and sums to 1e-9.
    phi = plain_responses(case, found.exposure.astype(float))
    start = case.segments()[0]
    expected = np.add.reduceat(case.residents * phi, start[:-1], axis=1).T
    np.testing.assert_allclose(found.sums[:, :-1], expected, rtol=1e-9, atol=1e-9)
    stack = case.residents * plain_stacking(case, phi, power)
    np.testing.assert_allclose(
        found.sums[:, -1], np.add.reduceat(stack, start[:-1]), rtol=1e-9, atol=1e-9
    )
    scaled = case.stack_factor[:, case.neighbourhood] * phi
    for layer in range(len(state)):
        borne = scaled[np.array(case.channel_layer, int) == layer].sum(axis=0)
        np.testing.assert_allclose(found.burden[layer], borne, rtol=1e-6, atol=1e-9)
    mean = np.divide(stack, case.residents, out=np.zeros(stack.size), where=stack > 0.0)
    lever = np.zeros(mean.size)
    bears = mean > 0.0
    lever[bears] = case.residents[bears] * mean[bears] ** (1.0 - power)
    lever /= max(case.is_stacked.sum(), 1)
    np.testing.assert_allclose(found.lever, lever, rtol=1e-9)


@dataclass(frozen=True)
class Places:
    """Each column and neighbourhood of a chunk, listed by hand."""

    start: np.ndarray
    column: np.ndarray
    zone: np.ndarray
    entry_start: np.ndarray
    of_entry: np.ndarray


def list_places(case: Case) -> Places:
    _, _, _, segments, zones, starts = blocks_of(case)
    listed, start, first, entries = [], [0], np.zeros(starts[:, :-1].shape, np.int64), []
    for layer in range(len(starts)):
        for one, last in pairwise(CHUNKS):
            here: list[tuple[int, int]] = []
            for b in range(one, last):
                first[layer, b] = len(entries)
                for pair in range(starts[layer, b], starts[layer, b + 1]):
                    for s in range(segments[b], segments[b + 1]):
                        key = (int(case.pair_column[pair]), int(zones[s]))
                        here += [key] if key not in here else []
                        entries.append(here.index(key))
            listed += here
            start.append(len(listed))
    column, zone = np.array(listed, np.int32).reshape(-1, 2).T.copy()
    return Places(np.array(start), column, zone, first, np.array(entries, np.int32))


def derive(case: Case, found: Found, power: float, share: Float, is_shared: np.ndarray) -> Float:
    """Return derivatives by column of what each neighbourhood feels (share, column, zone)."""
    places, largest = list_places(case), int(np.diff(case.block_start).max())
    out = np.full((places.zone.size, len(share) + 1), np.nan)
    place_slopes(
        *blocks_of(case),
        case.weight_start,
        case.weight,
        case.is_energy,
        case.residents,
        *curves_of(case),
        power,
        found.state,
        found.exposure,
        found.burden,
        found.lever,
        share,
        is_shared,
        places.entry_start,
        places.of_entry,
        places.start,
        np.full((3, len(share) + 2, largest), np.nan),
        np.full((3, len(share) + 2, largest), np.nan, np.float32),
        out,
    )
    whole = np.zeros((len(share) + 1, case.n_column, case.vulnerability.size))
    for k in range(len(share) + 1):
        np.add.at(whole[k], (places.column, places.zone), out[:, k])
    return whole


@FEW
@given(seed=SEEDS, power=POWERS, n_share=st.integers(1, 3))
def test_place_slopes__equals_plain_numpy(seed: int, power: float, n_share: int) -> None:
    # The plain derivative is that of the plain score by a step into the complex plane, which
    # loses no digits to a difference.
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    n_zone = case.vulnerability.size
    share = rng.normal(0.0, 1.0, (n_share, len(case.low), n_zone))
    share[rng.random(share.shape[:2]) < 0.4] = 0.0
    of_layer = np.array(case.channel_layer, int)[:, None] == np.arange(len(case.baseline))
    is_shared = np.column_stack([((share != 0.0).any(axis=2) @ of_layer).T, case.is_stacked])
    found = find(case, some_amounts(case, rng, 1)[0], power)

    slope = derive(case, found, power, share, is_shared)

    def scores(layer: int) -> np.ndarray:
        phi = complex_responses(case, found, layer)
        felt = (share[:, :, case.neighbourhood] * phi).sum(axis=1)
        return case.residents * np.vstack([felt, plain_stacking(case, phi, power)])

    per_state = np.stack([scores(layer).imag / STEP for layer in range(len(case.baseline))])
    near = ~np.array([is_off_bends(case, k, e) for k, e in enumerate(found.exposure)])
    unsure = (np.abs(case.dense) * near[:, :, None]).sum(axis=(0, 1)) > 0.0
    for zone in range(n_zone):
        here = case.neighbourhood == zone
        dense, steep = case.dense[:, here], per_state[:, :, here]
        expected = np.einsum("lrc,lkr->kc", dense, steep)[:, ~unsure]
        whole = np.einsum("lrc,lkr->kc", np.abs(dense), np.abs(steep))[:, ~unsure]
        # burdens are kept as float32, 6e-8 of each, to the power; slopes and their sums are too
        assert_within(slope[:, ~unsure, zone], expected, 1e-6, whole)


def complex_responses(case: Case, found: Found, layer: int) -> np.ndarray:
    """Return responses (channel, receptor) at exposures as found, a layer stepped aside."""
    out = np.zeros((len(case.low), case.residents.size), complex)
    for k, of in enumerate(case.channel_layer):
        per_ratio = 10.0 / np.log(10.0) / np.maximum(found.state[of].astype(float), 1e-6)
        step = STEP * (of == layer) * (per_ratio if case.is_energy[of] else 1.0)
        at = (found.exposure[of].astype(float) - case.low[k] + 1j * step) / case.width[k]
        at = np.where((at.real > 0.0) & (at.real < 1.0), at, np.clip(at.real, 0.0, 1.0))
        out[k] = np.polynomial.polynomial.polyval(at, case.formula[k])
    return out


@FEW
@given(seed=SEEDS)
def test_place_slopes__of_a_share_are_the_same_bits_beside_others(seed: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    share = rng.normal(0.0, 1.0, (3, len(case.low), case.vulnerability.size))
    found = find(case, some_amounts(case, rng, 1)[0], 3.0)
    every = np.ones((len(case.baseline), 4), bool)

    together = derive(case, found, 3.0, share, every)

    for k in range(3):
        alone = derive(case, found, 3.0, share[k : k + 1], every[:, :2])
        np.testing.assert_array_equal(together[k], alone[0])
        np.testing.assert_array_equal(together[-1], alone[-1])


def is_off_bends(case: Case, layer: int, exposure: Float) -> np.ndarray:
    """Say where no curve of a layer begins or ends: there it has two slopes."""
    off = np.ones(exposure.size, bool)
    for k in np.flatnonzero(np.array(case.channel_layer, int) == layer):
        for bend in (case.low[k], case.low[k] + case.width[k]):
            off &= np.abs(exposure - bend) > 1e-6
    return off


@FEW
@given(seed=SEEDS, n_score=st.integers(1, 3), n_share=st.integers(1, 3))
def test_option_gains__equals_plain_numpy(seed: int, n_score: int, n_share: int) -> None:
    rng = np.random.default_rng(seed)
    n_place, n_column, n_zone, n_option = 30, 6, 4, 5
    column = rng.integers(0, n_column, n_place)
    zone = rng.integers(0, n_zone, n_place, dtype=np.int32)
    by_column = np.argsort(column, kind="stable").astype(np.int32)
    column_start = np.searchsorted(column[by_column], np.arange(n_column + 1))
    slope = rng.normal(0.0, 1.0, (n_place, n_share)) * (rng.random((n_place, n_share)) < 0.8)
    price = np.zeros((n_share, n_zone, WIDE))
    price[..., :n_score] = rng.normal(0.0, 1.0, (n_share, n_zone, n_score))
    count = rng.integers(0, 4, n_option)
    change_start = np.concatenate([[0], np.cumsum(count)])
    changed = rng.integers(0, n_column, count.sum(), dtype=np.int32)
    effect = rng.normal(0.0, 1.0, count.sum()).astype(np.float32)
    out = np.full((n_option, WIDE), np.nan)

    option_gains(
        column_start,
        by_column,
        zone,
        slope,
        price,
        change_start,
        changed,
        effect,
        np.full((n_column, WIDE), np.nan),
        out,
    )

    expected = np.zeros(out.shape)
    for j, (first, last) in enumerate(pairwise(change_start)):
        for change in range(first, last):
            for place in np.flatnonzero(column == changed[change]):
                worth = slope[place] @ price[:, zone[place]]
                expected[j] -= effect[change] * worth
    np.testing.assert_allclose(out, expected, rtol=1e-9, atol=1e-9)


def test_cube_root__is_that_of_float64() -> None:
    value = np.concatenate([[0.0, 1e-29, 1e30], np.logspace(-20, 20, 97)])
    out, work = np.full(value.size, np.nan), np.empty((2, value.size), np.float32)

    _cube_root(value, work[0], work[1], out, value.size)

    np.testing.assert_allclose(out, np.cbrt(value), rtol=1e-12)


def test_plan_states__hold_the_sums_of_the_evaluation() -> None:
    rng = np.random.default_rng(3)
    case = random_case(rng)
    amounts = some_amounts(case, rng, 1)[0]

    found = find(case, amounts, 3.0)

    zone = case.neighbourhood[case.segments()[0][:-1]]
    expected, weighted = plain_sums(case, amounts.astype(float), 3.0)
    most, most_stack = greatest_sums(case, 3.0)
    for k, row in enumerate(expected):
        sums = np.bincount(zone, found.sums[:, k], row.size)
        assert_within(sums, row, 1e-6, most[k])
    sums = np.bincount(zone, found.sums[:, -1], weighted.size) * case.vulnerability
    assert_within(sums, weighted, 1e-6, most_stack)
