"""The command: arguments in, exit code out. Heavy parts are loaded only when they are needed."""

import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

app = typer.Typer(
    help="Where should a city spend so that the gap in healthy living closes?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

WRONG_INPUT, STOPPED = 2, 4
"""Exit codes: an input is wrong; stopped before the end."""

CaseOrDefault = Annotated[
    Path | None, typer.Argument(help="The case file (TOML); absent = Voorbeeldstad, invented.")
]
CaseArgument = Annotated[Path, typer.Argument(help="The case file (TOML).")]
DataOption = Annotated[
    Path | None,
    typer.Option(help="Folder of the case's files; else EVENGROUND_DATA, else beside the case."),
]
OutOption = Annotated[Path, typer.Option(help="Folder in which the run is written.")]
LimitOption = Annotated[float | None, typer.Option(help="Most seconds for the search.")]
SeedOption = Annotated[int | None, typer.Option(min=0, help="Seed, instead of the case's.")]


@app.command()
def run(
    case: CaseOrDefault = None,
    data: DataOption = None,
    out: OutOption = Path("out"),
    time_limit: LimitOption = None,
    seed: SeedOption = None,
) -> None:
    """Read a case, look for plans, and write the run."""
    from evenground import pipeline  # noqa: PLC0415 - --help must not load it
    from evenground.config import read_settings  # noqa: PLC0415 - as above

    if case is None:
        with TemporaryDirectory(prefix="evenground-") as folder:
            default = pipeline.write_default(Path(folder))
            run(default, default.parent, out, time_limit, seed)
        return
    settings = read_settings(case)
    changes = {"time_limit_s": time_limit, "seed": seed}
    search = settings.search.model_copy(
        update={key: value for key, value in changes.items() if value is not None}
    )
    settings = settings.model_copy(update={"search": search})
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("plannen doorgerekend", total=settings.search.evaluations)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        written, lines = pipeline.run(settings, _data(case, data), out, progress)
    typer.echo(f"Resultaten: {written}")
    for line in lines:
        typer.echo(f"- {line}")


@app.command()
def check(case: CaseArgument, data: DataOption = None) -> None:
    """Read and judge every input of a case; compute nothing."""
    from evenground.config import read_settings  # noqa: PLC0415 - --help must not load it
    from evenground.sources import check_sources  # noqa: PLC0415 - as above

    faults, sources = check_sources(read_settings(case), _data(case, data))
    for fault in faults:
        typer.echo(str(fault), err=True)
    if sources is None:
        typer.echo(f"{len(faults)} fault(s) found.", err=True)
        raise typer.Exit(WRONG_INPUT)
    for remark in sources.remarks:
        typer.echo(f"- {remark}")
    typer.echo("No faults found.")


def _data(case: Path, data: Path | None) -> Path:
    """Return the folder of the files: as given, from the environment, or beside the case."""
    named = os.environ.get("EVENGROUND_DATA")
    return data or (Path(named) if named else case.parent)


def main() -> None:
    """Run the command; faults a user can mend end in exit code 2 without a traceback."""
    from evenground.errors import EvengroundError  # noqa: PLC0415 - kept with its use

    # A polite end unwinds, so that an unfinished run directory is taken away.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
    try:
        app()
    except EvengroundError as error:
        typer.echo(str(error), err=True)
        sys.exit(WRONG_INPUT)
