"""The laws that the models must keep, each with the tests that hold them to it."""

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent

LAWS: dict[str, dict[str, tuple[str, ...]]] = {
    "noise adds as energy": {
        "exposure/test_formulas.py": (
            "test_energetic_sum__equals_its_vector",
            "test_energetic_sum__adds_energy_however_the_sources_are_grouped",
            "test_changed_level__adds_energy_so_that_a_split_road_sounds_the_same",
        ),
        "interventions/test_response.py": ("test_streets__are_the_sum_of_their_pieces",),
    },
    "windows of heat and green keep their mass at the edge": {
        "study/test_window.py": (
            "test_window_mean__counts_only_cells_on_the_map",
            "test_window_mean__of_a_level_map_is_level_up_to_the_edge",
            "test_window_mean__hands_out_all_that_is_there_at_the_edge_too",
        ),
        "interventions/test_response.py": (
            "test_green__is_the_window_of_the_map_after_less_that_before",
            "test_heat__falls_with_the_green_of_its_window",
            "test_green_and_heat__are_tested_up_to_the_edge",
        ),
    },
    "the air of a street is lost over the edge only, and its share is whole": {
        "exposure/test_air.py": (
            "test_road_increment__keeps_its_mass_inside_and_loses_it_over_the_edge",
        ),
        "interventions/test_response.py": (
            "test_streets__silenced_all_take_away_their_whole_share",
        ),
    },
    "every place to play is shared out once": {
        "exposure/test_models.py": (
            "test_access__hands_out_every_place_once",
            "test_access__hands_out_every_place_once_with_every_kernel",
        ),
        "interventions/test_response.py": ("test_access__is_the_two_step_catchment_of_its_places",),
    },
    "traffic that leaves a street turns up elsewhere, or vanishes as said": {
        "interventions/test_traffic.py": (
            "test_car_free__loses_no_vehicles_but_those_that_vanish",
        ),
    },
    "worse exposure never does less harm": {
        "objectives/test_health_laws.py": (
            "test_choices__are_all_the_rows_that_a_run_can_use",
            "test_function__never_falls_as_exposure_gets_worse",
            "test_pieces__never_fall_between_their_ends_either",
            "test_function__harms_more_who_is_more_exposed",
            "test_excess_affected__never_falls_with_any_curve",
        ),
    },
    "published figures of distribution come out as published": {
        "objectives/test_inequality.py": (
            "test_measure__equals_its_vector",
            "test_measure__equals_what_was_published",
            "test_vectors__leave_no_figure_untested",
        ),
        "objectives/test_measures.py": ("test_gini_and_theil__are_those_of_pysal",),
    },
    "cooling by InVEST's equations is that of a grid by hand": {
        "exposure/test_urban_cooling.py": (
            "test_park_capacity__equals_two_cells_by_hand",
            "test_air_temperature__equals_two_cells_by_hand",
            "test_windows__keep_a_level_that_is_the_same_everywhere_at_the_edge_too",
        ),
    },
}
"""Law = the tests of it by file, so that none can go unseen."""


@pytest.mark.parametrize("law", LAWS)
def test_law__has_the_tests_that_it_names(law: str) -> None:
    for place, names in LAWS[law].items():
        tree = ast.parse((FOLDER / place).read_text("utf-8"))
        there = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        for name in names:
            assert there.count(name) == 1, name


def test_published_example__of_the_world_bank_is_among_the_vectors() -> None:
    text = (FOLDER / "vectors" / "inequality_test_vectors.json").read_text("utf-8")

    # O'Donnell et al. (2008), chapter 8: C = -0.1694 for under-five deaths in India
    assert '"V9_under5_mortality_India"' in text
    assert "-0.1694" in text
