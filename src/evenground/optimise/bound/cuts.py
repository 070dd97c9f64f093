"""Scores by planes below them: linear functions of the plan that grow in number with the search.

Takes a problem and what its burden is made of; gives scores of which a bound is known, each as a
convex function of the sums of neighbourhoods, with the lines below those sums.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from evenground.evaluation import Frame
from evenground.objectives import burden_derivative
from evenground.objectives.inequality import inequality_score
from evenground.optimise.bound.city import City
from evenground.optimise.bound.minorants import Minorants
from evenground.optimise.problem import Problem

Float = NDArray[np.float64]


@dataclass
class Pool:
    """Linear functions of the plan below the sums of neighbourhoods, as rows; see ``Minorants``."""

    ways: tuple[Minorants, ...]
    zone: list[NDArray[np.int64]] = field(default_factory=list)
    constant: list[Float] = field(default_factory=list)
    slope: list[csr_array] = field(default_factory=list)

    def add(self, plan: Float, above: Float | None = None) -> Float:
        """Add what is tightest at a plan (option,); return the sums there (neighbourhood,).

        Parameters
        ----------
        above
            Only neighbourhoods in which it is above these sums (neighbourhood,).
        """
        highest = None
        for lines in self.ways:
            constant, slope = lines.cut(plan)
            value = np.asarray(constant + slope @ plan)
            chosen = np.arange(value.size) if above is None else np.flatnonzero(value > above)
            self.zone.append(chosen)
            self.constant.append(constant[chosen])
            self.slope.append(csr_array(slope[chosen]))
            highest = value if highest is None else np.maximum(highest, value)
        return np.asarray(highest)

    @cached_property
    def shared(self) -> csr_array:
        """Parts of changes that options make together, never above one (row, option)."""
        return csr_array(vstack([lines.shared for lines in self.ways], format="csr"))

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(sum(part.size for part in self.zone))


@dataclass
class Score:
    """A score as a convex function of the sums of neighbourhoods, by planes below it."""

    name: str
    pool: Pool
    plane: Callable[[Float], tuple[float, Float]]
    """From sums to the score and its slope (neighbourhood,), nowhere below zero."""
    is_linear: bool
    value: list[float] = field(default_factory=list)
    slope: list[Float] = field(default_factory=list)

    def add(self, sums: Float) -> float:
        """Add the plane at sums (neighbourhood,); return the score there."""
        score, slope = self.plane(sums)
        if not (self.is_linear and self.value):
            self.value.append(score - float(slope @ sums))
            self.slope.append(slope)
        return score


class OutOfTimeError(Exception):
    """The time for lines below burdens is over, and they are not whole."""


class Makers:
    """Makes scores of which a bound is known; the lines below burdens are made once.

    Parameters
    ----------
    ends
        Moment after which no lines are made any more.

    Raises
    ------
    OutOfTimeError
        By whatever makes lines, where that is past.
    """

    def __init__(self, problem: Problem, city: City, ends: float = np.inf) -> None:
        self._problem, self._city, self._ends = problem, city, ends
        self._burden: Pool | None = None

    @property
    def concave_share(self) -> float:
        """Share of the noise burden of today that is met by chains."""
        return np.nan if self._burden is None else self._burden.ways[0].concave_share

    def by_layer(self, plan: Float) -> dict[int, tuple[float, float, float]]:
        """Return burden today, burden of a plan, and the highest line below it, by layer."""
        found = [lines.by_layer(plan) for lines in self.pool().ways]
        return {
            layer: (today, then, max(way[layer][2] for way in found))
            for layer, (today, then, _) in found[0].items()
        }

    def pool(self) -> Pool:
        """Return the lines below burdens in DALY per year."""
        if self._burden is None:
            self._burden = self._pool(self._city.rate)
        return self._burden

    def make(self, name: str) -> Score | None:
        """Return a score by its planes; None where no bound is known."""
        problem, city = self._problem, self._city
        frame = problem.frame
        if name == "burden":
            return Score(name, self.pool(), _total, is_linear=True)
        if name == "inequality":
            return Score(name, self.pool(), lambda sums: _kolm_pollak(frame, sums), is_linear=False)
        if name == "ses_gradient":
            today = city.burden(city.rate, city.baseline)
            per_resident = 1000.0 * today / np.maximum(frame.residents, 1e-300)
            weight = burden_derivative(name, per_resident, frame)
            return Score(name, self._pool(city.rate * weight), _total, is_linear=True)
        if name == "access":
            return Score(name, self._pool(self._access()), _total, is_linear=True)
        return None

    def _access(self) -> Float:
        """Return what the shortfall of a resident adds to the mean (channel, neighbourhood)."""
        frame, city = self._problem.frame, self._city
        people = city.group_residents.sum(axis=0)
        rate = np.zeros(city.rate.shape)
        part = np.divide(frame.residents, people, out=np.zeros_like(people), where=people > 0.0)
        rate[frame.access_channel] = part / max(float(frame.residents.sum()), 1e-300)
        return rate

    def _pool(self, rate: Float) -> Pool:
        """Return lines below sums of responses, with those at the empty plan."""
        ways = [
            Minorants(self._city, self._problem.rules, rate, together=together, check=self._check)
            for together in (False, True)
        ]
        is_same = ways[0].shared.shape == ways[1].shared.shape
        is_same = is_same and (ways[0].shared - ways[1].shared).nnz == 0
        pool = Pool(tuple(ways[:1] if is_same else ways))
        self._check()
        pool.add(self._problem.empty.astype(float))
        return pool

    def _check(self) -> None:
        """See that there is time left."""
        if time.monotonic() >= self._ends:
            raise OutOfTimeError


def _total(sums: Float) -> tuple[float, Float]:
    """Return the sum over neighbourhoods and its slope."""
    return float(sums.sum()), np.ones(sums.size)


def _kolm_pollak(frame: Frame, sums: Float) -> tuple[float, Float]:
    """Return the Kolm-Pollak measure of burdens (neighbourhood,) and its slope."""
    kept = frame.is_assessed & (frame.residents > 0.0)
    per_resident = np.where(kept, 1000.0 * sums / np.maximum(frame.residents, 1e-300), 0.0)
    value = inequality_score(per_resident[None, kept], frame.residents[kept], frame.kappa)
    return float(value[0]), burden_derivative("inequality", per_resident, frame)
