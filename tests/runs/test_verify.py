"""Verifying a run in one command: its files, its plans, and its scores computed again."""

import json
import shutil
from pathlib import Path

import pytest
import xarray as xr

from evenground.config import RunSettings
from evenground.errors import DataError
from evenground.outputs.folder import compressed
from evenground.pipeline import Way, build_model, map_onto, read_earlier, rescore, run
from evenground.runs import check_sums

from .made import call


@pytest.fixture
def spoilt(small_run: Path, tmp_path: Path) -> Path:
    """Copy a finished run, to be spoilt."""
    return Path(shutil.copytree(small_run, tmp_path / small_run.name))


def test_sums__tell_of_every_file_that_is_not_as_written(spoilt: Path) -> None:
    assert check_sums(spoilt).are_right
    (spoilt / "chosen.jsonl").write_text("{}\n")
    assert check_sums(spoilt).are_right
    report = bytearray((spoilt / "report.html").read_bytes())
    report[100] ^= 1
    (spoilt / "report.html").write_bytes(report)
    (spoilt / "history.csv").unlink()
    (spoilt / "proposals" / "nieuw.txt").touch()
    twin = spoilt / "validation.csv"
    twin.rename(spoilt.parent / "elsewhere")
    twin.symlink_to(spoilt.parent / "elsewhere")

    found = check_sums(spoilt)

    assert found.changed == ("report.html", "validation.csv")
    assert found.missing == ("history.csv",)
    assert found.extra == ("proposals/nieuw.txt",)
    assert found.right > 20


@pytest.mark.parametrize("text", ["", "abc  report.html\n", "\xff"])
def test_sums__that_cannot_be_read_are_refused(spoilt: Path, text: str) -> None:
    (spoilt / "checksums.sha256").write_bytes(text.encode("latin-1"))

    with pytest.raises(DataError, match="Restore it from a copy"):
        check_sums(spoilt)


@pytest.mark.jit
def test_rescore__finds_the_same_scores_on_the_same_files(
    small_run: Path, small_case: Path
) -> None:
    told = rescore(small_run, small_case.parent)

    assert told.is_same
    assert set(told.largest.values()) == {0.0}
    assert told.inputs == ()
    assert told.plans > 50


@pytest.mark.jit
def test_verify__says_files_plans_and_scores_in_one_command(
    spoilt: Path, small_run: Path, small_case: Path
) -> None:
    with xr.open_dataset(spoilt / "front.nc", engine="h5netcdf") as front:
        edited = front.load()
    edited["stacking"][3] *= 1.001
    edited.to_netcdf(spoilt / "front.nc", engine="h5netcdf", encoding=compressed(edited))

    good = call("runs", "verify", small_run, "--data", small_case.parent)
    both = call("runs", "verify", small_run, spoilt, "--data", small_case.parent, "--json")
    told = json.loads(both.stdout)

    assert good.returncode == 0, good.stdout + good.stderr
    assert "bestanden zoals geschreven" in good.stdout
    assert "alle voldoen" in good.stdout
    assert "dezelfde scores" in good.stdout
    assert both.returncode == 2
    assert told[str(small_run)]["exit_code"] == 0
    assert told[str(spoilt)]["files"]["changed"] == ["front.nc"]
    largest = told[str(spoilt)]["rescored"]["largest_relative_difference"]
    assert largest["stacking"] > 1e-6
    assert largest["burden"] == 0.0


@pytest.mark.jit
def test_verify__without_data_says_that_scores_were_not_computed(
    small_run: Path, tmp_path: Path
) -> None:
    done = call("runs", "verify", small_run, tmp_path)

    assert "niet nagerekend / not computed again; give --data" in done.stdout
    assert "holds no checksums.sha256" in done.stdout
    assert done.returncode == 2


@pytest.mark.jit
def test_earlier_plans__are_found_again_where_options_moved(
    small_run: Path, short_settings: RunSettings, small_case: Path
) -> None:
    fewer = short_settings.interventions.model_copy(
        update={"use": ("play", "street_tree", "speed30")}
    )
    model = build_model(
        short_settings.model_copy(update={"interventions": fewer}), small_case.parent
    )
    earlier = read_earlier(small_run)

    mapped = map_onto(earlier, model)
    every = list(range(len(earlier)))
    plans = mapped.plans(every)

    assert not mapped.is_whole
    names = model.options.interventions.index.to_numpy(str)[model.options.intervention]
    for kind in ("play", "street_tree", "speed30"):
        then = (earlier.options["intervention"] == kind).to_numpy()[earlier.option]
        now = plans[:, names == kind] * model.options.step[names == kind]
        assert now.sum() == pytest.approx(earlier.amount[then].sum())
    kept = (plans > 0).sum()
    assert kept + sum(map(mapped.lost, every)) == earlier.option.size


@pytest.mark.jit
def test_run__from_an_earlier_one_is_made_again_by_its_command(
    small_run: Path, short_settings: RunSettings, small_case: Path, tmp_path: Path
) -> None:
    shutil.copytree(small_run, tmp_path / small_run.name)
    none = short_settings.search.model_copy(update={"evaluations": 160, "time_limit_s": 600.0})
    settings = short_settings.model_copy(update={"search": none})
    made, _ = run(settings, small_case.parent, tmp_path, Way(earlier=tmp_path / small_run.name))
    shown = call("runs", "show", made, "--reproduce", "--data", small_case.parent)

    words = shown.stdout.split()
    done = call(*words[1:], "--out", tmp_path / "again")

    assert done.returncode == 0, done.stderr
    assert words[-2:] == ["--seeds-from", str(tmp_path / small_run.name)]
    (again,) = (tmp_path / "again").iterdir()
    with (
        xr.open_dataset(made / "front.nc", engine="h5netcdf") as first,
        xr.open_dataset(again / "front.nc", engine="h5netcdf") as second,
    ):
        assert first.identical(second)
