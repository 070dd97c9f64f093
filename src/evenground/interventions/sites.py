"""What fits where: the ground of every site, and the rules by which an intervention uses it.

Takes the study area and the catalogue. Everything is counted by part, a site within a square,
and by square where a rule is about density: so that the same city holds as much on any
partition into sites. On squares every part is a whole site. Knows nothing of costs.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import InterventionSettings
from evenground.sources.catalogue_rules import STREET_SHARE, STREETS
from evenground.study import Streets, StudyArea, square_at, square_shape

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

GATHERED_SHARE = 0.25
"""A project that asks for more than this part of a square lies on several squares of its site
(assumption); a smaller one has to find its ground within one."""


@dataclass(frozen=True)
class Place:
    """What the rules of capacity look at."""

    study: StudyArea
    settings: InterventionSettings
    ground: dict[str, Float]
    """Ground of each kind (part,)."""
    inside: Bool
    """Parts in a square that lies in a neighbourhood (part,)."""

    @classmethod
    def of(cls, study: StudyArea, settings: InterventionSettings) -> "Place":
        """Measure the ground of every part."""
        inside = squares_inside(study)[study.sites.parts.square]
        return cls(study, settings, site_ground(study, settings), inside)


@dataclass(frozen=True)
class Fit:
    """How much of an intervention fits on one kind of ground."""

    use: Float
    """Ground that a step takes on the site of each part (part,)."""
    room: Float
    """Steps for which there is ground (part,)."""
    steps: Float
    """Steps that a rule of its own leaves of those (part,), by which an amount is spread."""
    picks: Bool | None
    """Parts that each hold one, for what is built once in a while (part,)."""
    is_gathered: bool
    """Whether a project may lie on several squares."""


def fit_on(entry: pd.Series, kind: str, place: Place) -> Fit:
    """Return how much of an intervention fits on the parts of all sites."""
    whole = _room(entry, kind, place)
    step = 1.0 if kind == "zone" else float(entry["step"]) * float(entry["ground_per_unit"])
    use = np.full(whole.size, step)
    if entry["room"] == STREET_SHARE:
        use = np.where(whole > 0.0, use * of_site(whole, place.study), 1.0)
    room = np.where(whole > 0.0, whole * float(entry["capacity_share"]) / use + 1e-9, 0.0)
    least_m2 = _or(entry["least_m2"], 0.0)
    is_gathered = least_m2 > GATHERED_SHARE * place.study.site_m**2
    steps = _own_limit(entry, place, room, is_gathered=is_gathered)
    picks = _picks(entry, place, steps, is_gathered=is_gathered)
    if kind == "zone":
        picks = place.ground["zone"] > 0.0
    there = np.where(place.inside, 1.0, 0.0)
    if picks is not None:
        picks = picks & place.inside
    return Fit(use, room * there, steps * there, picks, is_gathered)


def squares_inside(study: StudyArea) -> Bool:
    """Say which squares lie in a neighbourhood, were it by one cell (square,)."""
    side = study.site_m // study.grid.cell_m
    n_y, n_x = site_shape(study)
    inside = (study.zone.to_numpy() >= 0).reshape(n_y, side, n_x, side)
    return np.asarray(inside.any(axis=(1, 3)).ravel())


def site_shape(study: StudyArea) -> tuple[int, int]:
    """Return the number of squares north to south and west to east."""
    return square_shape(study.grid, study.site_m)


def site_of(study: StudyArea, x: Float, y: Float) -> NDArray[np.int64]:
    """Return the flat index of the square in which each point lies, -1 outside the grid."""
    return square_at(study.grid, study.site_m, x, y)


def site_ground(study: StudyArea, settings: InterventionSettings) -> dict[str, Float]:
    """Return the ground of each kind on every part, (part,): m2 of paving, metres of street."""
    cell_m2 = float(study.grid.cell_m) ** 2
    public = np.nan_to_num(study.ground.paved_public).astype(float) * cell_m2
    private = np.nan_to_num(study.ground.paved_private).astype(float) * cell_m2
    usable = settings.public_paving_use * _sum_by_part(public, study)
    if study.ground.usable_public is not None:
        by_function = np.nan_to_num(study.ground.usable_public).astype(float) * cell_m2
        usable = _sum_by_part(by_function, study)
    own = settings.private_paving_use * settings.private_uptake * _sum_by_part(private, study)
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


def _metres(streets: Streets, chosen: Bool, study: StudyArea) -> Float:
    """Metres of some streets on every part (part,)."""
    return sum_of_pieces(streets.length_m, chosen, study)


def sum_of_pieces(values: Float, chosen: Bool, study: StudyArea) -> Float:
    """Sum something of some pieces of street on every part (part,)."""
    parts = study.sites.parts
    keep = chosen & (parts.of_piece >= 0)
    return np.bincount(parts.of_piece[keep], values[keep], parts.site.size).astype(np.float64)


def of_square(values: Float, study: StudyArea) -> Float:
    """Return for every part what all parts of its square have together (part,)."""
    square = study.sites.parts.square
    return np.asarray(np.bincount(square, values)[square], np.float64)


def of_site(values: Float, study: StudyArea) -> Float:
    """Return for every part what all parts of its site have together (part,)."""
    site = study.sites.parts.site
    return np.asarray(np.bincount(site, values)[site], np.float64)


def _buildings(study: StudyArea, settings: InterventionSettings) -> tuple[Float, Float]:
    """Flat roof and street facade of every part (part,), in m2; all of it has an owner."""
    parts, buildings = study.sites.parts, study.buildings
    keep = parts.of_building >= 0
    roof, facade = (
        np.bincount(parts.of_building[keep], area[keep], parts.site.size).astype(np.float64)
        for area in (buildings.roof_m2, buildings.facade_m2)
    )
    return settings.flat_roof_share * roof, facade


def most_public_m2(study: StudyArea, settings: InterventionSettings) -> float:
    """Return the public paving that may be lifted on the site with most of it."""
    public = site_ground(study, settings)["public"]
    return float(of_site(public, study).max(initial=0.0))


def is_eligible(streets: Streets, entry: pd.Series) -> NDArray[np.bool_]:
    """Say which pieces of street an intervention may change (piece,)."""
    surface = str(entry["only_surface"])
    flow = float(np.nan_to_num(entry["least_flow_veh_day"]))
    return np.strings.startswith(streets.surface, surface) & (streets.flow_veh_day >= flow)


def zone_square(study: StudyArea, side_m: float) -> NDArray[np.int64]:
    """Return the square of the given side in which each square of the grid lies (square,)."""
    n_y, n_x = site_shape(study)
    side = max(1, round(side_m / study.site_m))
    row, col = np.divmod(np.arange(n_y * n_x), n_x)
    return np.asarray((row // side) * (n_x // side + 1) + col // side)


def zone_km2(study: StudyArea, inside: NDArray[np.bool_], side_m: float) -> Float:
    """Return the area of the zone of each square that lies in a neighbourhood (square,)."""
    square = zone_square(study, side_m)
    return np.asarray(np.bincount(square, inside)[square] * study.site_m**2 / 1e6)


def _room(entry: pd.Series, kind: str, place: Place) -> Float:
    """Ground of its kind that an intervention can use (part,)."""
    whole, settings, study = place.ground[kind], place.settings, place.study
    if kind in STREETS:
        streets = study.streets
        return _metres(streets, of_kind(streets, kind) & is_eligible(streets, entry), study)
    if entry["room"] == "public":
        public = place.ground["public"]
        there = of_square(public, study)
        return np.minimum(there, _or(entry["most_m2"], np.inf)) * _ratio(public, there)
    uptake = _or(entry["uptake"], settings.private_uptake)
    if kind in {"roof", "facade"}:
        return whole * uptake
    if kind == "paving" and uptake < settings.private_uptake:
        own = whole - place.ground["public"]
        return place.ground["public"] + own * uptake / settings.private_uptake
    return whole


def of_kind(streets: Streets, kind: str) -> Bool:
    """Say which pieces of street are of one kind of ground (piece,)."""
    return streets.is_main if kind == "main_street" else ~streets.is_main


def _ratio(part: Float, whole: Float) -> Float:
    """Return one over the other, zero where there is nothing."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0.0)


def _own_limit(entry: pd.Series, place: Place, room: Float, *, is_gathered: bool) -> Float:
    """Return the steps that fit by the rules of the intervention itself (part,)."""
    ground, study, settings = place.ground, place.study, place.settings
    steps = room
    if entry["room"] == "street_front":
        street = ground["main_street"] + ground["local_street"]
        there = of_square(street, study)
        crown_m2 = max(_or(entry["green_m2"], 0.0), 1e-6)
        limit = there * settings.tree_street_share / settings.tree_spacing_m
        if study.ground.street_trees is not None:
            stands = _sum_by_square(study.ground.street_trees.astype(float), study)
            limit = np.maximum(limit - stands[study.sites.parts.square], 0.0)
        limit = np.minimum(np.minimum(limit, _bare_m2(study) / crown_m2), of_square(room, study))
        steps = limit * _ratio(street, there)
    least_m2 = _or(entry["least_m2"], 0.0)
    fits = of_site(ground["public"], study) >= least_m2
    if not is_gathered:
        fits &= of_square(ground["public"], study) >= least_m2
    return np.where(fits, steps, 0.0)


def _picks(entry: pd.Series, place: Place, steps: Float, *, is_gathered: bool) -> Bool | None:
    """Parts that each hold one of what keeps a distance (part,); nothing for all else."""
    study, settings = place.study, place.settings
    fits = of_site(steps, study) >= 1.0
    if not is_gathered:
        fits &= of_square(steps, study) >= 1.0
    spacing_m = _or(entry["spacing_m"], 0.0)
    if entry.name == "play" and settings.play_spacing_m is not None:
        spacing_m = settings.play_spacing_m
    picks = None
    if spacing_m > 0.0:
        picks = _one_per_square(fits, study, spacing_m) > 0.0
    if not np.isnan(entry["apart_m"]):
        apart = _apart(fits, study, float(entry["apart_m"])) > 0.0
        picks = apart if picks is None else picks & apart
    return picks


def _or(value: float, other: float) -> float:
    """Return a number of the catalogue, or another where it has none."""
    return other if np.isnan(value) else float(value)


def _bare_m2(study: StudyArea) -> Float:
    """Ground without green and water in the square of every part: crowns beyond it overlap."""
    bare = np.clip(1.0 - study.ground.green - study.ground.water, 0.0, 1.0)
    bare_m2 = np.nan_to_num(bare).astype(float) * study.grid.cell_m**2
    return _sum_by_square(bare_m2, study)[study.sites.parts.square]


def by_people(study: StudyArea) -> NDArray[np.int64]:
    """Order the parts by residents of their square, most first; in one square the largest first."""
    square = study.sites.parts.square
    return np.lexsort((-_cells(study), square, -people_by_square(study)[square]))


def _one_per_square(fits: Bool, study: StudyArea, spacing_m: float) -> Float:
    """Allow one, where most residents are nearby, in each square of the spacing (part,)."""
    square = study.sites.parts.square
    people = people_by_square(study)[square]
    order = by_people(study)
    order = order[fits[order] & (people[order] > 0.0)]
    _, first = np.unique(zone_square(study, spacing_m)[square[order]], return_index=True)
    out = np.zeros(square.size)
    out[order[first]] = 1.0
    return out


def _apart(fits: Bool, study: StudyArea, gap_m: float) -> Float:
    """Allow one where most residents are, and others as far apart, edge from edge (part,)."""
    n_x = site_shape(study)[1]
    square = study.sites.parts.square
    people = people_by_square(study)[square]
    row, col = np.divmod(square, n_x)
    least = int(np.ceil(gap_m / study.site_m - 1e-9)) + 1
    out = np.zeros(fits.size)
    order = by_people(study)
    for part in order[fits[order] & (people[order] > 0.0)].tolist():
        taken = np.flatnonzero(out)
        away = np.maximum(np.abs(row[taken] - row[part]), np.abs(col[taken] - col[part]))
        if not (away < least).any():
            out[part] = 1.0
    return out


def people_by_square(study: StudyArea) -> Float:
    """Residents of every square (square,)."""
    n_y, n_x = site_shape(study)
    people = np.zeros(n_y * n_x)
    receptors = study.receptors
    square = site_of(study, study.grid.x[receptors.col], study.grid.y[receptors.row])
    np.add.at(people, square, receptors.residents)
    return people


def _cells(study: StudyArea) -> NDArray[np.int64]:
    """Return how many cells every part has (part,)."""
    cell = study.sites.parts.of_cell
    return np.bincount(cell[cell >= 0], minlength=study.sites.parts.site.size)


def _sum_by_square(values: Float, study: StudyArea) -> Float:
    """Sum cells (y, x) over the squares, flat."""
    side = study.site_m // study.grid.cell_m
    n_y, n_x = site_shape(study)
    total = values.reshape(n_y, side, n_x, side).sum(axis=(1, 3)).ravel()
    # Shares of a cell are float32, so that 50 m2 may read 49.999999 and hold no step of 50.
    return np.asarray(np.round(total, 3), np.float64)


def _sum_by_part(values: Float, study: StudyArea) -> Float:
    """Sum cells (y, x) over the parts: the sum of each square, shared over its parts."""
    parts = study.sites.parts
    keep = parts.of_cell >= 0
    own = np.bincount(parts.of_cell[keep], values[keep], parts.site.size).astype(np.float64)
    n_y, n_x = site_shape(study)
    side = study.site_m // study.grid.cell_m
    square = np.arange(n_y * n_x).reshape(n_y, n_x).repeat(side, 0).repeat(side, 1)
    whole = np.bincount(square.ravel(), values.ravel()).astype(np.float64)[parts.square]
    shared = _sum_by_square(values, study)[parts.square] * _ratio(own, whole)
    return np.asarray(np.round(shared, 3), np.float64)
