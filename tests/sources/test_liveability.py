"""Scores of the Leefbaarometer: read where a case brings them, and never a goal."""

import numpy as np
import pandas as pd
import pytest

from evenground.config import SHOWN_ONLY, parse_settings
from evenground.errors import ConfigError, DataError
from evenground.names import LIVEABILITY, LIVEABILITY_COLUMNS
from evenground.sources.columns import find_columns
from evenground.sources.tables import complete, to_ours

from .made import table
from .test_columns import PDOK

OPEN_DATA = ["bu_code", "bu_naam", "jaar", "lbm", "afw", "fys", "onv", "soc", "vrz", "won"]
WFS = ["id", "name", "kscore", "kafw", "afw", "fys", "onv", "soc", "vrz", "won", "year"]


def test_columns__of_the_open_data_and_the_wfs_are_found() -> None:
    of_file = find_columns(OPEN_DATA, table())
    of_wfs = find_columns(WFS, table(code_column="id"))

    assert of_file[LIVEABILITY] == "lbm"
    assert of_wfs[LIVEABILITY] == "afw"
    for found in (of_file, of_wfs):
        names = [found[name] for name in LIVEABILITY_COLUMNS[1:]]
        assert names == ["fys", "vrz", "soc", "onv", "won"]


def test_columns__of_cbs_hold_none_even_with_a_housing_stock() -> None:
    found = find_columns([*PDOK, "woningvoorraad"], table())

    assert not set(LIVEABILITY_COLUMNS) & set(found)


def test_scores__may_be_negative_and_missing() -> None:
    frame = pd.DataFrame(
        {
            "bu_code": ["BU00010000", "BU00010001", "BU00010002"],
            "lbm": [4.1, np.nan, 3.8],
            "fys": [-0.12, 0.04, -99997.0],
        }
    )

    found = to_ours(frame, table()).table

    np.testing.assert_array_equal(found[LIVEABILITY], [4.1, np.nan, 3.8])
    np.testing.assert_array_equal(found["liveability_physical"], [-0.12, 0.04, np.nan])
    lacking, _ = complete(pd.DataFrame({"code": ["BU00010000"]}))
    assert lacking[list(LIVEABILITY_COLUMNS)].isna().all(axis=None)


def test_scores__that_cannot_be_are_refused() -> None:
    frame = pd.DataFrame({"bu_code": ["BU00010000"], "lbm": [412.0]})

    with pytest.raises(DataError, match="bring the score itself"):
        to_ours(frame, table())


@pytest.mark.parametrize("name", ["ges_noise", "leefbaarometer_fys", "liveability_physical"])
def test_search__may_lower_none_of_them_and_says_why(name: str) -> None:
    origin = {"year": 2024, "source": "test", "licence": "CC0"}
    raw = {
        "case": {"id": "toy", "title": "Toy"},
        "grid": {"cell_m": 10},
        "neighbourhoods": {"file": "buurten.gpkg", **origin},
        "layers": {},
        "search": {"seed": 1, "budget_eur": 1.0, "objectives": ["burden", name], "no_harm": True},
    }
    reason = next(why for kind, why in SHOWN_ONLY.items() if name.startswith(kind))

    with pytest.raises(ConfigError, match="never be an objective") as caught:
        parse_settings(raw, "case.toml")

    assert reason in str(caught.value)
