"""A sweep as one job of SLURM: a scheduler and its workers in one allocation.

Writes the script and hands it to ``sbatch``. The script resumes the sweep, so a job that was
cut off is continued by submitting it again.
"""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from evenground.config import SlurmSettings
from evenground.errors import EvengroundError
from evenground.sweep.engine import DEATH_S, LOST_WORKERS, THREADS
from evenground.sweep.store import write_whole

SCRIPT = "sweep.sbatch"
_NUMBER = re.compile(r"[0-9]+")


class SlurmError(EvengroundError):
    """SLURM is not there, or did not take the job."""


def write_script(folder: Path, asked: SlurmSettings, name: str) -> Path:
    """Write the batch script of a sweep into its folder, and return its path."""
    path = folder / SCRIPT
    write_whole(path, script(folder.resolve(), asked, name).encode())
    return path


def script(folder: Path, asked: SlurmSettings, name: str) -> str:
    """Return the batch script of a sweep."""
    options = [
        f"--job-name={re.sub(r'[^A-Za-z0-9_.-]', '_', name)}",
        f"--nodes={asked.nodes}",
        f"--ntasks={asked.workers}",
        f"--cpus-per-task={asked.threads}",
        f"--output={_in_script(folder / 'slurm-%j.log')}",
        "--open-mode=append",
    ]
    asks = {key: getattr(asked, key) for key in ("time", "partition", "account")}
    options += [f"--{key}={value}" for key, value in asks.items() if value is not None]
    options += asked.options
    python = shlex.quote(sys.executable)
    threads = " ".join(f"{variable}={asked.threads}" for variable in THREADS)
    head = "\n".join(f"#SBATCH {option}" for option in options)
    return BODY.format(
        head=head,
        setup="\n".join(asked.setup),
        threads=threads,
        lost=LOST_WORKERS,
        folder=shlex.quote(str(folder)),
        python=python,
        workers=asked.workers,
        death=DEATH_S,
    )


# memory that workers share counts with each of them: a limit would end them all
BODY = """\
#!/bin/bash
{head}
# Written by evenground. Submitting it again continues the sweep.
set -euo pipefail
{setup}
export {threads}
export DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES={lost}
folder={folder}
address="$folder/scheduler-$SLURM_JOB_ID.json"
scratch="$(mktemp -d)"
{python} -m distributed.cli.dask_scheduler --scheduler-file "$address" --port 0 \\
    --no-dashboard &
scheduler=$!
srun --ntasks={workers} {python} -m distributed.cli.dask_worker --scheduler-file "$address" \\
    --nthreads 1 --memory-limit 0 --no-dashboard --death-timeout {death:g} \\
    --local-directory "$scratch" &
workers=$!
trap 'kill "$workers" "$scheduler" 2>/dev/null || true; rm -rf "$address" "$scratch"' EXIT
{python} -c 'from evenground.cli import main; main()' \\
    sweep resume "$folder" --scheduler-file "$address"
"""
"""The script: a scheduler, workers on all nodes, and the sweep itself."""


def _in_script(path: Path) -> str:
    """Return a path for a line of options, which knows no quotes around part of it."""
    text = str(path)
    if text.isprintable() and '"' not in text:
        return f'"{text}"' if " " in text else text
    msg = f"{text!r} cannot be written in a job. Choose a folder with a plain name."
    raise SlurmError(msg)


def submit(path: Path) -> int:
    """Hand a script to SLURM and return the number of the job.

    Raises
    ------
    SlurmError
        If SLURM is not there or refuses it.
    """
    command = shutil.which("sbatch")
    if command is None:
        msg = f"sbatch is not there. Submit {path} where it is: sbatch {shlex.quote(str(path))}"
        raise SlurmError(msg)
    done = subprocess.run(  # noqa: S603 - found on the path, our own script
        [command, "--parsable", str(path)], capture_output=True, text=True, check=False
    )
    found = _NUMBER.match(done.stdout.strip())
    if done.returncode != 0 or found is None:
        msg = f"SLURM refused {path}: {(done.stderr or done.stdout).strip()}"
        raise SlurmError(msg)
    return int(found[0])
