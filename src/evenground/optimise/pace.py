"""How a search keeps to its time: what each kind of step takes, and whether one more fits.

A search that is cut off ends at most :data:`SLACK` of its time late, and hands over before it
rather than after it. The bound that follows is part of the promise and gets its share.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from evenground.config import SearchSettings

SLACK = 0.01
"""Share of the whole time by which a step may be expected to end too late."""
BOUND_PART = 0.2
"""Share of the time that the bound gets at most."""
LEAST_BOUND_S = 3.0
"""Seconds below which there is no bound: making its lines may take longer."""
SEEDS_PART = 0.5
"""Share of the time of the search after which no more seeds are made."""


def time_of_search(settings: SearchSettings, lines_s: float = 0.0) -> float | None:
    """Return the seconds of seeds, generations and small moves; None = without limit.

    Parameters
    ----------
    lines_s
        Seconds that a bound takes at the least. Where it does not fit, the search has its time.

    Examples
    --------
    >>> settings = SearchSettings(seed=1, budget_eur=1.0, time_limit_s=60.0, bound_time_s=20.0)
    >>> time_of_search(settings)
    48.0
    >>> time_of_search(settings, lines_s=15.0)
    60.0
    """
    limit = settings.time_limit_s
    if limit is None:
        return None
    kept = min(settings.bound_time_s, BOUND_PART * limit)
    return limit - kept if kept >= max(LEAST_BOUND_S, lines_s) else limit


def time_of_bound(settings: SearchSettings, spent_s: float, lines_s: float = 0.0) -> float:
    """Return the seconds that are left for the bound; none where it does not fit.

    Parameters
    ----------
    spent_s
        Seconds that the search took.
    lines_s
        Seconds that a bound takes at the least.
    """
    limit = settings.time_limit_s
    if limit is None:
        return settings.bound_time_s
    left = min(settings.bound_time_s, limit - spent_s)
    # a search that ended a little late costs no bound
    return left if left >= 0.9 * max(LEAST_BOUND_S, lines_s) else 0.0


class Pace:
    """The time of a search.

    Parameters
    ----------
    limit_s
        Most seconds; None = without limit.
    spent_s
        Seconds that the search took before it was gone on with.
    takes
        Seconds that a step of each kind took by then.
    """

    def __init__(
        self,
        limit_s: float | None,
        spent_s: float = 0.0,
        takes: Mapping[str, float] | None = None,
    ) -> None:
        self.limit_s = limit_s
        self._began = time.monotonic() - spent_s
        self.takes = dict(takes or {})

    @property
    def spent(self) -> float:
        """Seconds of the search so far."""
        return time.monotonic() - self._began

    def is_past(self, part: float) -> bool:
        """Say whether more than a part of the time is spent."""
        return self.limit_s is not None and self.spent >= part * self.limit_s

    @contextmanager
    def timed(self, kind: str) -> Iterator[None]:
        """Measure a step of a kind, by which the next is judged."""
        began = time.monotonic()
        yield
        took = time.monotonic() - began
        # a step may take longer than the last: half of the longest seen lasts
        self.takes[kind] = max(took, 0.5 * (took + self.takes.get(kind, took)))

    def expect(self, kind: str, seconds: float) -> None:
        """Say what a step of a kind takes, before there was one; of several the least counts."""
        self.takes[kind] = min(seconds, self.takes.get(kind, seconds))

    def fits(self, kind: str, until_s: float | None = None) -> bool:
        """Say whether one more step of a kind ends in time, or before an earlier moment."""
        if self.limit_s is None:
            return True
        end = self.limit_s if until_s is None else min(until_s, self.limit_s)
        if self.spent >= end:
            return False
        return self.spent + self.takes.get(kind, 0.0) <= end + SLACK * self.limit_s
