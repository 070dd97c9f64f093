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
from evenground.study import StudyArea

Float = NDArray[np.float64]
Index = NDArray[np.int32]

GROUNDS = ("paving", "main_street", "local_street")
"""Ground that interventions share: m2 of paving, metres of main and of local street."""


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
    n = n_site[0] * n_site[1]
    inside = _sum_by_site((study.zone.to_numpy() >= 0).astype(float), study) > 0.0
    parts = []
    for row, (name, entry) in enumerate(catalogue.iterrows()):
        use = float(entry["step"]) * float(entry["ground_per_unit"])
        room = ground[str(entry["ground"])] * float(entry["capacity_share"])
        most = np.floor(room / use + 1e-9)
        most = np.minimum(most, _own_limit(str(name), ground, study, settings))
        most = np.where(inside, np.clip(most, 0, np.iinfo(np.int16).max), 0)
        site = np.flatnonzero(most)
        coupling = GROUNDS.index(str(entry["ground"])) * n + site
        parts.append(
            pd.DataFrame(
                {
                    SITE: site,
                    "intervention": row,
                    "step": float(entry["step"]),
                    "most": most[site],
                    "capital_eur": float(entry["step"]) * entry["capital_eur"],
                    "yearly_eur": float(entry["step"]) * entry["yearly_eur"],
                    "coupling": coupling,
                    "use": use,
                }
            )
        )
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
        fixed_eur=np.zeros(len(table)),
        coupling=table["coupling"].to_numpy(np.int32),
        use=table["use"].to_numpy(float),
        capacity=np.concatenate([ground[name] for name in GROUNDS]),
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
    streets = study.streets
    site = site_of(study, streets.x, streets.y)
    size = usable.size
    metres = {}
    for name, chosen in (("main_street", streets.is_main), ("local_street", ~streets.is_main)):
        keep = chosen & (site >= 0)
        metres[name] = np.bincount(site[keep], streets.length_m[keep], size).astype(np.float64)
    return {"paving": usable + own, "public": usable, **metres}


def _own_limit(
    name: str, ground: dict[str, Float], study: StudyArea, settings: InterventionSettings
) -> Float | float:
    """Largest number of steps by a rule of the intervention itself, (site,)."""
    if name == "street_tree":
        street = ground["main_street"] + ground["local_street"]
        return np.floor(street * settings.tree_street_share / settings.tree_spacing_m)
    if name == "pocket_park":
        return np.floor(np.minimum(ground["public"], 2000.0) / 200.0)
    if name == "play":
        return _one_per_square(ground["public"] >= 150.0, study, settings.play_spacing_m)
    return np.inf


def _one_per_square(fits: NDArray[np.bool_], study: StudyArea, spacing_m: float) -> Float:
    """Allow one, on the site with most residents nearby, in each square of the spacing."""
    n_y, n_x = site_shape(study)
    people = np.zeros(n_y * n_x)
    receptors = study.receptors
    site = site_of(study, study.grid.x[receptors.col], study.grid.y[receptors.row])
    np.add.at(people, site, receptors.residents)
    side = max(1, round(spacing_m / study.site_m))
    row, col = np.divmod(np.arange(n_y * n_x), n_x)
    square = (row // side) * (n_x // side + 1) + col // side
    score = np.where(fits, people, -1.0)
    order = np.lexsort((np.arange(score.size), -score, square))
    first = np.ones(order.size, bool)
    first[1:] = square[order][1:] != square[order][:-1]
    best = order[first]
    out = np.zeros(score.size)
    out[best[score[best] > 0.0]] = 1.0
    return out


def _sum_by_site(values: Float, study: StudyArea) -> Float:
    """Sum cells (y, x) over the sites, flat."""
    side = study.site_m // study.grid.cell_m
    n_y, n_x = site_shape(study)
    total = values.reshape(n_y, side, n_x, side).sum(axis=(1, 3)).ravel()
    # Shares of a cell are float32, so that 50 m2 may read 49.999999 and hold no step of 50.
    return np.asarray(np.round(total, 3), np.float64)
