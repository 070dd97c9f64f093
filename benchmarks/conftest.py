"""One table of bars for all benchmarks: printed at the end, and kept on request."""

import os
from pathlib import Path

import pytest
from bars import Bars, keep, text_of

INTRODUCTION = """# What was measured

Both sides of every ratio come from one run on one machine; times in one row were taken in turn.
`make bench` prints such a table for small sizes. `EVENGROUND_BENCH` makes it larger: `half` and
`full` (hours); `EVENGROUND_SWEEP_RUNS` is the number of runs of a sweep. With
`EVENGROUND_BENCH_KEEP=1` what was measured replaces, benchmark by benchmark, what is kept here
and in `results.json`; each tells its sizes. Sweeps were measured with 200 runs.

"""
MEASURED = pytest.StashKey[dict[str, Bars]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MEASURED] = {}


@pytest.fixture
def bars(request: pytest.FixtureRequest) -> Bars:
    """Return what the benchmarks of this file measured so far."""
    name = request.path.stem.removeprefix("test_bench_")
    return request.config.stash[MEASURED].setdefault(name, Bars(name))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    measured = [found for found in config.stash[MEASURED].values() if found.rows or found.said]
    if not measured:
        return
    terminalreporter.write_line("\n" + text_of(measured))
    if os.environ.get("EVENGROUND_BENCH_KEEP"):
        folder = Path(__file__).parent
        told = INTRODUCTION + text_of(keep(measured, folder))
        (folder / "RESULTS.md").write_text(told, encoding="utf-8")
