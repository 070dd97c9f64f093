"""The loops that evaluate, against plain NumPy in float64."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenground.kernels import (
    find_lanes,
    layer_states,
    sum_blocks,
    sum_segments,
    to_exposure,
)
from evenground.kernels.pointwise import VECTOR, cube_root, respond, to_decibels

from .case import Case, Float, random_case, split

pytestmark = pytest.mark.jit

SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=25, deadline=None)
POWERS = st.sampled_from([3.0, 1.0, 2.5])
LANES = 3
GRAIN = np.array([2.0**-28, 2.0**-28, 2.0**-27], np.float32)
"""States of the cases move by a few at most, and have room for eight."""
NO_CHANGES = (np.zeros(0, np.int64), np.zeros(0, np.int64), *np.zeros((2, 0), np.float32))
Today = tuple[Float, np.ndarray, np.ndarray]


# Plain formulas, in float64 and without blocks, pieces or lanes.


def plain_states(case: Case, amounts: Float) -> Float:
    return case.baseline + case.dense @ amounts


def greatest_states(case: Case, amounts: Float) -> Float:
    """Return the sum of the sizes of all that makes a state: what float32 rounds is part of it."""
    return np.abs(case.baseline) + np.abs(case.dense) @ np.abs(amounts.astype(float))


def plain_exposure(case: Case, state: Float) -> Float:
    level = case.level + 10.0 * np.log10(np.maximum(state, 1e-6))
    return np.where(case.is_energy[:, None], level, state)


def plain_responses(case: Case, exposure: Float) -> Float:
    """Return the response of every channel at every receptor (channel, receptor)."""
    out = np.zeros((len(case.low), case.residents.size))
    for k, layer in enumerate(case.channel_layer):
        at = np.clip((exposure[layer] - case.low[k]) / case.width[k], 0.0, 1.0)
        out[k] = np.polynomial.polynomial.polyval(at, case.formula[k])
    return out


def plain_stacking(case: Case, phi: Float, power: float) -> Float:
    """Return the stacking of one resident of every receptor (receptor,)."""
    scaled = case.stack_factor[:, case.neighbourhood] * phi
    burden = [
        scaled[np.array(case.channel_layer, int) == layer].sum(axis=0)
        for layer in np.flatnonzero(case.is_stacked)
    ]
    return (
        np.mean(np.array(burden) ** power, axis=0) ** (1.0 / power) if burden else 0.0 * phi.sum(0)
    )


def plain_sums(case: Case, amounts: Float, power: float) -> tuple[Float, Float]:
    """Return sums of responses (channel, neighbourhood) and stacking (neighbourhood,)."""
    phi = plain_responses(case, plain_exposure(case, plain_states(case, amounts)))
    return sums_of(case, phi, power)


def greatest_sums(case: Case, power: float) -> tuple[Float, Float]:
    """Return the sums if every response were the greatest that its curve can give.

    What float32 loses is a part of these. It holds 64 dB to 4e-6 dB, which is 2e-7 of a curve
    20 dB wide, and up to four times that of the response, by a power of four; measured over 6000
    cases 5e-7. It is no part of the sum itself: at the foot of a curve the exposure and the
    foot, 45 dB both, leave next to nothing, of which 4e-6 dB may be any part.
    """
    most = np.abs(case.formula).sum(axis=1)[:, None] * np.ones(case.residents.size)
    return sums_of(case, most, power)


def sums_of(case: Case, phi: Float, power: float) -> tuple[Float, Float]:
    """Sum responses (channel, receptor), and what they stack to, by neighbourhood."""
    n = case.vulnerability.size
    sums = [np.bincount(case.neighbourhood, case.residents * row, n) for row in phi]
    stack = case.residents * plain_stacking(case, phi, power)
    weighted = np.bincount(case.neighbourhood, stack, n) * case.vulnerability
    return np.array(sums).reshape(len(phi), n), weighted


def some_amounts(case: Case, rng: np.random.Generator, count: int) -> np.ndarray:
    """Return changes of columns (candidate, column), many of them zero."""
    shape = (count, case.n_column)
    return (rng.normal(0.0, 2.0, shape) * (rng.random(shape) < 0.4)).astype(np.float32)


def evaluate(
    case: Case, amounts: np.ndarray, power: float, today: Today | None = None
) -> tuple[Float, Float, Today]:
    """Evaluate as the evaluator does: in full without ``today``, else taking sums over."""
    n, n_layer, n_channel = len(amounts), len(case.baseline), len(case.low)
    n_chunk, n_block = -(-n // LANES), case.block_start.size - 1
    lanes = np.zeros((n_chunk * LANES, case.n_column), np.float32)
    lanes[:n] = amounts
    lanes = np.ascontiguousarray(lanes.reshape(n_chunk, LANES, -1).transpose(0, 2, 1))
    at_work = np.empty((n_chunk, case.n_column), np.uint8)
    find_lanes(lanes, at_work)
    segment_start, segments = case.segments()
    n_segment = segment_start.size - 1
    kept = today or (
        np.zeros((n_segment, n_channel + 1)),
        np.zeros(case.baseline.shape, np.float32),
        np.zeros(case.baseline.shape, np.int32),
    )
    wide = -(-int(np.diff(case.block_start).max()) // VECTOR) * VECTOR
    sums = np.full((n_chunk * LANES, n_segment, n_channel + 1), np.nan)
    sum_blocks(
        np.arange(n_chunk)[:, None] * n_block + [0, n_block],
        np.repeat(np.arange(n_chunk, dtype=np.int32), n_block),
        np.tile(np.arange(n_block, dtype=np.int32), n_chunk),
        np.full(n_chunk * n_block, (1 << LANES) - 1, np.uint8),
        np.full(n_chunk * n_block, 0 if today else (1 << n_layer) - 1, np.int32),
        np.tile(segments[:-1], n_chunk),
        np.arange(n_chunk * LANES).reshape(n_chunk, LANES) * n_segment,
        *NO_CHANGES,
        lanes,
        at_work,
        case.block_start,
        segment_start,
        segments,
        case.pair_start,
        case.pair_column,
        case.weight_start,
        case.weight,
        GRAIN,
        case.baseline,
        case.level,
        case.is_energy,
        case.residents,
        case.neighbourhood,
        case.channel_start,
        case.low.astype(np.float32),
        (1.0 / case.width).astype(np.float32),
        case.curve_start,
        case.curve.astype(np.float32),
        case.stack_factor,
        case.is_stacked,
        power,
        True,  # noqa: FBT003 - kernels take everything by its place
        today is None,
        *kept,
        np.zeros((n_chunk, LANES + 4, wide), np.float32),
        np.zeros((n_chunk, wide), np.int32),
        np.zeros((n_chunk, wide)),
        np.empty((n_chunk, case.n_column + 1), np.int32),
        np.empty((n_chunk, case.n_column + 1), np.uint8),
        np.empty((n_chunk, case.n_column + 1), np.int64),
        np.empty((n_chunk, case.n_column + 1), np.float32),
        sums.reshape(-1, n_channel + 1),
    )
    if today is None:
        kept = (sums[0], *kept[1:])
    total = np.full((n, n_channel, case.vulnerability.size), np.nan)
    stacking = np.full((n, case.vulnerability.size), np.nan)
    zone = case.neighbourhood[segment_start[:-1]]
    sum_segments(np.arange(n), sums, zone, case.vulnerability, total, stacking)
    return total, stacking, kept


def empty_plan(case: Case) -> np.ndarray:
    return np.zeros((1, case.n_column), np.float32)


def check_sums(case: Case, count: int, power: float, rng: np.random.Generator) -> None:
    """Compare the sums of some plans with the plain formula."""
    amounts = some_amounts(case, rng, count)

    *_, today = evaluate(case, empty_plan(case), power)
    total, stacking, _ = evaluate(case, amounts, power, today)

    most, most_stack = greatest_sums(case, power)
    for c in range(count):
        phi, stack = plain_sums(case, amounts[c].astype(float), power)
        assert_within(total[c], phi, 1e-6, most)
        assert_within(stacking[c], stack, 1e-6, most_stack)


def assert_within(found: Float, expected: Float, part: float, whole: Float) -> None:
    """Compare with what is expected, to a part of a whole that may differ by place."""
    assert np.shape(found) == np.shape(expected)
    # the root of nothing is next to nothing
    assert (np.abs(found - expected) <= part * whole + 1e-9).all()


@FEW
@given(seed=SEEDS, power=POWERS, count=st.integers(1, 7))
def test_sum_blocks__equals_plain_numpy(seed: int, power: float, count: int) -> None:
    rng = np.random.default_rng(seed)

    check_sums(random_case(rng), count, power, rng)


@pytest.mark.parametrize(("n_column", "n_block"), [(0, 3), (5, 1), (1, 1)])
def test_sum_blocks__takes_few_columns_and_blocks(n_column: int, n_block: int) -> None:
    rng = np.random.default_rng(5)

    check_sums(random_case(rng, n_column=n_column, n_block=n_block), 4, 3.0, rng)


@FEW
@given(seed=SEEDS, power=POWERS)
def test_sum_blocks__takes_over_today_to_the_bit(seed: int, power: float) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    amounts = some_amounts(case, rng, 5)
    amounts[2] = 0.0

    empty = evaluate(case, empty_plan(case), power)
    together = evaluate(case, amounts, power, empty[2])

    for c in range(len(amounts)):
        in_full = evaluate(case, amounts[c : c + 1], power)
        np.testing.assert_array_equal(together[0][c], in_full[0][0])
        np.testing.assert_array_equal(together[1][c], in_full[1][0])
    np.testing.assert_array_equal(together[0][2], empty[0][0])
    np.testing.assert_array_equal(together[1][2], empty[1][0])


@FEW
@given(seed=SEEDS, power=POWERS)
def test_sum_blocks__adds_up_in_float64(seed: int, power: float) -> None:
    # With every receptor in a neighbourhood of its own nothing is summed before the end.
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    amounts, zone = some_amounts(case, rng, 2), case.neighbourhood
    each = replace(
        case,
        neighbourhood=np.arange(zone.size, dtype=np.int32),
        stack_factor=np.ascontiguousarray(case.stack_factor[:, zone]),
        vulnerability=case.vulnerability[zone],
    )

    *_, today = evaluate(case, empty_plan(case), power)
    total, stacking, _ = evaluate(case, amounts, power, today)
    *_, today_each = evaluate(each, empty_plan(case), power)
    total_each, stacking_each, _ = evaluate(each, amounts, power, today_each)

    place = np.eye(case.vulnerability.size)[zone]
    np.testing.assert_allclose(total, total_each @ place, rtol=1e-9)
    np.testing.assert_allclose(stacking, stacking_each @ place, rtol=1e-9)


def test_sum_blocks__keeps_plans_of_a_chunk_apart() -> None:
    rng = np.random.default_rng(8)
    case = random_case(rng)
    amounts = np.zeros((2, case.n_column), np.float32)
    amounts[0] = 1.0  # makes every column active in the chunk; the second plan changes nothing

    *_, today = evaluate(case, empty_plan(case), 3.0)
    total, stacking, _ = evaluate(case, amounts, 3.0, today)
    alone = evaluate(case, amounts[1:], 3.0, today)

    np.testing.assert_array_equal(total[1], alone[0][0])
    np.testing.assert_array_equal(stacking[1], alone[1][0])


@FEW
@given(seed=SEEDS, n_column=st.integers(0, 8))
def test_layer_states__equals_plain_numpy(seed: int, n_column: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng, n_column=n_column)
    amounts = some_amounts(case, rng, 1)[0]
    out = np.full(case.baseline.shape, np.nan, np.float32)

    layer_states(
        amounts,
        case.block_start,
        case.pair_start,
        case.pair_column,
        case.weight_start,
        case.weight,
        case.baseline,
        out,
    )

    state = plain_states(case, amounts.astype(float))
    assert_within(out, state, 1e-6, greatest_states(case, amounts))


@FEW
@given(seed=SEEDS)
def test_to_exposure__equals_plain_numpy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    case = random_case(rng)
    state = rng.uniform(-0.5, 3.0, case.baseline.shape).astype(np.float32)
    out = np.full(state.shape, np.nan, np.float32)

    to_exposure(state, case.level, case.is_energy, out)

    expected = plain_exposure(case, state.astype(float))
    # Float32 holds 64 dB to 4e-6; an energy of nearly nothing, 60 dB below, is as sure.
    np.testing.assert_allclose(out, expected, rtol=0.0, atol=1e-5)


# The helpers, over the whole range that they are made for.


def spread(low: float, high: float, count: int) -> np.ndarray:
    """Return numbers between two powers of ten, evenly over the exponents."""
    return (10.0 ** np.random.default_rng(1).uniform(low, high, count)).astype(np.float32)


def decibels(ratio: np.ndarray, level: np.ndarray) -> np.ndarray:
    out = ratio.copy()
    work, power = np.empty_like(out), np.empty(out.size, np.int32)
    to_decibels(out, level, work, power, out.size, out.size)
    return out


def cube_roots(value: np.ndarray) -> np.ndarray:
    out = value.copy()
    cube_root(out, np.empty_like(out), out.size)
    return out


@pytest.mark.parametrize(
    ("low", "high", "within_db"),
    [(-0.3, 0.3, 4e-7), (-1.0, 1.0, 1.5e-6), (-6.0, 6.0, 1e-5)],
)
def test_to_decibels__is_the_logarithm(low: float, high: float, within_db: float) -> None:
    # Float32 holds 3 dB to 2.4e-7, 10 dB to 9.5e-7 and 60 dB to 3.8e-6.
    ratio = spread(low, high, 5000)

    found = decibels(ratio, np.zeros_like(ratio))

    np.testing.assert_allclose(found, 10.0 * np.log10(ratio.astype(float)), rtol=0, atol=within_db)


@pytest.mark.parametrize("ratio", [1e-6, 1e-9, 0.0, -1.0])
def test_to_decibels__hears_no_silence(ratio: float) -> None:
    found = decibels(np.array([ratio], np.float32), np.array([65.0], np.float32))

    assert found[0] == pytest.approx(5.0, abs=1e-5)


def test_to_decibels__leaves_the_level_of_an_unchanged_place() -> None:
    level = np.linspace(30.0, 90.0, 601, dtype=np.float32)

    np.testing.assert_array_equal(decibels(np.ones_like(level), level), level)


def test_cube_root__is_within_two_parts_in_ten_million() -> None:
    value = spread(-37.5, 38.0, 20_000)

    np.testing.assert_allclose(cube_roots(value), np.cbrt(value.astype(float)), rtol=2e-7)


def test_cube_root__of_nothing_is_next_to_nothing() -> None:
    value = np.array([0.0, 1e-45, 1e-40], np.float32)

    np.testing.assert_allclose(cube_roots(value), 0.0, atol=1e-12)


def test_cube_root__never_falls() -> None:
    value = np.sort(spread(-30.0, 30.0, 20_000))

    assert (np.diff(cube_roots(value)) >= -2e-7 * np.cbrt(value[1:])).all()


@pytest.mark.parametrize("n_piece", [1, 2, 5])
def test_respond__follows_its_pieces_and_is_flat_outside(n_piece: int) -> None:
    formula = np.polynomial.Polynomial([0.1, -0.4, 0.9, 0.2, -0.3])
    exposure = np.linspace(-2.0, 9.0, 1001).astype(np.float32)
    out = np.empty_like(exposure)

    curve = split(formula.coef, n_piece).astype(np.float32)
    respond(exposure, np.float32(1.5), np.float32(1 / 4.0), curve, out, exposure.size)

    expected = formula(np.clip((exposure.astype(float) - 1.5) / 4.0, 0.0, 1.0))
    np.testing.assert_allclose(out, expected, rtol=0.0, atol=1e-6 * np.abs(formula.coef).sum())


def test_respond__reads_every_piece_apart() -> None:
    # Pieces of constants 10, 20 and 30 over 0-3: the last holds its end and all beyond.
    curve = np.zeros((3, 5), np.float32)
    curve[:, 0] = [10.0, 20.0, 30.0]
    exposure = np.array([-1.0, 0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 7.0], np.float32)
    out = np.empty_like(exposure)

    respond(exposure, np.float32(0.0), np.float32(1 / 3.0), curve, out, exposure.size)

    np.testing.assert_array_equal(out, [10, 10, 10, 20, 20, 30, 30, 30])
