"""The command for sweeps: arguments in, exit code out; part of :mod:`evenground.cli`."""

import os
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from evenground import disk
from evenground.errors import shorten

if TYPE_CHECKING:
    from rich.table import Table

    from evenground.sweep import Helpers, Plan, Status, Store

STOPPED = 4
MOST_ROWS = 40
"""Most rows that a table of states shows; the others are counted."""
STATE_NL = {
    "done": "klaar",
    "no_plan": "geen plan mogelijk",
    "fault": "mislukt",
    "begun": "begonnen",
    "waiting": "wacht",
}
LOOK_S = 1.0
"""Seconds between two looks of a live table."""


class _RunsByDefault(TyperGroup):
    """Takes a first argument that is no command for the sweep file of ``run``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - of typer's own click
        """Put ``run`` before a sweep file."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunsByDefault,
    help="Many runs of one case that differ in some settings: SWEEP.toml, resume, status, report.",
    no_args_is_help=True,
)

FolderArgument = Annotated[Path, typer.Argument(help="The folder of the sweep.")]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, max=1024, help="Workers on this machine; else one a core.")
]
SchedulerOption = Annotated[
    str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://10.0.0.1:8786.")
]
SchedulerFileOption = Annotated[
    Path | None, typer.Option(help="File in which a Dask scheduler writes its address.")
]
SlurmOption = Annotated[bool, typer.Option("--slurm", help="Submit the sweep as one job of SLURM.")]


@app.command()
def run(  # noqa: PLR0917 - each is an option of the command
    sweep: Annotated[Path, typer.Argument(metavar="SWEEP.toml", help="The sweep file.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the sweep; else out/ and the file's name.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the case's files, instead of what SWEEP says.")
    ] = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    scheduler_file: SchedulerFileOption = None,
    slurm: SlurmOption = False,  # noqa: FBT002 - a flag of the command
) -> None:
    """Carry out every run of a sweep that is not finished, and sum up."""
    from evenground.config import read_sweep_settings  # noqa: PLC0415 - --help must not load it

    asked = read_sweep_settings(sweep)
    helpers = _helpers(workers, scheduler, scheduler_file, slurm=slurm)
    from evenground import pipeline  # noqa: PLC0415 - as above
    from evenground.sweep import Store, build_plan  # noqa: PLC0415 - as above

    folder = out or Path("out") / sweep.stem
    if asked.case is None:
        case = folder / "case" / "case.toml"
        if not case.is_file():
            disk.make_folder(folder)
            disk.write(folder / "case", pipeline.write_default)
        files = case.parent
    else:
        case = sweep.parent / asked.case
        named = os.environ.get("EVENGROUND_DATA")
        own = sweep.parent / asked.data if asked.data is not None else None
        files = data or own or (Path(named) if named else case.parent)
    plan = build_plan(sweep, case, files)
    store = Store(folder)
    store.write_plan(plan)
    _go(plan, store, helpers, slurm=slurm)


@app.command()
def resume(
    folder: FolderArgument,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    scheduler_file: SchedulerFileOption = None,
    slurm: SlurmOption = False,  # noqa: FBT002 - a flag of the command
) -> None:
    """Carry out what is missing of a sweep, and sum up."""
    helpers = _helpers(workers, scheduler, scheduler_file, slurm=slurm)
    from evenground.sweep import Store, resolve_again  # noqa: PLC0415 - --help must not load it

    store = Store(folder)
    before = store.read_plan()
    plan = resolve_again(before)
    if changed := sum(a != b for a, b in zip(before.keys, plan.keys, strict=False)):
        typer.echo(
            f"Code of bestanden zijn veranderd: {changed} runs worden opnieuw gemaakt.", err=True
        )
        store.write_plan(plan)
    _go(plan, store, helpers, slurm=slurm)


@app.command()
def status(
    folder: FolderArgument,
    live: Annotated[bool, typer.Option("--live", help="Keep looking until all is done.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Show how far a sweep is; it may be at work meanwhile."""
    from rich.console import Console  # noqa: PLC0415 - --help must not load it
    from rich.live import Live  # noqa: PLC0415 - as above

    from evenground.sweep import Store, look  # noqa: PLC0415 - --help must not load it

    store = Store(folder)
    plan = store.read_plan()
    found = look(store, plan)
    console = Console()
    if not live or not console.is_terminal:
        console.print(_table(found))
        return
    with Live(_table(found), console=console, refresh_per_second=2) as shown:
        while not found.is_whole:
            time.sleep(LOOK_S)
            found = look(store, plan)
            shown.update(_table(found))


@app.command()
def report(folder: FolderArgument) -> None:
    """Sum up the runs that are there, finished or not."""
    from evenground.sweep import Store, write_summary  # noqa: PLC0415 - --help must not load it

    store = Store(folder)
    typer.echo(f"Samenvatting: {write_summary(store, store.read_plan()) / 'index.html'}")


def _helpers(
    workers: int | None, scheduler: str | None, scheduler_file: Path | None, *, slurm: bool
) -> "Helpers":
    """Return who carries runs out; more than one answer is refused."""
    given = Counter(
        {
            "--workers": workers is not None,
            "--scheduler": scheduler is not None,
            "--scheduler-file": scheduler_file is not None,
            "--slurm": slurm,
        }
    )
    if given.total() > 1:
        named = ", ".join(name for name, there in given.items() if there)
        msg = f"only one of {named} can be given. Leave the others out."
        raise typer.BadParameter(msg)
    from evenground.sweep import Helpers  # noqa: PLC0415 - --help must not load it

    return Helpers(workers, scheduler, scheduler_file)


def _go(plan: "Plan", store: "Store", helpers: "Helpers", *, slurm: bool) -> None:
    """Carry a sweep out here, or hand it to SLURM."""
    from evenground.config import SlurmSettings  # noqa: PLC0415 - as above
    from evenground.sweep import submit, write_script, write_summary  # noqa: PLC0415 - as above

    if slurm:
        script = write_script(store.folder, SlurmSettings.model_validate(plan.slurm), plan.title)
        job = submit(script)
        typer.echo(f"Taak {job} staat in de rij. Opnieuw indienen gaat verder: sbatch {script}")
        return
    is_whole = _carry_out(plan, store, helpers)
    typer.echo(f"Samenvatting: {write_summary(store, plan) / 'index.html'}")
    if not is_whole:
        typer.echo(f"Verder met wat ontbreekt: evenground sweep resume {store.folder}", err=True)
        raise typer.Exit(STOPPED)


def _carry_out(plan: "Plan", store: "Store", helpers: "Helpers") -> bool:
    """Carry a sweep out with a progress bar; say whether nothing is left."""
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import (  # noqa: PLC0415 - as above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from evenground.sweep import carry_out_all  # noqa: PLC0415 - as above

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("runs klaar", total=len(plan.keys))

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        tally = carry_out_all(plan, store.folder, helpers, progress)
    made = tally.finished - tally.before
    typer.echo(f"{tally.finished} van {tally.total} runs klaar, {made} daarvan nu gemaakt.")
    rows = {trial.key: trial.row for trial in plan.trials}
    for key, fault in tally.faults.items():
        typer.echo(f"rij {rows[key]}: {fault}", err=True)
    return tally.finished == tally.total


def _table(found: "Status") -> "Table":
    """Return the state of every run as a table, those that are finished last."""
    from rich.table import Table  # noqa: PLC0415 - as above

    counts = ", ".join(f"{STATE_NL[state]} {n}" for state, n in found.states.items() if n)
    seconds = found.seconds.get("run")
    took = f"; {seconds:.1f} s per run".replace(".", ",") if seconds is not None else ""
    table = Table("rij", "stand", "instellingen", title=f"{counts}{took}", title_justify="left")
    order = {"fault": 0, "begun": 1, "waiting": 2, "no_plan": 3, "done": 4}
    rows = sorted(found.rows, key=lambda row: order[row[1]])
    for number, state, values in rows[:MOST_ROWS]:
        said = found.faults.get(number, "")
        sets = ", ".join(f"{name} = {shorten(value)}" for name, value in values.items())
        table.add_row(str(number), STATE_NL[state], f"{sets}\n{shorten(said)}" if said else sets)
    if len(rows) > MOST_ROWS:
        table.add_row("", "", f"en nog {len(rows) - MOST_ROWS}")
    return table
