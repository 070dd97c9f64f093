"""Our search against those of pymoo, jMetalPy and Platypus, on invented cities of 48 000 options.

At the same wall-clock time, and at the same number of plans, all with our evaluation. How many
cities and seeds, and how long, is set by ``EVENGROUND_BENCH``: ``quick`` (the default of a
trial), ``half``, or ``full``.
"""

from pathlib import Path

import pytest
from bars import Bars
from cities import LARGE

pytest.importorskip("jmetal", reason="the peers are not installed; run make bench")
pytest.importorskip("platypus", reason="the peers are not installed; run make bench")

from versus import Contest, chosen

CONTESTS = {
    "quick": (),
    "half": (
        Contest("large", LARGE, ">= 3", 8, 5, 5.0, 0),
        Contest("large", LARGE, ">= 3", 1, 1, 60.0, 0),
    ),
    "full": (Contest("large", LARGE, ">= 3", 8, 5, 60.0, 2000),),
}
CHOSEN = chosen(CONTESTS)


@pytest.mark.parametrize("contest", CHOSEN, ids=[f"{one.seconds:.0f} s" for one in CHOSEN])
@pytest.mark.parametrize("equal", ["time", "plans"])
def test_bench_search_large(contest: Contest, equal: str, tmp_path: Path, bars: Bars) -> None:
    ratios = contest.hold(equal, tmp_path, bars)

    assert min(ratios) > 0.0
