"""What fits on the sites of a 3 x 4 city, counted by hand."""

import hand_city
import numpy as np
import pytest
from numpy.typing import NDArray

from evenground.config import RunSettings, read_settings
from evenground.interventions import Options, build_options, read_catalogue
from evenground.sources import read_sources
from evenground.study import StudyArea, build_study

N_SITE = 12


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunSettings, StudyArea]:
    path = hand_city.write_city(tmp_path_factory.mktemp("hand"))
    settings = read_settings(path)
    return settings, build_study(read_sources(settings, path.parent), settings)


@pytest.fixture(scope="module")
def options(city: tuple[RunSettings, StudyArea]) -> Options:
    settings, study = city
    return build_options(study, read_catalogue(settings.interventions), settings.interventions)


def most(options: Options, name: str) -> NDArray[np.int64]:
    """Largest number of steps of an intervention on each site (y, x)."""
    chosen = options.intervention == options.interventions.index.get_loc(name)
    out = np.zeros(N_SITE, np.int64)
    out[options.site[chosen]] = options.most[chosen]
    return out.reshape(options.n_site)


# Paving that may be lifted, m2 of a site of 10 000: half of the public, and of the private what
# 60 % of the ground and 30 % of the owners allow.
#   first row:  .5 x 3000 + .6 x .3 x 2000 = 1860
#   other rows: .5 x 8000 = 4000, but (2, 1) .5 x 120 = 60 and (2, 3) .5 x 7025 = 3512.5
PAVING = [[1860] * 4, [4000] * 4, [4000, 60, 4000, 3512.5]]


def test_paving__is_what_owners_and_use_leave(options: Options) -> None:
    np.testing.assert_allclose(options.capacity[:N_SITE].reshape(3, 4), PAVING, rtol=1e-6)


def test_streets__lie_on_the_sites_they_cross(options: Options) -> None:
    main, local = options.capacity[N_SITE : 3 * N_SITE].reshape(2, 3, 4)

    np.testing.assert_allclose(main, [[0] * 4, [100] * 4, [0] * 4])
    np.testing.assert_allclose(local, [[0] * 4, [0] * 4, [100, 0, 0, 0]])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # steps of 50 m2: 1860 / 50 = 37.2
        ("tile_removal", [[37] * 4, [80] * 4, [80, 1, 80, 70]]),
        # 100 m of street, 30 % with room, 9 m a tree: 3.3
        ("street_tree", [[0] * 4, [3] * 4, [3, 0, 0, 0]]),
        # steps of 200 m2 of public paving, at most 2000 m2: 1500 / 200 = 7.5
        ("pocket_park", [[7] * 4, [10] * 4, [10, 0, 10, 10]]),
        # steps of 100 m2, 6.5 m wide: 15.38 m of the 100
        ("quiet_sma", [[0] * 4, [6] * 4, [0] * 4]),
        # steps of 20 m
        ("speed30", [[0] * 4, [5] * 4, [0] * 4]),
        # at most 30 % of the local streets: 30 m is one step of 20
        ("car_free", [[0] * 4, [0] * 4, [1, 0, 0, 0]]),
        # one in each square of 300 m, where most people live: 200 at (1, 2), before the 200 at
        # (2, 2); (0, 3) in the second square, which is one column wide
        ("play", [[0, 0, 0, 1], [0, 0, 1, 0], [0] * 4]),
    ],
)
def test_options__fit_on_their_sites(
    options: Options, name: str, expected: list[list[int]]
) -> None:
    np.testing.assert_array_equal(most(options, name), expected)


def test_paving__of_owners_depends_on_how_many_take_part(
    city: tuple[RunSettings, StudyArea],
) -> None:
    settings, study = city
    chosen = settings.interventions.model_copy(update={"use": ("tile_removal", "shrub_bed")})
    catalogue = read_catalogue(chosen)

    fewer = build_options(study, catalogue.assign(uptake=0.1), chosen)
    as_usual = build_options(study, catalogue, chosen)

    # (0, 0): 1500 m2 of public paving, and of 2000 m2 of private .6 x .3, or .6 x .1
    assert most(as_usual, "tile_removal")[0, 0] == (1500 + 360) // 50
    assert most(fewer, "tile_removal")[0, 0] == (1500 + 120) // 50
    # shrubs go on public ground only
    assert most(as_usual, "shrub_bed")[0, 0] == most(fewer, "shrub_bed")[0, 0] == 1500 // 50


def test_options__on_the_same_ground_share_it(options: Options) -> None:
    names = options.interventions.index.to_numpy()[options.intervention]
    site = (options.site_row == 1) & (options.site_col == 2)

    coupling = dict(zip(names[site], options.coupling[site].tolist(), strict=True))

    # site 6 of 12: paving, then main streets, then local streets
    assert coupling == {
        "tile_removal": 6,
        "street_tree": 6,
        "pocket_park": 6,
        "play": 6,
        "quiet_sma": 18,
        "speed30": 18,
    }


def test_options__take_the_ground_of_a_step(options: Options) -> None:
    names = options.interventions.index.to_numpy()[options.intervention]
    use = dict(zip(names, options.use.tolist(), strict=True))

    # 4 m2 of pit, 150 m2 of play area, 100 m2 of road 6.5 m wide, 20 m of street
    assert use == pytest.approx(
        {
            "tile_removal": 50.0,
            "street_tree": 4.0,
            "pocket_park": 200.0,
            "quiet_sma": 100.0 / 6.5,
            "speed30": 20.0,
            "car_free": 20.0,
            "play": 150.0,
        }
    )


def test_options__never_hold_more_than_their_ground(options: Options) -> None:
    full = options.most * options.use

    assert (options.most > 0).all()
    assert (full <= options.capacity[options.coupling] * (1.0 + 1e-9)).all()


def test_options__cost_what_a_step_costs(options: Options) -> None:
    names = options.interventions.index.to_numpy()[options.intervention]
    capital = dict(zip(names, options.capital_eur.tolist(), strict=True))
    yearly = dict(zip(names, options.yearly_eur.tolist(), strict=True))

    # 50 x 60, 200 x 120, 100 x 5, 20 x 120, 20 x 200
    assert capital == pytest.approx(
        {
            "tile_removal": 3_000.0,
            "street_tree": 2_500.0,
            "pocket_park": 24_000.0,
            "quiet_sma": 500.0,
            "speed30": 2_400.0,
            "car_free": 4_000.0,
            "play": 40_000.0,
        }
    )
    # 3000 x .0527359890 + 50 x 3; 500 x .0960174015 + 100 x .1; 40 000 x .0792885250 + 2500
    assert yearly["tile_removal"] == pytest.approx(308.207967, rel=1e-8)
    assert yearly["quiet_sma"] == pytest.approx(58.0087008, rel=1e-8)
    assert yearly["play"] == pytest.approx(5671.54100, rel=1e-8)


def test_options__are_sorted_by_site_and_then_by_intervention(options: Options) -> None:
    order = np.lexsort((options.intervention, options.site))

    np.testing.assert_array_equal(order, np.arange(options.site.size))


def test_fixed_cost__is_that_of_the_case_and_due_over_the_lifetime(options: Options) -> None:
    names = options.interventions.index.to_numpy()[options.intervention]
    tree = names == "street_tree"

    own = options.with_fixed({"street_tree": 1000.0})

    np.testing.assert_array_equal(own.fixed_eur, np.where(tree, 1000.0, options.fixed_eur))
    # 2.25 % over the 50 years of a tree: 0.0225 / (1 - 1.0225 ** -50) = 0.033518
    assert own.yearly_start_eur[tree] == pytest.approx(33.518, rel=1e-4)
    assert options.fixed_eur[tree] == pytest.approx(0.0)
