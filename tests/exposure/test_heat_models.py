"""Two windows of green, fitted or given, and which model of heat a case gets."""

from pathlib import Path

import hand_city
import numpy as np
import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from evenground.config import parse_settings, read_settings
from evenground.errors import ConfigError, DataError
from evenground.exposure import build_baseline
from evenground.exposure.heat import TwoWindows, fit_two_windows, two_window_heat_island
from evenground.names import HEAT
from evenground.sources import read_sources
from evenground.study import build_study

SHARES = st.floats(0.0, 1.0)
WEIGHTS = {"heat_highest_degc": 2.0, "heat_weight_wide": 0.5, "heat_weight_near": 0.25}


def heat_of(folder: Path, exposure: dict[str, object], *, has_map: bool = True) -> tuple:
    """Heat of the city of twelve cells, and what is said of it."""
    layers = {k: v for k, v in hand_city.LAYERS.items() if has_map or k != HEAT}
    hand_city.write_city(folder, layers)
    case = hand_city.case(layers) | {"exposure": exposure}
    (folder / "case.toml").write_text(tomli_w.dumps(case), encoding="utf-8")
    settings = read_settings(folder / "case.toml")
    sources = read_sources(settings, folder)
    study = build_study(sources, settings)
    baseline = build_baseline(study, sources, settings)
    return baseline.exposure[HEAT].to_numpy(), baseline.exposure[HEAT].attrs["method"]


def test_two_window_heat_island__equals_the_product_by_hand() -> None:
    found = two_window_heat_island(np.array(0.4), np.array(0.2), TwoWindows(2.0, 0.5, 0.25))

    # 2 x (1 - .5 x .4) x (1 - .25 x .2) = 2 x .8 x .95
    assert found == pytest.approx(1.52)


@given(wide=SHARES, near=SHARES, more=SHARES)
def test_two_window_heat_island__never_rises_with_green(
    wide: float, near: float, more: float
) -> None:
    weights = TwoWindows(2.5, 0.6, 0.3)
    greener = (min(wide + more, 1.0), min(near + more, 1.0))

    before = two_window_heat_island(np.array(wide), np.array(near), weights)
    after = two_window_heat_island(*map(np.array, greener), weights)

    assert 0.0 <= after <= before + 1e-6


def test_fit_two_windows__finds_the_weights_a_map_was_made_with() -> None:
    rng = np.random.default_rng(3)
    wide, near = rng.random((2, 20, 20))
    heat = 2.4 * (1.0 - 0.55 * wide) * (1.0 - 0.2 * near)
    heat[0, 0] = np.nan

    found = fit_two_windows(heat, wide, near)

    assert (found.highest_degc, found.wide, found.near) == pytest.approx((2.4, 0.55, 0.2), abs=1e-5)
    assert found.rmse_degc < 1e-5


def test_fit_two_windows__of_a_map_that_warms_with_green_gives_green_no_weight() -> None:
    wide, near = np.random.default_rng(4).random((2, 10, 10))

    found = fit_two_windows(1.0 + wide + near, wide, near)

    assert (found.wide, found.near) == pytest.approx((0.0, 0.0), abs=1e-4)


def test_fit_two_windows__needs_a_map_of_some_size() -> None:
    with pytest.raises(DataError, match="whole city"):
        fit_two_windows(np.ones(9), np.ones(9), np.ones(9))


def test_heat_model__with_given_weights_needs_no_map(tmp_path: Path) -> None:
    windows = {"heat_wide_m": 1000.0, "heat_near_m": 30.0}

    found, method = heat_of(
        tmp_path, {"heat_model": "two_window", **WEIGHTS, **windows}, has_map=False
    )

    # all 12 cells within 1000 m: green (4 x .5 + 8 x .2) / 12 = .3; within 30 m the cell itself
    # 2 x (1 - .5 x .3) x (1 - .25 x .5) = 1.4875, and with .2 near: 2 x .85 x .95 = 1.615
    assert found[0, 0] == pytest.approx(1.4875, rel=1e-6)
    assert found[2, 3] == pytest.approx(1.615, rel=1e-6)
    assert "gewichten" in method


def test_heat_model__fits_the_map_of_the_case(tmp_path: Path) -> None:
    found, _ = heat_of(tmp_path, {"heat_model": "two_window"})

    assert np.isfinite(found).all()
    # the mean of a least-squares fit of one level is near that of the map
    assert found.mean() == pytest.approx(np.mean(hand_city.LAYERS[HEAT][1]), abs=0.15)


def test_heat_model__of_two_windows_without_weights_or_map_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Add \[layers.heat\]"):
        heat_of(tmp_path, {"heat_model": "two_window"}, has_map=False)


def test_heat_model__diagnostic_leaves_the_map_alone(tmp_path: Path) -> None:
    found, method = heat_of(tmp_path, {"heat_model": "diagnostic"})

    # as worked out for the city without a map
    assert found[2, 1] == pytest.approx(1.2112019, rel=1e-6)
    assert "niet gebruikt" in method


@pytest.mark.parametrize(
    ("exposure", "cure"),
    [
        ({"heat_model": "two_window", "heat_weight_near": 0.2}, "or none of them"),
        (WEIGHTS, "which only heat_model"),
        ({"heat_model": "wide"}, "expected 'map'"),
    ],
)
def test_heat_settings__that_do_not_fit_are_refused(exposure: dict[str, object], cure: str) -> None:
    with pytest.raises(ConfigError, match=cure):
        parse_settings(hand_city.case() | {"exposure": exposure}, "case.toml")
