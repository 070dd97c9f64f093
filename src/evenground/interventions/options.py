"""What may be built where, how much of it, at what cost, and on which squares it then lies.

Takes the study area and the catalogue; makes the table of options: every feasible pair of a
site and an intervention. Knows nothing of what it changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import InterventionSettings
from evenground.interventions.sites import (
    Fit,
    Place,
    by_people,
    fit_on,
    site_shape,
    squares_inside,
    zone_km2,
)
from evenground.names import SITE
from evenground.sources.catalogue_rules import GROUNDS, grounds_of
from evenground.study import Sites, StudyArea

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Index = NDArray[np.int32]
Long = NDArray[np.int64]


@dataclass(frozen=True)
class Spread:
    """The parts over which a step of each option is spread, option after option."""

    start: Long
    """First part of each option, and the end (option + 1,)."""
    part: Index
    """Part of the sites, a site within a square (spread,)."""
    share: Float
    """Share of the step that lies there (spread,); one in all for each option."""

    def of(self, chosen: Long) -> tuple[Long, Index, Float]:
        """Return option, part and share of all parts of some options, in their order."""
        count = np.diff(self.start)[chosen]
        first = np.repeat(self.start[chosen] - (np.cumsum(count) - count), count)
        at = first + np.arange(int(count.sum()))
        return np.repeat(chosen, count), self.part[at], self.share[at]

    def take(self, chosen: Long) -> "Spread":
        """Return the spread of some options only."""
        _, part, share = self.of(chosen)
        return Spread(_ends(np.diff(self.start)[chosen]), part, share)


@dataclass(frozen=True)
class Options:
    """Feasible pairs of site and intervention; all arrays (option,)."""

    interventions: pd.DataFrame
    """The catalogue of the case."""
    sites: Sites
    """The partition of the city."""
    spread: Spread
    """Where on its site a step of each option lies."""
    site: Index
    """Index into the sites."""
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
    def n_site(self) -> tuple[int, int]:
        """Squares of the grid, north to south and west to east."""
        return self.sites.n_square

    @property
    def yearly_start_eur(self) -> Float:
        """Euros per year of having started: the fixed cost over the lifetime."""
        annuity = self.interventions["annuity"].to_numpy(float)[self.intervention]
        return np.asarray(self.fixed_eur * annuity)

    @property
    def ground(self) -> Long:
        """Kind of ground that each option takes, index into ``GROUNDS``."""
        return np.asarray(self.coupling // len(self.sites), np.int64)

    @property
    def site_row(self) -> Index:
        """Row of the square in which the middle of each option's site lies."""
        return (self.sites.square[self.site] // self.n_site[1]).astype(np.int32)

    @property
    def site_col(self) -> Index:
        """Column of the square in which the middle of each option's site lies."""
        return (self.sites.square[self.site] % self.n_site[1]).astype(np.int32)

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
    place = Place.of(study, settings)
    made = [
        _options_of(row, entry, kind, place)
        for row, (_, entry) in enumerate(catalogue.iterrows())
        for kind in grounds_of(entry["ground"])
    ]
    whole = pd.concat([table for table, _ in made], ignore_index=True)
    order = np.lexsort((whole["intervention"], whole[SITE]))
    table = whole.iloc[order]
    n_site, site = len(study.sites), study.sites.parts.site
    return Options(
        interventions=catalogue,
        sites=study.sites,
        spread=_joined([spread for _, spread in made]).take(order),
        site=table[SITE].to_numpy(np.int32),
        intervention=table["intervention"].to_numpy(np.int32),
        step=table["step"].to_numpy(float),
        most=table["most"].to_numpy(np.int16),
        capital_eur=table["capital_eur"].to_numpy(float),
        yearly_eur=table["yearly_eur"].to_numpy(float),
        fixed_eur=table["fixed_eur"].to_numpy(float),
        coupling=table["coupling"].to_numpy(np.int32),
        use=table["use"].to_numpy(float),
        capacity=np.concatenate(
            [np.bincount(site, place.ground[name], n_site) for name in GROUNDS]
        ),
    )


def _options_of(row: int, entry: pd.Series, kind: str, place: Place) -> tuple[pd.DataFrame, Spread]:
    """List the options of one intervention on one kind of ground, and the spread of each."""
    sites, fit = place.study.sites, fit_on(entry, kind, place)
    n_site, part_site = len(sites), sites.parts.site
    most = np.minimum(*(np.bincount(part_site, part, n_site) for part in (fit.room, fit.steps)))
    if fit.picks is not None:
        most = np.minimum(np.floor(most), np.bincount(part_site, fit.picks, n_site))
    most = np.clip(np.floor(most), 0, np.iinfo(np.int16).max)
    amount = np.full(n_site, float(entry["step"]))
    if kind == "zone":
        amount = _zone_amount(fit, place)
    use = np.ones(n_site)
    use[part_site] = fit.use
    site = np.flatnonzero(most)
    table = pd.DataFrame(
        {
            SITE: site,
            "intervention": row,
            "step": amount[site],
            "most": most[site],
            "capital_eur": amount[site] * entry["capital_eur"],
            "yearly_eur": amount[site] * entry["yearly_eur"],
            "fixed_eur": float(entry["fixed_eur"]),
            "coupling": GROUNDS.index(kind) * n_site + site,
            "use": use[site],
        }
    )
    return table, _spread_of(fit, place, most)


def _zone_amount(fit: Fit, place: Place) -> Float:
    """Return the area of a zone of every site, the mean where it may hold several (site,)."""
    study, parts = place.study, place.study.sites.parts
    km2 = zone_km2(study, squares_inside(study), place.settings.zone_m)[parts.square]
    picks = np.ones(parts.site.size, bool) if fit.picks is None else fit.picks
    number = np.bincount(parts.site, picks, len(study.sites))
    total = np.bincount(parts.site, km2 * picks, len(study.sites))
    return np.asarray(total / np.maximum(number, 1.0), np.float64)


def _spread_of(fit: Fit, place: Place, most: Float) -> Spread:
    """Return the parts and shares of a step on each site on which any fits.

    What keeps a distance lies where most residents are; a project on several squares lies on
    those around. All else lies where its ground is, in proportion.
    """
    study, parts = place.study, place.study.sites.parts
    weight = fit.steps
    if fit.picks is not None:
        order = by_people(study)
        order = order[fit.picks[order] & (most[parts.site[order]] > 0.0)]
        order = order[np.argsort(parts.site[order], kind="stable")]
        first = np.searchsorted(parts.site[order], parts.site[order])
        chosen = order[np.arange(order.size) - first < most[parts.site[order]]]
        weight = np.zeros(parts.site.size)
        for part in chosen.tolist():
            at, share = _around(part, fit, study)
            weight[at] += share
    keep = np.flatnonzero((weight > 0.0) & (most[parts.site] > 0.0))
    total = np.bincount(parts.site, weight, most.size)[parts.site[keep]]
    _, count = np.unique(parts.site[keep], return_counts=True)
    return Spread(_ends(count), keep.astype(np.int32), weight[keep] / total)


def _around(part: int, fit: Fit, study: StudyArea) -> tuple[Long, Float]:
    """Return where one project lies that is built at a part, as parts and their shares of it."""
    parts = study.sites.parts
    if not fit.is_gathered:
        return np.array([part]), np.ones(1)
    row, col = np.divmod(parts.square, site_shape(study)[1])
    near = np.flatnonzero((parts.site == parts.site[part]) & (fit.steps > 0.0))
    away = np.hypot(row[near] - row[part], col[near] - col[part])
    near = near[np.argsort(away, kind="stable")]
    before = np.cumsum(fit.steps[near]) - fit.steps[near]
    taken = np.clip(1.0 - before, 0.0, fit.steps[near])
    return near[taken > 0.0], taken[taken > 0.0]


def _joined(spreads: list[Spread]) -> Spread:
    """Put the spreads of several lists of options one after another."""
    return Spread(
        start=_ends(np.concatenate([np.diff(spread.start) for spread in spreads])),
        part=np.concatenate([spread.part for spread in spreads]),
        share=np.concatenate([spread.share for spread in spreads]),
    )


def _ends(count: Long) -> Long:
    """Return where each of some lists starts, and the end (list + 1,)."""
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
