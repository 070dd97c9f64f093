"""What steps bring for each plan they try, against what steps brought lately.

Knows hypervolume and numbers of plans; nothing of plans or of what a step does.
"""

from dataclasses import dataclass


@dataclass
class Credit:
    """Hypervolume that steps lately brought for each plan they tried.

    Parameters
    ----------
    forgets
        Part of what is held to be usual that a step replaces by its own.
    usual
        What is held to be usual; None while there was no step.
    """

    forgets: float
    usual: float | None = None

    def note(self, gain: float, tried: int) -> bool:
        """Take in what a step brought, and say whether that is no less than usual, for each plan.

        Parameters
        ----------
        gain
            Hypervolume that it added.
        tried
            How many plans it took.
        """
        rate = gain / max(tried, 1)
        usual = rate if self.usual is None else self.usual
        self.usual = usual + self.forgets * (rate - usual)
        return rate >= usual
