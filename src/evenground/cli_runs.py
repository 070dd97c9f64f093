"""The commands on finished runs: list, show, compare, verify, choose, export and thin."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from evenground import runs
from evenground.errors import NO_PLAN, WRONG_INPUT, EvengroundError
from evenground.nightly.lock import turn_of

runs_app = typer.Typer(
    help="Finished runs: list, show, compare, verify, choose, export, thin.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Folder = Annotated[Path, typer.Argument(help="Folder in which runs are written.")]
RunArgument = Annotated[Path, typer.Argument(help="The run directory.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for scripts.")]
DataOption = Annotated[Path | None, typer.Option(help="Folder of the inputs of the runs.")]
LIST = "{started:<20} {state:<9} {case:<20} {plans:>7} {budget:>14} {seconds:>9}  {name}"
"""One line of the list."""
DAY = r"[0-9]{4}(-[0-9]{2}){0,2}"


@runs_app.command(
    "list",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    options_metavar="[FOLDER] [OPTIONS]",
)
def list_them(ctx: typer.Context) -> None:
    """List the runs of a folder, newest first."""
    tell_list(ctx.args, ctx.command_path)


def tell_list(words: Sequence[str], program: str = "evenground runs list") -> None:
    """List runs as the words after the command ask.

    Read by argparse: what typer loads for its own options takes longer than a list of ten
    thousand runs, so :func:`evenground.cli.main` comes here without it.
    """
    asked = _list_options(program).parse_args(words)
    found = runs.list_runs(
        asked.folder, case=asked.case, state=asked.state, since=asked.since, until=asked.until
    )
    if asked.json:
        typer.echo(json.dumps([asdict(record) for record in found], ensure_ascii=False))
        return
    head = {"started": "started (UTC)", "budget": "budget_eur"}
    names = ("state", "case", "plans", "seconds", "name")
    lines = [LIST.format(**head, **{name: name for name in names})]
    lines += [
        LIST.format(
            started=record.started[:19].replace("T", " "),
            state=record.state,
            case=record.case,
            plans=_told(record.plans),
            budget=_told(record.budget_eur),
            seconds=_told(record.seconds),
            name=record.name,
        )
        for record in found
    ]
    typer.echo("\n".join(lines))


def _list_options(program: str) -> ArgumentParser:
    """Return what a list may be asked."""
    options = ArgumentParser(
        program, description="List the runs of a folder, newest first.", allow_abbrev=False
    )
    folder = "Folder in which runs are written [out]."
    options.add_argument("folder", nargs="?", type=Path, default=Path("out"), help=folder)
    options.add_argument("--case", help="Only runs of this case (its id).")
    states = "Only runs in this state: done, 'cut short', damaged."
    options.add_argument("--state", help=states)
    since = "From this day on: 2026, 2026-05, 2026-05-31."
    options.add_argument("--since", type=_day, metavar="DAY", help=since)
    options.add_argument("--until", type=_day, metavar="DAY", help="To this day.")
    options.add_argument("--json", action="store_true", help="As JSON, for scripts.")
    return options


def _day(text: str) -> str:
    """Return a day, month or year as it is written; anything else is refused."""
    import re  # noqa: PLC0415 - only where it is asked for

    if re.fullmatch(DAY, text):
        return text
    msg = f"found {text!r}, expected a day. Write it as 2026-05-31, 2026-05 or 2026."
    raise ArgumentTypeError(msg)


def _told(value: float) -> str:
    """Return a number of a list; a dash where the run does not tell it."""
    return f"{value:.0f}" if value >= 0 else "-"


@runs_app.command()
def show(
    run: RunArgument,
    *,
    reproduce: Annotated[
        bool, typer.Option("--reproduce", help="Print the one command that makes it again.")
    ] = False,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Show what a run was made of, and its proposals."""
    told = runs.read_manifest(run)
    if reproduce:
        commit = (told.get("commit") or {}).get("sha", "unknown")
        typer.echo(f"# evenground {told.get('evenground')}, commit {commit}", err=True)
        typer.echo(runs.tell_command(run, data))
        return
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo("\n".join(_shown(run, told)))


def _shown(run: Path, told: Mapping[str, Any]) -> Iterable[str]:
    """Give the lines that show a run."""
    record = runs.build_record(run.absolute().name, dict(told))
    for name, value in asdict(record).items():
        yield f"{name:<14} {value}"
    yield f"{'chosen':<14} {'yes' if runs.is_chosen(run) else 'no'}"
    for name in ("evenground", "python", "machine", "warm_start"):
        if told.get(name):
            yield f"{name:<14} {told[name]}"
    for source in told.get("inputs", ()):
        yield (
            f"{'input':<14} {source['path']} ({source['year']}, {source['licence']}) "
            f"sha256 {source['sha256'][:12]}"
        )
    for part in told.get("proposals", ()):
        scores = ", ".join(f"{name} {value:.6g}" for name, value in part["scores"].items())
        yield f"{'proposal':<14} {part['id']} (plan {part['candidate']}): {scores}"


@runs_app.command()
def compare(first: RunArgument, second: RunArgument, *, as_json: AsJson = False) -> None:
    """Compare two runs: settings, inputs, versions, and the scores of their proposals."""
    found = runs.compare_runs(first, second)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False))
        return
    typer.echo(f"first: {found.first}\nsecond: {found.second}")
    for title in ("settings", "inputs", "program"):
        parts = getattr(found, title)
        typer.echo(f"\n{title}: {'the same' if not parts else f'{len(parts)} differ'}")
        for part in parts:
            typer.echo(f"  {part.name}: {part.first} | {part.second}")
    typer.echo("\nscores:")
    for part in found.scores:
        typer.echo(f"  {part.name}: {_figure(part.first)} | {_figure(part.second)}")


def _figure(value: object) -> str:
    """Return a score with six digits."""
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


@runs_app.command()
def choose(
    run: RunArgument,
    proposal: Annotated[str, typer.Argument(help="Id of the proposal.")],
    by: Annotated[str, typer.Option(help="Who chose, as a role.")] = "",
    note: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Mark a proposal as chosen; such a run is never thinned."""
    runs.choose(run, proposal, by, note)
    typer.echo(f"{run.absolute().name}: {proposal} gekozen / chosen.")


@runs_app.command("export-mlflow")
def export_mlflow(
    run: Annotated[list[Path], typer.Argument(help="Run directories.")],
    *,
    to: Annotated[
        str,
        typer.Option(envvar="MLFLOW_TRACKING_URI", help="Address of MLflow, or a folder."),
    ] = "mlruns",
    experiment: Annotated[
        str | None, typer.Option(help="Name of the experiment; else the id of the case.")
    ] = None,
    files: Annotated[
        bool, typer.Option("--files/--no-files", help="Whether the files of a run go along.")
    ] = True,
) -> None:
    """Write runs to MLflow: settings, scores and files. Needs the extra mlflow."""
    from evenground.outputs.tracking import export_run  # noqa: PLC0415 - --help must not load it

    for place in run:
        is_new = export_run(place, to, experiment, files=files)
        said = "geschreven / written" if is_new else "was er al / was there"
        typer.echo(f"{place.absolute().name}: {said}.")


@runs_app.command()
def thin(
    folder: Folder,
    *,
    keep_newest: Annotated[int, typer.Option(min=1, help="Newest runs of each case to keep.")],
    keep_daily: Annotated[int, typer.Option(min=0, help="Days to keep the newest run of.")] = 0,
    keep_monthly: Annotated[int, typer.Option(min=0, help="Months to keep the newest run of.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say it, remove nothing.")] = False,
) -> None:
    """Remove runs that are neither chosen, nor new, nor the newest of their day or month."""
    keep = runs.Keep(keep_newest, keep_daily, keep_monthly)
    if dry_run:
        _thin(folder, runs.choose_kept(folder, keep), dry_run=True)
        return
    runs.list_runs(folder)  # a folder that is not there is told before a lock is made in it
    with turn_of(folder) as is_mine:
        if not is_mine:
            typer.echo(f"Al bezig / already running: a night holds {folder}; nothing is removed.")
            return
        _thin(folder, runs.choose_kept(folder, keep), dry_run=False)


def _thin(folder: Path, choices: list[runs.Choice], *, dry_run: bool) -> None:
    """Say what is kept and why, and remove the others or say so."""
    freed = 0

    def tell(choice: runs.Choice, size: int) -> None:
        nonlocal freed
        freed += size
        word = "would remove" if dry_run else "removes"
        typer.echo(f"{word} {choice.record.name} ({size / 1e6:.1f} MB)")

    for choice in choices:
        if choice.reason:
            typer.echo(f"keeps {choice.record.name}: {choice.reason}")
    if dry_run:
        for choice in choices:
            if not choice.reason:
                tell(choice, runs.size_of(folder / choice.record.name))
    else:
        runs.thin(folder, choices, tell)
    gone = sum(not choice.reason for choice in choices)
    word = "would go" if dry_run else "gone"
    typer.echo(f"{len(choices) - gone} kept, {gone} {word}, {freed / 1e6:.1f} MB.")


@runs_app.command()
def verify(
    run: Annotated[list[Path], typer.Argument(help="Run directories.")],
    *,
    data: DataOption = None,
    as_json: AsJson = False,
) -> None:
    """Check files by their checksums, plans by what was asked, and with --data every score."""
    verdicts = {str(place): _verdict(place, data) for place in run}
    codes = [verdict["exit_code"] for verdict in verdicts.values()]
    if as_json:
        typer.echo(json.dumps(verdicts, ensure_ascii=False))
    else:
        for place, verdict in verdicts.items():
            typer.echo(f"{place}:")
            for line in verdict["lines"]:
                typer.echo(f"  {line}")
    if any(codes):
        sys.exit(WRONG_INPUT if WRONG_INPUT in codes else NO_PLAN)


def _verdict(run: Path, data: Path | None) -> dict[str, Any]:
    """Return what is found of one run: lines to read, figures, and the exit code."""
    lines: list[str] = []
    out: dict[str, Any] = {"lines": lines, "exit_code": 0}
    steps = [_verdict_of_files, _verdict_of_plans]
    try:
        for step in steps:
            step(run, out)
        if data is not None:
            _verdict_of_scores(run, data, out)
        else:
            lines.append("scores: niet nagerekend / not computed again; give --data")
    except EvengroundError as error:
        lines.append(str(error))
        out["exit_code"] = WRONG_INPUT
    return out


def _verdict_of_files(run: Path, out: dict[str, Any]) -> None:
    """Compare the files of a run with their checksums."""
    sums = runs.check_sums(run)
    out["files"] = asdict(sums)
    for word, names in (
        ("veranderd / changed", sums.changed),
        ("ontbreekt / missing", sums.missing),
        ("hoort er niet bij / not of the run", sums.extra),
    ):
        out["lines"] += [f"{name}: {word}" for name in names]
    if not sums.are_right:
        out["exit_code"] = WRONG_INPUT
    out["lines"].append(f"{sums.right} bestanden zoals geschreven / files as written")


def _verdict_of_plans(run: Path, out: dict[str, Any]) -> None:
    """Check every plan and proposal of a run by what was asked of it."""
    from evenground.verify import check_run  # noqa: PLC0415 - --help must not load it

    verdict = check_run(run)
    out["breaches"] = [str(breach) for breach in verdict.breaches]
    out["lines"] += out["breaches"]
    counted = f"{verdict.plans} plannen / plans, {verdict.proposals} voorstellen / proposals"
    broken = len({breach.plan for breach in verdict.breaches})
    if broken:
        out["exit_code"] = out["exit_code"] or NO_PLAN
    said = f"{broken} voldoen niet / break something" if broken else "alle voldoen / all hold"
    out["lines"].append(f"{counted}: {said}")


def _verdict_of_scores(run: Path, data: Path, out: dict[str, Any]) -> None:
    """Compute every score of a run again."""
    from evenground.pipeline import rescore  # noqa: PLC0415 - --help must not load it

    found = rescore(run, data)
    out["rescored"] = {
        "plans": found.plans,
        "largest_relative_difference": found.largest,
        "inputs_that_differ": [asdict(part) for part in found.inputs],
    }
    for part in found.inputs:
        out["lines"].append(
            f"invoer / input {part.name}: was {part.first}, is nu / is now {part.second}"
        )
    out["lines"] += [
        f"score {name}: verschil / difference {value:.3g}" for name, value in found.largest.items()
    ]
    if not found.is_same:
        out["exit_code"] = out["exit_code"] or NO_PLAN
    said = "dezelfde scores / the same scores" if found.is_same else "andere scores / other scores"
    out["lines"].append(f"{found.plans} plannen nagerekend / plans computed again: {said}")
