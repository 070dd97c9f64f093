"""Factors that a case brings itself, at the homes of residents and by neighbourhood.

Takes what the sources read. A supplied factor is mapped, compared with its norm
and counted. It never becomes DALY and no plan changes it.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from evenground.config import FactorSettings, RunSettings
from evenground.sources import Sources, read_factors
from evenground.study import StudyArea, align

Float = NDArray[np.float64]


@dataclass(frozen=True)
class Supplied:
    """One supplied factor where people live."""

    name: str
    factor: str
    """Which of the thirteen it belongs to."""
    title: str
    settings: FactorSettings
    at_home: Float
    """Value at each receptor (receptor,), NaN unknown."""
    mean: Float
    """Mean of the residents for whom it is known (neighbourhood,); decibels by energy."""
    beyond: Float
    """Share of those residents on the wrong side of the norm (neighbourhood,); NaN without."""
    known: Float
    """Share of the residents for whom it is known (neighbourhood,)."""
    grid: NDArray[np.float32] | None
    """The raster on the study grid (y, x); none where it came by neighbourhood."""

    @property
    def exceeds(self) -> Float:
        """Whether a receptor is on the wrong side of the norm: 1, 0 or NaN (receptor,)."""
        return exceeds(self.at_home, self.settings.norm, self.settings.worse)


def exceeds(values: Float, norm: float | None, worse: str) -> Float:
    """Return 1 where a value is on the wrong side of a norm, 0 where not, NaN unknown (any shape).

    A value at the norm meets it. Without a norm all is unknown.
    """
    if norm is None:
        return np.full(np.shape(values), np.nan)
    is_beyond = values > norm if worse == "higher" else values < norm
    return np.where(np.isnan(values), np.nan, is_beyond.astype(np.float64))


def build_supplied(
    study: StudyArea, sources: Sources, settings: RunSettings
) -> tuple[Supplied, ...]:
    """Bring every supplied factor to the homes of residents, in the order of the case file."""
    known = read_factors()
    out = []
    for name, factor in settings.factors.items():
        product = sources.factors[name]
        grid = None
        if isinstance(product, xr.DataArray):
            how = "energy" if factor.unit == "dB" else "mean"
            grid = align(product, study.grid, how)
            values = grid[study.receptors.row, study.receptors.col].astype(np.float64)
        else:
            values = product[study.receptors.neighbourhood]
        belongs = factor.factor or name
        over = exceeds(values, factor.norm, factor.worse)
        mean, there = resident_mean(values, study, is_energy=factor.unit == "dB")
        if not isinstance(product, xr.DataArray):
            # as it came: rounding of a mean would part neighbourhoods that are alike
            mean = np.where(np.isfinite(mean), product, np.nan)
        beyond, _ = resident_mean(over, study)
        title = factor.title or known[belongs].name_nl
        out.append(Supplied(name, belongs, title, factor, values, mean, beyond, there, grid))
    return tuple(out)


def resident_mean(
    values: Float, study: StudyArea, *, is_energy: bool = False
) -> tuple[Float, Float]:
    r"""Return the mean over residents and the share of them that is known (neighbourhood,).

    Parameters
    ----------
    values : (receptor,)
        NaN where unknown, which counts for nobody.

    Notes
    -----
    .. math:: \bar v_n = \sum_{r \in n} N_r v_r \Big/ \sum_{r \in n} N_r
    """
    zone, n = study.receptors.neighbourhood, len(study.neighbourhoods)
    is_known = np.isfinite(values)
    people = study.receptors.residents
    counted = np.where(is_known, people, 0.0)
    filled = np.where(is_known, values, 0.0)
    level = 10.0 ** (filled / 10.0) if is_energy else filled
    total = np.bincount(zone, counted, n)
    everybody = np.bincount(zone, people, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(zone, counted * level, n) / total
        mean = 10.0 * np.log10(mean) if is_energy else mean
        return np.asarray(mean, np.float64), np.asarray(total / everybody, np.float64)
