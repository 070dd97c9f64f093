"""What can go wrong in a way that a user can mend.

One class per kind of mend. Everything else that is raised is our fault and
keeps its traceback. Faults in inputs are collected and raised together, each
line with its address, so that a case is mended in one round.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

WRONG_INPUT, NO_PLAN = 2, 3
"""Exit codes: an input is wrong; no plan, or not every plan of a run that is verified, satisfies
what was asked."""


class EvengroundError(Exception):
    """Base of all errors that a user can mend."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input: where it is, what it is, how to mend it."""

    place: str
    """File, and where it helps the layer, column, row or key."""
    finding: str
    """What was found, and what was expected."""
    cure: str
    """What the user can do about it."""

    def __str__(self) -> str:
        return _on_one_line(f"{self.place}: {self.finding} {self.cure}")


class FaultyInputError(EvengroundError):
    """Base of errors that carry a list of faults.

    Parameters
    ----------
    faults
        At least one; shown one on a line.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Fault, ...]]]:
        """Return how it is made again in another process: of its faults, not of their text."""
        return type(self), (self.faults,)


class ConfigError(FaultyInputError):
    """The case file itself is wrong."""


class DataError(FaultyInputError):
    """A file that the case names is wrong."""


class StorageError(FaultyInputError):
    """A place where something must be written refuses it."""


class SearchError(EvengroundError):
    """No plan satisfies what was asked."""


class StoppedError(EvengroundError):
    """Work was stopped before its end, and can be resumed."""


LONGEST = 80
"""Most letters of one value that are shown in an error."""


def few(values: Iterable[object], most: int = 5) -> str:
    """Values as text: at most five, none of them long, then the count of the others."""
    shown = list(values)
    rest = len(shown) - most
    return ", ".join(map(shorten, shown[:most])) + (f" and {rest} more" if rest > 0 else "")


def shorten(value: object) -> str:
    """Return a value as text, cut off where it is long."""
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _on_one_line(text: str) -> str:
    """Return a text without line ends and signs that a terminal would obey."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
