"""Every figure of the published vectors is read by a test: none is shipped for show."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
MODEL = "model_test_vectors.json"
INEQUALITY = "inequality_test_vectors.json"

TESTED: dict[str, dict[str, tuple[str, ...]]] = {
    MODEL: {
        "noise_highly_annoyed_pct": ("objectives/test_health.py",),
        "noise_highly_sleep_disturbed_pct": ("objectives/test_health.py",),
        "noise_mortality_rr": ("objectives/test_health.py",),
        "pm25_attributable_fraction": ("objectives/test_health.py",),
        "no2_attributable_fraction": ("objectives/test_health.py",),
        "public_hia_package_check": ("objectives/test_health.py",),
        "combined_paf": ("objectives/test_stacking.py",),
        "energetic_sum_db": ("exposure/test_formulas.py",),
        "lden": ("exposure/test_formulas.py",),
        "urban_heat_island_theeuwes": ("exposure/test_formulas.py",),
        "pet": ("exposure/test_pet.py",),
        "road_emission_A_weighted_relative_dB_to_REF_50kmh": ("exposure/test_vehicle.py",),
        "light_vehicle_sound_power_dBA_REF": ("exposure/test_vehicle.py",),
    },
    # test_inequality.py runs over all vectors, and has its own test that no measure is left out
    INEQUALITY: {"vectors": ("objectives/test_inequality.py",)},
}
"""Vector = the files of tests that read it by its name."""
PROSE = {"conventions", "description", "rule", "mix", "status"}
"""Keys that hold words, not figures."""
DEEP = {
    "public_hia_package_check": {"inputs", "rr_at_exposure", "paf", "cases", "published_rounded"},
    "combined_paf": {"inputs", "additive_upper_bound", "multiplicative_independent"},
    "urban_heat_island_theeuwes": {"inputs", "factor", "UHImax"},
    "lden": {"inputs", "Lden"},
    "pet": {
        "inputs",
        "Tw_stull",
        "sunlit_paved_B3_SVF0.8",
        "sunlit_green_B0.4_SVF0.8",
        "shade_SVF0.3",
    },
}
"""Figures of the vectors with names of their own; a new one must be read too."""


def read(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / "vectors" / name).read_text("utf-8")))


def count(part: Any) -> int:  # noqa: ANN401 - any piece of JSON
    """Count the numbers in a piece of JSON."""
    if isinstance(part, dict):
        return sum(count(value) for key, value in part.items() if key not in PROSE)
    if isinstance(part, list):
        return sum(map(count, part))
    return int(isinstance(part, int | float) and not isinstance(part, bool))


@pytest.mark.parametrize(("name", "vectors", "figures"), [(MODEL, 13, 150), (INEQUALITY, 12, 403)])
def test_vectors__are_as_many_as_were_taken_up(name: str, vectors: int, figures: int) -> None:
    whole = read(name)
    parts = whole["vectors"] if name == INEQUALITY else whole

    # a figure that is added must be read by a test, and then counted here
    assert len(set(parts) - PROSE) == vectors
    assert count(whole) == figures


@pytest.mark.parametrize("name", TESTED)
def test_registry__names_every_vector(name: str) -> None:
    assert set(read(name)) - PROSE == set(TESTED[name])


@pytest.mark.parametrize(
    ("key", "place"),
    [(key, place) for keys in TESTED.values() for key, places in keys.items() for place in places],
)
def test_registry__names_tests_that_read_their_vector(key: str, place: str) -> None:
    text = (FOLDER / place).read_text("utf-8")

    assert re.search(rf'"{re.escape(key)}"', text)


@pytest.mark.parametrize("key", DEEP)
def test_vector__has_each_of_its_figures_read(key: str) -> None:
    vector = read(MODEL)[key]
    text = (FOLDER / TESTED[MODEL][key][0]).read_text("utf-8")

    assert set(vector) == DEEP[key]
    assert all(f'"{figure}"' in text for figure in DEEP[key])
