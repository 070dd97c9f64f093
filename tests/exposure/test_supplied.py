"""Supplied factors on a city of twelve cells: means and norms by hand, unknown stays unknown."""

from pathlib import Path
from typing import Any

import hand_city
import numpy as np
import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from evenground.config import read_settings
from evenground.exposure.supplied import Supplied, build_supplied, exceeds
from evenground.sources import read_sources
from evenground.study import build_study

ABOUT = {
    "quality": "modelled",
    "year": 2024,
    "source": "by hand",
    "licence": "CC0",
    "range": [0.0, 100.0],
}
# people live where it is not zero: A 150 and 50, B 400 and 200, and C 200 where it is unknown
ODOUR = [[1.0, 0.0, 0.0, 4.0], [0.0, 0.0, 7.0, 0.0], [0.0, 9.0, np.nan, 0.0]]


def supply(folder: Path, factors: dict[str, Any]) -> tuple[Supplied, ...]:
    """Return what a case of twelve cells supplies."""
    hand_city.write_city(folder)
    hand_city.write_raster(folder / "geur.tif", np.array(ODOUR, np.float32))
    rows = ["buurtcode;lawaai", "BU99990000;10.1", "BU99990001;", "BU99990002;30"]
    (folder / "cijfers.csv").write_text("\n".join(rows), encoding="utf-8")
    case = hand_city.case() | {"factors": {k: ABOUT | v for k, v in factors.items()}}
    (folder / "case.toml").write_text(tomli_w.dumps(case), encoding="utf-8")
    settings = read_settings(folder / "case.toml")
    sources = read_sources(settings, folder)
    return build_supplied(build_study(sources, settings), sources, settings)


def test_supplied_raster__is_the_mean_of_those_for_whom_it_is_known(tmp_path: Path) -> None:
    odour = {"file": "geur.tif", "unit": "ouE m-3", "worse": "higher"}
    (found,) = supply(tmp_path, {"odour": odour | {"norm": 4.0, "norm_source": "gemeente"}})

    # A: (150 x 1 + 50 x 9) / 200 = 3; B: (400 x 4 + 200 x 7) / 600 = 5; C: nobody is known
    np.testing.assert_allclose(found.mean, [3.0, 5.0, np.nan])
    # at the norm is within it: 50 of 200 in A, 200 of 600 in B
    np.testing.assert_allclose(found.beyond, [0.25, 1.0 / 3.0, np.nan])
    np.testing.assert_allclose(found.known, [1.0, 1.0, 0.0])
    assert found.title == "Geur"
    assert found.grid is not None


def test_supplied_column__counts_alike_for_all_who_live_there(tmp_path: Path) -> None:
    lonely = {"file": "cijfers.csv", "column": "lawaai", "unit": "%", "worse": "lower"}
    chosen = lonely | {"factor": "quiet_places", "norm": 20.0, "norm_source": "GGD"}
    (found,) = supply(tmp_path, {"lawaai": chosen})

    # as it came, to the bit: 150 x 10.1 + 50 x 10.1 over 200 might round
    np.testing.assert_array_equal(found.mean, [10.1, np.nan, 30.0])
    np.testing.assert_array_equal(found.beyond, [1.0, np.nan, 0.0])
    assert (found.factor, found.grid) == ("quiet_places", None)


def test_supplied_decibels__are_averaged_as_energy(tmp_path: Path) -> None:
    rail = {"file": "geur.tif", "unit": "dB", "worse": "higher", "factor": "noise"}
    (found,) = supply(tmp_path, {"rail": rail})

    # A: 10 lg((150 x 10^.1 + 50 x 10^.9) / 200) = 10 lg((188.8388 + 397.1641) / 200) = 4.6686
    assert found.mean[0] == pytest.approx(4.6686, abs=1e-3)
    assert np.isnan(found.beyond).all()


@given(st.floats(-10.0, 10.0), st.sampled_from(["higher", "lower"]))
def test_exceeds__never_holds_at_the_norm_and_never_for_the_unknown(
    norm: float, worse: str
) -> None:
    found = exceeds(np.array([norm, np.nan, norm - 1.0, norm + 1.0]), norm, worse)

    assert found[0] == 0.0
    assert np.isnan(found[1])
    assert found[2] + found[3] == 1.0
    assert found[3 if worse == "higher" else 2] == 1.0
