"""A run directory judged again from its files alone, by somebody who did not make it.

Shares no code with the search and its repair: it knows the settings, the files, and what each
constraint means. Gives every breach of every plan of the front and of every proposal.
"""

from dataclasses import dataclass
from pathlib import Path

from evenground.verify.money import (
    check_budget,
    check_lines,
    check_priority,
    check_scores,
    check_spend,
)
from evenground.verify.plans import (
    batches,
    check_amounts,
    check_closed,
    check_ground,
    check_least,
    check_locked,
    check_options,
    check_spacing,
    lay_ground,
)
from evenground.verify.proposals import (
    check_burden,
    check_gain,
    check_no_harm,
    check_works,
    check_worse_off,
)
from evenground.verify.read import read_run
from evenground.verify.words import NAMES, Breach

__all__ = ["NAMES", "Breach", "Verdict", "check_run", "verify_run"]

PLAN_CHECKS = (
    check_options,
    check_amounts,
    check_least,
    check_closed,
    check_locked,
    check_ground,
    check_spacing,
    check_scores,
    check_budget,
    check_lines,
    check_spend,
    check_priority,
)
"""What is checked of every plan of the front."""
PROPOSAL_CHECKS = (check_works, check_burden, check_no_harm, check_gain, check_worse_off)
"""What is checked of every proposal besides."""
BATCH = 64
"""Plans that are checked together."""


@dataclass(frozen=True)
class Verdict:
    """What was found of a run."""

    breaches: tuple[Breach, ...]
    plans: int
    proposals: int


def check_run(folder: Path) -> Verdict:
    """Check every plan and every proposal of a run directory.

    Raises
    ------
    FaultyInputError
        If a file is missing or cannot be read, with every such file.
    """
    evidence = read_run(folder)
    ground = lay_ground(evidence)
    found = [
        breach
        for batch in batches(ground, BATCH)
        for check in PLAN_CHECKS
        for breach in check(batch, ground)
    ]
    found += [
        breach
        for told in evidence.proposals
        for check in PROPOSAL_CHECKS
        for breach in check(told, ground)
    ]
    return Verdict(tuple(found), len(evidence.plans), len(evidence.proposals))


def verify_run(path: str | Path) -> tuple[Breach, ...]:
    """Return every breach of every plan and proposal of a run directory; none where all hold.

    Raises
    ------
    FaultyInputError
        If a file is missing or cannot be read, with every such file.
    """
    return check_run(Path(path)).breaches
