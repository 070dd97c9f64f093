"""How far residents fall short of places to play and meet."""

import numpy as np
import pytest

from evenground.evaluation import Evaluation
from evenground.objectives import access


def test_shortfall__is_the_mean_over_residents() -> None:
    phi = np.zeros((2, 3, 2))
    phi[:, 1] = [[1.0, 0.25], [0.5, 0.0]]
    evaluation = Evaluation(phi, np.zeros((2, 1, 4, 2)), np.zeros((2, 2)))

    found = access.shortfall(evaluation, 1, np.array([100.0, 300.0]))

    # (100 x 1 + 300 x 0.25) / 400 and 50 / 400
    assert found == pytest.approx([0.4375, 0.125])


def test_shortfall__of_nobody_is_nothing() -> None:
    evaluation = Evaluation(np.ones((1, 1, 2)), np.zeros((1, 1, 4, 2)), np.zeros((1, 2)))

    np.testing.assert_array_equal(access.shortfall(evaluation, 0, np.zeros(2)), [0.0])
