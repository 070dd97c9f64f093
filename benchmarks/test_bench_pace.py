"""How well a search keeps to its time: seconds beyond the limit, seeds, search and bound together.

In a small town, or with ``EVENGROUND_BENCH=full`` in a city of 48 000 options. Each limit is tried
with small moves, which are short steps, and without, so that generations alone must fit. Run
it by ``make bench``.
"""

import time

import numpy as np
import pytest
from bars import Bars
from cities import IS_FULL, LARGE, SMALL

from evenground.config import read_settings
from evenground.miniature import write_miniature
from evenground.optimise import Search
from evenground.pipeline import Model, build_model
from evenground.pipeline.telling import prove_bound

LIMITS = (20.0, 60.0) if IS_FULL else (10.0, 20.0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("city")
    case = write_miniature(folder, seed=100, size=LARGE if IS_FULL else SMALL)
    built = build_model(read_settings(case), case.parent)
    run(built, 4.0, None)  # compiles, outside the clock
    return built


def run(
    model: Model, limit_s: float, local_share: float | None
) -> tuple[float, list[tuple[str, float]]]:
    """Search and prove within a limit; return the seconds of all, and of each step by its kind."""
    update = {"evaluations": 10**8, "time_limit_s": limit_s, "local_share": local_share}
    limited = model.with_search(model.problem.search.model_copy(update=update))
    kinds, moments = [], []

    def note(going: Search) -> None:
        kinds.append(str(going._phase))  # noqa: SLF001 - a snapshot would take its time
        moments.append(time.perf_counter())

    began = time.perf_counter()
    going = Search(limited.problem)
    note(going)
    while not going.is_over:
        going.step()
        note(going)
    prove_bound(limited, going.found())
    ended = time.perf_counter()
    took = [("seeds", moments[0] - began), *zip(kinds, np.diff(moments), strict=False)]
    return ended - began, [*took, ("bound", ended - moments[-1])]


@pytest.mark.parametrize("local_share", [None, 0.0])
@pytest.mark.parametrize("limit_s", LIMITS)
def test_bench_time_limit(
    model: Model, limit_s: float, local_share: float | None, bars: Bars
) -> None:
    took_s, steps = run(model, limit_s, local_share)

    what = "with small moves" if local_share is None else "generations alone"
    bars.add(
        f"time limit kept, {model.problem.empty.size} options, {what}: overrun, of {limit_s:.0f} s",
        f"{took_s:.2f} s",
        f"{limit_s:.0f} s",
        took_s / limit_s - 1.0,
        "<= 0.02",
    )
    longest: dict[str, float] = {}
    for kind, seconds in steps:
        longest[kind] = max(longest.get(kind, 0.0), float(seconds))
    told = ", ".join(f"{kind} {seconds:.2f} s" for kind, seconds in longest.items())
    bars.say(f"{limit_s:.0f} s, {what}: longest step of each kind: {told}")
    assert took_s > 0.5 * limit_s
