"""Worse exposure never does less harm: every function, over its whole range, piece by piece."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evenground.config import ExposureSettings, HealthSettings
from evenground.names import ACCESS, GREEN, HEAT, NO2, NOISE, PM25
from evenground.objectives.health import (
    FUNCTIONS,
    REFERENCE,
    Curve,
    activity_reduction,
    excess_affected,
    fit,
    read_functions,
    responses,
)
from evenground.objectives.health.functions import ALL_CHANNELS, INSIDE

Float = NDArray[np.float64]

RANGES = {
    HEAT: (0.0, 10.0),
    NOISE: (20.0, 100.0),
    NO2: (0.0, 100.0),
    PM25: (0.0, 60.0),
    GREEN: (0.0, 1.0),
    ACCESS: (0.0, 2.0),
}
"""All that an input may hold, by layer."""
GOOD = (GREEN, ACCESS)
CHOICES = [(channel, name) for channel, names in FUNCTIONS.items() for name in names]


def curve_of(channel: str, name: str, beyond: str) -> Curve:
    """Return the curve of one function as a run uses it."""
    off = dict.fromkeys(INSIDE.get(channel, ()), "none")
    rates = {"ihd_death_share": 0.05, "asthma_incidence": 0.005, "yld_per_asthma": 1.0}
    walks = {"walk_minutes_per_green_share": 90.0, "walk_minutes_today": 60.0, "source": "a"}
    behaviour = {"behaviour": walks} if channel == "walk_mort" else {}
    chosen = HealthSettings.model_validate(
        {"functions": {**off, channel: name}, "beyond_range": beyond, **rates, **behaviour}
    )
    return responses(0.35, ExposureSettings(), chosen, 1.0)[channel]


def from_best_to_worst(channel: str, n: int) -> Float:
    layer = ALL_CHANNELS[channel]
    low, high = RANGES[layer]
    return np.linspace(high, low, n) if layer in GOOD else np.linspace(low, high, n)


def test_choices__are_all_the_rows_that_a_run_can_use() -> None:
    assert {name for _, name in CHOICES} == set(read_functions()) - set(REFERENCE)


@pytest.mark.parametrize("beyond", ["continue", "hold"])
@pytest.mark.parametrize(("channel", "name"), CHOICES)
def test_function__never_falls_as_exposure_gets_worse(channel: str, name: str, beyond: str) -> None:
    phi = curve_of(channel, name, beyond)

    found = phi(from_best_to_worst(channel, 8001))

    assert (np.diff(found) >= 0.0).all()
    assert found[-1] > found[0]
    assert found.min() >= 0.0
    assert found.max() <= 1.0


@pytest.mark.parametrize("beyond", ["continue", "hold"])
@pytest.mark.parametrize(("channel", "name"), CHOICES)
def test_pieces__never_fall_between_their_ends_either(channel: str, name: str, beyond: str) -> None:
    layer = ALL_CHANNELS[channel]
    sign = -1.0 if layer in GOOD else 1.0

    _, _, pieces = fit(curve_of(channel, name, beyond), *RANGES[layer])

    most = float(np.abs(pieces.sum(axis=1)).max())
    for piece in pieces:
        slope = np.polynomial.Polynomial(sign * piece).deriv()
        turns = slope.deriv().roots()
        real = turns.real[(np.abs(turns.imag) < 1e-12) & (turns.real > 0.0) & (turns.real < 1.0)]
        # a polynomial is its function to a ten millionth of the largest response
        assert slope(np.array([0.0, *real, 1.0])).min() >= -4e-6 * most
    ends, starts = pieces[:-1].sum(axis=1), pieces[1:, 0]
    np.testing.assert_allclose(ends, starts, atol=2e-7 * most)


@pytest.mark.parametrize("beyond", ["continue", "hold"])
@pytest.mark.parametrize(("channel", "name"), CHOICES)
def test_pieces__are_their_function_to_a_millionth_over_the_whole_range(
    channel: str, name: str, beyond: str
) -> None:
    function = curve_of(channel, name, beyond)
    exposure = from_best_to_worst(channel, 100_003)  # no node of the fit is met twice

    low, width, pieces = fit(function, *RANGES[ALL_CHANNELS[channel]])

    at = np.clip((exposure - low) / width, 0.0, 1.0) * len(pieces)
    piece = np.minimum(at.astype(int), len(pieces) - 1)
    found = (pieces[piece] * (at - piece)[:, None] ** np.arange(5)).sum(axis=1)
    truth = function(exposure)
    assert np.abs(found - truth).max() <= 1e-6 * np.abs(truth).max()


@settings(deadline=None)
@given(
    choice=st.sampled_from(CHOICES),
    one=st.floats(0.0, 1.0),
    two=st.floats(0.0, 1.0),
)
def test_function__harms_more_who_is_more_exposed(
    choice: tuple[str, str], one: float, two: float
) -> None:
    low, high = RANGES[ALL_CHANNELS[choice[0]]]
    exposure = low + (high - low) * np.array(sorted((one, two)))

    less, more = curve_of(*choice, "continue")(exposure)

    if ALL_CHANNELS[choice[0]] in GOOD:
        less, more = more, less
    assert more >= less


@pytest.mark.parametrize(
    "name", [name for name, erf in read_functions().items() if erf.form == "quadratic %"]
)
def test_excess_affected__never_falls_with_any_curve(name: str) -> None:
    erf = read_functions()[name]
    level = np.linspace(20.0, 100.0, 8001)

    found = excess_affected(level, erf.curve, erf.counterfactual)

    # the curves themselves dip just above where they start: that counts as nothing
    assert (np.diff(found) >= 0.0).all()
    assert found[level <= erf.counterfactual].max() == 0.0
    assert found[-1] > 0.2


@pytest.mark.parametrize("name", ["pa_walk", "pa_cycle"])
def test_activity_reduction__never_falls_and_ends_at_its_cap(name: str) -> None:
    erf = read_functions()[name]

    found = activity_reduction(np.linspace(0.0, 3000.0, 3001), erf)

    assert (np.diff(found) >= 0.0).all()
    assert found[0] == 0.0
    assert found[-1] == pytest.approx(erf.cap)
