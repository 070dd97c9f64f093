"""The catalogue against the figures of the evidence, and yearly cost by hand."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenground.config import InterventionSettings
from evenground.errors import ConfigError
from evenground.interventions import annuity, read_catalogue, read_table
from evenground.interventions.catalogue import read_effects

EVIDENCE = {
    # id: euros low, mid, high, upkeep per year, lifetime in years, sector
    "tile_removal": (30, 60, 110, 3, 25, "green"),
    "herb_verge": (5, 15, 25, 1.5, 20, "green"),
    "shrub_bed": (30, 45, 70, 1.6, 25, "green"),
    "street_tree": (1000, 2500, 8000, 30, 50, "green"),
    "park_tree": (300, 800, 2000, 15, 60, "green"),
    "pocket_park": (60, 120, 250, 4, 30, "green"),
    "park": (50, 100, 200, 3, 40, "green"),
    "green_roof_ext": (40, 70, 120, 3, 35, "housing"),
    "green_roof_int": (120, 200, 400, 8, 40, "housing"),
    "green_facade": (15, 40, 150, 4, 25, "housing"),
    "shade_structure": (150, 300, 600, 10, 15, "green"),
    "water_feature": (50, 120, 400, 5, 30, "water"),
    "quiet_sma": (2, 5, 12, 0.1, 12, "mobility"),
    "quiet_thin": (5, 12, 20, 0.4, 9, "mobility"),
    "brick_to_quiet": (40, 70, 110, 0.3, 25, "mobility"),
    "speed30": (30, 120, 400, 1, 25, "mobility"),
    "car_free": (50, 200, 800, 3, 20, "mobility"),
    "lez": (500000, 1500000, 4000000, 300000, 10, "mobility"),
    "zez": (500000, 2000000, 6000000, 400000, 10, "mobility"),
    "noise_barrier": (1000, 2000, 4000, 20, 40, "mobility"),
    "facade_insul": (5000, 12000, 25000, 50, 30, "housing"),
    "home_insul": (8000, 20000, 40000, 100, 30, "housing"),
    "sun_shading": (800, 2000, 4000, 30, 15, "housing"),
    "bike_path": (300, 600, 1500, 5, 30, "mobility"),
    "walk_route": (20, 60, 150, 1, 20, "social"),
    "play": (15000, 40000, 90000, 2500, 15, "social"),
    "bench_meet": (2000, 10000, 40000, 500, 15, "social"),
    "meeting_house": (200000, 800000, 2500000, 120000, 40, "social"),
}
"""Copied from ``interventions.csv`` of the evidence, which has no cost of ``traffic_cut``."""
COLUMNS = ["capex_low", "capex_mid", "capex_high", "opex_year", "lifetime_y", "sector"]
EFFECTS = {
    ("tile_removal", "green_m2"): (0.6, 0.8, 1.0),
    # crowns of 15, 25 and 40 m2 at year 20; the mean over their growth is 60 %
    ("street_tree", "green_m2"): (9, 15, 24),
    ("pocket_park", "green_m2"): (0.6, 0.8, 0.9),
    ("car_free", "traffic_factor"): (0.05, 0.1, 0.3),
    ("play", "places"): (1, 1, 1),
}
"""Copied, the crowns worked out, from ``intervention_effects.csv`` of the evidence."""


@pytest.mark.parametrize("name", EVIDENCE)
def test_catalogue__has_the_costs_of_the_evidence(name: str) -> None:
    row = read_table("interventions.csv").loc[name, COLUMNS]

    assert tuple(row) == EVIDENCE[name]


@pytest.mark.parametrize(("name", "effect"), EFFECTS)
def test_effects__are_those_of_the_evidence(name: str, effect: str) -> None:
    table = read_table("intervention_effects.csv").set_index("effect", append=True)

    assert tuple(table.loc[(name, effect), ["low", "mid", "high"]]) == EFFECTS[name, effect]


def test_effects__have_a_source_and_a_known_status() -> None:
    table = read_table("intervention_effects.csv")

    words = table["status"].str.split(r"[ ,(]", regex=True).str[0]

    assert set(words) <= {"confirmed", "derived", "recalled", "assumption"}
    assert table["source"].notna().all()
    assert ((table["low"] <= table["mid"]) & (table["mid"] <= table["high"])).all()


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        # 1.0225^25 = 1.74414632, its inverse .57334639: .0225 / .42665361
        (25, 0.05273598891),
        # 1.0225^15 = 1.39620680, .71622628: .0225 / .28377372
        (15, 0.07928852496),
        # one year: the whole sum and its interest
        (1, 1.0225),
    ],
)
def test_annuity__equals_its_formula_by_hand(years: int, expected: float) -> None:
    found = annuity(0.0225, pd.Series([years], dtype=float))

    assert found[0] == pytest.approx(expected, rel=1e-9)


def test_annuity__without_interest_is_an_equal_share() -> None:
    assert annuity(0.0, pd.Series([20.0]))[0] == 0.05


@given(st.floats(1e-4, 0.2), st.integers(1, 80))
def test_annuity__pays_back_the_sum_with_its_interest(rate: float, years: int) -> None:
    due = float(annuity(rate, pd.Series([float(years)]))[0])

    left = 1.0
    for _ in range(years):
        left = left * (1.0 + rate) - due

    assert left == pytest.approx(0.0, abs=1e-6)


def test_catalogue__adds_capital_and_yearly_euros() -> None:
    table = read_catalogue(InterventionSettings())

    # 60 x .0527359890 + 3, and 40 000 x .0792885250 + 2 500
    assert table.loc["tile_removal", "capital_eur"] == 60.0
    assert table.loc["tile_removal", "yearly_eur"] == pytest.approx(6.16415934, rel=1e-8)
    assert table.loc["play", "yearly_eur"] == pytest.approx(5671.54100, rel=1e-8)


def test_catalogue__takes_another_cost_level_and_order_from_the_settings() -> None:
    settings = InterventionSettings(use=("play", "tile_removal"), cost_level="high")

    table = read_catalogue(settings)

    assert table.index.tolist() == ["play", "tile_removal"]
    assert table["capital_eur"].tolist() == [90_000.0, 110.0]


def test_catalogue__refuses_what_it_does_not_hold() -> None:
    with pytest.raises(ConfigError, match="Choose from tile_removal"):
        read_catalogue(InterventionSettings(use=("moat",)))


def test_read_effects__takes_the_middle_of_what_is_used() -> None:
    effects = read_effects(InterventionSettings(use=("tile_removal", "play")))

    assert effects.to_dict() == {("tile_removal", "green_m2"): 0.8, ("play", "places"): 1.0}


def test_catalogue__brings_euros_to_the_price_year_of_the_case() -> None:
    settings = InterventionSettings(use=("play",))

    before, after = (read_catalogue(settings, price_year=year) for year in (2024, 2022))

    # prices rose by 3.8 % in 2023 and 3.3 % in 2024: 40 000 / 1.072254
    assert before.loc["play", "capital_eur"] == 40_000.0
    assert after.loc["play", "capital_eur"] == pytest.approx(37_304.5939, rel=1e-8)
    assert after.loc["play", "yearly_eur"] == pytest.approx(5671.54100 / 1.072254, rel=1e-8)


def test_catalogue__refuses_a_price_year_beyond_its_index() -> None:
    with pytest.raises(ConfigError, match="set it within 2010 to 2024"):
        read_catalogue(InterventionSettings(), price_year=2040)


@pytest.mark.parametrize(("year", "crown_m2"), [(None, 15.0), (0, 5.0), (10, 15.0), (20, 25.0)])
def test_read_effects__follows_growth_to_the_horizon(year: int | None, crown_m2: float) -> None:
    effects = read_effects(InterventionSettings(use=("street_tree", "play"), horizon_year=year))

    assert effects.to_dict() == {
        ("street_tree", "green_m2"): crown_m2,
        ("play", "places"): 1.0,
    }
