"""What plans cost, against the worked figures of the social cost-benefit analysis."""

import numpy as np
import pandas as pd
import pytest

from evenground.config import InterventionSettings
from evenground.interventions import annuity, read_catalogue
from evenground.objectives import cost


@pytest.mark.parametrize(
    ("years", "expected"), [(9.0, 0.123982), (15.0, 0.079289), (30.0, 0.046199), (50.0, 0.033518)]
)
def test_annuity__equals_its_vector(years: float, expected: float) -> None:
    found = annuity(0.0225, pd.Series([years]))

    assert found.item() == pytest.approx(expected, abs=5e-7)


def test_annuity__without_interest_spreads_evenly() -> None:
    assert annuity(0.0, pd.Series([25.0])).item() == 0.04


def test_catalogue__gives_the_yearly_cost_of_a_street_tree() -> None:
    catalogue = read_catalogue(InterventionSettings(use=("street_tree",)))

    assert catalogue.loc["street_tree", "yearly_eur"] == pytest.approx(113.80, abs=0.005)


def test_annuity__gives_the_yearly_cost_of_a_thin_surface() -> None:
    # 12 euro per m2, 9 years, 0.4 euro upkeep
    assert 12.0 * annuity(0.0225, pd.Series([9.0])).item() + 0.4 == pytest.approx(1.89, abs=0.005)


def test_total__adds_the_steps_of_a_plan() -> None:
    plans = np.array([[0, 0, 0], [2, 0, 1], [32_000, 1, 0]], np.int16)

    found = cost.total(plans, np.array([2500.0, 60.0, 0.5]), np.zeros(3))

    np.testing.assert_array_equal(found, [0.0, 5000.5, 80_000_060.0])


def test_total__counts_starting_once() -> None:
    plans = np.array([[0, 0], [2, 0], [9, 1]], np.int16)

    found = cost.total(plans, np.array([10.0, 1.0]), np.array([500.0, 70.0]))

    np.testing.assert_array_equal(found, [0.0, 520.0, 661.0])
