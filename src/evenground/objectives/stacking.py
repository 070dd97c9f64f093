"""Several burdens on the same people: the stacking measure and its relatives.

Takes burdens per layer at receptors. The compiled kernel computes the same
measure for many plans; the plain form here is what it is tested against. The
power and the weights are value judgements, not biology.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenground.evaluation import DoseResponse, Evaluation, Evaluator, Stack
from evenground.names import BURDEN_LAYERS, LAYERS

Float = NDArray[np.float64]
Index = NDArray[np.int32]


def stacking(
    burden: Float, reference: Float, residents: Float, vulnerability: Float, power: float
) -> Float:
    r"""Return the stacking of each receptor, weighted by its residents (receptor,).

    Parameters
    ----------
    burden : (receptor, layer)
        DALY per resident per year.
    reference : (layer,)
        Burden that counts as one, in the same unit.
    residents, vulnerability : (receptor,)
        Persons, and their weight 1 + lambda v.

    Notes
    -----
    .. math:: \Phi_i = N_i (1 + \lambda v_i) \Big(\tfrac1K \sum_k \tilde b_{ik}^q\Big)^{1/q}
    """
    scaled = np.divide(burden, reference, out=np.zeros_like(burden), where=reference > 0.0)
    return residents * vulnerability * power_mean(scaled, power)


def power_mean(scores: Float, power: float) -> Float:
    r"""Return the power mean over the last axis: 1 is the plain mean, more shuns peaks.

    Parameters
    ----------
    scores : (..., layer)
        Burden of each layer over its reference.

    Notes
    -----
    .. math:: \Big(\tfrac1K \sum_k s_k^q\Big)^{1/q}
    """
    return np.asarray(np.mean(scores**power, axis=-1) ** (1.0 / power))


def vulnerability(ses_rank: Float) -> Float:
    """Return vulnerability (0-1): one minus the SES rank, a neutral half where it is unknown.

    Parameters
    ----------
    ses_rank : (neighbourhood,)
        Population mid-rank of SES-WOA (0-1).
    """
    return np.where(np.isnan(ses_rank), 0.5, 1.0 - ses_rank)


def per_resident(dose: DoseResponse, group_residents: Float) -> Float:
    """Return DALY per year per resident and unit of response (channel, neighbourhood)."""
    share = group_residents / np.maximum(group_residents.sum(axis=0), 1e-300)
    return np.asarray(np.einsum("cgn,gn->cn", dose.coefficient, share))


def receptor_burden(dose: DoseResponse, rate: Float, exposure: Float, zone: Index) -> Float:
    """Return DALY per year per resident (receptor, layer), in the order of ``BURDEN_LAYERS``.

    Parameters
    ----------
    rate : (channel, neighbourhood)
        DALY per year per resident and unit of response.
    exposure : (layer, receptor)
        In the order of ``LAYERS``.
    zone : (receptor,)
    """
    burden = np.zeros((zone.size, len(BURDEN_LAYERS)))
    for k, layer in enumerate(BURDEN_LAYERS):
        index = LAYERS.index(layer)
        for channel in np.flatnonzero(dose.layer == index).tolist():
            burden[:, k] += dose.respond(channel, exposure[index]) * rate[channel, zone]
    return burden


def references(burden: Float, residents: Float) -> Float:
    """Return the burden that counts as one (layer,): the residents' 90th percentile.

    Parameters
    ----------
    burden : (receptor, layer)
    residents : (receptor,)
    """
    out = np.empty(burden.shape[1])
    for k, column in enumerate(burden.T):
        order = np.argsort(column, kind="stable")
        reached = np.cumsum(residents[order]) / residents.sum()
        out[k] = column[order][np.searchsorted(reached, 0.9)]
    return out


def build_stack(
    evaluator: Evaluator,
    dose: DoseResponse,
    group_residents: Float,
    receptors: tuple[NDArray[np.int32], Float],
    ses_rank: Float,
    *,
    power: float,
    weight: float,
) -> Stack:
    """Freeze the stacking measure at the baseline.

    Parameters
    ----------
    receptors
        Neighbourhood and residents (receptor,).

    Notes
    -----
    The reference of a layer is the resident-weighted 90th percentile of its burden today.
    """
    zone, residents = receptors
    rate = per_resident(dose, group_residents)
    exposure = evaluator.exposure(np.zeros(evaluator.n_option, np.int16)).astype(float)
    burden = receptor_burden(dose, rate, exposure, zone)
    reference = np.zeros(len(LAYERS))
    reference[[LAYERS.index(layer) for layer in BURDEN_LAYERS]] = references(burden, residents)
    is_stacked = np.array([layer in BURDEN_LAYERS for layer in LAYERS])
    stack = Stack(rate, 1.0 + weight * vulnerability(ses_rank), power, is_stacked, reference)
    return restack(stack, dose, group_residents)


def restack(stack: Stack, dose: DoseResponse, group_residents: Float) -> Stack:
    """Return the stack for other functions or rates, measured by the same reference.

    Parameters
    ----------
    group_residents : (group, neighbourhood)
        Persons.
    """
    rate = per_resident(dose, group_residents)
    reference = stack.reference[dose.layer][:, None]
    factor = np.zeros(rate.shape)
    np.divide(rate, reference, out=factor, where=reference > 0.0)
    return replace(stack, factor=factor)


def stacking_score(evaluation: Evaluation) -> Float:
    """Return the stacking of all residents together (candidate,)."""
    return np.asarray(evaluation.stacking.sum(axis=-1))
