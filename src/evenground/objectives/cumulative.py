"""Ways to say that several exposures meet on the same people, side by side.

Takes exposures, burdens or attributable fractions (..., layer), with the layer as
the last axis; gives one figure per place or one share of the people. The measure
that the search lowers stands in ``stacking``; these are shown beside it. How
burdens pile up is a value judgement here, never an observed interaction.

References
----------
RIVM, Milieugezondheidsrisico (MGR). OECD (2008), Handbook on composite indicators.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evenground.config import StackingSettings
from evenground.config.stacking import EDITIONS
from evenground.interventions import read_table
from evenground.names import HEAT, LAYERS, NO2, NOISE, PM25

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

NORMS = {NO2: "no2_who", PM25: "pm25_who", NOISE: "lden_road_who", HEAT: "uhi_1"}
"""Rows of ``data/norms.csv`` against which exceedances are counted."""

GES_INSUFFICIENT = 6
"""Score of the maximum tolerable risk: insufficient."""


def read_norms() -> dict[str, float]:
    """Return the norm of each layer, in the unit of its exposure."""
    value = read_table("norms.csv")["value"].astype(str)
    return {layer: float(value[name]) for layer, name in NORMS.items()}


def read_bad() -> dict[str, float]:
    """Return where each layer with a norm is wholly bad, in the unit of its exposure."""
    table = read_table("stacking.csv").set_index("layer")["value"]
    return {layer: float(table[layer]) for layer in NORMS}


def with_norm(exposure: Float) -> Float:
    """Return exposures of the layers that have a norm (..., layer), in the order of ``NORMS``.

    Parameters
    ----------
    exposure : (layer, ...)
        In the order of ``LAYERS``.
    """
    chosen = [exposure[LAYERS.index(layer)] for layer in NORMS]
    return np.stack(chosen, axis=-1).astype(np.float64)


def norms_exceeded(exposure: Float) -> NDArray[np.int64]:
    """Return how many norms are exceeded (...,), from exposure (layer, ...) as in ``LAYERS``."""
    return exceedance_count(with_norm(exposure), np.array(list(read_norms().values())))


def exceedance_count(exposure: Float, norm: Float) -> NDArray[np.int64]:
    r"""Return S1, the number of norms that are exceeded (...,).

    Parameters
    ----------
    exposure : (..., layer)
    norm : (layer,)
        In the unit of each exposure; a value at the norm does not exceed it.

    Notes
    -----
    .. math:: S_i = \sum_k 1[c_{ik} > n_k]
    """
    return np.asarray((exposure > norm).sum(axis=-1))


def people_exceeding(count: NDArray[np.integer], group_residents: Float, most: int) -> Float:
    """Return who lives where at least 0, 1, ... norms are exceeded (least, group), persons.

    Parameters
    ----------
    count : (place,)
        Norms exceeded.
    group_residents : (group, place)
    most
        Largest number that is asked for.
    """
    rows = [(group_residents * (count >= least)).sum(axis=-1) for least in range(most + 1)]
    return np.stack(rows)


def soft_exceedance(exposure: Float, norm: Float, bad: Float, weight: Float) -> Float:
    r"""Return S2 (...,), exceedances by their size: 0 at the norm, 1 where it is bad.

    Parameters
    ----------
    exposure : (..., layer)
    norm, bad, weight : (layer,)
        Two anchors of each exposure (assumptions), and a weight.

    Notes
    -----
    .. math:: S_i = \sum_k \omega_k \min\Big(1, \max\Big(0,
       \frac{c_{ik} - n_k}{n_k^{bad} - n_k}\Big)\Big)
    """
    over = np.clip((exposure - norm) / (bad - norm), 0.0, 1.0)
    return np.asarray((over * weight).sum(axis=-1))


def mgr_like(burden: Float, total: Float) -> Float:
    r"""Return S3 (...,), the environment's part of all burden of disease, in percent.

    MGR-like: RIVM's own rules of calculation are not public.

    Parameters
    ----------
    burden : (..., layer)
        DALY per year by each exposure.
    total : (...,)
        DALY per year by all causes, of the same people.

    Notes
    -----
    .. math:: MGR_i = 100 \sum_k DALY_{ik} \,/\, DALY_i^{tot}
    """
    return np.asarray(100.0 * burden.sum(axis=-1) / total)


def additive_fraction(fraction: Float) -> Float:
    r"""Return the plain sum of attributable fractions (...,), :math:`\sum_k AF_k`; may pass 1."""
    return np.asarray(fraction.sum(axis=-1))


def joint_fraction(fraction: Float) -> Float:
    r"""Return S4 (...,), the joint attributable fraction :math:`1 - \prod_k (1 - AF_k)`.

    Independence is assumed; never above 1, never above the plain sum.
    """
    return np.asarray(1.0 - np.prod(1.0 - fraction, axis=-1))


def multiplicative_risk(risk: Float) -> Float:
    r"""Return the product of relative risks (...,), :math:`RR_i = \prod_k RR_{ik}`.

    The joint fraction is :math:`1 - 1 / RR_i`.
    """
    return np.asarray(np.prod(risk, axis=-1))


def superadditive(burden: Float, interaction: float) -> Float:
    r"""Return S5 (...,), a sum of burdens with an interaction that nobody has measured.

    Parameters
    ----------
    burden : (..., layer)
    interaction
        :math:`\gamma`: 0 by default, 0.1 and 0.25 as scenarios (assumption).

    Notes
    -----
    .. math:: B_i = \sum_k b_{ik} + \gamma \sum_{k<l} \sqrt{b_{ik} b_{il}}
    """
    root = np.sqrt(burden)
    total = burden.sum(axis=-1)
    pairs = 0.5 * (root.sum(axis=-1) ** 2 - total)
    return np.asarray(total + interaction * pairs)


def burden_by_vulnerability(pressure: Float, vulnerability: Float) -> Float:
    """Return S6 (...,), pressure times vulnerability, both 0-1 (form of CalEnviroScreen).

    Relative to the city; a place without vulnerability scores zero whatever its pressure.
    """
    return np.asarray(pressure * vulnerability)


def in_tails(exposure: Float, edge: Float, least: int = 3) -> Bool:
    """Say where at least so many of the exposures (..., layer) are at their edge (layer,) or worse.

    At the edge counts: where many homes share one value, a fifth of them cannot be told apart.
    """
    return np.asarray((exposure >= edge).sum(axis=-1) >= least)


def stack_of_tails(
    exposure: Float, edge: Float, residents: Float, least: int = 3
) -> NDArray[np.float64]:
    """Return S7 (...,), the share of people in the worst tail of at least so many exposures.

    Parameters
    ----------
    exposure : (..., place, layer)
    edge : (layer,)
        Where the worst fifth began at the baseline; frozen, for somebody is always worst.
    residents : (place,)
    """
    inside = in_tails(exposure, edge, least)
    return np.asarray((inside * (residents / residents.sum())).sum(axis=-1))


def power_mean_score(score: Float, weight: Float, power: float) -> Float:
    r"""Return S8 (...,), a weighted power mean that limits compensation between exposures.

    Parameters
    ----------
    score : (..., layer)
        Normalised, 0-1.
    weight : (layer,)
        Sums to one.
    power
        2 to 4; 1 is the plain mean.

    Notes
    -----
    .. math:: B_i = \Big(\sum_k \omega_k z_{ik}^q\Big)^{1/q}
    """
    return np.asarray((score**power * weight).sum(axis=-1) ** (1.0 / power))


def fraction_forms(fraction: Float) -> pd.DataFrame:
    """Return additive, multiplicative and joint forms side by side, one row a place.

    Parameters
    ----------
    fraction : (place, layer)
        Attributable fractions below 1. The risk is :math:`1 / (1 - AF)`.
    """
    return pd.DataFrame(
        {
            "additive": additive_fraction(fraction),
            "joint": joint_fraction(fraction),
            "relative_risk": multiplicative_risk(1.0 / (1.0 - fraction)),
        }
    )


def policy_stacking(together: float, alone: Float) -> float:
    """Return how much more policies do together than the sum of each alone."""
    return float(together - alone.sum())


def rank_of(value: Float, today: Float, residents: Float) -> Float:
    r"""Return the share of residents who had less today, ties for half (same shape as value).

    Frozen at the baseline, so that a plan can bring a value beyond everything of today.

    Parameters
    ----------
    today, residents : (receptor,)

    Notes
    -----
    .. math:: z = \sum_{j: c_j < c} w_j + \tfrac12 \sum_{j: c_j = c} w_j
    """
    order = np.argsort(today, kind="stable")
    reached = np.concatenate([[0.0], np.cumsum(residents[order])]) / residents.sum()
    known = today[order]
    below = reached[np.searchsorted(known, value, side="left")]
    upto = reached[np.searchsorted(known, value, side="right")]
    return np.asarray(0.5 * (below + upto))


GES_EXPOSURE = {NOISE: "Lden", NO2: "NO2"}
"""Layers that have GES classes, and the exposure by which ``data/ges.csv`` calls them."""
GES_SUPPLIED = {"pm10": "PM10"}
"""Names of supplied factors that have GES classes."""
GES_NL = (
    "zeer goed",
    "goed",
    "redelijk",
    "vrij matig",
    "matig",
    "zeer matig",
    "onvoldoende",
    "ruim onvoldoende",
    "zeer onvoldoende",
)
"""Words of the scores 0-8, as GGD uses them."""


def ges_classes(exposure: str, settings: StackingSettings | None = None) -> pd.DataFrame:
    """Return the classes of one exposure: score, low (included), high (not), status and source.

    Those that a case brings, else of the edition that it chose, else of the default edition;
    NaN where a class has no end.
    """
    settings = settings or StackingSettings()
    for own in settings.ges_classes:
        if own.exposure == exposure:
            table = pd.DataFrame(own.classes, columns=["score", "low"])
            high = table["low"].shift(-1)
            return table.assign(high=high, status="confirmed", source=own.source)
    chosen = {str(name): edition for name, edition in settings.ges.items()}
    table = read_table("ges.csv").loc[[exposure]]
    edition = chosen.get(exposure, EDITIONS[exposure][0])
    return table[table["variant"] == edition].reset_index(drop=True)


def ges_score(exposure: str, value: Float, settings: StackingSettings | None = None) -> Float:
    """Return the GES score (0-8) of values of one exposure; not a number outside the classes.

    A map legend. Scores of different factors may not be added, and no search lowers them:
    the edges of the classes blow up small differences and hide large ones (GGD).
    """
    chosen = ges_classes(exposure, settings)
    low = chosen["low"].fillna(-np.inf).to_numpy(float)
    high = chosen["high"].fillna(np.inf).to_numpy(float)
    out = np.full(np.shape(value), np.nan)
    for k, score in enumerate(chosen["score"].to_numpy(float)):
        out[(value >= low[k]) & (value < high[k])] = score
    return out


def insufficient_factors(scores: Float) -> NDArray[np.int64]:
    """Return how many factors have a GES score of 6 or more (...,), from (..., factor)."""
    return np.asarray((scores >= GES_INSUFFICIENT).sum(axis=-1))


def is_priority(ses: Float, liveability: Float, share: float = 0.2) -> Bool:
    """Say where low SES meets low liveability (neighbourhood,): both in the lowest share.

    Parameters
    ----------
    ses, liveability : (neighbourhood,)
        SES-WOA and the Leefbaarometer, or one of its dimensions; higher is better. A
        neighbourhood that lacks either is never called a priority.
    share
        Part of the known neighbourhoods that counts as low (assumption: a fifth).
    """
    known = np.isfinite(ses) & np.isfinite(liveability)
    if not known.any():
        return np.zeros(ses.shape, bool)
    low = [np.quantile(part[known], share, method="lower") for part in (ses, liveability)]
    with np.errstate(invalid="ignore"):
        return np.asarray(known & (ses <= low[0]) & (liveability <= low[1]))
