"""The command: arguments in, exit code out. Heavy parts are loaded only when they are needed."""

import os
import re
import shlex
import shutil
import signal
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evenground import cli_sweep
from evenground.cli_runs import runs_app, tell_list
from evenground.errors import NO_PLAN, WRONG_INPUT, EvengroundError, SearchError, StoppedError
from evenground.unfinished import ask_to_stop, sweep_unfinished, unfinished, ways_on

if TYPE_CHECKING:
    from evenground.config import RunSettings

app = typer.Typer(
    help="Where should a city spend so that the gap in healthy living closes?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(runs_app, name="runs")
app.add_typer(cli_sweep.app, name="sweep")

STOPPED, OUR_FAULT = 4, 5
"""Exit codes besides those of :mod:`evenground.errors`: stopped; a fault of ours."""

STOPPED_EARLY = "Stopped before the end; nothing unfinished is left behind."
STOPPED_KEPT = "Stopped before the end."
STOPPING = "Stopping after this step; once more stops at once."
PROGRAM = "from evenground.cli import main; main()"
"""What Python runs where the command itself is not on the path."""
SHOW_CURSOR = "\x1b[?25h"
"""Brings back the cursor that a progress bar hides."""

_PLAIN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_IN_PARTS = re.compile(r"(?:([0-9]{1,5})h)?(?:([0-9]{1,7})m)?(?:([0-9]{1,9})s)?")


def _seconds(text: str) -> float:
    """Return a duration such as 30m, 90s or 1h30m, or plain seconds, in seconds."""
    if _PLAIN.fullmatch(text):
        seconds = float(text)
    elif found := _IN_PARTS.fullmatch(text):
        parts = zip((3600, 60, 1), found.groups(default="0"), strict=True)
        seconds = float(sum(unit * int(part) for unit, part in parts))
    else:
        seconds = 0.0
    if seconds > 0.0:
        return seconds
    msg = f"found {text!r}, expected a time above 0. Write it as 30m, 90s, 1h30m, or in seconds."
    raise typer.BadParameter(msg)


CaseOrDefault = Annotated[
    Path | None, typer.Argument(help="The case file (TOML); absent = Voorbeeldstad, invented.")
]
CaseArgument = Annotated[Path, typer.Argument(help="The case file (TOML).")]
RunsArgument = Annotated[Path, typer.Argument(help="Folder with runs, or one run directory.")]
RunArgument = Annotated[Path, typer.Argument(help="The run directory.")]
DataOption = Annotated[
    Path | None,
    typer.Option(help="Folder of the case's files; else EVENGROUND_DATA, else beside the case."),
]
OutOption = Annotated[Path, typer.Option(help="Folder in which the run is written.")]
LimitOption = Annotated[
    float | None,
    typer.Option(
        parser=_seconds, metavar="TIME", help="Most time for the search: 30m, 90s, 1h30m."
    ),
]
SeedOption = Annotated[
    int | None, typer.Option(min=0, max=2**63 - 1, help="Seed, instead of the case's.")
]
EvaluationsOption = Annotated[
    int | None,
    typer.Option(min=0, max=100_000_000, help="Plans to evaluate, instead of the case's."),
]
SeedsOption = Annotated[
    Path | None, typer.Option(help="Run directory whose plans the search starts from as well.")
]
ResumeOption = Annotated[
    Path | None,
    typer.Option(metavar="RUN", help="Go on with this unfinished run, or the one in this folder."),
]
FreshOption = Annotated[
    bool, typer.Option("--fresh", help="Start anew; give up unfinished runs of the same case.")
]


@app.command()
def run(
    case: CaseOrDefault = None,
    *,
    data: DataOption = None,
    out: OutOption = Path("out"),
    time_limit: LimitOption = None,
    seed: SeedOption = None,
    evaluations: EvaluationsOption = None,
    seeds_from: SeedsOption = None,
    resume: ResumeOption = None,
    fresh: FreshOption = False,
) -> None:
    """Read a case, look for plans, and write the run.

    A run that was ended before its end is gone on with by the same command again.
    """
    changes = {"time_limit_s": time_limit, "seed": seed, "evaluations": evaluations}
    if resume is not None:
        given = {"CASE": case, "--seed": seed, "--evaluations": evaluations}
        given |= {"--seeds-from": seeds_from, "--fresh": fresh or None}
        _resume(resume, data, changes, [name for name, value in given.items() if value is not None])
        return
    _check_out(out)
    if case is not None:
        read = read_settings(case)
        _run(read, _data(case, data), out, changes, seeds_from=seeds_from, fresh=fresh)
        return
    if data is not None:
        msg = "belongs to a case file. Name one, or leave --data out to run Voorbeeldstad."
        raise typer.BadParameter(msg, param_hint="--data")
    from evenground import pipeline  # noqa: PLC0415 - --help must not load it

    with TemporaryDirectory(prefix="evenground-") as folder, unfinished(Path(folder)):
        default = pipeline.write_default(Path(folder))
        more: dict[str, Any] = {"seeds_from": seeds_from, "fresh": fresh, "is_default": True}
        _run(read_settings(default), default.parent, out, changes, **more)


def _resume(
    path: Path, data: Path | None, changes: dict[str, float | None], given: list[str]
) -> None:
    """Go on with an unfinished run, of which all but its time limit is known."""
    if given:
        msg = f"goes on with what was asked before: leave {', '.join(given)} out."
        raise typer.BadParameter(msg, param_hint="--resume")
    from evenground import pipeline  # noqa: PLC0415 - --help must not load it

    folder = pipeline.locate(path)
    asked, _ = pipeline.read_asked(folder)
    more: dict[str, Any] = {"seeds_from": asked.seeds_from, "resume": folder}
    if asked.data is not None:
        _run(asked.settings, data or asked.data, folder.parent, changes, **more)
        return
    with TemporaryDirectory(prefix="evenground-") as place, unfinished(Path(place)):
        home = pipeline.write_default(Path(place)).parent
        _run(asked.settings, home, folder.parent, changes, **more, is_default=True)


def _run(
    settings: "RunSettings",
    data: Path,
    out: Path,
    changes: dict[str, float | None],
    *,
    seeds_from: Path | None = None,
    resume: Path | None = None,
    fresh: bool = False,
    is_default: bool = False,
) -> None:
    """Run a case with a progress bar, and say where the results are."""
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import (  # noqa: PLC0415 - as above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    from evenground import pipeline  # noqa: PLC0415 - as above

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
        task = bar.add_task("plannen doorgerekend", total=search.evaluations)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        def tell(line: str) -> None:
            console.print(line, markup=False, highlight=False)

        origin = pipeline.Origin(is_default=is_default)
        way = pipeline.Way(progress, tell, origin, seeds_from, resume, fresh)
        written, lines = pipeline.run(settings, data, out, way)
    typer.echo(f"Resultaten: {written}")
    for line in lines:
        typer.echo(f"- {line}")
    _say_where(written)


def _say_where(written: Path) -> None:
    """Say which file to open, and how to see the pages."""
    typer.echo(f"Het verslag: {written / 'report.html'}")
    if (paper := written / "beslisstuk.pdf").exists():
        typer.echo(f"Het beslisstuk: {paper}")
    named = Path(sys.argv[0]).name == "evenground"
    words = [sys.argv[0]] if named else [sys.executable, "-c", PROGRAM]
    typer.echo(f"Alles in de browser: {shlex.join([*words, 'serve', str(written.parent)])}")


@app.command()
def nightly(
    case: CaseArgument,
    *,
    runs: Annotated[Path, typer.Option(help="Folder of all runs of the nights.")],
    data: DataOption = None,
    time_limit: Annotated[
        float | None,
        typer.Option(parser=_seconds, metavar="TIME", help="Most time for the whole turn."),
    ] = None,
    print_units: Annotated[
        bool,
        typer.Option("--print-units", help="Print a systemd service, a timer and a cron line."),
    ] = False,
) -> None:
    """Run a case unattended: one at a time, from last night's plans, with what changed."""
    from evenground.nightly.lock import turn_of  # noqa: PLC0415 - --help must not load it

    if print_units:
        _print_units(case, runs, _data(case, data), time_limit)
        return
    with turn_of(runs) as is_mine:
        if not is_mine:
            typer.echo(f"Al bezig / already running: another turn holds {runs}.")
            return
        settings = read_settings(case)
        from evenground.nightly.turn import take_turn  # noqa: PLC0415 - as above

        take_turn(settings, _data(case, data), runs, time_limit, typer.echo)


def _print_units(case: Path, runs: Path, data: Path, time_limit: float | None) -> None:
    """Print what a scheduler needs to run a case every night."""
    from evenground.nightly.units import absolute, tell_units  # noqa: PLC0415 - as above

    program = shutil.which("evenground")
    words = [program] if program else [sys.executable, "-c", PROGRAM]
    words += ["nightly", absolute(case), "--runs", absolute(runs), "--data", absolute(data)]
    words += [] if time_limit is None else ["--time-limit", f"{time_limit:g}"]
    typer.echo(tell_units(words, read_settings(case).case.id), nl=False)


@app.command()
def check(case: CaseArgument, data: DataOption = None) -> None:
    """Read and judge every input of a case; search nothing."""
    from evenground.judge import judge_case  # noqa: PLC0415 - --help must not load it

    faults, remarks = judge_case(read_settings(case), _data(case, data))
    for remark in remarks:
        typer.echo(f"- {remark}")
    for fault in faults:
        typer.echo(str(fault), err=True)
    if faults:
        typer.echo(
            "1 fault found." if len(faults) == 1 else f"{len(faults)} faults found.", err=True
        )
        raise typer.Exit(WRONG_INPUT)
    typer.echo("No faults found.")


@app.command()
def verify(run: RunArgument) -> None:
    """Check every plan and proposal of a finished run again, from its files alone."""
    from evenground.verify import check_run  # noqa: PLC0415 - --help must not load it

    verdict = check_run(run)
    for breach in verdict.breaches:
        typer.echo(str(breach))
    counted = f"{verdict.plans} plannen / plans, {verdict.proposals} voorstellen / proposals"
    if verdict.breaches:
        broken = len({breach.plan for breach in verdict.breaches})
        typer.echo(f"{counted}: {broken} voldoen niet / break something.", err=True)
        raise typer.Exit(NO_PLAN)
    typer.echo(f"{counted}: alle voldoen / all hold.")


@app.command()
def assess(
    run: RunArgument,
    plan: Annotated[Path, typer.Argument(help="The plan: a list of works, CSV or JSON.")],
    *,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the run's data; else EVENGROUND_DATA.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write what was found, as JSON.")] = None,
) -> None:
    """Score a plan that somebody drew by the case of a run, and say what it does not respect."""
    from evenground.pipeline import assess_file, write_judged  # noqa: PLC0415 - as above

    named = os.environ.get("EVENGROUND_DATA")
    judged = assess_file(run, plan, data or (Path(named) if named else None))
    for line in judged.lines():
        typer.echo(line)
    if out is not None:
        write_judged(judged, out)
    if judged.broken:
        raise typer.Exit(NO_PLAN)


@app.command()
def serve(  # noqa: PLR0917 - each is an option of the command
    runs: RunsArgument = Path("out"),
    host: Annotated[str, typer.Option(help="Address to listen on; only this machine.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8350,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the data of the runs, for Wat als; else EVENGROUND_DATA."),
    ] = None,
    theme: Annotated[
        Path | None, typer.Option(help="Style file with a municipality's own colours and letters.")
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Another name by which the page may be asked; may be given again."),
    ] = None,
    base_map: Annotated[
        str | None,
        typer.Option(help="Address of map tiles in the Dutch grid, with {z}, {x} and {y}."),
    ] = None,
    base_map_credit: Annotated[
        str | None, typer.Option(help="Source of those tiles, shown on the map.")
    ] = None,
) -> None:
    """Show runs as pages for planners, in a browser."""
    from evenground.web.ground import read_base_map  # noqa: PLC0415 - as above
    from evenground.web.serve import serve as serve_pages  # noqa: PLC0415 - as above

    named = os.environ.get("EVENGROUND_DATA")
    data = data or (Path(named) if named else None)
    ground = read_base_map(base_map, base_map_credit)
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"Open http://{shown}:{port}/ (stop: Ctrl+C)")
    # Ctrl+C is how one ends a server: it closes its worker, and nothing is left unfinished
    signal.signal(signal.SIGINT, signal.default_int_handler)
    names = tuple(name or ())
    serve_pages(runs, host=host, port=port, data=data, theme=theme, names=names, base_map=ground)


def read_settings(case: Path) -> "RunSettings":
    """Return the settings of a case; what they need takes longer to load than a list of runs."""
    from evenground import config  # noqa: PLC0415 - as above

    return config.read_settings(case)


def _data(case: Path, data: Path | None) -> Path:
    """Return the folder of the files: as given, from the environment, or beside the case."""
    named = os.environ.get("EVENGROUND_DATA")
    return data or (Path(named) if named else case.parent)


def _check_out(out: Path) -> None:
    """Raise before the work begins if the results cannot be written after it."""
    nearest = next((folder for folder in (out, *out.absolute().parents) if folder.exists()), out)
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return
    msg = f"{nearest} is no folder that can be written in. Choose another one."
    raise typer.BadParameter(msg, param_hint="--out")


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Let a search end its step, once; else take away what is unfinished, and end at once.

    Nothing is raised: what is raised while compiled code calls back is dropped, or brings
    the interpreter down.
    """
    if ask_to_stop():
        os.write(2, f"{STOPPING}\n".encode())
        return
    sweep_unfinished()
    shown = SHOW_CURSOR if sys.stderr.isatty() else ""
    told = " ".join([STOPPED_KEPT, *kept]) if (kept := ways_on()) else STOPPED_EARLY
    os.write(2, f"{shown}{told}\n".encode())
    os._exit(STOPPED)


def main() -> None:
    """Run the command; faults a user can mend end without a traceback."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    try:
        if sys.argv[1:3] == ["runs", "list"]:
            tell_list(sys.argv[3:])
        else:
            app()
    except SearchError as error:
        typer.echo(str(error), err=True)
        sys.exit(NO_PLAN)
    except StoppedError as error:
        typer.echo(str(error), err=True)
        sys.exit(STOPPED)
    except EvengroundError as error:
        typer.echo(str(error), err=True)
        sys.exit(WRONG_INPUT)
    except Exception:  # noqa: BLE001 - whatever it is, the user must get it whole
        traceback.print_exc()
        typer.echo("This is a fault of evenground, not of your case: please report it.", err=True)
        sys.exit(OUR_FAULT)
