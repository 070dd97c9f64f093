"""Where an inequality comes from, worked out by hand on two neighbourhoods."""

import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.objectives.attribution import attribute

Float = NDArray[np.float64]


def gap(y: Float, _: Float) -> float:
    """Burden of the first neighbourhood minus that of the second."""
    return float(y[0] - y[1])


def test_attribute__splits_a_gap_as_worked_out_by_hand() -> None:
    # One channel, two ages (young costs 1, old costs 3), 100 residents in each neighbourhood.
    #   exposure      4 and 2            off: 3 and 3
    #   age factor    half old, none: 2 and 1     off: a quarter old, 1.5 and 1.5
    #   SES ratio     1.2 and 0.8        off: 1 and 1
    # Gap of exposure x age x SES (before the factor 1000), by what is on:
    #   -  0        E  6 - 3 = 3       A  6 - 3 = 3      S  5.4 - 3.6 = 1.8
    #   EA 8 - 2 = 6    ES 7.2 - 2.4 = 4.8   AS 7.2 - 2.4 = 4.8   EAS 9.6 - 1.6 = 8
    # Shapley: E = 3/3 + (6-3)/6 + (4.8-1.8)/6 + (8-4.8)/3 = 3.066..., A the same,
    #          S = 1.8/3 + (4.8-3)/6 + (4.8-3)/6 + (8-6)/3 = 1.866...
    found = attribute(
        mean_phi=np.array([[4.0, 2.0]]),
        age_coefficient=np.array([[1.0, 3.0]]),
        age_residents=np.array([[50.0, 100.0], [50.0, 0.0]]),
        ses_ratio=np.array([1.2, 0.8]),
        measure=gap,
    )

    assert found == pytest.approx(
        {
            "exposure": 1000.0 * 46.0 / 15.0,
            "age": 1000.0 * 46.0 / 15.0,
            "vulnerability": 1000.0 * 28.0 / 15.0,
            "total": 8000.0,
        }
    )


def test_attribute__gives_nothing_to_what_is_equal() -> None:
    found = attribute(
        mean_phi=np.array([[4.0, 2.0]]),
        age_coefficient=np.array([[1.0, 3.0]]),
        age_residents=np.array([[60.0, 30.0], [20.0, 10.0]]),
        ses_ratio=np.ones(2),
        measure=gap,
    )

    # burden per resident 1.5 x exposure
    assert found == pytest.approx(
        {"exposure": 3000.0, "age": 0.0, "vulnerability": 0.0, "total": 3000.0}
    )


def test_attribute__sums_to_the_whole_and_leaves_out_empty_neighbourhoods() -> None:
    rng = np.random.default_rng(11)
    people = rng.uniform(10.0, 900.0, (5, 12))
    people[:, 3] = 0.0

    def spread(y: Float, w: Float) -> float:
        assert y.size == w.size == 11
        return float(np.average((y - np.average(y, weights=w)) ** 2, weights=w))

    found = attribute(
        rng.uniform(0.0, 0.1, (8, 12)),
        rng.uniform(0.0, 0.5, (8, 5)),
        people,
        rng.uniform(0.7, 1.3, 12),
        spread,
    )

    parts = found["exposure"] + found["age"] + found["vulnerability"]
    assert parts == pytest.approx(found["total"])
