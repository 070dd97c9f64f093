"""Runs in MLflow, read back by MLflow itself."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evenground.cli_runs import runs_app
from evenground.errors import ConfigError, DataError
from evenground.outputs.tracking import export_run, numbers

from .made import HERE, make_runs

pytest.importorskip("mlflow", reason="needs the extra mlflow")

pytestmark = pytest.mark.filterwarnings("ignore")
"""MLflow has warnings of its own, which are not ours to mend."""


def client_of(folder: Path) -> Any:  # noqa: ANN401 - MLflow has no types
    from mlflow.tracking import MlflowClient  # noqa: PLC0415 - slow, and only where it is there

    return MlflowClient(tracking_uri=folder.as_uri())


def read(folder: Path) -> list[Any]:
    """Return all runs of all experiments, by name."""
    client = client_of(folder)
    found = [
        run
        for experiment in client.search_experiments()
        for run in client.search_runs([experiment.experiment_id])
    ]
    return sorted(found, key=lambda run: str(run.info.run_name))


def files_of(folder: Path, run: str) -> list[str]:
    return sorted(part.path for part in client_of(folder).list_artifacts(run))


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Return two runs of two cases, the first with a history."""
    (tmp_path / "out").mkdir()
    make_runs(tmp_path / "out", 2)
    one, two = (tmp_path / "out" / name for name in (
        "stad-20260101T020000-0", "dorp-20260102T020000-1"
    ))  # fmt: skip
    (one / "history.csv").write_text("evaluated,hypervolume,gap\n40,0.25,\n80,0.5,0.125\n")
    return one, two


def test_export__is_read_back_by_mlflow(runs: tuple[Path, Path], tmp_path: Path) -> None:
    store = tmp_path / "mlruns"
    words = ["export-mlflow", *map(str, runs), "--to", str(store)]

    done = CliRunner().invoke(runs_app, words)
    two, one = read(store)

    assert done.exit_code == 0, done.output
    assert f"{runs[0].name}: geschreven / written." in done.output
    client, number = client_of(store), one.info.run_id
    assert client.get_experiment(one.info.experiment_id).name == "stad"
    assert (one.info.run_name, one.info.status) == (runs[0].name, "FINISHED")
    # 2026-01-01 02:00 UTC
    assert one.info.start_time == 1767232800000
    assert one.data.params == {"search.seed": "0"}
    assert two.data.params == {"search.seed": "1", "extra": "True"}
    assert one.data.metrics == {
        "today/burden": 100.0,
        "gezondst/burden": 90.0,
        "seconds/model": 1.0,
        "seconds/search": 2.5,
        "hypervolume": 0.5,
        "evaluated": 400.0,
        "plans": 100.0,
        "history/hypervolume": 0.5,
        "history/gap": 0.125,
    }
    course = client.get_metric_history(number, "history/hypervolume")
    assert [(part.step, part.value) for part in course] == [(40, 0.25), (80, 0.5)]
    assert one.data.tags["evenground.commit"] == "abc"
    assert one.data.tags["evenground.fictional"] == "false"
    assert files_of(store, number) == ["history.csv", "manifest.json", "settings.toml"]
    kept = Path(client.download_artifacts(number, "settings.toml"))
    assert kept.read_text("utf-8") == (runs[0] / "settings.toml").read_text("utf-8")


def test_export__again_adds_nothing_and_mends_what_was_cut_off(
    runs: tuple[Path, Path], tmp_path: Path
) -> None:
    store, run = tmp_path / "mlruns", runs[0]

    first = export_run(run, str(store), files=False)
    (before,) = read(store)
    again = export_run(run, str(store))
    client_of(store).update_run(before.info.run_id, status="RUNNING")
    mended = export_run(run, str(store), "stad")
    (after,) = read(store)

    assert (first, again, mended) == (True, False, True)
    assert files_of(store, before.info.run_id) == []
    assert after.info.run_id != before.info.run_id
    assert after.info.status == "FINISHED"
    assert after.data.metrics == before.data.metrics


def test_export__says_what_is_wrong(runs: tuple[Path, Path], tmp_path: Path) -> None:
    store = str(tmp_path / "mlruns")
    (runs[0] / "history.csv").write_text("hypervolume\nx\n")

    with pytest.raises(DataError, match="Name the directory of a finished run"):
        export_run(tmp_path / "absent", store)
    with pytest.raises(DataError, match=r"history\.csv: cannot be read"):
        export_run(runs[0], store)
    with pytest.raises(ConfigError, match="ftp://nowhere: MLflow says"):
        export_run(runs[1], "ftp://nowhere")


def test_export__without_mlflow_says_how_to_have_it(runs: tuple[Path, Path]) -> None:
    code = "import sys; sys.modules['mlflow'] = None; sys.modules['mlflow.tracking'] = None\n"
    code += "from evenground.cli import main; main()"
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", code, "runs", "export-mlflow", str(runs[0])],
        capture_output=True,
        text=True,
        check=False,
        env=HERE,
    )

    assert done.returncode == 2
    assert "mlflow: is not installed. Install evenground[mlflow]." in done.stderr


def test_numbers__that_are_not_known_are_left_out() -> None:
    told = {"today": {"burden": 1.5, "gap": None}, "seconds": {"search": 2}, "plans": True}

    assert numbers(told) == {"today/burden": 1.5, "seconds/search": 2.0}
