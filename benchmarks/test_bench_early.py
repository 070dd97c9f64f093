"""How soon a front is of use: what a city has after 0.5 s of 12 s.

Or one of 48 000 options after 5 s of 120 s, with ``EVENGROUND_BENCH=full``. Run it by
``make bench``.
"""

from pathlib import Path

from bars import Bars
from cities import IS_FULL, LARGE, SMALL, problem_of

from evenground.optimise import search

EARLY_S, WHOLE_S = (5.0, 120.0) if IS_FULL else (0.5, 12.0)


def test_bench_early(tmp_path: Path, bars: Bars) -> None:
    problem = problem_of(LARGE if IS_FULL else SMALL, 0, tmp_path)
    problem.scores(problem.empty[None, :])  # compiles outside the clock
    update = {"evaluations": 10**8, "time_limit_s": WHOLE_S}
    limited = problem.with_search(problem.search.model_copy(update=update))
    search(problem.with_search(limited.search.model_copy(update={"time_limit_s": 2.0})))

    history = search(limited).history

    early = history[history["seconds"] <= EARLY_S]
    reached = float(early["hypervolume"].max()) if len(early) else 0.0
    final = float(history["hypervolume"].iloc[-1])
    bars.add(
        f"hypervolume after {EARLY_S:g} s as a share of that after {WHOLE_S:.0f} s, "
        f"{problem.empty.size} options",
        f"{reached:.4f}",
        f"{final:.4f}",
        reached / final,
        ">= 0.75",
    )
    seeds = history[history["by"] == "seed"]
    for place in (0, 1, len(seeds) // 4, len(seeds) - 1):
        told = seeds.iloc[place]
        share = told["hypervolume"] / final
        bars.say(f"{told['evaluated']} seeds after {told['seconds']:.1f} s: {share:.3f}")
    assert final > 0.0
