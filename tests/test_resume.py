"""A run that is killed at any instant is gone on with, and ends with the same bytes.

With real processes and SIGKILL. ``EVENGROUND_KILLS`` sets how many, 30 where absent.
"""

import hashlib
import multiprocessing
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from unittest.mock import patch

import pytest
import resume_child

from evenground.errors import DataError
from evenground.miniature import MiniatureSize, write_miniature
from evenground.optimise.checkpoints import KEPT, read
from evenground.pipeline import Going, locate
from evenground.runs import check_sums, read_manifest

KILLS = int(os.environ.get("EVENGROUND_KILLS", "30"))
HAMLET = MiniatureSize(400, 400, 50, 3, 600)
PATIENCE_S = 300.0


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_miniature(tmp_path_factory.mktemp("hamlet"), seed=7, size=HAMLET)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Return what starts processes that have imported everything, and that do not compile."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["resume_child"])
    # plain loops do a hamlet in a second, and start no threads that a fork would lose
    around = {"NUMBA_DISABLE_JIT": "1", "PYTHONWARNINGS": "ignore"}
    # what is imported beforehand is looked for by this alone (Python 3.11)
    around["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    with patch.dict(os.environ, around):
        forkserver.ensure_running()
    return context


Start = Callable[..., ForkServerProcess]


@pytest.fixture
def start(processes: ForkServerContext) -> Iterator[Start]:
    """Give what starts a process, and end what is left of them."""
    begun = []

    def begin(target: Callable[..., None], *words: object, **more: object) -> ForkServerProcess:
        process = processes.Process(target=target, args=words, kwargs=more)
        process.start()
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.join()


def front_of(out: Path) -> str:
    """Return the SHA-256 of the one front in a folder."""
    (path,) = out.glob("[!.]*/front.nc")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def finish(process: ForkServerProcess) -> None:
    process.join(PATIENCE_S)
    assert process.exitcode == 0


def checkpoints(out: Path) -> list[Path]:
    return sorted(out.glob(".*.unfinished/checkpoints/*.json"))


def phase_left(out: Path) -> str:
    """Return how far a killed run was, and see that every checkpoint can be read."""
    if any(out.glob("[!.]*/front.nc")):
        return "whole"
    found = checkpoints(out)
    assert len(found) <= KEPT + 1
    told = [read(path)[1].told for path in found]
    if not told:
        return "start"
    return str(told[-1]["phase"]) if told[-1]["has_begun"] else "seeds"


def until(is_so: Callable[[], bool], process: ForkServerProcess) -> None:
    """Wait for something that a process does."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert process.exitcode is None, "it ended before"
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.002)


def kill_after(process: ForkServerProcess, out: Path, wait_s: float, *, moved: bool) -> bool:
    """Kill a run after a while, and say whether it was still there.

    Parameters
    ----------
    moved
        Count the while from the first thing that it writes, not from its start.
    """
    before, end = checkpoints(out), time.monotonic() + PATIENCE_S
    while moved and process.exitcode is None and checkpoints(out) == before:
        assert time.monotonic() < end
        time.sleep(0.002)
    process.join(wait_s)
    if process.exitcode is not None:
        assert process.exitcode == 0
        return False
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    return True


@pytest.mark.slow
def test_run__killed_at_any_instant_ends_with_the_same_bytes(
    hamlet: Path, tmp_path: Path, start: Start
) -> None:
    chance = random.Random(20261126)  # noqa: S311 - when to kill is no secret
    finish(start(resume_child.find_front, hamlet, tmp_path / "first"))
    began = time.monotonic()
    finish(start(resume_child.find_front, hamlet, tmp_path / "quiet"))
    whole_s, quiet = time.monotonic() - began, front_of(tmp_path / "quiet")

    kills, lives = Counter[str](), 0
    while kills.total() < KILLS:
        out = tmp_path / f"life-{lives}"
        lives += 1
        while not any(out.glob("[!.]*/front.nc")):
            process = start(resume_child.find_front, hamlet, out)
            if kills.total() == KILLS:
                finish(process)
                continue
            # some at the start and while the city is read, most during the search
            moved = chance.random() < 0.7
            wait_s = chance.uniform(0.0, 0.4 * whole_s if moved else whole_s)
            if kill_after(process, out, wait_s, moved=moved):
                kills[phase_left(out)] += 1
        assert front_of(out) == quiet, f"life {lives} after {kills}"

    print(f"{kills.total()} kills in {lives} lives, by what was left: {dict(kills)}")  # noqa: T201 - the figure
    # spread over a run
    assert len(kills) >= min(3, KILLS // 10)


@pytest.mark.slow
def test_command__stopped_then_killed_while_it_writes_goes_on_without_a_second_search(
    hamlet: Path, tmp_path: Path, start: Start
) -> None:
    out, said = tmp_path / "out", tmp_path / "said.txt"
    case = resume_child.write_short(hamlet, tmp_path / "case.toml")
    words = ("run", case, "--data", hamlet.parent, "--out", out)

    process = start(resume_child.command, said, *words)
    until(lambda: bool(checkpoints(out)), process)
    os.kill(process.pid or 0, signal.SIGUSR1)
    process.join(PATIENCE_S)

    assert process.exitcode == 4
    told = said.read_text(encoding="utf-8")
    found = re.search(r"Stopped before the end\. Go on with: evenground run --resume (\S+)", told)
    assert found
    name = Path(found[1])
    assert not name.exists()

    process = start(resume_child.command, said, "run", "--resume", name)
    until(lambda: any(out.glob(".*.partial/front.nc")), process)
    process.kill()
    process.join()
    assert phase_left(out) == "over"

    finish(start(resume_child.command, said, *words))

    assert list(out.iterdir()) == [name]
    assert check_sums(name).are_right
    assert read_manifest(name)["resumed"] == 2
    log = (name / "run.log").read_text(encoding="utf-8")
    assert "120 plannen waren doorgerekend" in log
    assert "hypervolume" not in log
    finish(start(resume_child.find_front, hamlet, tmp_path / "quiet"))
    assert front_of(out) == front_of(tmp_path / "quiet")


@pytest.mark.slow
def test_command__given_other_settings_starts_anew_and_fresh_gives_up_the_old(
    hamlet: Path, tmp_path: Path, start: Start
) -> None:
    out = tmp_path / "out"
    killed = start(resume_child.find_front, hamlet, out)
    until(lambda: bool(checkpoints(out)), killed)
    assert kill_after(killed, out, 0.0, moved=False)
    (left,) = out.glob(".*.unfinished")

    # another seed asks something else: it finds its own front, and leaves the old where it is
    finish(start(resume_child.find_front, hamlet, out, seed=5))
    assert left.exists()
    with pytest.raises(DataError, match="no unfinished run is there"):
        locate(tmp_path)
    assert locate(out) == left
    assert locate(left) == left
    target = Going(left, 0).target
    assert locate(target) == left
    with pytest.raises(DataError, match="this run is finished"):
        locate(next(out.glob("[!.]*")))

    finish(start(resume_child.find_front, hamlet, out, fresh=True))
    assert not left.exists()
    assert not target.exists()
    assert len(list(out.iterdir())) == 2
