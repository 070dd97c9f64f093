"""What may be built where, how much of it, and at what cost.

Takes the study area and the catalogue; makes the table of options: every
feasible pair of a site and an intervention. Knows nothing of what it changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import InterventionSettings
from evenground.names import SITE
from evenground.sources.catalogue_rules import GROUNDS, STREET_SHARE, STREETS, grounds_of
from evenground.study import Streets, StudyArea

Float = NDArray[np.float64]
Index = NDArray[np.int32]


@dataclass(frozen=True)
class Options:
    """Feasible pairs of site and intervention; all arrays (option,)."""

    interventions: pd.DataFrame
    """The catalogue of the case."""
    n_site: tuple[int, int]
    """Sites north to south and west to east."""
    site: Index
    """Flat index into the sites."""
    intervention: Index
    """Row of the catalogue."""
    step: Float
    """Amount of one step of a plan, in the intervention's unit."""
    most: NDArray[np.int16]
    """Largest number of steps."""
    capital_eur: Float
    """Euros to build one step."""
    yearly_eur: Float
    """Euros per year of one step: annualised capital and upkeep."""
    fixed_eur: Float
    """Euros of starting at all, however many steps."""
    coupling: Index
    """Ground that the option takes, index into ``capacity``."""
    use: Float
    """Ground that one step takes."""
    capacity: Float
    """Ground there is, (ground,)."""

    @property
    def yearly_start_eur(self) -> Float:
        """Euros per year of having started: the fixed cost over the lifetime."""
        annuity = self.interventions["annuity"].to_numpy(float)[self.intervention]
        return np.asarray(self.fixed_eur * annuity)

    @property
    def site_row(self) -> Index:
        """Row of each option's site."""
        return (self.site // self.n_site[1]).astype(np.int32)

    @property
    def site_col(self) -> Index:
        """Column of each option's site."""
        return (self.site % self.n_site[1]).astype(np.int32)

    def with_fixed(self, fixed_eur: Mapping[str, float]) -> "Options":
        """Return the options in which starting some interventions costs what the case says."""
        names = self.interventions.index.to_numpy(str)[self.intervention]
        own = self.fixed_eur.copy()
        for name, eur in fixed_eur.items():
            own[names == name] = eur
        return replace(self, fixed_eur=own)


def build_options(
    study: StudyArea, catalogue: pd.DataFrame, settings: InterventionSettings
) -> Options:
    """List what fits on every site that lies in a neighbourhood."""
    ground = site_ground(study, settings)
    n_site = site_shape(study)
    inside = _sum_by_site((study.zone.to_numpy() >= 0).astype(float), study) > 0.0
    parts = [
        _options_of(row, entry, kind, _Place(study, settings, ground, inside))
        for row, (_, entry) in enumerate(catalogue.iterrows())
        for kind in grounds_of(entry["ground"])
    ]
    table = pd.concat(parts).sort_values([SITE, "intervention"], ignore_index=True)
    return Options(
        interventions=catalogue,
        n_site=n_site,
        site=table[SITE].to_numpy(np.int32),
        intervention=table["intervention"].to_numpy(np.int32),
        step=table["step"].to_numpy(float),
        most=table["most"].to_numpy(np.int16),
        capital_eur=table["capital_eur"].to_numpy(float),
        yearly_eur=table["yearly_eur"].to_numpy(float),
        fixed_eur=table["fixed_eur"].to_numpy(float),
        coupling=table["coupling"].to_numpy(np.int32),
        use=table["use"].to_numpy(float),
        capacity=np.concatenate([ground[name] for name in GROUNDS]),
    )


@dataclass(frozen=True)
class _Place:
    """What the rules of capacity look at."""

    study: StudyArea
    settings: InterventionSettings
    ground: dict[str, Float]
    inside: NDArray[np.bool_]
    """Sites that lie in a neighbourhood (site,)."""


def _options_of(row: int, entry: pd.Series, kind: str, place: _Place) -> pd.DataFrame:
    """List the options of one intervention on one kind of ground."""
    room = _room(entry, kind, place)
    use = np.full(room.size, float(entry["step"]) * float(entry["ground_per_unit"]))
    amount = np.full(place.inside.size, float(entry["step"]))
    if kind == "zone":
        amount, use = zone_km2(place.study, place.inside, place.settings.zone_m), np.ones(room.size)
    if entry["room"] == STREET_SHARE:
        use = use * room
    usable = room * float(entry["capacity_share"])
    most = np.floor(np.divide(usable, use, out=np.zeros(room.size), where=use > 0.0) + 1e-9)
    most = np.minimum(most, _own_limit(entry, place, most >= 1.0))
    most = np.where(place.inside, np.clip(most, 0, np.iinfo(np.int16).max), 0)
    site = np.flatnonzero(most)
    return pd.DataFrame(
        {
            SITE: site,
            "intervention": row,
            "step": amount[site],
            "most": most[site],
            "capital_eur": amount[site] * entry["capital_eur"],
            "yearly_eur": amount[site] * entry["yearly_eur"],
            "fixed_eur": float(entry["fixed_eur"]),
            "coupling": GROUNDS.index(kind) * place.inside.size + site,
            "use": use[site],
        }
    )


def site_shape(study: StudyArea) -> tuple[int, int]:
    """Return the number of sites north to south and west to east."""
    per_site = study.site_m // study.grid.cell_m
    return study.grid.shape[0] // per_site, study.grid.shape[1] // per_site


def site_of(study: StudyArea, x: Float, y: Float) -> NDArray[np.int64]:
    """Return the flat index of the site in which each point lies, -1 outside the grid."""
    n_y, n_x = site_shape(study)
    row = np.floor((study.grid.top - y) / study.site_m).astype(np.int64)
    col = np.floor((x - study.grid.left) / study.site_m).astype(np.int64)
    inside = (row >= 0) & (row < n_y) & (col >= 0) & (col < n_x)
    return np.where(inside, row * n_x + col, -1)


def site_ground(study: StudyArea, settings: InterventionSettings) -> dict[str, Float]:
    """Return the ground of each kind on every site, (site,): m2 of paving, metres of street."""
    cell_m2 = float(study.grid.cell_m) ** 2
    public = np.nan_to_num(study.ground.paved_public).astype(float) * cell_m2
    private = np.nan_to_num(study.ground.paved_private).astype(float) * cell_m2
    usable = settings.public_paving_use * _sum_by_site(public, study)
    own = settings.private_paving_use * settings.private_uptake * _sum_by_site(private, study)
    metres = {
        name: _metres(study.streets, chosen, study)
        for name, chosen in (
            ("main_street", study.streets.is_main),
            ("local_street", ~study.streets.is_main),
        )
    }
    roof, facade = _buildings(study, settings)
    zone = _one_per_square(np.ones(usable.size, bool), study, settings.zone_m)
    return {
        "paving": usable + own,
        "public": usable,
        **metres,
        "roof": roof,
        "facade": facade,
        "zone": zone,
    }


def _metres(streets: Streets, chosen: NDArray[np.bool_], study: StudyArea) -> Float:
    """Metres of some streets on every site (site,)."""
    n_y, n_x = site_shape(study)
    site = site_of(study, streets.x, streets.y)
    keep = chosen & (site >= 0)
    return np.bincount(site[keep], streets.length_m[keep], n_y * n_x).astype(np.float64)


def _buildings(study: StudyArea, settings: InterventionSettings) -> tuple[Float, Float]:
    """Flat roof and street facade of every site (site,), in m2; all of it has an owner."""
    n_y, n_x = site_shape(study)
    buildings = study.buildings
    site = site_of(study, buildings.x, buildings.y)
    keep = site >= 0
    roof, facade = (
        np.bincount(site[keep], area[keep], n_y * n_x).astype(np.float64)
        for area in (buildings.roof_m2, buildings.facade_m2)
    )
    return settings.flat_roof_share * roof, facade


def is_eligible(streets: Streets, entry: pd.Series) -> NDArray[np.bool_]:
    """Say which pieces of street an intervention may change (piece,)."""
    surface = str(entry["only_surface"])
    flow = float(np.nan_to_num(entry["least_flow_veh_day"]))
    return np.strings.startswith(streets.surface, surface) & (streets.flow_veh_day >= flow)


def zone_square(study: StudyArea, side_m: float) -> NDArray[np.int64]:
    """Return the square of the given side in which each site lies (site,)."""
    n_y, n_x = site_shape(study)
    side = max(1, round(side_m / study.site_m))
    row, col = np.divmod(np.arange(n_y * n_x), n_x)
    return np.asarray((row // side) * (n_x // side + 1) + col // side)


def zone_km2(study: StudyArea, inside: NDArray[np.bool_], side_m: float) -> Float:
    """Return the area of the square of each site that lies in a neighbourhood (site,)."""
    square = zone_square(study, side_m)
    return np.asarray(np.bincount(square, inside)[square] * study.site_m**2 / 1e6)


def _room(entry: pd.Series, kind: str, place: _Place) -> Float:
    """Ground of its kind that an intervention can use (site,)."""
    whole, settings = place.ground[kind], place.settings
    if kind in STREETS:
        streets = place.study.streets
        of_kind = streets.is_main if kind == "main_street" else ~streets.is_main
        return _metres(streets, of_kind & is_eligible(streets, entry), place.study)
    if entry["room"] == "public":
        return np.minimum(place.ground["public"], _or(entry["most_m2"], np.inf))
    uptake = _or(entry["uptake"], settings.private_uptake)
    if kind in {"roof", "facade"}:
        return whole * uptake
    if kind == "paving" and uptake < settings.private_uptake:
        own = whole - place.ground["public"]
        return place.ground["public"] + own * uptake / settings.private_uptake
    return whole


def _own_limit(entry: pd.Series, place: _Place, fits: NDArray[np.bool_]) -> Float:
    """Largest number of steps by a rule of the intervention itself, where one fits (site,)."""
    ground, study, settings = place.ground, place.study, place.settings
    most = np.full(place.inside.size, np.inf)
    if entry["room"] == "street_front":
        street = ground["main_street"] + ground["local_street"]
        most = np.floor(street * settings.tree_street_share / settings.tree_spacing_m)
        crown_m2 = max(_or(entry["green_m2"], 0.0), 1e-6)
        most = np.minimum(most, np.floor(_bare_m2(study) / crown_m2))
    fits = fits & (ground["public"] >= _or(entry["least_m2"], 0.0))
    spacing_m = _or(entry["spacing_m"], 0.0)
    if entry.name == "play" and settings.play_spacing_m is not None:
        spacing_m = settings.play_spacing_m
    if spacing_m > 0.0:
        most = np.minimum(most, _one_per_square(fits, study, spacing_m))
    if not np.isnan(entry["apart_m"]):
        most = np.minimum(most, _apart(fits, study, float(entry["apart_m"])))
    return np.where(fits, most, 0.0)


def _or(value: float, other: float) -> float:
    """Return a number of the catalogue, or another where it has none."""
    return other if np.isnan(value) else float(value)


def _bare_m2(study: StudyArea) -> Float:
    """Ground without green and water of every site (site,): crowns beyond it would overlap."""
    bare = np.clip(1.0 - study.ground.green - study.ground.water, 0.0, 1.0)
    return _sum_by_site(np.nan_to_num(bare).astype(float) * study.grid.cell_m**2, study)


def _one_per_square(fits: NDArray[np.bool_], study: StudyArea, spacing_m: float) -> Float:
    """Allow one, on the site with most residents nearby, in each square of the spacing."""
    square = zone_square(study, spacing_m)
    score = np.where(fits, _people(study), -1.0)
    order = np.lexsort((np.arange(score.size), -score, square))
    first = np.ones(order.size, bool)
    first[1:] = square[order][1:] != square[order][:-1]
    best = order[first]
    out = np.zeros(score.size)
    out[best[score[best] > 0.0]] = 1.0
    return out


def _apart(fits: NDArray[np.bool_], study: StudyArea, gap_m: float) -> Float:
    """Allow one on the site with most residents, and on others as far apart, edge from edge."""
    n_x = site_shape(study)[1]
    people = _people(study)
    least = int(np.ceil(gap_m / study.site_m - 1e-9)) + 1
    out = np.zeros(fits.size)
    order = np.lexsort((np.arange(fits.size), -people))
    for site in order[fits[order] & (people[order] > 0.0)]:
        row, col = divmod(int(site), n_x)
        taken = np.flatnonzero(out)
        away = np.maximum(np.abs(taken // n_x - row), np.abs(taken % n_x - col))
        if not (away < least).any():
            out[site] = 1.0
    return out


def _people(study: StudyArea) -> Float:
    """Residents of every site (site,)."""
    n_y, n_x = site_shape(study)
    people = np.zeros(n_y * n_x)
    receptors = study.receptors
    site = site_of(study, study.grid.x[receptors.col], study.grid.y[receptors.row])
    np.add.at(people, site, receptors.residents)
    return people


def _sum_by_site(values: Float, study: StudyArea) -> Float:
    """Sum cells (y, x) over the sites, flat."""
    side = study.site_m // study.grid.cell_m
    n_y, n_x = site_shape(study)
    total = values.reshape(n_y, side, n_x, side).sum(axis=(1, 3)).ravel()
    # Shares of a cell are float32, so that 50 m2 may read 49.999999 and hold no step of 50.
    return np.asarray(np.round(total, 3), np.float64)
