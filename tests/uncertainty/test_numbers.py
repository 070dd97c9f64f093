"""Uncertain numbers: their distributions, and which of them a case rests on."""

import numpy as np
import pytest

from evenground.config import RunSettings, UncertaintySettings, parse_settings
from evenground.errors import ConfigError
from evenground.interventions import read_table
from evenground.objectives.health import FUNCTIONS, STATUSES, read_functions, status_word
from evenground.pipeline import Model, qualities
from evenground.uncertainty import Base, Uncertain, list_uncertain
from evenground.uncertainty.numbers import slope_ends


def number(form: str, low: float, mid: float, high: float, **more: object) -> Uncertain:
    return Uncertain("x", "data", form, low, mid, high, "1", "assumption", "s", **more)  # type: ignore[arg-type]


def test_normal__ends_hold_95_percent_on_either_side() -> None:
    found = number("normal", 1.0, 2.0, 5.0).value(np.array([0.025, 0.5, 0.975]))

    assert found == pytest.approx([1.0, 2.0, 5.0])


def test_range__half_lies_below_the_middle() -> None:
    found = number("range", 1.0, 2.0, 5.0).value(np.array([0.0, 0.25, 0.5, 0.75, 1.0]))

    assert found == pytest.approx([1.0, 1.5, 2.0, 3.5, 5.0])


def test_choice__own_function_takes_half() -> None:
    choice = number("choice", 0.0, 0.0, 2.0, choices=("own", "other", "third"))

    found = choice.value((np.arange(1000) + 0.5) / 1000.0)

    assert np.bincount(found.astype(int)).tolist() == [500, 250, 250]


def test_slope_ends__hand_computed() -> None:
    table = read_functions()

    low, high, _ = slope_ends(table["pm25_mort_who"])

    assert low == pytest.approx(np.log(1.06) / np.log(1.08))
    assert high == pytest.approx(np.log(1.09) / np.log(1.08))


def test_slope_ends__protective_function_runs_upwards() -> None:
    low, high, _ = slope_ends(read_functions()["green_mort"])

    assert low == pytest.approx(np.log(0.97) / np.log(0.96))
    assert high == pytest.approx(np.log(0.94) / np.log(0.96))


@pytest.mark.parametrize("name", sorted({name for names in FUNCTIONS.values() for name in names}))
def test_slope_ends__every_function_that_can_be_chosen_has_them(name: str) -> None:
    low, high, status = slope_ends(read_functions()[name])

    assert low < 1.0 <= high
    assert status_word(status) in STATUSES


@pytest.mark.parametrize("table", ["uncertainty.csv", "data_error.csv"])
def test_tables__every_number_has_source_and_status(table: str) -> None:
    rows = read_table(table)

    assert rows["source"].notna().all()
    assert rows["status"].map(status_word).isin(STATUSES).all()


def test_list__covers_functions_effects_costs_and_data(base: Base) -> None:
    groups = {item.group for item in base.numbers.values()}

    assert groups == {"function", "health", "effect", "cost", "data"}


def test_list__middle_is_what_the_run_uses(base: Base) -> None:
    own = base.settings.health

    assert base.numbers["health.yll_per_death_air"].mid == own.yll_per_death_air
    assert base.numbers["effect.evaporation"].mid == base.settings.interventions.evaporation


def test_list__what_is_fixed_is_left_out(small_model: Model, small_settings: RunSettings) -> None:
    chosen = UncertaintySettings(fixed=("cost.play", "data.noise"))
    settings = small_settings.model_copy(update={"uncertainty": chosen})

    found = {item.id for item in listed(small_model, settings)}

    assert not {"cost.play", "data.noise"} & found


def test_list__ends_of_the_case_win(small_model: Model, small_settings: RunSettings) -> None:
    chosen = UncertaintySettings(ranges={"cost.play": (30_000.0, 60_000.0)})
    settings = small_settings.model_copy(update={"uncertainty": chosen})

    found = {item.id: item for item in listed(small_model, settings)}["cost.play"]

    assert (found.low, found.high) == (30_000.0, 60_000.0)
    assert found.status == "assumption"


def test_list__unknown_id_is_refused_with_near_names(
    small_model: Model, small_settings: RunSettings
) -> None:
    chosen = UncertaintySettings(fixed=("cost.pley",))
    settings = small_settings.model_copy(update={"uncertainty": chosen})

    with pytest.raises(ConfigError, match=r"uncertainty.fixed, cost.pley: .*cost.play"):
        listed(small_model, settings)


def test_list__ends_that_miss_the_middle_are_refused(
    small_model: Model, small_settings: RunSettings
) -> None:
    chosen = UncertaintySettings(ranges={"cost.play": (1.0, 2.0)})
    settings = small_settings.model_copy(update={"uncertainty": chosen})

    with pytest.raises(ConfigError, match="does not hold the middle"):
        listed(small_model, settings)


def test_settings__draws_are_a_power_of_two() -> None:
    with pytest.raises(ValueError, match="use 64 or 128"):
        UncertaintySettings(draws=100)


def test_settings__fixed_and_ranges_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="keep one"):
        UncertaintySettings(fixed=("cost.play",), ranges={"cost.play": (1.0, 2.0)})


def test_settings__ranges_are_read_from_toml_lists(small_settings: RunSettings) -> None:
    raw = small_settings.model_dump(mode="json", exclude_none=True)
    raw["uncertainty"] = {"ranges": {"cost.play": [30_000.0, 60_000.0]}}

    found = parse_settings(raw, "case.toml").uncertainty

    assert found.ranges["cost.play"] == (30_000.0, 60_000.0)


def listed(model: Model, settings: RunSettings) -> tuple[Uncertain, ...]:
    return list_uncertain(settings, model.options.interventions, qualities(model.baseline))


def test_data_error__is_larger_for_coarser_maps() -> None:
    table = read_table("data_error.csv").set_index("quality", append=True)

    for layer in ("heat", "noise", "no2", "pm25"):
        sd = [float(str(table.loc[(layer, q), "sd"])) for q in ("measured", "modelled", "coarse")]
        assert sd == sorted(sd)
