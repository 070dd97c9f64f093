"""The interventions of a case: what each costs and changes, with its source.

Takes the catalogue, shipped or with rows of the case's own. Knows nothing of
places or plans.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from evenground.config import InterventionSettings
from evenground.errors import ConfigError, Fault, few
from evenground.sources import Catalogue, shipped_catalogue
from evenground.sources.catalogue_rules import EFFECTS, UNPRICED, USABLE


@dataclass(frozen=True)
class Effect:
    """One effect of an intervention at the horizon of the settings, with its range."""

    name: str
    low: float
    mid: float
    high: float
    unit: str
    status: str
    source: str


PRICE_YEAR = 2024
"""Year of the euros of a case that names none."""


def read_table(name: str) -> pd.DataFrame:
    """Return a table shipped with the package, indexed by its first column."""
    return _shipped(name).copy()


@cache
def _shipped(name: str) -> pd.DataFrame:
    """Read a shipped table once; an ensemble asks for it thousands of times."""
    with files("evenground").joinpath("data", name).open(encoding="utf-8") as stream:
        return pd.read_csv(stream, index_col=0)


def read_catalogue(
    settings: InterventionSettings,
    own: Catalogue | None = None,
    *,
    price_year: int = PRICE_YEAR,
    has_buildings: bool = True,
) -> pd.DataFrame:
    """Return the interventions of the case with costs and effects, in the order of the settings.

    Parameters
    ----------
    own
        The catalogue with the case's own rows; absent = as shipped.
    price_year
        Year of the euros of the case, to which all euros are brought.
    has_buildings
        Whether the case has a map of buildings, without which nothing grows on them.

    Returns
    -------
    One row an intervention, indexed by id: the columns of ``data/interventions.csv``;
    capital_eur (per unit), yearly_eur (annualised capital and upkeep, per unit) and fixed_eur
    (per started project), in euros of the price year; a column for each effect, NaN where
    there is none; becomes (a surface), reach_m (of places) and edge_m (of edge cooling);
    annuity (share of a capital sum that is due each year); capital_low and capital_high, the
    ends of the cost; and effects, each an :class:`Effect`.

    Raises
    ------
    ConfigError
        If the settings name an intervention that the catalogue does not hold, that has no
        effect on exposure or no map to stand on, or if the price index does not reach.
    """
    catalogue = own or shipped_catalogue()
    table = catalogue.interventions
    faults = _use_faults(settings, table)
    if not has_buildings:
        faults += _building_faults(settings, table)
    if faults:
        raise ConfigError(faults)
    chosen = table.loc[list(settings.use)]
    factor = _price_factor(chosen["price_year"], price_year)
    capital = chosen[f"capex_{settings.cost_level}"] * factor
    share = annuity(settings.discount_rate, chosen["lifetime_y"])
    chosen = chosen.assign(
        capital_eur=capital,
        capital_low=chosen["capex_low"] * factor,
        capital_high=chosen["capex_high"] * factor,
        yearly_eur=capital * share + chosen["opex_year"] * factor,
        annuity=share,
        fixed_eur=chosen["fixed_eur"] * factor,
    )
    return chosen.join(_wide_effects(settings, catalogue))


def _use_faults(settings: InterventionSettings, table: pd.DataFrame) -> list[Fault]:
    """List chosen interventions that are unknown or that a search could not value."""
    usable = table.index[table["effect_scope"].isin(USABLE)]
    faults = []
    if unknown := [name for name in settings.use if name not in table.index]:
        finding = f"found {few(unknown)}, which the catalogue does not hold."
        cure = f"Choose from {', '.join(usable)}."
        faults.append(Fault("interventions.use", finding, cure))
    if len(set(settings.use)) < len(settings.use):
        twice = {name for name in settings.use if settings.use.count(name) > 1}
        faults.append(Fault("interventions.use", f"names {few(twice)} twice.", "Name it once."))
    for name in settings.use:
        if name in table.index and name not in usable:
            row = table.loc[name]
            finding = f"names {name}, which is {row['effect_scope']}: {row['why_not']}."
            cure = "Take it out: a search would call it worthless, which it is not."
            if row["effect_scope"] == UNPRICED:
                cure = f"Give capex_low, capex_mid, capex_high and opex_year of {name} there."
            faults.append(Fault("interventions.use", finding, cure))
    return faults


def _building_faults(settings: InterventionSettings, table: pd.DataFrame) -> list[Fault]:
    """List chosen interventions that stand on buildings, of which the case has no map."""
    cure = "Add [buildings], or take it out."
    return [
        Fault("interventions.use", f"names {name}, and the case has no map of buildings.", cure)
        for name in settings.use
        if name in table.index and table.loc[name, "ground"] in {"roof", "facade"}
    ]


def _price_factor(years: pd.Series, to_year: int) -> pd.Series:
    r"""Return by what to multiply euros of some years to make them euros of another.

    Notes
    -----
    With the yearly change of consumer prices :math:`c_y` in percent:

    .. math:: f = \prod_{y = from + 1}^{to} (1 + c_y / 100)

    Raises
    ------
    ConfigError
        If a year lies outside the index.
    """
    if (years == to_year).all():
        return years * 0.0 + 1.0
    change = read_table("price_index.csv")["change_percent"].astype(float)
    first, last = int(change.index.min()), int(change.index.max())
    outside = sorted({int(year) for year in (*years, to_year) if not first <= year <= last})
    if outside:
        finding = f"prices of {few(outside)} are asked for, and the index runs {first} to {last}."
        cure = f"Bring costs of the price year of the case, or set it within {first} to {last}."
        raise ConfigError([Fault("case.price_year", finding, cure)])
    level = (1.0 + change / 100.0).cumprod()
    return float(level[to_year]) / years.astype(int).map(level).astype(float)


def annuity(rate: float, years: pd.Series) -> pd.Series:
    r"""Return the share of a capital sum that is due each year over a lifetime.

    Notes
    -----
    .. math:: a = \frac{r}{1 - (1 + r)^{-T}}

    References
    ----------
    Werkgroep Discontovoet (2020): 2.25 % per year.
    """
    if rate == 0.0:
        return 1.0 / years
    return rate / (1.0 - (1.0 + rate) ** -years)


def read_effects(settings: InterventionSettings, own: Catalogue | None = None) -> pd.Series:
    """Return each effect at the horizon of the settings, indexed by intervention and effect."""
    table = (own or shipped_catalogue()).effects
    chosen = table[table.index.get_level_values("intervention").isin(settings.use)]
    return at_horizon(chosen, settings.horizon_year)


def at_horizon(effects: pd.DataFrame, year: int | None) -> pd.Series:
    r"""Return the middle estimate of effects, some years after planting where they grow.

    Parameters
    ----------
    year
        Absent: the middle estimate itself, which for what grows is the mean over its growth.

    Notes
    -----
    From :math:`e_0` at planting to :math:`e_T` in year :math:`T`, and as large after it:

    .. math:: e = e_0 + (e_T - e_0) \min(t / T, 1)
    """
    middle = effects["mid"].astype(float)
    if year is None:
        return middle
    share = np.minimum(year / effects["grown_y"], 1.0)
    grown = effects["at_start"] + (effects["grown"] - effects["at_start"]) * share
    return middle.where(effects["grown_y"].isna(), grown)


def _wide_effects(settings: InterventionSettings, catalogue: Catalogue) -> pd.DataFrame:
    """Lay the effects of each intervention side by side."""
    effects = catalogue.effects
    values = read_effects(settings, catalogue)
    out = pd.DataFrame(
        {
            effect: [values.get((name, effect), np.nan) for name in settings.use]
            for effect in EFFECTS
        },
        index=list(settings.use),
        dtype=float,
    )
    for column, effect, part in (
        ("becomes", "surface", "becomes"),
        ("reach_m", "places", "footprint_m"),
        ("edge_m", "edge_cooling_degc", "footprint_m"),
    ):
        out[column] = [
            effects[part].get((name, effect), "" if part == "becomes" else np.nan)
            for name in settings.use
        ]
    told = np.empty(len(settings.use), object)
    for k, name in enumerate(settings.use):
        told[k] = _effects_of(name, effects, values)
    return out.assign(effects=told)


def _effects_of(name: str, effects: pd.DataFrame, values: pd.Series) -> tuple[Effect, ...]:
    """List the effects of one intervention; what grows has its range in proportion."""
    out = []
    for owner, effect in effects.index.to_list():
        if owner != name:
            continue
        row = effects.loc[(owner, effect)]
        mid = float(values[owner, effect])
        times = mid / float(row["mid"]) if row["mid"] else 1.0
        low, high = times * float(row["low"]), times * float(row["high"])
        about = (str(row["unit"]), str(row["status"]), str(row["source"]))
        out.append(Effect(str(effect), low, mid, high, *about))
    return tuple(out)
