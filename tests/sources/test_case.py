"""A whole case: all faults of all files in one list, and a product only where there is none."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from evenground.config import RunSettings
from evenground.errors import DataError
from evenground.names import LOW_INCOME_SHARE, NEIGHBOURHOOD_COLUMNS, RESIDENTS
from evenground.sources import check_sources, read_sources

from .made import ORIGIN, UNITS, squares, told, write_case, write_tif


@pytest.fixture
def settings(tmp_path: Path) -> RunSettings:
    return write_case(tmp_path)


def test_read_sources__gives_all_that_a_case_brings(tmp_path: Path, settings: RunSettings) -> None:
    sources = read_sources(settings, tmp_path)

    assert list(sources.neighbourhoods.columns) == [*NEIGHBOURHOOD_COLUMNS, "geometry"]
    assert list(sources.rasters) == list(UNITS)
    assert (sources.streets, sources.facilities, sources.remarks) == (None, None, ())
    assert [file.role for file in sources.files] == ["neighbourhoods", *UNITS]
    with pytest.raises(FrozenInstanceError):
        sources.remarks = ("x",)  # type: ignore[misc]


def test_check_sources__tells_remarks_beside_faults(tmp_path: Path, settings: RunSettings) -> None:
    squares(water=["JA", "", ""]).to_file(tmp_path / "buurten.gpkg")
    (tmp_path / "no2.tif").unlink()

    verdict = check_sources(settings, tmp_path)

    assert verdict.sources is None
    assert len(verdict.faults) == 1
    assert verdict.remarks == ("buurten.gpkg: 1 watervlak telt niet mee.",)


def test_faults_of_all_files__are_listed_together(tmp_path: Path) -> None:
    lost = {"file": "weg.csv", **ORIGIN}
    settings = write_case(
        tmp_path,
        neighbourhoods={"file": "buurten.gpkg", **ORIGIN, "tables": [lost | {"year": 2019}]},
        facilities=lost | {"quality": "measured"},
        streets=lost | {"kind": "lines", "quality": "measured"},
    )
    squares(aantal_inwoners=[-1, 2, 3]).to_file(tmp_path / "buurten.gpkg")
    write_tif(tmp_path / "no2.tif", crs=None)
    (tmp_path / "pm25.tif").unlink()
    (tmp_path / "noise.tif").write_text("<VRTDataset/>", encoding="utf-8")

    text = told(settings, tmp_path)

    assert len(text.splitlines()) == 8
    with pytest.raises(DataError) as caught:
        read_sources(settings, tmp_path)
    assert str(caught.value) == text


def test_a_raster_of_another_city__is_a_fault_of_the_case(
    tmp_path: Path, settings: RunSettings
) -> None:
    values = np.full((10, 30), 55.0)
    values[:, :3] = np.nan

    write_tif(tmp_path / "noise.tif", values)

    assert "noise.tif (noise), BU00010000: has no value" in told(settings, tmp_path)


@pytest.mark.parametrize(
    ("drop", "add", "cure"),
    [
        ("noise", None, "has no noise. Add [layers.noise]"),
        ("green", None, "has no green or ndvi. Add [layers.green]"),
        (None, "nois", "Did you mean noise? Known are heat, noise"),
        (None, "smell", "Known are heat, noise"),
    ],
)
def test_layers__must_be_known_and_whole(
    tmp_path: Path, settings: RunSettings, drop: str | None, add: str | None, cure: str
) -> None:
    layers = dict(settings.layers)
    if drop is not None:
        del layers[drop]
    if add is not None:
        layers[add] = layers["noise"]

    text = told(settings.model_copy(update={"layers": layers}), tmp_path)

    assert cure in text
    assert len(text.splitlines()) == 1


def test_streets_of_another_city__are_refused(tmp_path: Path) -> None:
    streets = {"kind": "density", "file": "straten.gpkg", "length_column": "m", **ORIGIN}
    settings = write_case(tmp_path, streets=streets | {"quality": "coarse"})
    far = squares(1, m=5.0)
    far.set_geometry(far.translate(9000.0)).to_file(tmp_path / "straten.gpkg")

    assert told(settings, tmp_path).startswith("straten.gpkg: touches no neighbourhood")


def test_absent_folder__is_one_fault(tmp_path: Path, settings: RunSettings) -> None:
    assert "no such folder. Give the folder" in told(settings, tmp_path / "absent")


def test_file_that_cannot_be_read__is_named(
    tmp_path: Path, settings: RunSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("evenground.sources.files._sha256", fail)

    text = told(settings, tmp_path)

    assert len(text.splitlines()) == 5
    assert "Check that the file may be read" in text


def test_town__has_no_fault_and_its_sentinels_are_missing(
    small_case: Path, small_settings: RunSettings
) -> None:
    sources = read_sources(small_settings, small_case.parent)

    low = sources.neighbourhoods[LOW_INCOME_SHARE]
    assert low.isna().any()
    assert (low.dropna() > 0.0).all()
    assert (sources.neighbourhoods[RESIDENTS] >= 0.0).all()


def test_read_sources__lays_own_interventions_over_those_shipped(tmp_path: Path) -> None:
    (tmp_path / "kosten.csv").write_text(
        "id;capex_mid;cost_status\nplay;41000;confirmed\n", encoding="utf-8"
    )
    own = {"catalogue": {"file": "kosten.csv", **ORIGIN}}

    sources = read_sources(write_case(tmp_path, interventions=own), tmp_path)

    assert sources.catalogue is not None
    assert sources.catalogue.interventions.loc["play", "capex_mid"] == 41_000.0
    assert sources.files[-1].role == "interventions"


def test_check_sources__tells_faults_of_own_interventions_beside_others(tmp_path: Path) -> None:
    (tmp_path / "kosten.csv").write_text("id;capex_mid\nplay;x\nmoat;1\n", encoding="utf-8")
    (tmp_path / "effecten.csv").write_text("intervention;effect\nplay;joy\n", encoding="utf-8")
    own = {
        "catalogue": {"file": "kosten.csv", **ORIGIN},
        "effects": {"file": "effecten.csv", **ORIGIN},
    }
    settings = write_case(tmp_path, interventions=own)
    (tmp_path / "no2.tif").unlink()

    found = told(settings, tmp_path)

    for place in (
        "no2.tif",
        "kosten.csv, row 2, column capex_mid",
        "kosten.csv, row 3, column name_nl",
        "kosten.csv, row 2, column cost_status",
        "effecten.csv, row 2, column effect",
    ):
        assert f"\n{place}" in f"\n{found}"
