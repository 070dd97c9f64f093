"""The 3 x 4 city followed from its rasters to every objective, each number by hand.

The comments hold the whole calculation, so that a reader can follow it with a
calculator; nothing expected here comes out of the package. The compiled loops
work in float32: what went through them is compared to 1e-5, all else to 1e-8
or better. See ``hand_city`` for the map.
"""

import numpy as np
import pytest
from hand_city import write_city
from numpy.typing import NDArray

from evenground.config import read_settings
from evenground.evaluation import Evaluation
from evenground.names import ACCESS, BURDEN_LAYERS, GREEN, HEAT, LAYERS, NO2, NOISE, PM25
from evenground.objectives import OBJECTIVES
from evenground.optimise import SCORES
from evenground.pipeline import Model, build_model

pytestmark = pytest.mark.jit

Float = NDArray[np.float64]
KERNEL = {"rtol": 1e-5, "atol": 1e-9}
"""Float32 holds seven digits; sums of a few of them keep five."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = write_city(tmp_path_factory.mktemp("hand"))
    return build_model(read_settings(path), path.parent)


@pytest.fixture(scope="module")
def today(city: Model) -> Evaluation:
    return city.problem.evaluator.evaluate(city.problem.empty[None, :])


# Who lives where. Weights within A are 3 : 1, so its 200 residents become 150 and 50;
# within B 2 : 1, so 400 and 200; C has one cell. Receptors go by neighbourhood, then by cell.


def test_residents__are_spread_by_weight(city: Model) -> None:
    people = city.study.receptors

    assert people.row.tolist() == [0, 2, 0, 1, 2]
    assert people.col.tolist() == [0, 1, 3, 2, 2]
    assert people.neighbourhood.tolist() == [0, 0, 1, 1, 2]
    np.testing.assert_allclose(people.residents, [150.0, 50.0, 400.0, 200.0, 200.0], rtol=1e-12)


def test_groups__split_residents_by_age_and_income(city: Model) -> None:
    groups = city.study.groups.assign(n=list(city.study.group_residents))
    found = {(age, income): n.tolist() for age, income, n in groups.itertuples(index=False)}

    # A: 200 x 50 % x 60 % low = 60; B: 600 x 100 % x 40 %= 240; C: 200 x 50 % x 20 % = 20
    assert found["45_65", "low"] == pytest.approx([60.0, 240.0, 20.0])
    assert found["45_65", "other"] == pytest.approx([40.0, 360.0, 80.0])
    assert found["65_plus", "low"] == pytest.approx([60.0, 0.0, 0.0])
    assert found["65_plus", "other"] == pytest.approx([40.0, 0.0, 0.0])
    assert found["0_15", "low"] == pytest.approx([0.0, 0.0, 20.0])
    assert found["0_15", "other"] == pytest.approx([0.0, 0.0, 80.0])
    assert city.study.group_residents.sum(axis=0) == pytest.approx([200.0, 600.0, 200.0])


def test_ranks__are_the_middle_of_each_block_of_people(city: Model) -> None:
    # SES rises from A to C; shares .2, .6, .2: ranks .2 / 2 = .1, .2 + .6 / 2 = .5, .8 + .1 = .9
    np.testing.assert_allclose(city.study.neighbourhoods["ses_rank"], [0.1, 0.5, 0.9], rtol=1e-12)
    # incomes: A lowest, the same ranks: fifths floor(.5) + 1, floor(2.5) + 1, floor(4.5) + 1
    assert city.study.neighbourhoods["income_fifth"].tolist() == [1, 3, 5]


# Exposure of today at the receptors. Heat, noise and air are what the rasters say there. Green is
# the mean over cells whose centres lie within 300 m. In the corners (0, 0) and (0, 3) these are 10:
# all but the two that lie 3 columns and 1 or 2 rows away (316 and 361 m). From the other homes all
# 12 are near. (4 x 0.5 + 6 x 0.2) / 10 = 0.32 and (4 x 0.5 + 8 x 0.2) / 12 = 0.3.
#
# Access: the place lies at (2, 0). Distances 200, 100, 360.6, sqrt(100^2 + 200^2) = 223.6, 200 m.
# With e^-.5 = .60653066 and f = (e^(-d^2 / 180000) - .60653066) / .39346934:
#   100 m: e^(-1/18) = .94595947, f = .86265631     200 m: e^(-2/9) = .80073740, f = .49357529
#   223.6: e^(-5/18) = .75746513, f = .38359906     360.6 m: out of reach
# Demand 150 x .49357529 + 50 x .86265631 + 200 x .38359906 + 200 x .49357529 = 292.603978.
# Places per 1000 residents: 1000 f / 292.603978 = 1.68683724, 2.94820431, 0, 1.31098374, 1.68683724
EXPOSURE = {
    HEAT: [2.0, 1.0, 1.0, 0.0, 1.0],
    NOISE: [65.0, 55.0, 55.0, 45.0, 45.0],
    NO2: [30.0, 20.0, 20.0, 10.0, 20.0],
    PM25: [25.0, 15.0, 15.0, 5.0, 5.0],
    GREEN: [0.32, 0.3, 0.32, 0.3, 0.3],
    ACCESS: [1.68683724, 2.94820431, 0.0, 1.31098374, 1.68683724],
}


@pytest.mark.parametrize("layer", LAYERS)
def test_exposure__of_today_is_that_of_the_maps(city: Model, layer: str) -> None:
    people = city.study.receptors

    grid = city.baseline.exposure[layer].to_numpy()
    plan = city.problem.evaluator.exposure(city.problem.empty)[LAYERS.index(layer)]

    np.testing.assert_allclose(grid[people.row, people.col], EXPOSURE[layer], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(plan, EXPOSURE[layer], rtol=1e-6, atol=1e-9)


def test_street_part__is_what_lies_above_the_background(city: Model) -> None:
    people = city.study.receptors

    found = {name: part[people.row, people.col] for name, part in city.baseline.street_part.items()}

    # NO2 30, 20, 20, 10, 20 above 10; PM2.5 25, 15, 15, 5, 5 above 5
    np.testing.assert_allclose(found[NO2], [20.0, 10.0, 10.0, 0.0, 10.0])
    np.testing.assert_allclose(found[PM25], [20.0, 10.0, 10.0, 0.0, 0.0])


# Responses of a resident, one increment above the threshold (a) and two (b):
#   heat, 1.015 per degC above 0:     a = 1 - 1/1.015  = .014778325   b = 1 - 1/1.015^2 = .029338251
#   deaths by noise, 1.055 per 10 dB: a = 1 - 1/1.055  = .052132701   b = .101547584
#   cardiovascular, 1.032:            a = .031007752                  b = .061054023
#   diabetes, 1.062:                  a = .058380414                  b = .113352556
#   NO2, 1.02 per 10 above 10:        a = .019607843                  b = .038831219
#   PM2.5, 1.08 per 10 above 5:       a = .074074074                  b = .142661180
# Highly annoyed above the 7.953 % of 45 dB, 78.927 - 3.1162 L + .0342 L^2:
#   55 dB: 78.927 - 171.391 + 103.455 = 10.991, less 7.953 =  3.038 %
#   65 dB: 78.927 - 202.553 + 144.495 = 20.869, less 7.953 = 12.916 %
# Highly sleep-disturbed above the 2.2472 % of 40 dB, 19.4312 - .9336 L + .0126 L^2, L = Lden - 8.5:
#   46.5 dB: 19.4312 - 43.4124 + 27.24435 = 3.26315, less 2.2472 = 1.01595 %
#   56.5 dB: 19.4312 - 52.7484 + 40.22235 = 6.90515, less 2.2472 = 4.65795 %
# Too little green: mean share (150 x .32 + 50 x .3 + 400 x .32 + 400 x .3) / 1000 = .311,
#   NDVI .1 + .55 x .311 = .27105, target .37105. At share .32 NDVI is .276, short .09505:
#   1 - .96^.9505 = .038058; at .3 it is .265, short .10605: 1 - .96^1.0605 = .042368
# Access: 1 - (places per 1000) / 4
RESPONSE = {
    "heat_mort": [0.0293382514, 0.0147783251, 0.0147783251, 0.0, 0.0147783251],
    "noise_mort": [0.1015475843, 0.0521327014, 0.0521327014, 0.0, 0.0],
    "noise_cvd": [0.0610540232, 0.0310077519, 0.0310077519, 0.0, 0.0],
    "noise_dm2": [0.1133525558, 0.0583804143, 0.0583804143, 0.0, 0.0],
    "noise_ha": [0.12916, 0.03038, 0.03038, 0.0, 0.0],
    "noise_hsd": [0.0465795, 0.0101595, 0.0101595, 0.0, 0.0],
    "no2_mort": [0.0388312188, 0.0196078431, 0.0196078431, 0.0, 0.0196078431],
    "pm25_mort": [0.1426611797, 0.0740740741, 0.0740740741, 0.0, 0.0],
    "green_mort": [0.0380581776, 0.0423680161, 0.0380581776, 0.0423680161, 0.0423680161],
    "access_shortfall": [0.5782906888, 0.2629489225, 1.0, 0.6722540640, 0.5782906888],
}


def test_responses__are_the_attributable_fractions(city: Model) -> None:
    dose = city.health.dose

    for channel, expected in RESPONSE.items():
        k = dose.channels.index(channel)
        exposure = np.array(EXPOSURE[LAYERS[dose.layer[k]]])
        found = dose.respond(k, exposure)
        # polynomials come within 1e-7 of the largest response (record 10)
        np.testing.assert_allclose(found, expected, rtol=0.0, atol=5e-8, err_msg=channel)


# Means over the residents of A (3/4, 1/4), B (2/3, 1/3) and C:
#   heat  .75 x .029338251 + .25 x .014778325 = .025698270, 2/3 x .014778325 = .009852217,
#     .014778325
#   noise deaths  .089193864, .034755134, 0      cardiovascular  .053542455, .020671835, 0
#   diabetes      .099609520, .038920276, 0      annoyed         .104465,    .020253333, 0
#   disturbed     .0374745,   .006773,    0      NO2             .034025375, .013071895, .019607843
#   PM2.5         .125514403, .049382716, 0
MEAN = {
    "heat_mort": [0.0256982698, 0.0098522167, 0.0147783251],
    "noise_mort": [0.0891938636, 0.0347551343, 0.0],
    "noise_cvd": [0.0535424554, 0.0206718346, 0.0],
    "noise_dm2": [0.0996095205, 0.0389202762, 0.0],
    "noise_ha": [0.104465, 0.0202533333, 0.0],
    "noise_hsd": [0.0374745, 0.006773, 0.0],
    "no2_mort": [0.0340253749, 0.0130718954, 0.0196078431],
    "pm25_mort": [0.1255144033, 0.0493827160, 0.0],
}


def test_mean_response__weighs_residents(city: Model, today: Evaluation) -> None:
    for channel, expected in MEAN.items():
        k = city.health.dose.channels.index(channel)

        np.testing.assert_allclose(today.mean_phi[0, k], expected, **KERNEL, err_msg=channel)


# Deaths a year by age alone: A 200 x (.5 x .00372 + .5 x .0403) = 4.402; B 600 x .00372 = 2.232;
# C 100 x .00372 = .372 (children do not count); 7.006 together. SES ratios 1.3, 1 and .75 give
# 5.7226 + 2.232 + .279 = 8.2336, so all are scaled by 7.006 / 8.2336 = .850903614:
#   4.869381024, 1.899216867, .237402108: again 7.006.
# Adults 200, 600, 100, for disease 260 + 600 + 75 = 935, scaled by 900 / 935 = .962566845:
#   250.2673797, 577.5401070, 72.1925134: again 900.
# DALY per year, A, B, C:
#   heat, 24 % of deaths in summer x 8 years = 1.92 per death:
#     4.869381024 x 1.92 x .025698270 = .240258561; .035926073; .006736139
#   noise deaths x 11:                    4.777507974,  .726082910, 0
#   cardiovascular x .0132533 x .581:      .103181703,  .091930862, 0
#   diabetes x .0030856 x 1.84:            .141534575,  .127619051, 0
#   annoyed, adults x .011:                .229823000,  .133672000, 0   (SES does not scale it)
#   disturbed, adults x .010:              .074949000,  .040638000, 0
#   noise together:                       5.326996252, 1.119942823, 0
#   NO2, deaths x 11 x (1 - .33):         1.221080133,  .182970305, .034306932
#   PM2.5, deaths x 11:                   6.722951990, 1.031673360, 0
BURDEN = {
    HEAT: [0.240258561, 0.035926073, 0.006736139],
    NOISE: [5.326996252, 1.119942823, 0.0],
    NO2: [1.221080133, 0.182970305, 0.034306932],
    PM25: [6.722951990, 1.031673360, 0.0],
}


def test_burden__is_that_of_every_layer_and_neighbourhood(today: Evaluation) -> None:
    found = today.burden[0].sum(axis=0)

    for layer, expected in BURDEN.items():
        np.testing.assert_allclose(found[BURDEN_LAYERS.index(layer)], expected, **KERNEL)


def test_burden__of_a_group_follows_its_own_rates(city: Model, today: Evaluation) -> None:
    groups = list(city.study.groups.itertuples(index=False, name=None))
    old, middle = groups.index(("65_plus", "low")), groups.index(("45_65", "low"))
    heat = BURDEN_LAYERS.index(HEAT)

    # A, 60 people each: 60 x .0403 x 1.3 x .850903614 x 1.92 x .025698270 = .131972130, and with
    # .00372 in place of .0403 it is .012182043
    assert today.burden[0, old, heat, 0] == pytest.approx(0.131972130, rel=1e-5)
    assert today.burden[0, middle, heat, 0] == pytest.approx(0.012182043, rel=1e-5)


# Scores of today.
# Burden: 13.511286936 + 2.370512561 + .041043071 = 15.922842568.
# Inequality: per 1000 residents y = 67.55643468, 3.95085427, .20521535, shares w = .2, .6, .2:
#   mean 15.92284257; sum of w y^2 = 912.77437 + 9.36555 + .00842 = 922.1483457;
#   kappa = 15.92284257 / 922.1483457 = .0172671161;
#   kappa y = 1.16650480, .06821986, .00354348, e to that = 3.21075080, 1.07060066, 1.00354976;
#   weighted .64215016 + .64236040 + .20070995 = 1.48522051, ln = .39556326, / kappa = 22.9084724
# SES gradient: GC = 2 (.2 y_A (.1 - .5) + .6 y_B (.5 - .5) + .2 y_C (.9 - .5))
#   = .16 (.20521535 - 67.55643468) = -10.7761951; the score is what lies below zero.
# Stacking: the 90th percentile of residents falls in the first receptor (the other 850 people carry
#   less of everything), so each burden counts against that of receptor 0. In A the rates cancel:
#   receptor 1: heat .014778325 / .029338251 = .503722084, NO2 .504950495, PM2.5 .519230769, and
#     noise: deaths .02434690512 x 11, disease 1.2513368984 x (.00770016730, .00567750400), people
#     (.011, .010) times their responses: .015111281505 / .030476214511 = .495838533
#   receptor 2 with the rates of B (deaths .00316536145, disease .96256684492) over those of A:
#     .065489328, .091870237, .065649035, .067505625; receptor 3: nothing;
#   receptor 4 with C (deaths .00118701054): .024558498, 0, .024618388, 0.
#   Power means, ((sum of cubes) / 4)^(1/3): 1, .506076479, .074392567, 0, .019515889.
#   Weights 1 + .5 (1 - rank) = 1.45, 1.25, 1.05: 150 x 1.45 + 50 x 1.45 x .506076479
#   + 400 x 1.25 x .074392567 + 200 x 1.05 x .019515889
#   = 217.5 + 36.690544743 + 37.196283598 + 4.098336735 = 295.485165076
# Access: (150 x .57829069 + 50 x .26294892 + 400 + 200 x .67225406 + 200 x .57829069) / 1000 = .75:
#   one place where four are needed.
TODAY = {
    "burden": 15.922842568,
    "inequality": 22.908472391,
    "ses_gradient": 10.776195092,
    "stacking": 295.485165076,
    "access": 0.75,
    "cost": 0.0,
    "capital": 0.0,
}


def test_kappa__is_that_of_today(city: Model) -> None:
    assert city.problem.frame.kappa == pytest.approx(0.0172671161, rel=1e-5)


def test_scores__of_today(city: Model) -> None:
    scores, _ = city.problem.scores(city.problem.empty[None, :])

    assert set(TODAY) == {*OBJECTIVES, "capital"}
    for name, expected in TODAY.items():
        assert scores[0, SCORES.index(name)] == pytest.approx(expected, rel=1e-5, abs=1e-12), name


def test_stacking__of_today_in_each_neighbourhood(today: Evaluation) -> None:
    expected = [217.5 + 36.690544743, 37.196283598, 4.098336735]

    np.testing.assert_allclose(today.stacking[0], expected, **KERNEL)


# Plans of one measure each. A number of steps, so that the change stands well above float32.
PLANS = {
    "tile_removal": (1, 1, 75),
    "quiet_sma": (1, 1, 6),
    "play": (1, 2, 1),
    "car_free": (2, 0, 1),
}
"""Measure = row and column of its site, and steps."""


def plan(city: Model, name: str) -> NDArray[np.int16]:
    options = city.options
    row, col, steps = PLANS[name]
    found = options.intervention == options.interventions.index.get_loc(name)
    found &= (options.site_row == row) & (options.site_col == col)
    assert found.sum() == 1
    return np.where(found, steps, 0).astype(np.int16)


# Lifting tiles on site (1, 1): 75 steps of 50 m2, of which 80 % turns green: 3000 m2.
#   Green, 300 m: all homes are near. 3000 / (10 cells x 10 000) = .03 in the corners, else
#   3000 / 120 000 = .025. Heat, 500 m: 12 cells for all, -5 x .5 x .025 = -.0625 degC.
# Quiet asphalt on (1, 1): 6 steps of 100 m2, 6.5 m wide: 92.3077 of the 100 m. Optimised SMA is
#   2.47 dB quieter at 50 km/h, 1 - 10^-.247 = .43376071; off goes .92307692 x .43376071 = .40039450
#   of the 8000 x 100 = 800 000 of that piece: 320 315.602. Local street: 10^-.154 x 1000 x 100
#   = 70 145.530. Sound by distance, 10^(-.0005 d) / max(d, 7.5): 0 m .13333333, 100 m .00891250938,
#   141.4 m .00600861426, 200 m .00397164117, 223.6 m .00345709727; nothing beyond 300 m.
#   Distances to the four pieces of main street and to the local street, sum, and what goes off:
#   (0, 0): 100, 141, 224,   -; 200   14 981.1696   320 315.602 x K(141) = 1924.65289
#   (2, 1): 141, 100, 141, 224; 100   20 134.6408   320 315.602 x K(100) = 2854.81581
#   (0, 3):   -, 224, 141, 100;   -   14 702.5767   320 315.602 x K(224) = 1107.36219
#   (1, 2): 200, 100,   0, 100; 224  124 346.4945   320 315.602 x K(100) = 2854.81581
#   (2, 2): 224, 141, 100, 141; 200   19 788.0610   320 315.602 x K(141) = 1924.65289
#   80 % of all noise is of these streets: .8 x the ratio = .102777177, .113429023, .060254047,
#   .018366844, .077810671; 10 lg (1 - that) dB.
# A place to play on (1, 2): f at 223.6, 141.4, 141.4, 0 and 100 m = .38359906, .73273475 (e^(-1/9)
#   = .89483932), .73273475, 1, .86265631; demand 150 x .38359906 + 450 x .73273475 + 200
#   + 200 x .86265631 = 759.801757; 1000 / that = 1.31613278, times f.
# A street without cars on (2, 0): 1 step of 20 of the 100 m. 90 % of 1000 x 100 x .2 stays away:
#   18 000; 85 % of that, 15 300, drives on (1, 0), the nearest main street. Air by distance,
#   e^(-d / 50): 100 m .13533528, 141.4 m .05910575, nothing beyond 150 m.
#   (0, 0): hears of (1, 0) and (1, 1): 800 000 x (.13533528 + .05910575) = 155 552.824; more by
#     15 300 x .13533528 / that = .0133114255 of the 20 that streets give
#   (2, 1): 800 000 x (.13533528 + 2 x .05910575) + 100 000 x .13533528 = 216 370.949; more by
#     (15 300 x .05910575 - 18 000 x .13533528) / that = -.00707912583 of the 10
CHANGE = {
    "tile_removal": {GREEN: [0.03, 0.025, 0.03, 0.025, 0.025], HEAT: [-0.0625] * 5},
    "quiet_sma": {NOISE: [-0.470996875, -0.522864902, -0.269895360, -0.080507811, -0.351799077]},
    "play": {ACCESS: [0.504867297, 0.964376220, 0.964376220, 1.316132783, 1.135370250]},
    "car_free": {
        NO2: [0.266228511, -0.0707912583, 0.0, 0.0, 0.0],
        PM25: [0.266228511, -0.0707912583, 0.0, 0.0, 0.0],
    },
}
"""Change of exposure by each plan; a layer that is not named stays as it is."""


@pytest.mark.parametrize("name", PLANS)
def test_plan__changes_the_exposure_around_it(city: Model, name: str) -> None:
    evaluator = city.problem.evaluator

    change = evaluator.exposure(plan(city, name)).astype(float)
    change -= evaluator.exposure(city.problem.empty)

    for layer, expected in CHANGE[name].items():
        # float32 of 65 dB is good to 4e-6
        np.testing.assert_allclose(change[LAYERS.index(layer)], expected, rtol=1e-5, atol=8e-6)
    known = {"noise"} if name == "car_free" else set()
    for layer in set(LAYERS) - set(CHANGE[name]) - known:
        np.testing.assert_array_equal(change[LAYERS.index(layer)], 0.0, err_msg=layer)


# Scores after each plan, as those of today above.
# Tiles: heat 1.9375, .9375, .9375, below 0, .9375: responses 1 - 1.015^-e = .028434593, .013861112,
#   .013861112, 0, .013861112. DALY by heat: A 4.869381024 x 1.92 x (.75 x .028434593
#   + .25 x .013861112) = .231778387; B 1.899216867 x 1.92 x 2/3 x .013861112 = .033696330;
#   C .006318062: together .011127994 less. Per 1000 residents 67.51403381, 3.94713803, .20312497:
#   e^(kappa y) = 3.20840093, 1.07053197, 1.00351354, weighted 1.48470208, ln / kappa = 22.88825341;
#   .16 x (67.51403381 - .20312497) = 10.76974541. Stacking, heat against .029338251: .969198631,
#   .472458695, .061424749, 0, .023034281; power means .992477965, .498696738, .073645477, 0,
#   .018931849, times 217.5, 72.5, 500, 250, 210. Costs 75 x 3000 and
#   75 x (3000 x .05273598891 + 150)
# Asphalt: 64.529003, 54.477135, 54.730105, 44.919492, 44.648201 dB:
#   deaths .099279050, .049475468, .050762005; cardiovascular .059659990, .029410551, .030183628;
#   diabetes .110836917, .055414135, .056850428; annoyed .122972552, .027096837, .028661928;
#   disturbed .044298625, .008948483, .009525788; below 45 dB nothing.
#   DALY by noise 5.177720610 in A, 1.084970082 in B: .149275642 + .034972741 = .184248383 less.
#   Per 1000 66.81005647, 3.89256636, .20521535: 3.16963679, 1.06952369, 1.00354976, weighted
#   1.47635152, ln / kappa = 22.56160514; .16 x 66.60484112 = 10.65677458. Stacking, noise
#   .976055920, .469708711, .089001382; power means .994121679, .500059044, .073317092, 0,
#   .019515889. Costs 6 x 500, and 6 x (500 x .09601740154 + 10)
# Play: shortfalls 1 - (places per 1000) / 4, none below zero: two places where four are needed: .5.
#   Cost 40 000, and 40 000 x .07928852496 + 2500
AFTER = {
    "tile_removal": {
        "burden": 15.922842568 - 0.011127994,
        "inequality": 22.888253410,
        "ses_gradient": 10.769745414,
        "stacking": 292.817897474,
        "cost": 23_115.59750,
        "capital": 225_000.0,
    },
    "quiet_sma": {
        "burden": 15.922842568 - 0.184248383,
        "inequality": 22.561605140,
        "ses_gradient": 10.656774579,
        "stacking": 293.232628502,
        "cost": 348.052205,
        "capital": 3_000.0,
    },
    "play": {"access": 0.5, "cost": 5_671.540999, "capital": 40_000.0},
}
"""Scores of each plan; one that is not named is that of today."""


@pytest.mark.parametrize("name", AFTER)
def test_plan__has_its_scores(city: Model, name: str) -> None:
    scores, _ = city.problem.scores(np.stack([city.problem.empty, plan(city, name)]))

    for score, today_ in TODAY.items():
        expected = AFTER[name].get(score, today_)
        before, after = scores[:, SCORES.index(score)]
        assert after == pytest.approx(expected, rel=1e-5, abs=1e-12), score
        # the change itself, too, to four digits
        assert after - before == pytest.approx(expected - today_, rel=1e-4, abs=2e-7), score


def test_plans__add_up_where_they_do_not_meet(city: Model) -> None:
    together = plan(city, "tile_removal") + plan(city, "quiet_sma") + plan(city, "play")

    scores, _ = city.problem.scores(together[None, :])

    # heat and noise are different layers, so their burdens add; stacking is not a sum
    burden, access, cost = (scores[0, SCORES.index(k)] for k in ("burden", "access", "cost"))
    assert burden == pytest.approx(15.922842568 - 0.011127994 - 0.184248383, rel=1e-6)
    assert access == pytest.approx(0.5, rel=1e-6)
    assert cost == pytest.approx(23_115.59750 + 348.052205 + 5_671.540999, rel=1e-9)
