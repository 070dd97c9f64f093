"""The study area as a whole: who is left out and why, and that nobody gets lost."""

from collections.abc import Callable
from copy import deepcopy

import hand_city
import numpy as np
import pytest

from evenground.config import read_settings
from evenground.errors import DataError
from evenground.sources import read_sources
from evenground.study import Grid, StudyArea, block_cells, build_study

Make = Callable[..., StudyArea]


@pytest.fixture
def make(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Make:
    def build(layers: hand_city.Layers = hand_city.LAYERS, **columns: list[float]) -> StudyArea:
        monkeypatch.setattr(hand_city, "NEIGHBOURHOODS", hand_city.NEIGHBOURHOODS | columns)
        path = hand_city.write_city(tmp_path_factory.mktemp("city"), layers)
        settings = read_settings(path)
        return build_study(read_sources(settings, path.parent), settings)

    return build


def changed(layer: str, cells: list[tuple[int, int]], value: float) -> hand_city.Layers:
    """Return the maps of the city with another value in some cells of one of them."""
    layers = deepcopy(hand_city.LAYERS)
    for row, col in cells:
        layers[layer][1][row][col] = value
    return layers


def test_study__knows_its_grid_and_its_neighbourhoods(make: Make) -> None:
    study = make()

    assert study.grid == Grid(100, hand_city.LEFT, hand_city.TOP, hand_city.SHAPE)
    assert study.neighbourhoods["name"].tolist() == ["A", "B", "C"]
    assert study.neighbourhoods["area_m2"].tolist() == [60_000.0, 40_000.0, 20_000.0]
    assert study.zone.to_numpy().tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 2, 2]]
    assert study.remarks == ()


def test_study__leaves_out_a_neighbourhood_of_unknown_residents(make: Make) -> None:
    study = make(aantal_inwoners=[200, -99997, 200])

    assert study.neighbourhoods["is_assessed"].tolist() == [True, False, True]
    assert study.neighbourhoods["why_not"].tolist() == ["", "aantal inwoners onbekend", ""]
    assert study.receptors.residents.sum() == pytest.approx(400.0)
    assert 1 not in study.receptors.neighbourhood
    np.testing.assert_allclose(study.group_residents.sum(axis=0), [200.0, 0.0, 200.0])
    # ranks are of those who count: two halves
    np.testing.assert_allclose(study.neighbourhoods["ses_rank"], [0.25, np.nan, 0.75])


def test_study__leaves_out_who_lives_where_nothing_is_measured(make: Make) -> None:
    # a quarter of the residents of A live at (2, 1): 75 % is known, 90 % is needed
    study = make(changed("no2", [(2, 1)], np.nan))

    assert study.neighbourhoods["why_not"][0] == "blootstelling bekend voor 75 % van de woningen"
    assert study.receptors.residents.sum() == pytest.approx(800.0)
    assert "1 buurt met 200 inwoners (20,0 % van alle inwoners): A." in study.remarks[0]


def test_study__moves_residents_to_known_homes_and_says_so(make: Make) -> None:
    # 1 of 20 parts of A's homes lies where noise is unknown
    layers = changed("weight", [(0, 0)], 19.0)
    layers["noise"] = changed("noise", [(2, 1)], np.nan)["noise"]

    study = make(layers)

    of_a = study.receptors.neighbourhood == 0
    assert study.receptors.residents[of_a].tolist() == [200.0]
    assert "ontbreekt de blootstelling voor een klein deel" in study.remarks[0]


def test_study__spreads_over_land_where_no_home_is_mapped(make: Make) -> None:
    study = make(changed("weight", [(2, 2)], 0.0))

    of_c = study.receptors.neighbourhood == 2
    np.testing.assert_allclose(study.receptors.residents[of_c], [100.0, 100.0])


def test_study__gives_no_rank_to_an_unknown_score(make: Make) -> None:
    study = make(SES_WOA_totaalscore=[-0.5, -99997, 0.5])

    np.testing.assert_allclose(study.neighbourhoods["ses_rank"], [0.25, np.nan, 0.75])
    assert study.neighbourhoods["is_assessed"].all()
    assert "600 inwoners is de SES-WOA-score onbekend" in study.remarks[0]


def test_study__says_what_it_assumes(make: Make) -> None:
    gone = ("weight", "paved_public", "paved_private")
    study = make({name: layer for name, layer in hand_city.LAYERS.items() if name not in gone})

    assert any("geen kaart van woningen" in remark for remark in study.remarks)
    assert any("geen kaart van verharding" in remark for remark in study.remarks)
    assert study.receptors.residents.sum() == pytest.approx(1000.0)


def test_study__refuses_a_case_in_which_nobody_can_be_assessed(make: Make) -> None:
    unknown = [-99997] * 3

    with pytest.raises(DataError, match="Bring figures of residents and ages"):
        make(percentage_personen_45_tot_65_jaar=unknown)


@pytest.mark.parametrize(
    ("cell_m", "site_m", "expected"),
    # at least two sites, and at least eight cells
    [(5, 100, 40), (10, 100, 20), (25, 100, 8), (50, 100, 8), (100, 100, 8), (25, 75, 9)],
)
def test_block_cells__are_whole_sites(cell_m: int, site_m: int, expected: int) -> None:
    assert block_cells(Grid(cell_m, 0, 0, (1, 1)), site_m) == expected
