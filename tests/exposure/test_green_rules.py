"""Distance to green and 3-30-300 on a few cells, where unknown stays unknown."""

import numpy as np

from evenground.exposure.green_rules import distance_to_green, three_thirty, trees_seen


def test_distance_to_green__starts_at_areas_of_half_a_hectare() -> None:
    # cells of 2500 m2: two together are 0.5 ha, the lone one on the right is too small
    green = np.array([[1.0, 1.0, 0.0, 0.0, 0.0, 1.0]])

    found = distance_to_green(green, 50.0)

    np.testing.assert_allclose(found, [[0.0, 0.0, 50.0, 100.0, 150.0, 200.0]])


def test_distance_to_green__joins_cells_that_touch_at_a_corner() -> None:
    green = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])

    found = distance_to_green(green, 50.0)

    np.testing.assert_allclose(found[0], [0.0, 50.0, 50.0 * np.sqrt(2.0)])


def test_distance_to_green__counts_the_green_itself_and_not_the_cell() -> None:
    # 0.9 of two cells is 4500 m2; unknown cells join nothing
    found = distance_to_green(np.array([[0.9, 0.9, np.nan]]), 50.0)

    assert np.isnan(found).all()


def test_trees_seen__counts_those_within_forty_metres() -> None:
    home = np.array([[0.0, 0.0], [100.0, 0.0]])
    tree = np.array([[40.0, 0.0], [0.0, 41.0], [70.0, 0.0]])

    np.testing.assert_array_equal(trees_seen(home, tree), [1.0, 1.0])


def test_three_thirty__holds_at_the_threshold_and_keeps_the_unknown() -> None:
    found = three_thirty(
        np.array([3.0, 2.0, np.nan]), np.array([0.30, 0.29, 0.4]), np.array([300.0, 301.0, 0.0])
    )

    np.testing.assert_array_equal(found.trees, [1.0, 0.0, np.nan])
    np.testing.assert_array_equal(found.canopy, [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(found.distance, [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(found.met, [3.0, 0.0, np.nan])
