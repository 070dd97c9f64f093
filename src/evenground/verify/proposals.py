"""Every proposal of a run: its list, its map and its burdens against the front and each other."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import shapely

from evenground.names import CODE, FEWEST_OF_GROUP
from evenground.verify.money import favoured
from evenground.verify.plans import KEYS, ROUNDING, Ground
from evenground.verify.read import Evidence, Told
from evenground.verify.words import Breach

FIGURES = ("amount", "capital_eur", "yearly_eur")
GAIN_ROUNDING = 1e-6
"""Part of the gain by which its share may miss the bound, as a search lets it."""
SAME_BURDEN = 1e-9
"""Change of burden per 1000 persons per year that counts as none."""
CENTS = 0.05
"""Euros by which a list that is written to the cent may differ, over the years of one work."""
NEAR_M = 0.01
"""Metres between a shape on the map and its site that are rounding."""


def check_works(told: Told, ground: Ground) -> Iterator[Breach]:
    """Give what the list says otherwise than the front, and the map otherwise than the list."""
    plan = _plan(told, ground)
    listed = told.works.groupby(KEYS)[list(FIGURES)].sum()
    drawn = told.squares.groupby(KEYS)[list(FIGURES)].sum()
    yield from _differences(told, "list", listed, plan)
    yield from _differences(told, "map", drawn, listed)
    where = ground.options.drop_duplicates("site").set_index("site")[["x_m", "y_m"]]
    middle = where.reindex(told.squares["site"]).to_numpy(float)
    if ground.evidence.settings.sites.kind == "squares":
        apart = np.hypot(*(told.squares[["x_m", "y_m"]].to_numpy(float) - middle).T)
    else:
        # sites of other kinds share no ground, so that their own point tells them apart
        shapes = np.asarray(told.squares["shape"].to_numpy(), object)
        apart = shapely.distance(shapely.points(middle), shapes)
    for k in np.flatnonzero(~(apart <= NEAR_M)).tolist():
        row = told.squares.iloc[k]
        place = f"{row['intervention']}, site {row['site']:.0f}, m"
        yield Breach(_name(told), "map", place, float(apart[k]), 0.0)


def _name(told: Told) -> str:
    """Return the name of a proposal."""
    return f"voorstel {told.id}"


def _plan(told: Told, ground: Ground) -> pd.DataFrame:
    """Return what the front says of a proposal, by site and intervention."""
    plans = ground.evidence.plans
    here = slice(plans.start[told.candidate], plans.start[told.candidate + 1])
    option, steps = plans.option[here], plans.steps[here]
    known = np.isin(option, ground.options["option"]) & (np.nan_to_num(steps) != 0.0)
    table = ground.options.iloc[option[known].astype(int)]
    steps = np.nan_to_num(steps[known])
    out = table[KEYS].assign(
        amount=steps * table["step"],
        capital_eur=steps * table["capital_eur"] + table["fixed_eur"],
        yearly_eur=steps * table["yearly_eur"] + table["fixed_eur"] * table["annuity"],
    )
    return pd.DataFrame(out.groupby(KEYS)[list(FIGURES)].sum())


def _differences(
    told: Told, constraint: str, found: pd.DataFrame, bound: pd.DataFrame
) -> Iterator[Breach]:
    """Give every figure in which two lists of works differ; what is not there counts as zero."""
    both = found.index.union(bound.index)
    mine, theirs = (table.reindex(both, fill_value=0.0) for table in (found, bound))
    for name in FIGURES:
        a, b = mine[name].to_numpy(float), theirs[name].to_numpy(float)
        least = CENTS if name.endswith("_eur") else 0.0
        same = np.abs(a - b) <= ROUNDING * np.maximum(np.abs(b), 1.0) + least
        for k in np.flatnonzero(~same).tolist():
            site, kind = both[k]
            place = f"{kind}, site {site:.0f}, {name}"
            yield Breach(_name(told), constraint, place, float(a[k]), float(b[k]))


def check_burden(told: Told, ground: Ground) -> Iterator[Breach]:
    """Give a burden in the front that those of groups and neighbourhoods do not add up to."""
    said = float(ground.evidence.plans.scores["burden"].iloc[told.candidate])
    summed = float(told.burdens["after"].sum())
    if not abs(said - summed) <= ROUNDING * max(abs(summed), 1.0):
        yield Breach(_name(told), "burden", "", said, summed)


def check_no_harm(told: Told, ground: Ground) -> Iterator[Breach]:
    """Give groups that are worse off by more than the case tolerates, where it asks for that."""
    search = ground.evidence.settings.search
    if not search.no_harm:
        return
    table = told.burdens
    people = np.maximum(table["residents"].to_numpy(float), 1.0)
    # groups that are told together may each lose what is tolerated
    people = people * table["n_group"].to_numpy(float)
    harm = 1000.0 * (table["after"] - table["before"]).to_numpy(float) / people
    for k in np.flatnonzero(harm > search.no_harm_tolerance * (1.0 + ROUNDING)).tolist():
        row = table.iloc[k]
        place = f"{row['code']}, {row['age']}, {row['income']}"
        yield Breach(_name(told), "no_harm", place, float(harm[k]), search.no_harm_tolerance)


def check_gain(told: Told, ground: Ground) -> Iterator[Breach]:
    """Give a proposal that gains too small a share in the neighbourhoods with priority."""
    asked = ground.evidence.settings.constraints.priority
    if asked is None or asked.of != "gain":
        return
    table = told.burdens
    gain = (table["before"] - table["after"]).groupby(table["code"]).sum()
    there = float(gain[gain.index.isin(favoured(ground.evidence, asked))].sum())
    # places of few residents have no code: they may be among them
    there += max(float(gain.get("", 0.0)), 0.0)
    whole = float(gain.sum())
    size = float((table["before"] - table["after"]).abs().sum())
    if asked.at_least * whole - there > GAIN_ROUNDING * size:
        yield Breach(_name(told), "priority", "DALY", there / whole, asked.at_least)


def check_worse_off(told: Told, ground: Ground) -> Iterator[Breach]:
    """Give neighbourhoods of which the run tells of other losers than the burdens show.

    Where few persons of a group live their number is not told: then the count of the losers
    lies between those who lose for sure and all who lose anything. Of groups that are told
    together anyone may lose.
    """
    table = told.burdens
    change = table["after"] - table["before"]
    people = table["persons"]
    loss = 1000.0 * change / people.fillna(FEWEST_OF_GROUP)
    said = _said(told, ground.evidence)
    is_single, is_told = table["age"] != "", people.notna()
    sure, maybe = loss > SAME_BURDEN, change > 0.0
    table = table.assign(loss=loss)
    for code, here in table[table["code"] != ""].groupby("code"):
        rows = said[said[CODE] == code]
        single = is_single.loc[here.index]
        together = int(here["n_group"][~single].sum())
        for wanted, blank in ((is_told, False), (~is_told, True)):
            chosen = wanted.loc[here.index] & single
            low = int((sure.loc[here.index] & chosen).sum())
            high = low if not blank else int((maybe.loc[here.index] & chosen).sum())
            found = int(((rows["age"] == "") == blank).sum())
            if not low <= found <= high + together:
                bound = float(low if found < low else high + together)
                yield Breach(_name(told), "worse_off", str(code), float(found), bound)
        yield from _losses(told, rows, here)
    unlisted = said[~said[CODE].isin(table["code"]) | (said[CODE] == "")]
    spare = int(table.loc[table["code"] == "", "n_group"].sum())
    if len(unlisted) > spare:
        place = ", ".join(sorted(set(unlisted[CODE])))
        yield Breach(_name(told), "worse_off", place, float(len(unlisted)), float(spare))


def _said(told: Told, evidence: Evidence) -> pd.DataFrame:
    """Return who the run says loses by a proposal."""
    table = evidence.worse_off
    return table[table["plan"] == told.id]


def _losses(told: Told, rows: pd.DataFrame, here: pd.DataFrame) -> Iterator[Breach]:
    """Give losses of groups in one neighbourhood that the run tells otherwise."""
    for row in rows[rows["age"] != ""].to_dict("records"):
        same = here[(here["age"] == row["age"]) & (here["income"] == row["income"])]
        if not len(same) and (here["age"] == "").any():
            continue  # it is told together with others
        found = float(same["loss"].iloc[0]) if len(same) else 0.0
        if not abs(found - row["loss"]) <= ROUNDING * max(abs(found), 1.0):
            place = f"{row[CODE]}, {row['age']}, {row['income']}"
            yield Breach(_name(told), "worse_off", place, row["loss"], found)
