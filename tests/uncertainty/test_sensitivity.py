"""Sobol indices of functions whose indices are known."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtri
from scipy.stats import norm, uniform
from scipy.stats import sobol_indices as by_sampling

from evenground.uncertainty import Draws, Uncertain, draw, sobol_indices

Float = NDArray[np.float64]


def numbers(*forms: str) -> tuple[Uncertain, ...]:
    return tuple(
        Uncertain(
            f"x{k}", "data", form, -1.96, 0.0, 1.96, "1", "assumption", "s",
            choices=("a", "b", "c") if form == "choice" else (),
        )
        for k, form in enumerate(forms)
    )  # fmt: skip


def drawn(*forms: str, n: int = 256) -> Draws:
    return draw(numbers(*forms), n, 1)


def test_indices__of_a_sum_are_shares_of_the_variance() -> None:
    draws = drawn("normal", "normal", "normal")
    z = ndtri(draws.place)

    found = sobol_indices(draws, 3.0 * z[:, 0] + 4.0 * z[:, 1])

    assert found.first == pytest.approx([9.0 / 25.0, 16.0 / 25.0, 0.0], abs=1e-6)
    assert found.total == pytest.approx(found.first, abs=1e-6)
    assert found.unexplained == pytest.approx(0.0, abs=1e-9)


def test_indices__of_a_product_lie_with_the_pair() -> None:
    # x0 + x0 x1 of two standard normals: half of the variance is of x0 alone, half of both
    draws = drawn("normal", "normal")
    z = ndtri(draws.place)

    found = sobol_indices(draws, z[:, 0] + z[:, 0] * z[:, 1])

    assert found.first == pytest.approx([0.5, 0.0], abs=0.01)
    assert found.total == pytest.approx([1.0, 0.5], abs=0.01)


def test_indices__of_a_choice() -> None:
    # values 0, 1 and 4 with shares 1/2, 1/4, 1/4: variance 4.25 - 1.25^2 = 2.6875
    draws = drawn("choice", "normal", n=1024)
    picked = draws.numbers[0].value(draws.place[:, 0])

    found = sobol_indices(draws, picked**2 + ndtri(draws.place[:, 1]))

    assert found.first[0] == pytest.approx(2.6875 / 3.6875, abs=0.01)


def test_indices__of_a_turn() -> None:
    draws = drawn("turn", "range")
    angle = 2.0 * np.pi * draws.place[:, 0]

    found = sobol_indices(draws, np.cos(angle) - 2.0 * np.sin(angle))

    assert found.first == pytest.approx([1.0, 0.0], abs=1e-6)


def test_indices__as_by_another_method() -> None:
    """SciPy needs n (d + 2) values of the function itself, and finds the same."""

    def function(x: Float) -> Float:
        z, u = x[:2], x[2]
        return np.exp(0.3 * z[0]) * (1.0 + 0.5 * u) + 0.2 * z[1] ** 2

    draws = drawn("normal", "normal", "range", n=512)
    x = np.stack([*ndtri(draws.place[:, :2]).T, draws.place[:, 2]])
    found = sobol_indices(draws, function(x))
    other = by_sampling(
        func=function, n=16384, dists=[norm(), norm(), uniform()], rng=np.random.default_rng(2)
    )

    assert found.first == pytest.approx(other.first_order, abs=0.02)
    assert found.total == pytest.approx(other.total_order, abs=0.02)
    assert found.unexplained < 0.02


def test_indices__a_function_that_jumps_is_told_to_be_rough() -> None:
    draws = drawn("range", "range", "range")

    found = sobol_indices(draws, np.floor(16.0 * draws.place[:, 0]) % 2.0)

    assert found.unexplained > 0.5


def test_indices__of_what_does_not_vary_are_unknown() -> None:
    draws = drawn("range", "normal")

    found = sobol_indices(draws, np.full(256, 5.0))

    assert np.isnan(found.first).all()
    assert np.isnan(found.unexplained)
