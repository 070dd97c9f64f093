"""Violations planted in the files of a good run, one by one: each is found and rightly named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from evenground.verify import NAMES, verify_run

from .edits import (
    constrain,
    edit_dutch,
    edit_map,
    first_proposal,
    load,
    only_plan,
    place_of,
    read_options,
    rescore,
    set_plan,
    spare,
    spent,
    with_budget,
)

pytestmark = pytest.mark.jit

ALL = ["green", "mobility", "social", "housing", "water"]
LARGE = 1e9
Told = tuple[str | None, set[str]]
"""The plan that breaks something, or None for several, and what it breaks."""


def first_of(run: Path, name: str, least: int = 1) -> int:
    """Return the first option of an intervention with room for some steps."""
    table = read_options(run)
    return int(table[(table["intervention"] == name) & (table["most"] >= least)]["option"].iloc[0])


def amount_over_room(run: Path) -> Told:
    play = first_of(run, "play")
    return set_plan(run, [(play, read_options(run)["most"][play] + 1)]), {"amount"}


def negative_amount(run: Path) -> Told:
    return set_plan(run, [(first_of(run, "street_tree"), -1)]), {"amount"}


def half_a_step(run: Path) -> Told:
    return set_plan(run, [(first_of(run, "street_tree", 2), 1.5)]), {"amount"}


def unknown_amount(run: Path) -> Told:
    return set_plan(run, [(first_of(run, "street_tree"), np.nan)]), {"amount"}


def unknown_option(run: Path) -> Told:
    return set_plan(run, [(len(read_options(run)) + 5, 1)]), {"option"}


def option_below_zero(run: Path) -> Told:
    return set_plan(run, [(-1, 1)]), {"option"}


def option_listed_twice(run: Path) -> Told:
    tree = first_of(run, "street_tree", 2)
    return set_plan(run, [(tree, 1), (tree, 1)]), {"option"}


def ground_over(run: Path) -> Told:
    # both fit alone: together they take more paving than the site has
    table = read_options(run)
    capacity = pd.read_csv(run / "ground.csv.gz")["capacity"]
    full = table["most"] * table["ground_use"]
    total = full.groupby(table["ground"]).transform("sum")
    crowded = table[total > 1.001 * capacity[table["ground"]].to_numpy()]
    same = crowded[crowded["ground"] == crowded["ground"].iloc[0]]
    works = list(zip(same["option"].tolist(), same["most"].tolist(), strict=True))
    with_budget(run, LARGE)
    return set_plan(run, works), {"ground"}


def closed_polygon(run: Path) -> Told:
    table, (_, plans) = read_options(run), load(run)
    held = pd.read_csv(run / "constraints" / "locked.csv")
    built = table.iloc[[j for j, _ in plans[spare(run)]]]
    free = built[~built["x_m"].isin(held["x_m"])].iloc[0]
    yard = shapely.Point(free["x_m"], free["y_m"]).buffer(5.0)
    frame = gpd.GeoDataFrame(geometry=[yard], crs="EPSG:28992")
    frame.to_file(run / "constraints" / "closed.gpkg")
    return None, {"closed"}


def closed_code(run: Path) -> Told:
    table, (_, plans) = read_options(run), load(run)
    built = table.iloc[[j for j, _ in plans[spare(run)]]]
    code = str(built.loc[built["neighbourhood_code"] != "", "neighbourhood_code"].iloc[0])
    constrain(run, exclude_codes=[code])
    return None, {"closed"}


def lock_dropped(run: Path) -> Told:
    table, (_, plans) = read_options(run), load(run)
    held = pd.read_csv(run / "constraints" / "locked.csv").iloc[0]
    gone = table[
        (table["intervention"] == held["intervention"])
        & (table["x_m"] == held["x_m"])
        & (table["y_m"] == held["y_m"])
    ]["option"].iloc[0]
    k = spare(run)
    return set_plan(run, [(j, n) for j, n in plans[k] if j != gone], k), {"lock"}


def lock_raised(run: Path) -> Told:
    path = run / "constraints" / "locked.csv"
    held = pd.read_csv(path)
    held["amount"] += 1000.0
    held.to_csv(path, index=False)
    return None, {"lock"}


def lock_elsewhere(run: Path) -> Told:
    path = run / "constraints" / "locked.csv"
    held = pd.read_csv(path)
    held.loc[0, "x_m"] += 100_000.0
    held.to_csv(path, index=False)
    return None, {"lock"}


def spacing(run: Path) -> Told:
    constrain(run, spacing_m={"street_tree": 150.0})
    return None, {"spacing"}


def two_play_areas_side_by_side(run: Path) -> Told:
    table = read_options(run)
    play = table[table["intervention"] == "play"]
    apart = np.hypot(play["x_m"] - play["x_m"].iloc[0], play["y_m"] - play["y_m"].iloc[0])
    other = int(apart.iloc[1:].to_numpy().argmin()) + 1
    constrain(run, spacing_m={"play": float(apart.iloc[other]) + 1.0})
    return only_plan(run, [(int(play["option"].iloc[k]), 1) for k in (0, other)]), {"spacing"}


def smallest_size(run: Path) -> Told:
    constrain(run, least={"street_tree": 1.5})
    return only_plan(run, [(first_of(run, "street_tree", 2), 1)]), {"least"}


def whole_budget(run: Path) -> Told:
    # several plans of the run spend the same, so that one is left to be too dear
    works = [(first_of(run, "street_tree", 2), 2)]
    name = only_plan(run, works)
    with_budget(run, 0.5 * spent(run, works)[0])
    return name, {"budget"}


def lines_of(run: Path) -> tuple[str, float, float]:
    """Leave one plan, of trees and a quiet street; return its name and the euros of each."""
    works = [(first_of(run, "street_tree", 2), 2), (first_of(run, "speed30"), 1)]
    return only_plan(run, works), *(spent(run, [work])[0] for work in works)


def one_line(run: Path) -> Told:
    name, green, _ = lines_of(run)
    lines = [
        {"name": "groen", "eur": 0.9 * green, "pays_for": ["green"]},
        {"name": "rest", "eur": LARGE, "pays_for": ALL[1:]},
    ]
    constrain(run, budgets=lines)
    return name, {"line"}


def lines_that_overlap(run: Path) -> Told:
    # each line and each sector alone can be paid; both sectors together cannot
    name, green, streets = lines_of(run)
    lines = [
        {"name": "groen", "eur": 0.6 * green, "pays_for": ["green"]},
        {"name": "beide", "eur": max(0.5 * green, streets), "pays_for": ["green", "mobility"]},
    ]
    constrain(run, budgets=lines)
    return name, {"line"}


def nothing_pays(run: Path) -> Told:
    name, _, _ = lines_of(run)
    constrain(run, budgets=[{"name": "groen", "eur": LARGE, "pays_for": ["green"]}])
    return name, {"line"}


def pooled_total(run: Path) -> Told:
    name, green, streets = lines_of(run)
    lines = [
        {"name": "groen", "eur": 0.5 * (green + streets) - 1.0, "pays_for": ["green"]},
        {"name": "straten", "eur": 0.5 * (green + streets), "pays_for": ["mobility"]},
    ]
    constrain(run, budgets=lines, pooling=True)
    return name, {"line"}


def least_spend(run: Path) -> Told:
    name, green, _ = lines_of(run)
    line = {"name": "groen", "eur": LARGE, "pays_for": ["green"], "at_least_eur": 1.01 * green}
    constrain(run, budgets=[line, {"name": "rest", "eur": LARGE, "pays_for": ALL[1:]}])
    return name, {"spend"}


def fixed_cost_left_out(run: Path) -> Told:
    k = spare(run)
    table, (_, plans) = read_options(run), load(run)
    fixed = float(table["fixed_eur"].iloc[[j for j, _ in plans[k]]].sum())
    assert fixed > 0.0
    rescore(run, "capital", lambda eur: eur - fixed, k)
    return f"plan {k}", {"capital"}


def fixed_cost_left_out_of_the_years(run: Path) -> Told:
    k = spare(run)
    table, (_, plans) = read_options(run), load(run)
    rows = table.iloc[[j for j, _ in plans[k]]]
    rescore(run, "cost", lambda eur: eur - float((rows["fixed_eur"] * rows["annuity"]).sum()), k)
    return f"plan {k}", {"cost"}


def capital_wrong(run: Path) -> Told:
    k = spare(run)
    rescore(run, "capital", lambda eur: eur - 1.0, k)
    return f"plan {k}", {"capital"}


def yearly_wrong(run: Path) -> Told:
    k = spare(run)
    rescore(run, "cost", lambda eur: 1.001 * eur, k)
    return f"plan {k}", {"cost"}


def burden_wrong(run: Path) -> Told:
    k = int(pd.read_csv(run / "proposals.csv")["candidate"].iloc[0])
    rescore(run, "burden", lambda daly: 0.999 * daly, k)
    return f"voorstel {first_proposal(run)}", {"burden"}


def share_of_spend(run: Path) -> Told:
    constrain(run, priority={"at_least": 1.0, "of": "spend", "ses_rank_at_most": 0.1})
    return None, {"priority"}


def share_of_spend_by_code_and_income(run: Path) -> Told:
    code = str(pd.read_csv(run / "constraints" / "neighbourhoods.csv")["code"].iloc[0])
    constrain(run, priority={"at_least": 1.0, "codes": [code], "low_income_at_least": 0.0})
    return None, {"priority"}


def share_of_gain(run: Path) -> Told:
    constrain(run, priority={"at_least": 1.0, "of": "gain", "ses_rank_at_most": 0.5})
    return None, {"priority"}


def somebody_worse_off(run: Path) -> Told:
    def harm(table: pd.DataFrame) -> None:
        table.loc[0, "ziektelast_na"] = table["ziektelast_voor"][0] + 0.5

    edit_dutch(place_of(run, "buurten.csv"), harm)
    return f"voorstel {first_proposal(run)}", {"no_harm", "burden", "worse_off"}


def loser_kept_silent(run: Path) -> Told:
    def lower_today(table: pd.DataFrame) -> None:
        gains = np.flatnonzero(table["ziektelast_na"] < table["ziektelast_voor"])[0]
        table.loc[gains, "ziektelast_voor"] = table["ziektelast_na"][gains] - 1e-6

    edit_dutch(place_of(run, "buurten.csv"), lower_today)
    return f"voorstel {first_proposal(run)}", {"worse_off"}


def loser_made_up(run: Path) -> Told:
    path = run / "distribution" / "worse_off.csv"
    table = pd.read_csv(path)
    code = pd.read_csv(run / "constraints" / "neighbourhoods.csv")["code"].iloc[0]
    more = {"plan": first_proposal(run), "code": code, "age": "0_15", "income": "low", "loss": 9.0}
    pd.concat([table, pd.DataFrame([more])], ignore_index=True).to_csv(path, index=False)
    return f"voorstel {first_proposal(run)}", {"worse_off"}


def list_says_more(run: Path) -> Told:
    def more(table: pd.DataFrame) -> None:
        table.loc[0, "hoeveelheid"] = float(table["hoeveelheid"][0]) + 1.0

    edit_dutch(place_of(run, "maatregelen.csv"), more)
    return f"voorstel {first_proposal(run)}", {"list", "map"}


def list_is_cut(run: Path) -> Told:
    edit_dutch(place_of(run, "maatregelen.csv"), lambda table: table.iloc[:-1])
    return f"voorstel {first_proposal(run)}", {"list", "map"}


def list_is_cheaper(run: Path) -> Told:
    def cheaper(table: pd.DataFrame) -> None:
        table["aanleg_euro"] = 0.9 * table["aanleg_euro"].astype(float)

    edit_dutch(place_of(run, "maatregelen.csv"), cheaper)
    return f"voorstel {first_proposal(run)}", {"list", "map"}


def front_holds_another_plan(run: Path) -> Told:
    # the list and the map agree with each other, and not with the front
    table = pd.read_csv(run / "proposals.csv")
    k = int(table["candidate"].iloc[0])
    _, plans = load(run)
    set_plan(run, plans[k][:-1], k)
    return f"voorstel {first_proposal(run)}", {"list"}


def proposal_of_another_plan(run: Path) -> Told:
    path = run / "proposals.csv"
    table = pd.read_csv(path)
    table.loc[0, "candidate"] = spare(run)
    table.to_csv(path, index=False)
    return f"voorstel {first_proposal(run)}", {"list", "burden"}


def map_says_more(run: Path) -> Told:
    def more(frame: gpd.GeoDataFrame) -> None:
        frame.loc[0, "hoeveelheid"] += 1.0

    edit_map(run, more)
    return f"voorstel {first_proposal(run)}", {"map"}


def map_shows_another_place(run: Path) -> Told:
    def move(frame: gpd.GeoDataFrame) -> None:
        frame.geometry = frame.geometry.translate(100.0, 0.0)

    edit_map(run, move)
    return f"voorstel {first_proposal(run)}", {"map"}


PLANTED: dict[str, tuple[str, Callable[[Path], Told]]] = {
    plant.__name__: (which, plant)
    for which, plants in (
        (
            "plain",
            (
                amount_over_room,
                negative_amount,
                half_a_step,
                unknown_amount,
                unknown_option,
                option_below_zero,
                option_listed_twice,
                ground_over,
                two_play_areas_side_by_side,
                smallest_size,
                whole_budget,
                one_line,
                lines_that_overlap,
                nothing_pays,
                pooled_total,
                least_spend,
                capital_wrong,
                yearly_wrong,
                burden_wrong,
                loser_made_up,
                list_says_more,
                list_is_cut,
                list_is_cheaper,
                front_holds_another_plan,
                proposal_of_another_plan,
                map_says_more,
                map_shows_another_place,
            ),
        ),
        (
            "rich",
            (
                closed_polygon,
                closed_code,
                lock_dropped,
                lock_raised,
                lock_elsewhere,
                spacing,
                fixed_cost_left_out,
                fixed_cost_left_out_of_the_years,
                share_of_spend,
                share_of_spend_by_code_and_income,
                share_of_gain,
                somebody_worse_off,
                loser_kept_silent,
            ),
        ),
    )
    for plant in plants
}
"""The run that each plant spoils, and how."""


@pytest.mark.parametrize("name", PLANTED)
def test_verify__finds_and_names(runs: dict[str, Path], tmp_path: Path, name: str) -> None:
    which, plant = PLANTED[name]
    run = tmp_path / "run"
    shutil.copytree(runs[which], run)
    assert verify_run(run) == ()

    plan, constraints = plant(run)

    found = verify_run(run)
    assert {breach.constraint for breach in found} == constraints
    assert plan is None or {breach.plan for breach in found} == {plan}
    for breach in found:
        assert breach.found != breach.bound
        assert (breach.name_nl, breach.name_en) == NAMES[breach.constraint][:2]
        assert breach.name_nl in str(breach)
