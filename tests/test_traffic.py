"""What a run tells of traffic that moves, by hand on the ladder of ``ladder``.

Five steps of 10 % on A, on (2, 2): 50 vehicle kilometres stay away, 42.5 move.
"""

from pathlib import Path

import numpy as np
import pytest
from ladder import SHARE_B, SHARE_C, model_of, write_ladder

from evenground.config import StreetDensitySettings
from evenground.interventions import list_moves
from evenground.pipeline import Model
from evenground.results import Traffic, tell_moving, tell_traffic

pytestmark = pytest.mark.jit
MORE_B, MORE_C = 42_500 * SHARE_B / 300_000, 42_500 * SHARE_C / 800_000
"""Traffic that comes to B and to C, as a share of what is there."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return model_of(write_ladder(tmp_path_factory.mktemp("ladder")), "traffic_cut", "quiet_sma")


@pytest.fixture(scope="module")
def told(model: Model) -> Traffic:
    options = model.options
    cut = (options.site_row == 2) & (options.site_col == 2)
    quiet = options.interventions.index[options.intervention] == "quiet_sma"
    quiet &= (options.site_row == 0) & (options.site_col == 3)
    plans = {
        "leeg": model.problem.empty,
        "minder": np.where(cut, 5, 0).astype(np.int16),
        "stiller": np.where(cut, 5, np.where(quiet, 2, 0)).astype(np.int16),
    }
    moves = list_moves(model.study, model.options, model.settings.interventions)
    found = tell_traffic(model.problem, model.study, plans, moves,
                         response=model.response, dose=model.health.dose)  # fmt: skip
    assert found is not None
    return found


def test_totals__keep_account_of_every_vehicle_kilometre(told: Traffic) -> None:
    row = told.of("minder").totals.iloc[0]

    assert row["kept_out_vkm"] == pytest.approx(50.0)
    assert row["vanished_vkm"] == pytest.approx(7.5)
    assert row["moved_vkm"] == pytest.approx(42.5)
    assert row["to_main_vkm"] == pytest.approx(42.5 * SHARE_C)
    # 45 dB of B rises by .213 and 55 dB of C by .1015 dB
    assert (row["louder"], row["quieter"]) == (600.0, 200.0)


def test_totals__of_a_plan_without_traffic_measures_are_nothing(told: Traffic) -> None:
    found = told.of("leeg")

    assert (found.totals.drop(columns="plan").to_numpy() == 0.0).all()
    assert found.places.empty
    assert found.neighbourhoods.empty


def test_places__are_the_streets_that_change(told: Traffic) -> None:
    places = told.of("minder").places
    corner = (places[["x_m", "y_m"]] - [120_000, 480_000]).to_numpy().tolist()

    assert corner == [[300, 200], [200, 100], [200, 0]]
    assert places["kind"].tolist() == ["hoofdstraat", "buurtstraat", "buurtstraat"]
    assert places["name"].tolist() == ["B", "B", "C"]
    assert places["today_vkm"].tolist() == pytest.approx([800.0, 300.0, 100.0])
    assert places["came_vkm"].tolist() == pytest.approx([42.5 * SHARE_C, 42.5 * SHARE_B, 0.0])
    assert places["left_vkm"].tolist() == pytest.approx([0.0, 0.0, 50.0])


def noise_daly(lden: float, residents: float) -> float:
    """DALY per year by noise of some of the 600 residents of B, from the numbers of today."""
    above = (lden - 45.0) / 10.0
    deaths = 1.899216867 * 11.0 * (1.0 - 1.055**-above)
    heart = 577.5401070 * 0.0132533 * 0.581 * (1.0 - 1.032**-above)
    sugar = 577.5401070 * 0.0030856 * 1.84 * (1.0 - 1.062**-above)
    # the curve turns at 45.56 dB: below 46.1 nobody counts
    annoyed = max(78.927 - 3.1162 * lden + 0.0342 * lden**2 - 7.9530, 0.0) / 100.0
    night = lden - 8.5
    disturbed = max(19.4312 - 0.9336 * night + 0.0126 * night**2 - 2.2472, 0.0) / 100.0
    disturbed = disturbed if night > 40.0 else 0.0
    people = 600.0 * (0.011 * annoyed + 0.010 * disturbed)
    return residents / 600.0 * (deaths + heart + sugar + people)


def test_neighbourhoods__tell_gain_and_harm_apart(told: Traffic) -> None:
    # C wins by NO2, from 20 to 15: deaths .237402108 x 11 x .67 x (1.02^-.5 - 1.02^-1); its noise
    # of 45 dB and its PM2.5 of 5 do no harm today
    gain = 0.237402108 * 7.37 * (1.02**-0.5 - 1.02**-1.0)
    # B loses: 400 people along C, by noise, NO2 from 20 by 10 x more and PM2.5 from 15 by as much,
    # and 200 along B by noise only
    louder = [10.0 * np.log10(1.0 + 0.8 * more) for more in (MORE_C, MORE_B)]
    harm = noise_daly(55.0 + louder[0], 400.0) - noise_daly(55.0, 400.0)
    harm += noise_daly(45.0 + louder[1], 200.0) - noise_daly(45.0, 200.0)
    harm += 1.899216867 * 7.37 * 2.0 / 3.0 * (1.02**-1.0 - 1.02 ** -(1.0 + MORE_C))
    harm += 1.899216867 * 11.0 * 2.0 / 3.0 * (1.08**-1.0 - 1.08 ** -(1.0 + MORE_C))

    found = told.of("minder").neighbourhoods

    assert found["name"].tolist() == ["B", "C"]
    assert found["harm_daly"].tolist() == pytest.approx([harm, 0.0], rel=5e-4, abs=1e-9)
    assert found["gain_daly"].tolist() == pytest.approx([0.0, gain], rel=1e-3, abs=1e-9)
    assert found["whole_daly"].tolist() == pytest.approx([harm, -gain], rel=5e-4)
    assert found["louder"].tolist() == [600.0, 0.0]
    totals = told.of("minder").totals.iloc[0]
    assert totals["gain_daly"] == pytest.approx(gain, rel=1e-3)
    assert totals["harm_daly"] == pytest.approx(harm, rel=5e-4)


def test_harm__is_not_hidden_by_what_else_a_plan_builds(told: Traffic) -> None:
    alone, both = (told.of(name).neighbourhoods.iloc[0] for name in ("minder", "stiller"))

    assert both["name"] == "B"
    assert both["harm_daly"] == pytest.approx(alone["harm_daly"], rel=1e-9)
    assert both["whole_daly"] < alone["whole_daly"]


def test_traffic__is_nothing_where_no_option_moves_it(tmp_path: Path) -> None:
    model = model_of(write_ladder(tmp_path), "quiet_sma")
    moves = list_moves(model.study, model.options, model.settings.interventions)

    found = tell_traffic(model.problem, model.study, {}, moves,
                         response=model.response, dose=model.health.dose)  # fmt: skip

    assert found is None
    assert moves.option.size == 0


def test_remark__says_where_traffic_goes_without_lines(model: Model) -> None:
    moves = list_moves(model.study, model.options, model.settings.interventions)
    areas = StreetDensitySettings.model_validate(
        {"kind": "density", "file": "a.gpkg", "year": 2024, "source": "x", "licence": "x",
         "quality": "modelled", "length_column": "m"}
    )  # fmt: skip
    known = model.settings.model_copy(update={"streets": areas})

    assert tell_moving(model.settings, moves) == []
    (remark,) = tell_moving(known, moves)
    assert "dichtstbijzijnde hoofdstraat (aanname)" in remark
