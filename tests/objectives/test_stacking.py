"""Stacking: hand-computed vectors, laws, and the norms it counts."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evenground.interventions import read_table
from evenground.names import ACCESS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.objectives.cumulative import joint_fraction, norms_exceeded, read_norms
from evenground.objectives.stacking import (
    power_mean,
    stacking,
    vulnerability,
)

CELLS = {
    NO2: [18.0, 12.0, 9.0],
    PM25: [9.0, 4.8, 4.5],
    NOISE: [60.0, 50.0, 65.0],
    HEAT: [1.6, 0.8, 0.4],
    GREEN: [0.0, 0.0, 0.0],
    ACCESS: [0.0, 0.0, 0.0],
}


def test_norms_exceeded__count_the_norms_of_three_cells() -> None:
    exposure = np.array([CELLS[layer] for layer in LAYERS])

    np.testing.assert_array_equal(norms_exceeded(exposure), [4, 1, 1])


def test_norms_exceeded__do_not_count_a_norm_that_is_just_met() -> None:
    norms = read_norms()
    at_norm = np.array([[norms.get(layer, 0.0)] for layer in LAYERS])

    np.testing.assert_array_equal(norms_exceeded(at_norm), [0])


def test_norms__are_those_of_the_shipped_table() -> None:
    norms = read_norms()

    assert norms == {NO2: 10.0, PM25: 5.0, NOISE: 53.0, HEAT: 1.0}
    assert read_table("norms.csv").loc["uhi_1", "status"] == "assumption"


def test_joint_fraction__is_a_little_below_the_sum() -> None:
    fractions = np.array([[0.02, 0.03, 0.08, 0.01], [0.1, 0.05, 0.02, 0.0]])

    # 1 - .98 x .97 x .92 x .99, and the combined fraction of the public package
    np.testing.assert_allclose(joint_fraction(fractions), [0.134194, 0.1621], atol=5e-7)


def test_joint_fraction__equals_the_model_vector() -> None:
    path = Path(__file__).parents[1] / "vectors" / "model_test_vectors.json"
    vector = json.loads(path.read_text("utf-8"))["combined_paf"]

    fractions = np.array(vector["inputs"]["paf"])

    found = joint_fraction(fractions)

    assert found == pytest.approx(vector["multiplicative_independent"])
    # plain adding is what the joint form never exceeds
    assert found < fractions.sum() == pytest.approx(vector["additive_upper_bound"])


@pytest.mark.parametrize(
    ("scores", "power", "expected"),
    [
        ([1.0, 0.0, 0.0, 0.0], 3.0, 0.629961),
        ([0.25, 0.25, 0.25, 0.25], 3.0, 0.25),
        ([1.0, 0.0, 0.0, 0.0], 1.0, 0.25),
        ([0.25, 0.25, 0.25, 0.25], 1.0, 0.25),
    ],
)
def test_power_mean__equals_its_vector(scores: list[float], power: float, expected: float) -> None:
    assert power_mean(np.array(scores), power) == pytest.approx(expected, abs=5e-7)


def test_stacking__weighs_peaks_people_and_vulnerability() -> None:
    # two receptors, two layers, reference (2, 4): scaled (1, 1) and (2, 0)
    burden = np.array([[2.0, 4.0], [4.0, 0.0]])
    residents, weight = np.array([10.0, 20.0]), np.array([1.5, 1.0])

    found = stacking(burden, np.array([2.0, 4.0]), residents, weight, 3.0)

    # 10 x 1.5 x 1 and 20 x 1 x ((8 + 0) / 2)^(1/3)
    np.testing.assert_allclose(found, [15.0, 20.0 * 4.0 ** (1.0 / 3.0)])


def test_stacking__of_power_one_is_plain_adding() -> None:
    burden = np.array([[2.0, 4.0], [4.0, 0.0]])

    found = stacking(burden, np.ones(2), np.ones(2), np.ones(2), 1.0)

    np.testing.assert_allclose(found, [3.0, 2.0])


def test_stacking__skips_a_layer_without_reference() -> None:
    found = stacking(np.array([[2.0, 4.0]]), np.array([2.0, 0.0]), np.ones(1), np.ones(1), 1.0)

    np.testing.assert_allclose(found, [0.5])


@settings(deadline=None)
@given(
    burden=st.lists(st.floats(0.0, 20.0), min_size=4, max_size=4).map(np.array),
    layer=st.integers(0, 3),
    cut=st.floats(0.0, 1.0),
)
def test_stacking__never_rises_when_a_burden_falls(
    burden: np.ndarray, layer: int, cut: float
) -> None:
    less = burden.copy()
    less[layer] *= 1.0 - cut
    one = np.ones(1)

    before = stacking(burden[None], np.ones(4), one, one, 3.0)
    after = stacking(less[None], np.ones(4), one, one, 3.0)

    assert after[0] <= before[0] * (1.0 + 1e-12)


def test_vulnerability__is_a_neutral_half_where_ses_is_unknown() -> None:
    found = vulnerability(np.array([0.0, 0.25, 1.0, np.nan]))

    np.testing.assert_allclose(found, [1.0, 0.75, 0.0, 0.5])
