"""Whose turn it is, evolution's or that of small moves: by what each lately brought, or by shares.

Knows what turns brought and how many plans they tried; nothing of plans or of how they are
made. Nor does it know the clock, so that the same turns follow each other on any machine and
within any limit of time.
"""

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Literal, Protocol

from evenground.optimise.credit import Credit

Arm = Literal["evolve", "mend"]
"""A turn: one generation, or small moves of about as many plans."""
ARMS: tuple[Arm, ...] = ("evolve", "mend")

FORGETS = 0.5
"""Part of what an arm is held to bring that its last turn replaces by its own."""
WAITS = 8
"""Turns of which each arm has one at the least, for what it brought before is too old to go by."""


class Turns(Protocol):
    """A rule by which turns are given."""

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Who takes part."""

    def choose(self, possible: Sequence[Arm]) -> Arm:
        """Return whose turn it is, of those that can have one, of whom there is one at least."""

    def note(self, arm: Arm, gain: float, tried: int) -> None:
        """Take in what hypervolume a turn added, and how many plans it took."""

    def told(self) -> dict[str, Any]:
        """Return all that it takes to go on, as JSON holds it."""

    def go_on(self, told: Mapping[str, Any]) -> None:
        """Take over what was told."""


class ByGain:
    """The turn goes to whoever lately brought more hypervolume for each plan.

    What turns bring falls as a front grows, and of whoever has no turn it gets old: every
    :data:`WAITS` turns each has one at the least.
    """

    arms = ARMS

    def __init__(self) -> None:
        self._credit = {arm: Credit(FORGETS) for arm in ARMS}
        self._waited = dict.fromkeys(ARMS, 0)

    def choose(self, possible: Sequence[Arm]) -> Arm:
        """Return who waited too long, else who is held to bring most."""
        late = [arm for arm in possible if self._waited[arm] >= WAITS - 1]
        return late[0] if late else max(possible, key=self._expected)

    def note(self, arm: Arm, gain: float, tried: int) -> None:
        """Take in what a turn added; all others have waited a turn longer."""
        self._credit[arm].note(gain, tried)
        self._waited = {other: waited + 1 for other, waited in self._waited.items()} | {arm: 0}

    def told(self) -> dict[str, Any]:
        """Return what each is held to bring, and how long it waited."""
        usual = {arm: credit.usual for arm, credit in self._credit.items()}
        return {"usual": usual, "waited": self._waited}

    def go_on(self, told: Mapping[str, Any]) -> None:
        """Take over what was told."""
        self._waited = dict(told["waited"])
        for arm, credit in self._credit.items():
            credit.usual = told["usual"][arm]

    def _expected(self, arm: Arm) -> float:
        """Return what a plan of a turn is held to bring; most of one that was never tried."""
        usual = self._credit[arm].usual
        return inf if usual is None else usual


class ByShare:
    """Small moves have a fixed share of the plans.

    Parameters
    ----------
    share
        Of all plans that turns take (0-1).
    """

    def __init__(self, share: float) -> None:
        self._aim: dict[Arm, float] = {"evolve": 1.0 - share, "mend": share}
        self._tried = dict.fromkeys(ARMS, 0)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Who has a share."""
        return tuple(arm for arm in ARMS if self._aim[arm] > 0.0)

    def choose(self, possible: Sequence[Arm]) -> Arm:
        """Return who is furthest behind its share."""
        whole = sum(self._tried.values())
        return max(possible, key=lambda arm: self._aim[arm] * whole - self._tried[arm])

    def note(self, arm: Arm, gain: float, tried: int) -> None:  # noqa: ARG002 - the face of all rules
        """Take in how many plans a turn took."""
        self._tried[arm] += tried

    def told(self) -> dict[str, Any]:
        """Return how many plans each had."""
        return {"tried": self._tried}

    def go_on(self, told: Mapping[str, Any]) -> None:
        """Take over what was told."""
        self._tried = dict(told["tried"])


def turns_by(share: float | None) -> Turns:
    """Return the rule for a share of the plans; None = by what each brings."""
    return ByGain() if share is None else ByShare(share)
