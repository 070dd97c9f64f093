"""Carries a sweep out on Dask: workers of this machine, or of any scheduler there is.

Every run is one task. What is finished is read from the store, never asked of Dask, so that
whatever dies, only what is missing is done again.
"""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import dask
from distributed import Client, Future, LocalCluster

from evenground.errors import EvengroundError, StoppedError
from evenground.sweep.order import carry_out_order
from evenground.sweep.plan import Plan
from evenground.sweep.store import Store
from evenground.sweep.task import write_order
from evenground.unfinished import unfinished

logger = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
"""Called with the runs that are finished and all runs."""

LOST_WORKERS = 10
"""Workers that may die under one run before it is given up: one dies by its own fault, another
because its machine is taken away. A later resume tries again."""
LOOK_S = 0.1
"""Seconds between two looks at what has come; tasks do not wait for them."""
PATIENCE_S = 60.0
"""Seconds to reach a scheduler."""
DEATH_S = 60.0
"""Seconds after which a worker without a scheduler ends."""


@dataclass(frozen=True)
class Helpers:
    """Who carries runs out: workers of this machine, or those of a scheduler."""

    workers: int | None = None
    """Of this machine; absent = one for each core."""
    scheduler: str | None = None
    scheduler_file: Path | None = None


@dataclass(frozen=True)
class Tally:
    """What came of a sweep."""

    total: int
    before: int
    """Finished before it began."""
    finished: int
    faults: dict[str, str]
    """What went wrong, by key of the run; the others were carried out."""


def carry_out_all(
    plan: Plan, folder: Path, helpers: Helpers, progress: Progress | None = None
) -> Tally:
    """Carry out every run that is not finished, and return what came of them.

    Raises
    ------
    StoppedError
        If the scheduler is lost or cannot be reached.
    """
    store = Store(folder)
    before = store.finished() & set(plan.keys)
    trials = {trial.key: trial for trial in plan.trials if trial.key not in before}
    orders = {key: write_order(trial, plan, folder) for key, trial in trials.items()}
    total = len(plan.keys)
    if progress is not None:
        progress(len(before), total)
    faults: dict[str, str] = {}
    if orders:
        with client_of(helpers, len(orders)) as client:
            faults = _wait(client, orders, store, lambda n: _say(progress, len(before) + n, total))
    finished = len(store.finished() & set(plan.keys))
    return Tally(total, len(before), finished, faults)


def _say(progress: Progress | None, done: int, total: int) -> None:
    """Tell how far the sweep is, if anybody wants to know."""
    if progress is not None:
        progress(done, total)


def _wait(
    client: Client, orders: dict[str, str], store: Store, say: Callable[[int], None]
) -> dict[str, str]:
    """Hand all tasks over and wait for them; return what went wrong by key."""
    names = [f"run-{key}" for key in orders]
    # a task that raises is not tried again: it would raise again; one whose worker dies is
    futures = client.map(carry_out_order, list(orders.values()), key=names, pure=False, retries=0)
    waiting: dict[str, Future[str]] = dict(zip(orders, futures, strict=True))
    faults: dict[str, str] = {}
    while waiting:
        if client.status != "running":
            left = len(set(orders) - store.finished())
            msg = f"The scheduler was lost; {left} runs are left. Resume the sweep."
            raise StoppedError(msg)
        for key in [key for key, future in waiting.items() if future.done()]:
            future = waiting.pop(key)
            if future.status != "finished" and not store.has(key):
                faults[key] = _fault_of(future)
                logger.warning("%s: %s", key, faults[key])
        say(len(orders) - len(waiting) - len(faults))
        if waiting:
            time.sleep(LOOK_S)
    return faults


def _fault_of(future: "Future[str]") -> str:
    """Return what went wrong with a task, in one text."""
    if future.status == "error":
        error = future.exception()
        return str(error) if isinstance(error, EvengroundError) else f"{error!r}"
    return f"was {future.status}"


@contextmanager
def client_of(helpers: Helpers, n_run: int) -> Iterator[Client]:
    """Give a client of the scheduler that is named, or else of workers of this machine."""
    with ExitStack() as stack:
        if helpers.scheduler_file is not None:
            address = scheduler_of(helpers.scheduler_file)
        elif helpers.scheduler is not None:
            address = helpers.scheduler
        else:
            address = stack.enter_context(_local(helpers.workers, n_run))
        try:
            client = Client(address, timeout=PATIENCE_S, set_as_default=False)
        except (OSError, ValueError) as error:
            msg = f"No scheduler answers at {address}: {error}. Start one, or leave it out."
            raise StoppedError(msg) from None
        try:
            yield client
        finally:
            client.close(timeout=5.0)


def scheduler_of(path: Path) -> str:
    """Return the address in a scheduler file, for which we wait a while.

    Raises
    ------
    StoppedError
        If it does not come.
    """
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return str(json.loads(path.read_text(encoding="utf-8"))["address"])
        except (OSError, ValueError, KeyError) as error:
            if time.monotonic() > until:
                msg = f"{path} names no scheduler: {error}. Start one with --scheduler-file."
                raise StoppedError(msg) from None
            time.sleep(0.2)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_cores(workers: int | None, n_run: int, n_core: int) -> tuple[int, int]:
    """Return how many workers there are, and the threads of each.

    Examples
    --------
    >>> share_cores(None, 100, 8), share_cores(3, 100, 8), share_cores(None, 2, 8)
    ((8, 1), (3, 2), (2, 4))
    """
    count = min(n_core, n_run) if workers is None else workers
    return count, max(1, n_core // count)


@contextmanager
def _local(workers: int | None, n_run: int) -> Iterator[str]:
    """Start workers of this machine, each a process of its own, and give the address."""
    count, threads = share_cores(workers, n_run, cores())
    around = {name: str(threads) for name in THREADS}
    changes = {
        "distributed.scheduler.allowed-failures": LOST_WORKERS,
        # set before a worker starts: Numba reads them when it is loaded
        "distributed.nanny.pre-spawn-environ": around | {"MALLOC_TRIM_THRESHOLD_": "65536"},
        # forked processes and GDAL do not go together
        "distributed.worker.multiprocessing-method": "spawn",
    }
    with (
        TemporaryDirectory(prefix="evenground-dask-") as scratch,
        unfinished(Path(scratch)),
        dask.config.set(changes),
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            # arrays that workers share count with each of them: a limit would end them all
            memory_limit=0,
            local_directory=scratch,
            silence_logs=logging.ERROR,
        ) as cluster,
    ):
        yield str(cluster.scheduler_address)


THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Variables that say how many threads a worker may start."""
