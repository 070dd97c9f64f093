"""Sound power of a light vehicle, and the emission table that measures are computed from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evenground.exposure.vehicle import light_vehicle_db
from evenground.interventions import read_table
from evenground.interventions.emission import SPEEDS_KMH, emission_db
from evenground.sources.themes import SURFACES

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "model_test_vectors.json").read_text("utf-8")
)
POWER = VECTORS["light_vehicle_sound_power_dBA_REF"]
EMISSION = VECTORS["road_emission_A_weighted_relative_dB_to_REF_50kmh"]["rows"]
NAMES = {
    "dab": "REF (dense asphalt)",
    "sma_nl8": "SMA-NL8",
    "sma_nl5": "SMA-NL5",
    "sma_optimised": "Acoustically optimised SMA",
    "thin_a": "Thin layer A",
    "thin_b": "Thin layer B",
    "brick_herringbone": "Bricks herring-bone",
    "brick_other": "Bricks not herring-bone",
    "brick_quiet": "Quiet bricks",
}
"""Our surface = that of the vector."""


@pytest.mark.parametrize(("speed_kmh", "expected"), POWER.items())
def test_light_vehicle__equals_its_vector(speed_kmh: str, expected: float) -> None:
    found = light_vehicle_db(np.array(float(speed_kmh)))

    # the vector is rounded to three decimals, at 30 km/h to two
    assert found == pytest.approx(expected, abs=6e-4)


def test_light_vehicle__gains_what_the_evidence_says_from_50_to_30() -> None:
    fast, slow = light_vehicle_db(np.array([50.0, 30.0]))

    # slower cars stay longer: 10 lg (30 / 50) = -2.218 dB is given back
    assert slow - fast + 10.0 * np.log10(50.0 / 30.0) == pytest.approx(-1.98, abs=0.005)


# The relative table rests on medium and heavy vehicles and on nine surfaces too. Their Dutch
# coefficients are not in the evidence, so the table is shipped as computed there, and tested.
@pytest.mark.parametrize("speed_kmh", EMISSION)
def test_emission__equals_its_vector(speed_kmh: str) -> None:
    surfaces = np.array(list(NAMES))

    found = emission_db(surfaces, np.full(surfaces.size, float(speed_kmh)))

    expected = [EMISSION[speed_kmh][name] for name in NAMES.values()]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_emission_table__holds_every_surface_and_speed_of_the_vector() -> None:
    table = read_table("road_emission.csv")

    assert set(table.index) == set(NAMES) == set(SURFACES)
    assert {f"{speed:.0f}" for speed in SPEEDS_KMH} == set(EMISSION)
    assert all(set(row) == set(NAMES.values()) for row in EMISSION.values())
