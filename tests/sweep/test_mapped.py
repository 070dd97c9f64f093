"""Places on disk: the same as those that were built, shared, and never changed."""

import dataclasses
import multiprocessing
import os
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from evenground.config import read_settings
from evenground.errors import DataError
from evenground.optimise import search
from evenground.pipeline import Places, build_model, build_places, build_upon, placed
from evenground.sweep import shared
from evenground.sweep.mapped import read_mapped, write_mapped


def same(one: object, two: object, at: str = "") -> None:  # noqa: C901 - one branch a kind
    """Compare two products part by part, to the last bit."""
    if isinstance(one, dict):
        assert isinstance(two, dict), at
        assert list(one) == list(two), at
        for key in one:
            same(one[key], two[key], f"{at}[{key}]")
        return
    assert type(one) is type(two), at
    if isinstance(one, gpd.GeoDataFrame):
        assert one.crs == two.crs, at
        shapes = [frame.geometry.to_wkb().to_numpy() for frame in (one, two)]
        np.testing.assert_array_equal(*shapes, at)
        plain = [pd.DataFrame(frame.drop(columns="geometry")) for frame in (one, two)]
        pd.testing.assert_frame_equal(*plain)
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, two)
    elif isinstance(one, xr.Dataset | xr.DataArray):
        xr.testing.assert_identical(one, two)
    elif isinstance(one, np.ndarray):
        assert one.dtype == two.dtype, at
        np.testing.assert_array_equal(one, two, at)
    elif isinstance(one, tuple | list):
        assert len(one) == len(two), at
        for k, (left, right) in enumerate(zip(one, two, strict=True)):
            same(left, right, f"{at}[{k}]")
    elif dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            name = field.name
            same(getattr(one, name), getattr(two, name), f"{at}.{name}")
    else:
        assert one == two or (one != one and two != two), at  # noqa: PLR0124 - not a number


@pytest.fixture(scope="module")
def places(hamlet: Path) -> Places:
    return build_places(placed(read_settings(hamlet)), hamlet.parent)


def test_mapped__is_what_was_written(places: Places, tmp_path: Path) -> None:
    write_mapped(places, tmp_path)

    same(places, read_mapped(tmp_path))


def test_mapped__cannot_be_changed(tmp_path: Path) -> None:
    write_mapped({"a": np.zeros(100_000)}, tmp_path)

    array = read_mapped(tmp_path)["a"]

    assert type(array) is np.ndarray
    assert isinstance(array.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1.0


def test_mapped__refuses_what_would_need_pickle_or_is_of_others(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_mapped(np.array([object()]), tmp_path)
    (tmp_path / "tree.json").write_text(
        '{"is": "record", "of": ["subprocess", "Popen"], "parts": {}}', encoding="utf-8"
    )
    with pytest.raises(TypeError, match="subprocess"):
        read_mapped(tmp_path)


def test_places__give_the_front_of_the_whole_model_bit_for_bit(
    hamlet: Path, places: Places, tmp_path: Path
) -> None:
    settings = read_settings(hamlet)
    changes = {"evaluations": 60, "population": 8, "budget_eur": 150_000.0}
    limits = settings.constraints.model_copy(update={"fixed_eur": {"street_tree": 500.0}})
    asked = settings.model_copy(
        update={"search": settings.search.model_copy(update=changes), "constraints": limits}
    )
    write_mapped(places, tmp_path)

    found = search(build_upon(asked, read_mapped(tmp_path)).problem)

    whole = search(build_model(asked, hamlet.parent).problem)
    np.testing.assert_array_equal(found.archive.scores, whole.archive.scores)
    np.testing.assert_array_equal(found.archive.goals, whole.archive.goals)


def _take_part(folder: str, case: str, barrier: object, out: object) -> None:
    """Ask for the same places at the same time as others, and say whether they were built."""
    os.environ[shared.VARIABLE] = folder
    settings = read_settings(Path(case))
    built = []
    build = shared.build_places

    def counted(*args: object) -> object:
        built.append(1)
        time.sleep(0.5)
        return build(*args)  # type: ignore[arg-type]

    shared.build_places = counted  # type: ignore[assignment]
    files = {
        one.path: one.sha256 for one in build(placed(settings), Path(case).parent).sources.files
    }
    barrier.wait()  # type: ignore[attr-defined]
    shared.shared_places("k" * 64, settings, Path(case).parent, files)
    out.put(len(built))  # type: ignore[attr-defined]


def test_shared_places__are_built_once_on_a_machine(hamlet: Path, tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier, out = spawn.Barrier(2), spawn.Queue()
    parts = (str(tmp_path / "cache"), str(hamlet), barrier, out)
    workers = [spawn.Process(target=_take_part, args=parts) for _ in range(2)]
    for worker in workers:
        worker.start()

    built = [out.get(timeout=240) for _ in workers]

    for worker in workers:
        worker.join()
    assert sum(built) == 1


def test_shared_places__of_files_that_changed_are_refused(
    hamlet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(shared.VARIABLE, str(tmp_path / "cache"))
    settings = read_settings(hamlet)

    with pytest.raises(DataError, match="no longer what they were when the sweep began"):
        shared.shared_places("c" * 64, settings, hamlet.parent, {})

    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".lock"]


def test_sweep_unused__takes_away_what_nobody_holds(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / f"{name}.lock").touch()
    os.utime(tmp_path / "old.lock", (0, 0))

    shared.sweep_unused(tmp_path)

    assert not (tmp_path / "old").exists()
    assert (tmp_path / "new").exists()
