"""Every plan of a front against what fits, what is closed or locked, and what stands too near.

Works from the amounts and the tables of a run directory. A plan is checked for what it means,
work by work, and not by the rows that a search repairs it with.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from evenground.verify.read import Evidence
from evenground.verify.words import Breach

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

KEYS = ["site", "intervention"]
"""What tells works apart: what is built where."""
ROUNDING = 1e-8
"""Part of a sum by which adding up in another order may miss its bound."""


MOSTLY = 0.5
"""Part of the cells of a site in closed places from which it is closed; squares go by middle."""


@dataclass(frozen=True)
class Ground:
    """What is the same for all plans."""

    evidence: Evidence
    options: pd.DataFrame
    """The options, with fixed_eur as the case says it, locked (units that may stand where
    nothing else may) and is_closed."""
    locked: pd.DataFrame
    """site, intervention and the units of it that every plan holds; site -1 is on none."""


@dataclass(frozen=True)
class Batch:
    """Some plans of a front, work by work."""

    first: int
    count: int
    works: pd.DataFrame
    """plan, option, steps and what the options say of it; only options that exist."""
    odd: pd.DataFrame
    """plan, option and steps as read."""

    def sums(self, values: pd.Series | Float) -> Float:
        """Return the sum of something over the works of each plan (plan,)."""
        place = self.works["plan"].to_numpy(np.int64) - self.first
        return np.bincount(place, np.asarray(values, np.float64), self.count).astype(np.float64)

    def name(self, plan: int) -> str:
        """Return the name of a plan, by its place in the batch."""
        return name_plan(self.first + plan)


def name_plan(candidate: int) -> str:
    """Return the name of a plan by its place in the front."""
    return f"plan {candidate}"


def lay_ground(evidence: Evidence) -> Ground:
    """Work out what the settings mean for every option."""
    limits, options = evidence.settings.constraints, evidence.options.copy()
    for name, eur in limits.fixed_eur.items():
        options.loc[options["intervention"] == name, "fixed_eur"] = eur
    options["is_closed"] = _closed(evidence)
    site = _site_at(evidence)
    works = evidence.locked.assign(site=site) if len(evidence.locked) else _NOTHING
    locked = pd.DataFrame(works.groupby(KEYS)["amount"].sum().reset_index())
    # a work is rounded up to whole steps, each work by itself
    step = options.groupby(KEYS, as_index=False)["step"].max()
    rounded = works.merge(step, on=KEYS, how="left")
    rounded["allowed"] = np.ceil(rounded["amount"] / rounded["step"] - 1e-9) * rounded["step"]
    allowed = rounded.groupby(KEYS, as_index=False)["allowed"].sum()
    options = options.merge(allowed, on=KEYS, how="left")
    options["allowed"] = options["allowed"].astype(float).fillna(0.0)
    return Ground(evidence, options, locked)


_NOTHING = pd.DataFrame(
    {"site": np.zeros(0), "intervention": np.zeros(0, str), "amount": np.zeros(0)}
)


def _closed(evidence: Evidence) -> Bool:
    """Say of every option whether nothing may be built on its site: by its middle, or cells."""
    options = evidence.options
    codes = evidence.settings.constraints.exclude_codes
    closed = np.array(options["neighbourhood_code"].isin(codes), bool)
    points = shapely.points(options["x_m"].to_numpy(float), options["y_m"].to_numpy(float))
    hit = shapely.STRtree(points).query(evidence.closed, predicate="intersects")
    middle = np.zeros(len(options), bool)
    middle[hit[1]] = True
    if evidence.settings.sites.kind == "squares":
        return closed | middle
    x, y, site = evidence.site_map.cells()
    hit = shapely.STRtree(shapely.points(x, y)).query(evidence.closed, predicate="intersects")
    shut = np.unique(hit[1])
    cells = pd.Series(site).value_counts()
    part = (pd.Series(site[shut]).value_counts() / cells).reindex(options["site"])
    has_cells = options["site"].isin(cells.index).to_numpy(bool)
    return closed | np.where(has_cells, part.fillna(0.0).to_numpy(float) >= MOSTLY, middle)


def _site_at(evidence: Evidence) -> Float:
    """Return the site of the options in which each locked work lies; -1 where there is none."""
    options, works = evidence.options, evidence.locked
    if works.empty or options.empty:
        return np.full(len(works), -1.0)
    if evidence.settings.sites.kind != "squares":
        x, y = (works[name].to_numpy(float) for name in ("x_m", "y_m"))
        return evidence.site_map.at(x, y)
    side = float(evidence.settings.grid.site_m)
    sites = options.drop_duplicates("site")
    left, top = sites["x_m"].iloc[0] - side / 2.0, sites["y_m"].iloc[0] + side / 2.0

    def square(table: pd.DataFrame) -> list[tuple[int, int]]:
        col = np.floor((table["x_m"].to_numpy(float) - left) / side).astype(int)
        row = np.floor((top - table["y_m"].to_numpy(float)) / side).astype(int)
        return list(zip(col.tolist(), row.tolist(), strict=True))

    at = dict(zip(square(sites), sites["site"].tolist(), strict=True))
    return np.array([at.get(place, -1.0) for place in square(works)], np.float64)


def batches(ground: Ground, size: int) -> Iterator[Batch]:
    """Give the plans of a front, some at a time, so that memory stays small."""
    plans, n = ground.evidence.plans, len(ground.options)
    for first in range(0, len(plans), size):
        last = min(first + size, len(plans))
        here = slice(plans.start[first], plans.start[last])
        plan = np.repeat(np.arange(first, last), np.diff(plans.start[first : last + 1]))
        table = pd.DataFrame({"plan": plan, "option": plans.option[here]})
        table["steps"] = plans.steps[here]
        whole = table["option"].to_numpy(float)
        known = (whole >= 0.0) & (whole < n) & (whole == np.floor(whole))
        works = table[known].reset_index(drop=True)
        works["steps"] = works["steps"].where(np.isfinite(works["steps"]), 0.0)
        works = works[works["steps"] != 0.0]
        told = ground.options.drop(columns="option").iloc[works["option"].astype(int)]
        works = pd.concat([works.reset_index(drop=True), told.reset_index(drop=True)], axis=1)
        works["amount"] = works["steps"] * works["step"]
        works["spent"] = works["steps"] * works["capital_eur"] + works["fixed_eur"]
        yield Batch(first, last - first, works, table)


def _place(row: Mapping[Hashable, object]) -> str:
    """Name an option by what is built where."""
    return f"{row['intervention']}, site {row['site']:.0f}"


def check_options(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give what is built that is no option, or listed twice."""
    odd, n = batch.odd, len(ground.options)
    whole = odd["option"].to_numpy(float)
    known = (whole >= 0.0) & (whole < n) & (whole == np.floor(whole))
    for row in odd[~known].to_dict("records"):
        place = f"option {row['option']:g}"
        yield Breach(name_plan(row["plan"]), "option", place, float(row["option"]), n - 1.0)
    twice = odd.groupby(["plan", "option"], as_index=False).size()
    for row in twice[twice["size"] > 1].to_dict("records"):
        place = f"option {row['option']:g}"
        yield Breach(name_plan(row["plan"]), "option", place, float(row["size"]), 1.0)


def check_amounts(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give amounts that are no whole number of steps, below zero, or more than fits."""
    odd = batch.odd
    inside = odd["option"].isin(ground.options["option"])
    steps = odd["steps"].to_numpy(float)
    option = np.where(inside, odd["option"], 0).astype(int)
    most = ground.options["most"].to_numpy(float)[option] if len(ground.options) else steps
    bound = np.where(steps < 0.0, 0.0, np.where(steps > most, most, np.floor(steps)))
    wrong = inside & ~((steps >= 0.0) & (steps <= most) & (steps == np.floor(steps)))
    for k in np.flatnonzero(wrong).tolist():
        place = _place(ground.options.iloc[option[k]].to_dict())
        yield Breach(
            name_plan(int(odd["plan"].iloc[k])), "amount", place, float(steps[k]), float(bound[k])
        )


def check_least(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give projects that are smaller than the case lets them start, what is locked in apart."""
    for name, least in ground.evidence.settings.constraints.least.items():
        works = batch.works[batch.works["intervention"] == name]
        small = works["amount"] < least * (1.0 - ROUNDING)
        held = works["amount"] <= works["allowed"] * (1.0 + ROUNDING)
        for row in works[small & ~held].to_dict("records"):
            yield Breach(name_plan(row["plan"]), "least", _place(row), row["amount"], least)


def check_closed(batch: Batch, _ground: Ground) -> Iterator[Breach]:
    """Give what is built where nothing may be, what is locked in apart."""
    works = batch.works[batch.works["is_closed"]]
    over = works["amount"] > works["allowed"] * (1.0 + ROUNDING)
    for row in works[over].to_dict("records"):
        yield Breach(name_plan(row["plan"]), "closed", _place(row), row["amount"], row["allowed"])


def check_locked(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give works that are locked in and that a plan does not hold."""
    asked = ground.locked["amount"].to_numpy(float)
    numbered = ground.locked[KEYS].assign(work=np.arange(asked.size))
    there = batch.works.merge(numbered, on=KEYS)
    held = np.zeros((batch.count, asked.size))
    np.add.at(held, (there["plan"] - batch.first, there["work"]), there["amount"])
    for plan, work in np.argwhere(held < asked * (1.0 - ROUNDING)).tolist():
        place = _place(ground.locked.iloc[work].to_dict())
        yield Breach(batch.name(plan), "lock", place, float(held[plan, work]), float(asked[work]))


def check_ground(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give ground of which more is taken than there is."""
    takes = batch.works[batch.works["ground"] >= 0.0]
    used = (takes["steps"] * takes["ground_use"]).groupby([takes["plan"], takes["ground"]]).sum()
    place = used.index.get_level_values("ground").to_numpy().astype(int)
    capacity = ground.evidence.capacity[place] if place.size else np.zeros(0)
    over = used.to_numpy(float) > capacity * (1.0 + ROUNDING) + ROUNDING
    for k in np.flatnonzero(over).tolist():
        plan = int(used.index[k][0])
        yield Breach(
            name_plan(plan), "ground", f"ground {place[k]}", float(used.iloc[k]), float(capacity[k])
        )


def check_spacing(batch: Batch, ground: Ground) -> Iterator[Breach]:
    """Give pairs of sites with the same intervention that lie nearer than the spacing."""
    for name, least_m in ground.evidence.settings.constraints.spacing_m.items():
        chosen = batch.works[batch.works["intervention"] == name]
        for plan, works in chosen.drop_duplicates(["plan", "site"]).groupby("plan"):
            middle = works[["x_m", "y_m"]].to_numpy(float)
            pairs = cKDTree(middle).query_pairs(least_m * (1.0 - ROUNDING), output_type="ndarray")
            site = works["site"].to_numpy(int)
            for a, b in pairs.tolist():
                apart = float(np.hypot(*(middle[a] - middle[b])))
                place = f"{name}, sites {site[a]} and {site[b]}"
                yield Breach(name_plan(int(str(plan))), "spacing", place, apart, least_m)
