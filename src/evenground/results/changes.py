"""What changed since last night: inputs, settings, program, scores and places.

Plain records; made where two runs are at hand, shown on one page.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class InputChange:
    """One input beside that of last night."""

    path: str
    change: str
    """``same``, ``changed``, ``new`` or ``gone``."""
    words: str
    """What changed, in Dutch."""


@dataclass(frozen=True)
class SettingChange:
    """A setting, or a version, that is otherwise than last night."""

    name: str
    then: str
    now: str


@dataclass(frozen=True)
class Moved:
    """One score of one proposal, and what moved it; None where it is not known.

    ``then + data + settings + program + search = now``; ``together`` stands for the sum of
    data, settings and program where these cannot be told apart.
    """

    plan: str
    """Id of the proposal; ``today`` = as things are, without a plan."""
    score: str
    then: float | None
    data: float | None
    settings: float | None
    program: float | None
    together: float | None
    search: float | None
    """Another plan was found or picked: by the other search, with all else equal."""
    now: float | None


@dataclass(frozen=True)
class Place:
    """A place where proposals build something, or built it last night."""

    intervention: str
    neighbourhood: str
    x_m: float
    y_m: float
    proposals: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """All that changed since last night."""

    run: str
    last: str
    """Empty on the first night."""
    inputs: tuple[InputChange, ...]
    settings: tuple[SettingChange, ...]
    program: tuple[SettingChange, ...]
    moved: tuple[Moved, ...]
    entered: tuple[Place, ...]
    left: tuple[Place, ...]
    kept: int
    """Places that some proposal builds on in both nights."""
    lost_works: int
    """Works of last night's proposals for which there is no option any more."""
    remarks: tuple[str, ...]
    """What could not be told apart or read, in Dutch."""
