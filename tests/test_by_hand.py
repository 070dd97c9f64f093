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
