"""The registry of factors, and supplied ones judged like any other input."""

from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from evenground.config import RunSettings, parse_settings
from evenground.errors import ConfigError
from evenground.names import LAYERS
from evenground.sources import read_factors, read_sources

from .made import ORIGIN, squares, told, write_case, write_tif

ODOUR = {
    "file": "geur.tif",
    "unit": "ouE m-3",
    "range": [0.0, 50.0],
    "worse": "higher",
    "quality": "modelled",
    **ORIGIN,
}
LONELY = ODOUR | {
    "file": "cijfers.csv",
    "column": "eenzaam",
    "unit": "%",
    "range": [0.0, 100.0],
    "factor": "enabling",
}


def case(folder: Path, **factors: dict[str, Any]) -> RunSettings:
    """Write a case with an odour raster and a table, and return its settings."""
    rows = ["buurtcode;eenzaam", "BU00010000;40,5", "BU00010001;-99997", "BU00010002;50"]
    write_tif(folder / "geur.tif", 3.0)
    (folder / "cijfers.csv").write_text("\n".join(rows), encoding="utf-8")
    return write_case(folder, factors=factors)


def test_read_factors__are_the_thirteen_of_rivm() -> None:
    factors = read_factors()

    assert Counter(f.tag for f in factors.values()) == {"promoting": 5, "protecting": 8}
    assert {f.pathway for f in factors.values()} == {"direct", "indirect"}
    assert sorted(layer for f in factors.values() for layer in f.layers) == sorted(LAYERS)
    words = {"confirmed", "derived", "recalled", "assumption"}
    assert {f.status for f in factors.values()} <= words
    assert all(f.name_nl and f.indicator_nl and f.unit and f.source for f in factors.values())


def test_read_factors__name_norms_that_there_are() -> None:
    with files("evenground").joinpath("data", "norms.csv").open(encoding="utf-8") as stream:
        norms = set(pd.read_csv(stream)["id"])

    for factor in read_factors().values():
        assert set(factor.norms) <= norms
        assert len(factor.norms) in {0, len(factor.layers)}


def test_supplied_factors__are_read_as_raster_and_as_column(tmp_path: Path) -> None:
    sources = read_sources(case(tmp_path, odour=ODOUR, lonely=LONELY), tmp_path)

    odour = sources.factors["odour"]
    assert isinstance(odour, xr.DataArray)
    assert (odour.attrs["units"], float(odour[0, 0])) == ("ouE m-3", 3.0)
    np.testing.assert_array_equal(sources.factors["lonely"], [40.5, np.nan, 50.0])
    assert {"odour", "lonely"} <= {file.role for file in sources.files}
    # 100 + 300 of 600 residents
    assert "cijfers.csv: eenzaam is bekend voor 66,7 % van de inwoners." in sources.remarks


def test_supplied_factor__may_be_a_column_of_the_outlines(tmp_path: Path) -> None:
    settings = case(tmp_path, lonely=LONELY | {"file": "buurten.gpkg"})
    squares(eenzaam=[30.0, 40.0, 50.0]).to_file(tmp_path / "buurten.gpkg")

    sources = read_sources(settings, tmp_path)

    np.testing.assert_array_equal(sources.factors["lonely"], [30.0, 40.0, 50.0])


WRONG = [
    ({"zzs_lood": ODOUR}, "Set factor to one of"),
    ({"odor": ODOUR}, "Did you mean odour?"),
    ({"noise": ODOUR | {"factor": "noise"}}, "Bring it as [layers.noise]"),
    ({"odour": ODOUR | {"range": [10.0, 50.0]}}, "in [factors.odour]"),
    ({"lonely": LONELY | {"column": "eenzam"}}, "the nearest are eenzaam"),
    ({"lonely": LONELY | {"range": [0.0, 45.0]}}, "lies outside 0 to 45 % (BU00010002: 50)"),
    ({"odour": ODOUR | {"file": "weg.tif"}}, "no such file"),
]


@pytest.mark.parametrize(("factors", "cure"), WRONG, ids=[cure for _, cure in WRONG])
def test_supplied_factor__that_cannot_be_is_refused(
    factors: dict[str, Any], cure: str, tmp_path: Path
) -> None:
    assert cure in told(case(tmp_path, **factors), tmp_path)


def test_supplied_column__of_another_city_is_refused(tmp_path: Path) -> None:
    settings = case(tmp_path, lonely=LONELY)
    rows = ["buurtcode;eenzaam", "BU99990000;40"]
    (tmp_path / "cijfers.csv").write_text("\n".join(rows), encoding="utf-8")

    assert "known for no inhabited neighbourhood" in told(settings, tmp_path)


def test_layer__that_is_a_factor_is_sent_to_its_place(tmp_path: Path) -> None:
    plain = {"file": "geur.tif", "unit": "1", "quality": "modelled", **ORIGIN}
    usual = case(tmp_path).model_dump(mode="json", exclude_none=True)
    settings = parse_settings(usual | {"layers": usual["layers"] | {"odour": plain}}, "case.toml")

    assert "bring it as [factors.odour]" in told(settings, tmp_path)


REFUSED = [
    ({"daly": True}, "never becomes DALY"),
    ({"norm": 5.0}, "norm and norm_source together"),
    ({"norm": 60.0, "norm_source": "Bkl"}, "outside range"),
    ({"range": [5.0, 5.0]}, "put the lowest first"),
    ({"unit": "percent"}, 'write unit = "%"'),
    ({"code_column": "code"}, "without column"),
]


@pytest.mark.parametrize(("change", "cure"), REFUSED, ids=[cure for _, cure in REFUSED])
def test_factor_settings__that_do_not_fit_are_refused_with_the_reason(
    change: dict[str, Any], cure: str, tmp_path: Path
) -> None:
    usual = case(tmp_path).model_dump(mode="json", exclude_none=True)

    with pytest.raises(ConfigError, match=cure):
        parse_settings(usual | {"factors": {"odour": ODOUR | change}}, "case.toml")
