"""The catalogue of interventions: what each costs and changes, with its source.

Takes the shipped tables. Knows nothing of places or plans.
"""

from functools import cache
from importlib.resources import files

import pandas as pd

from evenground.config import InterventionSettings
from evenground.errors import ConfigError, Fault, few


def read_table(name: str) -> pd.DataFrame:
    """Return a table shipped with the package, indexed by its first column."""
    return _shipped(name).copy()


@cache
def _shipped(name: str) -> pd.DataFrame:
    """Read a shipped table once; an ensemble asks for it thousands of times."""
    with files("evenground").joinpath("data", name).open(encoding="utf-8") as stream:
        return pd.read_csv(stream, index_col=0)


def read_catalogue(settings: InterventionSettings) -> pd.DataFrame:
    """Return the interventions of the case with their costs, in the order of the settings.

    Returns
    -------
    One row an intervention, indexed by id: the columns of ``data/interventions.csv``,
    and capital_eur (per unit), yearly_eur (annualised capital and upkeep, per unit) and annuity
    (share of a capital sum that is due each year).

    Raises
    ------
    ConfigError
        If the settings name an intervention that the catalogue does not hold.
    """
    table = read_table("interventions.csv")
    if unknown := [name for name in settings.use if name not in table.index]:
        fault = Fault(
            "interventions.use",
            f"found {few(unknown)}, which the catalogue does not hold.",
            f"Choose from {', '.join(table.index)}.",
        )
        raise ConfigError([fault])
    chosen = table.loc[list(settings.use)]
    capital = chosen[f"capex_{settings.cost_level}"].astype(float)
    factor = annuity(settings.discount_rate, chosen["lifetime_y"].astype(float))
    yearly = capital * factor + chosen["opex_year"]
    return chosen.assign(capital_eur=capital, yearly_eur=yearly, annuity=factor)


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


def read_effects(settings: InterventionSettings) -> pd.Series:
    """Return the middle estimate of each effect, indexed by intervention and effect."""
    table = read_table("intervention_effects.csv")
    chosen = table[table.index.isin(settings.use)]
    return chosen.set_index("effect", append=True)["mid"].astype(float)
