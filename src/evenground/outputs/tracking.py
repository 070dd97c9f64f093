"""Finished runs in MLflow, for who keeps all experiments of an organisation there.

Takes run directories as they lie on a disk; writes one run of MLflow for each: settings as
parameters, scores as metrics, and the files themselves. Needs the extra ``mlflow``. Knows
nothing of how a run is made.
"""

import csv
import math
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from evenground.errors import ConfigError, DataError, Fault
from evenground.runs import Record, build_record, flat, read_manifest, read_resolved
from evenground.runs.compare import scores_of

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

T = TypeVar("T")

OF_RUN = "evenground.run"
"""Tag with the name of a run directory, by which it is found again."""
HISTORY = "history.csv"
LONGEST_VALUE = 6000
"""Most letters that MLflow keeps of a parameter; the file of settings holds all."""
MOST_PARAMETERS, MOST_METRICS = 100, 1000
"""Most of each in one call of MLflow."""
FINISHED = "FINISHED"
ALLOWANCE = "MLFLOW_ALLOW_FILE_STORE"


def export_run(run: Path, to: str, experiment: str | None = None, *, files: bool = True) -> bool:
    """Write a finished run to MLflow; say whether it was not there yet.

    A run that is there whole is left as it is; what an interrupted export left is removed.

    Parameters
    ----------
    to
        Address of a tracking server, or a folder.
    experiment
        Name; absent = the id of the case.
    files
        Whether the files of the run go along.

    Raises
    ------
    ConfigError
        If MLflow is not installed or does not answer.
    DataError
        If the directory holds no finished run.
    """
    told = read_manifest(run)
    record, settings = build_record(run.absolute().name, told), read_resolved(run)
    try:
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - of the extra
    except ImportError:
        cure = "Install evenground[mlflow]."
        raise ConfigError([Fault("mlflow", "is not installed.", cure)]) from None
    try:
        client = _client(to)
        place = _experiment(client, experiment or record.case)
        if _is_there(client, place, record.name):
            return False
        made = client.create_run(
            place,
            start_time=_milliseconds(told.get("started")),
            tags=_tags(record, told),
            run_name=record.name,
        )
        _write(client, made.info.run_id, run, told, settings)
        if files:
            client.log_artifacts(made.info.run_id, str(run))
        ended = _milliseconds(told.get("ended"))
        client.set_terminated(made.info.run_id, status=FINISHED, end_time=ended)
    except MlflowException as error:
        cure = "Check the address, and whether the server is there."
        raise ConfigError([Fault(to, f"MLflow says: {error}.", cure)]) from None
    return True


def _client(to: str) -> "MlflowClient":
    """Return a client of a server, or of a folder that is made."""
    if "://" not in to:
        to = Path(to).absolute().as_uri()
    if to.startswith("file:"):
        # MLflow asks whoever writes to a folder to say that it is meant
        os.environ.setdefault(ALLOWANCE, "true")
    from mlflow.tracking import MlflowClient  # noqa: PLC0415 - of the extra

    return MlflowClient(tracking_uri=to)


def _experiment(client: "MlflowClient", name: str) -> str:
    """Return the id of an experiment, made where it is not there."""
    found = client.get_experiment_by_name(name)
    return str(client.create_experiment(name) if found is None else found.experiment_id)


def _is_there(client: "MlflowClient", place: str, name: str) -> bool:
    """Say whether a run is there whole, and remove what is there of it half."""
    found = client.search_runs([place], f"tags.`{OF_RUN}` = '{name}'")
    for one in found:
        if one.info.status != FINISHED:
            client.delete_run(one.info.run_id)
    return any(one.info.status == FINISHED for one in found)


def _tags(record: Record, told: dict[str, Any]) -> dict[str, str]:
    """Return what is said of a run besides its numbers."""
    case, commit = told.get("case") or {}, told.get("commit") or {}
    return {
        OF_RUN: record.name,
        "evenground.case": record.case,
        "evenground.title": record.title,
        "evenground.state": record.state,
        "evenground.fictional": str(bool(case.get("fictional"))).lower(),
        "evenground.version": str(told.get("evenground", "")),
        "evenground.commit": str(commit.get("sha", "")),
        "evenground.settings_sha256": str(told.get("settings_sha256", "")),
    }


def _write(
    client: "MlflowClient", made: str, run: Path, told: dict[str, Any], settings: dict[str, Any]
) -> None:
    """Write settings and numbers of a run."""
    from mlflow.entities import Metric, Param  # noqa: PLC0415 - of the extra

    parameters = [Param(name, _short(value)) for name, value in flat(settings).items()]
    for some in _in_parts(parameters, MOST_PARAMETERS):
        client.log_batch(made, params=some)
    ended = _milliseconds(told.get("ended")) or 0
    metrics = [Metric(name, value, ended, 0) for name, value in numbers(told).items()]
    metrics += [Metric(name, value, ended, step) for name, step, value in _history(run / HISTORY)]
    for part in _in_parts(metrics, MOST_METRICS):
        client.log_batch(made, metrics=part)


def numbers(told: dict[str, Any]) -> dict[str, float]:
    """Return the numbers of a run by name: of today, of each proposal, of the front, seconds."""
    found = {name.replace(" ", "/"): value for name, value in scores_of(told).items()}
    found |= {f"seconds/{stage}": value for stage, value in told.get("seconds", {}).items()}
    found |= {name: told.get(name) for name in ("hypervolume", "evaluated", "plans")}
    return {name: float(value) for name, value in found.items() if _is_number(value)}


def _history(path: Path) -> Iterator[tuple[str, int, float]]:
    """Give how a search went on: name, plans evaluated, and value."""
    if not path.is_file():
        return
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                step = int(float(row.pop("evaluated")))
                for name, text in row.items():
                    if text and math.isfinite(value := float(text)):
                        yield f"history/{name}", step, value
    except (OSError, KeyError, ValueError, TypeError) as error:
        cure = "Restore it from a copy, or make the run again."
        raise DataError([Fault(str(path), f"cannot be read: {error}.", cure)]) from None


def _in_parts(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Give items in their order, at most so many together."""
    return (items[k : k + most] for k in range(0, len(items), most))


def _is_number(value: object) -> TypeGuard[int | float]:
    """Say whether a value is a number that MLflow can draw."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _short(value: object) -> str:
    """Return a setting as text that MLflow keeps."""
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def _milliseconds(text: object) -> int | None:
    """Return a moment as MLflow counts them; None where it is not told."""
    return round(1000 * datetime.fromisoformat(text).timestamp()) if isinstance(text, str) else None
